"""Stock, orders and lines: what was reserved, when it was ordered, and that it stayed as it was placed."""

from distribution.proofs.proof import Proof

ORDERS = (
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
        2,
        "an order was placed or changed after its deadline, and not on the record",
        """SELECT o.code, o.changed_at::text, 'before ' || c.closes_at FROM orders_order o
           JOIN hub_collection c ON c.id = o.collection_id
           WHERE o.placed_at >= c.closes_at OR o.placed_at > o.changed_at
              OR (o.changed_at >= c.closes_at AND NOT EXISTS (
                      SELECT 1 FROM distribution_linechange k JOIN orders_orderline l ON l.id = k.line_id
                      WHERE l.order_id = o.id AND k.at = o.changed_at))""",
    ),
    Proof(
        2,
        "what is due is not what was ordered and changed on the record",
        """SELECT o.code || ' ' || l.name, l.due::text, (l.quantity + coalesce(t.delta, 0))::text
           FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
           LEFT JOIN (SELECT line_id, sum(delta) AS delta FROM distribution_linechange GROUP BY 1) t ON t.line_id = l.id
           WHERE l.due <> l.quantity + coalesce(t.delta, 0)""",
    ),
    Proof(
        2,
        "a line was added after the count without a change on the record",
        """SELECT o.code || ' ' || l.name, l.placed_at::text, 'before ' || c.counted_at FROM orders_orderline l
           JOIN orders_order o ON o.id = l.order_id JOIN hub_collection c ON c.id = l.collection_id
           WHERE l.kind = 'weekly' AND l.placed_at > c.counted_at
             AND NOT EXISTS (SELECT 1 FROM distribution_linechange k WHERE k.line_id = l.id)""",
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
        4,
        "a packing sheet was printed with a name or a price that no line has",
        """SELECT c.code || ' v' || s.version || ' ' || (h ->> 'order') || ' ' || (r ->> 'product') || ', '
                  || (r ->> 'packaging'), 'no such line', 'at ' || (r ->> 'unit_price')
           FROM distribution_sheet s JOIN hub_collection c ON c.id = s.collection_id,
                jsonb_array_elements(s.content -> 'households') AS x(h), jsonb_array_elements(h -> 'lines') AS y(r)
           WHERE s.kind = 'packing' AND s.purged_at IS NULL AND NOT EXISTS (
               SELECT 1 FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
               WHERE o.code = h ->> 'order' AND l.name = r ->> 'product' AND l.label = r ->> 'packaging'
                 AND (r -> 'unit_price' = 'null' OR l.unit_price = (r ->> 'unit_price')::numeric))""",
    ),
    Proof(
        4,
        "a statement was issued with a name, a price or a VAT rate that no line has",
        """SELECT s.number || ' ' || (r ->> 'product') || ', ' || (r ->> 'packaging'), 'no such line',
                  'at ' || (r ->> 'unit_price') || ', VAT ' || coalesce(r ->> 'rate', 'none')
           FROM distribution_statement s, jsonb_array_elements(s.content -> 'collections') AS x(e),
                jsonb_array_elements(e -> 'rows') AS y(r)
           WHERE NOT EXISTS (
               SELECT 1 FROM orders_orderline l JOIN hub_collection c ON c.id = l.collection_id
               WHERE c.code = e ->> 'collection' AND l.producer_id = s.producer_id AND l.name = r ->> 'product'
                 AND l.label = r ->> 'packaging' AND l.unit_price = (r ->> 'unit_price')::numeric
                 AND CASE WHEN l.vat_reason = '' THEN l.vat_rate END
                     IS NOT DISTINCT FROM (r ->> 'rate')::numeric)""",
    ),
)
