"""Billing mandates: given once, withdrawn once, otherwise never changed."""

import importlib

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

no_truncate = importlib.import_module("hub.migrations.0002_guards").no_truncate

GUARD = """
CREATE FUNCTION cabas_guard_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL
        AND (NEW.id, NEW.producer_id, NEW.version, NEW.text, NEW.signed_at, NEW.by_id)
            IS NOT DISTINCT FROM (OLD.id, OLD.producer_id, OLD.version, OLD.text, OLD.signed_at, OLD.by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a mandate stays as it was given: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER producers_billingmandate_kept BEFORE UPDATE OR DELETE ON producers_billingmandate
    FOR EACH ROW EXECUTE FUNCTION cabas_guard_mandate();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('producers', '0004_identity'),
        ('hub', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BillingMandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('text', models.TextField()),
                ('signed_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('producer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='billing_mandates', to='producers.producer')),
                ('revoked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'billing mandate',
                'ordering': ['-signed_at', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('producer',), name='producers_billingmandate_one_live', violation_error_message='This farm has given its mandate already.'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at', None), ('revoked_by', None)), models.Q(('revoked_at__gte', models.F('signed_at')), ('revoked_by__isnull', False)), _connector='OR'), name='producers_billingmandate_revoked_after_signed', violation_error_message='A mandate is withdrawn after it was given.')],
            },
        ),
        migrations.RunSQL(
            GUARD,
            "DROP TRIGGER producers_billingmandate_kept ON producers_billingmandate; DROP FUNCTION cabas_guard_mandate();",
        ),
        no_truncate("producers_billingmandate"),
    ]
