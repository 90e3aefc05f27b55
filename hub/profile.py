"""What a member says about themselves and their household."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import notices
from hub.models import Household, Member, Notice
from hub.refusals import Refusal


class UnknownLanguage(Refusal):
    """The interface is not written in that language."""

    code = "unknown-language"
    status = 422


@transaction.atomic
def welcome(*, member: Member, first_name: str, last_name: str, language: str) -> Household:
    """A new member gets their name and a household of their own; one who already has a household keeps it.

    Raises UnknownLanguage.
    """
    describe_member(member=member, first_name=first_name, last_name=last_name, phone=member.phone, language=language)
    if member.household is None:
        member.household = Household.objects.create(name=member.full_name)
        member.save(update_fields=["household"])
    return member.household


@transaction.atomic
def describe_member(*, member: Member, first_name: str, last_name: str, phone: str, language: str) -> Member:
    """Write how a member is called, reached and spoken to. Raises UnknownLanguage."""
    _check_language(language)
    member.first_name, member.last_name, member.phone, member.language = first_name, last_name, phone, language
    member.save(update_fields=["first_name", "last_name", "phone", "language"])
    return member


@transaction.atomic
def describe_household(
    *, household: Household, name: str, address: str, postcode: str, city: str, access_note: str
) -> Household:
    """Write what a household is called and where it lives; its members are equal in it."""
    household.name, household.address, household.postcode = name, address, postcode
    household.city, household.access_note = city, access_note
    household.save(update_fields=["name", "address", "postcode", "city", "access_note"])
    return household


@transaction.atomic
def choose_language(*, member: Member, language: str) -> Member:
    """The language a member reads, on every device and in every message. Raises UnknownLanguage."""
    _check_language(language)
    member.language = language
    member.save(update_fields=["language"])
    return member


@transaction.atomic
def choose_messages(*, member: Member, wanted: Collection[str]) -> Member:
    """Which of the messages one may do without a member wants; the others are not sent any more."""
    return _mute(member, [kind for kind in notices.OPTIONAL if kind not in wanted])


@transaction.atomic
def unsubscribe(*, member: Member, kind: str, now: datetime) -> Member:
    """No more messages of a kind, what is waiting included. Again, nothing changes. Raises ValueError for other kinds."""
    if kind not in notices.OPTIONAL:
        raise ValueError(f"messages of kind {kind} are always sent")
    Notice.objects.filter(member=member, kind=kind, sent_at=None, given_up_at=None).update(given_up_at=now)
    muted = Member.objects.select_for_update().values_list("muted", flat=True).get(pk=member.pk)
    return _mute(member, sorted({*muted, kind}))


def _mute(member: Member, kinds: list[str]) -> Member:
    member.muted = kinds
    member.save(update_fields=["muted"])
    return member


def _check_language(language: str) -> None:
    if language not in dict(settings.LANGUAGES):
        raise UnknownLanguage(_("The interface is not written in this language."), language=language)
