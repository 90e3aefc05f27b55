"""The hand-over: what arrives, who collects what, what is missing, what it weighs, what is paid.

Every act is a `HandoverAction` whose id was made where it happened (a page or a tablet) and counts once. An act that an
older tablet sends late is kept and answered as a conflict; it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from distribution.acts import ACTS, Conflict, undo_action
from distribution.models import Arrival, Closing, HandoverAction
from hub import activity
from hub.models import Collection, Member
from hub.refusals import Refusal
from orders.models import Order, OrderLine
from producers.models import Producer

PERSONAL = ("by", "text", "note")
"""What an act may say in somebody's words; it goes when its household is erased."""


class NotUnderWay(Refusal):
    """The collection is not closed yet, is cancelled, or is confirmed already."""

    code = "not-under-way"


class AlreadyConfirmed(NotUnderWay):
    """Somebody said that the collection is over: nothing of it changes any more."""

    code = "already-confirmed"


class UnknownSubject(Refusal):
    """The order, line, producer or earlier act does not exist at this collection."""

    code = "unknown"
    status = 404


@dataclass(frozen=True)
class Act:
    """One thing done at the hand-over. `line` is the code of the packaging (with `.basket` or `.surplus` for a line
    that came in by another door); `data` depends on the kind:

    collected: `by` (who took it, may be empty) · short: `quantity`, `reason`, `note` · weighed: `grams`, `confirmed` ·
    paid: `amount` (text), `means`, `note` ·
    returned: `producer`, `deposit` (text), `quantity`, `elsewhere` · note: `text` · undo: `of` (id of an earlier act).
    """

    uid: UUID
    kind: str
    at: datetime
    order: str = ""
    line: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What became of an act. A refused one is not kept: it may be sent again, mended."""

    uid: UUID
    state: Literal["applied", "conflict", "refused"]
    refusal: Refusal | None = None


def apply(*, collection: Collection, actions: Sequence[Act], by: Member, now: datetime) -> list[Outcome]:
    """Apply a batch in the order it happened; each act once, however often it is sent. One answer per act.

    Raises NotUnderWay when the collection takes no acts at all.
    """
    with transaction.atomic():
        locked = under_way(collection)
        done = {action.uid: action for action in HandoverAction.objects.filter(uid__in=[act.uid for act in actions])}
        answers = {
            act.uid: _stored(done[act.uid]) if act.uid in done else _try(locked, act, by, now)
            for act in sorted(actions, key=lambda act: act.at)
        }
    return [answers[act.uid] for act in actions]


def act(*, collection: Collection, action: Act, by: Member, now: datetime) -> Outcome:
    """Apply one act. Raises the Refusal that a batch would have answered."""
    outcome = apply(collection=collection, actions=[action], by=by, now=now)[0]
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome


def arrive(*, collection: Collection, producer: Producer, by: Member, now: datetime, note: str = "") -> Arrival:
    """A producer's goods are there; saying so again changes nothing. Raises NotUnderWay, UnknownSubject."""
    with transaction.atomic():
        locked = under_way(collection)
        if not locked.lines.filter(producer=producer).exists():
            raise UnknownSubject(_("Nothing was ordered from this farm."))
        arrival, created = Arrival.objects.get_or_create(
            collection=locked, producer=producer, defaults={"arrived_at": now, "recorded_by": by, "note": note}
        )
        _begin(locked, now)
        if created:
            _record("producer.arrived", producer.code, locked, by, now, producer_code=producer.code)
    return arrival


def leave(*, collection: Collection, producer: Producer, by: Member, now: datetime) -> None:
    """Take an arrival back: it was another farm. Raises NotUnderWay."""
    with transaction.atomic():
        locked = under_way(collection)
        deleted, _models = Arrival.objects.filter(collection=locked, producer=producer).delete()
        if deleted:
            _record("producer.not-arrived", producer.code, locked, by, now, producer_code=producer.code)


