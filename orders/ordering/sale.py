"""What is on sale to a household at a collection, read under the locks of placing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from hub import locks
from hub.calendar import zone
from hub.models import Collection, Household
from orders.models import OrderLine
from orders.ordering.refusals import NotAMember, NotOnSale, NotOpenYet, OrderingClosed, PointLeft


@dataclass(frozen=True)
class Sale:
    """What placing must know of a collection, read under its lock by the database's clock.

    `engaged` is the most that the household's other unsettled orders may take from its account, `engaged_at_point` the most
    it may have to pay at a point.
    """

    week: str
    started: bool
    ended: bool
    accepted: bool
    methods: list[str]
    floor: Decimal
    ceiling: Decimal
    engaged: Decimal
    engaged_at_point: Decimal
    minimum: Decimal | None
    host_rate: Decimal
    hub_rate: Decimal


@dataclass(frozen=True)
class Pack:
    """A packaging on sale, as the shelf says today."""

    packaging: int
    product: int
    producer: int
    stock: int
    name: str
    label: str
    reference: str
    unit: str
    zone: str
    content: int
    weighed: bool
    max_content: int | None
    price: Decimal
    deposit: Decimal
    vat_rate: Decimal
    vat_reason: str


def lock_and_read(collection: Collection, household: Household) -> Sale:
    """Take both locks, then read: a statement of its own, so that it sees what a close has committed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s), pg_advisory_xact_lock(%s, %s)",
            [int(locks.LockSpace.COLLECTION), collection.pk, int(locks.LockSpace.HOUSEHOLD), household.pk],
        )
        cursor.execute(
            """SELECT c.week,
                      c.opens_at IS NOT NULL AND c.opens_at <= clock_timestamp(),
                      clock_timestamp() >= c.closes_at OR c.counted_at IS NOT NULL OR c.cancelled_at IS NOT NULL,
                      EXISTS (SELECT 1 FROM hub_membership m WHERE m.point_id = c.point_id
                              AND m.household_id = %(household)s AND m.status = 'accepted'),
                      p.payment_methods, p.account_floor, p.at_point_ceiling,
                      coalesce(sum(o.maximum_total) FILTER (WHERE o.payment_method = 'account'), 0),
                      coalesce(sum(o.maximum_total) FILTER (WHERE o.payment_method = 'at-point'), 0),
                      p.minimum_order,
                      coalesce((SELECT r.percentage FROM hub_feerule r WHERE r.payee = 'host' AND r.valid_from <= d.day
                                AND (r.point_id = p.id OR r.point_id IS NULL)
                                ORDER BY r.point_id IS NULL, r.valid_from DESC LIMIT 1), 0),
                      coalesce((SELECT r.percentage FROM hub_feerule r WHERE r.payee = 'hub' AND r.valid_from <= d.day
                                AND (r.point_id = p.id OR r.point_id IS NULL)
                                ORDER BY r.point_id IS NULL, r.valid_from DESC LIMIT 1), 0)
               FROM hub_collection c JOIN hub_collectionpoint p ON p.id = c.point_id
               CROSS JOIN (SELECT (clock_timestamp() AT TIME ZONE %(zone)s)::date AS day) d
               LEFT JOIN orders_order o ON o.household_id = %(household)s AND o.collection_id <> c.id
                    AND o.settled_at IS NULL AND o.cancelled_at IS NULL
               WHERE c.id = %(collection)s GROUP BY c.id, p.id, d.day""",
            {"household": household.pk, "collection": collection.pk, "zone": zone().key},
        )
        return Sale(*cursor.fetchone())


def check_open(sale: Sale) -> None:
    """By the database's clock. Raises OrderingClosed, NotOpenYet."""
    _check_window(started=sale.started, ended=sale.ended)


def check_window(collection: Collection, now: datetime) -> None:
    """The same for a page that was left open: asked before anything else it may have got wrong; `place` asks again.

    Raises OrderingClosed, NotOpenYet."""
    started = collection.opens_at is not None and collection.opens_at <= now
    over = collection.counted_at is not None or collection.cancelled_at is not None
    _check_window(started=started, ended=over or now >= collection.closes_at)


def _check_window(*, started: bool, ended: bool) -> None:
    if ended:
        raise OrderingClosed(_("Orders are closed: this was no longer taken. What was ordered before stands."))
    if not started:
        raise NotOpenYet(_("Orders are not open yet."))


def on_sale(collection: Collection, sale: Sale, packagings: list[int]) -> dict[int, Pack]:
    """Those of the packagings that are on sale there this week, by their id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.id, d.id, k.producer_id, o.stock_id, d.name, k.label, k.reference, d.unit, d.zone, k.content,
                      k.weighed, k.max_content, o.price, k.deposit,
                      CASE WHEN f.vat_regime = 'standard' THEN d.vat_rate ELSE 0 END,
                      CASE WHEN f.vat_regime = 'standard' THEN '' ELSE f.vat_regime END
               FROM producers_offer o
               JOIN producers_packaging k ON k.id = o.packaging_id
               JOIN producers_product d ON d.id = k.product_id
               JOIN producers_producer f ON f.id = k.producer_id
               JOIN producers_supply y ON y.producer_id = f.id AND y.point_id = %(point)s
                    AND y.since <= %(day)s AND (y.until IS NULL OR y.until >= %(day)s)
               WHERE o.week = %(week)s AND o.on_sale AND k.id = ANY(%(ids)s)
                     AND k.archived_at IS NULL AND d.archived_at IS NULL AND f.archived_at IS NULL""",
            {"point": collection.point_id, "day": collection.local_date, "week": sale.week, "ids": packagings},
        )
        return {row[0]: Pack(*row) for row in cursor.fetchall()}


def check_on_sale(changed: Mapping[int, int], lines: Mapping[int, OrderLine], packs: Mapping[int, Pack]) -> None:
    """What is no longer on sale may be kept or reduced, not added to. Raises NotOnSale."""
    gone = [p for p, n in changed.items() if p not in packs and (p not in lines or n > lines[p].quantity)]
    if gone:
        raise NotOnSale(_("Some products are no longer on sale here."), packagings=gone)


def check_belongs(sale: Sale, changed: Mapping[int, int], lines: Mapping[int, OrderLine]) -> None:
    """Who left the point may order less of what stands, not more. Raises NotAMember, PointLeft."""
    if sale.accepted:
        return
    if not lines:
        raise NotAMember(_("Your household does not belong to this collection point."))
    if any(packaging not in lines or packs > lines[packaging].quantity for packaging, packs in changed.items()):
        raise PointLeft(_("You have left this collection point: you may order less, or cancel, not more."))
