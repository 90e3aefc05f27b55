"""Deposits given back: what a household has had of a farm's containers, what it returned, what the farm gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from distribution.models import ContainerReturn, Statement, StatementBlock
from hub import ledger, locks
from hub.models import Collection, Household, Member, Transfer
from hub.money import money
from hub.refusals import Refusal
from producers.models import Producer

MOST = 1000
# What was charged and delivered at settled collections, less what came back.
KEPT = """
    SELECT p.id, p.code, p.name, k.deposit, sum(k.packs)::int FROM (
        SELECT l.producer_id, l.deposit, l.delivered AS packs FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
        WHERE o.household_id = %(household)s AND l.deposit > 0
        UNION ALL
        SELECT r.producer_id, r.deposit, -r.count FROM distribution_containerreturn r
        WHERE r.household_id = %(household)s AND r.undone_at IS NULL AND NOT r.elsewhere) k
    JOIN producers_producer p ON p.id = k.producer_id GROUP BY p.id, k.deposit ORDER BY p.name, k.deposit
"""
# The same over all households: what is still out, whoever has it.
OUT = """
    SELECT coalesce((SELECT sum(l.delivered) FROM orders_orderline l
                     JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
                     WHERE l.producer_id = %(farm)s AND l.deposit = %(deposit)s), 0)
         - coalesce((SELECT sum(r.count) FROM distribution_containerreturn r
                     WHERE r.producer_id = %(farm)s AND r.deposit = %(deposit)s AND r.undone_at IS NULL), 0)
"""


class TooManyContainers(Refusal):
    """More than the household has had and not returned, and the host has not said that they are another one's."""

    code = "too-many-containers"
    status = 422


class MoreThanAreOut(Refusal):
    """More than all households together have had and not returned."""

    code = "more-than-are-out"
    status = 422


class NoSuchContainer(Refusal):
    """The farm has no containers of this deposit, or the number is none."""

    code = "no-such-container"
    status = 422


@dataclass(frozen=True)
class Kept:
    """Containers of a farm and a deposit that a household has at home."""

    producer_id: int
    producer: str
    name: str
    deposit: Decimal
    count: int

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.producer}:{self.deposit}"

    @property
    def money(self) -> Money:
        """The deposit of one."""
        return money(self.deposit)


def kept(household: Household) -> list[Kept]:
    """What a household may return, by farm and deposit; what it has returned entirely stands with none."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT, {"household": household.pk})
        return [Kept(*row) for row in cursor.fetchall()]


def known(collection: Collection) -> list[Kept]:
    """Every kind of container that went over the counter of a point: what another household may have had."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT p.id, p.code, p.name, l.deposit, 0 FROM orders_orderline l
               JOIN hub_collection c ON c.id = l.collection_id JOIN producers_producer p ON p.id = l.producer_id
               WHERE c.point_id = %s AND l.deposit > 0 ORDER BY p.name, l.deposit""",
            [collection.point_id],
        )
        return [Kept(*row) for row in cursor.fetchall()]


def take_back(
    *, household: Household, collection: Collection, producer: str, deposit: Decimal, count: int, elsewhere: bool,
    key: str, by: Member, now: datetime,
) -> ContainerReturn:  # fmt: skip
    """Containers came back: their deposits go to the household's account. Raises NoSuchContainer, TooManyContainers and,
    for another household's, MoreThanAreOut."""
    locks.own_household(household.pk)
    if not 0 < count <= MOST:
        raise NoSuchContainer(_("Say how many came back."))
    mine = {(one.producer, one.deposit): one for one in kept(household)}
    found = mine.get((producer, deposit))
    left = max(found.count, 0) if found else 0
    if count > left and not elsewhere:
        raise TooManyContainers(
            _("This household has %(left)s of these at home. If they are another household’s, say so.")
            % {"left": left},
            left=left,
        )
    known_here = {(one.producer, one.deposit): one for one in known(collection)}
    kind = found or known_here.get((producer, deposit))
    if kind is None:
        raise NoSuchContainer(_("No container of this farm with this deposit was ever handed out here."))
    _check_out(kind, count)
    reference, amount = f"returned:{key}", deposit * count
    purse = ledger.household_account(household)
    memo = gettext("Deposits given back")
    ledger.post([ledger.Entry(reference, "deposits", purse, amount, memo, collection)], now=now, by=by)
    return ContainerReturn.objects.create(
        household=household, collection=collection, producer_id=kind.producer_id, deposit=money(deposit), count=count,
        elsewhere=count > left, key=key, at=now, by=by, transfer=Transfer.objects.get(reference=reference),
    )  # fmt: skip


def undo(*, key: str, by: Member, now: datetime) -> None:
    """They did not come back after all. Doing it again changes nothing."""
    found = ContainerReturn.objects.select_for_update(of=("self",)).get(key=key)
    if found.undone_at is not None:
        return
    ledger.reverse(f"returned:{key}", memo=gettext("Deposits taken back"), now=now, by=by)
    found.undone_at, found.undone_by = now, by
    found.save(update_fields=["undone_at", "undone_by"])


def _check_out(kind: Kept, count: int) -> None:
    locks.own_containers(kind.producer_id)
    with connection.cursor() as cursor:
        cursor.execute(OUT, {"farm": kind.producer_id, "deposit": kind.deposit})
        left = max(int(cursor.fetchone()[0]), 0)
    if count > left:
        raise MoreThanAreOut(
            _("All households together have %(left)s of these left to return.") % {"left": left}, left=left
        )


def to_state(producer: Producer, most: Decimal, *, since: datetime | None = None) -> list[ContainerReturn]:
    """What a farm gives back on its next statement, the oldest first, as far as `most` goes; locked. One that is too great
    waits and stops no other; it waits once: what was there at the statement before (`since`) goes on this one, and the farm
    may owe then."""
    waiting = ContainerReturn.objects.filter(
        producer=producer, undone_at=None, statement=None, collection__settled_at__isnull=False
    )
    told = StatementBlock.objects.filter(producer=producer, collection=OuterRef("collection"))
    rows = waiting.annotate(waited=Exists(told)).select_related("collection").select_for_update(of=("self",))
    chosen: list[ContainerReturn] = []
    left = most
    for one in rows.order_by("at", "pk"):
        amount, settled = one.deposit.amount * one.count, one.collection.settled_at
        if amount <= left or one.waited or (since and settled and settled < since):
            left -= amount
            chosen.append(one)
    return chosen


def worth(returns: Sequence[ContainerReturn]) -> Decimal:
    """Their deposits."""
    return sum((one.deposit.amount * one.count for one in returns), Decimal("0.00"))


def state(statement: Statement, returns: Sequence[ContainerReturn], *, now: datetime) -> None:
    """The farm gives the deposits of these back: on its statement, and in the books."""
    if not returns:
        return
    farm, memo = f"producer:{statement.producer.code}", gettext("Deposits given back, statement %(number)s")
    entry = ledger.Entry(
        f"statement:{statement.number}:returned", farm, "deposits", worth(returns), memo % {"number": statement.number}
    )
    ledger.post([entry], now=now)
    ContainerReturn.objects.filter(pk__in=[one.pk for one in returns]).update(statement=statement)
