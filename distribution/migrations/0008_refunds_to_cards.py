"""What was paid by card goes back to the card: a refund knows its way."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was paid stays paid, but for what went to a card and was sent back by its bank: that is to be paid again.
KEEPS = """
DROP TRIGGER distribution_refund_keeps ON distribution_refund;
CREATE FUNCTION cabas_guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.household_id, NEW.collection_id, NEW.amount) IS NOT DISTINCT FROM (OLD.household_id, OLD.collection_id, OLD.amount)
        AND (OLD.card_refund_id IS NULL OR NEW.card_refund_id IS NOT DISTINCT FROM OLD.card_refund_id)
        AND (OLD.paid_at IS NULL OR (NEW.paid_at, NEW.choice) IS NOT DISTINCT FROM (OLD.paid_at, OLD.choice)
             OR (NEW.paid_at IS NULL AND OLD.paid_by_id IS NULL AND NEW.choice = OLD.choice
                 AND EXISTS (SELECT 1 FROM orders_cardrefund k WHERE k.id = OLD.card_refund_id AND k.state = 'failed'))) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER distribution_refund_keeps BEFORE UPDATE ON distribution_refund
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_refund();
"""
KEPT = """
DROP TRIGGER distribution_refund_keeps ON distribution_refund;
DROP FUNCTION cabas_guard_refund();
CREATE TRIGGER distribution_refund_keeps BEFORE UPDATE ON distribution_refund FOR EACH ROW
    WHEN ((NEW.household_id, NEW.collection_id, NEW.amount) IS DISTINCT FROM (OLD.household_id, OLD.collection_id, OLD.amount)
        OR (OLD.paid_at IS NOT NULL AND (NEW.paid_at, NEW.choice) IS DISTINCT FROM (OLD.paid_at, OLD.choice)))
    EXECUTE FUNCTION cabas_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0007_bank'),
        ('hub', '0010_tokens_and_keys'),
        ('orders', '0007_card_refunds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='card_refund',
            field=models.OneToOneField(blank=True, help_text='its way back to the card', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shortage', to='orders.cardrefund'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('card_refund', None), models.Q(('choice', 'waiting'), _negated=True), _connector='OR'), name='distribution_refund_card_was_asked'),
        ),
        migrations.RunSQL(KEEPS, KEPT),
    ]
