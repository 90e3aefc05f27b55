"""Payouts leave in runs; what the database refuses of them: a move that is not in the table, another amount or account, a
second payment, an account changed less than 48 hours ago that nobody confirmed, another file."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

# What was paid before runs existed is paid; what was not is due, and gets its account when a run takes it.
AS_IT_WAS = """
UPDATE distribution_payout SET state = 'paid', posted_at = paid_at WHERE paid_at IS NOT NULL;
UPDATE distribution_payout SET iban = '' WHERE paid_at IS NULL;
"""

OLD_GUARD = """
CREATE TRIGGER distribution_payout_keeps BEFORE UPDATE ON distribution_payout FOR EACH ROW
    WHEN ((NEW.statement_id, NEW.producer_id, NEW.amount) IS DISTINCT FROM (OLD.statement_id, OLD.producer_id, OLD.amount)
        OR (OLD.paid_at IS NOT NULL
            AND (NEW.paid_at, NEW.paid_by_id, NEW.iban) IS DISTINCT FROM (OLD.paid_at, OLD.paid_by_id, OLD.iban)))
    EXECUTE FUNCTION cabas_refuse();
"""

PAYOUT = """
CREATE FUNCTION cabas_guard_new_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'due' OR NEW.attempt <> 1 + (SELECT count(*) FROM distribution_payout WHERE statement_id = NEW.statement_id)
        OR NOT EXISTS (SELECT 1 FROM distribution_statement s WHERE s.id = NEW.statement_id
                       AND (s.producer_id, s.net, s.currency) = (NEW.producer_id, NEW.amount, NEW.currency)) THEN
        RAISE EXCEPTION 'a payout begins as the net of its statement, due' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_payout_begins BEFORE INSERT ON distribution_payout
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_new_payout();

CREATE FUNCTION cabas_guard_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.statement_id, NEW.attempt, NEW.producer_id, NEW.amount, NEW.currency, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.statement_id, OLD.attempt, OLD.producer_id, OLD.amount, OLD.currency, OLD.created_at) THEN
        RAISE EXCEPTION 'a payout stays what its statement says' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state || ' ' || NEW.state) NOT IN
        ('due in-run', 'in-run sent', 'in-run paid', 'in-run failed', 'sent paid', 'sent failed', 'paid failed') THEN
        RAISE EXCEPTION 'a payout does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'in-run' THEN
        IF NOT EXISTS (
            SELECT 1 FROM producers_producer p LEFT JOIN producers_connectaccount c ON c.producer_id = p.id
            JOIN distribution_payoutrun r ON r.id = NEW.run_id AND r.sent_at IS NULL
            WHERE p.id = NEW.producer_id
              AND CASE WHEN r.rail = 'connect' THEN NEW.iban = '' AND c.ready AND c.account = NEW.destination
                       ELSE NEW.destination = '' AND p.iban <> '' AND (p.iban, p.bic) = (NEW.iban, NEW.bic)
                            AND (p.iban_changed_at IS NULL OR p.iban_confirmed_at >= p.iban_changed_at
                                 OR p.iban_changed_at + interval '48 hours' <= clock_timestamp()) END) THEN
            RAISE EXCEPTION 'a run pays to the account the farm has, once it may be used' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.run_id, NEW.iban, NEW.bic, NEW.destination) IS DISTINCT FROM (OLD.run_id, OLD.iban, OLD.bic, OLD.destination)
        OR (OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at)
        OR (OLD.state <> 'in-run' AND NEW.posted_at IS DISTINCT FROM OLD.posted_at)
        OR (NEW.state = 'failed' AND (NEW.sent_at, NEW.paid_at, NEW.paid_by_id, NEW.posted_at, NEW.stripe_id)
            IS DISTINCT FROM (OLD.sent_at, OLD.paid_at, OLD.paid_by_id, OLD.posted_at, OLD.stripe_id)) THEN
        RAISE EXCEPTION 'what a payout went through stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_payout_moves BEFORE UPDATE ON distribution_payout
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_payout();
"""
WITHOUT_PAYOUT = """
DROP TRIGGER distribution_payout_moves ON distribution_payout; DROP FUNCTION cabas_guard_payout();
DROP TRIGGER distribution_payout_begins ON distribution_payout; DROP FUNCTION cabas_guard_new_payout();
"""

RUN = """
CREATE TRIGGER distribution_payoutrun_keeps BEFORE UPDATE ON distribution_payoutrun FOR EACH ROW
    WHEN ((NEW.id, NEW.number, NEW.rail, NEW.started_at, NEW.started_by_id)
            IS DISTINCT FROM (OLD.id, OLD.number, OLD.rail, OLD.started_at, OLD.started_by_id)
        OR (OLD.sent_at IS NOT NULL AND (NEW.sent_at, NEW.sent_by_id) IS DISTINCT FROM (OLD.sent_at, OLD.sent_by_id)))
    EXECUTE FUNCTION cabas_refuse();
