"""A refund to a card has a state of its own: the bank may refuse it, even weeks later."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0006_forget_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='cardrefund',
            name='checked_at',
            field=models.DateTimeField(blank=True, help_text='when Stripe was last asked about it', null=True),
        ),
        migrations.AddField(
            model_name='cardrefund',
            name='failed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='cardrefund',
            name='failure',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='cardrefund',
            name='state',
            field=models.CharField(choices=[('asked', 'to be sent'), ('sent', 'on its way'), ('done', 'given back'), ('failed', 'refused by the card')], default='asked', max_length=8),
        ),
        migrations.RunSQL(
            "UPDATE orders_cardrefund SET state = 'done' WHERE done_at IS NOT NULL", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name='cardrefund',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='cardrefund',
            index=models.Index(fields=['stripe_id'], name='orders_card_stripe__c9389b_idx'),
        ),
        migrations.AddConstraint(
            model_name='cardrefund',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at', None), ('failed_at', None), ('state__in', ['asked', 'sent'])), models.Q(('done_at__isnull', False), ('failed_at', None), ('state', 'done')), models.Q(('failed_at__isnull', False), ('state', 'failed')), _connector='OR'), name='orders_cardrefund_state_stamped'),
        ),
    ]
