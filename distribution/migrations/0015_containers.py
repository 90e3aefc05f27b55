"""Containers that came back: their deposits given back once, told to the farm once, otherwise never changed."""

import importlib

import django.db.models.deletion
import djmoney.models.fields
from django.conf import settings
from django.db import migrations, models

RETURN = """
CREATE FUNCTION cabas_guard_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL AND OLD.statement_id IS NULL
        AND (NEW.undone_at IS NULL) <> (NEW.statement_id IS NULL)
        AND to_jsonb(NEW) - 'undone_at' - 'undone_by_id' - 'statement_id'
            = to_jsonb(OLD) - 'undone_at' - 'undone_by_id' - 'statement_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a return is taken back, or stated, and never changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER distribution_containerreturn_keeps BEFORE UPDATE OR DELETE ON distribution_containerreturn
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_return();
"""

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0014_boxes'),
        ('hub', '0011_find_settled'),
        ('producers', '0005_billing_mandates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='handoveraction',
            name='kind',
            field=models.CharField(choices=[('collected', 'collected'), ('short', 'missing'), ('weighed', 'weighed'), ('paid', 'paid'), ('note', 'note'), ('returned', 'containers returned'), ('undo', 'undone')], max_length=10),
        ),
        migrations.CreateModel(
            name='ContainerReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=100, unique=True)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('currency', djmoney.models.fields.CurrencyField(choices=[('GBP', 'British Pound'), ('CAD', 'Canadian Dollar'), ('CZK', 'Czech Koruna'), ('DKK', 'Danish Krone'), ('EUR', 'Euro'), ('NOK', 'Norwegian Krone'), ('PLN', 'Polish Zloty'), ('RON', 'Romanian Leu'), ('SEK', 'Swedish Krona'), ('CHF', 'Swiss Franc'), ('USD', 'US Dollar')], default='EUR', editable=False, max_length=3)),
                ('deposit', djmoney.models.fields.MoneyField(currency_field_name='currency', decimal_places=2, max_digits=12)),
                ('count', models.PositiveIntegerField()),
                ('elsewhere', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='hub.collection')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='hub.household')),
                ('producer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='producers.producer')),
                ('statement', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='distribution.statement')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='container_return', to='hub.transfer')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'returned containers',
                'constraints': [models.CheckConstraint(condition=models.Q(('count__gt', 0), ('deposit__gt', 0)), name='distribution_containerreturn_of_something'), models.CheckConstraint(condition=models.Q(('statement', None), ('undone_at', None), _connector='OR'), name='distribution_containerreturn_stated_stays')],
            },
        ),
        migrations.RunSQL(
            RETURN,
            "DROP TRIGGER distribution_containerreturn_keeps ON distribution_containerreturn; DROP FUNCTION cabas_guard_return();",
        ),
        no_truncate("distribution_containerreturn"),
    ]
