"""The slip that goes to the bank with the cheques, on paper."""

from django.conf import settings
from django.utils.translation import get_language

from distribution import documents, stating
from distribution.contents.money import ChequeSlip, SlipLine
from distribution.models import BankDeposit
from hub import calendar
from hub import format as say
from hub.models import Hub


def content(deposit: BankDeposit) -> ChequeSlip:
    """What stands on it, from the cheques as they were noted."""
    hub = Hub.get()
    cheques = deposit.cheques.select_related("payment__household").order_by("payment__received_at", "payment__pk")
    lines: list[SlipLine] = [
        {
            "household": one.payment.household.name,
            "note": one.payment.note,
            "received_on": calendar.local_date(one.payment.received_at).isoformat(),
            "amount": str(one.payment.amount.amount),
        }
        for one in cheques
    ]
    return {
        "language": (get_language() or hub.language)[:2],
        "currency": settings.CURRENCY,
        "issued_at": say.iso(deposit.at),
        "hub": stating.hub_party(hub),
        "iban": hub.iban,
        "number": deposit.number,
        "lines": lines,
        "total": str(deposit.amount.amount),
    }


def as_pdf(deposit: BankDeposit) -> bytes:
    """The slip as a file to print."""
    return documents.render_cheque_slip(content(deposit))
