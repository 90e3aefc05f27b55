"""The code of an order, scanned or typed: one address for household and host, and the counter's search field."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from distribution import closing
from distribution.models import Sheet
from orders.links import code_in, order_link
from tests import make
from tests.distribution import week as weeks

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parents[2] / "distribution/static/distribution/counter.js"


def get(client: Client, member: Any, url: str) -> Any:
    client.force_login(member)
    return client.get(url)


@pytest.mark.parametrize(
    "typed",
    ["4k7p2m", " 4K7 P2M ", "4K7-P2M", "https://musette.example/commandes/4K7P2M/", "/commandes/4K7P2M/?x=1"],
)
def test_a_code_is_read_however_it_comes(typed: str) -> None:
    assert code_in(typed) == "4K7P2M"


def test_phone_and_packing_sheet_show_the_same_address(client: Client) -> None:
    week = weeks.build()
    order = week.order("Zoé")
    page = get(client, week.homes["Zoé"].members.get(), f"/ma-commande/{week.collection.code}/")
    assert page.context["qr_url"] == order_link(order.code)
    make.passed(week.collection)
    closing.close_due(now=make.now())
    slips = Sheet.objects.get(kind="packing").content["households"]
    assert {slip["order"]: slip["url"] for slip in slips} == {
        week.order(name).code: order_link(week.order(name).code) for name in week.homes
    }


def test_the_address_opens_what_the_reader_may_see(client: Client) -> None:
    week = weeks.build()
    at, order = week.collection.code, week.order("Zoé")
    path = order_link(order.code).partition("//")[2].partition("/")[2]
    mine, stranger = week.homes["Zoé"].members.get(), week.homes["Éloi"].members.get()
    assert get(client, mine, f"/{path}").headers["Location"] == f"/ma-commande/{at}/"
    make.passed(week.collection)
    closing.close_due(now=make.now())
    assert get(client, mine, f"/{path}").headers["Location"] == f"/ma-commande/{at}/"
    assert get(client, stranger, f"/{path}").status_code == 404
    assert get(client, make.host(make.point()), f"/{path}").status_code == 404
    assert get(client, make.coordinator(), f"/{path}").headers["Location"].startswith(f"/jour-j/{at}/")
    answer = get(client, week.host, f"/{path}".lower())
    assert answer.headers["Location"] == f"/jour-j/{at}/remise/?q={order.code}"
    assert client.get(answer.headers["Location"]).headers["Location"] == f"/jour-j/{at}/remise/{order.code}/"


def test_the_search_field_takes_number_code_and_address(client: Client) -> None:
    week = weeks.build()
    make.passed(week.collection)
    closing.close_due(now=make.now())
    order = week.order("Éloi")
    counter = f"/jour-j/{week.collection.code}/remise/"
    client.force_login(week.host)
    for typed in ("2", order.code.lower(), f"{order.code[:3]} {order.code[3:]}", order_link(order.code)):
        assert client.get(counter, {"q": typed}).headers["Location"] == f"{counter}{order.code}/", typed
    named = client.get(counter, {"q": "elo"})
    assert (named.status_code, [one.name for one in named.context["waiting"]]) == (200, ["Éloi"])
    assert client.get(counter, {"q": "9"}).context["waiting"] == []
    part = client.get(counter, {"q": "2"}, headers={"HX-Request": "true"})
    assert (part.status_code, [one.name for one in part.context["waiting"]]) == (200, ["Éloi"])


BODY = """<form action="/remise/"><input id="q" name="q"><button type="button" data-scan hidden>Scan</button></form>
<dialog id="scan"><video muted playsinline></video><p data-no-camera hidden>no</p></dialog>"""
CAMERA = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "https://musette.example/commandes/4K7P2M/" }]; }
};
Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: { getUserMedia: async () => {
  const canvas = document.createElement("canvas"); canvas.getContext("2d"); return canvas.captureStream(5);
} } });
HTMLMediaElement.prototype.play = async () => {};
document.addEventListener("submit", (event) => { event.preventDefault(); document.title = event.target.q.value; });"""


@pytest.mark.browser
def test_the_camera_fills_the_field_where_the_browser_reads_codes() -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_content(BODY)
        page.add_script_tag(content=SCRIPT.read_text(), type="module")
        page.wait_for_timeout(100)
        assert page.locator("[data-scan]").is_hidden()
        page.set_content(BODY)
        page.evaluate(CAMERA)
        page.add_script_tag(content=SCRIPT.read_text(), type="module")
        page.locator("[data-scan]").click()
        page.wait_for_function("document.title.includes('4K7P2M')")
        assert page.locator("#scan").is_hidden()
        browser.close()
