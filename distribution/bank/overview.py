"""What the treasurer sees of the bank: how far it is read, what waits, and whether bank and books agree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Abs, Coalesce
from djmoney.money import Money

from distribution.bank import collecting, matching
from distribution.models import BankFile, BankLine, BankMatch
from hub import ledger
from hub.calendar import zone
from hub.models import Household, Transfer
from hub.money import ZERO, money

SHOWN = 50
_USED = Coalesce(Sum("matches__amount", filter=Q(matches__undone_at=None)), Value(ZERO), output_field=DecimalField())
FEES = ("frais", "cotisation", "commission", "commissions", "tenue", "abonnement", "agios")

SUGGESTED = f"""
    WITH lines AS (SELECT l.id, l.day, l.amount, l.party_iban,
                          ' ' || regexp_replace(lower(unaccent(l.label || ' ' || l.party)), '[^a-z0-9]+', ' ', 'g') || ' ' AS told
                   FROM distribution_bankline l WHERE l.id = ANY(%(lines)s)),
    announced AS ({matching.ANNOUNCED}),
    people AS (SELECT m.household_id, lower(unaccent(m.first_name)) AS first,
                      trim(regexp_replace(lower(unaccent(m.last_name)), '[^a-z0-9]+', ' ', 'g')) AS last
               FROM hub_member m JOIN hub_household h ON h.id = m.household_id AND h.erased_at IS NULL WHERE m.is_active),
    named AS (
        SELECT DISTINCT l.id, l.day, l.amount, h.id AS household_id FROM lines l
        CROSS JOIN LATERAL (SELECT upper(replace(l.told, ' ', '')) AS plain) t
        CROSS JOIN generate_series(1, greatest(length(t.plain) - 9, 0)) n
        JOIN hub_household h ON h.code = substr(t.plain, n, 10) AND h.erased_at IS NULL)
    SELECT n.id, 0, 'linked', a.id, NULL::bigint, abs(a.day - n.day) FROM named n
    JOIN announced a ON a.household_id = n.household_id AND a.amount > 0 AND a.amount < n.amount
         AND a.day BETWEEN n.day - 10 AND n.day + 15
    UNION
    SELECT n.id, 1, 'household', NULL, n.household_id, 0 FROM named n
    UNION
    SELECT l.id, 2, 'linked', a.id, NULL::bigint, abs(a.day - l.day) FROM lines l
    JOIN announced a ON a.amount = l.amount AND a.day BETWEEN l.day - 60 AND l.day + 10
    UNION
    SELECT l.id, 3, 'household', NULL, m.household_id, 0 FROM lines l
    JOIN distribution_bankline e ON e.party_iban = l.party_iban AND l.party_iban <> '' AND l.amount > 0
    JOIN distribution_bankmatch m ON m.line_id = e.id AND m.kind = 'household' AND m.undone_at IS NULL
    UNION
    SELECT l.id, 4, 'household', NULL, p.household_id,
           min(CASE WHEN position(' ' || p.first || ' ' IN l.told) > 0 THEN 0 ELSE 1 END)
    FROM lines l JOIN people p ON l.amount > 0 AND length(p.last) >= 3 AND position(' ' || p.last || ' ' IN l.told) > 0
    GROUP BY l.id, p.household_id
    UNION
    SELECT l.id, 5, 'fees', NULL, NULL, 0 FROM lines l
    WHERE l.amount < 0 AND string_to_array(trim(l.told), ' ') && %(fees)s
    ORDER BY 1, 2, 6, 4, 5
"""  # noqa: S608  (our own words)


# A run of payouts that the bank debited as one sum.
RUNS = f"""
    WITH announced AS ({matching.ANNOUNCED})
    SELECT l.id, r.number, array_agg(a.reference ORDER BY a.id) FROM distribution_bankline l
    CROSS JOIN distribution_payoutrun r JOIN distribution_payout p ON p.run_id = r.id
    LEFT JOIN distribution_statement s ON s.id = p.statement_id
    LEFT JOIN distribution_pointstatement h ON h.id = p.point_statement_id
    JOIN announced a ON a.reference = 'payout:' || coalesce(s.number, h.number)
                                   || CASE WHEN p.attempt = 1 THEN '' ELSE ':' || p.attempt END
    WHERE l.id = ANY(%(lines)s) AND l.amount < 0 GROUP BY l.id, r.id
    HAVING count(*) > 1 AND sum(a.amount) = l.amount ORDER BY l.id, r.id
"""  # noqa: S608


@dataclass(frozen=True)
class Suggestion:
    """What a line may be. `kind` as in BankMatch; `why`: `named` (what the household that the line names had announced, a
    part of the line), `reference`, `announced`, `iban`, `name` (`exact`: with the first name), `words`; `run` of payouts
    with the `references` of its movements, `debits` of a `file` with their `codes`."""

    kind: str
    why: str
    movement: Transfer | None = None
    household: Household | None = None
    exact: bool = True
    run: str = ""
    file: str = ""
    codes: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """A line of which something is left, and what it may be."""

    line: BankLine
    left: Money
    suggestions: list[Suggestion] = field(default_factory=list)

    @property
    def is_begun(self) -> bool:
        """Whether a part of it is somebody's already."""
        return bool(self.left.amount != abs(self.line.amount.amount))


@dataclass(frozen=True)
class Announced:
    """A movement of `bank` that no line has told of yet. `twice`: the day of a line that may be the same money."""

    movement: Transfer
    amount: Money
    household: Household | None
    twice: date | None


