"""Every sheet as it is printed: what is exactly where, and how large."""

import re
from collections import Counter
from typing import Any

import pytest

from distribution import documents
from distribution.contents.point import LABEL_GRIDS, LabelGrid
from tests.distribution.paper_boxes import PX, content, lay_out, read, sheet, texts, week
from tests.distribution.paper_texts import everything, printed, squeezed
from tests.distribution.paper_week import PaperWeek

OWN_GRID: LabelGrid = {
    "columns": 2, "rows": 7, "width": "99.1", "height": "38.1", "left": "4.7", "top": "15.1", "gap_x": "2.5", "gap_y": "0",
}  # fmt: skip
GRIDS = {**LABEL_GRIDS, "2x7": OWN_GRID}


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
