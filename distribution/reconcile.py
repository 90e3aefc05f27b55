"""Reconciliation: the invariants of the books proved again, by SQL that shares nothing with the code that wrote them.

Each proof is a statement that returns one row per difference: what it is about, what is, what should be. No row, no
difference. Only the fingerprints need Python, to read the frozen contents as they were hashed.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Difference:
    """One thing that does not add up. `invariant` is its number in the rules of the house."""

    invariant: int
    what: str
    subject: str
    found: str
    expected: str


@dataclass(frozen=True)
class Proof:
    """A statement whose every row is a difference: subject, found, expected."""

    invariant: int
    what: str
    statement: str


PROOFS = (
    Proof(
        1,
        "reserved stock is not what live lines take",
        """SELECT d.code || ' ' || s.week, s.reserved::text, coalesce(t.taken, 0)::text
           FROM producers_stock s JOIN producers_product d ON d.id = s.product_id
           LEFT JOIN (SELECT l.stock_id, sum(l.content::bigint * l.due) AS taken FROM orders_orderline l
                      JOIN orders_order o ON o.id = l.order_id WHERE o.cancelled_at IS NULL GROUP BY 1) t
                  ON t.stock_id = s.id
           WHERE s.reserved <> coalesce(t.taken, 0)""",
    ),
    Proof(
        1,
        "more is reserved than there is",
        """SELECT d.code || ' ' || s.week, s.reserved::text, '<= ' || s.quantity FROM producers_stock s
           JOIN producers_product d ON d.id = s.product_id WHERE s.reserved > s.quantity OR s.reserved < 0""",
    ),
    Proof(
        3,
        "a household has two orders at a collection",
        """SELECT c.code || ' ' || h.code, count(*)::text, '1' FROM orders_order o
           JOIN hub_collection c ON c.id = o.collection_id JOIN hub_household h ON h.id = o.household_id
           GROUP BY c.code, h.code HAVING count(*) > 1""",
    ),
    Proof(
        3,
        "basket numbers are not dense from 1",
        """SELECT c.code, count(*) || ' numbers up to ' || max(o.basket_number), 'as many as the highest, each once'
           FROM orders_order o JOIN hub_collection c ON c.id = o.collection_id WHERE o.basket_number IS NOT NULL
           GROUP BY c.code HAVING count(DISTINCT o.basket_number) <> max(o.basket_number) OR min(o.basket_number) <> 1""",
    ),
    Proof(
        3,
        "a live order has no basket number after the hand-over began",
        """SELECT o.code, 'none', 'a number' FROM orders_order o JOIN hub_collection c ON c.id = o.collection_id
           WHERE c.status IN ('in_progress', 'confirmed') AND o.cancelled_at IS NULL AND o.basket_number IS NULL""",
    ),
    Proof(
        6,
        "the latest delivery note is not what the households' lines add up to",
        """WITH note AS (SELECT DISTINCT ON (collection_id, producer_id) * FROM distribution_sheet
                         WHERE kind = 'delivery-note' AND purged_at IS NULL
                         ORDER BY collection_id, producer_id, version DESC),
                told AS (SELECT n.collection_id, n.producer_id, r ->> 'product' AS product,
                                sum((r ->> 'quantity')::int) AS packs
                         FROM note n, jsonb_array_elements(n.content -> 'rows') AS x(r) GROUP BY 1, 2, 3),
                owed AS (SELECT l.collection_id, l.producer_id, l.name AS product, sum(l.due) AS packs
                         FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
                         JOIN note n ON (n.collection_id, n.producer_id) = (l.collection_id, l.producer_id)
                         GROUP BY 1, 2, 3)
           SELECT c.code || ' ' || p.code || ' ' || product, coalesce(told.packs, 0)::text, coalesce(owed.packs, 0)::text
           FROM told FULL JOIN owed USING (collection_id, producer_id, product)
           JOIN hub_collection c ON c.id = collection_id JOIN producers_producer p ON p.id = producer_id
           WHERE coalesce(told.packs, 0) <> coalesce(owed.packs, 0)""",
    ),
    Proof(
        6,
        "the households' packing sheets are not what their lines add up to",
        """WITH packing AS (SELECT DISTINCT ON (collection_id) * FROM distribution_sheet
                            WHERE kind = 'packing' AND purged_at IS NULL ORDER BY collection_id, version DESC),
                told AS (SELECT k.collection_id, r -> 'producer' ->> 'code' AS farm, r ->> 'product' AS product,
                                sum((r ->> 'quantity')::int) AS packs
                         FROM packing k, jsonb_path_query(k.content, '$.households[*].lines[*]') AS x(r)
                         GROUP BY 1, 2, 3),
                owed AS (SELECT l.collection_id, p.code AS farm, l.name AS product, sum(l.due) AS packs
                         FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
                         JOIN producers_producer p ON p.id = l.producer_id
                         JOIN packing k ON k.collection_id = l.collection_id GROUP BY 1, 2, 3)
           SELECT c.code || ' ' || farm || ' ' || product, coalesce(told.packs, 0)::text, coalesce(owed.packs, 0)::text
           FROM told FULL JOIN owed USING (collection_id, farm, product)
           JOIN hub_collection c ON c.id = collection_id
           WHERE coalesce(told.packs, 0) <> coalesce(owed.packs, 0)""",
    ),
    Proof(
        6,
        "delivered is not what was due less what was missing",
        """SELECT o.code || ' ' || l.name, l.delivered::text, greatest(l.due - coalesce(s.quantity, 0), 0)::text
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           LEFT JOIN distribution_shortage s ON s.line_id = l.id
           WHERE o.settled_at IS NOT NULL
             AND l.delivered IS DISTINCT FROM greatest(l.due - coalesce(s.quantity, 0), 0)""",
    ),
    Proof(
        6,
        "a statement's rows are not what households paid for",
        """WITH told AS (SELECT k.id, r ->> 'product' AS product, sum((r ->> 'delivered')::int) AS packs,
                                sum((r ->> 'gross')::numeric) AS gross
                         FROM distribution_statementblock k JOIN distribution_statement s ON s.id = k.statement_id
                         JOIN hub_collection c ON c.id = k.collection_id,
                              jsonb_array_elements(s.content -> 'collections') AS e(block),
                              jsonb_array_elements(block -> 'rows') AS x(r)
                         WHERE block ->> 'collection' = c.code GROUP BY 1, 2),
                owed AS (SELECT k.id, l.name AS product, sum(l.delivered) AS packs, sum(l.final_amount) AS gross
                         FROM distribution_statementblock k JOIN orders_orderline l
                              ON (l.collection_id, l.producer_id) = (k.collection_id, k.producer_id)
                         JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL GROUP BY 1, 2)
           SELECT s.number || ' ' || product, coalesce(told.packs, 0) || ' / ' || coalesce(told.gross, 0),
                  coalesce(owed.packs, 0) || ' / ' || coalesce(owed.gross, 0)
           FROM told FULL JOIN owed USING (id, product)
           JOIN distribution_statementblock k USING (id) JOIN distribution_statement s ON s.id = k.statement_id
           WHERE (told.packs, told.gross) IS DISTINCT FROM (owed.packs, owed.gross)""",
    ),
    Proof(
        6,
        "a statement's net is not the sum of the producer's shares",
        """SELECT s.number || ' ' || c.code, k.net::text, sum(l.producer_share)::text
           FROM distribution_statementblock k JOIN distribution_statement s ON s.id = k.statement_id
           JOIN hub_collection c ON c.id = k.collection_id
           JOIN orders_orderline l ON l.collection_id = k.collection_id AND l.producer_id = k.producer_id
           JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
           GROUP BY s.number, c.code, k.net HAVING sum(l.producer_share) <> k.net""",
    ),
    Proof(
        6,
        "a statement is not the sum of its blocks",
        """SELECT s.number, s.net::text, coalesce(sum(k.net), 0)::text FROM distribution_statement s
           LEFT JOIN distribution_statementblock k ON k.statement_id = s.id
           GROUP BY s.id HAVING coalesce(sum(k.net), 0) <> s.net OR (s.content ->> 'net')::numeric <> s.net""",
    ),
    Proof(
        6,
        "statement numbers have a gap",
        """SELECT year, found, expected FROM (
               SELECT split_part(number, '-', 2) AS year, count(*) || ' up to ' || max(split_part(number, '-', 3)::int) AS found,
                      'as many as the highest' AS expected,
                      count(*) <> max(split_part(number, '-', 3)::int) AS gap
               FROM distribution_statement GROUP BY 1) y WHERE gap""",
    ),
    Proof(
        7,
        "the trial balance is not zero",
        """SELECT 'all accounts', sum(d - k)::text, '0.00' FROM (
               SELECT coalesce((SELECT sum(amount) FROM hub_transfer WHERE debit_id = a.id), 0) AS d,
                      coalesce((SELECT sum(amount) FROM hub_transfer WHERE credit_id = a.id), 0) AS k
               FROM hub_account a) b HAVING sum(d - k) <> 0""",
    ),
    Proof(
        7,
        "a transfer has an amount that is none, or one account twice",
        "SELECT reference, amount::text, '> 0' FROM hub_transfer WHERE amount <= 0 OR debit_id = credit_id",
    ),
    Proof(
        7,
        "a reversal is not the mirror of its transfer",
        """SELECT r.reference, r.amount::text, t.amount::text FROM hub_transfer r JOIN hub_transfer t ON t.id = r.reverses_id
           WHERE (r.debit_id, r.credit_id, r.amount) IS DISTINCT FROM (t.credit_id, t.debit_id, t.amount)""",
    ),
    Proof(
        7,
        "the clearing account of a settled collection is not zero",
        """SELECT c.code, sum(m.amount)::text, '0.00' FROM hub_collection c JOIN hub_account a ON a.code = 'clearing:' || c.code
           JOIN (SELECT debit_id AS account, -amount AS amount FROM hub_transfer
                 UNION ALL SELECT credit_id, amount FROM hub_transfer) m ON m.account = a.id
           WHERE c.settled_at IS NOT NULL GROUP BY c.code HAVING sum(m.amount) <> 0""",
    ),
    Proof(
        7,
        "a household was not debited what its order came to",
        """SELECT o.code, coalesce(t.amount, 0)::text, o.final_total::text FROM orders_order o
           LEFT JOIN hub_transfer t ON t.reference = 'settle:' || o.collection_id || ':order:' || o.code
           WHERE o.settled_at IS NOT NULL AND coalesce(t.amount, 0) <> o.final_total""",
    ),
    Proof(
        7,
        "a farm was not credited its shares",
        """SELECT c.code || ' ' || p.code, coalesce(t.amount, 0)::text, sum(l.producer_share)::text
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
           JOIN hub_collection c ON c.id = l.collection_id JOIN producers_producer p ON p.id = l.producer_id
           LEFT JOIN hub_transfer t ON t.reference = 'settle:' || c.id || ':producer:' || p.code
           GROUP BY c.code, p.code, t.amount HAVING coalesce(t.amount, 0) <> sum(l.producer_share)""",
    ),
    Proof(
        7,
        "a payment is not in the books, or still is after it was taken back",
        """SELECT p.key, count(t.id) || ' posted, ' || count(r.id) || ' reversed',
                  CASE WHEN p.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM orders_payment p
           LEFT JOIN hub_transfer t ON t.reference = 'payment:' || p.key AND t.amount = p.amount
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY p.id HAVING count(t.id) <> 1 OR (count(r.id) = 1) <> (p.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "a payout marked as paid is not in the books",
        """SELECT s.number, coalesce(t.amount, 0)::text, p.amount::text FROM distribution_payout p
           JOIN distribution_statement s ON s.id = p.statement_id
           LEFT JOIN hub_transfer t ON t.reference = 'payout:' || s.number
           WHERE (p.paid_at IS NOT NULL AND t.amount IS DISTINCT FROM p.amount) OR (p.paid_at IS NULL AND t.id IS NOT NULL)""",
    ),
    Proof(
        8,
        "a price is not the sum of its shares",
        """SELECT o.code || ' ' || l.name, l.final_amount::text, (l.producer_share + l.host_share + l.hub_share)::text
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           WHERE o.settled_at IS NOT NULL
             AND l.final_amount IS DISTINCT FROM l.producer_share + l.host_share + l.hub_share""",
    ),
    Proof(
        8,
        "a share is a cent or more away from its rate",
        """SELECT o.code || ' ' || l.name, l.host_share || ' / ' || l.hub_share, l.host_rate || ' % / ' || l.hub_rate || ' %'
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           WHERE o.settled_at IS NOT NULL
             AND (abs(l.host_share - l.final_amount * l.host_rate / 100) >= 0.01
                  OR abs(l.hub_share - l.final_amount * l.hub_rate / 100) >= 0.01)""",
    ),
    Proof(
        8,
        "a line is billed above the greatest amount shown, or not at its price",
        """SELECT o.code || ' ' || l.name, l.final_amount::text,
                  owed::text
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id, LATERAL (
               SELECT CASE WHEN l.weighed
                      THEN round(l.unit_price * least(coalesce(l.weight_g, 0), l.max_content * l.delivered) / 1000, 2)
                      ELSE l.unit_price * l.delivered END AS owed) w
           WHERE o.settled_at IS NOT NULL AND l.final_amount IS DISTINCT FROM owed""",
    ),
    Proof(
        8,
        "an order is not the sum of its lines and deposits",
        """SELECT o.code, o.final_total::text, coalesce(sum(l.final_amount + l.deposit * l.delivered), 0)::text
           FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id WHERE o.settled_at IS NOT NULL
           GROUP BY o.id HAVING o.final_total IS DISTINCT FROM coalesce(sum(l.final_amount + l.deposit * l.delivered), 0)""",
    ),
)