@dataclass(frozen=True)
class Figures:
    """Bank and books side by side. What adds up at the bank is `opening` + `read` = `closing`; in the books `before` +
    `lines` + `announced` − `ignored` = `balance`. None where no file states a balance."""

    until: date | None
    waiting: int
    waiting_sum: Money
    opening: Money | None
    read: Money
    closing: Money | None
    closed_on: date | None
    before: Money
    lines: Money
    announced: Money
    ignored: Money
    balance: Money

    @property
    def left_out(self) -> Money:
        """What was left out, as it lowers or raises the books beside the bank."""
        return -self.ignored

    @property
    def missing(self) -> Money | None:
        """What the bank states beyond the lines we have; None where it states too little to tell."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - self.read


def waiting() -> QuerySet[BankLine]:
    """Lines of which something is left, the oldest first, annotated with `left` (above zero)."""
    used = BankLine.objects.annotate(left=Abs(F("amount")) - _USED)
    return used.filter(left__gt=0).order_by("day", "pk")


def with_suggestions(lines: Sequence[BankLine], most: int = 3) -> list[Waiting]:
    """Lines with what they may be, the likeliest first: five statements."""
    with connection.cursor() as cursor:
        cursor.execute(SUGGESTED, {"lines": [line.pk for line in lines], "fees": list(FEES), "zone": zone().key})
        rows = cursor.fetchall()
        cursor.execute(RUNS, {"lines": [line.pk for line in lines], "zone": zone().key})
        runs = cursor.fetchall()
    movements = Transfer.objects.select_related("debit__household", "credit__household").in_bulk(
        {row[3] for row in rows if row[3]}
    )
    homes = Household.objects.in_bulk({row[4] for row in rows if row[4]})
    found: dict[int, dict[Any, Suggestion]] = defaultdict(dict)
    for line, number, references in runs:
        found[line][number] = Suggestion("linked", "run", run=number, references=references)
    for one in collecting.batches([line.pk for line in lines]):
        found[one.line][tuple(one.codes)] = Suggestion("linked", "debits", file=one.file, codes=one.codes)
    for line, rank, kind, movement, home, nearness in rows:
        if len(found[line]) < most:
            guess = Suggestion(kind, _WHY[rank], movements.get(movement), homes.get(home), exact=not nearness)
            found[line].setdefault((kind, movement, home), guess)
    return [Waiting(line, money(line.left), _likely(found[line.pk].values())) for line in lines]  # type: ignore[attr-defined]


def _likely(found: Iterable[Suggestion]) -> list[Suggestion]:
    """Where the label has somebody's first name too, others of that name are not meant."""
    every = list(found)
    called = {one.household for one in every if one.why == "name" and one.exact}
    return [one for one in every if one.why != "name" or not called or one.exact]


_WHY = dict(enumerate(("named", "reference", "announced", "iban", "name", "words")))


def figures() -> Figures:
    """The sums of the page's head: a fixed number of statements."""
    files = BankFile.objects.filter(confirmed_at__isnull=False)
    until = files.order_by("-last_day").values_list("last_day", flat=True).first()
    first = files.order_by("first_day", "created_at").first()
    last = files.exclude(closing=None).order_by("-last_day", "-created_at").first()
    lines = BankLine.objects.aggregate(
        all=Sum("amount"), read=Sum("amount", filter=Q(day__lte=last.last_day) if last else Q())
    )
    left = waiting().aggregate(sum=Sum("left"))
    before, after = _announced_sums(first.first_day if first else None)
    ignored = BankMatch.objects.filter(kind="ignored", undone_at=None)
    ignored_sum = sum(
        (one.amount.amount * (1 if one.line.amount.amount > 0 else -1) for one in ignored.select_related("line")), ZERO
    )
    return Figures(
        until=until,
        waiting=waiting().count(),
        waiting_sum=money(left["sum"] or 0),
        opening=first.opening if first else None,
        read=money(lines["read"] or 0),
        closing=last.closing if last else None,
        closed_on=last.last_day if last else None,
        before=money(before),
        lines=money(lines["all"] or 0),
        announced=money(after),
        ignored=money(ignored_sum),
        balance=money(ledger.balance("bank")),
    )


def announced(limit: int = SHOWN) -> list[Announced]:
    """What was announced since the first statement and no line has told of, the oldest first; three statements."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH announced AS ({matching.ANNOUNCED})
                SELECT a.id, a.amount, a.household_id,
                       (SELECT min(l.day) FROM distribution_bankmatch m JOIN distribution_bankline l ON l.id = m.line_id
                        WHERE m.household_id = a.household_id AND m.undone_at IS NULL AND m.amount = a.amount
                          AND l.day BETWEEN a.day - 30 AND a.day + 30)
                FROM announced a
                WHERE a.day >= (SELECT min(first_day) FROM distribution_bankfile WHERE confirmed_at IS NOT NULL)
                ORDER BY a.occurred_at, a.id LIMIT %(limit)s""",  # noqa: S608
            {"limit": limit, "zone": zone().key},
        )
        rows = cursor.fetchall()
    movements = Transfer.objects.in_bulk([row[0] for row in rows])
    homes = Household.objects.in_bulk([row[2] for row in rows if row[2]])
    return [Announced(movements[pk], money(amount), homes.get(home), twice) for pk, amount, home, twice in rows]


def _announced_sums(first: date | None) -> tuple[Decimal, Decimal]:
    """Announced movements before the first statement, and since."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(sum(amount) FILTER (WHERE %(first)s::date IS NULL OR day < %(first)s), 0),
                       coalesce(sum(amount) FILTER (WHERE day >= %(first)s), 0)
                FROM ({matching.ANNOUNCED}) a""",  # noqa: S608
            {"first": first, "zone": zone().key},
        )
        before, after = cursor.fetchone()
    return Decimal(before), Decimal(after)
