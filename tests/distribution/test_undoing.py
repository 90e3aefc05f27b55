"""Shortages and weighings of one line, undone in any order: the line is what the acts that still count give."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distribution import closing
from distribution.models import Closing, HandoverAction, Shortage
from orders.models import OrderLine
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db

DUE = 3


@pytest.fixture
def birds() -> SimpleNamespace:
    """Three chickens for one household."""
    at = make.collection()
    farm = make.producer(at.point)
    chicken = make.weighed(farm)
    day = a_day({chicken: DUE}, farms=[farm], at=at)
    return SimpleNamespace(day=day, chicken=chicken, order=day.orders[0], at=at)


def missing(birds: SimpleNamespace, packs: int, reason: str = "quality") -> HandoverAction:
    told = birds.day.act("short", birds.order, birds.chicken, quantity=packs, reason=reason)
    assert isinstance(told, HandoverAction)
    return told


def weighed(birds: SimpleNamespace, grams: int) -> HandoverAction:
    told = birds.day.act("weighed", birds.order, birds.chicken, grams=grams)
    assert isinstance(told, HandoverAction)
    return told


def undo(birds: SimpleNamespace, *acts: HandoverAction) -> tuple[int, int | None]:
    for act in acts:
        birds.day.act("undo", of=str(act.uid))
    return state(birds)


def state(birds: SimpleNamespace) -> tuple[int, int | None]:
    """Packs missing and grams of the line."""
    line = OrderLine.objects.get(order=birds.order, packaging=birds.chicken)
    told = Shortage.objects.filter(line=line).first()
    return (told.quantity if told else 0), line.weight_g


def test_a_weighing_undone_goes_though_another_reason_was_told_since(birds: SimpleNamespace) -> None:
    missing(birds, 1)
    told = weighed(birds, 3500)
    missing(birds, 1, "broken")
    assert state(birds) == (1, 3500)
    assert undo(birds, told) == (1, None)


def test_a_weighing_undone_before_the_shortage_that_voided_it_does_not_come_back(birds: SimpleNamespace) -> None:
    told = weighed(birds, 5400)
    short = missing(birds, 1)
    assert undo(birds, told, short) == (0, None)


def test_a_weighing_comes_back_with_the_packs_it_was_of(birds: SimpleNamespace) -> None:
    weighed(birds, 5400)
    first = missing(birds, 1)
    weighed(birds, 3500)
    second = missing(birds, 2, "lost")
    assert state(birds) == (2, None)
    assert undo(birds, second) == (1, 3500)
    assert undo(birds, first) == (0, None), "what two birds weigh says nothing of three"


def test_a_weighing_stays_where_an_older_shortage_of_as_many_packs_is_undone(birds: SimpleNamespace) -> None:
    first = missing(birds, 1)
    weighed(birds, 3500)
    missing(birds, 1, "broken")
    assert undo(birds, first) == (1, 3500)
    assert Shortage.objects.get().reason == "broken"


def test_a_shortage_undone_leaves_what_the_earlier_one_said(birds: SimpleNamespace) -> None:
    earlier = missing(birds, 1, "broken")
    later = missing(birds, 2, "lost")
    assert undo(birds, later) == (1, None)
    kept = Shortage.objects.get()
    assert (kept.reason, kept.at, kept.by) == ("broken", earlier.at, earlier.by)


def test_a_weighing_before_a_change_of_what_is_due_does_not_come_back(birds: SimpleNamespace) -> None:
    weighed(birds, 5400)
    close = Closing.objects.create(collection=birds.at, counted_at=make.now())
    for delta in (-1, 1):
        line = birds.day.line(birds.order, birds.chicken)
        closing.amend(delta=delta, line=line, reason="member", by=birds.day.host, now=make.now())
    close.frozen_at = make.now()
    close.save()
    told = missing(birds, 1)
    assert undo(birds, told) == (0, None), "one of the three birds is another one"


@dataclass(frozen=True)
class Told:
    """An act as the model sees it: packs missing, or grams of so many packs."""

    act: HandoverAction
    missing: int = 0
    grams: int | None = None
    packs: int = 0


def replayed(acts: list[Told]) -> tuple[int, int | None]:
    """What these acts give, one after the other, each weighing being of the packs that were there when it was told."""
    missing, weighing = 0, None
    for told in acts:
        if told.grams is None:
            missing = told.missing
            weighing = weighing if weighing and weighing.packs == DUE - missing else None
        else:
            weighing = told
    return missing, weighing.grams if weighing and weighing.packs == DUE - missing else None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("short"), st.integers(0, DUE)),
        st.tuples(st.just("weigh"), st.integers(1000, 5400)),
        st.tuples(st.just("undo"), st.integers(0, 7)),
    ),
    min_size=3,
    max_size=9,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_order_the_line_is_what_the_acts_that_count_give(
    birds: SimpleNamespace, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        told: list[Told] = []
        for kind, value in steps:
            left = DUE - state(birds)[0]
            if kind == "short":
                told.append(Told(missing(birds, value), missing=value))
            elif kind == "weigh" and left:
                told.append(Told(weighed(birds, min(value, 1800 * left)), grams=min(value, 1800 * left), packs=left))
            elif kind == "undo" and told:
                undo(birds, told.pop(value % len(told)).act)
            assert state(birds) == replayed(told)
        assert undo(birds, *(one.act for one in told)) == (0, None)
        transaction.set_rollback(True)
