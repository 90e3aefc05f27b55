"""The API's calls about the hand-over and its confirmation, with exact bodies."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args
from uuid import uuid4

import pytest

from distribution import programs, settlement
from distribution.models import Confirmation, Handover, HandoverAction, Shortage
from distribution.programs import AnyAct
from hub import ledger
from hub.wire.shapes import instant
from orders.models import OrderLine, Payment
from tests import make
from tests.distribution.day import Day, a_day
from tests.program import Program, euros, program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def papers(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


# The hand-over


@pytest.fixture
def day() -> Day:
    """Two households: carrots for both, a chicken to weigh for the first."""
    at = make.collection()
    farm = make.producer(at.point)
    pack, chicken = make.packaging(farm, "2.00"), make.weighed(farm)
    made = a_day({pack: 3, chicken: 1}, {pack: 1}, farms=[farm], at=at)
    made.arrive()
    return made


def host_of(day: Day) -> tuple[Program, str]:
    return program(day.host), f"collections/{day.collection.code}"


def act(day: Day, kind: str, order: int = 0, minutes: int = 0, **more: Any) -> dict[str, Any]:
    at = (make.now() - timedelta(minutes=30 - minutes)).isoformat()
    return (
        {"id": str(uuid4()), "at": at, "kind": kind}
        | ({} if kind == "undo" else {"order": day.orders[order].code})
        | more
    )


def line_id(day: Day, *, weighed: bool) -> str:
    return str(OrderLine.objects.get(order=day.orders[0], weighed=weighed).packaging.code)


def test_a_batch_is_applied_in_the_order_it_happened_and_once(day: Day) -> None:
    host, path = host_of(day)
    paid = act(day, "paid", minutes=3, amount=euros("20.00"), means="cheque", note="CA 12")
    batch = [
        act(day, "collected", minutes=5, by="Nora"), paid,
        act(day, "short", minutes=1, line=line_id(day, weighed=False), quantity=2, reason="broken"),
        act(day, "weighed", minutes=2, line=line_id(day, weighed=True), grams=1900),
        act(day, "note", 1, minutes=6, text="Passe à 20 h"),
        act(day, "undo", minutes=7, of=paid["id"]),
    ]  # fmt: skip
    expected = {"answers": [{"id": one["id"], "state": "applied", "problem": None} for one in batch]}
    for _time in range(2):
        assert host.post(f"{path}/handover", {"actions": batch}).json() == expected
    assert Handover.objects.get().collected_by == "Nora"
    assert list(OrderLine.objects.filter(order=day.orders[0]).order_by("pk").values_list("delivered", "weight_g")) == [
        (1, None), (1, 1900),
    ]  # fmt: skip
    payment = Payment.objects.get()
    assert (str(payment.amount.amount), payment.means, payment.note, bool(payment.undone_at)) == (
        "20.00", "cheque", "CA 12", True,
    )  # fmt: skip
    assert Shortage.objects.get().quantity == 2
    assert HandoverAction.objects.count() == 6


def test_containers_come_back_by_program_as_well() -> None:
    at = make.collection()
    farm = make.producer(at.point)
    jar, bottle = (make.packaging(farm, price, deposit=Decimal("0.30")) for price in ("3.00", "2.00"))
    before = a_day({bottle: 4}, farms=[farm], at=make.collection(at.point))
    before.arrive()
    before.confirm()
    settlement.settle(collection=before.collection, now=make.now())
    day = a_day({jar: 4}, farms=[farm], at=at)
    host, path = host_of(day)
    back = act(day, "returned", producer=farm.code, deposit=euros("0.30"), quantity=1, elsewhere=True)
    for _time in range(2):
        answers = host.post(f"{path}/handover", {"actions": [back]}).json()["answers"]
        assert [one["state"] for one in answers] == ["applied"]
    assert ledger.balance(f"household:{day.orders[0].household.code}") == Decimal("0.30")
    wrong = act(day, "returned", producer="nobody", deposit=euros("0.30"), quantity=1)
    answers = host.post(f"{path}/handover", {"actions": [wrong]}).json()["answers"]
    assert (answers[0]["state"], HandoverAction.objects.count()) == ("refused", 1)


def test_every_kind_of_act_that_a_program_may_send_is_understood() -> None:
    """What the shapes take, the hand-over takes: no kind is told in the document and forgotten in the code."""
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(AnyAct)[0])}
    assert kinds == set(HandoverAction.Kind.values) == set(programs.FIELDS)


def test_conflicts_and_refusals_are_answered_per_act(day: Day) -> None:
    host, path = host_of(day)
    line = line_id(day, weighed=True)
    batch = [
        act(day, "collected", 1), act(day, "collected", 1, minutes=1),
        act(day, "weighed", line=line, grams=9000), act(day, "weighed", line=line, grams=1900, minutes=2),
        act(day, "collected") | {"order": "ZZZZZZ"},
    ]  # fmt: skip
    answers = host.post(f"{path}/handover", {"actions": batch}).json()["answers"]
    assert [one["state"] for one in answers] == ["applied", "conflict", "refused", "applied", "refused"]
    assert [one["problem"] and (one["problem"]["status"], one["problem"]["refusal"]) for one in answers] == [
        None, None, (422, "too-heavy"), None, (404, "unknown"),
    ]  # fmt: skip
    assert answers[2]["problem"]["data"] == {"grams": 9000, "expected": 1800}
    assert OrderLine.objects.get(weighed=True).weight_g == 1900
    assert HandoverAction.objects.count() == 3


def bad_acts(day: Day) -> list[tuple[dict[str, Any], str]]:
    line = line_id(day, weighed=True)
    return [
        (act(day, "danced"), "actions.0"),
        (act(day, "collected") | {"at": "2026-11-27T17:30"}, "actions.0.collected.at"),
        (act(day, "collected") | {"at": "0001-01-01T00:00:00+14:00"}, "actions.0.collected.at"),
        (act(day, "collected") | {"id": "1"}, "actions.0.collected.id"),
        (act(day, "collected", grams=1), "actions.0.collected.grams"),
        (act(day, "weighed", line=line, grams="1900"), "actions.0.weighed.grams"),
        (act(day, "paid", amount="12.50", means="cash"), "actions.0.paid.amount"),
        (act(day, "paid", amount=euros("-1.00"), means="cash"), "actions.0.paid.amount.amount"),
        (act(day, "paid", amount=euros("1.00"), means="gold"), "actions.0.paid.means"),
    ]


def test_malformed_acts_are_told_with_their_path_and_nothing_is_done(day: Day) -> None:
    host, path = host_of(day)
    for bad, where in bad_acts(day):
        answer = host.post(f"{path}/handover", {"actions": [bad, act(day, "collected", 1)]})
        assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (422, [where])
    twice = act(day, "collected")
    assert host.post(f"{path}/handover", {"actions": [twice, twice]}).status_code == 422
    assert not HandoverAction.objects.exists()


def test_a_batch_before_the_close_is_refused_whole() -> None:
    at = make.collection()
    answer = program(make.host(at.point)).post(f"collections/{at.code}/handover", {"actions": []})
    assert refusal(answer)[:2] == (409, "not-under-way")


def test_the_number_of_statements_grows_with_acts_only(day: Day, django_assert_max_num_queries: Any) -> None:
    host, path = host_of(day)
    with django_assert_max_num_queries(30):
        host.post(f"{path}/handover", {"actions": [act(day, "collected")]})


def test_strangers_hand_out_nothing(day: Day) -> None:
    for person in (make.host(make.point()), day.orders[0].household.members.get(), make.farmer(day.farms[0])):
        there, path = program(person), f"collections/{day.collection.code}"
        assert there.post(f"{path}/handover", {"actions": [act(day, "collected")]}).status_code == 404
        assert there.post(f"{path}/confirmation", {"uncollected": {}}).status_code == 404
    reader = program(day.host, "read", "order", "stock", "accounts")
    assert refusal(reader.post(f"{path}/handover", {"actions": []})) == (403, "missing-scope", {"scope": "handover"})
    assert not HandoverAction.objects.exists()
    assert not Confirmation.objects.exists()


# The confirmation


def test_what_is_missing_is_told_before_a_distribution_is_over(day: Day) -> None:
    host, path = host_of(day)
    chicken = OrderLine.objects.get(weighed=True)
    first, second = day.orders
    assert refusal(host.post(f"{path}/confirmation", {"uncollected": {first.code: "kept"}})) == (
        409, "not-ready",
        {"weights": [[first.basket_number, chicken.name]], "arrivals": [], "uncollected": [second.code]},
    )  # fmt: skip
    assert not Confirmation.objects.exists()
    day.act("weighed", first, chicken.packaging, grams=1800)
    answer = host.post(f"{path}/confirmation", {"uncollected": {first.code: "kept", second.code: "given"}}, key="k1")
    said = Confirmation.objects.get()
    assert answer.json() == {
        "collection": day.collection.code, "confirmed_at": instant(said.at), "confirmed_by": day.host.full_name,
        "uncollected": {first.code: "kept", second.code: "given"},
    }  # fmt: skip
    assert host.post(f"{path}/confirmation", {}).json() == answer.json()
    assert refusal(host.post(f"{path}/handover", {"actions": []}))[:2] == (409, "already-confirmed")
    assert Confirmation.objects.count() == 1


def test_a_fate_nobody_knows_is_malformed(day: Day) -> None:
    host, path = host_of(day)
    answer = host.post(f"{path}/confirmation", {"uncollected": {day.orders[0].code: "eaten"}})
    assert (answer.status_code, [one["path"] for one in answer.json()["errors"]]) == (
        422, [f"uncollected.{day.orders[0].code}"],
    )  # fmt: skip


def test_the_cooperative_confirms_after_two_days_only(day: Day) -> None:
    answer = program(make.coordinator()).post(f"collections/{day.collection.code}/confirmation", {})
    assert refusal(answer)[:2] == (403, "not-yours-to-confirm")
    assert not Confirmation.objects.exists()
