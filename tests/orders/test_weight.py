"""What a household's phone loads besides a page of the shop and its photos."""

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db
LOADED = re.compile(r'<link[^>]+rel="(?:stylesheet|modulepreload|preload)"[^>]*>|<script[^>]*\ssrc=[^>]*>')
FURTHER = re.compile(r'(?:\bfrom|\bimport\s*\(?|@import(?:\s+url\()?)\s*["\']([^"\']+)')


def loaded(html: str) -> list[str]:
    """Addresses of the styles and scripts a page names, and of those that these load in their turn."""
    found: list[str] = []
    waiting = [re.search(r'(?:href|src)="([^"]+)"', tag)[1] for tag in LOADED.findall(html)]  # type: ignore[index]
    while waiting:
        address = waiting.pop(0)
        if address not in found:
            found.append(address)
            waiting += [urljoin(address, further) for further in FURTHER.findall(file(address).read_text())]
    return found


def file(address: str) -> Path:
    return Path(str(finders.find(address.removeprefix(settings.STATIC_URL))))


@pytest.fixture
def shop(client: Client) -> dict[str, str]:
    """Addresses of the pages that save what is touched on them."""
    point = make.point(payment_methods=["at-point"])
    farm, sale, home = make.producer(point), make.collection(point), make.household()
    make.join(home, point)
    make.fees()
    pack = make.packaging(farm, "2.50")
    make.offer(pack, sale, 10)
    client.force_login(home.members.get())
    shop = f"/boutique/{sale.code}/"
    return {"shop": shop, "product": f"{shop}{pack.product.code}/", "order": f"/ma-commande/{sale.code}/"}


@pytest.mark.parametrize("page", ["shop", "product", "order"])
def test_styles_and_scripts_of_the_shop_weigh_at_most_25_kb(client: Client, shop: dict[str, str], page: str) -> None:
    answer = client.get(shop[page])
    assert answer.status_code == 200
    addresses = loaded(answer.content.decode())
    assert addresses == ["/static/hub/site.css", "/static/hub/cabas.js", "/static/orders/wish.js"]
    assert sum(len(gzip.compress(file(address).read_bytes(), 9)) for address in addresses) <= 25_000
