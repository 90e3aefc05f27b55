"""A fee holds from the cooperative's midnight on, as for the polite refusal, not from UTC's."""

from typing import Any

from django.db import migrations

from hub import local_day

KEEP = """
CREATE OR REPLACE FUNCTION hub_keep_fees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_from <= {today} THEN
        RAISE EXCEPTION 'a fee rule that holds is not changed: % refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hub_feerule_holds';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


def tell(_apps: Any, editor: Any) -> None:
    """The function that says the day; `prepare` says the time zone again, which may change."""
    local_day.tell(editor.connection)


class Migration(migrations.Migration):
    """One function that says the day, and the trigger that asks it."""

    dependencies = [("hub", "0018_point_accounts")]
    operations = [
        migrations.RunPython(tell, migrations.RunPython.noop),
        migrations.RunSQL(
            KEEP.format(today="hub_day_of(now())"),
            KEEP.format(today="CURRENT_DATE") + "DROP FUNCTION hub_day_of(timestamptz);",
        ),
    ]
