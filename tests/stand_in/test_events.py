"""The events the stand-in sends: signed, sent again, doubled, shuffled and lost."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import stripe
from stripe import StripeClient

from tests.stand_in import StandIn

SECRET = "whsec_secret_of_the_tests"


class Mailbox:
    """An endpoint that keeps what it is sent, and can be told to answer 500."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.status = 200
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                box.got.append((body, self.headers["Stripe-Signature"]))
                self.send_response(box.status)
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                """Silence."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_address[1]}/"
        Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for body, _signature in self.got]


@pytest.fixture
def mailbox(server: StandIn) -> Iterator[Mailbox]:
    box = Mailbox()
    server.listen(box.url, SECRET)
    yield box
    box.server.shutdown()
    box.server.server_close()


def test_events_are_signed_as_the_sdk_checks_them(server: StandIn, client: StripeClient, mailbox: Mailbox) -> None:
    client.v1.customers.create({"email": "a@exemple.fr"})
    server.settle_down()
    [(body, signature)] = mailbox.got
    event = client.construct_event(body, signature, SECRET)
    assert (event.type, event.data.object["email"]) == ("customer.created", "a@exemple.fr")
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, SECRET)
    old = server.delivery.sign(body, SECRET, server.world.now() - 301)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, old, SECRET)


def test_an_event_answered_with_an_error_is_sent_again(server: StandIn, client: StripeClient, mailbox: Mailbox) -> None:
    mailbox.status = 500
    client.v1.customers.create({})
    while not mailbox.got:
        pass
    mailbox.status = 200
    server.settle_down()
    assert set(mailbox.kinds()) == {"customer.created"}
    assert len(mailbox.got) >= 2


def test_events_are_doubled_shuffled_and_lost_on_request(
    server: StandIn, client: StripeClient, mailbox: Mailbox
) -> None:
    server.delivery.weather.held = True
    for _nth in range(40):
        client.v1.customers.create({})
    server.delivery.weather.copies, server.delivery.weather.shuffled = 3, True
    server.delivery.weather.held = False
    server.settle_down()
    ids = [json.loads(body)["id"] for body, _signature in mailbox.got]
    assert (len(ids), len(set(ids))) == (120, 40)
    assert ids != sorted(ids)
    mailbox.got.clear()
    server.delivery.weather.copies, server.delivery.weather.lost = 1, 0.3
    for _nth in range(40):
        client.v1.customers.create({})
    server.settle_down()
    assert 15 < len(mailbox.got) < 40
    assert len(client.v1.events.list({"limit": 100}).data) == 80
