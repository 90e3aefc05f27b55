"""Photos that farms bring: of a product, and of the farm. The drawings remain where there is none."""

from datetime import datetime

from django.db import transaction

from hub import activity, photos
from hub.models import Member
from producers.models import Producer, Product


def show(*, of: Product | Producer, content: bytes, by: Member, now: datetime) -> None:
    """Let a product, or a farm, be seen as on this photo; the former one goes. Raises PhotoRefused."""
    _change(of, photos.keep(content), "photo-added", by, now)


def take_down(*, of: Product | Producer, by: Member, now: datetime) -> None:
    """Show the drawing again. Twice is once."""
    _change(of, "", "photo-removed", by, now)


def _change(of: Product | Producer, digest: str, verb: str, by: Member, now: datetime) -> None:
    kind, farm = ("product", of.producer.code) if isinstance(of, Product) else ("producer", of.code)
    with transaction.atomic():
        former = type(of).objects.select_for_update(no_key=True).get(pk=of.pk).photo
        if former != digest:
            of.photo = digest
            of.save(update_fields=["photo"])
            activity.record(verb=f"{kind}.{verb}", subject=of.code, by=by, now=now, producer_code=farm)
            transaction.on_commit(lambda: _forget(former))


def _forget(digest: str) -> None:
    """Delete the files of a photo, unless another product or farm shows the same one."""
    if digest and not any(model.objects.filter(photo=digest).exists() for model in (Product, Producer)):
        photos.forget(digest)
