"""After the close: an order is changed, a distribution given up, a sale prolonged, each shown before it is done."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from distribution import amending, closing, effects
from distribution.amending import Change, FarmNotComing, StaleChange
from distribution.cancelling import NoReason
from distribution.models import Duty, LineChange, MinimumDecision, Sheet
from hub import calendar
from hub.calendar import CannotProlong
from hub.models import Activity, Collection, Notice
from hub.money import money
from orders.models import CardPayment, Order, OrderLine, SavedCard
from producers.models import Stock
from tests import make
from tests.distribution import week as weeks

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> SimpleNamespace:
    """A closed week, its host signed in, Éloi's order (3 carrots, 1 leek) on the table."""
    week = weeks.build()
    make.passed(week.collection)
    closing.close_due(now=make.now())
    client.force_login(week.host)
    order = week.order("Éloi")
    root = f"/jour-j/{week.collection.code}/"
    return SimpleNamespace(
        client=client, week=week, order=order, root=root, url=f"{root}remise/{order.code}/changement/"
    )


def everything() -> list[Any]:
    tables: list[Any] = [OrderLine, LineChange, Order, Stock, Sheet, Notice, Activity, Collection]
    return [list(table.objects.order_by("pk").values()) for table in tables]


def typed(scene: SimpleNamespace, **more: Any) -> dict[str, Any]:
    week = scene.week
    return {
        f"q-{week.carrots.code}": "1", f"seen-{week.carrots.code}": "3", f"q-{week.leeks.code}": "1",
        f"seen-{week.leeks.code}": "1", "add": week.chicken.code, "packs": "2", "reason": "member", "see": "1",
    } | more  # fmt: skip


def test_a_change_is_shown_before_it_is_done(scene: SimpleNamespace) -> None:
    before = everything()
    assert scene.client.get(scene.url).status_code == 200
    shown = scene.client.get(scene.url, typed(scene)).context["effect"]
    chicken = scene.week.chicken.product.name
    carrots = scene.week.carrots.product.name
    # two chickens of 1.8 kg at 11 € a kilogram
    assert [(row.name, row.before, row.after, row.amount) for row in shown.rows] == [
        (carrots, 3, 1, money("-5.00")), (chicken, 0, 2, money("39.60")),
    ]  # fmt: skip
    assert (shown.before, shown.after, shown.empties) == (money("10.60"), money("45.20"), False)
    assert (shown.members, shown.farms, shown.hosts) == (1, [scene.week.garden.name, scene.week.yard.name], 1)
    assert sorted(version for _title, version in shown.sheets) == [2] * 8
    assert everything() == before


def test_what_was_shown_is_what_happens_once(scene: SimpleNamespace) -> None:
    sent = typed(scene, note="pour midi", key="8a0e3c9e-8a43-4a1b-9a07-5a3d6a6a7d10")
    shown = scene.client.get(scene.url, sent).context["effect"]
    for _tap in range(2):
        assert scene.client.post(scene.url, sent).headers["Location"] == f"{scene.root}remise/"
    order = scene.week.order("Éloi")
    assert order.expected_total == shown.after == money("45.20")
    assert sorted(order.lines.values_list("packaging", "quantity", "due")) == sorted(
        [(scene.week.carrots.pk, 3, 1), (scene.week.leeks.pk, 1, 1), (scene.week.chicken.pk, 0, 2)]
    )
    assert [(row.delta, row.reason, row.note, row.by) for row in LineChange.objects.order_by("pk")] == [
        (-2, "member", "pour midi", scene.week.host), (2, "member", "pour midi", scene.week.host),
    ]  # fmt: skip
    assert set(Sheet.objects.filter(version=2).values_list("kind", flat=True)) == set(
        Sheet.objects.values_list("kind", flat=True)
    )
    told = Notice.objects.filter(kind__startswith="amended").order_by("kind", "pk")
    assert [(one.kind, len(one.data["lines"])) for one in told] == [
        ("amended-order", 2), ("amended-sheets", 2), ("amended-sheets", 1), ("amended-sheets", 1),
    ]  # fmt: skip
    assert told[0].data["total"] == "45,20\u00a0€"
    act = Activity.objects.get(verb="order.amended")
    assert (act.subject, [line["delta"] for line in act.data["lines"]]) == (order.code, [-2, 2])


