"""A movement of the books in the reader's language: what it is stands in its reference. The memo, written then and in the
cooperative's language, says it for anything else."""

from django.utils.translation import gettext as _

from hub.models import Transfer
from hub.refusals import Words
from orders.models import Payment


def to_household(reference: str, memo: str, reverses: bool, means: str, *, came_in: bool) -> Words:
    """To the household, on its account."""
    kind, _colon, rest = reference.partition(":")
    if kind == "dispute" and not rest.endswith(":owed"):
        return _("Given back by the bank") if reverses else _("Taken back by the bank")
    if kind == "topup" and (reverses or rest.endswith(":returned")):
        return _("Taken back by the bank")
    if reverses:
        taken_back = {
            "refund": _("Transfer to you taken back"),
            "paid-back": _("Transfer to you taken back"),
            "returned": _("Deposits taken back"),
            "card-refund": _("The card sent the refund back"),
        }
        return taken_back.get(kind, _("Payment taken back"))
    if means:
        return {
            Payment.Means.CASH: _("Cash received"),
            Payment.Means.CHEQUE: _("Cheque received"),
            Payment.Means.TRANSFER: _("Bank transfer received"),
            Payment.Means.LOCAL: _("Local currency received"),
        }[Payment.Means(means)]
    if kind == "settle":
        return _("Order %(code)s") % {"code": rest.rpartition(":")[2]}
    if kind == "bank":
        return _("Bank transfer received") if came_in else _("Bank transfer to you")
    named = {
        "returned": _("Deposits given back"),
        "refund": _("Refunded to you"),
        "paid-back": _("Credit sent back to you"),
        "card-refund": _("Back to your card"),
        "dispute": _("Contested payment that is owed after all"),
        "refund-granted": _("For what was missing"),
    }
    return named.get(kind, memo)


def of_bank(movement: Transfer) -> Words:
    """To the treasurer, on the bank’s pages."""
    kind, _colon, rest = movement.reference.partition(":")
    number = {"number": rest.partition(":")[0]}
    if kind == "topup" and rest.endswith(":returned"):
        return _("Direct debit %(number)s taken back by the bank") % number
    if movement.reference.endswith(":reversed"):
        return _("Payout of statement %(number)s taken back") % number if kind == "payout" else movement.memo
    named = {
        "payout": _("Payout of statement %(number)s") % number,
        "deposit": _("Paid in at the bank, %(number)s") % number,
        "payment": _("Payment received"),
        "topup": _("Direct debit %(number)s") % number,
        "refund": _("Refund for what was missing"),
        "paid-back": _("Credit paid back"),
        "bounced": _("Cheque not paid by the bank"),
    }
    return named.get(kind, movement.memo)
