"""Forged rows, for the proofs that must see them."""

from django.db import connection


def forge(statement: str) -> None:
    """Change the books behind the guards' back, as a superuser with triggers off could."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")
