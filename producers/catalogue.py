"""A farm's catalogue: what it makes and how it is packed. Lines already ordered never change."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import activity
from hub.models import Member
from hub.refusals import Refusal
from producers.models import Packaging, Product, Stock


class UnitFixed(Refusal):
    """A product whose stock was counted keeps its base unit."""

    code = "unit-changed"


class ContentOrdered(Refusal):
    """A pack that is ordered keeps its content: what is reserved was counted with it."""

    code = "content-ordered"


def add_product(*, product: Product, packaging: Packaging, by: Member, now: datetime) -> Product:
    """Write a new product with its first packaging. Raises ValidationError for what the models do not allow."""
    with transaction.atomic():
        product.full_clean()
        product.save()
        packaging.product = product
        _write(packaging)
        _record("product.added", product, by, now)
    return product


def edit_product(*, product: Product, by: Member, now: datetime) -> Product:
    """Write a product's changed fields. Raises UnitFixed once it had stock, ValidationError for what is not allowed."""
    with transaction.atomic():
        before = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
        if before.unit != product.unit and Stock.objects.filter(product=product).exists():
            raise UnitFixed(_("This product already had a stock: it stays counted as it is. Make a new product."))
        product.full_clean()
        product.save()
        _record("product.edited", product, by, now)
    return product


def archive_product(*, product: Product, by: Member, now: datetime) -> None:
    """Take a product off the shelves for good; what is ordered stays ordered. Twice is once."""
    with transaction.atomic():
        if Product.objects.active().filter(pk=product.pk).update(archived_at=now):
            _record("product.archived", product, by, now)


def add_packaging(*, packaging: Packaging, by: Member, now: datetime) -> Packaging:
    """Write a further packaging of a product, last in its list. Raises ValidationError."""
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=packaging.product_id)
        packaging.position = Packaging.objects.filter(product=packaging.product_id).count()
        _write(packaging)
        _record("packaging.added", packaging.product, by, now, packaging)
    return packaging


def edit_packaging(*, packaging: Packaging, by: Member, now: datetime) -> Packaging:
    """Write a packaging's changed fields; its price is for weeks to come. Raises ContentOrdered, ValidationError."""
    with transaction.atomic():
        before = Packaging.objects.select_for_update(no_key=True).get(pk=packaging.pk)
        ordered = Stock.objects.filter(product=packaging.product_id, reserved__gt=0)
        if before.content != packaging.content and ordered.exists():
            raise ContentOrdered(_("This packaging is already ordered: its content stays. Add another packaging."))
        _write(packaging)
        _record("packaging.edited", packaging.product, by, now, packaging)
    return packaging


def archive_packaging(*, packaging: Packaging, by: Member, now: datetime) -> None:
    """Stop selling a packaging; what is ordered stays ordered. Twice is once."""
    with transaction.atomic():
        if Packaging.objects.active().filter(pk=packaging.pk).update(archived_at=now):
            _record("packaging.archived", packaging.product, by, now, packaging)


def greatest_weight(content: int) -> int:
    """The greatest weight in grams assumed for a piece of an expected weight: a quarter more, rounded up."""
    return -(-content * 5 // 4)


def _write(packaging: Packaging) -> None:
    """A weighed piece without a greatest weight gets a quarter above the expected one, marked as assumed."""
    packaging.producer_id = packaging.product.producer_id
    if packaging.weighed and packaging.product.unit != "g":
        raise ValidationError({"weighed": _("Only what is counted by weight is weighed at the hand-over.")})
    if packaging.weighed and packaging.max_content is None and packaging.content:
        packaging.max_content, packaging.max_assumed = greatest_weight(packaging.content), True
    if not packaging.weighed:
        packaging.max_content, packaging.max_assumed = None, False
    packaging.full_clean()
    packaging.save()


def _record(verb: str, product: Product, by: Member, now: datetime, packaging: Packaging | None = None) -> None:
    data = {"name": product.name} | (
        {"packaging": packaging.code, "price": str(packaging.price.amount)} if packaging else {}
    )
    activity.record(verb=verb, subject=product.code, by=by, now=now, producer_code=product.producer.code, data=data)
