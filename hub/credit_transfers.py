"""Credit transfers in the file that banks take (ISO 20022, pain.001.001.09)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sepaxml
from django.conf import settings

from hub.calendar import local_date
from hub.sepa import plain, validate

SCHEMA = "pain.001.001.09"


@dataclass(frozen=True)
class Party:
    """Who pays or is paid. `bic` may be empty: banks know it from the IBAN."""

    name: str
    iban: str
    bic: str


@dataclass(frozen=True)
class Transfer:
    """One transfer; `reference` comes back on the bank's statement and on a rejection."""

    reference: str
    to: Party
    amount: Decimal
    words: str


class _File(sepaxml.SepaTransfer):  # type: ignore[misc]  # untyped
    """A file under a message id and a moment of ours: the library would draw them."""

    def _create_header(self) -> None:
        self.msg_id = self._config["message"]
        super()._create_header()
        self._xml.find("CstmrCdtTrfInitn/GrpHdr/CreDtTm").text = self._config["made_at"]


def write(*, message: str, payer: Party, transfers: Iterable[Transfer], now: datetime) -> bytes:
    """The file of these transfers, to be executed today, valid against its schema. Raises etree.DocumentInvalid."""
    config = {
        "name": plain(payer.name)[:70], "IBAN": payer.iban, "currency": settings.CURRENCY, "batch": True,
        "message": message, "made_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    if payer.bic:
        config["BIC"] = payer.bic
    file, day = _File(config, schema=SCHEMA, clean=True), local_date(now)
    for one in transfers:
        payment = {
            "name": plain(one.to.name), "IBAN": one.to.iban, "amount": int(one.amount * 100), "endtoend_id": one.reference,
            "description": plain(one.words), "execution_date": day,
        }  # fmt: skip
        file.add_payment(payment | ({"BIC": one.to.bic} if one.to.bic else {}))
    content = bytes(file.export(validate=False))
    validate(content, SCHEMA)
    return content
