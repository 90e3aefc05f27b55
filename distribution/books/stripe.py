"""Our books against Stripe, once a day: every movement of its balance is posted once, with its amount and its fee.

Movements are fetched and kept; the comparison is one statement over all of them, so a difference is seen however old it is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from time import monotonic

from django.db import connection, transaction

from distribution.models import StripeCheck, StripeFinding
from distribution.payouts import take_back_reversed
from hub import in_charge, ledger, notices, stripe_gateway
from hub.calendar import local_date, wall_to_utc
from hub.models import Notice, StripeMovement
from hub.money import CENT, money
from hub.stripe_gateway import NEVER, Away, Movement

HOUR = time(4)  # at night: what is under way is not compared
UNDER_WAY = timedelta(hours=1)
AT_THE_BANK = timedelta(days=10)  # what Stripe paid out to our bank must have been seen there
AGAIN = timedelta(days=2)  # what Stripe tells late is fetched again
AT_ONCE = timedelta(days=30)  # of movements fetched and kept in one go
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
TOLD = 20  # findings named in one message

DIFFERENCES = """
    WITH claims AS (  -- which of Stripe's objects each posting is about, by the reference it was posted under
    SELECT p.stripe_id AS subject, t.id FROM orders_cardpayment p JOIN orders_order o ON o.id = p.order_id
    JOIN hub_transfer t ON t.reference = ANY(ARRAY['card:' || o.code || ':' || p.number,
                                                   'card:' || o.code || ':' || p.number || ':fee'])
    UNION ALL
    SELECT r.stripe_id, t.id FROM orders_cardrefund r JOIN hub_transfer t ON t.reference = ANY(ARRAY['card-refund:' || r.key,
                                                       'card-refund:' || r.key || ':reversed'])
    UNION ALL
    SELECT coalesce(c.stripe_id, u.stripe_id, d.stripe_id), t.id FROM orders_dispute d
    LEFT JOIN orders_cardpayment c ON c.id = d.payment_id LEFT JOIN orders_topup u ON u.id = d.top_up_id
    JOIN hub_transfer t ON t.reference = ANY(ARRAY['dispute:' || d.stripe_id, 'dispute:' || d.stripe_id || ':fee',
                                                   'dispute:' || d.stripe_id || ':reversed'])
    UNION ALL
    SELECT u.stripe_id, t.id FROM orders_topup u
    JOIN hub_transfer t ON t.reference = ANY(ARRAY['topup:' || u.code, 'topup:' || u.code || ':fee',
                                                   'topup:' || u.code || ':again', 'topup:' || u.code || ':reversed'])
    UNION ALL
    SELECT p.stripe_id, t.id FROM distribution_payout p JOIN distribution_statement s ON s.id = p.statement_id,
           LATERAL (SELECT 'payout:' || s.number || CASE WHEN p.attempt > 1 THEN ':' || p.attempt ELSE '' END AS name) n
    JOIN hub_transfer t ON t.reference = ANY(ARRAY[n.name, n.name || ':reversed'])),
    touching AS (
        SELECT t.id, t.reference, t.occurred_at, t.reverses_id,
               CASE WHEN t.debit_id = s.id THEN t.amount ELSE -t.amount END AS amount,
               EXISTS (SELECT 1 FROM hub_account f WHERE f.code = 'stripe:fees' AND f.id IN (t.debit_id, t.credit_id)) AS fee
        FROM hub_account s JOIN hub_transfer t ON s.id IN (t.debit_id, t.credit_id) WHERE s.code = 'stripe'),
    claimed AS (SELECT DISTINCT subject, id FROM claims WHERE subject <> ''),
    ours AS (
        SELECT coalesce(c.subject, t.reference) AS subject, coalesce(sum(t.amount) FILTER (WHERE NOT t.fee), 0) AS amount,
               coalesce(-sum(t.amount) FILTER (WHERE t.fee), 0) AS fee, max(t.occurred_at) AS at
        FROM touching t LEFT JOIN claimed c ON c.id = t.id WHERE t.reference NOT LIKE 'bank:%%' GROUP BY 1),
    theirs AS (
        SELECT subject, sum(amount) AS amount, sum(fee) AS fee, max(at) AS at, min(kind) AS kind FROM hub_stripemovement
        WHERE kind <> 'payout' GROUP BY 1),
    sent AS (
        SELECT subject, amount, at, row_number() OVER (PARTITION BY amount ORDER BY at, subject) AS nth
        FROM hub_stripemovement WHERE kind = 'payout'),
    arrived AS (
        SELECT reference, amount, occurred_at AS at, row_number() OVER (PARTITION BY amount ORDER BY id) AS nth
        FROM touching a WHERE reference LIKE 'bank:%%' AND reverses_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM hub_transfer r WHERE r.reverses_id = a.id))
    SELECT CASE WHEN o.subject IS NULL THEN 'missing' WHEN t.subject IS NULL THEN 'extra' ELSE 'wrong' END,
           coalesce(t.subject, o.subject), coalesce(t.kind, ''), o.amount, o.fee, t.amount, t.fee
    FROM ours o FULL JOIN theirs t USING (subject)
    WHERE (o.amount, o.fee) IS DISTINCT FROM (t.amount, t.fee) AND greatest(o.at, t.at) < %(settled)s
      AND NOT (o.subject IS NULL AND t.amount = 0 AND t.fee = 0)
    UNION ALL
    SELECT CASE WHEN a.nth IS NULL THEN 'missing' ELSE 'extra' END, coalesce(s.subject, a.reference), 'payout',
           a.amount, 0, s.amount, 0
    FROM sent s FULL JOIN arrived a USING (amount, nth)
    WHERE (a.nth IS NULL AND s.at < %(banked)s) OR s.nth IS NULL
    ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Difference:
    """One item on which both differ; amounts and fees as our books and as Stripe tell them, None where there is nothing."""

    what: str
    subject: str
    kind: str
    amount: Decimal | None
    fee: Decimal | None
    their_amount: Decimal | None
    their_fee: Decimal | None

    @property
    def key(self) -> str:
        return f"{self.what}:{self.subject}"

    @property
    def found(self) -> str:
        """What our books say, as a row keeps it: 18.70 − 0.53."""
        return _said(self.amount, self.fee)

    @property
    def expected(self) -> str:
        """What Stripe says."""
        return _said(self.their_amount, self.their_fee)


