"""Closed periods: what the ledger holds today is what was chained then."""

from distribution.proofs.proof import Proof

CLOSED = (
    Proof(
        5,
        "a closed day is not what was chained: an entry was changed, added or taken away",
        """SELECT p.code, p.entries || ' entries, ' || p.total || ', ' || p.digest,
                  coalesce(n.entries, 0) || ' entries, ' || coalesce(n.total, 0) || ', ' || x.digest
           FROM hub_closedperiod p
           LEFT JOIN LATERAL (
               SELECT count(*) AS entries, sum(t.amount) AS total,
                      string_agg(json_build_array(
                          t.id, t.reference, (SELECT code FROM hub_account WHERE id = t.debit_id),
                          (SELECT code FROM hub_account WHERE id = t.credit_id), t.amount::text, t.currency, t.memo,
                          to_char(t.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          to_char(t.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                          t.collection_id, t.reverses_id, t.by_id)::text, chr(10) ORDER BY t.id) AS lines
               FROM hub_transfer t WHERE t.occurred_at >= p.begins AND t.occurred_at < p.ends) n ON true,
           LATERAL (SELECT encode(sha256(convert_to(
               p.previous || chr(10) || 'day ' || p.code || chr(10) || p.entries || chr(10) || p.total
               || chr(10) || p.perpetual || chr(10) || coalesce(n.lines, ''), 'UTF8')), 'hex') AS digest) x
           WHERE p.kind = 'day' AND (p.entries, p.total, p.digest)
                 IS DISTINCT FROM (n.entries, coalesce(n.total, 0), x.digest)""",
    ),
    Proof(
        5,
        "a closed month or year is not the chain of what it holds",
        """SELECT p.kind || ' ' || p.code, p.digest, x.digest FROM hub_closedperiod p,
           LATERAL (SELECT sum(c.entries) AS entries, sum(c.total) AS total,
                           string_agg(c.code || ' ' || c.digest, chr(10) ORDER BY c.ends) AS lines
                    FROM hub_closedperiod c WHERE c.kind = CASE p.kind WHEN 'month' THEN 'day' ELSE 'month' END
                      AND c.begins >= p.begins AND c.ends <= p.ends) n,
           LATERAL (SELECT encode(sha256(convert_to(
               p.previous || chr(10) || p.kind || ' ' || p.code || chr(10) || p.entries || chr(10) || p.total || chr(10)
               || p.perpetual || chr(10) || n.lines, 'UTF8')), 'hex') AS digest) x
           WHERE p.kind <> 'day' AND (p.entries, p.total, p.digest) IS DISTINCT FROM (n.entries, n.total, x.digest)""",
    ),
    Proof(
        5,
        "a closed period does not follow the one before it",
        """SELECT kind || ' ' || code, begins || ', ' || previous || ', ' || perpetual,
                  last_ends || ', ' || last_digest || ', ' || (last_perpetual + total)
           FROM (SELECT *, lag(ends, 1, begins) OVER w AS last_ends, lag(digest, 1, repeat('0', 64)) OVER w AS last_digest,
                        lag(perpetual, 1, 0::numeric) OVER w AS last_perpetual
                 FROM hub_closedperiod WINDOW w AS (PARTITION BY kind ORDER BY ends)) p
           WHERE (begins, previous, perpetual) IS DISTINCT FROM (last_ends, last_digest, last_perpetual + total)""",
    ),
    Proof(
        5,
        "an entry lies before the first closed day",
        """SELECT t.reference, t.occurred_at::text, 'not before ' || (SELECT min(begins) FROM hub_closedperiod)
           FROM hub_transfer t WHERE t.occurred_at < (SELECT min(begins) FROM hub_closedperiod)""",
    ),
)
