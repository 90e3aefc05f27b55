"""Setting a point up and changing it: what coordinators decide, what hosts tell, closing it for good."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from hub import activity
from hub.models import Collection, CollectionPoint, Member
from hub.refusals import Refusal

RESERVED = frozenset({"nouveau", "nouvelle"})
"""Last parts of addresses that are not a point's or a farm's."""

PRACTICAL = ("description", "access_note", "phone", "keys_note")
"""What hosts may change at their own point: words, never money."""


class StillAwaited(Refusal):
    """Dates to come, or not yet confirmed, keep a point open."""

    code = "still-awaited"


def free_code(model: type[models.Model], name: str, longest: int = 36) -> str:
    """A readable public code made from a name, different from those of all rows."""
    base = slugify(name)[:longest].strip("-") or "x"
    taken = RESERVED | set(model._default_manager.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := base if n == 1 else f"{base}-{n}") not in taken)


def edit(*, point: CollectionPoint, by: Member, now: datetime) -> CollectionPoint:
    """Write a point's changed fields. Raises ValidationError for what the model does not allow."""
    return _write(point, None, by, now)


def tell(*, point: CollectionPoint, by: Member, now: datetime) -> CollectionPoint:
    """Write what hosts may say of their point (PRACTICAL), and nothing else. Raises ValidationError."""
    return _write(point, PRACTICAL, by, now)


def close(*, point: CollectionPoint, by: Member, now: datetime) -> None:
    """A point nobody collects at any more: it leaves the lists, its past stays. Twice is once. Raises StillAwaited."""
    with transaction.atomic():
        locked = CollectionPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        awaited = Collection.objects.filter(point=locked, cancelled_at=None, confirmed_at=None)
        if awaited.filter(models.Q(counted_at__isnull=False) | models.Q(closes_at__gt=now)).exists():
            raise StillAwaited(_("Distributions are still to come here, or to confirm. End the rhythm first."))
        if locked.archived_at is None:
            CollectionPoint.objects.filter(pk=point.pk).update(archived_at=now)
            activity.record(verb="point.closed", subject=point.code, by=by, now=now)


def reopen(*, point: CollectionPoint, by: Member, now: datetime) -> None:
    """The point is there again. Twice is once."""
    with transaction.atomic():
        if CollectionPoint.objects.filter(pk=point.pk).exclude(archived_at=None).update(archived_at=None):
            activity.record(verb="point.reopened", subject=point.code, by=by, now=now)


def _write(point: CollectionPoint, fields: tuple[str, ...] | None, by: Member, now: datetime) -> CollectionPoint:
    with transaction.atomic():
        before = CollectionPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        point.full_clean()
        changed = changes(before, point, fields)
        if changed:
            point.save(update_fields=list(changed))
            activity.record(verb="point.edited", subject=point.code, by=by, now=now, data={"changed": changed})
    return point


def changes(before: models.Model, after: models.Model, fields: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The fields that differ, with what they were and what they are, as JSON."""
    names = fields or tuple(f.name for f in after._meta.concrete_fields if not f.primary_key)
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    return {name: [_plain(old), _plain(new)] for name, (old, new) in pairs.items() if old != new}


def _plain(value: Any) -> str:
    """A value as the journal keeps it, the same in every language."""
    return str(value.amount if isinstance(value, Money) else value)