def under_way(collection: Collection) -> Collection:
    """The collection, locked until the transaction ends and ready for acts: its lists are frozen, so that what is handed
    over has a number and nothing is counted any more. Raises NotUnderWay, AlreadyConfirmed."""
    locked = (
        Collection.objects.select_for_update(no_key=True, of=("self",)).select_related("point").get(pk=collection.pk)
    )
    if locked.status == Collection.Status.CONFIRMED:
        raise AlreadyConfirmed(_("This distribution is over and confirmed."))
    if locked.status not in (Collection.Status.CLOSED, Collection.Status.IN_PROGRESS):
        raise NotUnderWay(_("The hand-over begins once orders are closed."))
    if Closing.objects.filter(collection=locked, frozen_at=None).exists():
        raise NotUnderWay(_("The lists are not made yet. The hand-over begins once they are there."))
    return locked


def _begin(collection: Collection, now: datetime) -> None:
    if collection.status == Collection.Status.CLOSED:
        collection.move_to(Collection.Status.IN_PROGRESS, now)


def _stored(action: HandoverAction) -> Outcome:
    return Outcome(action.uid, "conflict" if "conflict" in action.data else "applied")


def _try(collection: Collection, act: Act, by: Member, now: datetime) -> Outcome:
    try:
        with transaction.atomic():
            return _apply(collection, act, by, now)
    except Refusal as refusal:
        return Outcome(act.uid, "refused", refusal)


def _apply(collection: Collection, act: Act, by: Member, now: datetime) -> Outcome:
    if act.kind not in HandoverAction.Kind.values:
        raise UnknownSubject(_("This kind of act does not exist."), kind=act.kind)
    order, line = _subject(collection, act)
    action = HandoverAction(
        uid=act.uid, collection=collection, order=order, line=line, kind=act.kind, data=dict(act.data),
        at=min(act.at, now), applied_at=now, by=by,
    )  # fmt: skip
    if act.kind == HandoverAction.Kind.UNDO:
        undo_action(_undone(collection, act), by=by, now=now)
    else:
        _perform(action, now)
    action.save()
    _begin(collection, now)
    _record(f"handover.{act.kind}", order.code if order else "", collection, by, now, data=_impersonal(action.data))
    return _stored(action)


def _impersonal(data: dict[str, Any]) -> dict[str, Any]:
    """What the journal, which forgets nothing, may keep of an act."""
    return {key: value for key, value in data.items() if key not in PERSONAL}


def _perform(action: HandoverAction, now: datetime) -> None:
    """Do what the act says; an older act than what is known is kept as a conflict."""
    try:
        ACTS[HandoverAction.Kind(action.kind)](action, now)
    except Conflict as conflict:
        action.data = {**action.data, "conflict": conflict.reason}


def _subject(collection: Collection, act: Act) -> tuple[Order | None, OrderLine | None]:
    if act.kind == HandoverAction.Kind.UNDO:
        return None, None
    order = (
        Order.objects.select_related("household")
        .filter(collection=collection, code=act.order, cancelled_at=None)
        .first()
    )
    if order is None:
        raise UnknownSubject(_("This order is not at this distribution."), order=act.order)
    order.collection = collection
    if act.kind not in (HandoverAction.Kind.SHORT, HandoverAction.Kind.WEIGHED):
        return order, None
    packaging, _dot, door = act.line.partition(".")
    line = OrderLine.objects.filter(order=order, packaging__code=packaging, kind=door or OrderLine.Kind.WEEKLY).first()
    if line is None:
        raise UnknownSubject(_("This line is not on the order."), line=act.line)
    return order, line


def _undone(collection: Collection, act: Act) -> HandoverAction:
    try:
        uid = UUID(str(act.data.get("of")))
    except ValueError as error:
        raise UnknownSubject(_("There is nothing to undo.")) from error
    found = (
        HandoverAction.objects.select_related("order__household", "line")
        .filter(collection=collection, uid=uid)
        .exclude(kind=HandoverAction.Kind.UNDO)
        .first()
    )
    if found is None:
        raise UnknownSubject(_("There is nothing to undo."))
    return found


def _record(verb: str, subject: str, collection: Collection, by: Member, now: datetime, **more: Any) -> None:
    activity.record(verb=verb, subject=subject or collection.code, by=by, now=now, collection=collection, **more)
