"""Boxes and cheques: what was said of them is in the books, and cheques in hand are what `cheques` holds."""

from distribution.proofs.proof import Proof

BOXES = (
    Proof(
        7,
        "a count's difference is not in the books, or still is after it was taken back",
        """SELECT p.code || ' ' || c.key, count(t.id) || ' posted, ' || count(r.id) || ' reversed', (c.counted - c.expected)::text
           FROM distribution_cashcount c JOIN hub_collectionpoint p ON p.id = c.point_id
           LEFT JOIN hub_transfer t ON t.id = c.transfer_id AND t.amount = abs(c.counted - c.expected)
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY c.id, p.code
           HAVING (count(t.id) = 1) <> (c.counted <> c.expected)
               OR (c.counted <> c.expected AND (count(r.id) = 1) <> (c.undone_at IS NOT NULL))""",
    ),
    Proof(
        7,
        "money carried to the bank is not in the books, or still is after it was taken back",
        """SELECT d.number, count(t.id) || ' posted, ' || count(r.id) || ' reversed',
                  CASE WHEN d.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM distribution_bankdeposit d LEFT JOIN hub_collectionpoint p ON p.id = d.point_id
           LEFT JOIN hub_account k ON k.code = CASE d.kind WHEN 'cheques' THEN 'cheques' ELSE d.kind || ':' || p.code END
           LEFT JOIN hub_transfer t ON t.reference = 'deposit:' || d.number AND t.amount = d.amount AND t.credit_id = k.id
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY d.id HAVING count(t.id) <> 1 OR (count(r.id) = 1) <> (d.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "a slip is not what its cheques add up to",
        """SELECT d.number, d.amount::text, coalesce(sum(p.amount), 0)::text FROM distribution_bankdeposit d
           LEFT JOIN distribution_depositedcheque c ON c.deposit_id = d.id
           LEFT JOIN orders_payment p ON p.id = c.payment_id
           WHERE d.kind = 'cheques' GROUP BY d.id HAVING d.amount <> coalesce(sum(p.amount), 0)""",
    ),
    Proof(
        7,
        "the cheques in hand are not what the books hold",
        """SELECT 'cheques', held::text, due::text FROM (
               SELECT coalesce((SELECT sum(CASE WHEN t.debit_id = a.id THEN t.amount ELSE -t.amount END)
                                FROM hub_transfer t JOIN hub_account a ON a.id IN (t.credit_id, t.debit_id)
                                WHERE a.code = 'cheques'), 0) AS held,
                      coalesce((SELECT sum(p.amount) FROM orders_payment p
                                WHERE p.means = 'cheque' AND p.undone_at IS NULL
                                  AND NOT EXISTS (SELECT 1 FROM distribution_depositedcheque c
                                                  WHERE c.payment_id = p.id AND c.undone_at IS NULL)), 0) AS due) w
           WHERE held <> due""",
    ),
    Proof(
        7,
        "a bounced cheque is not owed again, or still is after it was paid",
        """SELECT b.key, count(t.id) || ' posted, ' || count(r.id) || ' reversed',
                  CASE WHEN b.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM distribution_bouncedcheque b JOIN orders_payment p ON p.id = b.payment_id
           JOIN hub_account a ON a.household_id = p.household_id
           LEFT JOIN hub_transfer t ON t.id = b.transfer_id AND t.amount = p.amount AND t.debit_id = a.id
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY b.id HAVING count(t.id) <> 1 OR (count(r.id) = 1) <> (b.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "more containers came back than went out",
        """SELECT p.code || ' ' || r.deposit, r.back::text, coalesce(o.had, 0)::text FROM (
               SELECT producer_id, deposit, sum(count) AS back FROM distribution_containerreturn
               WHERE undone_at IS NULL GROUP BY 1, 2) r
           JOIN producers_producer p ON p.id = r.producer_id
           LEFT JOIN (SELECT l.producer_id, l.deposit, sum(l.delivered) AS had FROM orders_orderline l
                      JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
                      WHERE l.deposit > 0 GROUP BY 1, 2) o ON (o.producer_id, o.deposit) = (r.producer_id, r.deposit)
           WHERE r.back > coalesce(o.had, 0)""",
    ),
    Proof(
        7,
        "returned containers are not in the books, or still are after they were taken back",
        """SELECT c.key, count(t.id) || ' posted, ' || count(r.id) || ' reversed',
                  CASE WHEN c.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM distribution_containerreturn c JOIN hub_account a ON a.household_id = c.household_id
           LEFT JOIN hub_transfer t ON t.id = c.transfer_id AND t.amount = c.deposit * c.count AND t.credit_id = a.id
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY c.id HAVING count(t.id) <> 1 OR (count(r.id) = 1) <> (c.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "a farm did not give back the deposits of what its statement says came back",
        """SELECT s.number, coalesce(t.amount, 0)::text, coalesce(d.back, 0)::text FROM distribution_statement s
           LEFT JOIN (SELECT statement_id, sum(deposit * count) AS back FROM distribution_containerreturn GROUP BY 1) d
                  ON d.statement_id = s.id
           LEFT JOIN hub_transfer t ON t.reference = 'statement:' || s.number || ':returned'
           WHERE coalesce(t.amount, 0) <> coalesce(d.back, 0)""",
    ),
)
