"""The ledger: balanced, and saying what the other tables say."""

from distribution.proofs.proof import Proof

BOOKS = (
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
        "an account is not of the kind that its code says",
        """SELECT a.code, a.kind, k.kind FROM hub_account a JOIN (VALUES
               ('household', 'liability'), ('producer', 'liability'), ('host', 'liability'), ('deposits', 'liability'),
               ('clearing', 'liability'), ('hub', 'income'), ('bank', 'asset'), ('cash', 'asset'), ('cheques', 'asset'),
               ('local', 'asset'), ('stripe', 'asset'), ('disputes', 'expense')) AS n(root, usual)
               ON n.root = split_part(a.code, ':', 1),
               LATERAL (SELECT CASE WHEN a.code IN ('hub:vat', 'bank:unmatched') THEN 'liability'
                                    WHEN a.code IN ('stripe:fees', 'bank:fees', 'cash:differences') THEN 'expense'
                                    ELSE n.usual END AS kind) k
           WHERE a.kind <> k.kind""",
    ),
    Proof(
        7,
        "the point or the cooperative was not credited its shares",
        """SELECT c.code, coalesce(t.host, 0) || ' / ' || coalesce(t.hub, 0), sum(l.host_share) || ' / ' || sum(l.hub_share)
           FROM hub_collection c JOIN orders_orderline l ON l.collection_id = c.id
           JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
           LEFT JOIN LATERAL (
               SELECT sum(x.amount) FILTER (WHERE x.reference = 'settle:' || c.id || ':host') AS host,
                      sum(x.amount) FILTER (WHERE x.reference LIKE 'settle:' || c.id || ':hub:%'
                                               OR x.reference LIKE 'settle:' || c.id || ':vat:%') AS hub
               FROM hub_transfer x WHERE x.collection_id = c.id) t ON true
           WHERE c.settled_at IS NOT NULL GROUP BY c.id, t.host, t.hub
           HAVING (coalesce(t.host, 0), coalesce(t.hub, 0)) <> (sum(l.host_share), sum(l.hub_share))""",
    ),
    Proof(
        7,
        "deposits held are not those paid and not yet passed on, less those given back",
        """SELECT 'deposits', held::text, due::text FROM (
               SELECT coalesce((SELECT sum(CASE WHEN t.credit_id = a.id THEN t.amount ELSE -t.amount END)
                                FROM hub_transfer t JOIN hub_account a ON a.id IN (t.credit_id, t.debit_id)
                                WHERE a.code = 'deposits'), 0) AS held,
                      coalesce((SELECT sum(l.deposit * l.delivered) FROM orders_orderline l
                                JOIN orders_order o ON o.id = l.order_id AND o.settled_at IS NOT NULL
                                WHERE NOT EXISTS (SELECT 1 FROM distribution_statementblock k
                                                  WHERE (k.collection_id, k.producer_id)
                                                      = (l.collection_id, l.producer_id))), 0)
                    - coalesce((SELECT sum(r.deposit * r.count) FROM distribution_containerreturn r
                                WHERE r.undone_at IS NULL AND r.statement_id IS NULL), 0) AS due) d
           WHERE held <> due""",
    ),
    Proof(
        7,
        "a refund marked as paid is not in the books",
        """SELECT h.code, coalesce(t.amount, 0)::text, r.amount::text FROM distribution_refund r
           JOIN hub_household h ON h.id = r.household_id
           LEFT JOIN orders_cardrefund k ON k.id = r.card_refund_id AND r.paid_by_id IS NULL
           LEFT JOIN hub_transfer t ON t.reference = CASE WHEN k.id IS NULL
               THEN 'refund:' || r.collection_id || ':' || h.code || CASE WHEN r.attempt > 1 THEN ':' || r.attempt ELSE '' END
               ELSE 'card-refund:' || k.key END
           WHERE (r.paid_at IS NOT NULL AND t.amount IS DISTINCT FROM r.amount)
              OR (r.paid_at IS NULL AND t.id IS NOT NULL AND k.id IS NULL)""",
    ),
    Proof(
        7,
        "a refund that was taken back was not posted, or is not reversed",
        """SELECT h.code || ' ' || n.nth, count(t.id) || ' posted, ' || count(x.id) || ' reversed', '1 posted, 1 reversed'
           FROM distribution_refund r JOIN hub_household h ON h.id = r.household_id
           JOIN LATERAL generate_series(1, r.attempt - 1) AS n(nth) ON true
           LEFT JOIN hub_transfer t ON t.amount = r.amount AND t.reference
               = 'refund:' || r.collection_id || ':' || h.code || CASE WHEN n.nth > 1 THEN ':' || n.nth ELSE '' END
           LEFT JOIN hub_transfer x ON x.reverses_id = t.id
           GROUP BY r.id, h.code, n.nth HAVING (count(t.id), count(x.id)) <> (1, 1)""",
    ),
    Proof(
        7,
        "credit paid back is not in the books, or still is after it was taken back",
        """SELECT p.key, count(t.id) || ' posted, ' || count(x.id) || ' reversed',
                  CASE WHEN p.undone_at IS NULL THEN '1 posted, 0 reversed' ELSE '1 posted, 1 reversed' END
           FROM distribution_paidback p JOIN hub_account a ON a.household_id = p.household_id
           LEFT JOIN hub_transfer t ON t.id = p.transfer_id AND t.amount = p.amount AND t.debit_id = a.id
                                   AND t.reference = 'paid-back:' || p.key
           LEFT JOIN hub_transfer x ON x.reverses_id = t.id
           GROUP BY p.id HAVING count(t.id) <> 1 OR (count(x.id) = 1) <> (p.undone_at IS NOT NULL)""",
    ),
    Proof(
        7,
        "a refund to a card is not in the books, or still is after the bank sent it back",
        """SELECT k.key, count(t.id) || ' posted, ' || count(x.id) || ' reversed', k.state FROM orders_cardrefund k
           LEFT JOIN hub_transfer t ON t.reference = 'card-refund:' || k.key AND t.amount = k.amount
           LEFT JOIN hub_transfer x ON x.reverses_id = t.id
           GROUP BY k.id HAVING (count(t.id), count(x.id)) IS DISTINCT FROM
               (CASE WHEN k.done_at IS NULL THEN 0 ELSE 1 END, CASE WHEN k.done_at IS NOT NULL AND k.state = 'failed'
                                                                    THEN 1 ELSE 0 END)""",
    ),
    Proof(
        7,
        "what a dispute took is not in the books, or came back and still is",
        """SELECT d.stripe_id, count(t.id) || ' posted, ' || count(x.id) || ' reversed', d.state || ' ' || d.taken
           FROM orders_dispute d LEFT JOIN hub_transfer t ON t.reference = 'dispute:' || d.stripe_id
           LEFT JOIN hub_transfer x ON x.reverses_id = t.id WHERE d.top_up_id IS NULL
           GROUP BY d.id HAVING (count(t.id) > count(x.id)) <> d.taken OR (d.state = 'won' AND d.taken)""",
    ),
    Proof(
        7,
        "what a dispute took of a top-up is on the balance, or came back and is not",
        """SELECT d.stripe_id, coalesce(p.part, 0) || ' / ' || coalesce(w.whole, 0),
                  CASE WHEN d.taken THEN d.amount ELSE 0 END::text
           FROM orders_dispute d JOIN orders_topup u ON u.id = d.top_up_id
           LEFT JOIN LATERAL (SELECT sum(CASE WHEN t.reverses_id IS NULL THEN t.amount ELSE -t.amount END) AS part
               FROM hub_transfer t
               WHERE t.reference IN ('dispute:' || d.stripe_id, 'dispute:' || d.stripe_id || ':reversed')) p ON true
           LEFT JOIN LATERAL (SELECT sum(CASE WHEN t.reverses_id IS NULL THEN -t.amount ELSE t.amount END) AS whole
               FROM hub_transfer t WHERE d.amount = u.amount
               AND t.reference IN ('topup:' || u.code || ':reversed', 'topup:' || u.code || ':again')) w ON true
           WHERE coalesce(p.part, 0) + coalesce(w.whole, 0) <> CASE WHEN d.taken THEN d.amount ELSE 0 END""",
    ),
    Proof(
        7,
        "a top-up is not in the books, or still is after the bank took it back",
        """SELECT u.code, count(t.id) || ' posted, ' || count(x.id) || ' reversed', u.state FROM orders_topup u
           LEFT JOIN hub_transfer t ON t.reference = 'topup:' || u.code AND t.amount = u.amount
           LEFT JOIN hub_transfer x ON x.reverses_id = t.id
               OR (x.reference = 'topup:' || u.code || ':returned' AND x.amount = u.amount)
           GROUP BY u.id HAVING (count(t.id), count(x.id)) IS DISTINCT FROM
               (CASE WHEN u.paid_at IS NULL THEN 0 ELSE 1 END, CASE WHEN u.state = 'returned' THEN 1 ELSE 0 END)""",
    ),
    Proof(
        7,
        "a debit was given up after Stripe was asked for it",
        """SELECT u.code, c.state, u.state FROM orders_topup u JOIN hub_stripecall c ON c.key = 'debit:' || u.code
           WHERE u.state = 'cancelled' AND c.state <> 'refused'""",
    ),
    Proof(
        7,
        "the instalments of a sum are not all there",
        """SELECT min(code), count(*)::text, max(u.of)::text FROM orders_topup u WHERE plan <> ''
           GROUP BY household_id, plan HAVING count(*) <> max(u.of)""",
    ),
    Proof(
        7,
        "what was given back of a card payment is not the sum of its refunds",
        """SELECT p.stripe_id, p.refunded::text, coalesce(sum(k.amount), 0)::text FROM orders_cardpayment p
           LEFT JOIN orders_cardrefund k ON k.payment_id = p.id AND k.state <> 'failed'
           GROUP BY p.id HAVING p.refunded <> coalesce(sum(k.amount), 0)""",
    ),
)
