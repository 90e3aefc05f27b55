"""Favourites: what a household likes to find first."""

from django.db import transaction

from hub.models import Household
from orders.models import Favourite
from producers.models import Product


def turn(*, household: Household, product: Product) -> bool:
    """Like a product, or stop liking it. Returns whether it is liked now."""
    with transaction.atomic():
        removed, _rows = Favourite.objects.filter(household=household, product=product).delete()
        if not removed:
            Favourite.objects.bulk_create([Favourite(household=household, product=product)], ignore_conflicts=True)
    return not removed
