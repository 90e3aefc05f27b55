"""The API's document and the page made from it; what Django itself would answer otherwise."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from hub import api, errors
from hub.refusals import Refusal
from hub.wire import docs
from hub.wire.document import document

CALLS = {
    ("get", "collections"), ("get", "collections/{collection}/offers"), ("get", "collections/{collection}/order"),
    ("put", "collections/{collection}/order"), ("get", "producers/{producer}/stock/{week}"),
    ("put", "producers/{producer}/stock/{week}"), ("post", "producers/{producer}/imports"), ("get", "imports/{code}"),
    ("post", "imports/{code}/confirmation"), ("post", "imports/{code}/undo"), ("get", "collections/{collection}/sheets"),
    ("get", "collections/{collection}/sheets/{kind}"), ("post", "collections/{collection}/handover"),
    ("post", "collections/{collection}/confirmation"), ("get", "statements"), ("get", "statements/{number}"),
    ("get", "open-data/{week}.csv"),
}  # fmt: skip


def calls() -> dict[tuple[str, str], Any]:
    paths = document(api.api)["paths"].items()
    return {(method, path.removeprefix("/api/v1/")): call for path, calls in paths for method, call in calls.items()}


def test_the_document_names_every_call_with_its_scope_and_its_problems() -> None:
    found = calls()
    assert set(found) == CALLS
    scopes = {"put collections/{collection}/order": "order", "get statements": "accounts", "get collections": "read"}
    for name, scope in scopes.items():
        method, _space, path = name.partition(" ")
        assert found[method, path]["security"] == [{"Bearer": [scope]}]
    for (method, _path), call in found.items():
        assert {"404", "422", *(("401", "403", "429") if call.get("security") else ())} <= set(call["responses"])
        assert ("409" in call["responses"]) >= (method != "get")
        assert ("Idempotency-Key" in [one["name"] for one in call["parameters"]]) == (method != "get")
        assert set(call["responses"]["404"]["content"]) == {"application/problem+json"}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    whole = document(api.api)
    assert set(re.findall(r"#/components/schemas/(\w+)", str(whole))) <= set(whole["components"]["schemas"])


def test_the_document_is_served_to_everybody(client: Client) -> None:
    answer = client.get(reverse("api:openapi"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == document(api.api)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_shows_every_call_and_every_refusal(client: Client, language: str) -> None:
    html = client.get(reverse("api:docs"), headers={"accept-language": language}).content.decode()
    assert f'<html lang="{language}">' in html
    assert not re.search(r" style=|<style|\son\w+=", html)
    for _method, path in CALLS:
        assert f"/api/v1/{path}</code>" in html
    for code, _status, _meaning in docs.refusals():
        assert f'id="{code}"' in html


def test_refusals_are_explained() -> None:
    """Each code a program may meet says what it means."""
    listed = docs.refusals()
    codes = [code for code, _status, _meaning in listed]
    assert codes == sorted(set(codes))
    assert {"sold-out", "below-reserved", "not-ready", "missing-scope", "idempotency-key-reused"} <= set(codes)
    assert Refusal.code not in codes


def test_every_address_of_the_api_says_who_may() -> None:
    resolver: Any = next(one for one in get_resolver().url_patterns if str(one.pattern) == "api/v1/")
    audiences = {one.name: one.callback.audience for one in resolver.url_patterns}
    assert {name for name, audience in audiences.items() if audience == "public"} == {
        "root",
        "openapi",
        "docs",
        "open-data",
    }
    assert set(audiences.values()) == {"public", "token"}


def test_our_own_faults_are_problems_with_a_reference() -> None:
    answer = errors.server_error(RequestFactory().get("/api/v1/collections"))
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert errors.server_error(RequestFactory().get("/ma-commande/"))["Content-Type"].startswith("text/html")


@pytest.mark.django_db
def test_programs_are_not_sent_to_another_name_in_the_demo(client: Client, settings: Any) -> None:
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["127.0.0.1", "localhost"]
    headers = {"host": "127.0.0.1:8000"}
    assert client.get(reverse("api:openapi"), headers=headers).status_code == 200
    assert client.get(reverse("hub:account"), headers=headers)["Location"] == "http://localhost:8000/mon-compte/"
