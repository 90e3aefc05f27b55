"""What the stand-in takes and refuses, through the official SDK: what passes here would pass at Stripe's door."""

from pathlib import Path
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests import stand_in
from tests.stand_in import StandIn
from tests.stand_in.browsing import browse
from tests.stand_in.routes import ROUTES
from tests.stand_in.saving import hold, save_account, saved_card

# What is refused


def test_every_call_it_answers_is_one_the_sdk_makes() -> None:
    from tests.stand_in.contract import contract

    assert set(ROUTES) <= set(contract())
    assert len(ROUTES) > 40


def test_it_listens_on_loopback_only(server: StandIn) -> None:
    """Every socket that listens on its port is bound to 127.0.0.1."""
    port = int(server.url.rpartition(":")[2])
    rows = [row.split() for name in ("tcp", "tcp6") for row in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port]
    assert listening == [f"0100007F:{port:04X}"]


@pytest.mark.parametrize(
    ("sent", "parameter", "code"),
    [
        ({"amount": 1000, "currency": "eur", "payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"currency": "eur"}, "amount", "parameter_missing"),
        ({"amount": "12.5", "currency": "eur"}, "amount", "parameter_invalid_integer"),
        ({"amount": 1000, "currency": "eur", "capture_method": "later"}, "capture_method", "parameter_invalid"),
        (
            {"amount": 1000, "currency": "eur", "automatic_payment_methods": {"enabled": "yes"}},
            "automatic_payment_methods[enabled]", "parameter_invalid_boolean",
        ),
        ({"amount": 49, "currency": "eur"}, "amount", "amount_too_small"),
        ({"amount": 1000, "currency": "eur", "off_session": True}, "off_session", "parameter_invalid"),
    ],
)  # fmt: skip
def test_a_parameter_that_does_not_fit_is_refused_and_changes_nothing(
    server: StandIn, client: StripeClient, sent: Any, parameter: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.create(sent)
    assert (refused.value.param, refused.value.code, refused.value.http_status) == (parameter, code, 400)
    assert server.world.objects == {}


def test_a_wrong_key_an_unknown_address_and_an_unknown_object_are_refused(
    server: StandIn, client: StripeClient
) -> None:
    with pytest.raises(stripe.AuthenticationError):
        StripeClient("pk_test_x", base_addresses={"api": server.url}).v1.balance.retrieve()
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        client.v1.customers.retrieve("cus_nobody")
    with pytest.raises(stripe.APIError, match="does not answer"):
        client.v1.products.list()


# Saving a card


def test_a_card_is_saved_once_with_3d_secure_and_charged_off_session(client: StripeClient) -> None:
    customer, method = saved_card(client, "4000002500003155")
    assert [one.id for one in client.v1.customers.payment_methods.list(customer).data] == [method]
    intent = hold(client, customer, method)
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 5000)
    charge = client.v1.charges.retrieve(intent.latest_charge)
    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.capture_before == charge.created + 4 * 24 * 3600 + 18 * 3600


def test_a_refused_authentication_saves_nothing(client: StripeClient) -> None:
    customer = client.v1.customers.create({}).id
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "currency": "eur", "customer": customer, "success_url": "http://localhost/fini"}
    )
    assert session.url
    browse(session.url, card="4000 0025 0000 3155")
    assert browse(session.url, answer="no")[0] == 402
    assert client.v1.customers.payment_methods.list(customer).data == []
    assert browse(session.url, card="4000 0000 0000 0002")[0] == 422
    assert browse(session.url, act="cancel")[:2] == (303, "http://localhost/fini")


# Holding and capturing


def test_a_hold_is_captured_in_part_once_and_the_rest_released(client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    done = client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 4210})
    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 4210, 0)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    movements = client.v1.balance_transactions.list().data
    assert [(one.type, one.amount, one.fee, one.net) for one in movements] == [("charge", 4210, 88, 4122)]


def test_more_than_the_hold_cannot_be_captured(client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 5001})
    assert refused.value.code == "amount_too_large"
    assert client.v1.payment_intents.retrieve(intent.id).amount_capturable == 5000


