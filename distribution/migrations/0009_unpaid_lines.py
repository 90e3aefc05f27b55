"""Lines taken off because their card stayed refused."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0008_refunds_to_cards'),
    ]

    operations = [
        migrations.AlterField(
            model_name='linechange',
            name='reason',
            field=models.CharField(choices=[('minimum', 'below the producer’s minimum'), ('producer', 'the producer cannot deliver'), ('member', 'asked by the member'), ('mistake', 'a mistake is put right'), ('cancelled', 'the collection is cancelled'), ('unpaid', 'the card was refused')], max_length=12),
        ),
    ]
