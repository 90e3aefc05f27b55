"""Every sheet of one invented week as frozen content, made from its orders without the program's own builders."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby

from distribution.contents.point import LABEL_GRIDS, LabelGrid
from tests.distribution.paper_orders import FARMS, ZONES, House, Json, Line, Orders, Product, euros, total_change

START = datetime.fromisoformat("2026-11-26T17:30:00+01:00")
POINTS = ("Tilleuls", "Halle de Montreuil", "Café de la Gare", "École de Kerbihan", "Tournée")


def producer(farm: int) -> Json:
    return {"code": FARMS[farm][0], "name": FARMS[farm][1]}


def packed(line: Line) -> Json:
    return line.product.item() | {"quantity": line.quantity, "change": line.change}


class PaperWeek(Orders):
    """The contents made from the orders."""

    def header(self, kind: str, farm: int | None = None) -> Json:
        whole_week = kind == "harvest"
        point = {
            "code": "tilleuls", "name": "Grange des Tilleuls", "short": "Tilleuls",
            "kind": "round" if kind == "route" else "market", "address": "3 rue du Lavoir, 00000 Saint-Goustan",
        }  # fmt: skip
        return {
            "kind": kind, "hub": "Les Cabas du Bocage", "language": "fr", "currency": "EUR", "week": "2026-W48",
            "version": self.version,
            "extracted_at": "2026-11-24T20:04:00+01:00" if self.version == 1 else "2026-11-25T18:31:00+01:00",
            "collection": None if whole_week else "tilleuls-2026-11-26",
            "point": None if whole_week else point,
            "starts_at": START.isoformat(), "ends_at": (START + timedelta(hours=2)).isoformat(),
            "producer": None if farm is None else producer(farm),
        }  # fmt: skip

    def harvest(self, farm: int = 0) -> Json:
        return {
            "header": self.header("harvest", farm),
            "ready_at": "2026-11-25T14:00:00+01:00",
            "columns": [self._column(nth) for nth in range(self.points)],
            "rows": [row for product in self._sorted() if product.farm == farm for row in self._harvest_row(product)],
            "contracts": self._contracts(),
        }

    def _column(self, nth: int) -> Json:
        again = f" {nth // len(POINTS) + 1}" if nth >= len(POINTS) else ""
        name = POINTS[nth % len(POINTS)]
        return {
            "collection": f"point-{nth}", "households": max(0, len(self.houses) - nth), "open": nth == 3,
            "starts_at": (START + timedelta(days=nth % 3)).isoformat(),
            "point": {"code": f"point-{nth}", "name": name, "short": name + again, "kind": "market", "address": ""},
        }  # fmt: skip

    def _harvest_row(self, product: Product) -> list[Json]:
        """Our point's orders are real, the other points take a share of them."""
        mine = [line for line in self.lines if line.product is product]
        if not mine:
            return []
        here, change = sum(line.quantity for line in mine), total_change(mine)
        cells = [{"quantity": here // (nth + 1), "change": None if nth else change} for nth in range(self.points)]
        total = sum(cell["quantity"] for cell in cells)
        mark = "changed" if total else "cancelled"
        whole = change and change | {"was": total - here + change["was"], "mark": mark}
        pack = product.grams or None
        row = {"zone": product.zone, "quantity": total, "pack_g": pack, "change": whole, "cells": cells}
        return [product.item() | row]

    def _contracts(self) -> list[Json]:
        sizes = [{"code": "P", "quantity": 22}, {"code": "G", "quantity": 5}]
        return [{"contract": "Légumes", "sizes": sizes, "shares": "16"}] if self.houses else []

    def _sorted(self) -> list[Product]:
        return sorted(self.products, key=lambda product: product.key)

    def _rows(self) -> list[tuple[Product, Json]]:
        """Each product somebody takes, with who takes it."""
        rows = []
        for product in self._sorted():
            taken = [(house, line) for house in self.houses for line in house.lines if line.product is product]
            if taken:
                rows.append((product, product.item() | {
                    "quantity": sum(line.quantity for _house, line in taken),
                    "change": total_change([line for _house, line in taken]),
                    "takers": [
                        {"basket_number": house.number, "quantity": line.quantity, "change": line.change}
                        for house, line in taken
                    ],
                }))  # fmt: skip
        return rows

    def delivery_note(self, farm: int = 7) -> Json:
        return {
            "header": self.header("delivery-note", farm),
            "number": "BL-2026-48-03",
            "due_at": "2026-11-26T16:30:00+01:00",
            "rows": [row | {"lot": ""} for product, row in self._rows() if product.farm == farm],
        }

    def member_slips(self, farm: int = 5) -> Json:
        slips = []
        for house in self.houses:
            mine = [line for line in house.lines if line.product.farm == farm]
            if mine:
                change = total_change(mine)
                slips.append({
                    "basket_number": house.number, "order": house.code, "url": self.url(house),
                    "name": f"{house.given} {house.family[0]}.",
                    "change": change and {key: change[key] for key in ("mark", "since", "reason")},
                    "lines": [packed(line) for line in mine],
                })  # fmt: skip
        return {"header": self.header("member-slips", farm), "slips": slips}

    def url(self, house: House) -> str:
        return f"https://cabas.example/commandes/{house.code}/"

    def packing(self) -> Json:
        households = [
            {
                "basket_number": house.number, "order": house.code, "url": self.url(house),
                "family_name": house.family, "given_name": house.given, "due": house.owed,
                "payment": "at-point" if house.due else "card", "remark": "", "change": house.change,
                "note": "Sans coriandre, merci" if house.number == 2 else "",
                "lines": [self._packing_line(line) for line in house.lines],
            }
            for house in self.houses
        ]  # fmt: skip
        return {"header": self.header("packing"), "households": households}

    def _packing_line(self, line: Line) -> Json:
        product = line.product
        return packed(line) | {
            "zone": product.zone, "place": product.place, "producer": producer(product.farm),
            "allergens": product.allergens,
            "unit_price": None if product.basket else euros(product.cents),
            "amount": None if product.basket else euros(product.cents * line.quantity),
        }  # fmt: skip

    def sign_off(self, style: str = "packs", *, phones: bool = False) -> Json:
        by_name = sorted(self.houses, key=lambda house: (house.family, house.given))
        return {
            "header": self.header("sign-off"),
            "style": style,
            "phones": phones,
            "rows": [self._sign_off_row(house, style, phones) for house in by_name],
            "due": euros(sum(house.due for house in self.houses)),
            "contracts": self._contracts(),
        }

    def _sign_off_row(self, house: House, style: str, phones: bool) -> Json:
        live = [line for line in house.lines if line.quantity]
        packs: Counter[str] = Counter()
        for line in live:
            packs[line.product.zone] += line.quantity
        return {
            "basket_number": house.number, "order": house.code,
            "family_name": house.family, "given_name": house.given,
            "phone": f"06 00 00 01 {house.number:02}" if phones else "",
            "contracts": [self._ref(line) for line in live if line.product.basket],
            "products": [self._ref(line) for line in live if not line.product.basket] if style == "codes" else [],
            "packs": {zone: packs[zone] for zone in ZONES},
            "weighed": sum(1 for line in live if line.product.max_grams),
            "due": house.owed, "change": house.change,
        }  # fmt: skip

    def _ref(self, line: Line) -> Json:
        return {"ref": line.product.ref, "quantity": line.quantity, "weighed": bool(line.product.max_grams)}

    def table_plan(self) -> Json:
        groups = groupby(self._rows(), key=lambda pair: (pair[0].zone, pair[0].place, pair[0].farm))
        places = [
            {"place": place, "zone": zone, "producer": producer(farm), "products": [row for _product, row in group]}
            for (zone, place, farm), group in groups
        ]
        return {"header": self.header("table-plan"), "places": places}

    def labels(self, zone: str = "chilled", grid: LabelGrid | None = None) -> Json:
        lines = []
        for house in self.houses:
            mine = [line for line in house.lines if line.product.zone == zone]
            total, first = sum(line.quantity for line in mine), 1
            for line in mine:
                lines.append(packed(line) | {
                    "basket_number": house.number, "name": f"{house.family} {house.given[0]}.", "zone": zone,
                    "producer": producer(line.product.farm), "first": first, "of": total, "use_by": "2026-12-06",
                    "allergens": line.product.allergens, "lot": "",
                })  # fmt: skip
                first += line.quantity
        return {"header": self.header("labels"), "grid": grid or LABEL_GRIDS["3x8"], "zones": [zone], "lines": lines}

    def route(self) -> Json:
        return {
            "header": self.header("route"),
            "leaves_at": "2026-11-26T15:30:00+01:00",
            "driver": {"role": "", "name": "Samuel Roche", "phone": "06 00 00 02 10"},
            "stops": [self._stop(nth, house) for nth, house in enumerate(self.houses, 1)],
        }

    def _stop(self, nth: int, house: House) -> Json:
        return {
            "stop": nth, "at": (START + timedelta(minutes=7 * nth)).isoformat(),
            "basket_number": house.number, "order": house.code, "url": self.url(house),
            "family_name": house.family, "given_name": house.given,
            "address": f"{nth} rue du Lavoir, Saint-Goustan", "access": "code 12A34" if nth % 3 == 0 else "",
            "phone": f"06 00 00 03 {nth:02}", "due": house.owed, "change": house.change,
            "lines": [packed(line) | {"zone": line.product.zone} for line in house.lines],
        }  # fmt: skip

    def duty(self) -> Json:
        hours = ("2026-11-26T16:00:00+01:00", "2026-11-26T18:00:00+01:00", "2026-11-26T20:00:00+01:00")
        kinds = ("skipped", "proxy", "turn", "shifted", "given", "payment")
        return {
            "header": self.header("duty"),
            "shifts": [
                {
                    "starts_at": hours[0], "ends_at": hours[1], "name": "Gwenaëlle Briand",
                    "phone": "06 00 00 01 12", "task": "arrivées des fermes, froid",
                },
                {"starts_at": hours[1], "ends_at": hours[2], "name": "", "phone": "", "task": "tables, rangement"},
            ],
            "contacts": [{"role": "Hôte :", "name": "Maëlle Le Bihan", "phone": "06 00 00 01 20"}],
            "instructions": ["1. Clé de la grange : boîte à code.", "2. Le surgelé sort du coffre S1, jamais avant."],
            "exceptions": [
                {
                    "basket_number": house.number, "family_name": house.family, "given_name": house.given,
                    "what": what, "todo": "panier pain cédé au n° 2",
                }
                for house, what in zip(self.houses, kinds, strict=False)
            ],
            "teams": [
                {"date": "2026-12-03", "names": ["Thomas Barbier", "Solenn Gicquel"], "missing": 0, "held": True},
                {"date": "2026-12-10", "names": ["Karim Benali"], "missing": 1, "held": True},
                {"date": "2026-12-24", "names": [], "missing": 0, "held": False},
            ],
            "sign_off": self.sign_off(), "route": None, "table_plan": self.table_plan(),
        }  # fmt: skip
