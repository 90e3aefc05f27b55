"""Drawings and aisles of products whose farm has given neither photo nor aisle."""

from pathlib import Path

import pytest

from producers.models import Aisle
from producers.pictures import AISLES, BY_AISLE, GROWN, MADE, NEUTRAL, aisle_for, drawing_for

PICTURES = Path(__file__).parents[2] / "hub/static/hub/pictures"


def test_all_drawings_exist_and_stand_in_one_aisle() -> None:
    named = {drawing for _word, drawing in (*MADE, *GROWN)} | set(BY_AISLE.values()) | {NEUTRAL}
    assert [name for name in sorted(named) if not (PICTURES / f"{name}.svg").is_file()] == []
    placed = [drawing for drawings in AISLES.values() for drawing in drawings]
    assert len(placed) == len(set(placed))
    assert named - set(placed) == {NEUTRAL}
    assert set(AISLES) <= set(Aisle.values)


@pytest.mark.parametrize(
    ("name", "drawing", "aisle"),
    [
        ("Drêches séchées", "sachet", "grocery"),
        ("Rillettes de porc", "bocal", "grocery"),
        ("Confiture de fraises", "confiture", "grocery"),
        ("Yaourts à la fraise", "yaourt", "dairy"),
        ("Saucisson aux noix", "saucisson", "meat"),
        ("Poulet fermier, prêt à cuire", "poulet", "meat"),
        ("Savon au lait de chèvre", "savon", "home"),
        ("Laitue", "salade", "vegetables"),
        ("Lait de chèvre", "lait", "dairy"),
        ("Pâtes au sarrasin", "farine", "grocery"),
        ("Pâté de campagne", "bocal", "grocery"),
        ("Œufs frais", "oeufs", "eggs"),
        ("Bière au miel", "biere", "drinks"),
        ("Panais", "panier", ""),
    ],
)
def test_what_is_made_is_no_raw_produce(name: str, drawing: str, aisle: str) -> None:
    assert (drawing_for(name), aisle_for(name)) == (drawing, aisle)


def test_the_aisle_speaks_where_the_name_does_not() -> None:
    assert drawing_for("Spécialité de la maison", "grocery") == "bocal"
    assert drawing_for("Spécialité de la maison", "drinks") == "bouteille"
    assert drawing_for("Spécialité de la maison", "fish") == "panier"