HASHED = (
    (
        "sheet",
        "SELECT kind || ' ' || id, content::text, sha256 FROM distribution_sheet WHERE purged_at IS NULL ORDER BY id",
    ),
    ("statement", "SELECT number, content::text, sha256 FROM distribution_statement ORDER BY id"),
)


def differences() -> list[Difference]:
    """All that does not add up, by invariant; empty when everything does."""
    found = [*_proved(), *_hashed()]
    return sorted(found, key=lambda one: (one.invariant, one.what, one.subject))


def _proved() -> Iterator[Difference]:
    with connection.cursor() as cursor:
        for proof in PROOFS:
            cursor.execute(proof.statement)
            for subject, found, expected in cursor.fetchall():
                yield Difference(proof.invariant, proof.what, subject, str(found), str(expected))


def _hashed() -> Iterator[Difference]:
    with connection.cursor() as cursor:
        for kind, statement in HASHED:
            cursor.execute(statement)
            for subject, content, stored in cursor.fetchall():
                found = _digest(json.loads(content))
                if found != stored:
                    yield Difference(5, f"a frozen {kind} is not what was hashed", subject, found, stored)


def _digest(content: Any) -> str:
    """Sorted keys, no spaces, UTF-8: written here again on purpose."""
    return hashlib.sha256(
        json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    ).hexdigest()
