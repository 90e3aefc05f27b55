"""Contents of the point's sheets about packs: packing sheets, sign-off list, table plan, labels."""

from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from distribution.contents.point import (
    LABEL_GRIDS,
    LabelLine,
    Labels,
    PackedHousehold,
    Packing,
    PackingLine,
    RefCount,
    SignOff,
    SignOffRow,
    TablePlace,
    TablePlan,
)
from distribution.sheets.farm import by_item, by_product, takers
from distribution.sheets.reading import ZONES, House, Line, Reading, plain
from orders.links import order_link


def packing(reading: Reading) -> Packing:
    """One household after the other, what to put into its bags."""
    return {"header": reading.header("packing"), "households": [_packed(reading, house) for house in reading.houses]}


def _packed(reading: Reading, house: House) -> PackedHousehold:
    lines = sorted(reading.by_order.get(house.id, []), key=lambda line: _standing(reading, line))
    return {
        "basket_number": house.basket_number,
        "order": house.code,
        "url": order_link(house.code),
        "family_name": house.family_name,
        "given_name": house.given_name,
        "due": reading.due(house),
        "payment": house.payment_method,  # type: ignore[typeddict-item]
        "remark": "",
        "note": house.note,
        "change": reading.household_change("packing", lines),
        "lines": [_packing_line(reading, line) for line in lines],
    }


def _packing_line(reading: Reading, line: Line) -> PackingLine:
    return {
        **line.item(),
        "zone": line.zone,  # type: ignore[typeddict-item]
        "place": reading.place(line),
        "producer": line.producer(),
        "quantity": line.due,
        "change": reading.change("packing", [line]),
        "allergens": line.allergens,
        "unit_price": None if line.basket else f"{line.unit_price:.2f}",
        "amount": None if line.basket else f"{line.expected:.2f}",
    }


def _standing(reading: Reading, line: Line) -> tuple[int, str, str, bool, str, int, str, int]:
    """By zone, place, producer, then baskets first and product."""
    return (ZONES.index(line.zone), reading.place(line), plain(line.producer_name), *by_product(line))


def sign_off(reading: Reading) -> SignOff:
    """Who comes and signs. Sorted by name without accents."""
    phones = reading.collection.point.prints_phones
    houses = sorted(
        reading.houses, key=lambda house: (plain(house.family_name), plain(house.given_name), house.basket_number)
    )
    due = sum((Decimal(reading.due(house) or 0) for house in houses), Decimal("0.00"))
    return {
        "header": reading.header("sign-off"),
        "style": "packs",
        "phones": phones,
        "rows": [_sign_off_row(reading, house, phones) for house in houses],
        "due": f"{due:.2f}",
        "contracts": [],
    }


def _sign_off_row(reading: Reading, house: House, phones: bool) -> SignOffRow:
    lines = reading.by_order.get(house.id, [])
    return {
        "basket_number": house.basket_number,
        "order": house.code,
        "family_name": house.family_name,
        "given_name": house.given_name,
        "phone": house.phone if phones else "",
        "contracts": [_counted(line) for line in sorted(lines, key=by_product) if line.basket and line.due],
        "products": [],
        "packs": {zone: sum(line.due for line in lines if line.zone == zone) for zone in ZONES},  # type: ignore[misc]
        "weighed": sum(1 for line in lines if line.weighed and line.due),
        "due": reading.due(house),
        "change": reading.household_change("sign-off", lines),
    }


def _counted(line: Line) -> RefCount:
    return {"ref": line.reference or line.label, "quantity": line.due, "weighed": line.weighed}


def table_plan(reading: Reading) -> TablePlan:
    """What stands where, and whose it is."""

    def place(line: Line) -> tuple[int, str, str, int]:
        return (ZONES.index(line.zone), reading.place(line), plain(line.producer_name), line.producer_id)

    lines = sorted(reading.lines, key=place)
    groups = [list(group) for _key, group in groupby(lines, key=place)]
    return {"header": reading.header("table-plan"), "places": [_table_place(reading, group) for group in groups]}


def _table_place(reading: Reading, lines: list[Line]) -> TablePlace:
    return {
        "place": reading.place(lines[0]),
        "zone": lines[0].zone,  # type: ignore[typeddict-item]
        "producer": lines[0].producer(),
        "products": [
            {
                **group[0].item(),
                "quantity": sum(line.due for line in group),
                "change": reading.change("table-plan", group),
                "takers": takers(reading, "table-plan", group),
            }
            for group in by_item(lines)
        ],
    }


def labels(reading: Reading) -> Labels:
    """One label per pack; a household's packs are counted through."""
    lines: list[LabelLine] = []
    for house in reading.houses:
        mine = sorted(
            reading.by_order.get(house.id, []),
            key=lambda line: (ZONES.index(line.zone), plain(line.name), line.content, line.id),
        )
        of, first = sum(line.due for line in mine), 1
        for line in mine:
            lines.append(_label(reading, house, line, first, of))
            first += line.due
    present = {line.zone for line in reading.lines}
    return {
        "header": reading.header("labels"),
        "grid": LABEL_GRIDS[reading.collection.point.label_grid],
        "zones": [zone for zone in ZONES if zone in present],  # type: ignore[misc]
        "lines": lines,
    }


def _label(reading: Reading, house: House, line: Line, first: int, of: int) -> LabelLine:
    keeps = line.use_by_days
    use_by = None if keeps is None else (reading.collection.local_date + timedelta(days=keeps)).isoformat()
    return {
        **line.item(),
        "basket_number": house.basket_number,
        "name": f"{house.family_name} {house.given_name[:1]}.".strip() if house.given_name else house.family_name,
        "zone": line.zone,  # type: ignore[typeddict-item]
        "producer": line.producer(),
        "quantity": line.due,
        "first": first,
        "of": of,
        "use_by": use_by,
        "allergens": line.allergens,
        "lot": "",
        "change": reading.change("labels", [line]),
    }
