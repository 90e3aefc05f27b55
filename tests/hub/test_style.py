"""The stylesheet: its contrast, its words, and what templates may not hold."""

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "hub/static/hub"
CSS = STATIC / "site.css"


def tokens(dark: bool) -> dict[str, str]:
    css = CSS.read_text()
    light_part, dark_part = css.split("@media screen and (prefers-color-scheme:dark)", 1)
    found = dict(re.findall(r"--([\w-]+):(#\w+);", light_part))
    if dark:
        found |= dict(re.findall(r"--([\w-]+):(#\w+);", dark_part.split("}", 1)[0]))
    return found


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative contrast of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_colour_is_legible_on_every_ground_it_stands_on(dark: bool) -> None:
    colours = tokens(dark)
    pairs = [
        *product(("ink", "ink-2", "leaf", "carrot", "beet"), ("paper", "card")),
        *product(("ink", "ink-2"), ("leaf-soft", "carrot-soft", "beet-soft")),
        ("leaf", "leaf-soft"),
        ("carrot", "carrot-soft"),
        ("beet", "beet-soft"),
        ("on-leaf", "leaf"),
        ("paper", "ink"),
    ]
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    edges = {ground: contrast(colours["edge"], colours[ground]) for ground in ("card", "paper")}
    assert {ground: ratio for ground, ratio in edges.items() if ratio < 3} == {}


FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle="),
    "inline handler": re.compile(r"\son[a-z]+=\"|hx-on"),
    "inline script": re.compile(r"<script(?![^>]*(src=|application/json))[^>]*>"),
    "address elsewhere": re.compile(r"(src|href)=\"https?://(?!.*\{)"),
}


def screens() -> list[Path]:
    """The templates of pages; paper, e-mail and a file to take along carry their own styles."""
    paper = {"documents", "emails", "base_print.html", "own_data_file.html"}
    return [page for page in (ROOT / "templates").rglob("*.html") if not paper & set(page.parts)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_hold_no(what: str) -> None:
    assert [str(page.relative_to(ROOT)) for page in screens() if FORBIDDEN[what].search(page.read_text())] == []


def test_the_site_has_one_stylesheet_and_paper_one() -> None:
    packages = ("hub", "producers", "orders", "distribution")
    paper = ROOT / "distribution/static/distribution/print.css"
    assert [sheet for package in packages for sheet in (ROOT / package).glob("static/**/*.css")] == [CSS, paper]


def test_templates_use_the_words_of_the_stylesheet() -> None:
    """A class that the stylesheet does not know is a slip of the pen, or a rule that docs/style.md should have."""
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", CSS.read_text()))
    unknown = set()
    for page in screens():
        source = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", page.read_text(), flags=re.DOTALL)
        used = {name for value in re.findall(r'class="([^"]*)"', source) for name in value.split()}
        unknown |= {f"{page.relative_to(ROOT)}: {name}" for name in used - known}
    assert unknown == set()


def test_the_style_is_balanced_and_loads_drawings_beside_it_alone() -> None:
    css = re.sub(r"/\*.*?\*/", "", CSS.read_text(), flags=re.DOTALL)
    assert css.count("{") == css.count("}")
    loaded = re.findall(r"url\(\W*([^\"')]*)", css)
    assert loaded == ["heart.svg", "heart-full.svg"]
    assert [file for file in loaded if not (STATIC / file).is_file()] == []
    assert "@import" not in css


def test_pictures_are_plain_drawings() -> None:
    """A picture refers to its own parts at most."""
    pictures = list((STATIC / "pictures").glob("*.svg"))
    hostile = [path.name for path in pictures if re.search(r"<script|href=\"(?!#)|\son\w+=", path.read_text())]
    assert len(pictures) > 60
    assert hostile == []
