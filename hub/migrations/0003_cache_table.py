"""The table of the default cache: rate limits live in it, so that they hold whatever happens to Redis."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hub", "0002_guards")]
    operations = [
        migrations.RunSQL(
            sql=[
                "CREATE TABLE IF NOT EXISTS hub_cache ("
                "cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL)",
                "CREATE INDEX IF NOT EXISTS hub_cache_expires ON hub_cache (expires)",
            ],
            reverse_sql="DROP TABLE IF EXISTS hub_cache",
        )
    ]
