"""Every sheet as it is printed: what is on it."""

import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.distribution.paper_boxes import content, lay_out, sheet, text_of, week
from tests.distribution.paper_orders import Json
from tests.distribution.paper_texts import everything, printed, squeezed
from tests.distribution.paper_week import PaperWeek

# What is on them


@pytest.mark.parametrize("kind", ["packing", "sign-off", "route", "duty"])
@pytest.mark.parametrize("name", ["usual", "version 2", "one household", "twelve with long names"])
def test_every_household_is_there(kind: str, name: str) -> None:
    text = everything(sheet(kind, name).pages).upper()
    for house in week(name).houses:
        for word in house.name.replace("-", " ").split():
            assert word.upper() in text


@pytest.mark.parametrize("name", ["usual", "version 2", "twelve with long names"])
def test_packing_sheets_have_every_quantity_of_every_household(name: str) -> None:
    """Read as a helper reads: each line of the half with that number, against the order."""
    found: dict[str, str] = {}
    for page in sheet("packing", name).pages:
        for right in (False, True):
            half = [word for word in page.words if (word.left > page.width / 2) == right]
            number = next((word.text for word in half if word.size > 50), "")
            found[number] = found.get(number, "") + squeezed(" ".join(word.text for word in half))
    for house in week(name).houses:
        for line in house.lines:
            sign, count = ("✕", line.was) if line.mark == "cancelled" else ("☐", line.quantity)
            assert squeezed(f"{sign}{count}{line.product.name}, {line.product.packaging}") in found[str(house.number)]


@pytest.mark.parametrize("name", ["usual", "version 2"])
def test_harvest_list_has_every_total_and_every_point(name: str) -> None:
    rows = [cells[1:] for cells in sheet("harvest", name).rows() if len(cells) == 9]
    assert rows == [
        [
            row["packaging"],
            _shown(row["quantity"], row["change"]),
            _kilos(row["quantity"] * row["pack_g"]),
            *[
                _shown(cell["quantity"], cell["change"]) if cell["quantity"] or cell["change"] else "·"
                for cell in row["cells"]
            ],
        ]
        for row in content("harvest", name)["rows"]
    ]


def _shown(quantity: int, change: Json | None) -> str:
    return f"{change['was']} {quantity}" if change and change["was"] != quantity else str(quantity)


def _kilos(grams: int) -> str:
    kilos = (Decimal(grams) / 1000).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{kilos} kg".replace(".", ",") if grams else "–"


def test_harvest_of_many_points_is_split_and_keeps_them_all() -> None:
    text = " ".join(page.text for page in sheet("harvest", "long names").pages)
    for title in ("Points 1 à 6 sur 14", "Points 7 à 12 sur 14", "Points 13 à 14 sur 14"):
        assert text.count(title) == 1
    rows = content("harvest", "long names")["rows"]
    widths = Counter(len(cells) for cells in sheet("harvest", "long names").rows())
    assert (widths[10], widths[8], widths[4]) == (len(rows), len(rows), len(rows))


@pytest.mark.parametrize("name", ["usual", "version 2"])
def test_delivery_note_has_every_product_and_a_blank_per_weighed_pack(name: str) -> None:
    wanted = []
    for nth, row in enumerate(content("delivery-note", name)["rows"], 1):
        wanted.append([str(nth), row["ref"], row["packaging"], _shown(row["quantity"], row["change"])])
        if row["weighed"]:
            wanted.append([f"n° {taker['basket_number']}" for taker in row["takers"] for _ in range(taker["quantity"])])
    found = []
    for row in sheet("delivery-note", name).rows():
        if len(row) == 8:
            found.append([row[0], row[1], row[3], row[4]])
        if row[:2] == ["", "pesées"]:
            found.append(re.findall(r"n° \d+", row[2]))
    assert found == wanted


@pytest.mark.parametrize("name", ["usual", "version 2"])
def test_table_plan_has_every_product_and_who_takes_it(name: str) -> None:
    found = [[row[0], row[2], row[3]] for row in sheet("table-plan", name).rows() if len(row) == 4]
    assert [[ref, packs, squeezed(takers)] for ref, packs, takers in found] == [
        [row["ref"], _shown(row["quantity"], row["change"]), ",".join(_taker(taker) for taker in row["takers"])]
        for place in content("table-plan", name)["places"]
        for row in place["products"]
    ]


