"""What each kind of act of the hand-over changes, and how it is taken back. handover.py calls it in its transaction."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from distribution import containers, replaying
from distribution.bank import using
from distribution.boxes import depositing
from distribution.models import Handover, HandoverAction, Shortage
from hub.models import Member
from hub.refusals import Refusal
from orders import payments
from orders.models import Order, OrderLine, Payment

Kind = HandoverAction.Kind
HEAVY = 3  # times what was expected: a slip of the finger, unless said twice
GREATEST_WEIGHT = 10_000_000


class Conflict(Exception):
    """The act is older than what is known, or says what was said already."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooHeavy(Refusal):
    """The weight is more than three times what was expected, and was not said twice."""

    code = "too-heavy"
    status = 422


class NotWeighed(Refusal):
    """The line is not sold by weight, or nothing of it is left to weigh."""

    code = "not-weighed"
    status = 422


class BadQuantity(Refusal):
    """A quantity, weight, reason or means does not make sense."""

    code = "bad-quantity"
    status = 422


def collect(action: HandoverAction, now: datetime) -> None:
    """Everything due and not missing is handed over, in one statement for all lines."""
    order = _order(action)
    if Handover.objects.filter(order=order).exists():
        raise Conflict("collected")
    Handover.objects.create(
        order=order,
        collection=action.collection,
        collected_at=action.at,
        collected_by=str(action.data.get("by", ""))[:80],
        note=_latest_note(action),
        recorded_by=action.by,
    )
    replaying.set_delivered(order.pk)


def short(action: HandoverAction, now: datetime) -> None:
    """Packs of a line are missing. `quantity` is how many in all; 0 says that none is."""
    line = _line(action)
    quantity, reason = _whole(action.data.get("quantity")), action.data.get("reason", "")
    if quantity > line.due:
        raise BadQuantity(_("No more can be missing than was due."), due=line.due)
    if quantity and reason not in Shortage.Reason.values:
        raise BadQuantity(_("Choose a reason."), reason=reason)
    _refuse_older(action)
    replaying.replay(line, newest=action)


def weigh(action: HandoverAction, now: datetime) -> None:
    """What all packs of a line weigh together, in grams."""
    line = _line(action)
    grams = _whole(action.data.get("grams"))
    weighed = replaying.weighed_packs(line)
    packs = weighed["packs"]
    if not line.weighed or packs < 1:
        raise NotWeighed(_("This line is not weighed."))
    if not 0 < grams <= GREATEST_WEIGHT:
        raise BadQuantity(_("Give a weight in grams, above zero."))
    if grams > HEAVY * line.content * packs and not action.data.get("confirmed"):
        raise TooHeavy(
            _("That is more than three times what was expected. Enter it again if it is right."),
            grams=grams, expected=line.content * packs,
        )  # fmt: skip
    _refuse_older(action)
    action.data = {**action.data, **weighed}
    replaying.replay(line, newest=action)


def pay(action: HandoverAction, now: datetime) -> None:
    """Money is taken at the point."""
    order = _order(action)
    try:
        amount = Decimal(str(action.data.get("amount")))
    except InvalidOperation as error:
        raise payments.BadAmount(_("Give an amount.")) from error
    if action.data.get("means") not in Payment.Means.values:
        raise BadQuantity(_("Choose how it was paid."))
    payments.receive(
        household=order.household,
        amount=amount,
        means=action.data["means"],
        key=f"handover:{action.uid}",
        received_by=action.by,
        now=now,
        order=order,
        point=action.collection.point,
        note=str(action.data.get("note", ""))[:100],
    )


def note(action: HandoverAction, now: datetime) -> None:
    """A word about the order, seen by whoever hands over."""
    Handover.objects.filter(order=action.order).update(note=str(action.data.get("text", ""))[:300])


def take_containers(action: HandoverAction, now: datetime) -> None:
    """Bottles and jars came back: the household has their deposits again."""
    try:
        deposit = Decimal(str(action.data.get("deposit")))
    except InvalidOperation as error:
        raise containers.NoSuchContainer(_("Choose what came back.")) from error
    containers.take_back(
        household=_order(action).household,
        collection=action.collection,
        producer=str(action.data.get("producer", "")),
        deposit=deposit,
        count=_whole(action.data.get("quantity")),
        elsewhere=bool(action.data.get("elsewhere")),
        key=str(action.uid),
        by=action.by,
        now=now,
    )


ACTS: dict[Kind, Callable[[HandoverAction, datetime], None]] = {
    Kind.COLLECTED: collect,
    Kind.SHORT: short,
    Kind.WEIGHED: weigh,
    Kind.PAID: pay,
    Kind.NOTE: note,
    Kind.RETURNED: take_containers,
}


def undo_action(action: HandoverAction, *, by: Member, now: datetime) -> None:
    """Put back what was before an act. Undoing twice, or a conflict that changed nothing, changes nothing."""
    if action.undone_at is not None:
        return
    action.undone_at = now
    action.save(update_fields=["undone_at"])
    if "conflict" in action.data:
        return
    match Kind(action.kind):
        case Kind.COLLECTED:
            Handover.objects.filter(order=action.order).delete()
            OrderLine.objects.filter(order=action.order).update(delivered=None)
        case Kind.SHORT | Kind.WEIGHED:
            replaying.replay(_line(action))
        case Kind.PAID:
            _take_payment_back(Payment.objects.get(key=f"handover:{action.uid}"), by, now)
        case Kind.NOTE:
            Handover.objects.filter(order=action.order).update(note=_latest_note(action))
        case Kind.RETURNED:
            containers.undo(key=str(action.uid), by=by, now=now)
        case Kind.UNDO:
            raise AssertionError("an undo is not undone")


def _take_payment_back(payment: Payment, by: Member, now: datetime) -> None:
    using.refuse_if_seen(f"payment:{payment.key}")
    depositing.refuse_if_carried(payment)
    payments.undo(payment=payment, by=by, now=now)


def _order(action: HandoverAction) -> Order:
    if action.order is None:
        raise ValueError("this act needs an order")
    return action.order


def _line(action: HandoverAction) -> OrderLine:
    """The line as it is now, locked until the transaction ends."""
    line = action.line
    if line is None:
        raise ValueError("this act needs a line")
    return OrderLine.objects.select_for_update(no_key=True, of=("self",)).get(pk=line.pk)


def _whole(value: Any) -> int:
    """A whole number from JSON or a form. Raises BadQuantity."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadQuantity(_("Give a whole number."), value=text[:20])
    return int(text)


def _refuse_older(action: HandoverAction) -> None:
    """A later act on the same line stands, whichever tablet was first to reach us."""
    later = HandoverAction.objects.filter(line=action.line, kind=action.kind, undone_at=None, at__gt=action.at)
    if later.exists():
        raise Conflict("older")


def _latest_note(action: HandoverAction) -> str:
    notes = HandoverAction.objects.filter(order=action.order, kind=Kind.NOTE, undone_at=None).order_by("-at", "-pk")
    latest = notes.values_list("data", flat=True).first()
    return str(latest.get("text", ""))[:300] if latest else ""
