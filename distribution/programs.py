"""What programs say and see of the day, of sheets and of statements; public ids in place of row ids."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from distribution.handover import Act, Outcome
from distribution.models import Confirmation, Sheet, Statement
from hub.models import Collection
from hub.wire.problems import of_refusal
from hub.wire.shapes import Amount, Answer, Asked, AskedAmount, Instant, Moment, Problem, Truth, Whole, amount, one_of

OrderCode = Annotated[str, Field(max_length=20, description="code of the order", examples=["K7Q2MX"])]
LineId = Annotated[str, Field(max_length=40, description="id of the line's packaging")]


class SheetOut(Answer):
    """A frozen sheet; `content` is what its other formats are made of (docs/sheets.md has the columns)."""

    kind: str = one_of(Sheet.Kind.values)
    collection: str | None
    week: str
    producer: str | None
    version: int
    extracted_at: Instant
    sha256: str
    content: dict[str, Any]


class SheetListed(Answer):
    """A sheet that can be had, in its newest version."""

    kind: str = one_of(Sheet.Kind.values)
    producer: str | None
    version: int
    extracted_at: Instant
    sha256: str


class ActIn(Asked):
    """What all acts of a hand-over have: an id made on the device, and when it happened."""

    id: UUID
    at: Moment


class CollectedIn(ActIn):
    """Everything due and not missing of an order is handed over."""

    kind: Literal["collected"]
    order: OrderCode
    by: str = Field("", max_length=80, description="who took it")


class ShortIn(ActIn):
    """Packs of a line are missing: how many in all, 0 taking it back."""

    kind: Literal["short"]
    order: OrderCode
    line: LineId
    quantity: Whole = Field(ge=0, le=1000)
    reason: Literal["harvest", "forgotten", "broken", "quality", "lost", "other"] = "other"
    note: str = Field("", max_length=200)


class WeighedIn(ActIn):
    """What all packs of a line weigh together; more than three times the expected weight needs `confirmed`."""

    kind: Literal["weighed"]
    order: OrderCode
    line: LineId
    grams: Whole = Field(ge=1, le=10_000_000)
    confirmed: Truth = False


class PaidIn(ActIn):
    """Money is taken at the point."""

    kind: Literal["paid"]
    order: OrderCode
    amount: AskedAmount
    means: Literal["cash", "cheque", "transfer", "local"]
    note: str = Field("", max_length=100)


class NoteIn(ActIn):
    """A word about an order."""

    kind: Literal["note"]
    order: OrderCode
    text: str = Field(max_length=300)


class ReturnedIn(ActIn):
    """Bottles or jars of a farm came back: their deposits go to the household's account. More than the household has
    at home are refused unless they are said to be another one's (`elsewhere`)."""

    kind: Literal["returned"]
    order: OrderCode
    producer: str = Field(max_length=60, description="code of the farm")
    deposit: AskedAmount
    quantity: Whole = Field(ge=1, le=1000)
    elsewhere: Truth = False


class UndoIn(ActIn):
    """An earlier act is taken back."""

    kind: Literal["undo"]
    of: UUID


AnyAct = Annotated[
    CollectedIn | ShortIn | WeighedIn | PaidIn | NoteIn | ReturnedIn | UndoIn, Field(discriminator="kind")
]


def _different(acts: list[AnyAct]) -> list[AnyAct]:
    if len({one.id for one in acts}) < len(acts):
        raise ValueError("two acts have one id")
    return acts


class BatchIn(Asked):
    """Acts of a tablet, applied in the order they happened."""

    actions: Annotated[list[AnyAct], Field(max_length=500), AfterValidator(_different)]


class OutcomeOut(Answer):
    """What became of an act: `applied`, also when it was sent before; `conflict`, kept but older than what is known;
    `refused`, not kept, with the reason."""

    id: UUID
    state: str = one_of(["applied", "conflict", "refused"])
    problem: Problem | None


class BatchOut(Answer):
    """One answer per act, in the order they were sent."""

    answers: list[OutcomeOut]