def test_a_farm_that_goes_on_over_the_page_is_named_there_again() -> None:
    laid_out, going_on = sheet("table-plan", "long names"), 0
    for place in content("table-plan", "long names")["places"]:
        refs = {row["ref"] for row in place["products"]}
        rows = Counter(number for number, row in laid_out.of("TableRowBox") if text_of(row.children[0]) in refs)
        going_on += len(rows) > 1
        assert len(place["products"]) == 1 or min(rows.values()) > 1, "no row stands alone under a heading"
        for number in rows:
            assert squeezed(f"{place['place']} {place['producer']['name']} ·") in squeezed(
                laid_out.pages[number - 1].text
            )
    assert going_on
    for page in laid_out.pages:
        assert "Pour les paniers n°" in page.text


def _taker(taker: Json) -> str:
    count = taker["quantity"] or taker["change"]["was"]
    return f"{taker['basket_number']}×{count}" if count > 1 else str(taker["basket_number"])


@pytest.mark.parametrize("name", ["usual", "version 2"])
def test_slips_have_every_bag(name: str) -> None:
    text = everything(sheet("member-slips", name).pages)
    for slip in content("member-slips", name)["slips"]:
        assert squeezed(slip["name"]) in text
        for line in slip["lines"]:
            count = line["quantity"] or line["change"]["was"]
            assert squeezed(f"{count} {line['product']}, {line['packaging']}") in text


@pytest.mark.parametrize("name", ["usual", "version 2"])
def test_route_has_every_door_and_its_packs(name: str) -> None:
    rows = [row for row in sheet("route", name).rows() if len(row) == 5]
    for row, stop in zip(rows, content("route", name)["stops"], strict=True):
        assert squeezed(row[0]).startswith(str(stop["stop"]))
        assert squeezed(stop["address"]) in squeezed(row[2])
        assert stop["phone"] in row[2]
        for line in stop["lines"]:
            count = line["quantity"] or line["change"]["was"]
            assert squeezed(f"{count}{line['product']}") in squeezed(row[3])


# The sign-off list


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("style", "phones"), [("packs", False), ("packs", True), ("codes", False)])
def test_sixty_households_sign_on_two_pages(version: int, style: str, phones: bool) -> None:
    data = PaperWeek(60, version=version).sign_off(style, phones=phones)
    assert lay_out("sign-off", data).count == 2


def test_sixty_long_names_sign_on_two_pages() -> None:
    data = PaperWeek(60, long_names=True).sign_off()
    assert min(len(row["family_name"] + row["given_name"]) for row in data["rows"]) >= 55
    assert lay_out("sign-off", data).count == 2


def test_sixty_one_households_are_all_there_and_the_number_of_pages_grows_with_them() -> None:
    numbers = [row[0].split()[-1] for row in sheet("sign-off", "61 households").rows() if len(row) == 4]
    assert sorted(map(int, numbers)) == list(range(1, 62))
    assert lay_out("sign-off", PaperWeek(240).sign_off()).count == 8


def test_the_sign_off_list_says_what_to_fetch_and_to_cash() -> None:
    rows = [row for row in sheet("sign-off", "usual").rows() if len(row) == 4]
    for row, one in zip(rows, content("sign-off", "usual")["rows"], strict=True):
        packs = [
            f"{name} {one['packs'][zone]}" for zone, name in (("dry", "sec"), ("chilled", "frais"), ("frozen", "surg."))
        ]
        counts = [text for text in packs if not text.endswith(" 0")] + (
            [f"⚖ {one['weighed']}"] if one["weighed"] else []
        )
        codes = " · ".join(basket["ref"] for basket in one["contracts"])
        assert row[2].replace("\xa0", " ") == f"{codes} {' · '.join(counts)}".strip()
        assert row[3] == (f"{one['due']} €".replace(".", ",") if one["due"] else "")


def test_phone_numbers_only_where_the_point_prints_them() -> None:
    data = PaperWeek(3).sign_off(phones=True)
    assert "06 00 00 01 02" in printed("sign-off", data)[0].text
    assert "06 00 00" not in printed("sign-off", data | {"phones": False})[0].text


def test_contract_totals_read_aloud() -> None:
    assert sheet("sign-off", "usual").rows()[-1] == ["Contrats : Légumes 22 P · 5 G · 16 parts"]
