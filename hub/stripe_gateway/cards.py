"""Cards and bank accounts saved, amounts held, captured, released and given back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import stripe
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from hub.models import StripeCall
from hub.stripe_gateway.asking import anew, asking, client, id_of, made_under, once
from hub.stripe_gateway.words import Declined, Method, Payment, SetupPage, State

FORGOTTEN = "forget-method"  # the kind of call that takes a card or account from its customer
ENDED: set[State] = {"paid", "released"}
CHARGE = "latest_charge.balance_transaction"
_STATES: dict[str, State] = {
    "requires_payment_method": "failed",
    "requires_confirmation": "waiting",
    "requires_action": "asks",
    "requires_capture": "held",
    "processing": "processing",
    "succeeded": "paid",
    "canceled": "released",
}


def customer(*, key: str, reference: str, now: datetime, lost: str = "") -> str:
    """The id of a customer, made once; Stripe learns no more of them than our reference. Where Stripe no longer knows the
    one that is `lost`, another one is made, once. Raises Away."""
    made = StripeCall.objects.filter(Q(key=key) | Q(key__startswith=f"{key}:"), kind="customer").order_by("pk")
    with transaction.atomic(durable=True):
        known = list(made.values_list("key", "stripe_id"))
    name = known[-1][0] if known else key
    if lost and known and known[-1][1] == lost:
        name = f"{key}:{len(known) + 1}"
    asked: dict[str, Any] = {"description": reference, "metadata": {"key": name}}
    return once(
        "customer", name, asked, now,
        send=lambda options: client().v1.customers.create(asked, options).id,  # type: ignore[arg-type]
        read=str,
        find=lambda since: _find_customer(name, since),
    )  # fmt: skip


def delete_customer(*, key: str, customer: str, now: datetime) -> str:
    """Delete a customer with all that is saved on them; gone already is as good. Returns its id. Raises Away."""

    def send(_options: Any) -> str:
        try:
            asking(lambda: client().v1.customers.delete(customer))
        except Declined as no:
            if not no.is_gone:
                raise
        return customer

    return once("forget-customer", key, {"customer": customer}, now, send=send, read=str, find=lambda _since: None)


def setup_page(*, customer: str, kind: str, success_url: str, cancel_url: str, locale: str, now: datetime) -> SetupPage:
    """A page to save a `card` or `sepa_debit` on, opened anew each time one is shown. Raises Away.

    `{CHECKOUT_SESSION_ID}` in `success_url` becomes the session's id.
    """
    asked: dict[str, Any] = {
        "mode": "setup",
        "currency": settings.CURRENCY.lower(),
        "customer": customer,
        "allowed_payment_method_types": [kind],
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": locale,
    }
    session = anew(
        "setup", f"setup:{customer}", asked, now,
        send=lambda options: client().v1.checkout.sessions.create(asked, options),  # type: ignore[arg-type]
    )  # fmt: skip
    return SetupPage(session.id, str(session.url))


def saved_on(session: str) -> Method | None:
    """What was saved on a page; None while nothing is, or where there is no such page. Raises Away."""
    expand: Any = {"expand": ["setup_intent.payment_method"]}
    if not session:
        return None
    try:
        found = asking(lambda: client().v1.checkout.sessions.retrieve(session, expand))
    except Declined:
        return None
    intent = found.setup_intent
    if not isinstance(intent, stripe.SetupIntent) or intent.status != "succeeded":
        return None
    method = intent.payment_method
    if not isinstance(method, stripe.PaymentMethod):
        return None
    card = getattr(method, "card", None)
    return Method(
        id=method.id,
        customer=id_of(method.customer),
        kind=method.type,
        brand=card.brand if card else "",
        last4=(card or method.sepa_debit).last4 or "",  # type: ignore[union-attr]
        expires=f"{card.exp_year}-{card.exp_month:02}" if card else "",
    )


def forget(method: str, *, now: datetime) -> str:
    """Take a saved card or account from its customer, once; gone already is as good. Returns its id. Raises Away."""

    def send(_options: Any) -> str:
        with suppress(Declined):
            asking(lambda: client().v1.payment_methods.detach(method))
        return method

    return once(FORGOTTEN, f"{FORGOTTEN}:{method}", {}, now, send=send, read=str, find=lambda _since: None)


def hold(*, key: str, customer: str, method: str, amount: int, description: str, now: datetime) -> Payment:
    """Keep an amount on a card while its holder is away, to be captured later. Raises Away, Declined."""
    asked = {
        "amount": amount,
        "currency": settings.CURRENCY.lower(),
        "customer": customer,
        "payment_method": method,
        "capture_method": "manual",
        "off_session": True,
        "confirm": True,
        "description": description,
        "metadata": {"key": key},
        "expand": [CHARGE],
    }
    return once(
        "hold", key, asked, now,
        send=lambda options: payment_of(client().v1.payment_intents.create(asked, options)),  # type: ignore[arg-type]
        read=read_payment,
        find=lambda _since: find_payment(customer, key),
    )  # fmt: skip


def confirm(*, payment: str, method: str, return_url: str, now: datetime) -> Payment:
    """Try a failed payment again with its holder there, who may have to be sent to `confirm_url`; where it has ended
    meanwhile, the payment as it is. Raises Away, Declined."""
    asked: dict[str, Any] = {"payment_method": method, "return_url": return_url, "expand": [CHARGE]}
    return anew(
        "confirm", f"confirm:{payment}", asked, now,
        send=lambda options: _or_as_it_is(
            payment, lambda: client().v1.payment_intents.confirm(payment, asked, options)  # type: ignore[arg-type]
        ),
    )  # fmt: skip


def capture(*, key: str, payment: str, amount: int, now: datetime) -> Payment:
    """Take `amount` of what is held; the rest is free again. Where nothing is held any more, the payment as it is. Raises
    Away, and Declined where Stripe knows no such payment, or will not although it is held."""
    asked = {"amount_to_capture": amount, "expand": [CHARGE]}
    return once(
        "capture", key, asked | {"payment": payment}, now,
        send=lambda options: _or_as_it_ended(
            payment, lambda: client().v1.payment_intents.capture(payment, asked, options)  # type: ignore[arg-type]
        ),
        read=read_payment,
        find=lambda _since: _if_state(payment, "paid"),
    )  # fmt: skip


def release(*, key: str, payment: str, now: datetime) -> Payment:
    """Give back all that is held. Where nothing is, the payment as it is. Raises Away, and Declined as `capture` does."""
    asked = {"expand": [CHARGE]}
    return once(
        "release", key, asked | {"payment": payment}, now,
        send=lambda options: _or_as_it_ended(
            payment, lambda: client().v1.payment_intents.cancel(payment, asked, options)  # type: ignore[arg-type]
        ),
        read=read_payment,
        find=lambda _since: _if_state(payment, "released"),
    )  # fmt: skip


def read_payment(number: str) -> Payment:
    """A payment as it is now. Raises Away."""
    expand: Any = {"expand": [CHARGE]}
    return payment_of(asking(lambda: client().v1.payment_intents.retrieve(number, expand)))


def payment_of(intent: stripe.PaymentIntent) -> Payment:
    """A payment in words of ours."""
    charge = intent.latest_charge
    card = getattr(getattr(charge, "payment_method_details", None), "card", None)
    before = getattr(card, "capture_before", None)
    movement = getattr(charge, "balance_transaction", None)
    action = getattr(intent.next_action, "redirect_to_url", None)
    failed = intent.last_payment_error
    state = _STATES[intent.status]
    return Payment(
        id=intent.id,
        state="waiting" if state == "failed" and failed is None else state,
        amount=intent.amount,
        held=intent.amount_capturable or 0,
        received=intent.amount_received or 0,
        fee=getattr(movement, "fee", 0),
        refusal=(failed.code or "") if failed and state == "failed" else "",
        confirm_url=(action.url or "") if action else "",
        charge=id_of(charge),
        capture_before=datetime.fromtimestamp(before, UTC) if before else None,
        key=getattr(intent.metadata, "key", ""),
    )


def find_payment(customer: str, key: str) -> Payment | None:
    """The payment that was made under a key Stripe has forgotten. Raises Away, Declined."""
    made: Any = {"customer": customer, "limit": 100, "expand": [f"data.{CHARGE}"]}

    def find() -> Payment | None:
        every = client().v1.payment_intents.list(made).auto_paging_iter()
        return next((payment_of(one) for one in every if made_under(one, key)), None)

    return asking(find)


def _find_customer(key: str, since: datetime) -> str | None:
    made: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
    every = client().v1.customers.list(made).auto_paging_iter()
    return next((one.id for one in every if made_under(one, key)), None)


def _or_as_it_is(number: str, change: Callable[[], stripe.PaymentIntent]) -> Payment:
    """The payment after a change; when somebody changed it meanwhile, at Stripe's own desk or by time, as it is now."""
    try:
        return payment_of(asking(change))
    except Declined as no:
        if no.code != "payment_intent_unexpected_state":
            raise
        return read_payment(number)


def _or_as_it_ended(number: str, change: Callable[[], stripe.PaymentIntent]) -> Payment:
    """The payment after a change that ends it; where Stripe will not, whatever it calls it, as it has ended already."""
    try:
        return payment_of(asking(change))
    except Declined:
        found = read_payment(number)
        if found.state not in ENDED:
            raise
        return found


def _if_state(number: str, state: State) -> Payment | None:
    found = read_payment(number)
    return found if found.state == state else None
