"""Which collections concern a household: those of its points, and those where it has ordered, whether it left or not."""

from django.db.models import Exists, OuterRef

from hub.models import Collection, Member, Membership
from hub.models.calendar import CollectionQuerySet
from orders.models import Order


def of(member: Member) -> CollectionQuerySet:
    """Collections of points where the member's household is accepted, and those where it has an order, cancelled or not:
    who leaves a point still collects and pays what was ordered."""
    ordered = Order.objects.filter(household=member.household_id).order_by()
    accepted = Collection.objects.ordered_from_by(member).order_by()
    # A union, so that each half goes by its own index, at any number of points.
    return Collection.objects.filter(pk__in=accepted.values("pk").union(ordered.values("collection")))


def with_left(found: CollectionQuerySet, member: Member) -> CollectionQuerySet:
    """With their point and `left`: the member's household is no longer accepted there, so its order may only shrink."""
    accepted = Membership.objects.filter(
        point=OuterRef("point"), household=member.household_id, status=Membership.Status.ACCEPTED
    )
    return found.select_related("point").annotate(left=~Exists(accepted))
