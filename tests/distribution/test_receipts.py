"""Receipts: made once from what was settled, the same in two languages, never changed."""

from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from distribution import receipts, reconcile, settlement, tasks
from distribution.fingerprints import fingerprint
from distribution.models import Receipt
from orders.models import Order
from producers.models import Producer
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> SimpleNamespace:
    """Bread, a weighed chicken and bottles with a deposit; one loaf is missing. A beekeeper charges no VAT."""
    make.fees("8", "12")
    at = make.collection()
    farm = make.producer(at.point, name="Ferme des Ormeaux")
    bees = make.producer(at.point, name="Rucher de Lucie", vat_regime=Producer.VatRegime.FRANCHISE)
    bread, chicken, honey = make.packaging(farm, "4.20"), make.weighed(farm), make.packaging(bees, "7.00")
    bottle = make.packaging(farm, "3.00", deposit=Decimal("0.30"))
    day = a_day({bread: 2, chicken: 1, bottle: 2, honey: 1}, {bread: 1}, farms=[farm, bees], at=at)
    day.arrive()
    day.act("weighed", day.orders[0], chicken, grams=1750)
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.act("collected", day.orders[0], by="Nour")
    day.confirm()
    return SimpleNamespace(day=day, order=day.orders[0], bread=bread)


def issued(scene: SimpleNamespace) -> Receipt:
    settlement.settle(collection=scene.day.collection, now=make.now())
    assert receipts.issue(collection=scene.day.collection, now=make.now()) == 2
    return Receipt.objects.get(order=scene.order)


def test_it_tells_what_was_settled_to_the_cent(scene: SimpleNamespace) -> None:
    receipt = issued(scene)
    content = receipt.content
    total = Decimal("4.20") + Decimal("19.25") + Decimal("6.00") + Decimal("7.00") + Decimal("0.60")
    assert receipt.total.amount == total == Order.objects.get(pk=scene.order.pk).final_total.amount
    assert {key: content[key] for key in ("total", "estimated", "deposits", "farms", "host", "hub_share")} == {
        "total": "37.05", "estimated": "41.80", "deposits": "0.60", "farms": "29.16", "host": "2.92", "hub_share": "4.37",
    }  # fmt: skip
    assert content["rates"] == [{"rate": "5.5", "net": "27.91", "vat": "1.54", "gross": "29.45"}]
    assert content["without_vat"] == [{"producer": "Rucher de Lucie", "regime": "franchise"}]
    by_product = {line["product"]: line for line in content["lines"]}
    assert by_product[scene.bread.product.name]["missing"] == [{"quantity": 1, "reason": "broken"}]
    assert (content["collected_by"], content["paid_on"] is not None) == ("Nour", content["payment"] == "account")
    assert receipt.sha256 == fingerprint(Receipt.objects.get(pk=receipt.pk).content)
    assert reconcile.differences() == []


def test_before_settlement_there_is_none_and_twice_is_once(scene: SimpleNamespace) -> None:
    assert receipts.issue_due(now=make.now()) == 0
    settlement.settle(collection=scene.day.collection, now=make.now())
    assert receipts.issue_due(now=make.now()) == 2
    before = list(Receipt.objects.order_by("pk").values())
    assert receipts.issue_due(now=make.now()) == receipts.issue(collection=scene.day.collection, now=make.now()) == 0
    assert list(Receipt.objects.order_by("pk").values()) == before


def test_the_sweep_makes_them(scene: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.papers, "delay", lambda: None)
    tasks.sweep()
    assert Receipt.objects.count() == 2


def test_it_reads_in_both_languages_and_is_the_same_each_time(scene: SimpleNamespace) -> None:
    receipt = issued(scene)
    texts = {code: words(receipts.as_pdf(receipt, code)) for code in ("fr", "en")}
    assert "Rucher de Lucie : TVA non applicable, art. 293 B du CGI." in texts["fr"]
    assert "manquant 1 (cassé ou abîmé)" in texts["fr"]
    assert "Rucher de Lucie: VAT not applicable, art. 293 B of the French tax code." in texts["en"]
    assert "1 missing (broken or spoilt)" in texts["en"]
    assert "37,05 €" in texts["fr"]
    assert "€37.05" in texts["en"]
    assert receipts.as_pdf(receipt, "fr") == receipts.as_pdf(receipt, "fr")


def words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(text.split())


def test_an_issued_receipt_is_never_changed(scene: SimpleNamespace) -> None:
    receipt = issued(scene)
    for act in (lambda: Receipt.objects.update(total=1), lambda: Receipt.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    assert Receipt.objects.get(pk=receipt.pk).total.amount == Decimal("37.05")


@pytest.mark.parametrize("households", [2, 9])
def test_the_number_of_statements_does_not_grow(households: int, django_assert_num_queries: Any) -> None:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread, jam = make.packaging(farm, "4.20"), make.packaging(farm, "5.10")
    day = a_day(*[{bread: 1, jam: 2} for _n in range(households)], farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=day.collection, now=make.now())
    with django_assert_num_queries(8):
        assert receipts.issue(collection=day.collection, now=make.now()) == households
