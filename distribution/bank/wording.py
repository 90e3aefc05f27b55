"""A movement of the bank in the reader's language: what it is stands in its reference, the memo was written in the hub's."""

from django.utils.translation import gettext as _

from hub.models import Transfer
from hub.refusals import Words

# What a line says, as plain as banks leave it.
TOLD = "regexp_replace(upper(unaccent(l.label || ' ' || l.end_to_end)), '[^A-Z0-9]', '', 'g')"


def said(movement: Transfer) -> Words:
    """What a movement is, by the fact its reference names; its memo for anything else."""
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
        "bounced": _("Cheque not paid by the bank"),
    }
    return named.get(kind, movement.memo)
