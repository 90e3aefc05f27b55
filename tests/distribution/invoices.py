"""Builders for invoices: who is who, and a settled sale to invoice."""

from typing import Any

from distribution import billing, receipts, settlement, statements
from distribution.contents.invoices import Party
from distribution.models import Statement
from hub.models import Hub
from producers import mandates
from producers.models import Packaging, Producer
from tests import make
from tests.distribution.day import Day, a_day

HUB_SIRET, FARM_SIRET, SIREN = "73282932000074", "40483304800022", "552100554"
HUB_VAT, FARM_VAT = "FR44732829320", "FR83404833048"


def cooperative(**fields: Any) -> Hub:
    """The cooperative with its whole legal identity."""
    hub = Hub.get()
    values = {
        "name": "Les Tilleuls", "legal_name": "SCIC Les Tilleuls", "address": "12 rue des Halles\n26000 Valence",
        "siret": HUB_SIRET, "vat_number": HUB_VAT, "language": "fr",
    } | fields  # fmt: skip
    for name, value in values.items():
        setattr(hub, name, value)
    hub.save()
    return hub


def farm(**fields: Any) -> Producer:
    """A farm with its whole legal identity."""
    values = {
        "legal_name": "EARL des Quatre Saisons", "address": "Les Granges", "postcode": "26400", "city": "Crest",
        "siret": FARM_SIRET, "vat_number": FARM_VAT, "iban": "FR7630006000011234567890189",
    } | fields  # fmt: skip
    return make.producer(**values)


def mandated(**fields: Any) -> Producer:
    """Such a farm, with its mandate given."""
    mine = farm(**fields)
    mandates.give(producer=mine, by=make.farmer(mine), now=make.now())
    return mine


def settled(seller: Producer, *baskets: dict[Packaging, int], weights: dict[Packaging, int] | None = None) -> Day:
    """A settled sale, one household per basket, with the receipts; each weighed packaging weighs so many grams."""
    at = make.collection(make.point(name="Halle", address="1 place du Marché", postcode="26000", city="Valence"))
    make.supply(seller, at.point)
    day = a_day(*baskets, farms=[seller], at=at)
    day.arrive()
    for order in day.orders:
        for pack, grams in (weights or {}).items():
            day.act("weighed", order, pack, grams=grams)
    day.confirm()
    assert settlement.settle(collection=day.collection, now=make.now())
    receipts.issue(collection=day.collection, now=make.now())
    return day


def stated(seller: Producer, day: Day) -> Statement:
    """The statement of such a sale."""
    made = statements.issue(producer=seller, week=day.collection.week, now=make.now())
    assert made is not None
    return made


def household() -> Party:
    return billing.customer(name="Camille Roux", address="3 rue Neuve", postcode="26000", city="Valence")


def company() -> Party:
    return billing.customer(
        name="Cantine des Lilas", address="5 rue Haute\nBâtiment B", postcode="26000", city="Valence", siren=SIREN
    )
