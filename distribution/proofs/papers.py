"""Paper and statements: what they tell is what households have."""

from distribution.proofs.proof import Proof

PAPERS = (
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
        "a statement is not the sum of its blocks, deposits, corrections and what was owed before",
        """SELECT s.number, s.net::text, owed.net::text FROM distribution_statement s
           LEFT JOIN LATERAL (SELECT sum(k.net) AS net FROM distribution_statementblock k
                              WHERE k.statement_id = s.id) b ON true
           LEFT JOIN LATERAL (SELECT sum(c.amount) AS net FROM distribution_correction c
                              WHERE c.statement_id = s.id) c ON true
           LEFT JOIN LATERAL (SELECT least(p.net, 0) AS net FROM distribution_statement p
                              WHERE p.producer_id = s.producer_id AND p.id < s.id ORDER BY p.id DESC LIMIT 1) p ON true,
           LATERAL (SELECT coalesce(sum((e ->> 'gross')::numeric), 0) AS net
                    FROM jsonb_array_elements(s.content -> 'entries') AS x(e)
                    WHERE e ->> 'what' IN ('deposits', 'returned')) d,
           LATERAL (SELECT coalesce(b.net, 0) + coalesce(c.net, 0) + coalesce(p.net, 0) + d.net AS net) owed
           WHERE owed.net <> s.net OR (s.content ->> 'net')::numeric <> s.net""",
    ),
    Proof(
        6,
        "a statement does not pass on the deposits that households paid",
        """SELECT s.number, coalesce(t.amount, 0)::text, sum(l.deposit * l.delivered)::text
           FROM distribution_statement s JOIN distribution_statementblock k ON k.statement_id = s.id
           JOIN orders_orderline l ON (l.collection_id, l.producer_id) = (k.collection_id, k.producer_id)
           JOIN orders_order o ON o.id = l.order_id AND o.cancelled_at IS NULL
           LEFT JOIN hub_transfer t ON t.reference = 'statement:' || s.number || ':deposits'
           GROUP BY s.id, t.amount HAVING coalesce(t.amount, 0) <> sum(l.deposit * l.delivered)""",
    ),
    Proof(
        6,
        "a payout is not the net of its statement",
        """SELECT s.number, coalesce(p.amount, 0)::text, greatest(s.net, 0)::text FROM distribution_statement s
           LEFT JOIN distribution_payout p ON p.statement_id = s.id AND p.state <> 'failed'
           WHERE coalesce(p.amount, 0) <> greatest(s.net, 0)""",
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
        6,
        "a receipt is not what its order came to",
        """SELECT o.code, r.total || ' / ' || (r.content ->> 'total') || ' / ' || t.lines, o.final_total::text
           FROM distribution_receipt r JOIN orders_order o ON o.id = r.order_id, LATERAL (
               SELECT coalesce(sum((x ->> 'gross')::numeric), 0) + (r.content ->> 'deposits')::numeric AS lines
               FROM jsonb_array_elements(r.content -> 'lines') AS y(x)) t
           WHERE (r.total, (r.content ->> 'total')::numeric, t.lines)
                 IS DISTINCT FROM (o.final_total, o.final_total, o.final_total)""",
    ),
)
