"""From a card saved with the bank's check to a captured, weighed order and the farm paid, in a browser, at the stand-in."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from distribution import closing, confirming, demo_time, handover, payouts, reconcile, settlement, statements
from hub import demo_doors, ledger
from orders import cards
from orders.models import CardPayment, Order
from producers.models import Producer
from tests import make
from tests.stand_in import StandIn


@pytest.fixture
def paying(stripe_server: StandIn, site: str, settings: Any) -> StandIn:
    """The site sends to the stand-in's pages, and is found again from them."""
    settings.SITE_URL = site
    policy = settings.CONTENT_SECURITY_POLICY
    targets = {"form-action": ["'self'", stripe_server.url]}
    settings.CONTENT_SECURITY_POLICY = policy | {"DIRECTIVES": policy["DIRECTIVES"] | targets}
    return stripe_server


def test_a_chicken_paid_by_card(open_as: Callable[..., Page], paying: StandIn, committed: str) -> None:
    point = make.point(name="Grange des Tilleuls", payment_methods=["card", "at-point"])
    farm, host = make.producer(point, name="Volailles du Bocage"), make.host(point)
    make.fees()
    chicken = make.weighed(farm)
    sale = make.collection(point)
    make.offer(chicken, sale)
    home = make.household("Morel")
    make.join(home, point)

    # Without a card the order is refused with a word, and nothing is lost.
    page = open_as(home.members.get())
    page.goto(f"/boutique/{sale.code}/")
    page.locator(f'button[name="add"][value="{chicken.code}"]').click()
    expect(page.locator(f'input[name="q-{chicken.code}"]')).to_have_value("1")
    page.goto(f"/ma-commande/{sale.code}/")
    page.locator("aside.bar button.btn").click()
    expect(page.locator(".note").first).to_contain_text("carte")
    assert Order.objects.count() == 0

    # The card is saved on the hosted page; the bank asks once.
    page.locator('main a[href="/mon-compte/carte/"]').click()
    page.locator("main form button.btn").first.click()
    page.locator('input[name="card"]').fill("4000 0025 0000 3155")
    page.locator('button[value="go"]').click()
    page.locator('button[value="yes"]').click()
    expect(page.locator("main")).to_contain_text("3155")

    asked = len(paying.calls)
    page.goto(f"/ma-commande/{sale.code}/")
    with page.expect_response("**/envoi/"):
        page.locator("aside.bar button.btn").click()
    order = Order.objects.get()
    assert (order.payment_method, len(paying.calls)) == ("card", asked)

    # The deadline passes; the greatest amount shown is held.
    make.passed(sale, by=timedelta(days=2))
    closing.close_due(now=make.now())
    assert cards.place_holds(now=make.now()) == 1
    page.goto(f"/ma-commande/{sale.code}/")
    expect(page.locator("main")).to_contain_text("25,30")

    # The host weighs 1.92 kg and confirms; what was handed over is captured, and the farm's share follows.
    at = make.now()
    sale.refresh_from_db()
    demo_time.move_window(
        sale, opens_at=sale.opens_at, closes_at=sale.closes_at, starts_at=at - timedelta(hours=1),
        ends_at=at + timedelta(hours=1),
    )  # fmt: skip
    handover.arrive(collection=sale, producer=farm, by=host, now=at)
    weigh = handover.Act(uuid4(), "weighed", at, order.code, chicken.code, {"grams": 1920})
    collect = handover.Act(uuid4(), "collected", at, order.code)
    handover.apply(collection=sale, actions=[weigh, collect], by=host, now=at)
    confirming.confirm(collection=sale, uncollected={}, by=host, now=make.now())
    settlement.settle_due(now=make.now())
    assert cards.take_due(now=make.now()) == 1

    payment = CardPayment.objects.get()
    assert payment.captured is not None
    assert (payment.state, payment.captured.amount) == ("captured", Decimal("21.12"))
    assert [one["amount_received"] for one in paying.world.all("payment_intent")] == [2112]
    page.goto(f"/ma-commande/{sale.code}/")
    expect(page.locator("main")).to_contain_text("21,12")
    statement = statements.issue(producer=farm, week=sale.week, now=make.now())
    assert statement is not None
    assert statement.net.amount == Decimal("16.90")
    assert ledger.balance(f"household:{home.code}") == 0
    assert ledger.balance("stripe") == Decimal("20.55")  # 21.12 less 1.5 % and 25 cents
    assert ledger.trial_balance() == 0

    _pay_the_farm(open_as, paying, farm, statement.number)
    assert ledger.balance("stripe") == Decimal("3.65")
    assert reconcile.differences() == []


def _pay_the_farm(open_as: Callable[..., Page], paying: StandIn, farm: Producer, number: str) -> None:
    """The farm opens its account at Stripe; the treasurer pays the statement there, in the browser; the transfer is made."""
    farmer, treasurer = make.farmer(farm), make.coordinator()
    demo_doors.give_second_factor(farmer)
    page = open_as(farmer)
    page.goto(f"/ma-ferme/{farm.code}/")
    page.get_by_role("button", name="Ouvrir un compte chez Stripe").click()
    _prove(page)
    page.locator('button[value="done"]').click()
    expect(page.locator("main")).to_contain_text("Il peut recevoir les reversements")

    paying.skip(days=4)  # what was captured is available
    page = open_as(treasurer)
    page.goto("/reversements/")
    page.get_by_role("link", name="Payer les fermes").click()
    _prove(page)
    page.get_by_role("link", name="Stripe").click()
    expect(page.locator(f'input[value="{number}"]')).to_be_checked()
    expect(page.locator("[data-total]")).to_contain_text("16,90")
    page.get_by_role("button", name="Envoyer par Stripe").click()
    expect(page.locator("#run")).to_contain_text("attend Stripe")
    assert paying.world.all("transfer") == []

    # The page follows by itself what the sweep does.
    assert payouts.send_due(now=make.now()) == 1
    expect(page.locator("#run")).to_contain_text("payé", timeout=10_000)
    account = farm.connect.account
    assert [(one["amount"], one["destination"]) for one in paying.world.all("transfer")] == [(1690, account)]
    assert ledger.balance(f"producer:{farm.code}") == 0


def _prove(page: Page) -> None:
    """Whoever is asked shows their second factor again."""
    page.locator('input[name="code"]').fill(demo_doors.code_at(datetime.now(UTC)))
    page.locator("main form button").first.click()
