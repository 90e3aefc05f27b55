"""Numbers of documents: without gaps, per kind, issuer and year."""

from django.db.models import F

from hub.models import Series


def next_number(*, kind: str, issuer: str, year: int) -> int:
    """The next number of a series, from 1. The row stays locked until the caller's transaction ends, so a number
    that is rolled back is given again. Must be called inside a transaction."""
    Series.objects.get_or_create(kind=kind, issuer=issuer, year=year)
    series = Series.objects.select_for_update().get(kind=kind, issuer=issuer, year=year)
    Series.objects.filter(pk=series.pk).update(last=F("last") + 1)
    return series.last + 1
