"""The word that a collection is over. It is a person's, never the clock's, and nothing is settled without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from distribution.handover import under_way
from distribution.models import Confirmation
from hub import activity
from hub.models import Collection, CollectionPoint, Member
from hub.refusals import Refusal

COORDINATOR_AFTER = timedelta(hours=48)


class Fate(models.TextChoices):
    """What became of an order nobody collected. It is billed all the same (see decisions on no-shows)."""

    KEPT = "kept", _("kept for the household")
    SHARED = "shared", _("handed to another household")
    GIVEN = "given", _("given to an association")
    FARM = "farm", _("brought to the farm")


class NotYours(Refusal):
    """Only a host of the point confirms, or a coordinator from 48 hours after the end."""

    code = "not-yours-to-confirm"
    status = 403


class TooEarly(Refusal):
    """The hand-over has not begun yet by the clock."""

    code = "too-early"


class NotOver(Refusal):
    """The hand-over goes on by the clock, and nobody has said that it is over all the same."""

    code = "not-over"


class NotReady(Refusal):
    """Something must be told first. `data`: `weights` (basket number and product), `arrivals` (farms), `uncollected`
    (codes of orders whose fate is not said)."""

    code = "not-ready"


@dataclass(frozen=True)
class Waiting:
    """One thing missing before a collection can be confirmed."""

    order: str
    basket_number: int | None
    words: str


@dataclass(frozen=True)
class Missing:
    """All that is missing: lines without weight, farms that did not arrive, orders nobody collected."""

    weights: list[Waiting]
    arrivals: list[Waiting]
    uncollected: list[Waiting]


def missing(collection: Collection) -> Missing:
    """What is still to be told, in three statements. A line whose packs are all missing needs no weight, and a farm
    whose lines are all missing needs no arrival."""
    return Missing(
        weights=_waiting(
            """SELECT o.code, o.basket_number, l.name FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
               LEFT JOIN distribution_shortage s ON s.line_id = l.id
               WHERE l.collection_id = %s AND o.cancelled_at IS NULL AND l.weighed AND l.weight_g IS NULL
                     AND l.due > coalesce(s.quantity, 0) ORDER BY o.basket_number, l.id""",
            collection,
        ),
        arrivals=_waiting(
            """SELECT p.code, NULL::int, p.name FROM producers_producer p
               WHERE EXISTS (SELECT 1 FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
                             LEFT JOIN distribution_shortage s ON s.line_id = l.id
                             WHERE l.collection_id = %s AND l.producer_id = p.id AND o.cancelled_at IS NULL
                                   AND l.due > coalesce(s.quantity, 0))
                 AND NOT EXISTS (SELECT 1 FROM distribution_arrival a
                                 WHERE a.collection_id = %s AND a.producer_id = p.id) ORDER BY p.name""",
            collection,
            collection,
        ),
        uncollected=_waiting(
            """SELECT o.code, o.basket_number, h.name FROM orders_order o JOIN hub_household h ON h.id = o.household_id
               WHERE o.collection_id = %s AND o.cancelled_at IS NULL
                 AND EXISTS (SELECT 1 FROM orders_orderline l LEFT JOIN distribution_shortage s ON s.line_id = l.id
                             WHERE l.order_id = o.id AND l.due > coalesce(s.quantity, 0))
                 AND NOT EXISTS (SELECT 1 FROM distribution_handover v WHERE v.order_id = o.id)
               ORDER BY o.basket_number, o.id""",
            collection,
        ),
    )


def may_confirm(*, collection: Collection, member: Member, now: datetime) -> bool:
    """A host of the point at once; a coordinator who is no host there from 48 hours after the end."""
    point = CollectionPoint.objects.filter(pk=collection.point_id, hosts__member=member, hosts__until=None)
    return point.exists() or (member.is_coordinator and now >= collection.ends_at + COORDINATOR_AFTER)


def confirm(
    *, collection: Collection, uncollected: Mapping[str, str], by: Member, now: datetime, early: bool = True
) -> Confirmation:
    """Say that a collection is over; `uncollected` tells for each order nobody collected what became of it (`Fate`).
    `early` is that it counts before the hand-over's end, too, which a page asks about.

    Saying it again gives the first confirmation. Raises NotYours, TooEarly, NotOver, NotUnderWay, NotReady.
    """
    if not may_confirm(collection=collection, member=by, now=now):
        raise NotYours(_("The host of the point confirms; the cooperative may from 48 hours after the end."))
    with transaction.atomic():
        # The row first: of two who confirm at once, the second waits and finds the first one's word.
        Collection.objects.select_for_update(no_key=True).only("pk").get(pk=collection.pk)
        known = Confirmation.objects.filter(collection=collection).first()
        if known is not None:
            return known
        locked = under_way(collection)
        if now < locked.starts_at:
            raise TooEarly(_("This distribution has not begun yet."))
        if now < locked.ends_at and not early:
            raise NotOver(_("The hand-over is not over by the clock. Say that it is, and confirm again."))
        fates = _fates(missing(locked), uncollected)
        confirmation = Confirmation.objects.create(collection=locked, at=now, by=by, uncollected=fates)
        locked.move_to(Collection.Status.CONFIRMED, now)
        activity.record(
            verb="collection.confirmed",
            subject=locked.code,
            by=by,
            now=now,
            collection=locked,
            data={"uncollected": fates},
        )
    return confirmation


def _fates(found: Missing, told: Mapping[str, str]) -> dict[str, str]:
    untold = [one for one in found.uncollected if told.get(one.order) not in Fate.values]
    if found.weights or found.arrivals or untold:
        raise NotReady(
            _("Some things are still to be told before the distribution can be confirmed."),
            weights=[[one.basket_number, one.words] for one in found.weights],
            arrivals=[one.order for one in found.arrivals],
            uncollected=[one.order for one in untold],
        )
    return {one.order: told[one.order] for one in found.uncollected}


def _waiting(statement: str, *collections: Collection) -> list[Waiting]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [collection.pk for collection in collections])
        return [Waiting(*row) for row in cursor.fetchall()]
