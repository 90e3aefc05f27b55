"""Packagings in farmers' words."""

from typing import Any

import pytest

from producers.reading.packs import read_content, read_pack
from producers.reading.problems import Misread

# Words, base unit, content, weight or volume said (base units), and what else is known of it.
PACKS: list[tuple[str, str, int, int | None, dict[str, Any]]] = [
    ("kg", "g", 1000, None, {}),
    ("le kg", "g", 1000, None, {}),
    ("Kilo", "g", 1000, None, {}),
    ("au kilo", "g", 1000, None, {}),
    ("prix au kg", "g", 1000, None, {}),
    ("kg, prix au kg", "g", 1000, None, {}),
    ("en vrac", "g", 1000, None, {"guessed": True}),
    ("1 kg", "g", 1000, 1000, {}),
    ("3kg", "g", 3000, 3000, {}),
    ("500 g", "g", 500, 500, {}),
    ("500gr", "g", 500, 500, {}),
    ("500\u202fg", "g", 500, 500, {}),
    ("1 kg 500", "g", 1500, 1500, {}),
    ("1kg500", "g", 1500, 1500, {}),
    ("1 kg 50 g", "g", 1050, 1050, {}),
    ("1,250 kg", "g", 1250, 1250, {}),
    ("1.500 g", "g", 1500, 1500, {}),
    ("1 500 g", "g", 1500, 1500, {}),
    ("½ kg", "g", 500, 500, {}),
    ("1/2 kg", "g", 500, 500, {}),
    ("demi-kilo", "g", 500, 500, {}),
    ("une livre", "g", 500, None, {}),
    ("sac 5 kg", "g", 5000, 5000, {}),
    ("sac (25 kg)", "g", 25000, 25000, {}),
    ("filet de 2 kg", "g", 2000, 2000, {}),
    ("barquette 150 g", "g", 150, 150, {}),
    ("pot 500 g", "g", 500, 500, {}),
    ("sachet env. 500g", "g", 500, 500, {"approximate": True}),
    ("4 x 125 g", "g", 500, 500, {}),
    ("4×125g", "g", 500, 500, {}),
    ("125g x4", "g", 500, 500, {}),
    ("6 pots de 125 g", "g", 750, 750, {}),
    ("lot de 3 savons 100 g", "g", 300, 300, {}),
    ("75 cl", "ml", 750, 750, {}),
    ("1 L", "ml", 1000, 1000, {}),
    ("bouteille 1 L", "ml", 1000, 1000, {}),
    ("bouteille 75 cl 2023", "ml", 750, 750, {}),
    ("BIB 3L", "ml", 3000, 3000, {}),
    ("6 x 75 cl", "ml", 4500, 4500, {}),
    ("carton de 6 bouteilles de 75cl", "ml", 4500, 4500, {}),
    ("carton 12x33cl", "ml", 3960, 3960, {}),
    ("pièce", "piece", 1, None, {}),
    ("à la pièce", "piece", 1, None, {}),
    ("l’unité", "piece", 1, None, {}),
    ("botte", "piece", 1, None, {}),
    ("botte de 10 radis", "piece", 1, None, {}),
    ("bouquet", "piece", 1, None, {}),
    ("panier", "piece", 1, None, {}),
    ("sachet", "piece", 1, None, {}),
    ("½ pièce", "piece", 1, None, {}),
    ("demi chou", "piece", 1, None, {}),
    ("tresse 500 g", "piece", 1, 500, {}),
    ("pièce 400 g", "piece", 1, 400, {}),
    ("pièce (~ 800 g)", "piece", 1, 800, {"approximate": True}),
    ("pièce ≈ 1,6 kg", "piece", 1, 1600, {"approximate": True}),
    ("env. 1,5 kg", "piece", 1, 1500, {"approximate": True}),
    ("2 pièces de 300 g", "piece", 2, 600, {}),
    ("la paire", "piece", 2, None, {}),
    ("x6", "piece", 6, None, {}),
    ("par 6", "piece", 6, None, {}),
    ("boîte de 6", "piece", 6, None, {}),
    ("boîte 6", "piece", 6, None, {}),
    ("boîte de 6 œufs", "piece", 6, None, {}),
    ("6 œufs calibre 53-63 g", "piece", 6, 58, {}),
    ("plateau de 30", "piece", 30, None, {}),
    ("douzaine", "piece", 12, None, {}),
    ("demi-douzaine", "piece", 6, None, {}),
    ("2 douzaines", "piece", 24, None, {}),
    ("lot de 3 têtes", "piece", 3, None, {}),
    ("Grand", "piece", 1, None, {"guessed": True}),
    ("pièce (~1,2 kg), prix au kg", "piece", 1, 1200, {"approximate": True, "by_weight": True}),
    ("poulet env. 1,8 kg au kilo", "piece", 1, 1800, {"approximate": True, "by_weight": True}),
    ("part 150 g, prix au kg", "piece", 1, 150, {"by_weight": True}),
    ("1,2 à 1,5 kg, prix au kg", "piece", 1, 1350, {"approximate": True, "by_weight": True, "upper": 1500}),
    ("entre 800 g et 1,2 kg", "piece", 1, 1000, {"approximate": True, "upper": 1200}),
    ("à la coupe, prix au kg", "piece", 1, None, {"by_weight": True, "cut": True}),
]


@pytest.mark.parametrize(("words", "unit", "content", "measure", "more"), PACKS, ids=[pack[0] for pack in PACKS])
def test_packs(words: str, unit: str, content: int, measure: int | None, more: dict[str, Any]) -> None:
    pack = read_pack(words)
    plain = {"approximate": False, "by_weight": False, "cut": False, "guessed": False, "upper": None}
    assert (pack.unit, pack.content, pack.measure.amount if pack.measure else None) == (unit, content, measure)
    assert {name: getattr(pack, name) for name in plain} == plain | more
    assert pack.label == " ".join(words.split())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("500", "missing-unit"),
        ("g", "missing-unit"),
        ("sachet 250", "missing-unit"),
        ("vendu au poids", "missing-weight"),
        ("1 kg 5", "not-a-packaging"),
        ("lot de 4 (125 g)", "not-a-packaging"),
        ("🥕", "not-a-packaging"),
        ("0 g", "negative-weight"),
        ("0,5 g", "not-a-weight"),
        ("100 000 kg", "too-much-in-a-pack"),
        ("1,5 à 1,2 kg", "not-a-packaging"),
        ("boîte de 0", "not-a-packaging"),
    ],
)
def test_what_is_no_pack(words: str, code: str) -> None:
    with pytest.raises(Misread) as caught:
        read_pack(words)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("words", "unit", "amount"),
    [("500 g", "g", 500), ("1 pièce", "piece", 1), ("6 pièces", "piece", 6), ("2 L", "ml", 2000)],
)
def test_an_explicit_content(words: str, unit: str, amount: int) -> None:
    assert (read_content(words).unit, read_content(words).amount) == (unit, amount)


@pytest.mark.parametrize("words", ["6", "0 pièces", "beaucoup", "20 t"])
def test_what_is_no_content(words: str) -> None:
    with pytest.raises(Misread):
        read_content(words)
