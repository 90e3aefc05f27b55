"""Debits for tests: a mandate at Stripe or at the cooperative's bank, a sum asked for, the file, what is left of it all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from lxml import etree

from hub import ledger
from hub.models import Household, Hub, Notice, Transfer
from orders import cards, debits
from orders.models import DebitFile, Mandate, TopUp
from tests import make
from tests.stand_in.browsing import browse

D = Decimal
GOOD, EMPTY, CONTESTED = "AT611904300234573201", "AT051904300235473205", "AT591904300235473203"
FRENCH = "FR7630006000011234567890189"
MANDATE = """INSERT INTO orders_mandate (household_id, rail, reference, holder, iban, last4, customer, method, notice_days,
        consent, signed_at, signed_by_id)
    SELECT household_id, rail, 'another', holder, {iban}, last4, customer, method, {days}, consent, signed_at, signed_by_id
    FROM orders_mandate"""
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


@pytest.fixture(autouse=True)
def no_memory() -> None:
    cache.delete("stripe:disputes-read")


def signed(home: Household, iban: str = GOOD, days: int = 2) -> Mandate:
    """A mandate signed on the hosted page."""
    page = debits.begin_signing(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
    assert browse(page.url, iban=iban)[0] == 303
    by = home.members.get()
    return debits.finish_signing(household=home, session=page.session, notice_days=days, by=by, now=make.now())


def asked(home: Household, amount: str = "30", means: str = "debit", key: str = "k", parts: int = 1) -> list[TopUp]:
    by = home.members.get()
    return debits.top_up(household=home, amount=D(amount), means=means, key=key, by=by, now=make.now(), parts=parts)


def later(days: int) -> Any:
    return make.now() + timedelta(days=days)


def sent(home: Household, iban: str = GOOD) -> TopUp:
    """Announced and at the bank."""
    signed(home, iban)
    asked(home)
    assert debits.announce_due(now=make.now()) == 1
    assert debits.ask_due(now=later(2)) == 1
    return TopUp.objects.get()


def reread() -> TopUp:
    assert cards.reread(now=later(20))
    return TopUp.objects.get()


def balance(home: Household) -> Decimal:
    return ledger.balance(f"household:{home.code}")


def everything() -> list[Any]:
    models = (Mandate, TopUp, DebitFile, Transfer, Notice)
    return [list(model.objects.order_by("pk").values()) for model in models]


def told(kind: str) -> int:
    return Notice.objects.filter(kind=kind).count()


@pytest.fixture
def bank() -> Hub:
    hub = Hub.get()
    hub.name, hub.legal_name, hub.iban = "La Musette", "Coopérative La Musette", "FR1420041010050500013M02606"
    hub.creditor_id = "FR72ZZZ123456"
    hub.save()
    return hub


def at_bank(home: Household) -> Mandate:
    return debits.sign_at_bank(
        household=home, iban=FRENCH, holder="Élodie Morel", notice_days=2, by=home.members.get(), now=make.now()
    )


def written(home: Household, key: str = "k", days: int = 0) -> DebitFile:
    asked(home, key=key)
    debits.announce_due(now=later(days))
    return debits.write_file(by=make.coordinator(), now=later(days))


def said(file: DebitFile, path: str) -> list[str]:
    return [str(found.text) for found in etree.fromstring(bytes(file.content)).iterfind(f".//p:{path}", NS)]
