"""Spreadsheets of the tests brought into a catalogue, and what became of them."""

from pathlib import Path
from typing import Any

from django.db.models import Model

from producers import imports
from producers.models import Import, Offer, Packaging, Producer, Product, Stock
from tests import make

CATALOGUES = Path(__file__).parent / "catalogues"
WEEK = "2026-W48"
HEAD = "Réf;Produit;Conditionnement;Prix;Stock\n"


def look(farm: Producer, content: bytes | str, name: str = "catalogue.csv", week: str = WEEK) -> Import:
    content = content.encode() if isinstance(content, str) else content
    return imports.preview(producer=farm, week=week, file_name=name, content=content, by=None, now=make.now())


def bring(farm: Producer, content: bytes | str, name: str = "catalogue.csv", week: str = WEEK) -> Import:
    return imports.confirm(imp=look(farm, content, name, week), by=None, now=make.now())


def counts(imp: Import) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rows with errors."""
    told = imports.summary(imp)
    return told["created"], told["changed"], told["unchanged"], len(told["errors"])


def wrong(imp: Import) -> list[tuple[int, str, str]]:
    """Row, field and code of every error of a preview."""
    lines = imp.preview["lines"]
    return [(line["row"], error["name"], error["code"]) for line in lines for error in line["errors"]]


def shelf(farm: Producer, week: str = WEEK) -> list[tuple[Any, ...]]:
    """Everything on sale or not: reference, product, label, price, base units in stock, on sale."""
    found = []
    for pack in (
        Packaging.objects.active().filter(producer=farm).select_related("product").order_by("product__name", "pk")
    ):
        stock = Stock.objects.filter(product=pack.product, week=week).first()
        offer = Offer.objects.filter(packaging=pack, week=week).first()
        price = (offer or pack).price.amount
        quantity = ("unlimited" if stock.quantity is None else stock.quantity) if stock else None
        found.append((pack.reference, pack.product.name, pack.label, price, quantity, bool(offer and offer.on_sale)))
    return found


def everything() -> dict[str, list[Any]]:
    """All rows of the catalogue's tables, by model; the version counter of stocks apart."""
    models: list[type[Model]] = [Product, Packaging, Stock, Offer]
    rows = {model.__name__: list(model._base_manager.order_by("pk").values()) for model in models}
    for stock in rows["Stock"]:
        del stock["version"]
    return rows
