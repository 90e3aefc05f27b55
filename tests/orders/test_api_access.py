"""Who may call the API about a sale, with what token, at which address, by which method, in which language."""

import pytest
from django.test import Client

from hub import tokens
from orders.models import Order
from tests import make
from tests.orders.api_sale import Sale
from tests.program import BASE, Program, program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Sale:
    return Sale()


@pytest.fixture
def mine(shop: Sale) -> Program:
    return program(shop.member)


def test_a_strangers_collection_is_not_there(shop: Sale) -> None:
    others = [make.household().members.get(), make.member(), make.farmer(shop.garden)]
    for person in others:
        there = program(person)
        answers = [there.get(f"{shop.path}/offers"), there.get(f"{shop.path}/order"),
                   there.put(f"{shop.path}/order", {"lines": shop.lines(1)})]  # fmt: skip
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert not Order.objects.exists()


def test_tokens_and_scopes(shop: Sale) -> None:
    path = f"{shop.path}/order"
    bare = [Client().get(BASE + path), Client().get(BASE + path, headers={"authorization": "Bearer cabas_x"}),
            Client().get(BASE + path, headers={"authorization": "Basic eDp5"})]  # fmt: skip
    assert [(one.status_code, one["WWW-Authenticate"]) for one in bare] == [(401, 'Bearer realm="Cabas"')] * 3
    reader = program(shop.member, "read")
    assert refusal(reader.put(path, {"lines": shop.lines(1)})) == (403, "missing-scope", {"scope": "order"})
    signed_in = Client()
    signed_in.force_login(shop.member)
    assert signed_in.get(BASE + path).status_code == 401
    assert not Order.objects.exists()


def test_unknown_parameters_methods_and_addresses(shop: Sale, mine: Program) -> None:
    answer = mine.get("collections?pint=grange")
    assert (answer.status_code, answer.json()["errors"]) == (
        422, [{"place": "query", "path": "pint", "message": "is not known here"}],
    )  # fmt: skip
    wrong = mine.call("DELETE", f"{shop.path}/order")
    assert (wrong.status_code, sorted(wrong["Allow"].split(", ")), wrong.json()["status"]) == (405, ["GET", "PUT"], 405)
    for path in ("nothing", "collections/", "collections/%00/order", f"{shop.path}/order/"):
        assert (path, mine.get(path).status_code) == (path, 404)


def test_sentences_come_in_the_language_asked_for_else_the_members(shop: Sale, mine: Program) -> None:
    path, body = f"{shop.path}/order", {"lines": shop.lines(0, 3)}
    english = mine.put(path, body).json()["detail"]
    shop.member.language = "fr"
    shop.member.save()
    headers = {"authorization": f"Bearer {mine.secret}"}
    french = Client().put(BASE + path, body, content_type="application/json", headers=headers).json()["detail"]
    assert english.startswith("There is not enough left")
    assert french.startswith("Il n’en reste pas assez")


def test_head_is_answered_as_get_is(shop: Sale, mine: Program) -> None:
    headers = {
        "Authorization": f"Bearer {tokens.mint(member=shop.member, name='HEAD', scopes=['read'], now=make.now()).secret}"
    }
    answers = [
        Client().head(f"/api/v1/{path}", headers=headers) for path in ("collections", f"{shop.path}/offers", "x")
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b""), (200, b""), (404, b"")]
