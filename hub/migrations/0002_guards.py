"""What the database refuses whoever asks: changing the ledger or the journal."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

REFUSE = """
CREATE FUNCTION cabas_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def guard(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION cabas_refuse();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION cabas_refuse();""",
        f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};",
    )


def no_truncate(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION cabas_refuse();",
        f"DROP TRIGGER {table}_no_truncate ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("hub", "0001_initial")]
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunSQL(REFUSE, "DROP FUNCTION cabas_refuse();"),
        guard("hub_transfer"),
        guard("hub_activity"),
    ]
