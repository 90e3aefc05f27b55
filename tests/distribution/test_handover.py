"""Acts of the hand-over: each once, all undone, the weight guarded, the confirmation complete."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from distribution import acts, closing, confirming, handover
from distribution.models import Arrival, Closing, Confirmation, Handover, HandoverAction, Shortage
from hub import ledger
from hub.models import Collection
from orders.models import OrderLine, Payment
from tests import make
from tests.distribution.day import Day, a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> SimpleNamespace:
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    bread, chicken = make.packaging(farm, "4.20"), make.weighed(farm)
    day = a_day({bread: 3, chicken: 1}, {bread: 1}, farms=[farm], at=at)
    return SimpleNamespace(day=day, farm=farm, bread=bread, chicken=chicken, first=day.orders[0], second=day.orders[1])


def facts(day: Day) -> list[Any]:
    return [
        list(OrderLine.objects.order_by("pk").values_list("due", "delivered", "weight_g")),
        list(Shortage.objects.values_list("line", "quantity", "reason")),
        list(Handover.objects.values_list("order", "note")),
        list(Payment.objects.values_list("key", "undone_at")),
        HandoverAction.objects.count(),
    ]


def test_first_act_begins_the_collection(scene: SimpleNamespace) -> None:
    assert scene.day.collection.status == Collection.Status.CLOSED
    scene.day.act("note", scene.first, text="sonne deux fois")
    scene.day.collection.refresh_from_db()
    assert scene.day.collection.status == Collection.Status.IN_PROGRESS
    assert scene.day.collection.begun_at is not None


def test_collecting_hands_over_what_is_due_and_not_missing(scene: SimpleNamespace) -> None:
    scene.day.act("short", scene.first, scene.bread, quantity=1, reason="broken")
    scene.day.act("collected", scene.first, by="Yann")
    assert scene.day.line(scene.first, scene.bread).delivered == 2
    assert scene.day.line(scene.first, scene.chicken).delivered == 1
    assert scene.day.line(scene.second, scene.bread).delivered is None
    assert Handover.objects.get().collected_by == "Yann"


def test_a_shortage_told_after_collecting_moves_what_was_delivered(scene: SimpleNamespace) -> None:
    scene.day.act("collected", scene.first)
    told = scene.day.act("short", scene.first, scene.bread, quantity=2, reason="quality")
    assert scene.day.line(scene.first, scene.bread).delivered == 1
    scene.day.act("undo", of=str(told.uid))
    assert scene.day.line(scene.first, scene.bread).delivered == 3
    assert not Shortage.objects.exists()


def test_a_weight_three_times_too_much_must_be_said_twice(scene: SimpleNamespace) -> None:
    before = facts(scene.day)
    with pytest.raises(acts.TooHeavy) as refused:
        scene.day.act("weighed", scene.first, scene.chicken, grams=5401)
    assert refused.value.data == {"grams": 5401, "expected": 1800}
    assert facts(scene.day) == before
    scene.day.act("weighed", scene.first, scene.chicken, grams=5400)
    scene.day.act("weighed", scene.first, scene.chicken, grams=5401, confirmed=True)
    assert scene.day.line(scene.first, scene.chicken).weight_g == 5401


@pytest.mark.parametrize(
    ("kind", "pack", "data", "refusal"),
    [
        ("short", "bread", {"quantity": 4, "reason": "broken"}, acts.BadQuantity),
        ("short", "bread", {"quantity": 1, "reason": "nonsense"}, acts.BadQuantity),
        ("short", "bread", {"quantity": "-1", "reason": "broken"}, acts.BadQuantity),
        ("weighed", "bread", {"grams": 500}, acts.NotWeighed),
        ("weighed", "chicken", {"grams": 0}, acts.BadQuantity),
        ("weighed", "chicken", {"grams": "1٣"}, acts.BadQuantity),
        ("danced", "bread", {}, handover.UnknownSubject),
    ],
)
def test_refused_acts_change_nothing(
    scene: SimpleNamespace, kind: str, pack: str, data: dict[str, Any], refusal: type
) -> None:
    before = facts(scene.day)
    with pytest.raises(refusal):
        scene.day.act(kind, scene.first, getattr(scene, pack), **data)
    assert facts(scene.day) == before


@pytest.mark.parametrize("amount", ["0", "-3", "1.234", "NaN", "Infinity", "rien", "100000.01"])
def test_a_payment_is_an_amount(scene: SimpleNamespace, amount: str) -> None:
    before = facts(scene.day)
    with pytest.raises(Exception) as refused:
        scene.day.act("paid", scene.first, amount=amount, means="cash")
    assert refused.value.code == "bad-amount"  # type: ignore[attr-defined]
    assert facts(scene.day) == before


def test_paying_and_undoing_balance(scene: SimpleNamespace) -> None:
    account, box = f"household:{scene.first.household.code}", f"cash:{scene.day.collection.point.code}"
    paid = scene.day.act("paid", scene.first, amount="32.40", means="cash")
    assert (ledger.balance(account), ledger.balance(box)) == (Decimal("32.40"), Decimal("32.40"))
    scene.day.act("undo", of=str(paid.uid))
    scene.day.act("undo", of=str(paid.uid))
    assert (ledger.balance(account), ledger.balance(box)) == (Decimal(0), Decimal(0))
    assert ledger.trial_balance() == 0


def test_everything_undone_is_as_before(scene: SimpleNamespace) -> None:
    before = facts(scene.day)[:3]
    done = [
        scene.day.act("weighed", scene.first, scene.chicken, grams=1920),
        scene.day.act("short", scene.first, scene.bread, quantity=1, reason="lost"),
        scene.day.act("note", scene.first, text="dans le vélo"),
        scene.day.act("collected", scene.first),
    ]
    assert Handover.objects.get().note == "dans le vélo"
    for action in reversed(done):
        scene.day.act("undo", of=str(action.uid))
    assert facts(scene.day)[:3] == before


def test_the_same_batch_twice_counts_once(scene: SimpleNamespace) -> None:
    batch = [
        scene.day.made("weighed", scene.first, scene.chicken, grams=1920),
        scene.day.made("short", scene.first, scene.bread, quantity=1, reason="harvest"),
        scene.day.made("paid", scene.first, amount="10.00", means="cheque"),
        scene.day.made("collected", scene.first),
        scene.day.made("weighed", scene.second, scene.chicken, grams=1),
    ]
    answers = scene.day.send(*batch)
    assert [answer.state for answer in answers] == ["applied"] * 4 + ["refused"]
    after = facts(scene.day)
    assert [answer.state for answer in scene.day.send(*batch)] == [answer.state for answer in answers]
    assert facts(scene.day) == after


def test_a_second_tablets_older_batch_is_kept_as_conflicts(scene: SimpleNamespace) -> None:
    earlier = make.now() - timedelta(minutes=20)
    scene.day.act("weighed", scene.first, scene.chicken, grams=1920)
    scene.day.act("collected", scene.first, by="Yann")
    late = [
        scene.day.made("weighed", scene.first, scene.chicken, grams=1700, at=earlier),
        scene.day.made("collected", scene.first, by="Claire", at=earlier),
    ]
    assert [answer.state for answer in scene.day.send(*late)] == ["conflict", "conflict"]
    assert scene.day.line(scene.first, scene.chicken).weight_g == 1920
    assert Handover.objects.get().collected_by == "Yann"
    assert HandoverAction.objects.count() == 4
    scene.day.act("undo", of=str(late[1].uid))
    assert Handover.objects.exists()


def test_an_hour_offline(scene: SimpleNamespace, django_assert_max_num_queries: Any) -> None:
    """What a batch costs does not depend on the lines of its orders."""
    batch = [scene.day.made("collected", scene.first), scene.day.made("collected", scene.second)]
    with django_assert_max_num_queries(28):
        scene.day.send(*batch)


def test_another_collections_order_is_unknown(scene: SimpleNamespace) -> None:
    later = make.now() + timedelta(days=9)
    place = make.collection(scene.day.collection.point, starts_at=later, ends_at=later + timedelta(hours=1))
    other = a_day({scene.bread: 1}, farms=[scene.farm], at=place)
    before = facts(scene.day)
    with pytest.raises(handover.UnknownSubject):
        scene.day.act("collected", other.orders[0])
    assert facts(scene.day) == before


def test_before_the_close_and_after_the_confirmation_nothing_moves(scene: SimpleNamespace) -> None:
    open_one = make.collection()
    with pytest.raises(handover.NotUnderWay) as early:
        handover.apply(collection=open_one, actions=[], by=scene.day.host, now=make.now())
    assert early.value.code == "not-under-way"
    scene.day.act("weighed", scene.first, scene.chicken, grams=1900)
    scene.day.arrive()
    scene.day.confirm()
    before = facts(scene.day)
    with pytest.raises(handover.AlreadyConfirmed):
        scene.day.act("collected", scene.first)
    assert facts(scene.day) == before


def test_confirming_asks_for_weights_arrivals_and_fates(scene: SimpleNamespace) -> None:
    with pytest.raises(confirming.NotReady) as refused:
        confirming.confirm(collection=scene.day.collection, uncollected={}, by=scene.day.host, now=make.now())
    assert refused.value.data == {
        "weights": [[1, scene.chicken.product.name]],
        "arrivals": [scene.farm.code],
        "uncollected": [scene.first.code, scene.second.code],
    }
    assert not Confirmation.objects.exists()
    scene.day.act("weighed", scene.first, scene.chicken, grams=1900)
    scene.day.arrive()
    scene.day.act("collected", scene.first)
    confirming.confirm(
        collection=scene.day.collection,
        uncollected={scene.second.code: "given", "ZZZZZZ": "kept"},
        by=scene.day.host,
        now=make.now(),
    )
    assert Confirmation.objects.get().uncollected == {scene.second.code: "given"}
    again = confirming.confirm(collection=scene.day.collection, uncollected={}, by=scene.day.host, now=make.now())
    assert again == Confirmation.objects.get()


def test_a_coordinator_confirms_from_48_hours_after_the_end(scene: SimpleNamespace) -> None:
    person, ends = make.coordinator(), scene.day.collection.ends_at
    scene.day.act("weighed", scene.first, scene.chicken, grams=1900)
    scene.day.arrive()
    told = {scene.first.code: "kept", scene.second.code: "kept"}
    with pytest.raises(confirming.NotYours):
        confirming.confirm(
            collection=scene.day.collection, uncollected=told, by=person, now=ends + timedelta(hours=48, seconds=-1)
        )
    assert not Confirmation.objects.exists()
    confirming.confirm(collection=scene.day.collection, uncollected=told, by=person, now=ends + timedelta(hours=48))
    assert Confirmation.objects.get().by == person


def test_an_arrival_counts_once_and_can_be_taken_back(scene: SimpleNamespace) -> None:
    scene.day.arrive()
    scene.day.arrive()
    assert Arrival.objects.count() == 1
    with pytest.raises(handover.UnknownSubject):
        handover.arrive(collection=scene.day.collection, producer=make.producer(), by=scene.day.host, now=make.now())
    handover.leave(collection=scene.day.collection, producer=scene.farm, by=scene.day.host, now=make.now())
    assert not Arrival.objects.exists()


# Two birds, one of them missing


@pytest.fixture
def birds() -> SimpleNamespace:
    """Two chickens for one household, weighed by two hosts."""
    at = make.collection()
    farm = make.producer(at.point)
    chicken = make.weighed(farm)
    day = a_day({chicken: 2}, farms=[farm], at=at)
    return SimpleNamespace(day=day, chicken=chicken, order=day.orders[0], at=at)


def weight(birds: SimpleNamespace) -> int | None:
    return OrderLine.objects.get(order=birds.order, packaging=birds.chicken).weight_g


def test_the_weight_of_two_is_not_that_of_one(birds: SimpleNamespace) -> None:
    birds.day.act("weighed", birds.order, birds.chicken, grams=3600)
    told = birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="quality")
    assert weight(birds) is None
    assert [one.order for one in confirming.missing(birds.at).weights] == [birds.order.code]
    birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="broken")
    birds.day.act("weighed", birds.order, birds.chicken, grams=1750)
    birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="lost")
    assert weight(birds) == 1750, "as many packs as before: another reason changes no weight"
    birds.day.act("undo", of=str(told.uid))
    assert (weight(birds), Shortage.objects.get().quantity) == (1750, 1)


def test_a_shortage_taken_back_brings_its_weight_back(birds: SimpleNamespace) -> None:
    birds.day.act("weighed", birds.order, birds.chicken, grams=3600)
    told = birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="quality")
    birds.day.act("undo", of=str(told.uid))
    assert (weight(birds), Shortage.objects.count()) == (3600, 0)
    told = birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="quality")
    birds.day.act("weighed", birds.order, birds.chicken, grams=1750)
    birds.day.act("undo", of=str(told.uid))
    assert weight(birds) is None, "one bird's weight is not that of two"


def test_fewer_packs_after_the_close_are_weighed_anew(birds: SimpleNamespace) -> None:
    birds.day.act("weighed", birds.order, birds.chicken, grams=3600)
    Closing.objects.create(collection=birds.at, counted_at=make.now())
    line = birds.day.line(birds.order, birds.chicken)
    closing.amend(delta=-1, line=line, reason="member", by=birds.day.host, now=make.now())
    assert (birds.day.line(birds.order, birds.chicken).due, weight(birds)) == (1, None)


def test_undoing_what_is_older_leaves_what_is_newer(birds: SimpleNamespace) -> None:
    first = birds.day.act("weighed", birds.order, birds.chicken, grams=3500)
    second = birds.day.act("weighed", birds.order, birds.chicken, grams=3540)
    birds.day.act("undo", of=str(first.uid))
    assert weight(birds) == 3540
    birds.day.act("undo", of=str(second.uid))
    assert weight(birds) is None, "back to what was before both"
    first = birds.day.act("short", birds.order, birds.chicken, quantity=1, reason="broken")
    second = birds.day.act("short", birds.order, birds.chicken, quantity=2, reason="lost")
    birds.day.act("undo", of=str(first.uid))
    assert Shortage.objects.get().quantity == 2
    birds.day.act("undo", of=str(second.uid))
    assert not Shortage.objects.exists()


def test_nothing_is_handed_over_before_the_lists_are_frozen(birds: SimpleNamespace) -> None:
    """A worker died in the middle of the close: the host waits, so that the next one can finish it."""
    row = Closing.objects.create(collection=birds.at, counted_at=make.now())
    before = facts(birds.day)
    for act in (
        lambda: birds.day.act("collected", birds.order),
        birds.day.arrive,
        birds.day.confirm,
    ):
        with pytest.raises(handover.NotUnderWay):
            act()
    for status in ("in_progress", "confirmed"):
        with pytest.raises(IntegrityError, match="before the lists are frozen"), transaction.atomic():
            Collection.objects.filter(pk=birds.at.pk).update(status=status)
    assert facts(birds.day) == before
    row.frozen_at = make.now()
    row.save()
    birds.day.act("collected", birds.order)
    assert Handover.objects.count() == 1
