"""What tests of catalogues begin with: the country's rates, a farm."""

from datetime import date
from decimal import Decimal

import pytest

from hub.founding import set_vat_rates
from producers.models import Producer
from tests import make


@pytest.fixture
def rates() -> None:
    set_vat_rates({Decimal("5.5"): date(2014, 1, 1), Decimal(10): date(2014, 1, 1), Decimal(20): date(2014, 1, 1)})


@pytest.fixture
def farm() -> Producer:
    return make.producer()
