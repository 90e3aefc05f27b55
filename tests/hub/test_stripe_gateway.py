"""What we ask of Stripe, against the stand-in: one object for each change, whatever becomes of the answers."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from hub import stripe_gateway as gateway
from hub.models import StripeCall
from tests import make
from tests.stand_in import StandIn
from tests.stand_in.browsing import save_on

pytestmark = pytest.mark.django_db


def saved(card: str = "4242 4242 4242 4242") -> tuple[str, str]:
    """(customer, method) of somebody who saved a card."""
    customer = gateway.customer(key=f"customer:{card}", reference="K7M4RD2345", now=make.now())
    page = gateway.setup_page(
        customer=customer, kind="card", success_url="http://localhost/fini", cancel_url="http://localhost/", locale="fr",
        now=make.now(),
    )  # fmt: skip
    assert gateway.saved_on(page.session) is None
    assert save_on(page.url, card) == (303, "http://localhost/fini")
    method = gateway.saved_on(page.session)
    assert method is not None
    assert (method.customer, method.kind, method.last4, method.expires) == (customer, "card", card[-4:], "2031-12")
    return customer, method.id


def hold(customer: str, method: str, amount: int = 5000, key: str = "hold:1", now: datetime | None = None) -> Any:
    return gateway.hold(
        key=key, customer=customer, method=method, amount=amount, description="Commande K7M4RD", now=now or make.now()
    )


def test_a_card_is_saved_held_captured_in_part_and_refunded(stripe_server: StandIn) -> None:
    held = hold(*saved("4000 0025 0000 3155"))
    assert (held.state, held.held, held.received) == ("held", 5000, 0)
    assert held.capture_before is not None
    assert timedelta(days=4, hours=17) < held.capture_before - make.now() <= timedelta(days=4, hours=18)
    taken = gateway.capture(key="capture:1", payment=held.id, amount=4210, now=make.now())
    assert (taken.state, taken.held, taken.received) == ("paid", 0, 4210)
    gateway.refund(key="refund:1", payment=held.id, amount=210, now=make.now())
    assert [one["amount"] for one in stripe_server.world.all("refund")] == [210]
    assert list(StripeCall.objects.order_by("pk").values_list("kind", "state", "attempts")) == [
        ("customer", "done", 1), ("setup", "done", 1), ("hold", "done", 1), ("capture", "done", 1), ("refund", "done", 1),
    ]  # fmt: skip


def test_a_hold_is_released(stripe_server: StandIn) -> None:
    held = hold(*saved())
    for _twice in range(2):
        assert gateway.release(key="release:1", payment=held.id, now=make.now()).state == "released"


@pytest.mark.parametrize(
    ("card", "code"),
    [("4000 0027 6000 3184", "authentication_required"), ("4000 0000 0000 0341", "card_declined")],
)
def test_a_refusal_says_why_and_on_which_payment(stripe_server: StandIn, card: str, code: str) -> None:
    customer, method = saved(card)
    for _twice in range(2):
        with pytest.raises(gateway.Declined) as no:
            hold(customer, method)
    assert no.value.code == code
    assert gateway.read_payment(no.value.payment).state == "failed"
    assert len(stripe_server.world.all("payment_intent")) == 1
    assert StripeCall.objects.get(kind="hold").state == StripeCall.State.REFUSED


def test_a_refused_payment_is_confirmed_with_its_holder_there(stripe_server: StandIn) -> None:
    customer, method = saved("4000 0027 6000 3184")
    with pytest.raises(gateway.Declined) as no:
        hold(customer, method)
    asking = gateway.confirm(
        payment=no.value.payment, method=method, return_url="http://localhost/retour", now=make.now()
    )
    assert asking.state == "asks"
    assert save_on(asking.confirm_url, answer="yes")[0] == 303
    assert gateway.read_payment(no.value.payment).state == "held"


def test_a_key_stands_for_one_request(stripe_server: StandIn) -> None:
    customer, method = saved()
    hold(customer, method)
    with pytest.raises(ValueError, match="another request"):
        hold(customer, method, amount=4999)
    assert len(stripe_server.world.all("payment_intent")) == 1


@pytest.mark.usefixtures("committed")
def test_no_call_leaves_from_within_a_transaction(stripe_server: StandIn) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        gateway.customer(key="customer:1", reference="K7M4RD2345", now=make.now())
    assert stripe_server.calls == []


@pytest.mark.parametrize("change", ["capture", "release"])
def test_what_was_ended_behind_our_back_is_told_as_it_is(stripe_server: StandIn, change: str) -> None:
    held = hold(*saved())
    stripe_server.skip(days=5)
    done = (
        gateway.capture(key="capture:1", payment=held.id, amount=4000, now=make.now())
        if change == "capture"
        else gateway.release(key="release:1", payment=held.id, now=make.now())
    )
    assert (done.state, done.held, done.received) == ("released", 0, 0)


def test_when_stripe_is_away_nothing_is_known(stripe_server: StandIn) -> None:
    stripe_server.faults.away = True
    with pytest.raises(gateway.Away):
        gateway.customer(key="customer:1", reference="K7M4RD2345", now=make.now())
    call = StripeCall.objects.get()
    assert (call.state, call.attempts, call.error) == ("sent", 1, "APIConnectionError")


def signed(server: StandIn, body: bytes, at: int = 0, secret: str = "whsec_stand_in") -> str:
    return server.delivery.sign(body, secret, int(make.now().timestamp()) + at)


def told(*, number: object = "evt_1", kind: object = "payment_intent.succeeded", **thing: object) -> bytes:
    """The body of an event about a thing."""
    return json.dumps({"id": number, "type": kind, "data": {"object": thing}}).encode()


UNFIT: list[Any] = ["", "x" * 81, "evt_\0", "evt_\ud800", "é", None, 7, {}]  # no id of Stripe's, or none a row can keep
BODY = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}'


def test_an_event_says_which_object_to_read_again(stripe_server: StandIn) -> None:
    told = gateway.event(BODY, signed(stripe_server, BODY), make.now())
    assert told == gateway.Event("evt_1", "payment_intent.succeeded", "pi_1")


@pytest.mark.parametrize("thing", [{}, *({"id": name} for name in UNFIT)])
def test_an_event_about_what_has_no_id_is_genuine_and_tells_nothing(stripe_server: StandIn, thing: Any) -> None:
    body = told(kind="balance.available", **thing)
    assert gateway.event(body, signed(stripe_server, body), make.now()) == gateway.Event(
        "evt_1", "balance.available", ""
    )


@pytest.mark.parametrize(
    ("body", "at", "secret"),
    [
        (BODY, -301, "whsec_stand_in"),
        (BODY, 301, "whsec_stand_in"),
        (BODY, 0, "whsec_other"),
        (BODY, 0, ""),
        (b"{", 0, "whsec_stand_in"),
        (b"\xff\xfe", 0, "whsec_stand_in"),
        (b"[]", 0, "whsec_stand_in"),
        (b'{"id": "evt_1"}', 0, "whsec_stand_in"),
        (b'{"id": "evt_1", "type": "a", "data": {"object": "pi_1"}}', 0, "whsec_stand_in"),
        (b"[" * 100_000, 0, "whsec_stand_in"),
        *((told(**{part: name}), 0, "whsec_stand_in") for part in ("number", "kind") for name in UNFIT),
    ],
)
def test_a_forged_event_is_refused(stripe_server: StandIn, body: bytes, at: int, secret: str) -> None:
    with pytest.raises(gateway.Forged):
        gateway.event(body, signed(stripe_server, body, at, secret), make.now())


@pytest.mark.parametrize("signature", ["", "t=,v1=", "v1=00", "nonsense"])
def test_a_malformed_signature_is_refused(stripe_server: StandIn, signature: str) -> None:
    with pytest.raises(gateway.Forged):
        gateway.event(BODY, signature, make.now())


def test_without_a_secret_no_event_is_believed(stripe_server: StandIn, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(gateway.Forged):
        gateway.event(BODY, signed(stripe_server, BODY, 0, ""), make.now())
