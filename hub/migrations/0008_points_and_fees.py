"""Points have a phone and sound amounts; a fee that holds is never rewritten."""

import datetime

from django.db import migrations, models

# The day is UTC's, at most some hours behind the cooperative's: the polite refusal counts in its own time zone.
KEEP = """
CREATE FUNCTION hub_keep_fees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_from <= CURRENT_DATE THEN
        RAISE EXCEPTION 'a fee rule that holds is not changed: % refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hub_feerule_holds';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER hub_feerule_holds BEFORE UPDATE OR DELETE ON hub_feerule
    FOR EACH ROW EXECUTE FUNCTION hub_keep_fees();
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0007_guard_books")]
    operations = [
        migrations.AddField(
            model_name="collectionpoint",
            name="phone",
            field=models.CharField(blank=True, max_length=30, verbose_name="phone"),
        ),
        migrations.AddConstraint(
            model_name="collectionpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment_methods__len__gte", 1)),
                name="hub_collectionpoint_pays_somehow",
                violation_error_message="A point offers at least one way to pay.",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("at_point_ceiling__gte", 0),
                    models.Q(("minimum_order", None), ("minimum_order__gte", 0), _connector="OR"),
                ),
                name="hub_collectionpoint_amounts",
                violation_error_message="These amounts are not below zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum_delay__gte", datetime.timedelta(0))),
                name="hub_collectionpoint_delay",
                violation_error_message="The time to decide is not below zero.",
            ),
        ),
        migrations.AddConstraint(
            model_name="weeklyschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="hub_weeklyschedule_until_after_from",
                violation_error_message="The last day comes after the first.",
            ),
        ),
        migrations.RunSQL(KEEP, "DROP TRIGGER hub_feerule_holds ON hub_feerule; DROP FUNCTION hub_keep_fees();"),
    ]
