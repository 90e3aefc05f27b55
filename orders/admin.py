"""Looking up orders and payments."""

from django.apps import apps
from django.contrib import admin

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
for model in apps.get_app_config("orders").get_models():
    if not admin.site.is_registered(model):
        show(model)