def check_due(*, now: datetime, until: float = NEVER) -> StripeCheck | None:
    """The day's comparison, once, after four in the morning; None where it is done, not yet due, or to be gone on with by
    the next sweep: Stripe is away, or not all that was reversed there could be looked at in time."""
    day = local_date(now)
    due = stripe_gateway.is_set_up() and now >= wall_to_utc(day, HOUR) and monotonic() < until
    if not due or StripeCheck.objects.filter(day=day).exists():
        return None
    try:
        fetch(now, until=until)
        reversals = take_back_reversed(now=now, until=until)
        theirs = stripe_gateway.balance() * CENT
    except Away:
        return None
    if not reversals.is_whole or monotonic() >= until:
        return None
    check = _write(theirs, now)
    reversals.answered()  # what could not be looked at stands among the findings, and is raised as well
    return check


def fetch(now: datetime, *, until: float = NEVER) -> int:
    """Keep the movements that are not kept yet, month by month from the oldest, so that the first time may end anywhere and
    is gone on with. Returns how many there are now. Raises Away."""
    latest = StripeMovement.objects.order_by("-at").first()
    since = latest.at - AGAIN if latest else BEGINNING
    while monotonic() < until:
        before = since + AT_ONCE
        found = stripe_gateway.movements(since, before if before < now else None)
        StripeMovement.objects.bulk_create(map(_row, found), ignore_conflicts=True, batch_size=1000)
        if before >= now:
            break
        since = before
    return StripeMovement.objects.count()


def differences(now: datetime) -> list[Difference]:
    """Everything on which our books and the movements kept differ, what is under way apart: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES, {"settled": now - UNDER_WAY, "banked": now - AT_THE_BANK})
        return [Difference(*row) for row in cursor.fetchall()]


def _write(theirs: Decimal, now: datetime) -> StripeCheck:
    found = differences(now)
    with transaction.atomic():
        check = StripeCheck.objects.create(
            day=local_date(now), at=now, movements=StripeMovement.objects.count(), ledger=money(ledger.balance("stripe")),
            summed=money(_summed()), balance=money(theirs),
        )  # fmt: skip
        known = set(StripeFinding.objects.filter(key__in=[one.key for one in found]).values_list("key", flat=True))
        rows = [_finding(one, check) for one in found]
        StripeFinding.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["key"], update_fields=["found", "expected", "last"]
        )
        _tell(check, [row for row in rows if row.key not in known], now)
    return check


def _finding(one: Difference, check: StripeCheck) -> StripeFinding:
    return StripeFinding(
        key=one.key, what=one.what, subject=one.subject, kind=one.kind, found=one.found,
        expected=one.expected, first=check, last=check,
    )  # fmt: skip


def _said(amount: Decimal | None, fee: Decimal | None) -> str:
    if amount is None:
        return ""
    return f"{amount:.2f} − {fee:.2f}" if fee else f"{amount:.2f}"


def _summed() -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(amount - fee), 0) FROM hub_stripemovement")
        return Decimal(cursor.fetchone()[0])


def _tell(check: StripeCheck, new: list[StripeFinding], now: datetime) -> None:
    """Coordinators are told of what was not there before, each finding once."""
    if not new:
        return
    lines = [{"what": one.what, "subject": one.subject, "found": one.found, "expected": one.expected} for one in new]
    data = {"day": check.day.isoformat(), "number": len(new), "lines": lines[:TOLD], "more": max(len(new) - TOLD, 0)}
    notices.queue(
        Notice(kind="stripe-alarm", key=f"stripe-alarm:{check.day}:{member.pk}", member=member, due_at=now, data=data)
        for member in in_charge.coordinators()
    )


def _row(one: Movement) -> StripeMovement:
    return StripeMovement(
        stripe_id=one.id, kind=one.kind, subject=one.subject, amount=money(one.amount * CENT), fee=money(one.fee * CENT),
        at=one.at,
    )  # fmt: skip
