"""What members buy, and how they pay."""

from orders.models.order import Favourite, Order, OrderLine, Wish, WishLine
from orders.models.payment import Payment

__all__ = ["Favourite", "Order", "OrderLine", "Payment", "Wish", "WishLine"]
