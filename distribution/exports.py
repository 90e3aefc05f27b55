"""The rows of each sheet for spreadsheets: one per order line where the sheet has them.

Column names are stable, in French without accents, whatever the language of the hub; docs/sheets.md lists them.
A column has the same name and meaning in every export that has it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from distribution.contents.day import Duty, Route
from distribution.contents.farm import DeliveryNote, Harvest, MemberSlips
from distribution.contents.money import Receipt, Statement
from distribution.contents.point import Labels, Packing, SignOff, TablePlan
from distribution.contents.shared import Change, Farm, Header, HouseholdChange, Item, Taker
from distribution.typeset.words import moment
from hub.spreadsheets import Cell, Column

Row = dict[str, Cell]

AMOUNTS = frozenset({"a_regler", "prix_unitaire", "montant", "prix", "montant_ttc"})
NUMBERS = frozenset({
    "version", "panier", "quantite", "quantite_initiale", "poids_estime_g", "poids_g", "colis_sec", "colis_frais",
    "colis_surgele", "lignes_a_peser", "etiquette", "sur", "arret", "commande_qte", "livre", "taux_tva",
})  # fmt: skip
DATES = frozenset({"date", "a_consommer_avant"})
WIDE = frozenset({"produit", "producteur", "point", "nom", "adresse", "acces", "motif", "allergenes", "note"})

COLLECTION = "distribution point date version"
LINE = "reference produit conditionnement contrat quantite quantite_initiale modification motif a_peser"
COLUMNS: dict[str, str] = {
    "harvest": f"semaine version producteur_code producteur distribution point date ouverte zone {LINE} poids_estime_g",
    "delivery-note": f"{COLLECTION} producteur_code producteur bon panier {LINE} lot",
    "member-slips": f"{COLLECTION} producteur_code producteur panier commande nom {LINE}",
    "packing": f"{COLLECTION} panier commande nom prenom zone emplacement producteur_code producteur {LINE}"
    " allergenes prix_unitaire montant paiement a_regler note",
    "sign-off": f"{COLLECTION} panier commande nom prenom telephone contrats colis_sec colis_frais colis_surgele"
    " lignes_a_peser a_regler modification motif",
    "table-plan": f"{COLLECTION} emplacement zone producteur_code producteur {LINE} panier",
    "labels": f"{COLLECTION} panier nom etiquette sur zone producteur_code producteur reference produit conditionnement"
    " a_consommer_avant allergenes lot",
    "route": f"{COLLECTION} arret heure panier commande nom prenom adresse acces telephone a_regler zone {LINE}",
    "statement": "releve semaine producteur_code producteur distribution point date reference produit conditionnement"
    " commande_qte livre motif poids_g prix taux_tva montant_ttc",
    "receipt": "commande panier foyer point date producteur reference produit conditionnement contrat commande_qte"
    " livre motif poids_g prix taux_tva montant_ttc",
}
COLUMNS["duty"] = COLUMNS["sign-off"]

ZONES = {"dry": "sec", "chilled": "frais", "frozen": "surgelé"}
MARKS = {"added": "ajout", "changed": "modif", "cancelled": "annulé"}


@dataclass(frozen=True)
class Table:
    """What an export holds, ready for hub.spreadsheets."""

    columns: list[Column]
    rows: list[list[Cell]]


def table(kind: str, content: Any) -> Table:
    """The export of a content: the kinds of sheets, "statement" or "receipt"."""
    names = COLUMNS[kind].split()
    return Table([_column(name) for name in names], [[row.get(name) for name in names] for row in ROWS[kind](content)])


def _column(name: str) -> Column:
    if name in AMOUNTS:
        return Column(name, "amount")
    if name in NUMBERS:
        return Column(name, "number", 10)
    if name in DATES:
        return Column(name, "date", 12)
    return Column(name, width=30 if name in WIDE else 14)


def harvest(content: Harvest) -> Iterator[Row]:
    """One row per product and collection."""
    header = content["header"]
    for row in content["rows"]:
        for column, cell in zip(content["columns"], row["cells"], strict=True):
            yield {
                "semaine": header["week"],
                "version": Decimal(header["version"]),
                **_farm(header["producer"]),
                "distribution": column["collection"],
                "point": column["point"]["name"],
                "date": _date(column["starts_at"]),
                "ouverte": _yes(column["open"]),
                "zone": ZONES[row["zone"]],
                **_item(row),
                **_packs(cell["quantity"], cell["change"]),
                "poids_estime_g": None if row["pack_g"] is None else Decimal(row["pack_g"] * cell["quantity"]),
            }


def delivery_note(content: DeliveryNote) -> Iterator[Row]:
    """One row per order line: a product and the basket that takes it."""
    head = _collection(content["header"]) | _farm(content["header"]["producer"]) | {"bon": content["number"]}
    for row in content["rows"]:
        for taker in row["takers"]:
            yield head | _item(row) | _taken(taker) | {"lot": row["lot"]}


def member_slips(content: MemberSlips) -> Iterator[Row]:
    """One row per order line."""
    head = _collection(content["header"]) | _farm(content["header"]["producer"])
    for slip in content["slips"]:
        who: Row = {"panier": Decimal(slip["basket_number"]), "commande": slip["order"], "nom": slip["name"]}
        for line in slip["lines"]:
            yield head | who | _item(line) | _packs(line["quantity"], line["change"])


def packing(content: Packing) -> Iterator[Row]:
    """One row per order line, with what the household owes on each."""
    head = _collection(content["header"])
    for household in content["households"]:
        who = _who(household) | {"paiement": household["payment"], "a_regler": _amount(household["due"])}
        for line in household["lines"]:
            yield (
                head
                | who
                | _item(line)
                | _packs(line["quantity"], line["change"])
                | _farm(line["producer"])
                | {
                    "zone": ZONES[line["zone"]],
                    "emplacement": line["place"],
                    "allergenes": None if line["allergens"] is None else " ".join(line["allergens"]),
                    "prix_unitaire": _amount(line["unit_price"]),
                    "montant": _amount(line["amount"]),
                    "note": household["note"],
                }
            )


def sign_off(content: SignOff) -> Iterator[Row]:
    """One row per household."""
    head = _collection(content["header"])
    for row in content["rows"]:
        contracts = " ".join(f"{one['quantity']}×{one['ref']}" for one in row["contracts"])
        yield (
            head
            | _who(row)
            | _mark(row["change"])
            | {
                "telephone": row["phone"],
                "contrats": contracts,
                "colis_sec": Decimal(row["packs"].get("dry", 0)),
                "colis_frais": Decimal(row["packs"].get("chilled", 0)),
                "colis_surgele": Decimal(row["packs"].get("frozen", 0)),
                "lignes_a_peser": Decimal(row["weighed"]),
                "a_regler": _amount(row["due"]),
            }
        )


def table_plan(content: TablePlan) -> Iterator[Row]:
    """One row per order line."""
    head = _collection(content["header"])
    for place in content["places"]:
        where: Row = {"emplacement": place["place"], "zone": ZONES[place["zone"]], **_farm(place["producer"])}
        for product in place["products"]:
            for taker in product["takers"]:
                yield head | where | _item(product) | _taken(taker)


def labels(content: Labels) -> Iterator[Row]:
    """One row per label, for programs that drive a label printer."""
    head = _collection(content["header"])
    for line in content["lines"]:
        for nth in range(line["quantity"]):
            yield (
                head
                | _item(line)
                | _farm(line["producer"])
                | {
                    "panier": Decimal(line["basket_number"]),
                    "nom": line["name"],
                    "etiquette": Decimal(line["first"] + nth),
                    "sur": Decimal(line["of"]),
                    "zone": ZONES[line["zone"]],
                    "a_consommer_avant": _date(line["use_by"]),
                    "allergenes": None if line["allergens"] is None else " ".join(line["allergens"]),
                    "lot": line["lot"],
                }
            )


def duty(content: Duty) -> Iterator[Row]:
    """The sign-off list that goes with the bundle; a round has its route sheet instead."""
    return sign_off(content["sign_off"]) if content["sign_off"] else iter(())


def route(content: Route) -> Iterator[Row]:
    """One row per order line, in the order of the stops."""
    head = _collection(content["header"])
    for stop in content["stops"]:
        door: Row = {
            "arret": Decimal(stop["stop"]),
            "heure": f"{timezone.localtime(moment(stop['at'])):%H:%M}" if stop["at"] else "",
            "adresse": stop["address"],
            "acces": stop["access"],
            "telephone": stop["phone"],
            "a_regler": _amount(stop["due"]),
        }
        for line in stop["lines"]:
            packs = _packs(line["quantity"], line["change"])
            yield head | _who(stop) | door | {"zone": ZONES[line["zone"]]} | _item(line) | packs


def statement(content: Statement) -> Iterator[Row]:
    """One row per collection and packaging."""
    head: Row = {
        "releve": content["number"],
        "semaine": content["week"],
        "producteur_code": content["producer_code"],
        "producteur": content["producer"]["name"],
    }
    for one in content["collections"]:
        where: Row = {"distribution": one["collection"], "point": one["point"], "date": date.fromisoformat(one["date"])}
        for row in one["rows"]:
            yield head | where | _settled(row)


def receipt(content: Receipt) -> Iterator[Row]:
    """One row per line of the order."""
    head: Row = {
        "commande": content["order"],
        "panier": Decimal(content["basket_number"]),
        "foyer": content["household"],
        "point": content["point"],
        "date": _date(content["starts_at"]),
    }
    for line in content["lines"]:
        yield head | _settled(line) | {"producteur": line["producer"], "contrat": _yes(line["contract"])}


ROWS: dict[str, Callable[[Any], Iterable[Row]]] = {
    "harvest": harvest,
    "delivery-note": delivery_note,
    "member-slips": member_slips,
    "packing": packing,
    "sign-off": sign_off,
    "table-plan": table_plan,
    "labels": labels,
    "duty": duty,
    "route": route,
    "statement": statement,
    "receipt": receipt,
}


def _collection(header: Header) -> Row:
    return {
        "distribution": header["collection"],
        "point": header["point"]["name"] if header["point"] else None,
        "date": _date(header["starts_at"]),
        "version": Decimal(header["version"]),
    }


def _farm(farm: Farm | None) -> Row:
    return {"producteur_code": farm["code"], "producteur": farm["name"]} if farm else {}


def _who(one: Mapping[str, Any]) -> Row:
    return {
        "panier": Decimal(one["basket_number"]),
        "commande": one["order"],
        "nom": one["family_name"],
        "prenom": one["given_name"],
    }


def _item(item: Item) -> Row:
    return {
        "reference": item["ref"],
        "produit": item["product"],
        "conditionnement": item["packaging"],
        "contrat": _yes(item["contract"]),
        "a_peser": _yes(item["weighed"] is not None),
    }


def _packs(quantity: int, change: Change | None) -> Row:
    was = quantity if change is None else change["was"]
    return {"quantite": Decimal(quantity), "quantite_initiale": Decimal(was), **_mark(change)}


def _mark(change: Change | HouseholdChange | None) -> Row:
    return {"modification": MARKS[change["mark"]], "motif": change["reason"]} if change else {}


def _taken(taker: Taker) -> Row:
    return {"panier": Decimal(taker["basket_number"]), **_packs(taker["quantity"], taker["change"])}


def _settled(row: Mapping[str, Any]) -> Row:
    return {
        "reference": row["ref"],
        "produit": row["product"],
        "conditionnement": row["packaging"],
        "commande_qte": Decimal(row["ordered"]),
        "livre": Decimal(row["delivered"]),
        "motif": ", ".join(f"{one['quantity']} {one['reason']}".strip() for one in row["missing"]),
        "poids_g": None if row["weight_g"] is None else Decimal(row["weight_g"]),
        "prix": _amount(row["unit_price"]),
        "taux_tva": _amount(row["rate"]),
        "montant_ttc": _amount(row["gross"]),
    }


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _date(iso: str | None) -> date | None:
    if not iso:
        return None
    when = moment(iso)
    return timezone.localtime(when).date() if when.tzinfo else when.date()


def _yes(value: bool) -> str:
    return "oui" if value else ""