def test_a_refused_change_keeps_what_was_typed(scene: SimpleNamespace) -> None:
    before = everything()
    carrots = f"q-{scene.week.carrots.code}"
    for wrong in (
        {carrots: "many"}, {carrots: "1001"}, {carrots: "-1"}, {"packs": "0"}, {"packs": "19"}, {"add": "NOPE"},
        {"reason": ""}, {"reason": "cancelled"}, {carrots: "3", "add": ""},
    ):  # fmt: skip
        for send in (scene.client.get, scene.client.post):
            answer = send(scene.url, typed(scene, **wrong))
            assert answer.status_code in (409, 422), wrong
            assert answer.context["typed"]["packs"] == wrong.get("packs", "2")
    assert everything() == before


def test_a_line_changed_meanwhile_is_not_changed_again(scene: SimpleNamespace) -> None:
    sent = typed(scene)
    line = scene.order.lines.get(packaging=scene.week.carrots)
    closing.amend(line=line, delta=-1, reason="producer", by=scene.week.host, now=make.now())
    before = everything()
    answer = scene.client.post(scene.url, sent)
    assert (answer.status_code, answer.context["refusal"].code) == (409, StaleChange.code)
    assert everything() == before


def test_only_hosts_of_the_point_and_coordinators_change_orders(scene: SimpleNamespace) -> None:
    for member, status in (
        (make.host(make.point()), 404), (scene.week.gardener, 404), (scene.week.homes["Éloi"].members.get(), 404),
        (make.coordinator(), 200),
    ):  # fmt: skip
        scene.client.force_login(member)
        assert scene.client.get(scene.url).status_code == status
        assert scene.client.post(scene.url, typed(scene)).status_code == (302 if status == 200 else 404)


def test_what_is_handed_over_or_missing_is_corrected_at_the_counter(scene: SimpleNamespace) -> None:
    from distribution.models import Handover, Shortage

    line = scene.order.lines.get(packaging=scene.week.carrots)
    Shortage.objects.create(
        line=line, collection=scene.week.collection, quantity=2, reason="harvest", at=make.now(), by=scene.week.host
    )
    answer = scene.client.post(scene.url, typed(scene))
    assert (answer.status_code, answer.context["refusal"].code) == (422, "bad-change")
    Handover.objects.create(
        order=scene.order, collection=scene.week.collection, collected_at=make.now(), recorded_by=scene.week.host
    )
    answer = scene.client.post(scene.url, typed(scene))
    assert (answer.status_code, answer.context["refusal"].code) == (409, "already-handed-over")
    assert LineChange.objects.count() == 0


def test_nothing_is_added_of_a_farm_that_does_not_come() -> None:
    week = weeks.build(yard_minimum="100")
    make.passed(week.collection)
    closing.close_due(now=make.now())
    closing.decide(decision_row=MinimumDecision.objects.get(), choice="cancel", by=None, now=make.now())
    closing.close_due(now=make.now())
    order = week.order("Éloi")
    assert effects.to_add(order) == []
    before = everything()
    with pytest.raises(FarmNotComing):
        closing.amend(order=order, packaging=week.chicken, delta=1, reason="member", by=week.host, now=make.now())
    assert everything() == before


def test_changing_many_lines_takes_as_many_statements_as_one(scene: SimpleNamespace) -> None:
    from django.test.utils import CaptureQueriesContext

    week, counts = scene.week, []
    more = [make.packaging(week.garden) for _nth in range(6)]
    for pack in more:
        make.offer(pack, week.collection, 20)
    for packs in (more[:2], more[2:]):
        changes = [Change(1, packaging=pack) for pack in packs]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            amending.amend_order(order=scene.order, changes=changes, reason="member", by=week.host, now=make.now())
        counts.append(len(seen))
    assert counts[0] == counts[1]


# Giving up


def test_a_cancellation_says_what_it_undoes(scene: SimpleNamespace) -> None:
    boss, week = make.coordinator(), scene.week
    Duty.objects.create(collection=week.collection, role="Accueil", member=make.member())
    scene.client.force_login(boss)
    url, before = f"{scene.root}annulation/", everything()
    shown = scene.client.get(url).context["effect"]
    assert (shown.households, shown.value, shown.wishes, shown.paid) == (3, money("81.20"), 0, money(0))
    assert shown.farms == [("Les Quatre Saisons", 8), ("Volailles du Bocage", 3)]
    assert (shown.members, shown.farmers, shown.hosts, shown.on_duty) == (3, 2, 1, 1)
    assert (shown.holds, shown.held) == (0, money(0))
    assert shown.sheets == Sheet.objects.count() == 11
    assert scene.client.post(url, {"reason": " "}).status_code == 422
    assert everything() == before
    assert scene.client.post(url, {"reason": "neige"}).status_code == 302
    assert Notice.objects.filter(kind="collection-cancelled").count() == 3 + 2 + 1 + 1
    assert Sheet.objects.filter(version=2).count() == shown.sheets
    assert "neige" in scene.client.get(url).content.decode()
    assert scene.client.post(url, {"reason": "neige"}).status_code == 302
    assert Notice.objects.filter(kind="collection-cancelled").count() == 7


