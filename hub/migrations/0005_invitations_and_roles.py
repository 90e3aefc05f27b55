"""Invitations can be withdrawn, one address waits for one answer, and the last coordinator stays."""

import django.db.models.functions.text
from django.db import migrations, models

# Of two coordinators who dismiss each other at once, the second waits here and then finds nobody left.
KEEP_ONE = """
CREATE FUNCTION hub_keep_a_coordinator() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4206, 0);
    IF NOT EXISTS (SELECT 1 FROM hub_role WHERE kind = 'coordinator' AND revoked_at IS NULL) THEN
        RAISE EXCEPTION 'the last coordinator stays'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hub_role_last_coordinator';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hub_role_last_coordinator AFTER UPDATE OR DELETE ON hub_role
    FOR EACH ROW WHEN (OLD.kind = 'coordinator' AND OLD.revoked_at IS NULL) EXECUTE FUNCTION hub_keep_a_coordinator();
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0004_vat_is_owed")]
    operations = [
        migrations.AlterModelOptions(name="hostinvitation", options={"verbose_name": "host’s invitation"}),
        migrations.AddField(
            model_name="hostinvitation", name="withdrawn_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="hostinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at", None), ("withdrawn_at", None), _connector="OR"),
                name="hub_hostinvitation_one_end",
                violation_error_message="An invitation is used or withdrawn, not both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="hostinvitation",
            constraint=models.UniqueConstraint(
                models.F("point"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("used_at", None), ("withdrawn_at", None)),
                name="hub_hostinvitation_once",
                violation_error_message="This address has been invited already.",
            ),
        ),
        migrations.RunSQL(
            KEEP_ONE,
            "DROP TRIGGER hub_role_last_coordinator ON hub_role; DROP FUNCTION hub_keep_a_coordinator();",
        ),
    ]
