"""Every sheet as it is printed: what is on it, what is not cut, what is exactly where."""

import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from distribution import documents
from distribution.contents.point import LABEL_GRIDS, LabelGrid
from tests.distribution.paper_boxes import KINDS, PX, Page, content, lay_out, read, sheet, text_of, texts, week
from tests.distribution.paper_orders import Json
from tests.distribution.paper_week import PaperWeek

# 60 households with 300 products and long names are tables of a few pages, but many packing sheets and labels: there
# twelve will do.
MANY = ("packing", "labels", "route", "duty")
CASES = [(kind, name) for kind in KINDS for name in ("usual", "version 2", "nobody", "one household")]
CASES += [(kind, "twelve with long names" if kind in MANY else "long names") for kind in KINDS]
CASES += [("sign-off", "61 households"), ("statement", "usual"), ("receipt", "usual")]
OWN_GRID: LabelGrid = {
    "columns": 2, "rows": 7, "width": "99.1", "height": "38.1", "left": "4.7", "top": "15.1", "gap_x": "2.5", "gap_y": "0",
}  # fmt: skip
GRIDS = {**LABEL_GRIDS, "2x7": OWN_GRID}


def squeezed(text: str) -> str:
    """Text without spaces, to look for words that may have been broken."""
    return re.sub(r"\s", "", text)


def everything(pages: tuple[Page, ...]) -> str:
    return squeezed("".join(page.text for page in pages))


def printed(kind: str, data: Json) -> tuple[Page, ...]:
    return read(documents.render_sheet(kind, data, "pdf"))  # type: ignore[arg-type]


def html(kind: str, name: str) -> str:
    return documents.render_sheet(kind, content(kind, name), "html").decode()  # type: ignore[arg-type]


# On every page


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_pages_hold_what_is_on_them(kind: str, name: str) -> None:
    """A4, letters of nine points or more, nothing beyond the edge, no row cut in two, no word out of its cell."""
    for page in sheet(kind, name).pages:
        assert sorted([round(page.width), round(page.height)]) == [210, 297]
        assert min(word.size for word in page.words) >= 9 - 0.01
        outside = [
            word for word in page.words
            if word.left < 4 or word.top < 3 or word.right > page.width - 4 or word.bottom > page.height - 3
        ]  # fmt: skip
        assert outside == []
    assert sheet(kind, name).cut_rows() == []
    assert sheet(kind, name).spilt_words() == []


@pytest.mark.parametrize(("kind", "name"), [one for one in CASES if one[0] != "packing"])
def test_head_stamp_and_number_on_every_page(kind: str, name: str) -> None:
    pages = sheet(kind, name).pages
    for number, page in enumerate(pages, 1):
        assert f"page {number}/{len(pages)}" in page.text
        for words in _heading(kind, name):
            assert words in page.text


def _heading(kind: str, name: str) -> list[str]:
    if kind == "statement":
        return [
            "Vergers de la Haute-Lande",
            "semaine 48, 23 au 29 novembre 2026",
            "R-2026-0012, émis le 30 novembre 2026",
        ]
    if kind == "receipt":
        return ["Grange des Tilleuls", "jeudi 26 novembre 2026", "Reçu K7M2PX, émis le 27 novembre 2026"]
    header = content(kind, name)["header"]
    point = header["point"]["name"] if header["point"] else "Tous les points de retrait"
    day = "semaine 48, 23 au 29 novembre 2026" if kind == "harvest" else "jeudi 26 novembre 2026, 17 h 30 – 19 h 30"
    farm = [header["producer"]["name"]] if header["producer"] else []
    return [point, day, f"Extrait le {_stamp(header)}", "Les Cabas du Bocage", *farm]


def _stamp(header: Json) -> str:
    if header["version"] == 1:
        return "24 novembre 2026 à 20 h 04, version 1"
    return "25 novembre 2026 à 18 h 31, version 2 (remplace la 1)"


@pytest.mark.parametrize("name", ["usual", "version 2", "one household", "twelve with long names"])
def test_point_day_stamp_and_number_on_every_packing_sheet(name: str) -> None:
    pages = sheet("packing", name).pages
    text = " ".join(page.text for page in pages)
    places = [int(place) for place in re.findall(r"fiche (\d+)/", text)]
    assert sorted(places) == list(range(1, len(places) + 1))
    assert len(pages) == (len(places) + 1) // 2
    stamp = f"Extrait le {_stamp(content('packing', name)['header'])}"
    for words in ("Grange des Tilleuls", "jeudi 26 novembre 2026, 17 h 30 – 19 h 30", stamp):
        assert text.count(words) == len(places)


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


# Sizes