def test_a_hold_nobody_captures_ends_by_itself(server: StandIn, client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    server.skip(days=4, hours=17)
    assert client.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    server.skip(hours=2)
    gone = client.v1.payment_intents.retrieve(intent.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "automatic")


@pytest.mark.parametrize(
    ("card", "code", "reason"),
    [
        ("4000 0027 6000 3184", "authentication_required", "authentication_required"),
        ("4000 0000 0000 0341", "card_declined", "generic_decline"),
    ],
)
def test_off_session_refusals_say_why_and_leave_the_intent_to_be_mended(
    client: StripeClient, card: str, code: str, reason: str
) -> None:
    customer, method = saved_card(client, card)
    with pytest.raises(stripe.CardError) as refused:
        hold(client, customer, method)
    assert (refused.value.code, refused.value.error.decline_code) == (code, reason)  # type: ignore[union-attr]
    intent = client.v1.payment_intents.list().data[0]
    assert (intent.status, intent.latest_charge) == ("requires_payment_method", None)


def test_on_session_the_holder_confirms_on_a_page_of_the_bank(client: StripeClient) -> None:
    customer, method = saved_card(client, "4000002760003184")
    with pytest.raises(stripe.CardError):
        hold(client, customer, method)
    number = client.v1.payment_intents.list().data[0].id
    intent = client.v1.payment_intents.confirm(
        number, {"payment_method": method, "return_url": "http://localhost/retour"}
    )
    assert intent.next_action is not None
    assert intent.next_action.redirect_to_url is not None
    page = intent.next_action.redirect_to_url.url
    assert page
    assert browse(page, answer="yes")[:2] == (303, "http://localhost/retour")
    assert client.v1.payment_intents.retrieve(number).status == "requires_capture"


# Bank debits


@pytest.mark.parametrize(
    ("iban", "status", "net"),
    [("AT611904300234573201", "succeeded", 2965), ("AT861904300235473202", "requires_payment_method", 0)],
)
def test_a_debit_ends_days_later(server: StandIn, client: StripeClient, iban: str, status: str, net: int) -> None:
    customer, method = save_account(client, iban)
    intent = client.v1.payment_intents.create(
        {"amount": 3000, "currency": "eur", "customer": customer, "payment_method": method, "off_session": True, "confirm": True}
    )  # fmt: skip
    assert intent.status == "processing"
    server.skip(days=4)
    assert client.v1.payment_intents.retrieve(intent.id).status == "processing"
    server.skip(days=1)
    assert client.v1.payment_intents.retrieve(intent.id).status == status
    assert sum(one.net for one in client.v1.balance_transactions.list().data) == net


# Refunds, disputes, transfers


def test_refunds_stop_at_what_was_captured(client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": intent.id})
    client.v1.payment_intents.capture(intent.id)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 1200})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 3801})
    client.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    assert [one.amount for one in client.v1.refunds.list().data] == [3800, 1200]


