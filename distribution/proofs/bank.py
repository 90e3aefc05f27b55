"""The bank's statements: every line in the books, used once, and what waits is what nobody has been given."""

from distribution.proofs.proof import Proof

BANK = (
    Proof(
        7,
        "a line of the bank is not in the books as the bank tells it",
        """SELECT l.id || ' of ' || l.day, coalesce(t.amount, 0)::text, l.amount::text FROM distribution_bankline l
           LEFT JOIN hub_transfer t ON t.reference = 'bank:' || l.id
           LEFT JOIN hub_account d ON d.id = t.debit_id LEFT JOIN hub_account c ON c.id = t.credit_id
           WHERE t.id IS NULL OR t.amount <> abs(l.amount)
              OR (d.code, c.code) <> (CASE WHEN l.amount > 0 THEN 'bank' ELSE 'bank:unmatched' END,
                                      CASE WHEN l.amount > 0 THEN 'bank:unmatched' ELSE 'bank' END)
              OR EXISTS (SELECT 1 FROM hub_transfer r WHERE r.reverses_id = t.id)""",
    ),
    Proof(
        7,
        "more of a line of the bank is used than there is",
        """SELECT l.id || ' of ' || l.day, sum(m.amount)::text, '<= ' || abs(l.amount) FROM distribution_bankline l
           JOIN distribution_bankmatch m ON m.line_id = l.id AND m.undone_at IS NULL
           GROUP BY l.id HAVING sum(m.amount) > abs(l.amount)""",
    ),
    Proof(
        7,
        "a use of a line of the bank is not in the books, or still is after it was taken back",
        """SELECT m.line_id || ' use ' || m.number, count(t.id) || ' posted, ' || count(r.id) || ' reversed',
                  CASE WHEN m.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM distribution_bankmatch m
           LEFT JOIN hub_transfer t ON t.id = m.transfer_id AND t.amount = m.amount
                                   AND t.reference = 'bank:' || m.line_id || ':' || m.number
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           GROUP BY m.id HAVING count(t.id) <> 1 OR (count(r.id) = 1) <> (m.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "a use of a line of the bank went to another account than it says",
        """SELECT m.line_id || ' use ' || m.number, o.code, k.code FROM distribution_bankmatch m
           JOIN distribution_bankline l ON l.id = m.line_id JOIN hub_transfer t ON t.id = m.transfer_id
           JOIN hub_account o ON o.id = CASE WHEN l.amount > 0 THEN t.credit_id ELSE t.debit_id END
           LEFT JOIN hub_household h ON h.id = m.household_id,
           LATERAL (SELECT CASE m.kind WHEN 'household' THEN 'household:' || h.code WHEN 'stripe' THEN 'stripe'
                                WHEN 'fees' THEN 'bank:fees' WHEN 'other' THEN 'bank:other' ELSE 'bank' END AS code) k
           WHERE o.code <> k.code""",
    ),
    Proof(
        7,
        "a line of the bank tells of a movement that was taken back, or of another amount",
        """SELECT m.line_id || ' use ' || m.number, coalesce(r.reference, t.amount::text), m.amount::text
           FROM distribution_bankmatch m JOIN hub_transfer t ON t.id = m.linked_id
           LEFT JOIN hub_transfer r ON r.reverses_id = t.id
           WHERE m.undone_at IS NULL AND (t.amount <> m.amount OR r.id IS NOT NULL)""",
    ),
    Proof(
        7,
        "what waits at the bank is not what is left of its lines",
        """SELECT 'bank:unmatched', held::text, due::text FROM (
               SELECT coalesce((SELECT sum(CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END)
                                FROM hub_transfer t JOIN hub_account a ON a.id IN (t.credit_id, t.debit_id)
                                WHERE a.code = 'bank:unmatched'), 0) AS held,
                      coalesce((SELECT sum(l.amount - sign(l.amount) * coalesce(u.used, 0)) FROM distribution_bankline l
                                LEFT JOIN (SELECT line_id, sum(amount) AS used FROM distribution_bankmatch
                                           WHERE undone_at IS NULL GROUP BY 1) u ON u.line_id = l.id), 0) AS due) w
           WHERE held <> due""",
    ),
)
