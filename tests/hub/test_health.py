"""What machines ask, and what they are told of a request."""

import json
import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from hub import logs


def test_alive_without_touching_anything(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("down")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, False)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_asking_is_all_one_can_do(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_each_answer_carries_a_reference(client: Client) -> None:
    first, second = (client.get("/healthz")["X-Request-ID"] for _time in range(2))
    assert len(first) == 16
    assert first != second


@pytest.mark.parametrize(("given", "kept"), [("abcd-1234-efgh", True), ("short", False), ("with spaces in it", False)])
def test_a_proxys_reference_is_kept_when_it_looks_like_one(client: Client, given: str, kept: bool) -> None:
    assert (client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given) is kept


def test_a_log_line_is_one_json_object_with_the_reference() -> None:
    record = logging.makeLogRecord(
        {"name": "hub", "levelno": 20, "levelname": "INFO", "msg": "closed %s", "args": ("W48",)}
    )
    record.collection = "A7K2QF"
    token = logs.reference.set("1234567890abcdef")
    try:
        line = json.loads(logs.JsonFormatter().format(record))
    finally:
        logs.reference.reset(token)
    line.pop("time")
    assert line == {
        "level": "info",
        "logger": "hub",
        "message": "closed W48",
        "reference": "1234567890abcdef",
        "collection": "A7K2QF",
    }


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000"])
def test_the_demo_has_one_name(client: Client, settings: Any, host: str) -> None:
    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get("/healthz?a=b", headers={"Host": host})
    assert (answer.status_code, answer["Location"]) == (302, "http://localhost:8000/healthz?a=b")
    settings.DEMO = False
    assert client.get("/healthz", headers={"Host": host}).status_code == 200
