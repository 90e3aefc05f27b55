"""Who grows, what they make, and what they offer this week."""

from producers.models.imports import Import
from producers.models.mandate import BillingMandate
from producers.models.producer import ConnectAccount, Producer, ProducerInvitation, ProducerPerson, Supply
from producers.models.product import Aisle, Allergen, Packaging, Product, Unit, Zone
from producers.models.stock import Offer, Stock

__all__ = [
    "Aisle",
    "Allergen",
    "BillingMandate",
    "ConnectAccount",
    "Import",
    "Offer",
    "Packaging",
    "Producer",
    "ProducerInvitation",
    "ProducerPerson",
    "Product",
    "Stock",
    "Supply",
    "Unit",
    "Zone",
]
