"""A stand-in for each test, and the official SDK before it."""

from collections.abc import Iterator

import pytest
from stripe import StripeClient

from tests import stand_in
from tests.stand_in import StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    with stand_in.running() as running:
        yield running


@pytest.fixture
def client(server: StandIn) -> StripeClient:
    return StripeClient("sk_test_stand_in", base_addresses={"api": server.url}, max_network_retries=0)