def test_a_cancellation_says_which_holds_on_cards_it_releases(scene: SimpleNamespace) -> None:
    card = SavedCard.objects.create(
        household=scene.order.household, customer="cus_1", method="pm_1", brand="visa", last4="4242", expires="2031-12",
        consent="d’accord", consented_at=make.now(), consented_by=scene.week.host,
    )  # fmt: skip
    for state, amount in (("held", "12.50"), ("released", "9.00")):
        CardPayment.objects.create(
            order=scene.order, card=card, number=1 if state == "held" else 2, state=state, amount=money(amount),
            due_at=make.now(), **{f"{state}_at": make.now()}, stripe_id=f"pi_{state}",
        )  # fmt: skip
    shown = effects.cancellation(scene.week.collection)
    assert (shown.holds, shown.held) == (1, money("12.50"))


def test_only_a_coordinator_gives_up_a_distribution(scene: SimpleNamespace) -> None:
    before = everything()
    for send in (scene.client.get, scene.client.post):
        assert send(f"{scene.root}annulation/", {"reason": "neige"}).status_code == 404
    with pytest.raises(NoReason):
        closing.cancel(collection=scene.week.collection, reason="", by=make.coordinator(), now=make.now())
    assert everything() == before


def test_the_effect_is_read_in_a_fixed_number_of_statements(
    scene: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(11):
        effects.cancellation(scene.week.collection)


# Prolonging


def test_a_sale_stays_open_for_longer(client: Client) -> None:
    week = weeks.build()
    at = week.collection
    until = (at.closes_at + timedelta(hours=3)).replace(second=0)
    local = until.astimezone(calendar.zone())
    client.force_login(week.host)
    url = f"/jour-j/{at.code}/prolongation/"
    assert client.get(url).status_code == 200
    sent = {"day": local.date().isoformat(), "hour": f"{local:%H:%M}"}
    for _tap in range(2):
        assert client.post(url, sent).headers["Location"] == f"/impressions/{at.code}/"
    at.refresh_from_db()
    assert at.closes_at == until
    assert list(Activity.objects.filter(verb="collection.prolonged").values_list("subject", "member")) == [
        (at.code, week.host.pk)
    ]
    told = Notice.objects.filter(kind="prolonged")
    assert sorted(one.member.first_name for one in told if one.member) == ["Claire", "Claire"]
    client.force_login(make.coordinator())
    later = local + timedelta(minutes=30)
    sent = {"day": later.date().isoformat(), "hour": f"{later:%H:%M}"}
    assert client.post(url, sent).headers["Location"] == f"/semaine/{at.week}/"


def test_a_deadline_is_not_brought_forward_nor_put_after_the_start(client: Client) -> None:
    week = weeks.build()
    at, boss = week.collection, make.coordinator()
    make.passed(at)
    wrong = (
        at.closes_at - timedelta(hours=1), make.now() - timedelta(seconds=30), at.starts_at + timedelta(minutes=1)
    )  # fmt: skip
    before = everything()
    for until in wrong:
        with pytest.raises(CannotProlong):
            closing.prolong(collection=at, closes_at=until, by=boss, now=make.now())
    client.force_login(week.host)
    url = f"/jour-j/{at.code}/prolongation/"
    assert client.post(url, {"day": "2020-01-01", "hour": "10:00"}).status_code == 409
    assert client.post(url, {"day": "31/02", "hour": "25"}).status_code == 422
    client.force_login(week.gardener)
    assert client.post(url, {"day": "2030-01-01", "hour": "10:00"}).status_code == 404
    assert everything() == before
    # past the deadline, but nothing is counted yet
    closing.prolong(collection=at, closes_at=at.starts_at, by=boss, now=make.now())
    assert Collection.objects.get(pk=at.pk).closes_at == at.starts_at


def test_nothing_is_prolonged_once_counted(client: Client) -> None:
    week = weeks.build()
    make.passed(week.collection)
    closing.close_due(now=make.now())
    before = everything()
    with pytest.raises(CannotProlong):
        closing.prolong(collection=week.collection, closes_at=week.collection.starts_at, by=week.host, now=make.now())
    with pytest.raises(IntegrityError, match="its deadline is frozen"), transaction.atomic():
        Collection.objects.update(closes_at=week.collection.starts_at)
    client.force_login(week.host)
    assert client.get(f"/jour-j/{week.collection.code}/prolongation/").status_code == 200
    assert everything() == before
