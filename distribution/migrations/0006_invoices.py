"""Invoices and credit notes: numbered in turn, never changed, and no more credited than was invoiced."""

import importlib

import django.db.models.deletion
import django.db.models.expressions
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

guard = importlib.import_module("hub.migrations.0002_guards").guard

# 4207 is LockSpace.CREDITED of hub/locks.py: two credit notes at once must not both fit.
ISSUE = """
CREATE FUNCTION cabas_guard_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    series text := CASE split_part(NEW.number, '-', 1) WHEN 'F' THEN 'fee-invoice' WHEN 'M' THEN 'invoice'
                        WHEN 'AF' THEN 'fee-credit' WHEN 'AM' THEN 'invoice-credit' END;
    first distribution_invoice%ROWTYPE;
    credited numeric;
BEGIN
    IF split_part(NEW.number, '-', 2) <> extract(year FROM NEW.issued_on)::int::text OR NOT EXISTS (
        SELECT 1 FROM hub_series s WHERE s.kind = series AND s.issuer = NEW.issuer
            AND s.year = extract(year FROM NEW.issued_on) AND s.last = split_part(NEW.number, '-', 3)::int) THEN
        RAISE EXCEPTION 'an invoice has the next number of its series' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.content ->> 'number' <> NEW.number OR (NEW.content ->> 'total')::numeric <> NEW.total
        OR (NEW.content ->> 'vat')::numeric <> NEW.vat OR NEW.content ->> 'issued_on' <> NEW.issued_on::text THEN
        RAISE EXCEPTION 'an invoice says what its content says' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'invoice' AND NOT EXISTS (
        SELECT 1 FROM producers_billingmandate m JOIN producers_producer p ON p.id = m.producer_id
        WHERE m.id = NEW.mandate_id AND m.producer_id = NEW.producer_id AND p.code = NEW.issuer
            AND m.signed_at <= NEW.issued_at AND m.revoked_at IS NULL) THEN
        RAISE EXCEPTION 'no invoice in the name of a farm without its mandate' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.kind = 'credit-note' THEN
        PERFORM pg_advisory_xact_lock(4207, NEW.original_id::int);
        SELECT * INTO first FROM distribution_invoice WHERE id = NEW.original_id;
        IF first.kind = 'credit-note' OR (NEW.issuer, NEW.producer_id, NEW.statement_id, NEW.household_id, NEW.order_id,
                NEW.currency) IS DISTINCT FROM (first.issuer, first.producer_id, first.statement_id, first.household_id,
                first.order_id, first.currency) THEN
            RAISE EXCEPTION 'a credit note is about an invoice of its issuer' USING ERRCODE = 'restrict_violation';
        END IF;
        SELECT coalesce(sum(total), 0) INTO credited FROM distribution_invoice WHERE original_id = NEW.original_id;
        IF credited + NEW.total > first.total THEN
            RAISE EXCEPTION 'no more is credited than was invoiced' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF NEW.turn > 1 AND NOT EXISTS (
        SELECT 1 FROM distribution_invoice i WHERE i.kind = NEW.kind AND i.turn = NEW.turn - 1
            AND (i.producer_id, i.statement_id, i.order_id) IS NOT DISTINCT FROM
                (NEW.producer_id, NEW.statement_id, NEW.order_id)
            AND i.total = (SELECT sum(c.total) FROM distribution_invoice c WHERE c.original_id = i.id)) THEN
        RAISE EXCEPTION 'the former invoice is not taken back' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER distribution_invoice_issued BEFORE INSERT ON distribution_invoice
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_invoice();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0005_receipts'),
        ('hub', '0010_tokens_and_keys'),
        ('orders', '0006_forget_notes'),
        ('producers', '0005_billing_mandates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fee-invoice', 'fee invoice'), ('invoice', 'invoice'), ('credit-note', 'credit note')], max_length=12)),
                ('issuer', models.SlugField(max_length=60)),
                ('number', models.CharField(max_length=24)),
                ('turn', models.PositiveSmallIntegerField(default=1)),
                ('content', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('net', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('vat', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('total', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('issued_on', models.DateField()),
                ('issued_at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('household', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='hub.household')),
                ('mandate', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='producers.billingmandate')),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='orders.order')),
                ('original', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='distribution.invoice')),
                ('producer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='producers.producer')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invoices', to='distribution.statement')),
            ],
            options={
                'verbose_name': 'invoice',
                'ordering': ['-issued_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='InvoiceFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('xml', models.TextField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('invoice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='file', to='distribution.invoice')),
            ],
            options={
                'verbose_name': 'file of an invoice',
            },
        ),
        migrations.AddIndex(
            model_name='invoice',
            index=models.Index(fields=['issued_on'], name='distribution_invoice_by_day'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(fields=('issuer', 'number'), name='distribution_invoice_number_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'fee-invoice')), fields=('statement', 'turn'), name='distribution_invoice_fee_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'invoice')), fields=('order', 'producer', 'turn'), name='distribution_invoice_sale_once'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('household', None), ('issuer', 'hub'), ('kind', 'fee-invoice'), ('mandate', None), ('order', None), ('original', None), ('statement__isnull', False)), models.Q(('household__isnull', False), ('kind', 'invoice'), ('mandate__isnull', False), ('order__isnull', False), ('original', None), ('statement', None)), models.Q(('kind', 'credit-note'), ('original__isnull', False)), _connector='OR'), name='distribution_invoice_about_its_kind'),
        ),
        migrations.AddConstraint(
            model_name='invoice',
            constraint=models.CheckConstraint(condition=models.Q(('net__gte', 0), ('total__gt', 0), ('turn__gte', 1), ('vat__gte', 0), ('total', django.db.models.expressions.CombinedExpression(models.F('net'), '+', models.F('vat')))), name='distribution_invoice_adds_up', violation_error_message='A total is the sum of its parts and above zero.'),
        ),
        migrations.RunSQL(
            ISSUE, "DROP TRIGGER distribution_invoice_issued ON distribution_invoice; DROP FUNCTION cabas_guard_invoice();"
        ),
        guard("distribution_invoice"),
        guard("distribution_invoicefile"),
    ]
