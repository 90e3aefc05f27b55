"""The one place where time is moved: the village and the tests place orders while a sale is open, then move its window.

Deadlines stay with the database's clock, so a collection of last week is made by moving what was open a moment ago.
Product code cannot import this module (import-linter).
"""

from datetime import datetime

from django.db import connection

from hub.models import Collection


def move_window(
    collection: Collection, *, opens_at: datetime | None, closes_at: datetime, starts_at: datetime, ends_at: datetime
) -> Collection:
    """Let a collection have been at another time; its week stays that of its offers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hub_collection SET opens_at = %s, closes_at = %s, starts_at = %s, ends_at = %s WHERE id = %s",
            [opens_at, closes_at, starts_at, ends_at, collection.pk],
        )
    collection.refresh_from_db()
    return collection


def belong_to_week(collection: Collection, week: str) -> Collection:
    """Let a collection sell the offers of another week than that of its hand-over, before anybody orders."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_collection SET week = %s WHERE id = %s", [week, collection.pk])
    collection.refresh_from_db()
    return collection
