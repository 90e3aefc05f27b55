"""What a point does with an order whose card stays refused."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('hub', '0012_closed_periods'),
    ]

    operations = [
        migrations.AddField(
            model_name='collectionpoint',
            name='refused_card',
            field=models.CharField(choices=[('at-point', 'the order is paid at the point'), ('release', 'the order is cancelled')], default='at-point', max_length=10, verbose_name='when a card stays refused for 12 hours'),
        ),
    ]
