"""One week, lived in a browser: a farm publishes, households order, the deadline passes, food changes hands, money follows."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from distribution import closing, demo_time, settlement, statements
from distribution.models import Sheet, Statement
from hub import ledger
from orders.models import Order, OrderLine
from producers.models import Import, Offer, Packaging
from tests import make
from tests.journeys.conftest import TABLET

pytestmark = pytest.mark.browser

CATALOGUES = Path(__file__).parent.parent / "producers" / "catalogues"


def add(page: Page, pack: Packaging) -> None:
    """Press "Ajouter" on a card of the shop."""
    page.locator(f'button[name="add"][value="{pack.code}"]').click()
    expect(page.locator(f'input[name="q-{pack.code}"]')).to_have_value("1")


def send(page: Page) -> None:
    """Order with obligation to pay."""
    with page.expect_response("**/envoi/"):
        page.locator("aside.bar button.btn").click()
    page.wait_for_load_state()


def test_the_week(open_as: Callable[..., Page], committed: str) -> None:
    point = make.point(name="Grange des Tilleuls")
    farm = make.producer(point, name="Volailles du Bocage")
    farmer, host = make.farmer(farm), make.host(point)
    make.fees()
    sale = make.collection(point)
    homes = [make.household(name) for name in ("Morel", "Barbier", "Bahri")]
    for home in homes:
        make.join(home, point)

    # The farmer sends the spreadsheet, sees what it would do (the eggs have no price), and has the rest written.
    page = open_as(farmer)
    page.goto(f"/ma-semaine/{farm.code}/{sale.week}/import/")
    page.locator("input[type=file]").set_input_files(CATALOGUES / "volailles-du-bocage.csv")
    page.locator("form:has(input[type=file]) button.btn").click()
    page.wait_for_url("**/imports/*/")
    expect(page.locator("main")).to_contain_text("Poulet fermier, prêt à cuire")
    assert not Packaging.objects.exists()
    page.locator('form[action$="/confirmation/"] button').first.click()
    expect(page.locator(".toast").first).to_contain_text("2 lignes sont enregistrées")
    assert [imp.status for imp in Import.objects.all()] == ["confirmed"]
    chicken, guinea_fowl = (Packaging.objects.get(reference=ref) for ref in ("PF", "PI"))
    honey = make.packaging(farm, "6.00")
    make.offer(honey, sale, 12)

    # The farmer has nine guinea fowl fewer than the spreadsheet said: one left.
    page.goto(f"/ma-semaine/{farm.code}/{sale.week}/")
    expect(page.locator("h1")).to_contain_text("Ma semaine")
    row = page.locator(f"#row-{guinea_fowl.code}")
    packs = row.locator('input[data-column="quantity"]')
    packs.fill("1")
    packs.press("Enter")
    expect(row).to_contain_text("enregistré")
    assert Offer.objects.get(packaging=guinea_fowl).stock.quantity == guinea_fowl.content

    # Three households order on their phones; the second changes; the third finds the guinea fowl gone and takes the rest.
    first, second, third = (home.members.get() for home in homes)
    page = open_as(first)
    page.goto(f"/boutique/{sale.code}/")
    add(page, guinea_fowl)
    page.goto(f"/ma-commande/{sale.code}/")

    rival = open_as(third)
    rival.goto(f"/boutique/{sale.code}/")
    add(rival, guinea_fowl)
    add(rival, chicken)
    rival.goto(f"/ma-commande/{sale.code}/")

    send(page)
    assert Order.objects.get(household=homes[0]).lines.get().packaging == guinea_fowl
    send(rival)
    expect(rival.locator(".note").first).to_be_visible()
    assert not Order.objects.filter(household=homes[2]).exists()
    assert Offer.objects.get(packaging=guinea_fowl).stock.reserved == guinea_fowl.content
    rival.locator(".note form button").first.click()
    rival.wait_for_load_state()
    assert list(Order.objects.get(household=homes[2]).lines.values_list("packaging", "quantity")) == [(chicken.pk, 1)]

    # The second household orders two products without JavaScript: one form with all quantities; then changes both.
    plain = open_as(second, javascript=False)
    plain.goto(f"/boutique/{sale.code}/")
    for pack in (chicken, honey):
        plain.locator(f'button[name="add"][value="{pack.code}"]').click()
        expect(plain.locator(f'input[name="q-{pack.code}"]')).to_have_value("1")
    plain.goto(f"/ma-commande/{sale.code}/")
    for pack, number in ((chicken, "3"), (honey, "2")):
        plain.locator(f'input[name="q-{pack.code}"]').fill(number)
    send(plain)
    ordered = Order.objects.get(household=homes[1]).lines.order_by("packaging")
    assert list(ordered.values_list("packaging", "quantity")) == [(chicken.pk, 3), (honey.pk, 2)]
    plain.goto(f"/ma-commande/{sale.code}/")
    for pack, number in ((chicken, "2"), (honey, "0")):
        plain.locator(f'input[name="q-{pack.code}"]').fill(number)
    send(plain)
    assert Order.objects.get(household=homes[1]).lines.get().quantity == 2

    # The deadline passes.
    make.passed(sale, by=timedelta(hours=2))
    assert closing.close_due(now=make.now()) == [sale.code]
    assert Order.objects.filter(basket_number__isnull=False).count() == 3
    assert {"packing", "sign-off", "harvest", "delivery-note"} <= set(Sheet.objects.values_list("kind", flat=True))

    at = make.now()
    sale.refresh_from_db()
    assert sale.opens_at is not None
    demo_time.move_window(
        sale,
        opens_at=sale.opens_at,
        closes_at=sale.closes_at,
        starts_at=at - timedelta(hours=1),
        ends_at=at + timedelta(hours=1),
    )

    # The host downloads the packet, receives the farm, weighs, notes a shortage, hands over and confirms.
    barn = open_as(host, viewport=TABLET)
    barn.goto(f"/impressions/{sale.code}/")
    packet = barn.request.get(f"/impressions/{sale.code}/liasse.pdf")
    assert packet.body()[:5] == b"%PDF-"
    barn.goto(f"/jour-j/{sale.code}/")
    barn.locator('button[value="arrived"]').click()
    barn.wait_for_load_state()
    for order in Order.objects.order_by("basket_number"):
        line = order.lines.get()
        barn.goto(f"/jour-j/{sale.code}/remise/{order.code}/")
        if order.household == homes[1]:
            barn.locator("details.menu:has([name=quantity]) summary").click()
            barn.locator('input[name="quantity"]').fill("1")
            barn.locator("form:has([name=quantity]) button.btn").click()
            barn.wait_for_load_state()
        barn.locator('input[name="kg"]').fill("1,92")
        barn.locator("form[data-weigh] button.lg").click()
        barn.wait_for_load_state()
        barn.locator("form#collect button").click()
        barn.wait_for_load_state()
        line.refresh_from_db()
        assert line.weight_g == 1920
    barn.goto(f"/jour-j/{sale.code}/cloture/")
    barn.locator("input[name=early]").check()
    barn.locator("main form button.lg").click()
    barn.wait_for_load_state()
    sale.refresh_from_db()
    assert sale.status == "confirmed", barn.locator("main").inner_text()

    # Households are billed what they got; the farm reads a statement whose net is the sum of its lines.
    settlement.settle_due(now=make.now())
    billed = {line.order.household.name: line.final_amount.amount for line in OrderLine.objects.all()}
    # 1.92 kg: 21.12 of chicken; the guinea fowl is billed its shown maximum of 1.8 kg at 13.50.
    assert billed == {"Morel": Decimal("24.30"), "Barbier": Decimal("21.12"), "Bahri": Decimal("21.12")}
    statement = statements.issue(producer=farm, week=sale.week, now=make.now())
    assert statement is not None
    lines_net = sum(line.producer_share.amount for line in OrderLine.objects.all())
    assert Statement.objects.get().net.amount == lines_net == Decimal("53.24")
    assert ledger.balance(f"producer:{farm.code}") == lines_net
    assert ledger.trial_balance() == 0
    page = open_as(farmer)
    page.goto("/releves/")
    expect(page.locator("main")).to_contain_text("53,24")
