"""Corrections of what an invoice told: a fee given back is said to be one, and each has one credit note, of as much."""

import importlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEEPS = importlib.import_module("distribution.migrations.0011_corrections").KEEPS.split("CREATE TRIGGER distribution_correction_stays")[0]
KEEPS_NOW = KEEPS.replace("NEW.words,", "NEW.about_fee, NEW.words,").replace("OLD.words,", "OLD.about_fee, OLD.words,")
AWAY = "DROP TRIGGER distribution_correction_keeps ON distribution_correction;"

CORRECTS = """    IF NEW.correction_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM distribution_correction c WHERE c.id = NEW.correction_id AND c.producer_id = NEW.producer_id
          AND abs(c.amount) = NEW.total
          AND CASE WHEN first.kind = 'fee-invoice' THEN c.about_fee AND c.about_id = NEW.statement_id
                   ELSE c.amount < 0 AND c.household_id = NEW.household_id END) THEN
        RAISE EXCEPTION 'a credit note comes to what its correction gave back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
ISSUE = importlib.import_module("distribution.migrations.0006_invoices").ISSUE.split("CREATE TRIGGER")[0]
ISSUE = ISSUE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
ISSUE_NOW = ISSUE.replace("    RETURN NEW;\nEND $$;\n", CORRECTS)


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0017_reversed_transfers'),
        ('hub', '0018_point_accounts'),
        ('orders', '0010_guard_cards'),
        ('producers', '0007_payees'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='correction',
            name='about_fee',
            field=models.BooleanField(default=False, help_text='the cooperative gives back a part of its fee'),
        ),
        migrations.AddField(
            model_name='invoice',
            name='correction',
            field=models.OneToOneField(blank=True, help_text='what it documents', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='distribution.correction'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('about_fee', False), models.Q(('about__isnull', False), ('amount__gt', 0), ('household', None)), _connector='OR'), name='distribution_correction_of_a_fee', violation_error_message='A fee is given back by the cooperative to the farm, of a statement that is named.'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('correction', None), ('kind', 'credit-note'), _connector='OR'), name='distribution_invoice_only_notes_correct'),
        ),
        migrations.RunSQL(AWAY + KEEPS_NOW, AWAY + KEEPS),
        migrations.RunSQL(ISSUE_NOW, ISSUE),
    ]
