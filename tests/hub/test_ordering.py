"""Lists read by names: É beside E, capitals and small letters alike."""

import pytest
from django.test import Client
from django.utils import timezone

from hub.models import CollectionPoint
from hub.ordering import alphabetical
from orders import overview
from tests import make

pytestmark = pytest.mark.django_db

NAMES = ["Zinc", "École", "abri", "Eau vive", "Œuvre", "étang", "Abbaye"]
READ = ["Abbaye", "abri", "Eau vive", "École", "étang", "Œuvre", "Zinc"]


def test_accents_and_capitals_do_not_sort_a_list() -> None:
    for name in NAMES:
        make.point(name=name)
    assert [point.name for point in CollectionPoint.objects.order_by(alphabetical())] == READ
    assert [point.name for point in overview.points(timezone.now())] == READ


def test_farms_and_households_stand_where_a_person_looks_for_them(client: Client) -> None:
    point = make.point()
    for name in NAMES:
        make.producer(point, name=name)
        make.join(make.household(name=name), point)
    now = timezone.now()
    assert [farm.name for farm in overview.deliverers(point, now)] == READ
    assert [farm.name for farm in overview.all_farms(now)] == READ
    client.force_login(make.host(point))
    answer = client.get("/membres/")
    assert [row.household.name for row in answer.context["accepted"]] == READ
