"""The file of debits as banks read it: ISO 20022 pain.008.001.08, checked against its schema before it leaves."""

from dataclasses import dataclass
from typing import Any

from sepaxml import SepaDD

from hub import calendar
from hub.models import Hub
from hub.sepa import plain, validate
from orders.models import Mandate, TopUp

SCHEMA = "pain.008.001.08"


@dataclass(frozen=True)
class Debit:
    """One sum, the mandate it is collected under, and FRST or RCUR."""

    top_up: TopUp
    mandate: Mandate
    sequence: str


def write(*, hub: Hub, debits: list[Debit], message: str) -> bytes:
    """The bytes of the file, in the letters of all banks: each debit on its own announced day. Raises
    etree.DocumentInvalid for what the schema refuses."""
    creditor: dict[str, Any] = {
        "name": plain(hub.legal_name or hub.name)[:70], "IBAN": hub.iban, "batch": True, "creditor_id": hub.creditor_id,
        "currency": "EUR", "instrument": "CORE",
    }  # fmt: skip
    file = SepaDD(creditor, schema=SCHEMA, clean=True)
    file.msg_id = message
    for debit in debits:
        file.add_payment(
            {
                "name": plain(debit.mandate.holder), "IBAN": debit.mandate.iban, "amount": int(debit.top_up.amount.amount * 100),
                "type": debit.sequence, "collection_date": debit.top_up.due_on, "mandate_id": debit.mandate.reference,
                "mandate_date": calendar.local_date(debit.mandate.signed_at), "endtoend_id": debit.top_up.code,
                "description": plain(f"{hub.name} {debit.top_up.code}"),
            }
        )  # fmt: skip
    content = bytes(file.export(validate=False))
    validate(content, SCHEMA)
    return content
