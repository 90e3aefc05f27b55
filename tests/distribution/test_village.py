"""The demo's village, whatever day it is built on: a farmer finds sales to publish for, a coordinator a week to come."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from distribution import demo
from distribution import village_people as people
from hub import calendar, founding
from hub.models import Collection
from producers.models import Offer, Producer
from producers.week import Week
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("hour", [0, 12, 23])
@pytest.mark.parametrize("weekday", range(7))
def test_each_point_meets_once_in_the_week_after_the_open_sale(weekday: int, hour: int) -> None:
    now = datetime(2026, 11, 23, hour, 30, tzinfo=calendar.zone()) + timedelta(days=weekday)
    boss = make.coordinator()
    for place in people.POINTS:
        point = founding.open_point(code=place.code, name=place.name, by=boss, now=now, **place.fields)
        begins = demo.rhythm_begins(place.code, now)
        founding.set_rhythm(point=point, by=boss, now=now, valid_from=begins, **place.rhythm)
    calendar.plan_collections(now=now)
    handed_out = calendar.local_date(now) + timedelta(days=3)
    coming = calendar.shift_week(calendar.week_of(handed_out), 1)
    planned = Collection.objects.filter(week=coming).order_by("point__code").values_list("point__code", "opens_at")
    assert [code for code, _opens in planned] == ["hauts", "pont-neuf", "tilleuls"]
    told = {"hauts": handed_out, "tilleuls": handed_out, "pont-neuf": calendar.local_date(now)}
    for code, day in told.items():
        assert not Collection.objects.filter(point__code=code, week__lte=calendar.week_of(day)).exists()


@pytest.mark.full
def test_the_farmer_one_plays_with_has_a_week_to_publish() -> None:
    now = timezone.now()
    demo.build(now=now)
    sale = Collection.objects.taking_orders(now).filter(point__code="tilleuls").earliest("closes_at")
    coming = calendar.shift_week(sale.week, 1)
    mine = Producer.objects.get(code=people.UNDECIDED[0])
    week = Week(mine, coming)
    assert (week.points, week.on_sale, week.last) == (3, 0, sale.week)
    assert all(line.is_prefilled for line in week.lines)
    published = Offer.objects.filter(week=coming).values_list("packaging__producer__code", flat=True).distinct()
    assert set(published) == {farm.code for farm in people.FARMS} - set(people.UNDECIDED)
