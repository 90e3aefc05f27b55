"""The billing mandate: a farm lets the cooperative write invoices in its name, and may end that any day.

Source: art. 289, I-2 of the French tax code and BOI-TVA-DECLA-30-20-10: given beforehand, here in writing; the farm stays
responsible for its invoices and for its VAT, and has every invoice to contest.
"""

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hub import activity
from hub.models import Hub, Member
from hub.refusals import Refusal
from producers.models import BillingMandate, Producer

VERSION = 1
"""Raise it with every change of the words below: what was signed is kept in the row."""


class IdentityMissing(Refusal):
    """Invoices need who the farm is; `data["missing"]` names the fields."""

    code = "identity-missing"


def text(producer: Producer, hub: Hub) -> str:
    """What the farm agrees to, in the language of the cooperative's documents, one paragraph per line."""
    with translation.override(hub.language):
        names = {"farm": producer.legal_name or producer.name, "hub": hub.legal_name or hub.name}
        return "\n".join(paragraph % names for paragraph in _paragraphs())


def _paragraphs() -> list[str]:
    return [
        _(
            "%(farm)s authorises %(hub)s to write, in its name and on its behalf, the invoices and credit notes for what it "
            "sells through the cooperative, when a customer asks for one."
        ),
        _("They carry a number series of their own, kept by %(hub)s, and say who wrote them and for whom."),
        _(
            "%(farm)s reads every invoice on its page as soon as it is issued, and has fifteen days to contest it. It stays "
            "responsible for its invoices and pays the VAT they show."
        ),
        _("%(farm)s tells %(hub)s at once when its name, address, SIRET number, VAT number or VAT regime changes."),
        _(
            "The mandate holds until one of them ends it, which %(farm)s can do here any day. Invoices already issued stay "
            "valid."
        ),
    ]


def live(producer: Producer) -> BillingMandate | None:
    """The mandate that holds, if one does."""
    return BillingMandate.objects.live().filter(producer=producer).first()


def missing(producer: Producer) -> list[str]:
    """What a farm must still say of itself before invoices may be written in its name, in words."""
    wanted = ["legal_name", "address", "postcode", "city", "siret"] + (["vat_number"] if producer.charges_vat else [])
    words = {field.name: str(field.verbose_name) for field in Producer._meta.fields}
    return [words[name] for name in wanted if not getattr(producer, name)]


def give(*, producer: Producer, by: Member, now: datetime) -> BillingMandate:
    """The farm gives its mandate; the one it has, if it has. Raises IdentityMissing."""
    with transaction.atomic():
        farm = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        if held := live(farm):
            return held
        if lacking := missing(farm):
            words = gettext_lazy("Tell us first: %(fields)s.") % {"fields": ", ".join(lacking)}
            raise IdentityMissing(words, missing=lacking)
        mandate = BillingMandate.objects.create(
            producer=farm, version=VERSION, text=text(farm, Hub.get()), signed_at=now, by=by
        )
        activity.record(verb="mandate.given", subject=farm.code, by=by, now=now, producer_code=farm.code)
    return mandate


def withdraw(*, producer: Producer, by: Member, now: datetime) -> bool:
    """The farm ends its mandate; False when there is none. What was issued stays."""
    with transaction.atomic():
        Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        held = live(producer)
        if held is None:
            return False
        held.revoked_at, held.revoked_by = now, by
        held.save(update_fields=["revoked_at", "revoked_by"])
        activity.record(verb="mandate.withdrawn", subject=producer.code, by=by, now=now, producer_code=producer.code)
    return True
