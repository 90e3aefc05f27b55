"""Deposits on packaging in a browser: charged with the order, given back at the counter, taken back when noted by mistake."""

from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from distribution import reconcile, settlement
from hub import ledger
from tests import make
from tests.distribution.day import a_day


def test_bottles_paid_for_last_week_come_back(open_as: Callable[..., Page], committed: str) -> None:
    make.fees()
    point = make.point(name="Grange des Tilleuls")
    farm, home = make.producer(point, name="Brasserie du Lavoir"), make.household("Le Bihan")
    bottle = make.packaging(farm, "3.00", deposit=Decimal("0.30"))
    before = a_day({bottle: 4}, farms=[farm], at=make.collection(point), home=home)
    before.arrive()
    before.act("collected", before.orders[0])
    before.confirm()
    settlement.settle(collection=before.collection, now=make.now())
    account = ledger.household_account(home)
    assert ledger.balance(account) == Decimal("-13.20")

    bread = make.packaging(make.producer(point), "4.20")
    today = a_day({bread: 1}, farms=[bread.product.producer], at=make.collection(point), home=home)
    today.arrive()
    page = open_as(today.host)
    page.goto(f"/jour-j/{today.collection.code}/remise/{today.orders[0].code}/")
    page.get_by_text("Contenants rendus").click()
    returned = page.locator("form:has(select[name=container])")
    returned.locator('input[name="quantity"]').fill("5")
    returned.locator("button").click()
    expect(page.locator("main")).to_contain_text("autre foyer")
    assert ledger.balance(account) == Decimal("-13.20")

    returned.locator('input[name="quantity"]').fill("3")
    returned.locator("button").click()
    expect(returned).to_contain_text("1 à la maison")
    assert ledger.balance(account) == Decimal("-12.30")

    page.locator("#toasts").get_by_role("button", name="Annuler").click()
    expect(returned).to_contain_text("4 à la maison")
    assert ledger.balance(account) == Decimal("-13.20")
    page.get_by_text("Contenants rendus").first.click()
    returned.locator('input[name="quantity"]').fill("4")
    returned.locator("button").click()
    expect(returned).to_contain_text("0 à la maison")
    assert ledger.balance(account) == Decimal("-12.00")
    member = open_as(home.members.get())
    member.goto("/solde/")
    expect(member.locator("main")).to_contain_text("Consignes reprises")
    expect(member.locator("main")).to_contain_text("+1,20")
    assert reconcile.differences() == []
