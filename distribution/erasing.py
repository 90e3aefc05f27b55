"""Erasing a household: accounts, orders and money rows stay as the law wants them, and name nobody any more.

Frozen sheets keep their names until the purge empties them, some weeks later (`Hub.sheet_weeks`). Invoices that a household
asked for keep the name and address it gave: the law wants them kept whole for ten years. Statements of the bank that were read
and never written are deleted after a week (bank/importing.py).
"""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.handover import PERSONAL
from distribution.models import Handover, Refund
from hub import activity, erasures, ledger, locks
from hub import format as say
from hub.models import (
    ApiToken,
    HostInvitation,
    Household,
    Hub,
    IdempotencyKey,
    Letter,
    Member,
    Membership,
    Notice,
)
from hub.money import money
from hub.refusals import Refusal
from orders.models import CardPayment, Dispute, Favourite, Mandate, Order, Payment, SavedCard, TopUp, Wish
from producers.models import ProducerInvitation

FORGET_ACTS = """
    UPDATE distribution_handoveraction SET data = data - %s::text[]
    WHERE order_id IN (SELECT id FROM orders_order WHERE household_id = %s)
"""


class StillNeeded(Refusal):
    """Something is open: `data["reasons"]` are `order`, `debit`, `page`, `dispute`, `owes`, `credit`, `refund`, `role`."""

    code = "still-needed"


def hindrances(household: Household) -> list[tuple[str, str]]:
    """What must be over before a household can be erased: a stable word and a sentence for each, none when nothing is."""
    balance = ledger.balance(ledger.household_account(household))
    mine = Member.objects.filter(household=household)
    busy = Q(hostings__until=None, hostings__isnull=False) | Q(roles__revoked_at=None, roles__isnull=False)
    found = [
        (_open_orders(household) or _open_cards(household), "order", _("An order is still on its way.")),
        (_open_debits(household), "debit", _("A payment to the balance is still at the bank.")),
        (
            _open_pages(household),
            "page",
            _("A payment to the balance can still be made on its page: give it up, or wait until the page is closed."),
        ),
        (_disputes(household), "dispute", _("A payment is contested, or was, and nobody has decided who bears it.")),
        (balance < 0, "owes", _("%(amount)s is still to be paid.") % {"amount": _amount(-balance)}),
        (
            balance > 0,
            "credit",
            _("%(amount)s is on the account: ask the coordination to send it back to you by transfer first.")
            % {"amount": _amount(balance)},
        ),
        (_open_refunds(household).exists(), "refund", _("A refund is still to be paid.")),
        (
            mine.filter(busy | Q(producer_roles__isnull=False)).exists(),
            "role",
            _(
                "Somebody of the household hosts a point, works for a farm or coordinates: the role is given back first."
            ),
        ),
    ]
    return [(word, str(sentence)) for true, word, sentence in found if true]


def erase(*, household: Household, by: Member | None, now: datetime) -> None:
    """Erase a household and its members. Again, it changes nothing. Raises StillNeeded."""
    with transaction.atomic():
        locks.own_household(household.pk)
        locked = Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        if locked.erased_at is not None:
            return
        if reasons := hindrances(locked):
            sentences = " ".join(sentence for _word, sentence in reasons)
            raise StillNeeded(sentences, reasons=[word for word, _sentence in reasons])
        _anonymise(locked, now)
        own = by is not None and by.household_id == locked.pk
        activity.record(verb="household.erased", subject=locked.code, by=None if own else by, now=now, household=locked)
        transaction.on_commit(lambda: erasures.note([(locked.code, now)]))


def erase_again(*, household: Household, now: datetime) -> None:
    """What was erased and came back with an older backup goes again, whatever was open then. `now` is when it went."""
    with transaction.atomic():
        locked = Household.objects.select_for_update(no_key=True).get(pk=household.pk)
        if locked.erased_at is None:
            _anonymise(locked, now)
            activity.record(verb="household.erased", subject=locked.code, by=None, now=now, household=locked)


def _open_orders(household: Household) -> bool:
    mine = Order.objects.live().filter(household=household)
    return mine.filter(settled_at=None, collection__cancelled_at=None).exists()


def _open_cards(household: Household) -> bool:
    return CardPayment.objects.unfinished().filter(order__household=household).exists()


def _open_debits(household: Household) -> bool:
    return TopUp.objects.filter(household=household, state=TopUp.State.PROCESSING).exists()


def _open_pages(household: Household) -> bool:
    """Whether somebody can still pay for this household on a page of Stripe's."""
    return TopUp.objects.unfinished().filter(household=household).exclude(page="").exists()


def _disputes(household: Household) -> bool:
    theirs = Dispute.objects.filter(Q(payment__order__household=household) | Q(top_up__household=household))
    return theirs.unfinished().exists() or theirs.to_look_at().exists()


