"""Django's migrate, which then lets the application's role use what it made."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection, transaction


class Command(migrate.Command):
    """With DATABASE_OWNER_URL, tables belong to the owner and the application may only read and write rows."""

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if settings.DATABASE_ROLE:
            grant(settings.DATABASE_ROLE)


def grant(role: str) -> None:
    """Rows of every table, and the numbers of their identifiers; no right to change or empty a table."""
    name = connection.ops.quote_name(role)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
