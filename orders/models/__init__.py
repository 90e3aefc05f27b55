"""What members buy, and how they pay."""

from orders.models.card import CardPayment, CardRefund, SavedCard
from orders.models.debit import DebitFile, Mandate, TopUp
from orders.models.dispute import Dispute
from orders.models.order import Favourite, Order, OrderLine, Wish, WishLine
from orders.models.payment import Payment

__all__ = [
    "CardPayment",
    "CardRefund",
    "DebitFile",
    "Dispute",
    "Favourite",
    "Mandate",
    "Order",
    "OrderLine",
    "Payment",
    "SavedCard",
    "TopUp",
    "Wish",
    "WishLine",
]