class ConfirmationIn(Asked):
    """For each order that nobody collected, by its code, what became of it."""

    uncollected: dict[OrderCode, Literal["kept", "shared", "given", "farm"]] = Field(
        default_factory=dict, max_length=5000, examples=[{"K7Q2MX": "kept"}]
    )


class ConfirmationOut(Answer):
    """The word that a distribution is over."""

    collection: str
    confirmed_at: Instant
    confirmed_by: str
    uncollected: dict[str, str]


class StatementOut(Answer):
    """What a farm is owed for a week, and where its `payout` stands; null where nothing is to be paid."""

    number: str = Field(examples=["R-2026-0001"])
    producer: str
    week: str
    issued_at: Instant
    net: Amount
    payout: Literal["due", "in-run", "sent", "paid"] | None
    paid_at: Instant | None
    sha256: str


class StatementWhole(StatementOut):
    """A statement with its content: entries, VAT, a block per distribution."""

    content: dict[str, Any]


FIELDS = {
    "collected": ("by",), "short": ("quantity", "reason", "note"), "weighed": ("grams", "confirmed"),
    "paid": ("means", "note"), "note": ("text",),
    "returned": ("producer", "quantity", "elsewhere"), "undo": (),
}  # fmt: skip


def act(asked: AnyAct) -> Act:
    """An act as the hand-over takes it."""
    data = {name: getattr(asked, name) for name in FIELDS[asked.kind]}
    if isinstance(asked, PaidIn):
        data["amount"] = asked.amount.amount
    if isinstance(asked, ReturnedIn):
        data["deposit"] = asked.deposit.amount
    if isinstance(asked, UndoIn):
        data["of"] = str(asked.of)
    order, line = getattr(asked, "order", ""), getattr(asked, "line", "")
    return Act(uid=asked.id, kind=asked.kind, at=asked.at, order=order, line=line, data=data)


def batch_out(outcomes: Sequence[Outcome]) -> BatchOut:
    """What became of each act, in the order they were sent."""
    return BatchOut(answers=[_outcome_out(one) for one in outcomes])


def _outcome_out(one: Outcome) -> OutcomeOut:
    problem = Problem(**of_refusal(one.refusal)) if one.refusal else None
    return OutcomeOut(id=one.uid, state=one.state, problem=problem)


def confirmation_out(said: Confirmation, collection: Collection) -> ConfirmationOut:
    """The word that a collection is over."""
    return ConfirmationOut(
        collection=collection.code, confirmed_at=said.at, confirmed_by=said.by.full_name, uncollected=said.uncollected
    )


def sheet_out(sheet: Sheet, collection: Collection) -> SheetOut:
    """A sheet with its content."""
    return SheetOut(
        kind=sheet.kind, collection=collection.code if sheet.collection_id else None, week=sheet.week,
        producer=sheet.producer.code if sheet.producer else None, version=sheet.version,
        extracted_at=sheet.extracted_at, sha256=sheet.sha256, content=sheet.content,
    )  # fmt: skip


def sheet_listed(sheet: Sheet) -> SheetListed:
    """A sheet without its content."""
    return SheetListed(
        kind=sheet.kind, producer=sheet.producer.code if sheet.producer else None, version=sheet.version,
        extracted_at=sheet.extracted_at, sha256=sheet.sha256,
    )  # fmt: skip


def statement_out(one: Statement) -> StatementOut:
    """A statement's figures."""
    return StatementOut(**_statement(one))


def statement_whole(one: Statement) -> StatementWhole:
    """A statement's figures with its content as it was frozen."""
    return StatementWhole(**_statement(one), content=one.content)


def _statement(one: Statement) -> dict[str, Any]:
    payout = one.payout
    return {
        "number": one.number, "producer": one.producer.code, "week": one.week, "issued_at": one.issued_at,
        "net": amount(one.net), "payout": payout.state if payout else None, "paid_at": payout.paid_at if payout else None,
        "sha256": one.sha256,
    }  # fmt: skip
