"""Contested payments: what the bank took is posted once, comes back when it is won, and is told to the coordination."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from hub import activity, in_charge, ledger, notices, stripe_gateway
from hub.models import Member, Notice
from hub.money import CENT, money
from hub.refusals import Refusal
from orders import debits
from orders.models import CardPayment, Dispute, TopUp

State = Dispute.State


class NotLost(Refusal):
    """The bank has not decided against the cooperative, or somebody has settled it already."""

    code = "not-lost"


def apply_dispute(*, found: stripe_gateway.Dispute, now: datetime) -> Dispute:
    """Bring our row to what Stripe knows, making it the first time; post what was taken, once, and what came back."""
    with transaction.atomic():
        row, made = Dispute.objects.get_or_create(
            stripe_id=found.id,
            defaults={
                "payment": CardPayment.objects.filter(stripe_id=found.payment).first() if found.payment else None,
                "top_up": TopUp.objects.filter(stripe_id=found.payment).first() if found.payment else None,
                "amount": money(found.amount * CENT), "reason": found.reason[:60], "opened_at": found.opened_at,
                "due_by": found.due_by, "checked_at": now,
            },
        )  # fmt: skip
        rows = Dispute.objects.select_for_update(of=("self",))
        row = rows.select_related("payment__order__household", "payment__order__collection", "top_up__household").get(
            pk=row.pk
        )
        if made:
            _tell(row, "dispute-opened", now)
        if row.state == State.OPEN:
            _close(row, found, now)
        _move(row, found, now)
        row.checked_at = now
        row.save()
    return row


def settle_dispute(*, dispute: Dispute, charge: bool, by: Member, now: datetime) -> None:
    """A lost dispute: the household owes it after all (`charge`), or the cooperative bears it. Again, it changes nothing.
    Raises NotLost."""
    with transaction.atomic():
        rows = Dispute.objects.select_for_update(of=("self",))
        row = rows.select_related("payment__order__household", "payment__order__collection").get(pk=dispute.pk)
        if row.settled_at is not None and row.charged == charge:
            return
        if row.state != State.LOST or row.settled_at is not None or (charge and row.payment is None):
            raise NotLost(_("This dispute is not yours to settle, or it was settled before."))
        if charge and row.payment is not None:
            household = ledger.household_account(row.payment.order.household)
            memo = _("Contested payment that is owed after all")
            entry = ledger.Entry(
                f"dispute:{row.stripe_id}:owed", household, "disputes", row.amount.amount, memo,
                row.payment.order.collection,
            )  # fmt: skip
            ledger.post([entry], now=now, by=by)
        row.charged, row.settled_at, row.settled_by = charge, now, by
        row.save()
        _record("dispute.charged" if charge else "dispute.borne", row, by, now)


def _close(row: Dispute, found: stripe_gateway.Dispute, now: datetime) -> None:
    if found.state == "open":
        return
    row.state, row.closed_at = State(found.state), now
    _tell(row, "dispute-closed", now)
    _record(f"dispute.{row.state}", row, None, now)


def _move(row: Dispute, found: stripe_gateway.Dispute, now: datetime) -> None:
    """Stripe's balance says whether the money is gone; a fee stays gone."""
    reference = f"dispute:{row.stripe_id}"
    collection = row.payment.order.collection if row.payment else None
    if row.top_up is not None:
        row.taken = _move_top_up(row.top_up, row.taken, found, now)
    elif found.taken > 0 and not row.taken:
        memo = _("Taken back by the bank")
        ledger.post([ledger.Entry(reference, "disputes", "stripe", found.taken * CENT, memo, collection)], now=now)
        row.taken = True
    elif found.taken <= 0 and row.taken:
        ledger.reverse(reference, memo=_("Given back by the bank"), now=now)
        row.taken = False
    if found.fee > 0:
        fee = ledger.Entry(f"{reference}:fee", "stripe:fees", "stripe", found.fee * CENT, _("Stripe’s fee"), collection)
        ledger.post([fee], now=now)


def _move_top_up(top_up: TopUp, taken: bool, found: stripe_gateway.Dispute, now: datetime) -> bool:
    """What is contested of a top-up is off the household's balance, the whole or a part; whether it is gone now."""
    reference, amount = f"dispute:{found.id}", found.taken * CENT
    if amount > 0 and not taken and amount == top_up.amount.amount:
        return debits.take_back(top_up=top_up, why=found.reason, now=now)
    if amount > 0 and not taken:
        return debits.take_part_back(top_up=top_up, amount=amount, reference=reference, now=now)
    if amount > 0 or not taken:
        return taken
    if top_up.state == TopUp.State.RETURNED:
        debits.give_back(top_up=top_up, now=now)
    else:
        ledger.reverse(reference, memo=_("Given back by the bank"), now=now)
    return False


def _tell(row: Dispute, kind: str, now: datetime) -> None:
    """Every coordinator, once."""
    order, home = row.payment.order if row.payment else None, row.household
    notices.queue(
        Notice(
            kind=kind,
            key=f"{kind}:{row.stripe_id}:{member.pk}",
            member=member,
            collection=order.collection if order else None,
            due_at=now,
            data={
                "amount": notices.amount(member, row.amount),
                "household": home.name if home else "",
                "household_code": home.code if home else "",
                "won": row.state == State.WON,
                "until": row.due_by.isoformat() if row.due_by else "",
            },
        )
        for member in in_charge.coordinators()
    )


def _record(verb: str, row: Dispute, by: Member | None, now: datetime) -> None:
    household = row.household
    activity.record(
        verb=verb, subject=row.stripe_id, by=by, now=now, household=household, data={"amount": str(row.amount.amount)}
    )
