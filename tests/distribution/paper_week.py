"""One invented week as contents of sheets: any number of households, products and points, long names if wanted.

Everything follows from a seed, so a failure can be looked at again. Version 2 is the same week after a frost: one
product is gone, one is short, one order is cancelled, one line was added.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from distribution.contents.point import LABEL_GRIDS, LabelGrid

FARMS = [
    ("quatre-saisons", "Maraîchage Les Quatre Saisons", "A1"), ("garenne", "Fournil de la Garenne", "A2"),
    ("haute-lande", "Vergers de la Haute-Lande", "A3"), ("kerjean", "Moulin de Kerjean", "A4"),
    ("tunnel", "Champignons du Tunnel", "F1"), ("vallon", "Chèvrerie du Vallon", "F2"),
    ("ormeaux", "Ferme des Ormeaux", "F3"), ("bocage", "Volailles du Bocage", "F4"),
    ("pres-verts", "Élevage des Prés Verts", "F5"), ("margot", "Glaces de Margot", "S1"),
]  # fmt: skip
# farm, reference, product, packaging, zone, cents, allergens, grams of a pack, greatest grams where weighed, basket
PRODUCTS = [
    (0, "LÉG P", "Panier légumes", "petit", "dry", 1100, "", 3200, 0, True),
    (0, "LÉG G", "Panier légumes", "grand", "dry", 1900, "", 6000, 0, True),
    (0, "CAF", "Carottes fanes", "botte", "dry", 250, "", 600, 0, False),
    (0, "POI", "Poireaux", "1 kg", "dry", 280, "", 1000, 0, False),
    (0, "PD5", "Pommes de terre Agria", "sac 5 kg", "dry", 650, "", 5000, 0, False),
    (0, "CEL", "Céleri-rave", "pièce ≈ 800 g", "dry", 220, "celery", 800, 0, False),
    (0, "CHF", "Chou-fleur", "pièce", "dry", 300, "", 1100, 0, False),
    (0, "BET", "Betteraves crues", "botte", "dry", 220, "", 900, 0, False),
    (0, "POT", "Potimarron", "pièce ≈ 1,5 kg", "dry", 360, "", 1500, 2100, False),
    (0, "MAC", "Mâche", "barquette 150 g", "dry", 200, "", 150, 0, False),
    (1, "PAIN", "Panier pain", "1 kg", "dry", 500, "gluten", 1000, 0, True),
    (1, "PDC", "Pain de campagne au levain", "1 kg", "dry", 520, "gluten", 1000, 0, False),
    (1, "NOI", "Pain aux noix", "500 g", "dry", 420, "gluten nuts", 500, 0, False),
    (1, "BRI", "Brioche", "pièce 400 g", "dry", 590, "gluten eggs milk", 400, 0, False),
    (2, "POM", "Pommes Reine des reinettes", "2 kg", "dry", 520, "", 2000, 0, False),
    (2, "JUS", "Jus de pomme trouble", "bouteille 1 L", "dry", 320, "", 0, 0, False),
    (2, "CID", "Cidre brut", "bouteille 75 cl", "dry", 420, "sulphites", 0, 0, False),
    (3, "F80", "Farine de blé T80", "2 kg", "dry", 410, "gluten", 2000, 0, False),
    (3, "LEN", "Lentilles vertes", "500 g", "dry", 350, "?", 500, 0, False),
    (4, "CPP", "Champignons de Paris", "barquette 250 g", "chilled", 290, "", 250, 0, False),
    (4, "PLE", "Pleurotes", "barquette 200 g", "chilled", 450, "", 200, 0, False),
    (5, "CRO", "Crottin frais", "120 g", "chilled", 220, "milk", 120, 0, False),
    (5, "BUC", "Bûche cendrée", "180 g", "chilled", 460, "milk", 180, 0, False),
    (5, "TOM", "Tomme de chèvre", "part ≈ 250 g", "chilled", 600, "milk", 250, 320, False),
    (6, "LAI", "Lait entier", "bouteille 1 L", "chilled", 150, "milk", 1030, 0, False),
    (6, "BEU", "Beurre demi-sel", "250 g", "chilled", 360, "milk", 250, 0, False),
    (6, "YAN", "Yaourts nature", "4 × 125 g", "chilled", 290, "milk", 500, 0, False),
    (6, "CRE", "Crème fraîche", "pot 40 cl", "chilled", 360, "milk", 400, 0, False),
    (7, "POU", "Poulet fermier, prêt à cuire", "pièce ≈ 1,8 kg", "chilled", 1980, "", 1800, 2300, False),
    (7, "RIL", "Rillettes de volaille", "pot 180 g", "chilled", 520, "", 180, 0, False),
    (7, "OE6", "Œufs plein air", "boîte de 6", "chilled", 240, "eggs", 360, 0, False),
    (8, "STH", "Steaks hachés", "2 × 125 g", "chilled", 560, "", 250, 0, False),
    (8, "SAU", "Saucisses de porc", "par 4, ≈ 500 g", "chilled", 725, "sulphites", 500, 620, False),
    (9, "VAN", "Glace vanille", "pot 480 ml", "frozen", 690, "milk eggs", 330, 0, False),
    (9, "CAS", "Sorbet cassis", "pot 480 ml", "frozen", 650, "", 330, 0, False),
]  # fmt: skip
FAMILIES = """Aubert Bahri Barbier Baudry Benali Bertrand Blanchet Bouchard Bourdon Briand Cadiou Carpentier Chevalier Colin
Corre Da-Silva Delaunay Delcourt Diallo Dubois-Lemaire Duval Fabre Faucheux Fernandes Garnier Gauthier Gicquel Guérin Hamon
Hervé Jaouen Joubert Kaya Lambert Le-Bihan Le-Dantec Le-Gall Lefebvre Lemoine Leroux Mahé Marchand Martin Mercier Meunier
Monnier Morvan N'Guyen Olivier Paillard Pellerin Prigent Quéré Renaud Rivière Rossi Salaün Tessier Vasseur Zimmermann"""
GIVEN = "Camille Leïla Thomas Marie-Noëlle Karim Élodie Jérôme Lucie Anne-Sophie Gwenaëlle Ronan Hélène Mathilde Julien".split()
LONG = " de la grande parcelle du haut des Tilleuls, récolte de saison"
START = datetime.fromisoformat("2026-11-26T17:30:00+01:00")
ZONES = ("dry", "chilled", "frozen")
Json = dict[str, Any]


