"""Lists as people read them: É beside E, capitals and small letters alike."""

from django.contrib.postgres.lookups import Unaccent
from django.db.models.functions import Lower


def alphabetical(name: str = "name") -> Lower:
    """What to order by for a list read by names; `name` is the field or the way to it (household__name).

    The database compares bytes, which puts Éva after Zoé. Two names that read alike need another field after this one."""
    return Lower(Unaccent(name))
