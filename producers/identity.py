"""Who a farm is: what it tells everybody, its legal identity, its bank account. Each change is written into the journal."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from hub import activity, identifiers, in_charge, notices, payees
from hub.models import Activity, Hub, Member, Notice
from hub.payees import ACCOUNT
from producers.models import Producer

VERBS = (
    "producer.profile", "producer.identity", "producer.bank-account", "producer.account-confirmed", "producer.connect",
)  # fmt: skip
"""What `changes` shows."""


def edit_profile(*, producer: Producer, fields: list[str], by: Member, now: datetime) -> None:
    """Write the named public fields of a producer. Raises ValidationError for what the model does not allow."""
    _write(producer, fields, "producer.profile", by, now)


def edit_identity(*, producer: Producer, fields: list[str], by: Member, now: datetime) -> None:
    """Write the named fields of the legal identity. What is ordered keeps the VAT it was ordered with.

    Raises WrongNumber for a SIRET or VAT number that contradicts itself, ValidationError for what is not allowed.
    """
    producer.siret = identifiers.siret(producer.siret)
    producer.vat_number = identifiers.vat_number(producer.vat_number, siret=producer.siret)
    _write(producer, fields, "producer.identity", by, now)


def change_account(*, producer: Producer, iban: str, bic: str, by: Member, now: datetime) -> bool:
    """Have payouts go to another bank account from now on; returns whether it is another one.

    The caller has asked for a second factor. All the farm's people and the coordinators are told by e-mail, in the same
    transaction; the journal keeps both accounts masked. New payouts wait (Producer.account_waits_until). Raises
    WrongNumber; then nothing has changed.
    """
    number, bank = identifiers.account(iban, bic)
    with transaction.atomic():
        locked = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        if (locked.iban, locked.bic) == (number, bank):
            return False
        data = payees.put(locked, iban=number, bic=bank, now=now)
        locked.full_clean()
        locked.save(update_fields=ACCOUNT)
        act = activity.record(
            verb="producer.bank-account", subject=locked.code, by=by, now=now, producer_code=locked.code, data=data
        )
        notices.queue(_to_everybody(locked, act, by, now))
    producer.refresh_from_db(fields=ACCOUNT)
    return True


def confirm_account(*, producer: Producer, seen: str, by: Member, now: datetime) -> bool:
    """The coordination's word that the account it was shown (`seen`) is the farm's, after having asked it: payouts need not
    wait any longer.

    The caller has asked for a second factor. False when nothing waits any more. Raises AccountChanged where it is another
    one by now, and NotToConfirm for who changed it: two people must agree. Then nothing has changed.
    """
    with transaction.atomic():
        locked = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        payees.refuse_unless_shown(locked, seen)
        if locked.account_waits_until(now) is None:
            return False
        change = Activity.objects.filter(producer_code=locked.code, verb="producer.bank-account").latest("at", "pk")
        payees.confirm(locked, change=change, by=by, now=now)
        activity.record(
            verb="producer.account-confirmed", subject=locked.code, by=by, now=now, producer_code=locked.code,
            data={"account": identifiers.masked(locked.iban)},
        )  # fmt: skip
    return True


def changes(producer: Producer) -> list[Activity]:
    """The last changes of who the farm is, newest first, for its people to recognise."""
    found = Activity.objects.filter(producer_code=producer.code, verb__in=VERBS).select_related("member")
    return list(found[:8])


def _to_everybody(producer: Producer, act: Activity, by: Member, now: datetime) -> list[Notice]:
    hub = Hub.get()
    coordinators = in_charge.coordinators().values("pk")
    told = Member.objects.filter(Q(producer_roles__producer=producer) | Q(pk__in=coordinators), is_active=True)
    data: dict[str, Any] = {
        "producer": producer.name, "producer_code": producer.code, "by": by.full_name,
        "before": act.data["before"], "after": act.data["after"], "hub": hub.name,
        "contact": hub.email or hub.phone,
    }  # fmt: skip
    return [
        Notice(kind="bank-account", key=f"bank-account:{act.pk}:{person.pk}", member=person, data=data, due_at=now)
        for person in told.distinct()
    ]


@transaction.atomic
def _write(producer: Producer, fields: list[str], verb: str, by: Member, now: datetime) -> None:
    if not fields:
        return
    producer.full_clean()
    producer.save(update_fields=fields)
    activity.record(
        verb=verb, subject=producer.code, by=by, now=now, producer_code=producer.code, data={"fields": sorted(fields)}
    )
