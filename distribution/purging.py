"""Sheets hold names: weeks after they were printed they are emptied. What they were and when they went stays."""

from datetime import datetime

from django.db import connection, transaction

from distribution import printing
from hub import activity
from hub.models import Collection

AT_ONCE = 200


def purge_due(*, now: datetime) -> int:
    """Empty the sheets older than the cooperative keeps them (`Hub.sheet_weeks`, at least four) and remove their PDFs, so
    many at a time. Returns how many. Killed in between, it starts again: a PDF whose sheet is still there is made anew.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # A function of the tables' owner: nobody else may change a sheet.
            cursor.execute("SELECT id, collection_id, kind, version, sha256 FROM cabas_purge_sheets(%s)", [AT_ONCE])
            purged = cursor.fetchall()
        collections = Collection.objects.in_bulk({row[1] for row in purged if row[1] is not None})
        for collection in collections.values():
            sheets = [f"{kind} {version}" for _id, at, kind, version, _hash in purged if at == collection.pk]
            activity.record(
                verb="sheets.purged", subject=collection.code, by=None, now=now, collection=collection,
                data={"sheets": sorted(sheets)},
            )  # fmt: skip
        if harvests := [version for _id, at, _kind, version, _hash in purged if at is None]:
            activity.record(verb="sheets.purged", subject="harvest", by=None, now=now, data={"sheets": len(harvests)})
        printing.forget(row[4] for row in purged)
    return len(purged)
