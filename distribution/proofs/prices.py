"""What households pay, and who receives what of it."""

from distribution.proofs.proof import Proof

PRICES = (
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
