"""Looking up farms, what they sell, and what they imported."""

from hub.admin import show
from producers.models import (
    ConnectAccount,
    Import,
    Offer,
    Packaging,
    Producer,
    ProducerInvitation,
    ProducerPerson,
    Product,
    Stock,
    Supply,
)

show(Producer, "name", "code", "city", "vat_regime", "archived_at", search=("name", "code", "siret"))
show(ConnectAccount, "producer", "account", "ready", "checked_at", search=("producer__name", "account"))
show(ProducerPerson, "member", "producer", "since", search=("member__email", "producer__name"))
show(
    ProducerInvitation,
    "email",
    "producer",
    "created_at",
    "used_at",
    "withdrawn_at",
    search=("email",),
    hidden=("token_hash",),
)
show(Supply, "producer", "point", "since", "until", "minimum", search=("producer__name",), filters=("point",))
show(Product, "name", "producer", "unit", "aisle", "vat_rate", "archived_at", search=("name", "code", "producer__name"))
show(
    Packaging,
    "label",
    "product",
    "producer",
    "price",
    "archived_at",
    search=("label", "code", "reference", "product__name"),
)
show(Stock, "product", "week", "quantity", "reserved", search=("product__name", "week"))
show(Offer, "packaging", "week", "price", "on_sale", search=("packaging__product__name", "week"))
show(Import, "code", "producer", "week", "status", "created_at", search=("code", "producer__name"))
