"""Payouts: each that left is in the books once, to the account of its farm or point; no statement is paid twice."""

from distribution.proofs.proof import Proof

PAYOUTS = (
    Proof(
        7,
        "a payout is not in the books as its state says",
        """WITH named AS (
               SELECT p.*, coalesce('producer:' || f.code, 'host:' || c.code) AS owed, coalesce(r.rail, '') AS rail,
                      'payout:' || coalesce(s.number, h.number) || CASE WHEN p.attempt > 1 THEN ':' || p.attempt ELSE '' END
                          AS reference
               FROM distribution_payout p LEFT JOIN distribution_statement s ON s.id = p.statement_id
               LEFT JOIN producers_producer f ON f.id = p.producer_id
               LEFT JOIN distribution_pointstatement h ON h.id = p.point_statement_id
               LEFT JOIN hub_collectionpoint c ON c.id = p.point_id LEFT JOIN distribution_payoutrun r ON r.id = p.run_id)
           SELECT n.reference || ' ' || n.state, found.told, wanted.told FROM named n, LATERAL (
               SELECT count(t.id) FILTER (WHERE t.amount = n.amount AND d.code = n.owed
                          AND k.code = CASE n.rail WHEN 'connect' THEN 'stripe' ELSE 'bank' END)
                      || ' right of ' || count(t.id) || ' posted, ' || count(b.id) || ' reversed' AS told
               FROM hub_transfer t JOIN hub_account d ON d.id = t.debit_id JOIN hub_account k ON k.id = t.credit_id
               LEFT JOIN hub_transfer b ON b.reverses_id = t.id WHERE t.reference = n.reference) found, LATERAL (
               SELECT CASE WHEN n.state IN ('due', 'in-run') OR n.state = 'failed' AND n.posted_at IS NULL
                           THEN '0 right of 0 posted, 0 reversed'
                           WHEN n.state = 'failed' THEN '1 right of 1 posted, 1 reversed'
                           ELSE '1 right of 1 posted, 0 reversed' END AS told) wanted
           WHERE found.told <> wanted.told""",
    ),
    Proof(
        7,
        "the books know a payout that is none",
        """SELECT t.reference, t.amount::text, 'no such transfer' FROM hub_transfer t
           WHERE t.reference LIKE 'payout:%' AND t.reverses_id IS NULL AND NOT EXISTS (
               SELECT 1 FROM distribution_payout p LEFT JOIN distribution_statement s ON s.id = p.statement_id
               LEFT JOIN distribution_pointstatement h ON h.id = p.point_statement_id
               WHERE t.reference = 'payout:' || coalesce(s.number, h.number)
                                   || CASE WHEN p.attempt > 1 THEN ':' || p.attempt ELSE '' END)""",
    ),
    Proof(
        6,
        "a statement is paid more than once, or more than its net",
        """SELECT s.number, count(p.id) || ' for ' || coalesce(sum(p.amount), 0), 'once for ' || s.net
           FROM distribution_statement s JOIN distribution_payout p ON p.statement_id = s.id AND p.state <> 'failed'
           GROUP BY s.id HAVING count(p.id) > 1 OR sum(p.amount) > s.net
           UNION ALL
           SELECT s.number, count(p.id) || ' for ' || coalesce(sum(p.amount), 0), 'once for ' || s.net
           FROM distribution_pointstatement s
           LEFT JOIN distribution_payout p ON p.point_statement_id = s.id AND p.state <> 'failed'
           GROUP BY s.id HAVING count(p.id) <> 1 OR sum(p.amount) <> s.net""",
    ),
    Proof(
        5,
        "a file for the bank is not what was kept of it",
        """SELECT r.number, encode(sha256(f.content), 'hex'), f.sha256 FROM distribution_payoutfile f
           JOIN distribution_payoutrun r ON r.id = f.run_id WHERE encode(sha256(f.content), 'hex') <> f.sha256""",
    ),
    Proof(
        6,
        "a file for the bank does not pay what its run does",
        """SELECT r.number, told.number || ' for ' || told.total, paid.number || ' for ' || paid.total
           FROM distribution_payoutfile f JOIN distribution_payoutrun r ON r.id = f.run_id, LATERAL (
               SELECT substring(content from '<NbOfTxs>([0-9]+)')::int AS number,
                      substring(content from '<CtrlSum>([0-9.]+)')::numeric AS total
               FROM (SELECT convert_from(f.content, 'UTF8') AS content) c) told, LATERAL (
               SELECT count(*) AS number, coalesce(sum(p.amount), 0) AS total
               FROM distribution_payout p WHERE p.run_id = r.id) paid
           WHERE (told.number, told.total) IS DISTINCT FROM (paid.number, paid.total)
              OR (f.transfers, f.total) IS DISTINCT FROM (paid.number, paid.total)""",
    ),
    Proof(
        7,
        "a correction is not in the books",
        """SELECT 'correction:' || c.key, coalesce(t.amount, 0)::text, c.amount::text
           FROM distribution_correction c JOIN producers_producer p ON p.id = c.producer_id
           LEFT JOIN hub_household h ON h.id = c.household_id
           LEFT JOIN (SELECT x.reference, x.amount, d.code AS debit, k.code AS credit FROM hub_transfer x
                      JOIN hub_account d ON d.id = x.debit_id JOIN hub_account k ON k.id = x.credit_id) t
                ON t.reference = 'correction:' || c.key, LATERAL (
               SELECT 'producer:' || p.code AS farm, coalesce('household:' || h.code, 'hub:income') AS other) n
           WHERE (t.amount, t.debit, t.credit) IS DISTINCT FROM
                 (abs(c.amount), CASE WHEN c.amount > 0 THEN n.other ELSE n.farm END,
                  CASE WHEN c.amount > 0 THEN n.farm ELSE n.other END)""",
    ),
    Proof(
        6,
        "a point’s statement is not its part of what was sold there",
        """SELECT s.number, s.net::text, coalesce(sum(sold.part), 0)::text FROM distribution_pointstatement s
           LEFT JOIN (SELECT b.statement_id, b.collection_id, sum(l.host_share) AS part, b.net
                      FROM distribution_pointstatementblock b JOIN orders_orderline l ON l.collection_id = b.collection_id
                      JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL GROUP BY b.id) sold
                ON sold.statement_id = s.id
           GROUP BY s.id HAVING s.net IS DISTINCT FROM sum(sold.part) OR bool_or(sold.net <> sold.part)""",
    ),
    Proof(
        7,
        "a point is not owed what was stated or waits to be, less what was paid",
        """WITH owed AS (
               SELECT a.code, coalesce((SELECT sum(amount) FROM hub_transfer WHERE credit_id = a.id), 0)
                            - coalesce((SELECT sum(amount) FROM hub_transfer WHERE debit_id = a.id), 0) AS amount
               FROM hub_account a WHERE a.code LIKE 'host:%'),
           sold AS (
               SELECT 'host:' || p.code AS code, sum(l.host_share) AS amount FROM orders_orderline l
               JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
               JOIN hub_collection c ON c.id = l.collection_id AND c.settled_at IS NOT NULL
               JOIN hub_collectionpoint p ON p.id = c.point_id GROUP BY p.id),
           paid AS (
               SELECT 'host:' || c.code AS code, sum(p.amount) AS amount FROM distribution_payout p
               JOIN hub_collectionpoint c ON c.id = p.point_id WHERE p.state IN ('sent', 'paid') GROUP BY c.id)
           SELECT code, coalesce(owed.amount, 0)::text, (coalesce(sold.amount, 0) - coalesce(paid.amount, 0))::text
           FROM owed FULL JOIN sold USING (code) FULL JOIN paid USING (code)
           WHERE coalesce(owed.amount, 0) <> coalesce(sold.amount, 0) - coalesce(paid.amount, 0)""",
    ),
    Proof(
        6,
        "numbers of points’ statements have a gap",
        """SELECT year, found, 'as many as the highest' FROM (
               SELECT split_part(number, '-', 2) AS year, count(*) || ' up to ' || max(split_part(number, '-', 3)::int) AS found,
                      count(*) <> max(split_part(number, '-', 3)::int) AS gap
               FROM distribution_pointstatement GROUP BY 1) y WHERE gap""",
    ),
)
