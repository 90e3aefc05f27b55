"""Points are paid their part like farms: stated once, from what settlement put in the books, and paid to their own account."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

runs = importlib.import_module("distribution.migrations.0010_payout_runs")
guards = importlib.import_module("hub.migrations.0002_guards")

BEGINS = """        OR NOT EXISTS (SELECT 1 FROM distribution_statement s WHERE s.id = NEW.statement_id
                       AND (s.producer_id, s.net, s.currency) = (NEW.producer_id, NEW.amount, NEW.currency)) THEN"""
BEGINS_NOW = """        OR NOT EXISTS (SELECT 1 FROM distribution_statement s WHERE s.id = NEW.statement_id
                       AND (s.producer_id, s.net, s.currency) = (NEW.producer_id, NEW.amount, NEW.currency)
                       UNION ALL
                       SELECT 1 FROM distribution_pointstatement s WHERE s.id = NEW.point_statement_id
                       AND (s.point_id, s.net, s.currency) = (NEW.point_id, NEW.amount, NEW.currency)) THEN"""
COUNTED = "(SELECT count(*) FROM distribution_payout WHERE statement_id = NEW.statement_id)"
COUNTED_NOW = """(SELECT count(*) FROM distribution_payout WHERE statement_id = NEW.statement_id)
            + (SELECT count(*) FROM distribution_payout WHERE point_statement_id = NEW.point_statement_id)"""
STAYS = """(NEW.id, NEW.statement_id, NEW.attempt, NEW.producer_id, NEW.amount, NEW.currency, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.statement_id, OLD.attempt, OLD.producer_id, OLD.amount, OLD.currency, OLD.created_at)"""
STAYS_NOW = """(NEW.id, NEW.statement_id, NEW.attempt, NEW.producer_id, NEW.point_statement_id, NEW.point_id, NEW.amount, NEW.currency,
            NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.statement_id, OLD.attempt, OLD.producer_id, OLD.point_statement_id, OLD.point_id,
            OLD.amount, OLD.currency, OLD.created_at)"""
LEAVES = """                                 OR p.iban_changed_at + interval '48 hours' <= clock_timestamp()) END) THEN"""
LEAVES_NOW = """                                 OR p.iban_changed_at + interval '48 hours' <= clock_timestamp()) END
            UNION ALL
            SELECT 1 FROM hub_pointaccount a JOIN distribution_payoutrun r ON r.id = NEW.run_id AND r.sent_at IS NULL
            WHERE a.point_id = NEW.point_id AND r.rail <> 'connect' AND NEW.destination = ''
              AND (a.iban, a.bic) = (NEW.iban, NEW.bic)
              AND (a.iban_changed_at IS NULL OR a.iban_confirmed_at >= a.iban_changed_at
                   OR a.iban_changed_at + interval '48 hours' <= clock_timestamp())) THEN"""


def payout_guards() -> str:
    """Those of 0010, which know farms, told of points."""
    sql = runs.PAYOUT
    for before, after in ((BEGINS, BEGINS_NOW), (COUNTED, COUNTED_NOW), (STAYS, STAYS_NOW), (LEAVES, LEAVES_NOW)):
        if sql.count(before) != 1:
            raise ValueError(before)
        sql = sql.replace(before, after)
    return str(sql)


BLOCK = """
CREATE FUNCTION cabas_guard_point_block() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM hub_collection c JOIN distribution_pointstatement s ON s.id = NEW.statement_id AND s.point_id = c.point_id
        JOIN hub_transfer t ON t.reference = 'settle:' || c.id || ':host' AND t.amount = NEW.net
        WHERE c.id = NEW.collection_id AND c.settled_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a statement tells a point of its part of what was settled there' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_pointstatementblock_settled BEFORE INSERT ON distribution_pointstatementblock
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_point_block();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0015_containers'),
        ('hub', '0018_point_accounts'),
        ('producers', '0007_payees'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PointStatementBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('net', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
            ],
            options={
                'verbose_name': 'block of a point’s statement',
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='point',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='hub.collectionpoint'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='producer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='producers.producer'),
        ),
        migrations.AlterField(
            model_name='payout',
            name='statement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='distribution.statement'),
        ),
        migrations.CreateModel(
            name='PointStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('week', models.CharField(max_length=8)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('net', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('issued_at', models.DateTimeField()),
                ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='hub.collectionpoint')),
            ],
            options={
                'verbose_name': 'statement of a point',
                'ordering': ['-issued_at', '-number'],
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='point_statement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='distribution.pointstatement'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(fields=('point_statement', 'attempt'), name='distribution_payout_point_attempt_once'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'failed'), _negated=True), fields=('point_statement',), name='distribution_payout_point_one_live', violation_error_message='A statement is paid once.'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('point', None), ('point_statement', None), ('producer__isnull', False), ('statement__isnull', False)), models.Q(('point__isnull', False), ('point_statement__isnull', False), ('producer', None), ('statement', None)), _connector='OR'), name='distribution_payout_to_farm_or_point'),
        ),
        migrations.AddField(
            model_name='pointstatementblock',
            name='collection',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='point_block', to='hub.collection'),
        ),
        migrations.AddField(
            model_name='pointstatementblock',
            name='statement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='distribution.pointstatement'),
        ),
        migrations.AddConstraint(
            model_name='pointstatement',
            constraint=models.CheckConstraint(condition=models.Q(('net__gt', 0)), name='distribution_pointstatement_net_positive'),
        ),
        migrations.RunSQL(runs.WITHOUT_PAYOUT + payout_guards(), runs.WITHOUT_PAYOUT + runs.PAYOUT),
        migrations.RunSQL(
            BLOCK,
            "DROP TRIGGER distribution_pointstatementblock_settled ON distribution_pointstatementblock;"
            " DROP FUNCTION cabas_guard_point_block();",
        ),
        guards.guard("distribution_pointstatement"),
        guards.guard("distribution_pointstatementblock"),
    ]