@dataclass
class Product:
    farm: int
    ref: str
    name: str
    packaging: str
    zone: str
    cents: int
    allergens: list[str] | None
    grams: int
    max_grams: int
    basket: bool

    def item(self) -> Json:
        weighed = {"expected_g": self.grams, "max_g": self.max_grams} if self.max_grams else None
        return {"ref": self.ref, "product": self.name, "packaging": self.packaging, "contract": self.basket, "weighed": weighed}

    @property
    def producer(self) -> Json:
        return {"code": FARMS[self.farm][0], "name": FARMS[self.farm][1]}

    @property
    def place(self) -> str:
        return FARMS[self.farm][2]

    @property
    def key(self) -> tuple[Any, ...]:
        return ZONES.index(self.zone), self.place, self.farm, not self.basket, self.name, self.cents


@dataclass
class Line:
    product: Product
    was: int
    quantity: int
    mark: str = ""
    reason: str = ""

    @property
    def change(self) -> Json | None:
        return {"mark": self.mark, "was": self.was, "since": 2, "reason": self.reason} if self.mark else None


@dataclass
class House:
    number: int
    family: str
    given: str
    lines: list[Line] = field(default_factory=list)
    due: int = 0
    cancelled: bool = False

    @property
    def name(self) -> str:
        return f"{self.family} {self.given}"

    @property
    def code(self) -> str:
        return f"K{self.number:05}"

    @property
    def change(self) -> Json | None:
        changed = [line for line in self.lines if line.mark]
        if not changed:
            return None
        return {"mark": "cancelled" if self.cancelled else "changed", "since": 2, "reason": "commande annulée" if self.cancelled else ""}

    @property
    def owed(self) -> str | None:
        return euros(self.due) if self.due else None


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def total_change(lines: list[Line]) -> Json | None:
    """The change of a total: what all its lines were, and are."""
    was, now = sum(line.was for line in lines), sum(line.quantity for line in lines)
    if was == now:
        return None
    return {"mark": "cancelled" if not now else "changed", "was": was, "since": 2, "reason": ""}