@pytest.mark.parametrize(("kind", "size"), [("packing", 60), ("member-slips", 28), ("labels", 28), ("sign-off", 18)])
def test_basket_numbers_are_large(kind: str, size: int) -> None:
    words = [word for page in sheet(kind, "usual").pages for word in page.words if round(word.size) == size]
    rows = {"packing": "households", "member-slips": "slips", "labels": "lines", "sign-off": "rows"}[kind]
    wanted = {one["basket_number"] for one in content(kind, "usual")[rows]}
    assert {int(word.text) for word in words if word.text.isdigit()} == wanted


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("long_names", [False, True])
def test_labels_stand_exactly_on_their_grid(name: str, long_names: bool) -> None:
    grid = GRIDS[name]
    data = PaperWeek(12, long_names=long_names).labels(grid=grid)
    laid_out = lay_out("labels", data)
    down, across = float(grid["height"]) + float(grid["gap_y"]), float(grid["width"]) + float(grid["gap_x"])
    tops: dict[int, list[float]] = {}
    for page, row in laid_out.of("TableRowBox"):
        assert row.height * PX == pytest.approx(down, abs=0.02)
        tops.setdefault(page, []).append(row.position_y * PX)
    for found in tops.values():
        assert found == pytest.approx([float(grid["top"]) + nth * down for nth in range(len(found))], abs=0.05)
    for _page, cell in laid_out.of("TableCellBox"):
        left = float(grid["left"])
        column = round((cell.position_x * PX - left) / across)
        assert cell.position_x * PX == pytest.approx(left + column * across, abs=0.05)
        assert (
            max(piece.position_y + piece.height for piece in texts(cell))
            <= cell.position_y + float(grid["height"]) / PX
        )
        assert (
            max(piece.position_x + piece.width for piece in texts(cell)) <= cell.position_x + float(grid["width"]) / PX
        )
    labels = sum(line["quantity"] for line in data["lines"])
    assert len(list(laid_out.of("TableCellBox"))) == labels
    assert laid_out.count == -(-labels // (grid["columns"] * grid["rows"]))


def test_one_label_per_pack_and_none_for_what_is_cancelled() -> None:
    late = PaperWeek(8, version=2)
    chilled = [(house, line) for house in late.houses for line in house.lines if line.product.zone == "chilled"]
    wanted = Counter({house.number: 0 for house in late.houses})
    for house, line in chilled:
        wanted[house.number] += line.quantity
    pages = printed("labels", late.labels())
    assert Counter(int(word.text) for page in pages for word in page.words if word.size > 20) == wanted


def test_a_label_never_cuts_its_allergens() -> None:
    data = PaperWeek(1).labels()
    every = ["gluten", "crustaceans", "eggs", "fish", "peanuts", "soy", "milk", "nuts", "celery", "mustard", "sesame"]
    small = data | {"grid": LABEL_GRIDS["4x10"]}
    for sheets, allergens, words in (
        (data, ["milk", "nuts"], "allergènes : "), (small, every, "allergènes : voir la fiche"),
        (small, [], "allergènes : aucun déclaré"), (data, None, "allergènes : non renseignés"),
    ):  # fmt: skip
        line = data["lines"][0] | {"allergens": allergens, "quantity": 1, "of": 1, "first": 1}
        text = printed("labels", sheets | {"lines": [line]})[0].text
        assert words in text
        assert "…" not in text


@pytest.mark.parametrize("point", ["Tilleuls", "AMAP du Pont-Neuf", "Maison de quartier des Tilleuls"])
@pytest.mark.parametrize("version", [1, 2])
def test_a_label_writes_the_name_of_the_point_and_the_day_in_full(point: str, version: int) -> None:
    data = PaperWeek(6, version=version).labels()
    data["header"]["point"] |= {"name": "Grange", "short": point}
    text = everything(printed("labels", data))
    labels = sum(line["quantity"] for line in data["lines"])
    assert (text.count(squeezed(point)), text.count("26/11"), text.count("lot____")) == (labels, labels, labels)


# Packing sheets


@pytest.mark.parametrize(("lines", "goes_on"), [(10, False), (30, True), (90, True)])
def test_an_order_too_long_for_half_a_page_goes_on_over_the_next(lines: int, goes_on: bool) -> None:
    long = PaperWeek(4, products=300, lines=lines)
    text = everything(printed("packing", long.packing()))
    for house in long.houses:
        for line in house.lines:
            assert squeezed(f"{line.quantity} {line.product.name}, {line.product.packaging}") in text
    onward = text.count("Suitesurlafichesuivante")
    assert onward == len(re.findall(r"fiche\d+/", text)) - len(long.houses)
    assert (onward > 0) == goes_on


@pytest.mark.parametrize("name", ["usual", "version 2", "twelve with long names"])
def test_lines_end_above_the_foot_of_their_half(name: str) -> None:
    halves = [box for _page, box in sheet("packing", name).of("BlockBox") if _class(box).startswith("half")]
    assert len(halves) >= len(week(name).houses)
    for half in halves:
        children = [getattr(child, "_box", child) for child in half.children]
        foot = next(child for child in children if child.element_tag == "footer")
        low = max(
            piece.position_y + piece.height for child in children if _class(child) == "lines" for piece in texts(child)
        )
        assert low <= foot.position_y
        assert max(piece.position_x + piece.width for piece in texts(half)) <= half.position_x + half.border_width()


def _class(box: Any) -> str:
    return box.element.get("class") or "" if box.element is not None else ""


def test_one_cut_keeps_the_order() -> None:
    """The left halves, then the right ones: one pile under the other gives 1, 2, 3 …"""
    pages = printed("packing", PaperWeek(7).packing())
    numbers = [
        int(word.text)
        for right in (False, True)
        for page in pages
        for word in page.words
        if word.size > 50 and (word.left > page.width / 2) == right
    ]
    assert numbers == list(range(1, 8))


def test_only_changed_packing_sheets_can_be_printed() -> None:
    data = content("packing", "version 2")
    changed = [one["basket_number"] for one in data["households"] if one["change"]]
    pages = read(documents.changed_packing(data))  # type: ignore[arg-type]
    assert sorted(int(word.text) for page in pages for word in page.words if word.size > 50) == changed
    assert 0 < len(changed) < 60


def test_allergens_of_a_basket_and_what_is_not_stated() -> None:
    data = PaperWeek(1).packing()
    line = data["households"][0]["lines"][0]
    for allergens, words in (
        ([["milk"], ["gluten", "milk"]], "allergènes : "), ([[], []], "allergènes : aucun déclaré"),
        ([None, []], "allergènes : non renseignés pour 1 produit"),
        ([None, None], "allergènes : non renseignés pour 2 produits"),
        ([["celery"], None], ", non renseignés pour 1 produit"),
    ):  # fmt: skip
        household = data["households"][0] | {"lines": [line | {"allergens": one} for one in allergens]}
        assert words in printed("packing", data | {"households": [household]})[0].text


# Version 2


def marks(data: Any) -> Counter[str]:
    """How many changes of each mark a content holds, those of single takers of a product aside."""
    found: Counter[str] = Counter()
    if isinstance(data, dict):
        found.update([data["mark"]] if "mark" in data else [])
        for name, value in data.items():
            found += marks(value) if name != "takers" else Counter()
    if isinstance(data, list):
        for value in data:
            found += marks(value)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_version_two_says_so_and_marks_what_changed(kind: str) -> None:
    first, second, changes = html(kind, "usual"), html(kind, "version 2"), marks(content(kind, "version 2"))
    assert sum(changes.values()) > 0
    assert "version 2 (remplace la 1)" in second
    assert "(remplace" not in first
    assert "v2</mark>" not in first
    assert "annulé</mark>" not in first
    assert ("v2</mark>" in second) == (kind == "duty" or changes["changed"] + changes["added"] > 0)
    assert ("annulé</mark>" in second) == (kind != "labels" and changes["cancelled"] > 0)


def test_cancelled_lines_are_struck_through_and_say_why() -> None:
    households = content("packing", "version 2")["households"]
    cancelled = [line for one in households for line in one["lines"] if line["change"] and not line["quantity"]]
    text = html("packing", "version 2")
    assert text.count("</del> <mark>annulé</mark>") == len(cancelled) > 30
    assert text.count("gel de mardi") == sum(1 for line in cancelled if line["change"]["reason"] == "gel de mardi")


def test_old_quantity_is_struck_and_the_new_one_stands_out() -> None:
    beets = next(row for row in content("harvest", "version 2")["rows"] if row["ref"] == "BET")
    assert beets["quantity"] == 0
    cell = f'<td class="end big"><del>{beets["change"]["was"]}</del> <ins>0</ins></td>'
    assert html("harvest", "version 2").count(cell) == 1


# Nobody


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("harvest", "Rien n’est commandé."), ("delivery-note", "Rien n’est commandé."),
        ("member-slips", "Rien n’est commandé."), ("packing", "Rien n’est commandé."),
        ("sign-off", "Personne ne vient à cette distribution."), ("table-plan", "Rien n’est commandé."),
        ("labels", "Rien n’est commandé."), ("duty", "chaque foyer vient chercher sa commande."),
        ("route", "Aucun arrêt sur cette tournée."),
    ],
)  # fmt: skip
def test_an_empty_sheet_says_so_on_one_page(kind: str, sentence: str) -> None:
    pages = sheet(kind, "nobody").pages
    assert sentence in pages[0].text
    assert len(pages) == (3 if kind == "duty" else 1)
