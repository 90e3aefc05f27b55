"""Every sheet as it is printed: head and stamp on every page, nothing cut, what a new version marks."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.distribution.paper_boxes import KINDS, content, sheet
from tests.distribution.paper_orders import Json
from tests.distribution.paper_texts import html

# 60 households with 300 products and long names are tables of a few pages, but many packing sheets and labels: there
# twelve will do.
MANY = ("packing", "labels", "route", "duty")
CASES = [(kind, name) for kind in KINDS for name in ("usual", "version 2", "nobody", "one household")]
CASES += [(kind, "twelve with long names" if kind in MANY else "long names") for kind in KINDS]
CASES += [("sign-off", "61 households"), ("statement", "usual"), ("receipt", "usual")]


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
