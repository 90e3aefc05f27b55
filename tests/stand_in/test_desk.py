"""The desk of the stand-in, where a person does what banks do."""

from typing import Any

from stripe import StripeClient

from tests.stand_in import StandIn
from tests.stand_in.browsing import browse
from tests.stand_in.saving import hold, save_account, saved_card


def at_the_desk(server: StandIn, **form: str) -> int:
    return browse(f"{server.url}/desk/", **form)[0]


def test_at_the_desk_a_debit_is_paid_or_refused_at_once_and_once(server: StandIn, client: StripeClient) -> None:
    customer, method = save_account(client, "AT611904300234573201")
    asked: Any = {
        "amount": 3000, "currency": "eur", "customer": customer, "payment_method": method, "off_session": True,
        "confirm": True,
    }  # fmt: skip
    paid, refused = client.v1.payment_intents.create(asked).id, client.v1.payment_intents.create(asked).id
    assert browse(f"{server.url}/desk/")[2].count("30,00 €") == 2
    assert at_the_desk(server, act="paid", id=paid) == at_the_desk(server, act="refused", id=refused) == 303
    assert at_the_desk(server, act="refused", id=paid) == 400
    states = [client.v1.payment_intents.retrieve(one).status for one in (paid, refused)]
    assert states == ["succeeded", "requires_payment_method"]
    assert [one.net for one in client.v1.balance_transactions.list().data] == [2965]


def test_at_the_desk_a_charge_is_contested_and_the_dispute_decided(server: StandIn, client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    client.v1.payment_intents.capture(intent.id, {"amount_to_capture": 5})
    assert "0,05 €" in browse(f"{server.url}/desk/")[2]
    assert at_the_desk(server, act="contest", id=str(intent.latest_charge)) == 303
    assert at_the_desk(server, act="contest", id=str(intent.latest_charge)) == 400
    [dispute] = client.v1.disputes.list().data
    assert at_the_desk(server, act="won", id=dispute.id) == 303
    assert client.v1.disputes.retrieve(dispute.id).status == "won"
    assert at_the_desk(server, act="lost", id=dispute.id) == 400
    assert at_the_desk(server, act="shrug") == 400
    assert client.v1.disputes.retrieve(dispute.id).status == "won"


def test_at_the_desk_a_transfer_to_a_farm_is_taken_back_whole_and_once(server: StandIn, client: StripeClient) -> None:
    intent = hold(client, *saved_card(client))
    client.v1.payment_intents.capture(intent.id)
    server.skip(days=4)
    farm = client.v1.accounts.create({"country": "FR", "capabilities": {"transfers": {"requested": True}}})
    link = client.v1.account_links.create(
        {"account": farm.id, "type": "account_onboarding", "return_url": "http://localhost/r", "refresh_url": "http://localhost/f"}
    )  # fmt: skip
    browse(link.url, act="done")
    asked: Any = {"amount": 4000, "currency": "eur", "destination": farm.id, "description": "R-2026-0010"}
    made = client.v1.transfers.create(asked)
    client.v1.transfers.reversals.create(made.id, {"amount": 1500})
    assert "25,00 € · R-2026-0010" in browse(f"{server.url}/desk/")[2]
    assert at_the_desk(server, act="reverse", id=made.id) == 303
    assert at_the_desk(server, act="reverse", id=made.id) == 400
    assert "R-2026-0010" not in browse(f"{server.url}/desk/")[2]
    assert client.v1.transfers.retrieve(made.id).amount_reversed == 4000


def test_at_the_desk_the_clock_is_put_to_a_moment(server: StandIn, client: StripeClient) -> None:
    at_the_desk(server, act="clock", at="1700000000")
    assert 0 <= client.v1.customers.create({}).created - 1_700_000_000 <= 5
    intent = hold(client, *saved_card(client))
    at_the_desk(server, act="clock", at=str(1_700_000_000 + 5 * 24 * 3600))
    assert client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_a_farm_that_gave_its_identity_alone_is_asked_for_the_rest(client: StripeClient) -> None:
    farm = client.v1.accounts.create({"country": "FR", "capabilities": {"transfers": {"requested": True}}})
    link = client.v1.account_links.create(
        {"account": farm.id, "type": "account_onboarding", "return_url": "http://localhost/r", "refresh_url": "http://localhost/f"}
    )  # fmt: skip
    assert browse(link.url, act="identity")[:2] == (303, "http://localhost/r")
    found = client.v1.accounts.retrieve(farm.id)
    assert found.requirements is not None
    assert found.requirements.currently_due == ["external_account", "tos_acceptance.date"]
    assert not found.details_submitted
