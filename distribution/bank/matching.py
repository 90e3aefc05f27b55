"""Lines that say whose they are: found in sets, led there at once. All others wait for a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from distribution.bank import collecting
from distribution.bank.using import Use, use
from distribution.bank.values import PLAIN
from distribution.models import BankLine, BankMatch
from hub import ledger
from hub.calendar import zone

Kind = BankMatch.Kind

# Movements of `bank` that somebody announced (a transfer typed by a host, a payout marked as made, cash carried to the
# bank) and that no line has told of yet. `mark` is what such a line would say: a debit's code, a statement's or slip's
# number, else the household's code.
ANNOUNCED = """
    SELECT t.id, t.reference, t.occurred_at, (t.occurred_at AT TIME ZONE %(zone)s)::date AS day,
           o.code AS other, o.household_id,
           CASE WHEN t.debit_id = b.id THEN t.amount ELSE -t.amount END AS amount,
           coalesce(CASE WHEN t.reference NOT LIKE 'topup:%%' THEN h.code END,
                    regexp_replace(upper(split_part(t.reference, ':', 2)), '[^A-Z0-9]', '', 'g')) AS mark
    FROM hub_transfer t
    JOIN hub_account b ON b.code = 'bank' AND b.id IN (t.debit_id, t.credit_id)
    JOIN hub_account o ON o.id = CASE WHEN t.debit_id = b.id THEN t.credit_id ELSE t.debit_id END
    LEFT JOIN hub_household h ON h.id = o.household_id
    WHERE t.reference NOT LIKE 'bank:%%' AND t.reverses_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM hub_transfer r WHERE r.reverses_id = t.id)
      AND NOT EXISTS (SELECT 1 FROM distribution_bankmatch m WHERE m.linked_id = t.id AND m.undone_at IS NULL)
"""

# The oldest movement of a mark and amount belongs to the oldest line that names them.
LINKED = f"""
    WITH announced AS ({ANNOUNCED}),
    lines AS (SELECT l.id, l.day, l.amount, {PLAIN} AS told FROM distribution_bankline l WHERE l.id = ANY(%(lines)s)),
    pairs AS (
        SELECT l.id AS line, a.id AS movement,
               dense_rank() OVER (PARTITION BY a.mark, a.amount ORDER BY l.day, l.id) AS nth_line,
               dense_rank() OVER (PARTITION BY a.mark, a.amount ORDER BY a.occurred_at, a.id) AS nth_movement
        FROM lines l JOIN announced a ON a.amount = l.amount
        WHERE length(a.mark) >= 6 AND position(a.mark IN l.told) > 0)
    SELECT DISTINCT ON (line) line, movement FROM pairs WHERE nth_line = nth_movement ORDER BY line, movement
"""  # noqa: S608  (our own words)

# A household's code is ten letters and digits of a space so wide that no slip of the finger makes another's. A household
# that announced another transfer lately is asked about: this line may be that one.
CREDITED = f"""
    WITH announced AS ({ANNOUNCED}),
    lines AS (SELECT l.id, l.day, l.amount, {PLAIN} AS told FROM distribution_bankline l
              WHERE l.id = ANY(%(lines)s) AND l.amount > 0),
    named AS (
        SELECT DISTINCT l.id AS line, l.day, l.amount, h.id AS household
        FROM lines l CROSS JOIN generate_series(1, greatest(length(l.told) - 9, 0)) n
        JOIN hub_household h ON h.code = substr(l.told, n, 10) AND h.erased_at IS NULL)
    SELECT line, min(household), min(amount) FROM named n GROUP BY line
    HAVING count(*) = 1 AND NOT bool_or(EXISTS (
        SELECT 1 FROM announced a WHERE a.household_id = n.household AND a.amount > 0
           AND a.day BETWEEN n.day - 10 AND n.day + 15)) ORDER BY line
"""  # noqa: S608
OF_STRIPE = f"""
    SELECT l.id, l.amount FROM distribution_bankline l
    WHERE l.id = ANY(%(lines)s) AND l.amount > 0 AND {PLAIN} LIKE '%%STRIPE%%' ORDER BY l.day, l.id
"""  # noqa: S608


def lead(lines: Sequence[BankLine], *, now: datetime) -> int:
    """Lead the lines that are certain: to the movement they tell of, to the debits or the household they name, to Stripe.
    How many."""
    every = {line.pk: line for line in lines}
    linked = [
        Use(every[line], Kind.LINKED, abs(every[line].amount.amount), linked=movement)
        for line, movement in _rows(LINKED, list(every))
    ]
    use(linked, by=None, now=now)  # first: a movement that was announced and came waits for no other line
    left = [pk for pk in every if pk not in {one.line.pk for one in linked}]
    named, debited = collecting.collect_certain({pk: every[pk] for pk in left}, now=now)
    left = [pk for pk in left if pk not in named]
    credited = [
        Use(every[line], Kind.HOUSEHOLD, amount, household=household)
        for line, household, amount in _rows(CREDITED, left)
    ]
    left = [pk for pk in left if pk not in {one.line.pk for one in credited}]
    use([*credited, *(stripes := _stripes(every, left))], by=None, now=now)
    return len(linked) + debited + len(credited) + len(stripes)


def _stripes(every: dict[int, BankLine], left: list[int]) -> list[Use]:
    """Payouts of Stripe, as far as Stripe owes us that much."""
    held, found = ledger.balance("stripe"), []
    for line, amount in _rows(OF_STRIPE, left):
        if amount <= held:
            held -= amount
            found.append(Use(every[line], Kind.STRIPE, amount))
    return found


def _rows(statement: str, lines: list[int]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"lines": lines, "zone": zone().key})
        return list(cursor.fetchall())
