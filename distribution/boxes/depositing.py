"""Carrying to the bank: cash and local currency of a box, a slip of cheques; and a cheque the bank sends back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution import telling_money
from distribution.bank import using
from distribution.boxes import counting
from distribution.boxes.refusals import NoSuchCheque, NotInTheBox, OnASlip
from distribution.models import BankDeposit, BouncedCheque, CashCount, DepositedCheque
from hub import activity, calendar, ledger, locks
from hub.models import CollectionPoint, Member, Transfer
from hub.money import CENT, money
from hub.numbering import next_number
from hub.refusals import the_first
from orders.models import Payment

Kind = BankDeposit.Kind


def deposit(
    *, point: CollectionPoint, means: str, amount: Decimal, key: str, by: Member, now: datetime, note: str = ""
) -> BankDeposit:
    """Cash was paid in, or local currency exchanged at par. The same key again gives the first. Raises NotInTheBox,
    AnotherFact."""
    with transaction.atomic():
        locks.own_box(point.pk)
        known = BankDeposit.objects.filter(key=key).first()
        if known is not None:
            return the_first(known, same=(known.point_id, known.kind, known.amount.amount) == (point.pk, means, amount))
        held = ledger.balance(counting.account(means, point))
        if not amount.is_finite() or amount != amount.quantize(CENT) or not 0 < amount <= held:
            raise NotInTheBox(_("The box holds %(held)s.") % {"held": money(max(held, Decimal(0)))}, held=str(held))
        return _deposit(Kind(means), counting.account(means, point), amount, key, by, now, point=point, note=note)


def in_hand() -> QuerySet[Payment]:
    """Cheques that were received and are on no slip, the oldest first."""
    on_slip = DepositedCheque.objects.filter(payment=OuterRef("pk"), undone_at=None)
    cheques = Payment.objects.filter(means=Payment.Means.CHEQUE, undone_at=None).exclude(Exists(on_slip))
    return cheques.select_related("household", "point").order_by("received_at", "pk")


def hand_in(*, cheques: Sequence[str], key: str, by: Member, now: datetime) -> BankDeposit:
    """A numbered slip of these cheques (their keys). The same key again gives the first slip. Raises NoSuchCheque,
    AnotherFact."""
    with transaction.atomic():
        known = BankDeposit.objects.filter(key=key).first()
        wanted = set(cheques)
        if known is not None:
            return the_first(known, same=set(known.cheques.values_list("payment__key", flat=True)) == wanted)
        chosen = list(in_hand().filter(key__in=wanted).select_for_update(of=("self",)))
        if not chosen or len(chosen) != len(wanted):
            raise NoSuchCheque(
                _("Choose cheques that are in hand: one of these is on a slip already, or was taken back.")
            )
        amount = sum((one.amount.amount for one in chosen), Decimal("0.00"))
        made = _deposit(Kind.CHEQUES, "cheques", amount, key, by, now)
        DepositedCheque.objects.bulk_create(DepositedCheque(deposit=made, payment=one) for one in chosen)
    return made


def undo(*, deposit: BankDeposit, by: Member, now: datetime) -> None:
    """It was not carried to the bank after all. Raises SeenAtTheBank, and OnASlip when one of its cheques bounced."""
    with transaction.atomic():
        locked = BankDeposit.objects.select_for_update(of=("self",)).select_related("point").get(pk=deposit.pk)
        if locked.undone_at is not None:
            return
        using.refuse_if_seen(f"deposit:{locked.number}")
        if BouncedCheque.objects.filter(payment__deposited__deposit=locked, undone_at=None).exists():
            raise OnASlip(_("A cheque of this slip has bounced: the bank has it."))
        ledger.reverse(f"deposit:{locked.number}", memo=gettext("Deposit taken back"), now=now, by=by)
        locked.cheques.filter(undone_at=None).update(undone_at=now, undone_by=by)
        locked.undone_at, locked.undone_by = now, by
        locked.save(update_fields=["undone_at", "undone_by"])
        _record("deposit.undone", locked, by, now)


def bounce(*, payment: Payment, key: str, by: Member, now: datetime, reason: str = "") -> BouncedCheque:
    """The bank has not paid a cheque that was handed in: its household owes it again, and is told. The same key again
    gives the first answer. Raises NoSuchCheque, AnotherFact."""
    with transaction.atomic():
        cheque = Payment.objects.select_for_update(of=("self",)).select_related("household").get(pk=payment.pk)
        known = BouncedCheque.objects.filter(key=key).first()
        if known is not None:
            return the_first(known, same=known.payment_id == cheque.pk)
        handed_in = DepositedCheque.objects.filter(payment=cheque, undone_at=None).exists()
        if not handed_in or BouncedCheque.objects.filter(payment=cheque, undone_at=None).exists():
            raise NoSuchCheque(_("Only a cheque that was handed in can bounce, and once."))
        reference = f"bounced:{key}"
        home = ledger.household_account(cheque.household)
        ledger.post(
            [ledger.Entry(reference, home, "bank", cheque.amount.amount, gettext("Cheque not paid by the bank"))],
            now=now, by=by,
        )  # fmt: skip
        made = BouncedCheque.objects.create(
            payment=cheque, reason=reason.strip()[:200], key=key, at=now, by=by,
            transfer=Transfer.objects.get(reference=reference),
        )  # fmt: skip
        activity.record(
            verb="cheque.bounced", subject=cheque.household.code, by=by, now=now, household=cheque.household,
            data={"amount": str(cheque.amount.amount)},
        )  # fmt: skip
        telling_money.bounced(made, now=now)
    return made


def undo_bounce(*, bounced: BouncedCheque, by: Member, now: datetime) -> None:
    """The bank has paid it after all. Doing it again changes nothing. Raises SeenAtTheBank."""
    with transaction.atomic():
        locked = (
            BouncedCheque.objects.select_for_update(of=("self",))
            .select_related("payment__household")
            .get(pk=bounced.pk)
        )
        if locked.undone_at is not None:
            return
        using.refuse_if_seen(f"bounced:{locked.key}")
        ledger.reverse(f"bounced:{locked.key}", memo=gettext("The cheque is paid after all"), now=now, by=by)
        locked.undone_at, locked.undone_by = now, by
        locked.save(update_fields=["undone_at", "undone_by"])
        home = locked.payment.household
        activity.record(verb="cheque.not-bounced", subject=home.code, by=by, now=now, household=home)


def refuse_if_carried(payment: Payment) -> None:
    """A cheque that is at the bank is not simply taken back, nor cash that its box no longer holds. In the transaction that
    takes it back. Raises OnASlip, NotInTheBox."""
    slip = DepositedCheque.objects.filter(payment=payment, undone_at=None).select_related("deposit").first()
    if slip is not None:
        raise OnASlip(
            _("This cheque is on slip %(number)s: say there that it bounced, or take the slip back.")
            % {"number": slip.deposit.number}
        )
    if payment.means in CashCount.Means.values and payment.point is not None and payment.undone_at is None:
        locks.own_box(payment.point.pk)
        held = max(ledger.balance(counting.account(payment.means, payment.point)), Decimal(0))
        if payment.amount.amount > held:
            raise NotInTheBox(
                _(
                    "The box of %(point)s holds %(held)s: this money was carried to the bank. Take that deposit back, or give"
                    " the money back by transfer."
                )
                % {"point": payment.point.name, "held": money(held)},
                held=str(held),
            )


def _deposit(
    kind: BankDeposit.Kind, account: str, amount: Decimal, key: str, by: Member, now: datetime,
    point: CollectionPoint | None = None, note: str = "",
) -> BankDeposit:  # fmt: skip
    year = calendar.local_date(now).year
    number = f"D-{year}-{next_number(kind='deposit', issuer='hub', year=year):04d}"
    memo = gettext("Paid in at the bank, %(number)s") % {"number": number}
    ledger.post([ledger.Entry(f"deposit:{number}", "bank", account, amount, memo)], now=now, by=by)
    made = BankDeposit.objects.create(
        number=number, kind=kind, point=point, amount=money(amount), note=note.strip()[:200], key=key, at=now, by=by,
        transfer=Transfer.objects.get(reference=f"deposit:{number}"),
    )  # fmt: skip
    _record("deposit.made", made, by, now)
    return made


def _record(verb: str, deposit: BankDeposit, by: Member, now: datetime) -> None:
    activity.record(
        verb=verb, subject=deposit.number, by=by, now=now,
        data={"amount": str(deposit.amount.amount), "kind": deposit.kind},
    )  # fmt: skip
