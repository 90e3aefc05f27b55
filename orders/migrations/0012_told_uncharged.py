"""That nobody's card paid an order is told once: noted on the order, whoever was there to read of it."""

from django.db import migrations, models

TOLD = """
UPDATE orders_order o SET uncharged_at = n.at FROM (
    SELECT told.code, min(told.due_at) AS at FROM (
        SELECT data ->> 'order' AS code, due_at FROM hub_notice WHERE kind = 'card-not-charged'
        UNION ALL
        SELECT line ->> 'order', due_at FROM hub_notice, jsonb_array_elements(data -> 'lines') AS line
        WHERE kind = 'cards-not-charged') told
    GROUP BY told.code) n
WHERE o.code = n.code
"""


class Migration(migrations.Migration):

    dependencies = [("orders", "0011_money_that_came_after_all")]

    operations = [
        migrations.AddField(
            "order",
            "uncharged_at",
            models.DateTimeField(blank=True, help_text="when it was told that its card paid nothing", null=True),
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
    ]
