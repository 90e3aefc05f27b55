"""The village's bank and boxes: what is certain is led, what is not waits, and everything adds up."""

from decimal import Decimal

import pytest

from distribution import demo_money, reconcile
from distribution.bank import overview
from distribution.models import BankDeposit, BankMatch, CashCount
from hub import ledger
from hub.models import Hub
from orders import payments
from tests import make

pytestmark = pytest.mark.django_db


def test_what_the_village_shows_of_its_money() -> None:
    Hub.objects.update_or_create(pk=1, defaults={"iban": "FR1420041010050500013M02606"})
    at, treasurer, now = make.point(), make.coordinator(), make.now()
    homes = [make.household(f"Foyer Numéro {number}") for number in range(10)]
    for home in homes:
        payments.receive(
            household=home, amount=Decimal(150), means="transfer", key=f"village:{home.code}", received_by=treasurer,
            now=now,
        )  # fmt: skip
    demo_money.fill(point=at, homes=homes, host=make.host(at), treasurer=treasurer, now=now)
    kinds = BankMatch.objects.values_list("kind", flat=True)
    assert (list(kinds).count("linked"), list(kinds).count("household")) == (12, 1)
    assert [line.label for line in overview.waiting()] == [
        "VIR SEPA FOYER NUMÉRO 8 PANIERS", "VIR SEPA ASSOCIATION DU LAVOIR", "PRLV SEPA COTISATION COMPTE PRO",
        "CB QUINCAILLERIE GONLAY",
    ]  # fmt: skip
    figures = overview.figures()
    assert (figures.missing, figures.closing) == (figures.opening, figures.balance)
    assert (CashCount.objects.get().difference.amount, BankDeposit.objects.count()) == (Decimal("-0.50"), 2)
    assert ledger.balance("cheques") == Decimal("157.00")
    assert reconcile.differences() == []
