"""A movement of the bank in the reader's language: what it is stands in its reference, the memo was written in the hub's."""

from django.utils.translation import gettext as _

from hub.models import Transfer
from hub.refusals import Words


def said(movement: Transfer) -> Words:
    """What a movement is, by the fact its reference names; its memo for anything else."""
    kind, _colon, rest = movement.reference.partition(":")
    number = {"number": rest.partition(":")[0]}
    if movement.reference.endswith(":reversed"):
        return _("Payout of statement %(number)s taken back") % number if kind == "payout" else movement.memo
    named = {
        "payout": _("Payout of statement %(number)s") % number,
        "deposit": _("Paid in at the bank, %(number)s") % number,
        "payment": _("Payment received"),
        "refund": _("Refund for what was missing"),
        "bounced": _("Cheque not paid by the bank"),
    }
    return named.get(kind, movement.memo)
