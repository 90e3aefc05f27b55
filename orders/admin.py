"""Looking up orders and payments."""

from hub.admin import show
from orders.models import Order, OrderLine, Payment, Wish

show(
    Order,
    "code",
    "household",
    "collection",
    "basket_number",
    "expected_total",
    "cancelled_at",
    search=("code", "household__name"),
)
show(OrderLine, "name", "order", "quantity", "due", "final_amount", search=("order__code", "name"))
show(Wish, "household", "collection", "revision", "sent_at", search=("household__name", "collection__code"))
show(Payment, search=("household__name",))
