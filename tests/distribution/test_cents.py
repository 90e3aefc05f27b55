"""Where every cent of an order went: equal to the books, to the cent, and told to nobody else."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from distribution import cents, refunds, settlement, shared_out, statements
from distribution.models import Payout, Refund
from hub import ledger
from hub.models import Hub
from orders import cards
from orders.models import CardPayment, Order
from tests import make
from tests.bench import meters
from tests.distribution.day import Day, a_day
from tests.paying import save
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
D = Decimal
IBAN = "FR7630006000011234567890189"


@pytest.fixture
def scene() -> SimpleNamespace:
    """Three households and two farms: a chicken heavier than its greatest, a loaf missing, bottles with a deposit."""
    Hub.get()
    Hub.objects.update(vat_registered=True)
    make.fees()
    at = make.collection(make.point(name="Les Tilleuls"))
    farm = make.producer(at.point, name="Quatre Saisons", iban=IBAN)
    yard = make.producer(at.point, name="Volailles")
    bread, bottle = make.packaging(farm, "4.20"), make.packaging(farm, "3.05", deposit=D("0.30"))
    chicken = make.weighed(yard)
    day = a_day({bread: 3, chicken: 1, bottle: 2}, {bread: 1, bottle: 1}, {bread: 2}, farms=[farm, yard], at=at)
    day.arrive()
    day.act("weighed", day.orders[0], chicken, grams=2500)
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.act("paid", day.orders[0], amount="45.00", means="cash")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    return SimpleNamespace(day=day, at=at, farm=farm, yard=yard, chicken=chicken, first=_again(day.orders[0]))


def _again(order: Order) -> Order:
    return Order.objects.select_related("household", "collection__point").get(pk=order.pk)


def text(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\xa0", " "))


def test_each_line_is_told_apart_and_the_sums_are_the_orders(scene: SimpleNamespace) -> None:
    with translation.override("fr"):
        story = cents.read(scene.first)
    lines = {one.line.packaging.pk: one for farm in story.farms for one in farm.lines}
    chicken = lines[scene.chicken.pk]
    # 2.3 kg at most × 11 €: 25.30; 8 % and 12 % of it, of which 0.51 VAT
    assert chicken.parts.each == (D("20.24"), D("2.02"), D("2.53"), D("0.51"), D("0.00"))
    assert (chicken.above, chicken.missing) == (True, 0)
    assert [(farm.name, farm.parts.total) for farm in story.farms] == [
        ("Quatre Saisons", D("15.10")), ("Volailles", D("25.30")),
    ]  # fmt: skip
    assert story.parts.deposit == D("0.60")
    assert story.total == story.parts.total == D("40.40")
    assert [(one.words, one.amount) for one in story.paid] == [
        ("Espèces", D("45.00")), ("Mis sur le compte du foyer", D("-4.60")),
    ]  # fmt: skip


def test_all_stories_together_are_the_books(scene: SimpleNamespace) -> None:
    stories = [cents.read(_again(order)) for order in scene.day.orders]
    whole = sum((story.parts for story in stories), cents.Parts())
    assert whole.host == ledger.balance(f"host:{scene.at.point.code}") > 0
    assert whole.hub == ledger.balance("hub:income") > 0
    assert whole.vat == ledger.balance("hub:vat") > 0
    assert whole.deposit == ledger.balance("deposits") == D("0.90")
    assert whole.producer == sum(ledger.balance(f"producer:{farm.code}") for farm in (scene.farm, scene.yard))
    for story in stories:
        assert sum(one.amount for one in story.paid) == story.total == story.parts.total
        for farm in story.farms:
            assert sum((one.parts for one in farm.lines), cents.Parts()) == farm.parts


def test_what_was_sent_back_and_which_payout_the_money_left_with(scene: SimpleNamespace, client: Client) -> None:
    treasurer = make.coordinator()
    refund = Refund.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    statement = statements.issue(producer=scene.farm, week=scene.at.week, now=make.now())
    assert statement is not None
    statements.pay(payout=Payout.objects.get(statement=statement), by=treasurer, now=make.now())
    with translation.override("fr"):
        story = cents.read(scene.first)
    assert [(one.words, one.amount) for one in story.paid] == [
        ("Espèces", D("45.00")), ("Renvoyé pour ce qui manquait", D("-4.20")), ("Mis sur le compte du foyer", D("-0.40")),
    ]  # fmt: skip
    farm, yard = story.farms
    assert farm.block is not None
    assert farm.payout is not None
    assert (farm.block.statement.number, farm.payout.paid_at is not None) == (statement.number, True)
    assert (yard.block, yard.payout) == (None, None)
    client.force_login(treasurer)
    page = text(client.get(f"/centimes/{scene.first.code}/"))
    assert f"avec le relevé {statement.number}" in page
    assert f'href="/releves/{scene.farm.code}/{statement.number}/"' in page
    assert "2 de 3" not in page
    assert "1 sur 3 non livré" in page


def test_a_card_its_hold_its_fee_and_what_went_back(stripe_server: StandIn) -> None:
    make.fees()
    at = make.collection(make.point(payment_methods=["card"]))
    farm = make.producer(at.point)
    chicken, home = make.weighed(farm), make.household("Morel")
    make.join(home, at.point)
    save(home)
    day = a_day({chicken: 1}, farms=[farm], at=at, home=home, payment_method="card")
    assert cards.place_holds(now=make.now()) == 1
    day.arrive()
    day.act("weighed", day.orders[0], chicken, grams=1700)
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    assert cards.take_due(now=make.now()) == 1
    card = CardPayment.objects.get()
    cards.refund(payment=card, amount=D("1.50"), key="once", by=make.coordinator(), now=make.now())
    assert cards.send_refunds(now=make.now()) == 1
    with translation.override("fr"):
        story = cents.read(_again(day.orders[0]))
    assert [(one.words, one.amount, one.detail) for one in story.paid] == [
        ("Carte", D("18.70"), "•••• 4242"), ("Rendu sur la carte", D("-1.50"), ""),
        ("Pris sur le compte du foyer", D("1.50"), ""),
    ]  # fmt: skip
    assert [one.amount.amount for one in story.holds] == [D("25.30")]
    assert story.stripe_fee == ledger.balance("stripe:fees") == D("0.53")


def test_what_goes_back_to_the_card_by_itself_is_told_once(stripe_server: StandIn) -> None:
    make.fees()
    at = make.collection(make.point(payment_methods=["card"]))
    farm = make.producer(at.point)
    bread, home = make.packaging(farm, "4.20"), make.household("Morel")
    make.join(home, at.point)
    save(home)
    day = a_day({bread: 2}, farms=[farm], at=at, home=home, payment_method="card")
    assert cards.place_holds(now=make.now()) == 1
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    assert cards.take_due(now=make.now()) == 1
    treasurer = make.coordinator()
    refund = refunds.grant(order=_again(day.orders[0]), amount=D("4.20"), by=treasurer, now=make.now())
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    assert cards.send_refunds(now=make.now()) == 1
    assert refunds.note_cards(now=make.now()) == 1
    with translation.override("fr"):
        story = cents.read(_again(day.orders[0]))
    assert [(one.words, one.amount) for one in story.paid] == [
        ("Carte", D("8.40")), ("Rendu sur la carte", D("-4.20")),
        ("Offert par la coopérative pour ce qui manquait", D("4.20")),
    ]  # fmt: skip


def test_a_household_reads_its_own_and_only_that(scene: SimpleNamespace, client: Client) -> None:
    address = f"/centimes/{scene.first.code}/"
    client.force_login(scene.first.household.members.get())
    page = text(client.get(address))
    assert "40,40 €" in page
    assert "Lire le relevé" not in page
    others = [order.household.name for order in scene.day.orders[1:]]
    assert not any(name in page for name in others)
    for stranger in (scene.day.orders[1].household.members.get(), scene.day.host, make.farmer(scene.farm)):
        client.force_login(stranger)
        assert client.get(address).status_code == 404
    assert client.get("/centimes/RIEN23/").status_code == 404
    client.force_login(make.coordinator())
    assert scene.first.household.name in text(client.get(address))


def test_before_the_settlement_and_after_a_cancellation_the_page_says_so(client: Client) -> None:
    at = make.collection()
    bread = make.packaging(make.producer(at.point), "4.20")
    day = a_day({bread: 1}, farms=[], at=at)
    client.force_login(day.orders[0].household.members.get())
    assert "Pas encore réglée" in text(client.get(f"/centimes/{day.orders[0].code}/"))
    Order.objects.update(cancelled_at=make.now())
    assert "Rien n’a été payé" in text(client.get(f"/centimes/{day.orders[0].code}/"))


def _settled(lines: int, homes: int) -> tuple[Day, Order]:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    packs = [make.packaging(farm, "1.10") for _pack in range(lines)]
    day = a_day(*[dict.fromkeys(packs, 1)] * homes, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    return day, _again(day.orders[0])


def test_the_statements_do_not_grow(client: Client) -> None:
    def asked(lines: int, homes: int) -> int:
        _day, order = _settled(lines, homes)
        client.force_login(order.household.members.get())
        client.get(f"/centimes/{order.code}/")
        return meters.statements(lambda: client.get(f"/centimes/{order.code}/"))

    assert asked(1, 1) == asked(12, 5) <= 14


def test_a_whole_distribution_order_by_order(scene: SimpleNamespace, client: Client) -> None:
    rows = shared_out.orders(scene.at)
    assert [(row.order, row.basket, row.total) for row in rows] == [
        (order.code, number, total)
        for number, (order, total) in enumerate(
            zip(scene.day.orders, (D("40.40"), D("7.55"), D("8.40")), strict=True), 1
        )
    ]
    whole = shared_out.together(rows)
    assert whole.total == whole.farms + whole.host + whole.hub + whole.deposits == D("56.35")
    assert whole.hub == ledger.balance("hub:income") + ledger.balance("hub:vat")
    assert meters.statements(lambda: shared_out.orders(scene.at)) == 1
    treasurer = make.coordinator()
    statement = statements.issue(producer=scene.farm, week=scene.at.week, now=make.now())
    assert statement is not None
    client.force_login(treasurer)
    address = f"/centimes/distribution/{scene.at.code}/"
    assert f'href="{address}"' in text(client.get(f"/releves/{scene.farm.code}/{statement.number}/"))
    page = text(client.get(address))
    assert [f'href="/centimes/{order.code}/"' in page for order in scene.day.orders] == [True] * 3
    assert "56,35 €" in page
    client.force_login(make.farmer(scene.farm))
    assert client.get(address).status_code == 404
    assert address not in text(client.get(f"/releves/{scene.farm.code}/{statement.number}/"))
