"""Cards and accounts saved at the stand-in, and a hold on one."""

from typing import Any

from stripe import StripeClient

from tests.stand_in.browsing import browse, save_on


def saved_card(client: StripeClient, card: str = "4242 4242 4242 4242") -> tuple[str, str]:
    """(customer, payment method) after saving a card on the hosted page."""
    customer = client.v1.customers.create({"email": "camille@exemple.fr"}).id
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup", "currency": "eur", "customer": customer, "success_url": "http://localhost/fini?s={CHECKOUT_SESSION_ID}",
            "allowed_payment_method_types": ["card"],
        }
    )  # fmt: skip
    assert session.url
    assert save_on(session.url, card) == (303, f"http://localhost/fini?s={session.id}")
    intent = client.v1.setup_intents.retrieve(str(client.v1.checkout.sessions.retrieve(session.id).setup_intent))
    assert intent.status == "succeeded"
    return customer, str(intent.payment_method)


def hold(client: StripeClient, customer: str, method: str, amount: int = 5000, key: str = "hold:1") -> Any:
    return client.v1.payment_intents.create(
        {
            "amount": amount, "currency": "eur", "customer": customer, "payment_method": method, "off_session": True,
            "confirm": True, "capture_method": "manual",
        },
        {"idempotency_key": key},
    )  # fmt: skip


def save_account(client: StripeClient, iban: str) -> tuple[str, str]:
    customer = client.v1.customers.create({}).id
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup", "currency": "eur", "customer": customer, "success_url": "http://localhost/",
            "allowed_payment_method_types": ["sepa_debit"],
        }
    )  # fmt: skip
    assert session.url
    assert browse(session.url, iban="FR14 2004 1010 0505 0001 3M02 607")[0] == 422
    assert browse(session.url, iban=iban)[0] == 303
    intent = client.v1.setup_intents.retrieve(str(session.setup_intent))
    assert client.v1.mandates.retrieve(str(intent.mandate)).status == "active"
    return customer, str(intent.payment_method)