class PaperWeek:
    """The orders of one collection, and every content made from them."""

    def __init__(self, households: int = 60, *, products: int = 35, version: int = 1, long_names: bool = False, lines: int = 10, points: int = 5):
        self.random = random.Random(48)
        self.version, self.points = version, points
        self.products = [self._product(nth, long_names) for nth in range(products)]
        numbers = self.random.sample(range(1, households + 1), households)
        self.houses = [self._house(nth, number, lines, long_names) for nth, number in enumerate(numbers)]
        self.houses.sort(key=lambda house: house.number)
        if version > 1:
            self._frost()

    def _product(self, nth: int, long_names: bool) -> Product:
        farm, ref, name, packaging, zone, cents, allergens, grams, most, basket = PRODUCTS[nth % len(PRODUCTS)]
        again = nth // len(PRODUCTS)
        name = (name + LONG)[:60] if long_names else name
        codes = None if allergens == "?" else allergens.split()
        return Product(farm, f"{ref}{again or ''}", f"{name} {again}" if again else name, packaging, zone, cents, codes, grams, most, basket)

    def _house(self, nth: int, number: int, lines: int, long_names: bool) -> House:
        families = FAMILIES.split()
        family = families[nth % len(families)].replace("-", " ") + ("" if nth < len(families) else f" {nth // len(families) + 1}")
        house = House(number, (family + " de la Villemarqué-Kerguelen du Bois")[:36] if long_names else family, GIVEN[nth % len(GIVEN)])
        if long_names:
            house.given = (house.given + " et Marie-Bernadette-Alix")[:23]
        taken = self.random.sample(self.products, min(len(self.products), max(1, round(self.random.gauss(lines, lines / 5)))))
        for product in sorted(taken, key=lambda product: product.key):
            quantity = 1 if product.max_grams or product.basket else self.random.choices([1, 2, 3], [76, 20, 4])[0]
            house.lines.append(Line(product, quantity, quantity))
        house.due = sum(line.product.cents * line.quantity for line in house.lines) if self.random.random() < 0.4 else 0
        return house

    def _frost(self) -> None:
        for house in self.houses:
            for line in house.lines:
                if line.product.ref == "BET":
                    line.quantity, line.mark, line.reason = 0, "cancelled", "gel de mardi"
                if line.product.ref == "MAC" and line.was > 1:
                    line.quantity, line.mark, line.reason = 1, "changed", "stock"
        gone = self.houses[len(self.houses) // 2]
        gone.cancelled, gone.due = True, 0
        for line in gone.lines:
            line.quantity, line.mark, line.reason = 0, "cancelled", "commande annulée"
        if len(self.houses) > 1:
            added = Line(next(product for product in self.products if product.ref == "CID"), 0, 2, "added", "ajout demandé")
            lines = [line for line in self.houses[0].lines if line.product.ref != "CID"]
            self.houses[0].lines = sorted([*lines, added], key=lambda line: line.product.key)

    @property
    def lines(self) -> list[Line]:
        return [line for house in self.houses for line in house.lines]

    def header(self, kind: str, farm: int | None = None) -> Json:
        point = {
            "code": "tilleuls", "name": "Grange des Tilleuls", "short": "Tilleuls", "kind": "round" if kind == "route" else "market",
            "address": "3 rue du Lavoir, 00000 Saint-Goustan",
        }  # fmt: skip
        extracted = "2026-11-24T20:04:00+01:00" if self.version == 1 else "2026-11-25T18:31:00+01:00"
        producer = {"code": FARMS[farm][0], "name": FARMS[farm][1]} if farm is not None else None
        return {
            "kind": kind, "hub": "Les Cabas du Bocage", "language": "fr", "currency": "EUR", "week": "2026-W48",
            "version": self.version, "extracted_at": extracted, "collection": None if kind == "harvest" else "tilleuls-2026-11-26",
            "point": None if kind == "harvest" else point, "starts_at": START.isoformat(),
            "ends_at": (START + timedelta(hours=2)).isoformat(), "producer": producer,
        }  # fmt: skip

    def harvest(self, farm: int = 0) -> Json:
        names = ["Tilleuls", "Halle de Montreuil", "Café de la Gare", "École de Kerbihan", "Tournée"]
        columns = [
            {
                "collection": f"point-{nth}", "households": len(self.houses) - nth if nth < len(self.houses) else 0, "open": nth == 3,
                "starts_at": (START + timedelta(days=nth % 3)).isoformat(),
                "point": {"code": f"point-{nth}", "name": names[nth % 5], "short": f"{names[nth % 5]}{f' {nth // 5 + 1}' if nth >= 5 else ''}", "kind": "market", "address": ""},
            }
            for nth in range(self.points)
        ]  # fmt: skip
        rows = []
        for product in sorted((one for one in self.products if one.farm == farm), key=lambda one: one.key):
            mine = [line for line in self.lines if line.product is product]
            if not mine:
                continue
            here, change = sum(line.quantity for line in mine), total_change(mine)
            cells = [{"quantity": here if nth == 0 else here // (nth + 1), "change": change if nth == 0 else None} for nth in range(self.points)]
            total = sum(cell["quantity"] for cell in cells)
            whole = change and change | {"was": total - here + change["was"], "mark": "changed" if total else "cancelled"}
            rows.append(product.item() | {"zone": product.zone, "quantity": total, "pack_g": product.grams or None, "change": whole, "cells": cells})
        contracts = [{"contract": "Légumes", "sizes": [{"code": "P", "quantity": 22}, {"code": "G", "quantity": 5}], "shares": "16"}] if rows else []
        ready = "2026-11-25T14:00:00+01:00"
        return {"header": self.header("harvest", farm), "ready_at": ready, "columns": columns, "rows": rows, "contracts": contracts}

    def _by_product(self, farm: int | None = None) -> list[tuple[Product, list[tuple[House, Line]]]]:
        found = []
        for product in sorted(self.products, key=lambda one: one.key):
            pairs = [(house, line) for house in self.houses for line in house.lines if line.product is product]
            if pairs and farm in (None, product.farm):
                found.append((product, pairs))
        return found

    def _rows(self, farm: int | None = None) -> list[tuple[Product, Json]]:
        return [
            (
                product,
                product.item()
                | {
                    "quantity": sum(line.quantity for _house, line in pairs),
                    "change": total_change([line for _house, line in pairs]),
                    "takers": [{"basket_number": house.number, "quantity": line.quantity, "change": line.change} for house, line in pairs],
                },
            )
            for product, pairs in self._by_product(farm)
        ]

    def delivery_note(self, farm: int = 7) -> Json:
        rows = [row | {"lot": ""} for _product, row in self._rows(farm)]
        return {"header": self.header("delivery-note", farm), "number": "BL-2026-48-03", "due_at": "2026-11-26T16:30:00+01:00", "rows": rows}

    def member_slips(self, farm: int = 5) -> Json:
        slips = []
        for house in self.houses:
            lines = [line.product.item() | {"quantity": line.quantity, "change": line.change} for line in house.lines if line.product.farm == farm]
            if lines:
                slips.append({
                    "basket_number": house.number, "order": house.code, "url": self.url(house), "name": f"{house.given} {house.family[0]}.",
                    "change": house.change, "lines": lines,
                })  # fmt: skip
        return {"header": self.header("member-slips", farm), "slips": slips}

    def url(self, house: House) -> str:
        return f"https://cabas.example/commandes/{house.code}/"

    def packing(self) -> Json:
        return {
            "header": self.header("packing"),
            "households": [
                {
                    "basket_number": house.number, "order": house.code, "url": self.url(house), "family_name": house.family, "given_name": house.given,
                    "due": house.owed, "payment": "at-point" if house.due else "card", "remark": "", "change": house.change,
                    "note": "Sans coriandre, merci" if house.number == 2 else "", "lines": [self._packed(line) for line in house.lines],
                }
                for house in self.houses
            ],
        }  # fmt: skip

    def _packed(self, line: Line) -> Json:
        product = line.product
        return product.item() | {
            "zone": product.zone, "place": product.place, "producer": product.producer, "quantity": line.quantity, "change": line.change,
            "allergens": product.allergens, "unit_price": None if product.basket else euros(product.cents),
            "amount": None if product.basket else euros(product.cents * line.quantity),
        }  # fmt: skip

    def sign_off(self, style: str = "packs", *, phones: bool = False) -> Json:
        rows = []
        for house in sorted(self.houses, key=lambda one: (one.family, one.given)):
            live = [line for line in house.lines if line.quantity]
            refs = [{"ref": line.product.ref, "quantity": line.quantity, "weighed": bool(line.product.max_grams), "basket": line.product.basket} for line in live]
            packs = Counter[str]()
            for line in live:
                packs[line.product.zone] += line.quantity
            rows.append({
                "basket_number": house.number, "order": house.code, "family_name": house.family, "given_name": house.given,
                "phone": f"06 00 00 01 {house.number:02}" if phones else "",
                "contracts": [{key: ref[key] for key in ("ref", "quantity", "weighed")} for ref in refs if ref["basket"]],
                "products": [{key: ref[key] for key in ("ref", "quantity", "weighed")} for ref in refs if not ref["basket"]] if style == "codes" else [],
                "packs": {zone: packs[zone] for zone in ZONES}, "weighed": sum(1 for line in live if line.product.max_grams),
                "due": house.owed, "change": house.change,
            })  # fmt: skip
        contracts = [{"contract": "Légumes", "sizes": [{"code": "P", "quantity": 22}, {"code": "G", "quantity": 5}], "shares": "16"}] if rows else []
        due = euros(sum(house.due for house in self.houses))
        return {"header": self.header("sign-off"), "style": style, "phones": phones, "rows": rows, "due": due, "contracts": contracts}

    def table_plan(self) -> Json:
        places = []
        for (zone, place, farm), group in groupby(self._rows(), key=lambda pair: (pair[0].zone, pair[0].place, pair[0].farm)):
            producer = {"code": FARMS[farm][0], "name": FARMS[farm][1]}
            places.append({"place": place, "zone": zone, "producer": producer, "products": [row for _product, row in group]})
        return {"header": self.header("table-plan"), "places": places}

    def labels(self, zone: str = "chilled", grid: LabelGrid | None = None) -> Json:
        lines = []
        for house in self.houses:
            mine = [line for line in house.lines if line.product.zone == zone]
            total, first = sum(line.quantity for line in mine), 1
            for line in mine:
                lines.append(line.product.item() | {
                    "basket_number": house.number, "name": f"{house.family} {house.given[0]}.", "zone": zone, "producer": line.product.producer,
                    "quantity": line.quantity, "first": first, "of": total, "use_by": "2026-12-06", "allergens": line.product.allergens,
                    "lot": "", "change": line.change,
                })  # fmt: skip
                first += line.quantity
        return {"header": self.header("labels"), "grid": grid or LABEL_GRIDS["3x8"], "zones": [zone], "lines": lines}

    def route(self) -> Json:
        stops = []
        for nth, house in enumerate(self.houses, 1):
            lines = [line.product.item() | {"zone": line.product.zone, "quantity": line.quantity, "change": line.change} for line in house.lines]
            stops.append({
                "stop": nth, "at": (START + timedelta(minutes=7 * nth)).isoformat(), "basket_number": house.number, "order": house.code,
                "url": self.url(house), "family_name": house.family, "given_name": house.given, "address": f"{nth} rue du Lavoir, Saint-Goustan",
                "access": "code 12A34" if nth % 3 == 0 else "", "phone": f"06 00 00 03 {nth:02}", "due": house.owed, "change": house.change, "lines": lines,
            })  # fmt: skip
        driver = {"role": "", "name": "Samuel Roche", "phone": "06 00 00 02 10"}
        return {"header": self.header("route"), "leaves_at": "2026-11-26T15:30:00+01:00", "driver": driver, "stops": stops}

    def duty(self) -> Json:
        shifts = [("16:00", "18:00", "Gwenaëlle Briand", "06 00 00 01 12", "arrivées des fermes, froid"), ("17:30", "20:00", "", "", "tables, rangement")]
        return {
            "header": self.header("duty"),
            "shifts": [
                {"starts_at": f"2026-11-26T{first}:00+01:00", "ends_at": f"2026-11-26T{last}:00+01:00", "name": name, "phone": phone, "task": task}
                for first, last, name, phone, task in shifts
            ],
            "contacts": [{"role": "Hôte :", "name": "Maëlle Le Bihan", "phone": "06 00 00 01 20"}],
            "instructions": ["1. Clé de la grange : boîte à code à gauche du portail.", "2. Le surgelé sort du coffre S1 devant la personne, jamais avant."],
            "exceptions": [
                {"basket_number": house.number, "family_name": house.family, "given_name": house.given, "what": what, "todo": "panier pain cédé au n° 2"}
                for house, what in zip(self.houses, ["skipped", "proxy", "turn", "shifted", "given", "payment"], strict=False)
            ],
            "teams": [{"date": "2026-12-03", "names": ["Thomas Barbier", "Solenn Gicquel"], "missing": 0, "held": True},
                      {"date": "2026-12-10", "names": ["Karim Benali"], "missing": 1, "held": True},
                      {"date": "2026-12-24", "names": [], "missing": 0, "held": False}],
            "sign_off": self.sign_off(), "route": None, "table_plan": self.table_plan(),
        }  # fmt: skip
