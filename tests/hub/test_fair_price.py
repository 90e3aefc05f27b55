"""The fair price: parts that always make the price, from the rules that hold."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from hub import shares
from hub.models import FeeRule, Hub
from hub.money import money
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.now()


def parts(share):
    return share.producer, share.host, share.hub


def test_the_rules_of_today_share_the_price_to_the_cent():
    make.fees("8", "12")
    share = shares.of_price(money("5.20"), None, NOW)
    assert parts(share) == (money("4.16"), money("0.42"), money("0.62"))
    assert sum(parts(share), money(0)) == share.price
    assert share.rates == (Decimal("80.00"), Decimal("8.00"), Decimal("12.00"))


def test_a_point_may_have_a_share_of_its_own():
    make.fees("8", "12")
    barn = make.point(name="Grange")
    make.point(name="Café")
    FeeRule.objects.create(payee="host", percentage=Decimal(5), point=barn, valid_from=NOW.date() - timedelta(days=1))
    [(point, share)] = shares.by_point(money("10.00"), NOW)
    assert (point, parts(share)) == (barn, (money("8.30"), money("0.50"), money("1.20")))
    assert shares.of_price(money("10.00"), barn, NOW) == share
    assert shares.of_euro(NOW).producer == money("0.80")


def test_what_is_decided_for_later_is_told_before():
    make.fees("8", "12")
    day = NOW.date() + timedelta(days=20)
    FeeRule.objects.create(payee="hub", percentage=Decimal(10), valid_from=day)
    [period] = shares.to_come(money("10.00"), NOW)
    assert (period.since, parts(period.share)) == (day, (money("8.20"), money("0.80"), money("1.00")))
    assert shares.of_price(money("10.00"), None, NOW).hub == money("1.20")


def test_anybody_reads_where_each_euro_goes(client):
    make.fees("8", "12")
    hub = Hub.get()
    Hub.objects.filter(pk=hub.pk).update(share_explained="Deux salaires et un camion.")
    page = client.get(reverse("hub:fair-price")).content.decode()
    assert [words for words in ("8,00", "0,80", "1,20", "Deux salaires et un camion.") if words not in page] == []


def test_every_page_leads_there_from_its_foot(client):
    assert f'· <a href="{reverse("hub:fair-price")}">' in client.get("/").content.decode()


@pytest.mark.parametrize("typed", ["12,50", "12.50"])
def test_anybody_shares_a_price_of_theirs(client, typed):
    make.fees("8", "12")
    answer = client.get(reverse("hub:fair-price"), {"price": typed})
    assert parts(answer.context["share"]) == (money("10.00"), money("1.00"), money("1.50"))


@pytest.mark.parametrize("typed", ["", "abc", "-1", "0", "1e9", "12.345", "NaN", "Infinity"])
def test_what_is_no_price_is_said_in_place(client, typed):
    answer = client.get(reverse("hub:fair-price"), {"price": typed})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert answer.context["share"].price == money("10.00")


def test_the_page_costs_few_statements(client, django_assert_num_queries):
    make.fees()
    for _each in range(5):
        FeeRule.objects.create(payee="host", percentage=Decimal(5), point=make.point(), valid_from=NOW.date())
    Hub.get()
    with django_assert_num_queries(5):
        client.get(reverse("hub:fair-price"))
