"""A request for a host that is not ours is refused with a page, not an accident."""

from typing import Any

from django.test import Client


def test_a_strange_host_is_a_400(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["cabas.example.org"]
    answer = Client(headers={"host": "elsewhere.example"}).get("/")
    assert answer.status_code == 400
    assert "<h1>" in answer.content.decode()
