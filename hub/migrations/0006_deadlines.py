"""The deadline of a collection moves while nothing was counted, and not afterwards; a reminder may come too late."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION cabas_guard_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'collection % is counted: its deadline is frozen', OLD.code USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER hub_collection_deadline_frozen BEFORE UPDATE OF closes_at ON hub_collection
    FOR EACH ROW WHEN (OLD.counted_at IS NOT NULL AND NEW.closes_at IS DISTINCT FROM OLD.closes_at)
    EXECUTE FUNCTION cabas_guard_deadline();
"""


class Migration(migrations.Migration):
    dependencies = [("hub", "0005_invitations_and_roles")]
    operations = [
        migrations.AddField("notice", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(
            GUARD, "DROP TRIGGER hub_collection_deadline_frozen ON hub_collection; DROP FUNCTION cabas_guard_deadline();"
        )
    ]
