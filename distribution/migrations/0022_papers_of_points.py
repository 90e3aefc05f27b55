"""Statements of points are kept as PDF like those of farms."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0021_kept_papers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='keptpaper',
            name='distribution_keptpaper_of_one',
        ),
        migrations.RemoveConstraint(
            model_name='keptpaper',
            name='distribution_keptpaper_once',
        ),
        migrations.AddField(
            model_name='keptpaper',
            name='point_statement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='distribution.pointstatement'),
        ),
        migrations.AddConstraint(
            model_name='keptpaper',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('point_statement', None), ('receipt__isnull', False), ('statement', None)), models.Q(('point_statement', None), ('receipt', None), ('statement__isnull', False)), models.Q(('point_statement__isnull', False), ('receipt', None), ('statement', None)), _connector='OR'), name='distribution_keptpaper_of_one'),
        ),
        migrations.AddConstraint(
            model_name='keptpaper',
            constraint=models.UniqueConstraint(fields=('receipt', 'statement', 'point_statement', 'language', 'sha256'), name='distribution_keptpaper_once', nulls_distinct=False),
        ),
    ]
