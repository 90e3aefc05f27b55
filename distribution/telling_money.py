"""Who is told what about money: statements, payouts to farms and points, refunds that wait for a household's choice."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import translation
from djmoney.money import Money

from distribution.models import BouncedCheque, Payout, Refund, Statement
from hub import format as say
from hub import notices
from hub.models import Host, Member, Notice
from producers.models import Producer, ProducerPerson

# At once, then every week for a month, then every fourth week: a choice is asked for, never made for anybody.
UNTOLD = """
    SELECT r.id, m.id, k.key
    FROM distribution_refund r JOIN hub_member m ON m.household_id = r.household_id AND m.is_active
         JOIN hub_collection c ON c.id = r.collection_id,
         LATERAL (SELECT floor(extract(epoch FROM %(now)s - r.created_at) / 604800)::int AS weeks) w,
         LATERAL (SELECT CASE WHEN weeks <= 4 THEN weeks ELSE weeks - weeks %% 4 END AS nth) n,
         LATERAL (SELECT 'refund:' || c.code || ':' || n.nth || ':' || m.id AS key) k
    WHERE r.choice = 'waiting'
      AND NOT EXISTS (SELECT 1 FROM hub_notice x WHERE x.key = k.key)
    ORDER BY r.id, m.id
"""


def stated(statement: Statement, *, now: datetime) -> None:
    """Tell the farm that its statement is there, in the transaction that issues it."""
    number = statement.number
    data = {
        "number": number,
        "week": statement.week,
        "payable": statement.net.amount > 0,
        "owing": statement.net.amount < 0,
    }
    notices.queue(
        _to_farm(member, statement.producer, "statement-issued", number, statement.net, data, now)
        for member in _people(statement.producer)
    )


def paid(payouts: Sequence[Payout], *, now: datetime) -> None:
    """Tell farms and points that the money has left, in the transaction that says so. A fixed number of statements."""
    notices.queue(_of_payouts(payouts, "payout-paid", {}, now))


def returned(payouts: Sequence[Payout], *, reason: str, now: datetime) -> None:
    """Tell farms and points that money they were told of did not leave after all. A fixed number of statements."""
    how = {"rejected": reason == Payout.Reason.REJECTED, "reversed": reason == Payout.Reason.REVERSED}
    notices.queue(_of_payouts(payouts, "payout-returned", how, now))


def bounced(cheque: BouncedCheque, *, now: datetime) -> None:
    """Tell a household that its cheque came back, in the transaction that notes it."""
    payment = cheque.payment
    notices.queue(
        Notice(
            kind="cheque-bounced",
            key=f"cheque-bounced:{cheque.key}:{member.pk}",
            member=member,
            due_at=now,
            data={"amount": notices.amount(member, payment.amount), "day": _day(member, payment.received_at)},
        )
        for member in Member.objects.filter(household=payment.household_id, is_active=True).order_by("pk")
    )


def remind_due(*, now: datetime) -> int:
    """Ask the households whose refund waits for their choice, each member once per interval; how many messages."""
    with connection.cursor() as cursor:
        cursor.execute(UNTOLD, {"now": now})
        untold = cursor.fetchall()
    if not untold:
        return 0
    refunds = Refund.objects.select_related("collection").in_bulk({refund for refund, _member, _key in untold})
    members = Member.objects.in_bulk({member for _refund, member, _key in untold})
    notices.queue(
        Notice(
            kind="refund-waiting",
            key=key,
            member=members[member],
            collection=refunds[refund].collection,
            due_at=now,
            data={"amount": notices.amount(members[member], refunds[refund].amount)},
        )
        for refund, member, key in untold
    )
    return len(untold)


def _to_farm(
    member: Member, farm: Producer, kind: str, number: str, amount: Money, data: dict[str, Any], now: datetime
) -> Notice:
    about = {"producer": farm.name, "producer_code": farm.code, "amount": notices.amount(member, amount)}
    return Notice(kind=kind, key=f"{kind}:{number}:{member.pk}", member=member, due_at=now, data=data | about)


def _of_payouts(payouts: Sequence[Payout], kind: str, data: dict[str, Any], now: datetime) -> Iterator[Notice]:
    farmers, hosts = _farmers_of(payouts), _hosts_of(payouts)
    for one in payouts:
        people = farmers[one.producer_id] if one.producer_id else hosts[one.point_id or 0]
        for member in people:
            yield _of_payout(member, one, kind, data | {"account_end": one.iban[-4:], "number": one.number}, now)


def _of_payout(member: Member, payout: Payout, kind: str, data: dict[str, Any], now: datetime) -> Notice:
    if payout.producer:
        notice = _to_farm(member, payout.producer, kind, payout.number, payout.amount, data, now)
    else:
        about = {
            "point": payout.payee.name,
            "point_code": payout.payee.code,
            "amount": notices.amount(member, payout.amount),
        }
        key = f"point-{kind}:{payout.number}:{member.pk}"
        notice = Notice(kind=f"point-{kind}", key=key, member=member, due_at=now, data=data | about)
    if payout.attempt > 1:
        notice.key += f":{payout.attempt}"
    return notice


def _farmers_of(payouts: Sequence[Payout]) -> dict[int, list[Member]]:
    """The active members of each payout's farm."""
    found: dict[int, list[Member]] = defaultdict(list)
    farms = {one.producer_id for one in payouts if one.producer_id}
    roles = ProducerPerson.objects.filter(producer__in=farms, member__is_active=True)
    for role in roles.select_related("member").order_by("member"):
        found[role.producer_id].append(role.member)
    return found


def _hosts_of(payouts: Sequence[Payout]) -> dict[int, list[Member]]:
    """The active members who host each payout's point now."""
    found: dict[int, list[Member]] = defaultdict(list)
    points = {one.point_id for one in payouts if one.point_id}
    roles = Host.objects.current().filter(point__in=points, member__is_active=True)
    for role in roles.select_related("member").order_by("member"):
        found[role.point_id].append(role.member)
    return found


def _people(farm: Producer) -> list[Member]:
    """The active members who work for a farm."""
    return list(Member.objects.filter(producer_roles__producer=farm, is_active=True).order_by("pk"))


def _day(member: Member, when: datetime) -> str:
    with translation.override(member.language):
        return say.day(when)
