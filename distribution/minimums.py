"""Producers whose orders at a collection stay below their minimum: somebody decides, else the point's default."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from distribution import due, telling
from distribution.models import LineChange, MinimumDecision
from hub import activity, locks
from hub.models import Collection, Member
from hub.refusals import Refusal


class AlreadyDecided(Refusal):
    """Somebody else answered first; `data["decision"]` is what they said."""

    code = "already-decided"


class UnknownDecision(Refusal):
    """Neither “deliver” nor “cancel” was chosen."""

    code = "unknown-decision"
    status = 422


# The minimum of a supply that holds on the day, compared with the ordered expected amounts incl. VAT, deposits apart.
# A producer nobody ordered from needs no decision.
ASK = """
    INSERT INTO distribution_minimumdecision (collection_id, producer_id, ordered, minimum, currency, due_at, decision)
    SELECT %(collection)s, s.producer_id, sum(l.expected_amount), s.minimum, s.currency, least(%(due_at)s, %(starts_at)s), ''
    FROM producers_supply s
    JOIN orders_orderline l ON l.producer_id = s.producer_id AND l.collection_id = %(collection)s AND l.kind = 'weekly'
    JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
    WHERE s.point_id = %(point)s AND s.minimum > 0
    GROUP BY s.id
    HAVING sum(l.expected_amount) > 0 AND sum(l.expected_amount) < s.minimum
    ORDER BY s.id
    ON CONFLICT (collection_id, producer_id) DO NOTHING
"""


def settle(collection: Collection, *, counted_at: datetime, now: datetime) -> bool:
    """Note who is below their minimum and ask them, once; give the default to those whose time is over. Returns whether
    all is decided. In the caller's transaction, under the collection's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            {
                "collection": collection.pk,
                "point": collection.point_id,
                "due_at": counted_at + collection.point.minimum_delay,
                "starts_at": collection.starts_at,
            },
        )
    waiting = list(
        MinimumDecision.objects.filter(collection=collection, decision="").select_related("producer").order_by("pk")
    )
    telling.minimums(collection, waiting, now=now)
    for row in waiting:
        if row.due_at <= now:
            _apply(row, collection.point.minimum_default, by=None, now=now)
    return all(row.decision for row in waiting)


def decide(*, decision_row: MinimumDecision, choice: str, by: Member | None, now: datetime) -> MinimumDecision:
    """The producer's or coordinator's answer; the first one counts. The same answer again changes nothing.

    Raises AlreadyDecided when the other answer was given before, UnknownDecision for anything but deliver and cancel.
    """
    if choice not in MinimumDecision.Decision.values:
        raise UnknownDecision(_("Deliver anyway, or cancel and tell members."))
    with transaction.atomic():
        locks.own_collection(decision_row.collection_id)
        row = MinimumDecision.objects.select_related("collection", "producer").get(pk=decision_row.pk)
        if row.decision and row.decision != choice:
            raise AlreadyDecided(
                _("This was decided already: %(decision)s.") % {"decision": row.get_decision_display()},
                decision=row.decision,
            )
        if not row.decision:
            _apply(row, choice, by=by, now=now)
    return row


def _apply(row: MinimumDecision, choice: str, *, by: Member | None, now: datetime) -> None:
    row.decision, row.decided_at, row.decided_by = choice, now, by
    row.save(update_fields=["decision", "decided_at", "decided_by"])
    if choice == MinimumDecision.Decision.CANCEL:
        due.take_away(
            row.collection, reason=LineChange.Reason.MINIMUM, note="", by=by, now=now, producer_id=row.producer_id
        )
    activity.record(
        verb="minimum.decided",
        subject=row.collection.code,
        by=by,
        now=now,
        collection=row.collection,
        producer_code=row.producer.code,
        data={"decision": choice, "ordered": str(row.ordered.amount), "minimum": str(row.minimum.amount)},
    )
