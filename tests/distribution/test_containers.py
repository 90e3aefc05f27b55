"""Deposits given back: to the household at once, from the farm on its next statement, never more than was had."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from distribution import containers, reconcile, settlement, statements
from distribution.models import ContainerReturn, HandoverAction, Payout, Statement
from hub import ledger
from hub.models import CollectionPoint, Household
from producers.models import Packaging, Producer
from tests import make
from tests.distribution.day import Day, order
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def scene() -> SimpleNamespace:
    """Last week a household had three bottles at 0.30 and the inn forty, stated; today it comes again, as another one
    does."""
    make.fees()
    at = make.point()
    farm = make.producer(at, name="Brasserie du Lavoir", iban="FR7630006000011234567890189")
    bottle = make.packaging(farm, "3.00", deposit=D("0.30"))
    home, other = make.household("Le Bihan"), make.household("Le Goff")
    make.offer(bottle, make.collection(at), packs=None)
    first = sold(at, farm, {bottle: 3}, home, inn={bottle: 40})
    first.confirm()
    settlement.settle(collection=first.collection, now=make.now())
    statements.issue(producer=farm, week=first.collection.week, now=make.now())
    today = sold(at, farm, {bottle: 2}, home, other)
    return SimpleNamespace(
        farm=farm, bottle=bottle, home=home, other=other, day=today, mine=today.orders[0], theirs=today.orders[1],
        purse=ledger.household_account(home),
    )  # fmt: skip


def sold(
    at: CollectionPoint, farm: Producer, basket: dict[Packaging, int], *homes: Household,
    inn: dict[Packaging, int] | None = None,
) -> Day:  # fmt: skip
    """A hand-over under way at which each household has this basket, and the inn its own."""
    collection = make.collection(at)
    orders = [order(basket, collection, home=home) for home in homes]
    if inn is not None:
        orders.append(order(inn, collection, home=make.household("L’auberge")))
    make.counted(collection)
    for one in orders:
        one.refresh_from_db()
    day = Day(collection, make.host(at), [farm], orders)
    day.arrive()
    return day


def returned(scene: SimpleNamespace, count: int, **more: Any) -> HandoverAction:
    facts = {"producer": scene.farm.code, "deposit": "0.30", "quantity": count} | more
    found: HandoverAction = scene.day.act("returned", facts.pop("order", scene.mine), **facts)
    return found


def test_what_comes_back_is_credited_and_the_farm_gives_it_back(scene: SimpleNamespace) -> None:
    before = ledger.balance(scene.purse)
    returned(scene, 2)
    assert (ledger.balance(scene.purse) - before, ledger.balance("deposits")) == (D("0.60"), D("-0.60"))
    assert [(one.producer, one.count) for one in containers.kept(scene.home)] == [(scene.farm.code, 1)]
    assert reconcile.differences() == []
    scene.day.confirm()
    settlement.settle(collection=scene.day.collection, now=make.now())
    assert ledger.balance("deposits") == D("0.60")
    statement = statements.issue(producer=scene.farm, week=scene.day.collection.week, now=make.now())
    assert statement is not None
    told = {one["what"]: (one["gross"], one["note"]) for one in statement.content["entries"]}
    assert [told[what][0] for what in ("sales", "deposits", "returned")] == ["12.00", "1.20", "-0.60"]
    assert told["returned"][1].startswith("2 × 0,30")
    assert statement.net.amount == D("9.60") + D("1.20") - D("0.60")
    assert ledger.balance("deposits") == 0
    assert ContainerReturn.objects.get().statement == statement
    assert reconcile.differences() == []


def test_no_more_than_the_household_has_had_unless_they_are_anothers(scene: SimpleNamespace) -> None:
    returned(scene, 3)
    for count, more in ((1, {}), (0, {"elsewhere": "1"}), (1001, {"elsewhere": "1"})):
        with pytest.raises((containers.TooManyContainers, containers.NoSuchContainer)):
            returned(scene, count, **more)
    for wrong in ({"deposit": "0.31"}, {"deposit": "x"}, {"producer": "nobody"}):
        with pytest.raises((containers.TooManyContainers, containers.NoSuchContainer)):
            returned(scene, 1, **({"elsewhere": "1"} | wrong))
    assert ContainerReturn.objects.count() == 1
    before = reconcile.differences(), ledger.balance("deposits"), ledger.balance(scene.purse)
    with pytest.raises(containers.MoreThanAreOut) as refusal:
        returned(scene, 41, elsewhere="1")  # forty-three went out, three are back
    assert refusal.value.data == {"left": 40}
    assert (reconcile.differences(), ledger.balance("deposits"), ledger.balance(scene.purse)) == before
    assert ContainerReturn.objects.count() == 1
    returned(scene, 4, elsewhere="1")
    assert ContainerReturn.objects.order_by("pk").values_list("count", "elsewhere")[1] == (4, True)
    assert [one.count for one in containers.kept(scene.home)] == [0]
    assert reconcile.differences() == []


def test_an_act_sent_twice_counts_once_and_is_undone_once(scene: SimpleNamespace) -> None:
    before = ledger.balance(scene.purse)
    act = scene.day.made("returned", scene.mine, producer=scene.farm.code, deposit="0.30", quantity=2)
    assert [one.state for one in scene.day.send(act) + scene.day.send(act)] == ["applied", "applied"]
    assert ledger.balance(scene.purse) - before == D("0.60")
    for _again in range(2):
        scene.day.act("undo", of=str(act.uid))
    assert (ledger.balance(scene.purse), [one.count for one in containers.kept(scene.home)]) == (before, [3])
    assert reconcile.differences() == []


def test_a_statement_is_never_below_zero_the_rest_waits(scene: SimpleNamespace) -> None:
    for count in (30, 10):
        returned(scene, count, elsewhere="1", order=scene.theirs)
    scene.day.confirm()
    settlement.settle(collection=scene.day.collection, now=make.now())
    statement = statements.issue(producer=scene.farm, week=scene.day.collection.week, now=make.now())
    assert statement is not None
    assert statement.net.amount == D("1.80")
    assert [one.count for one in ContainerReturn.objects.filter(statement=None)] == [10]
    assert ledger.balance("deposits") == D("-3.00")
    assert reconcile.differences() == []


def test_a_great_return_stops_no_other_and_waits_for_one_statement_only(scene: SimpleNamespace) -> None:
    for count in (37, 2):  # 11.10 is more than the farm gains today, 0.60 is not
        returned(scene, count, elsewhere="1", order=scene.theirs)
    scene.day.confirm()
    settlement.settle(collection=scene.day.collection, now=make.now())
    first = statements.issue(producer=scene.farm, week=scene.day.collection.week, now=make.now())
    assert first is not None
    assert first.net.amount == D("10.20")
    assert [one.count for one in ContainerReturn.objects.filter(statement=None)] == [37]
    later = sold(scene.day.collection.point, scene.farm, {scene.bottle: 2}, scene.home)
    later.confirm()
    settlement.settle(collection=later.collection, now=make.now())
    second = statements.issue(producer=scene.farm, week=later.collection.week, now=make.now())
    assert second is not None
    assert second.net.amount == D("5.40") - D("11.10")
    assert list(Payout.objects.values_list("statement", flat=True)) == [Statement.objects.earliest("pk").pk, first.pk]
    assert (ContainerReturn.objects.filter(statement=None).count(), ledger.balance("deposits")) == (0, D(0))
    assert reconcile.differences() == []


def test_the_database_takes_back_no_more_than_is_out(scene: SimpleNamespace) -> None:
    returned(scene, 1)
    again = """INSERT INTO distribution_containerreturn (household_id, collection_id, producer_id, deposit, currency, count,
            elsewhere, key, at, by_id, transfer_id)
        SELECT household_id, collection_id, producer_id, deposit, currency, 43, true, 'another', at, by_id, 0
        FROM distribution_containerreturn"""
    with (
        pytest.raises(IntegrityError, match="more containers come back than are out"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(again)


@pytest.mark.parametrize(
    ("what", "forgery"),
    [
        ("returned containers are not", "UPDATE distribution_containerreturn SET count = count + 1"),
        ("more containers came back than went out", "UPDATE distribution_containerreturn SET count = 48"),
        ("less those given back", "UPDATE distribution_containerreturn SET statement_id = NULL"),
        ("a farm did not give back", "UPDATE distribution_containerreturn SET statement_id = NULL"),
    ],
)
def test_each_forgery_is_seen(scene: SimpleNamespace, what: str, forgery: str) -> None:
    returned(scene, 2)
    scene.day.confirm()
    settlement.settle(collection=scene.day.collection, now=make.now())
    statements.issue(producer=scene.farm, week=scene.day.collection.week, now=make.now())
    assert Statement.objects.count() == 2
    assert reconcile.differences() == []
    forge(forgery)
    assert [one.what for one in reconcile.differences() if what in one.what] != []


def test_at_the_counter(scene: SimpleNamespace, client: Client) -> None:
    client.force_login(scene.day.host)
    page = f"/jour-j/{scene.day.collection.code}/remise/{scene.mine.code}/"
    shown = client.get(page).content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert "Brasserie du Lavoir, 0,30 € · 3 à la maison" in shown
    typed = {"kind": "returned", "container": f"{scene.farm.code}:0.30", "quantity": "5"}
    refused = client.post(f"{page}actes/", typed)
    assert refused.status_code == 422
    assert 'name="elsewhere"' in refused.content.decode()
    assert ContainerReturn.objects.count() == 0
    assert client.post(f"{page}actes/", typed | {"elsewhere": "1"}).headers["Location"] == page
    assert ContainerReturn.objects.get().count == 5
    client.force_login(scene.home.members.get())
    assert "Consignes rendues" in client.get("/solde/").content.decode()