def _open_refunds(household: Household) -> QuerySet[Refund]:
    return Refund.objects.filter(household=household, paid_at=None).exclude(choice=Refund.Choice.CREDIT)


def _anonymise(household: Household, now: datetime) -> None:
    members = list(household.members.all())
    named = _names(household, members)
    _forget_access(members)
    _forget_invitations(members, now)
    _forget_words(household, members)
    SavedCard.objects.usable().filter(household=household).update(removed_at=now)
    SavedCard.objects.filter(household=household).update(brand="", last4="", expires="")
    TopUp.objects.filter(household=household, state=TopUp.State.DUE).update(state=TopUp.State.CANCELLED, ended_at=now)
    Mandate.objects.usable().filter(household=household).update(revoked_at=now)
    Mandate.objects.filter(household=household).update(holder="", iban="", last4="")
    Membership.objects.filter(household=household, status__in=["requested", "accepted"]).update(
        status=Membership.Status.ENDED, ended_at=now
    )
    Membership.objects.filter(household=household).update(message="")
    for member in members:
        _forget_member(member)
    with translation.override(Hub.get().language):
        household.name = gettext("Erased household")
    household.address = household.postcode = household.city = household.access_note = ""
    household.route_position, household.avoided_allergens, household.erased_at = 0, [], now
    household.save()
    _forget_payer(household, named)


def _names(household: Household, members: Iterable[Member]) -> list[str]:
    """The words by which a line of the bank may name a household."""
    said = [household.code, *(f"{one.first_name} {one.last_name}" for one in members)]
    return sorted({word for text in said for word in re.findall(r"[^\W_]{3,}", text)})


def _forget_payer(household: Household, named: list[str]) -> None:
    """The bank's lines led to the household stay, without what the bank said of who paid; one that tells of others as well
    keeps the rest. A function of the tables' owner: nobody else may change a line."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cabas_forget_payers(%s, %s)", [household.pk, named])


def _forget_member(member: Member) -> None:
    member.email = f"{member.pk}@erased.invalid"
    member.first_name = member.last_name = member.phone = ""
    member.muted, member.is_active, member.is_staff, member.is_superuser = [], False, False, False
    member.set_unusable_password()
    member.last_login = None
    member.save()


def _forget_access(members: Iterable[Member]) -> None:
    """Nothing of theirs opens a door any more: addresses, passkeys, tokens, sessions on every device."""
    people = [member.pk for member in members]
    for model in (EmailAddress, Authenticator):
        model.objects.filter(user__in=people).delete()
    ApiToken.objects.filter(member__in=people).delete()
    IdempotencyKey.objects.filter(member__in=people).delete()
    named = {str(pk) for pk in people}
    theirs = [one.pk for one in Session.objects.iterator() if one.get_decoded().get(SESSION_KEY) in named]
    Session.objects.filter(pk__in=theirs).delete()


def _forget_invitations(members: Iterable[Member], now: datetime) -> None:
    """Invitations to them: those still open end, and none says the address any more."""
    theirs = Q(used_by__in=[member.pk for member in members])
    for member in members:
        theirs |= Q(email__iexact=member.email)
    for model in (HostInvitation, ProducerInvitation):
        found = model.objects.filter(theirs)
        found.pending().update(withdrawn_at=now)
        found.update(email=Concat(Cast("pk", CharField()), Value("@erased.invalid")))


def _forget_words(household: Household, members: Iterable[Member]) -> None:
    """Messages to them and about them, and what they or others wrote beside their orders."""
    about = Q(member__household=household)
    for member in members:
        about |= Q(email__iexact=member.email)
    for membership in household.memberships.all():
        about |= Q(key__startswith=f"membership-requested:{membership.pk}:")
    notices = Notice.objects.filter(about)
    mailed = Q(notice__in=notices)
    for member in members:
        mailed |= Q(recipients__icontains=member.email)
    Letter.objects.filter(mailed).delete()
    notices.delete()
    Wish.objects.filter(household=household).delete()
    Favourite.objects.filter(household=household).delete()
    with connection.cursor() as cursor:
        cursor.execute(FORGET_ACTS, [list(PERSONAL), household.pk])
    Handover.objects.filter(order__household=household).update(collected_by="", note="")
    Payment.objects.filter(household=household).update(note="")
    Order.objects.filter(household=household).update(note="")
    kinds = ContentType.objects.get_for_models(Member, Household)
    edited = Q(content_type=kinds[Member], object_id__in=[str(member.pk) for member in members])
    edited |= Q(content_type=kinds[Household], object_id=str(household.pk))
    LogEntry.objects.filter(edited).update(object_repr="")


def _amount(value: Decimal) -> str:
    return say.money(money(value))
