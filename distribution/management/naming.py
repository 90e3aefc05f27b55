"""What a command is told by its public id."""

from django.core.management.base import CommandError

from hub.models import Collection


def collection_named(code: str) -> Collection:
    """The collection with this public id. Raises CommandError, which ends the command with status 1."""
    collection = Collection.objects.filter(code=code).first()
    if collection is None:
        raise CommandError(f"no collection {code}; `sheets --list` names them")
    return collection
