"""What each error of Stripe's means, in one table; and sweeps in which one row stops nobody behind it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import stripe
from django.db import OperationalError

from hub import stripe_gateway as gateway
from hub.models import StripeCall
from hub.stripe_gateway.answering import Meaning, in_our_words, meaning
from hub.stripe_gateway.asking import once
from tests import make
from tests.stand_in import StandIn

NO, UNKNOWN, SHUT, OURS = Meaning.NO, Meaning.UNKNOWN, Meaning.SHUT, Meaning.OURS
INTENT = {"payment_intent": {"id": "pi_1"}}


def error(status: int | None, kind: str, code: str | None = None, **more: Any) -> stripe.StripeError:
    """What the SDK makes of an answer with this status, type and code; None where none came."""
    if status is None:
        return stripe.APIConnectionError("nobody there")
    body = {"error": {"type": kind, "message": "x", "code": code, **more}}
    requestor = stripe._api_requestor._APIRequestor._global_instance()
    try:
        requestor.handle_error_response("{}", status, body, {}, "V1")
    except stripe.StripeError as raised:
        return raised
    raise AssertionError


TABLE = [
    (402, "card_error", "card_declined", NO),
    (402, "card_error", "authentication_required", NO),
    (404, "invalid_request_error", "resource_missing", NO),
    (400, "invalid_request_error", "resource_missing", NO),
    (400, "invalid_request_error", "payment_method_unexpected_state", NO),
    (400, "invalid_request_error", "payment_intent_unexpected_state", NO),
    (400, "invalid_request_error", "charge_already_refunded", NO),
    (400, "invalid_request_error", "amount_too_large", NO),
    (400, "invalid_request_error", "balance_insufficient", NO),
    (400, "invalid_request_error", None, NO),
    (403, "invalid_request_error", "account_invalid", NO),
    (403, "invalid_request_error", "insufficient_capabilities_for_transfer", NO),
    (403, "invalid_request_error", None, SHUT),
    (401, "invalid_request_error", None, SHUT),
    (401, "invalid_request_error", "api_key_expired", SHUT),
    (None, "", None, UNKNOWN),
    (429, "invalid_request_error", "rate_limit", UNKNOWN),
    (429, "invalid_request_error", "lock_timeout", UNKNOWN),
    (409, "idempotency_error", "idempotency_key_in_use", UNKNOWN),
    (409, "invalid_request_error", "lock_timeout", UNKNOWN),
    (500, "api_error", None, UNKNOWN),
    (502, "api_error", None, UNKNOWN),
    (503, "api_error", None, UNKNOWN),
    (400, "idempotency_error", None, OURS),
    (400, "invalid_request_error", "parameter_unknown", OURS),
    (400, "invalid_request_error", "parameter_missing", OURS),
    (400, "invalid_request_error", "parameter_invalid_integer", OURS),
    (400, "invalid_request_error", "livemode_mismatch", OURS),
    (404, "invalid_request_error", None, OURS),
    (404, "invalid_request_error", "url_invalid", OURS),
]


@pytest.mark.parametrize(("status", "kind", "code", "expected"), TABLE)
def test_what_an_error_means(status: int | None, kind: str, code: str | None, expected: Meaning) -> None:
    told = error(status, kind, code, **INTENT)
    words = in_our_words(told)
    assert meaning(told) == expected
    match expected:
        case Meaning.NO:
            assert isinstance(words, gateway.Declined)
            assert (words.code, words.payment) == (code or "refused", "pi_1")
        case Meaning.UNKNOWN | Meaning.SHUT:
            assert isinstance(words, gateway.Away)
            assert words.undone is (expected == SHUT)
        case Meaning.OURS:
            assert words is None


def state_after(key: str, error: Exception | None) -> str:
    """What is kept of a call that ended so."""

    def send(_options: Any) -> str:
        if error is not None:
            raise error
        return "cus_1"

    with suppress(gateway.Away, gateway.Declined, stripe.StripeError):
        once("customer", key, {}, make.now(), send=send, read=str, find=lambda _since: None)
    return str(StripeCall.objects.get(key=key).state)


@pytest.mark.django_db
def test_only_what_certainly_was_not_done_is_kept_as_refused() -> None:
    cut, shut = error(None, ""), error(401, "invalid_request_error")
    no, ours = error(404, "", "resource_missing"), error(400, "", "parameter_unknown")
    assert [state_after("a", one) for one in (shut, no, ours, shut)] == ["refused"] * 4
    assert [state_after("b", one) for one in (cut, shut)] == ["sent", "sent"]  # it may have been done the first time
    assert [state_after("b", one) for one in (no, shut, cut, None)] == ["refused", "refused", "sent", "done"]
    StripeCall.objects.filter(key="a").update(attempts=30_000)
    assert state_after("a", no) == "refused"


def test_one_row_stops_nobody_and_is_told_at_the_end() -> None:
    done: list[int] = []

    def act(row: int) -> bool:
        if row == 2:
            raise KeyError(row)
        done.append(row)
        return row != 4

    swept = gateway.each([1, 2, 3, 4, 5], act)
    assert (done, swept.done, swept.away) == ([1, 3, 4, 5], 3, None)
    with pytest.raises(ExceptionGroup, match="1 could not be done, 3 were") as told:
        swept.answered()
    assert [str(one) for one in told.value.exceptions] == ["2"]


def test_a_sweep_ends_when_stripe_is_away_or_its_time_is_over_or_the_database_gone() -> None:
    def act(row: int) -> None:
        if row == 3:
            raise gateway.Away("nobody there")
        if row == 6:
            raise OperationalError

    assert gateway.each([1, 2, 3, 4], act).answered() == 2
    assert str(gateway.each([3, 4], act).away) == "nobody there"
    assert gateway.each([4, 5, 7], act, seconds=0).answered() == 1
    with pytest.raises(OperationalError):
        gateway.each([6, 7], act)


@pytest.mark.django_db
def test_a_customer_stripe_has_lost_is_made_anew_once(stripe_server: StandIn) -> None:
    def customer(**lost: str) -> str:
        return gateway.customer(key="customer:K7M4RD2345", reference="K7M4RD2345", now=make.now(), **lost)

    first = customer()
    assert customer() == first
    second = customer(lost=first)
    assert second != first
    assert customer() == customer(lost=first) == second
    assert len(stripe_server.world.all("customer")) == 2
    assert gateway.delete_customer(key="forget", customer="cus_nobody", now=make.now() + timedelta(1)) == "cus_nobody"
