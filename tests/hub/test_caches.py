"""A dead Redis costs misses, never an error."""

from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from hub.caches import FAST, ForgivingRedisCache


@pytest.fixture
def dead() -> ForgivingRedisCache:
    return ForgivingRedisCache("unix:///nonexistent/valkey.sock", {})


@pytest.fixture
def redis_down(settings: Any) -> None:
    settings.CACHES = settings.CACHES | {FAST: settings.CACHES[FAST] | {"LOCATION": "unix:///nonexistent/valkey.sock"}}


def test_reading_finds_nothing(dead: ForgivingRedisCache) -> None:
    assert dead.get("a") is None
    assert dead.get("a", "default") == "default"
    assert dead.get_many(["a", "b"]) == {}
    assert dead.has_key("a") is False
    assert ("a" in dead) is False


def test_writing_is_forgotten(dead: ForgivingRedisCache) -> None:
    dead.set("a", 1)
    assert dead.add("a", 1) is True
    assert dead.set_many({"a": 1, "b": 2}) == ["a", "b"]
    assert dead.delete("a") is False
    assert dead.touch("a") is False
    dead.delete_many(["a"])
    dead.clear()
    assert dead.get_or_set("a", lambda: 3) == 3
    with pytest.raises(ValueError, match="a"):
        dead.incr("a")


def test_a_living_one_keeps_what_it_is_given() -> None:
    caches[FAST].set("test:kept", ["a", 1], 30)
    assert caches[FAST].get("test:kept") == ["a", 1]
    assert caches[FAST].add("test:kept", 2) is False
    assert caches[FAST].delete("test:kept") is True


@pytest.mark.django_db
def test_one_signs_in_without_redis(client: Client, redis_down: None) -> None:
    answer = client.post(reverse("account_login"), {"login": "personne@exemple.fr"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_confirm_login_code"))


@pytest.mark.django_db
def test_readiness_depends_on_the_database_alone(client: Client, redis_down: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "redis": False})


@pytest.mark.django_db
def test_ready_with_everything_up(client: Client) -> None:
    assert client.get("/readyz").json() == {"database": True, "redis": True}
