"""Changing where payouts go: a change is told to everybody and waits, and another person may confirm it sooner.

Farms change their own account (producers/identity.py); that of a point, the coordination.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hub import activity, identifiers, in_charge, notices
from hub.models import Activity, CollectionPoint, Hub, Member, Notice, PointAccount
from hub.models.payees import BankAccount
from hub.refusals import Refusal

ACCOUNT = ["iban", "bic", "iban_changed_at", "iban_confirmed_at"]
VERBS = ("point.bank-account", "point.account-confirmed")


class NotToConfirm(Refusal):
    """This account cannot be confirmed by this person."""

    code = "not-to-confirm"


class AccountChanged(Refusal):
    """Somebody changed the account since the page that confirms it was made."""

    code = "account-changed"


def put(account: BankAccount, *, iban: str, bic: str, now: datetime) -> dict[str, str]:
    """Write another IBAN and BIC, checked, into a locked row, unsaved. Returns what the journal keeps of it, masked."""
    data = {"before": identifiers.masked(account.iban), "after": identifiers.masked(iban), "bic": bic}
    account.iban, account.bic, account.iban_changed_at, account.iban_confirmed_at = iban, bic, now, None
    return data


def refuse_unless_shown(account: BankAccount, seen: str) -> None:
    """Only the account that a person looked at may be confirmed (`seen`, its `as_shown`). Raises AccountChanged."""
    if account.as_shown != seen:
        raise AccountChanged(
            _(
                "The account was changed since you opened this page, and nothing is confirmed. Look at it again, and ask again."
            )
        )


def confirm(account: BankAccount, *, change: Activity, by: Member, now: datetime) -> None:
    """Say of a locked row that waits that its account is the right one. Raises NotToConfirm for who changed it: two people
    must agree."""
    if change.member_id == by.pk:
        raise NotToConfirm(_("You changed this account yourself: somebody else of the coordination confirms it."))
    account.iban_confirmed_at = now
    account.save(update_fields=["iban_confirmed_at"])


def change_of_point(*, point: CollectionPoint, holder: str, iban: str, bic: str, by: Member, now: datetime) -> bool:
    """Have a point's part go to this account from now on; returns whether anything is other than before.

    The caller has asked for a second factor. The point's hosts and the coordinators are told by e-mail, in the same
    transaction. Raises WrongNumber, or ValidationError without a holder; then nothing has changed.
    """
    number, bank = identifiers.account(iban, bic)
    with transaction.atomic():
        locked = CollectionPoint.objects.select_for_update(no_key=True).get(pk=point.pk)
        row = PointAccount.objects.filter(point=locked).first() or PointAccount(point=locked)
        if (row.holder, row.iban, row.bic) == (holder, number, bank):
            return False
        data = {"holder": holder} | put(row, iban=number, bic=bank, now=now)
        row.holder = holder
        row.full_clean()
        row.save()
        act = activity.record(verb="point.bank-account", subject=locked.code, by=by, now=now, data=data)
        notices.queue(_to_everybody(locked, act, by, now))
    return True


def confirm_of_point(*, account: PointAccount, seen: str, by: Member, now: datetime) -> bool:
    """The word of another coordinator that the account she was shown (`seen`) is the point's. False when nothing waits any
    more. The caller has asked for a second factor. Raises AccountChanged, NotToConfirm; then nothing has changed."""
    with transaction.atomic():
        rows = PointAccount.objects.select_for_update(no_key=True, of=("self",)).select_related("point")
        row = rows.get(pk=account.pk)
        refuse_unless_shown(row, seen)
        if row.account_waits_until(now) is None:
            return False
        confirm(row, change=_changes(row.point).filter(verb=VERBS[0])[0], by=by, now=now)
        data = {"holder": row.holder, "account": identifiers.masked(row.iban)}
        activity.record(verb="point.account-confirmed", subject=row.point.code, by=by, now=now, data=data)
    return True


def changes_of_point(point: CollectionPoint) -> list[Activity]:
    """The last changes of a point's account, newest first."""
    return list(_changes(point).select_related("member")[:8])


def _changes(point: CollectionPoint) -> Any:
    return Activity.objects.filter(verb__in=VERBS, subject=point.code).order_by("-at", "-pk")


def _to_everybody(point: CollectionPoint, act: Activity, by: Member, now: datetime) -> list[Notice]:
    hub = Hub.get()
    told = {one.pk: one for one in [*in_charge.hosts(point.pk), *in_charge.coordinators()]}
    data: dict[str, Any] = {
        "point": point.name, "point_code": point.code, "by": by.full_name, "holder": act.data["holder"],
        "before": act.data["before"], "after": act.data["after"], "hub": hub.name, "contact": hub.email or hub.phone,
    }  # fmt: skip
    return [
        Notice(kind="point-account", key=f"point-account:{act.pk}:{pk}", member=person, data=data, due_at=now)
        for pk, person in sorted(told.items())
    ]
