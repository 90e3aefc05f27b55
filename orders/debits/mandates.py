"""Mandates: signed once, on Stripe's page or on ours for the cooperative's bank; taken back at any time."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, identifiers, stripe_gateway
from hub.models import Household, Hub, Member
from hub.refusals import Refusal
from hub.sepa import plain as in_letters_of_banks
from orders.customers import customer_of, setup_page
from orders.models import Mandate, TopUp

Rail = Mandate.Rail


class NoMandate(Refusal):
    """Nothing was signed on the page, it was another household's, or debits are not offered here."""

    code = "no-mandate"
    status = 422


def rail(hub: Hub | None = None) -> str:
    """How this cooperative debits accounts: through its bank where that gave it an identifier, else through Stripe; ""
    where neither is set up. `hub` spares reading it again."""
    hub = hub or Hub.get()
    if hub.creditor_id and hub.iban:
        return Rail.BANK
    return Rail.STRIPE if stripe_gateway.is_set_up() else ""


def usable_mandate(household: Household) -> Mandate | None:
    """The mandate a household is debited under."""
    return Mandate.objects.usable().filter(household=household).first()


def consent(notice_days: int) -> str:
    """What a member agrees to, in their language; kept beside the mandate as it was shown."""
    return _(
        "I let %(hub)s collect from my account the sums I ask for on this page, each announced by e-mail at least %(days)d"
        " days before. My bank gives a debit back if I ask within eight weeks. I can take this back at any time."
    ) % {"hub": Hub.get().legal_name or Hub.get().name, "days": notice_days}


def begin_signing(
    *, household: Household, success_url: str, cancel_url: str, now: datetime
) -> stripe_gateway.SetupPage:
    """A page of Stripe's to sign a mandate on. Raises stripe_gateway.Away."""
    return setup_page(household=household, kind="sepa_debit", success_url=success_url, cancel_url=cancel_url, now=now)


def finish_signing(*, household: Household, session: str, notice_days: int, by: Member, now: datetime) -> Mandate:
    """Keep the mandate signed on a page; it replaces the household's. Again, it changes nothing.

    Raises stripe_gateway.Away, and NoMandate where nothing was signed or the page was not this household's.
    """
    saved = stripe_gateway.saved_on(session)
    if saved is None or saved.kind != "sepa_debit" or saved.customer != customer_of(household, now):
        raise NoMandate(_("No mandate was signed. You can try again."))
    known = Mandate.objects.filter(method=saved.id).first()
    made = Mandate(
        household=household, rail=Rail.STRIPE, customer=saved.customer, method=saved.id, last4=saved.last4,
        notice_days=notice_days,
    )  # fmt: skip
    return known or _keep(made, by, now)


def sign_at_bank(
    *, household: Household, iban: str, holder: str, notice_days: int, by: Member, now: datetime
) -> Mandate:
    """Sign a mandate for the cooperative's bank; it replaces the household's. Raises identifiers.WrongNumber, NoMandate."""
    plain, _bic = identifiers.account(iban)
    if not plain or not holder.strip() or rail() != Rail.BANK:
        raise NoMandate(_("Give the name of the account’s holder and its IBAN."))
    if not any(sign.isalnum() for sign in in_letters_of_banks(holder)):
        raise NoMandate(_("Write the account holder’s name in letters, as the bank knows it."))
    made = Mandate(
        household=household, rail=Rail.BANK, iban=plain, holder=holder.strip()[:70], last4=plain[-4:], notice_days=notice_days
    )  # fmt: skip
    return _keep(made, by, now)


def revoke(*, mandate: Mandate, by: Member, now: datetime) -> None:
    """Take a mandate back: what is still to come under it is given up, what is at the bank goes on. Again, it changes
    nothing."""
    with transaction.atomic():
        Household.objects.select_for_update(no_key=True).get(pk=mandate.household_id)
        if not Mandate.objects.usable().filter(pk=mandate.pk).update(revoked_at=now):
            return
        TopUp.objects.filter(mandate=mandate, state=TopUp.State.DUE).update(state=TopUp.State.CANCELLED, ended_at=now)
        _record("mandate.revoked", mandate, by, now)


def _keep(mandate: Mandate, by: Member, now: datetime) -> Mandate:
    """Replace the household's mandate; what is still to come goes on under the new one, announced anew. What is at the
    bank keeps its own."""
    with transaction.atomic():
        Household.objects.select_for_update(no_key=True).get(pk=mandate.household_id)
        Mandate.objects.usable().filter(household=mandate.household_id).update(revoked_at=now)
        mandate.consent, mandate.signed_at, mandate.signed_by = consent(mandate.notice_days), now, by
        mandate.full_clean(exclude=["household", "signed_by"])
        mandate.save()
        waiting = TopUp.objects.filter(household=mandate.household_id, means=TopUp.Means.DEBIT, state=TopUp.State.DUE)
        waiting.update(mandate=mandate, announced_at=None)
        _record("mandate.signed", mandate, by, now)
    return mandate


def _record(verb: str, mandate: Mandate, by: Member, now: datetime) -> None:
    activity.record(
        verb=verb, subject=mandate.household.code, by=by, now=now, household=mandate.household,
        data={"mandate": mandate.reference, "rail": mandate.rail},
    )  # fmt: skip
