"""To harvest: live until the last deadline of the week, then as frozen, changes as differences."""

from typing import Any

import pytest
from django.urls import reverse

from distribution import sheets
from distribution.models import Sheet
from hub.models import Hub
from orders import ordering
from tests import make

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Farm:
    """A farm at two points, with a household that ordered at each."""

    def __init__(self, client):
        self.client = client
        self.points = [make.point(name="La Grange"), make.point(name="Les Tilleuls")]
        self.producer = make.producer(self.points[0])
        make.supply(self.producer, self.points[1])
        self.sales = [make.collection(point) for point in self.points]
        self.chicken = make.weighed(self.producer, content=1800)
        make.offer(self.chicken, self.sales[0])
        for sale, packs in zip(self.sales, (2, 3), strict=True):
            home = make.household()
            make.join(home, sale.point)
            ordering.place(household=home, collection=sale, wish={self.chicken.pk: packs}, by=None, now=make.now())
        client.force_login(make.farmer(self.producer), backend=BACKEND)
        self.url = reverse("distribution:harvest", args=[self.producer.code, self.sales[0].week])

    def close(self, *sales):
        for sale in sales:
            make.passed(sale)
            sale.move_to("closed", make.now())


@pytest.fixture
def farm(client):
    return Farm(client)


def totals(page):
    return [
        (line.row["quantity"], line.grams, [(column["point"]["name"], cell["quantity"]) for column, cell in line.cells])
        for line in page.lines
    ]


EXPECTED = [(5, 9000, [("La Grange", 2), ("Les Tilleuls", 3)])]


def test_totals_per_product_then_per_point_as_orders_come_in(farm):
    answer = farm.client.get(farm.url)
    page = answer.context["page"]
    assert totals(page) == EXPECTED
    assert (page.sheet, page.is_open, page.grams) == (None, True, 9000)
    assert answer.text.count("en cours") == 2
    assert 'hx-trigger="every 60s"' in answer.text


def test_htmx_fetches_the_table_alone(farm):
    answer = farm.client.get(farm.url, headers={"HX-Request": "true"})
    assert answer.templates[0].name == "distribution/_harvest_table.html"
    assert "<html" not in answer.text


def frozen(farm, packs, version):
    """A version of the sheet as the close writes it, with so many packs in all."""
    content: dict[str, Any] = dict(
        sheets.farm.harvests(farm.sales[0].week, [farm.producer.pk], hub=Hub.get(), now=make.now())[farm.producer.pk]
    )
    row = dict(content["rows"][0]) | {"quantity": packs}
    if version > 1:
        row["change"] = {"mark": "changed", "was": 5, "since": version, "reason": "à votre demande"}
    content["rows"] = [row]
    return Sheet.objects.create(
        kind=Sheet.Kind.HARVEST, producer=farm.producer, week=farm.sales[0].week, version=version,
        content=content, sha256="0" * 64, extracted_at=make.now(),
    )  # fmt: skip


def test_the_frozen_sheet_is_shown_once_everything_is_counted(farm):
    frozen(farm, 7, 1)
    assert farm.client.get(farm.url).context["page"].sheet is None
    farm.close(*farm.sales)
    page = farm.client.get(farm.url).context["page"]
    assert (page.sheet.version, page.lines[0].row["quantity"]) == (1, 7)
    assert reverse("distribution:sheet", args=[page.sheet.sha256, "pdf"]) in farm.client.get(farm.url).text


def test_a_later_version_says_what_changed_and_leads_to_the_first(farm):
    farm.close(*farm.sales)
    frozen(farm, 5, 1)
    frozen(farm, 4, 2)
    answer = farm.client.get(farm.url)
    assert answer.context["page"].changes == 1
    assert "1 ligne a changé depuis la version 1." in answer.text
    assert "à votre demande" in answer.text
    first = farm.client.get(farm.url, {"version": "1"})
    assert (first.context["page"].sheet.version, first.context["page"].changes) == (1, 0)
    assert farm.client.get(farm.url, {"version": "9"}).status_code == 404


def test_nothing_ordered_is_said(farm):
    answer = farm.client.get(reverse("distribution:harvest", args=[farm.producer.code, "2030-W01"]))
    assert "Rien de commandé pour l’instant" in answer.text


def test_strangers_do_not_see_it(farm, client):
    client.force_login(make.farmer(make.producer()), backend=BACKEND)
    assert client.get(farm.url).status_code == 404
    client.force_login(make.household().members.get(), backend=BACKEND)
    assert client.get(farm.url).status_code == 404


def test_points_and_orders_do_not_add_queries(farm, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        farm.client.get(farm.url)