def test_a_dispute_takes_the_amount_and_gives_it_back_when_won(server: StandIn, client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    client.v1.payment_intents.capture(intent.id)
    dispute = server.dispute(str(intent.latest_charge))
    assert client.v1.disputes.retrieve(dispute["id"]).status == "needs_response"
    assert sum(one.net for one in client.v1.balance_transactions.list().data) == 5000 - 100 - 5000 - 2000
    server.decide(dispute["id"], won=True)
    assert sum(one.net for one in client.v1.balance_transactions.list().data) == 5000 - 100 - 2000


def test_a_farm_receives_transfers_once_it_has_given_its_identity(server: StandIn, client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    client.v1.payment_intents.capture(intent.id)
    server.skip(days=4)
    farm = client.v1.accounts.create({"country": "FR", "capabilities": {"transfers": {"requested": True}}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.transfers.create({"amount": 4000, "currency": "eur", "destination": farm.id})
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    link = client.v1.account_links.create(
        {"account": farm.id, "type": "account_onboarding", "return_url": "http://localhost/r", "refresh_url": "http://localhost/f"}
    )  # fmt: skip
    assert browse(link.url, act="done")[:2] == (303, "http://localhost/r")
    assert browse(link.url, act="done")[:2] == (303, "http://localhost/f")
    made = client.v1.transfers.create({"amount": 4000, "currency": "eur", "destination": farm.id})
    with pytest.raises(stripe.InvalidRequestError) as short:
        client.v1.transfers.create({"amount": 4000, "currency": "eur", "destination": farm.id})
    assert short.value.code == "balance_insufficient"
    client.v1.transfers.reversals.create(made.id, {"amount": 1000})
    assert client.v1.transfers.retrieve(made.id).amount_reversed == 1000
    assert client.v1.balance.retrieve().available[0].amount == 4900 - 4000 + 1000


# Keys and faults


def test_a_key_answers_the_same_and_refuses_another_request(server: StandIn, client: StripeClient) -> None:
    customer, method = saved_card(client)
    first, again = hold(client, customer, method), hold(client, customer, method)
    assert (first.id, again.id) == (first.id, first.id)
    with pytest.raises(stripe.IdempotencyError):
        hold(client, customer, method, amount=4999)
    server.skip(days=1, seconds=1)
    assert hold(client, customer, method).id != first.id


def test_a_refused_parameter_leaves_the_key_free_and_a_declined_card_does_not(client: StripeClient) -> None:
    customer, method = saved_card(client)
    with pytest.raises(stripe.InvalidRequestError):
        hold(client, customer, method, amount=1)
    assert hold(client, customer, method).status == "requires_capture"
    customer, method = saved_card(client, "4000000000000341")
    for _time in range(2):
        with pytest.raises(stripe.CardError):
            hold(client, customer, method, key="hold:2")
    assert len([one for one in client.v1.payment_intents.list().data if one.customer == customer]) == 1


@pytest.mark.parametrize("fault", ["cut", "broken"])
def test_a_reply_lost_after_the_change_is_found_again_with_the_key(
    server: StandIn, client: StripeClient, fault: str
) -> None:
    customer, method = saved_card(client)
    getattr(server.faults, fault)["payment_intents$"] = 1
    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        hold(client, customer, method)
    assert hold(client, customer, method).id == client.v1.payment_intents.list().data[0].id
    assert len(client.v1.payment_intents.list().data) == 1


def test_refused_and_away_change_nothing(server: StandIn, client: StripeClient) -> None:
    server.faults.refused[""] = 1
    with pytest.raises(stripe.APIError):
        client.v1.customers.create({})
    server.faults.away = True
    with pytest.raises(stripe.APIConnectionError):
        client.v1.customers.create({})
    assert server.world.all("customer") == []


def test_lists_are_paged(client: StripeClient) -> None:
    for _nth in range(5):
        client.v1.customers.create({})
    first = client.v1.events.list({"limit": 2})
    assert (len(first.data), first.has_more) == (2, True)
    assert len(list(first.auto_paging_iter())) == 5


def test_what_it_knows_outlives_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    with stand_in.running(file=file) as first:
        asked = StripeClient("sk_test_stand_in", base_addresses={"api": first.url}, max_network_retries=0)
        customer, method = saved_card(asked)
        hold = {
            "amount": 1000, "currency": "eur", "customer": customer, "payment_method": method, "confirm": True,
            "off_session": True, "capture_method": "manual",
        }  # fmt: skip
        once: Any = {"idempotency_key": "hold:1"}
        made = asked.v1.payment_intents.create(hold, once)  # type: ignore[arg-type]
        killed = file.read_text()
    file.write_text(killed)  # as a kill -9 leaves it: written before the answer left
    with stand_in.running(file=file) as second:
        asked = StripeClient("sk_test_stand_in", base_addresses={"api": second.url}, max_network_retries=0)
        assert asked.v1.payment_intents.create(hold, once).id == made.id  # type: ignore[arg-type]
        assert asked.v1.payment_intents.capture(made.id).status == "succeeded"
        assert [one["id"] for one in second.world.all("payment_intent")] == [made.id]
        assert asked.v1.customers.create({}).id not in killed