CREATE TRIGGER distribution_payoutrun_stays BEFORE DELETE ON distribution_payoutrun
    FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
"""
WITHOUT_RUN = """
DROP TRIGGER distribution_payoutrun_keeps ON distribution_payoutrun;
DROP TRIGGER distribution_payoutrun_stays ON distribution_payoutrun;
"""

guards = importlib.import_module("hub.migrations.0002_guards")


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0009_unpaid_lines'),
        ('producers', '0006_accounts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='payout',
            name='attempt',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='payout',
            name='bic',
            field=models.CharField(blank=True, max_length=11),
        ),
        migrations.AddField(
            model_name='payout',
            name='destination',
            field=models.CharField(blank=True, help_text='Stripe account', max_length=80),
        ),
        migrations.AddField(
            model_name='payout',
            name='failed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='failed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payout',
            name='posted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='reason',
            field=models.CharField(blank=True, choices=[('withdrawn', 'taken out of the run'), ('rejected', 'rejected by the bank'), ('mistake', 'noted by mistake'), ('no-funds', 'not enough money at Stripe'), ('not-ready', 'the farm’s Stripe account cannot receive money'), ('refused', 'refused by Stripe')], max_length=10),
        ),
        migrations.AddField(
            model_name='payout',
            name='sent_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payout',
            name='state',
            field=models.CharField(choices=[('due', 'to be paid'), ('in-run', 'in a run'), ('sent', 'at the bank'), ('paid', 'paid'), ('failed', 'not paid')], default='due', max_length=8),
        ),
        migrations.AddField(
            model_name='payout',
            name='stripe_id',
            field=models.CharField(blank=True, help_text='Stripe transfer', max_length=80),
        ),
        migrations.AlterField(
            model_name='payout',
            name='statement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='distribution.statement'),
        ),
        migrations.CreateModel(
            name='PayoutRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('rail', models.CharField(choices=[('file', 'file for the bank'), ('hand', 'by hand'), ('connect', 'Stripe')], max_length=8)),
                ('started_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('trouble', models.CharField(blank=True, help_text='why the last sweep could not go on', max_length=60)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('sent_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'payout run',
                'ordering': ['-started_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PayoutFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('transfers', models.PositiveIntegerField()),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='distribution.payoutrun')),
            ],
            options={
                'verbose_name': 'file of a payout run',
            },
        ),
        migrations.AddField(
            model_name='payout',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='payouts', to='distribution.payoutrun'),
        ),
        migrations.RunSQL(AS_IT_WAS, migrations.RunSQL.noop),
        migrations.RunSQL("DROP TRIGGER distribution_payout_keeps ON distribution_payout;", OLD_GUARD),
        migrations.AddIndex(
            model_name='payout',
            index=models.Index(fields=['run', 'state'], name='distributio_run_id_6ea521_idx'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(fields=('statement', 'attempt'), name='distribution_payout_attempt_once'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'failed'), _negated=True), fields=('statement',), name='distribution_payout_one_live', violation_error_message='A statement is paid once.'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('run', None), ('state', 'due')), models.Q(('run__isnull', False), ('state__in', ['in-run', 'sent'])), ('state__in', ['paid', 'failed']), _connector='OR'), name='distribution_payout_due_or_in_a_run'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'due'), models.Q(('iban', ''), _negated=True), models.Q(('destination', ''), _negated=True), _connector='OR'), name='distribution_payout_goes_somewhere', violation_error_message='This farm has not given a bank account yet.'),
        ),
        migrations.AddConstraint(
            model_name='payout',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('posted_at__isnull', False), ('state', 'paid')), models.Q(('paid_at', None), ('posted_at__isnull', False), ('sent_at__isnull', False), ('state', 'sent')), models.Q(('failed_at__isnull', False), ('state', 'failed'), models.Q(('reason', ''), _negated=True)), models.Q(('failed_at', None), ('paid_at', None), ('posted_at', None), ('sent_at', None), ('state__in', ['due', 'in-run'])), _connector='OR'), name='distribution_payout_stamped'),
        ),
        migrations.AddConstraint(
            model_name='payoutrun',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at', None), ('rail', 'file'), _connector='OR'), name='distribution_payoutrun_only_files_are_sent'),
        ),
        migrations.RunSQL(PAYOUT, WITHOUT_PAYOUT),
        migrations.RunSQL(RUN, WITHOUT_RUN),
        guards.no_truncate("distribution_payoutrun"),
        guards.guard("distribution_payoutfile"),
    ]
