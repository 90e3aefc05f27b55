"""The catalogue as a file: what it says, and that it changes nothing when it comes back."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hub.founding import set_vat_rates
from hub.money import money
from hub.spreadsheets import UNSEEN_SIGNS, read
from producers import export, imports
from producers.models import Aisle, Allergen, Offer, Packaging, Producer, Product, Stock, Zone
from producers.reading import facts
from producers.reading.columns import understand
from producers.reading.words import ALLERGEN_PATTERNS, fold, squeeze
from tests import make

WEEK = "2026-W48"
D = Decimal


def changed_by(farm: Producer, content: bytes, week: str = WEEK) -> dict[str, Any]:
    """What an import of the file would do."""
    imp = imports.preview(producer=farm, week=week, file_name="x", content=content, by=None, now=make.now())
    told = imports.summary(imp)
    return told | {"changes": [line["changes"] for line in imp.preview["lines"] if line["changes"]]}


def unchanged(rows: int) -> dict[str, Any]:
    return {"created": 0, "changed": 0, "ignored": 0, "unchanged": rows, "errors": [], "changes": []}


@pytest.fixture
def farm() -> Producer:
    farm = make.producer(name="Les Quatre Saisons")
    carrot = Product.objects.create(
        producer=farm, name="Carottes", unit="g", vat_rate=D("5.5"), aisle="vegetables", labels=["Bio"], allergens=[],
        origin="Saint-Gonlay", zone="dry", use_by_days=12, description="Douces.\nFanées.",
    )  # fmt: skip
    sack = Packaging.objects.create(
        producer=farm, product=carrot, reference="CAR-5", label="sac 5 kg", content=5000, price=money("6.50")
    )
    Packaging.objects.create(producer=farm, product=carrot, label="kg", content=1000, price=money("1.60"))
    hen = Product.objects.create(
        producer=farm, name="=Poulet", unit="g", vat_rate=D(20), zone="chilled", allergens=["milk", "eggs"]
    )
    pack = Packaging.objects.create(
        producer=farm, product=hen, label="pièce", content=1800, weighed=True, max_content=2300, price=money("11.00")
    )
    stocks = Stock.objects.bulk_create(
        [Stock(product=carrot, week=WEEK, quantity=203_000), Stock(product=hen, week=WEEK, quantity=None)]
    )
    Offer.objects.create(packaging=sack, stock=stocks[0], week=WEEK, price=money("6.80"))
    Offer.objects.create(packaging=pack, stock=stocks[1], week=WEEK, price=money("11.00"), on_sale=False)
    return farm


@pytest.mark.django_db
def test_csv_says_everything_in_the_readers_language(farm: Producer) -> None:
    assert export.as_csv(farm, WEEK).decode() == (
        "\ufeffRéférence;Produit;Conditionnement;Contenu;Pesé;Poids maximum;Prix TTC;Disponible semaine 48;En vente;TVA;"
        "Consigne;Rayon;Labels;Allergènes;Origine;Conservation;Conseil de conservation;DLC (jours);Ingrédients;"
        "Description\r\n"
        ";'=Poulet;pièce;1800 g;oui;2300 g;11,00;illimité;non;20;;;;œufs, lait;;frais;;;;\r\n"
        "CAR-5;Carottes;sac 5 kg;5 kg;non;;6,80;203 kg;oui;5,5;;légumes;Bio;aucun;Saint-Gonlay;sec;;12;;"
        '"Douces.\nFanées."\r\n'
        ";Carottes;kg;1 kg;non;;1,60;203;non;5,5;;légumes;Bio;aucun;Saint-Gonlay;sec;;12;;"
        '"Douces.\nFanées."\r\n'
    )


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_comes_back_changes_nothing(farm: Producer, language: str, kind: str) -> None:
    with translation.override(language):
        content = export.as_csv(farm, WEEK) if kind == "csv" else export.as_xlsx(farm, WEEK)
    assert changed_by(farm, content) == unchanged(3)


@pytest.mark.django_db
def test_a_week_without_stock_comes_back_unchanged(farm: Producer) -> None:
    assert changed_by(farm, export.as_xlsx(farm, "2026-W50"), "2026-W50") == unchanged(3)


@pytest.mark.django_db
def test_an_export_is_a_catalogue_for_another_farm(farm: Producer) -> None:
    set_vat_rates({D("5.5"): date(2014, 1, 1), D(20): date(2014, 1, 1)})
    other = make.producer()
    content = export.as_csv(farm, WEEK)
    told = changed_by(other, content)
    assert (told["created"], told["errors"]) == (3, [])


@pytest.mark.django_db
def test_archived_products_and_other_farms_stay_out(farm: Producer) -> None:
    Product.objects.filter(name="Carottes").update(archived_at=make.now())
    make.packaging(make.producer())
    assert [item.product.name for item in export.items(farm, WEEK)] == ["=Poulet"]


@pytest.mark.django_db
def test_three_statements_however_large(farm: Producer, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        list(export.rows(farm, WEEK))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_words_are_understood_when_they_come_back(language: str) -> None:
    with translation.override(language):
        for name, column in zip(export.FIELDS, export.columns(WEEK), strict=True):
            meant = understand(column.header)
            assert meant is not None
            assert meant.field == name
        assert {facts.aisle(str(aisle.label)) for aisle in Aisle} == set(Aisle.values)
        assert {facts.zone_and_advice(str(zone.label))[0] for zone in Zone} == set(Zone.values)
        assert facts.allergens(", ".join(str(allergen.label) for allergen in Allergen)) == tuple(Allergen.values)


def test_our_codes_are_the_models() -> None:
    assert set(facts.AISLE_OF.values()) == set(Aisle.values)
    assert set(facts.ZONE_OF.values()) == set(Zone.values)
    assert tuple(ALLERGEN_PATTERNS) == tuple(Allergen.values)


# Any catalogue, exported and brought back, changes nothing

WORDS = st.text(
    alphabet=st.characters(
        codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co", "Zl", "Zp"], exclude_characters="\u2400\ufffd"
    ),
    max_size=20,
)
NAMES = WORDS.map(squeeze).filter(
    lambda words: any(sign.isalpha() for sign in words) and not UNSEEN_SIGNS.search(words)
)
TEXTS = st.one_of(WORDS, st.sampled_from(["=1+1", "-2", "'=x", "@", "+33", "vider", "-", "a\r\nb", "non", "aucun"]))
PACKS = st.tuples(
    NAMES.map(lambda words: words[:60]),
    st.integers(1, 50_000),
    st.booleans(),
    st.integers(0, 5000),
    st.booleans(),
    st.decimals(0, 10_000, places=2),
    st.decimals(0, 50, places=2),
    st.sampled_from([None, "offered", "off sale"]),
)
PRODUCTS = st.tuples(
    NAMES,
    st.sampled_from(["g", "ml", "piece"]),
    st.sampled_from(["", *Aisle.values]),
    st.lists(
        st.sampled_from(["Bio", "Label Rouge", "AOP", "a, b", "Nature & Progrès", "x/y"]), unique=True, max_size=3
    ),
    st.one_of(st.none(), st.lists(st.sampled_from(Allergen.values), unique=True, max_size=4)),
    st.sampled_from(["5.5", "10", "20"]),
    st.sampled_from(Zone.values),
    st.tuples(TEXTS, TEXTS, TEXTS, TEXTS),
    st.one_of(st.none(), st.integers(1, 1000)),
    st.one_of(st.just("none"), st.none(), st.integers(0, 10_000_000)),
    st.lists(PACKS, min_size=1, max_size=3, unique_by=lambda pack: pack[0]),
)


class AnyCatalogue(TestCase):
    """Each example in a transaction of its own."""

    @given(
        st.lists(PRODUCTS, min_size=1, max_size=4, unique_by=lambda product: product[0]),
        st.booleans(),
        st.sampled_from(["fr", "en"]),
        st.booleans(),
    )
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def test_comes_back_unchanged(self, products: list[Any], workbook: bool, language: str, references: bool) -> None:
        farm = make.producer()
        for number, product in enumerate(products):
            _stored(farm, number, product, references)
        with translation.override(language):
            content = export.as_xlsx(farm, WEEK) if workbook else export.as_csv(farm, WEEK)
        rows = sum(len(product[-1]) for product in products)
        assert changed_by(farm, content) == unchanged(rows)


def _stored(farm: Producer, number: int, values: tuple[Any, ...], references: bool) -> None:
    name, unit, aisle, labels, allergens, vat, zone, texts, keeps, quantity, packs = values
    origin, advice, ingredients, description = texts
    product = Product.objects.create(
        producer=farm, name=name, unit=unit, aisle=aisle, labels=labels, allergens=allergens, vat_rate=D(vat), zone=zone,
        origin=origin, storage_advice=advice, ingredients=ingredients, description=description, use_by_days=keeps,
    )  # fmt: skip
    stock = Stock.objects.create(product=product, week=WEEK, quantity=quantity) if quantity != "none" else None
    for index, (label, content, weighed, more, assumed, price, deposit, offered) in enumerate(packs):
        heavy = weighed and unit == "g"
        pack = Packaging.objects.create(
            producer=farm, product=product, reference=f"R{number}-{index}" if references else "", label=label, content=content,
            weighed=heavy, max_content=content + more if heavy else None, max_assumed=heavy and assumed,
            price=money(price), deposit=money(deposit),
        )  # fmt: skip
        if stock is not None and offered:
            Offer.objects.create(
                packaging=pack, stock=stock, week=WEEK, price=money(price), on_sale=offered == "offered"
            )


def test_words_of_the_strategy_are_what_they_should_be() -> None:
    assert fold("Œufs À ½") == "oeufs a 1/2"
    assert read(b"Nom;Prix\nA;2\n", "x").kind == "csv"
