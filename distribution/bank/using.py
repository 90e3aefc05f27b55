"""Taking a line, or a part of it, to where it belongs, and back again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.models import BankLine, BankMatch
from hub import activity, ledger
from hub.models import Household, Member, Transfer
from hub.money import CENT, money
from hub.refusals import Refusal, the_first

Kind = BankMatch.Kind
ACCOUNTS = {
    Kind.LINKED: "bank",
    Kind.IGNORED: "bank",
    Kind.STRIPE: "stripe",
    Kind.FEES: "bank:fees",
    Kind.OTHER: "bank:other",
}


class BadUse(Refusal):
    """More than is left of the line, nothing at all, or no reason where one is needed."""

    code = "bad-use"
    status = 422


class SeenAtTheBank(Refusal):
    """A line of the bank tells of this movement: it is taken back there first."""

    code = "seen-at-the-bank"


@dataclass(frozen=True)
class Use:
    """What becomes of an amount of a line: a household, a movement of the books, or one of ACCOUNTS."""

    line: BankLine
    kind: BankMatch.Kind
    amount: Decimal
    household: int | None = None
    linked: int | None = None
    reason: str = ""
    key: str = ""
    number: int = 1

    @property
    def reference(self) -> str:
        return f"bank:{self.line.pk}:{self.number}"


def use(uses: Sequence[Use], *, by: Member | None, now: datetime) -> list[BankMatch]:
    """Post and write these uses, a fixed number of statements however many. The caller holds the lines' locks."""
    if not uses:
        return []
    codes = dict(
        Household.objects.filter(pk__in=[one.household for one in uses if one.household]).values_list("pk", "code")
    )
    ledger.post([_entry(one, codes) for one in uses], now=now, by=by)
    transfers = dict(
        Transfer.objects.filter(reference__in=[one.reference for one in uses]).values_list("reference", "pk")
    )
    return BankMatch.objects.bulk_create(
        BankMatch(
            line=one.line, number=one.number, key=one.key or one.reference, kind=one.kind, amount=money(one.amount),
            household_id=one.household, linked_id=one.linked, transfer_id=transfers[one.reference], reason=one.reason,
            at=now, by=by,
        )
        for one in uses
    )  # fmt: skip


def assign(
    *, line: BankLine, kind: str, key: str, by: Member, now: datetime, amount: Decimal | None = None,
    household: Household | None = None, reason: str = "",
) -> BankMatch:  # fmt: skip
    """A person says what a line, or `amount` of it, is; the same key again gives the first answer. Raises BadUse,
    AnotherFact."""
    with transaction.atomic():
        number, left = _locked(line)
        known = BankMatch.objects.filter(key=key).first()
        if known is not None:
            first = (known.line_id, known.kind, known.household_id, known.amount.amount if amount else None)
            return the_first(known, same=first == (line.pk, kind, household.pk if household else None, amount))
        wanted = left if amount is None else amount
        if not wanted.is_finite() or wanted != wanted.quantize(CENT) or not 0 < wanted <= left:
            raise BadUse(_("At most %(left)s of this line is left.") % {"left": money(left)}, left=str(left))
        if (
            kind not in (Kind.HOUSEHOLD, *ACCOUNTS)
            or kind == Kind.LINKED
            or (kind == Kind.HOUSEHOLD) != bool(household)
        ):
            raise BadUse(_("Choose what this line is."))
        if kind == Kind.IGNORED and not reason.strip():
            raise BadUse(_("Say why the line is left out."))
        made = use(
            [
                Use(line, Kind(kind), wanted, household=household.pk if household else None,
                    reason=reason.strip()[:200], key=key, number=number)
            ],
            by=by, now=now,
        )[0]  # fmt: skip
        _record("bank.assigned", made, household, by, now)
    return made


def link(*, line: BankLine, movements: Sequence[Transfer], key: str, by: Member, now: datetime) -> list[BankMatch]:
    """A person says that a line tells of movements that are in the books: one, or a run of payouts that the bank debits
    as one sum. The same key again gives the first answer. A fixed number of statements. Raises BadUse,
    AnotherFact."""
    with transaction.atomic():
        number, left = _locked(line)
        keys = [f"{key}:{one.pk}" for one in movements]
        known = list(BankMatch.objects.filter(key__startswith=f"{key}:"))
        if known:
            return the_first(known, same={one.key for one in known} == set(keys))
        amount = sum((one.amount.amount for one in movements), Decimal(0))
        if not movements or amount > left:
            raise BadUse(_("At most %(left)s of this line is left.") % {"left": money(left)}, left=str(left))
        _refuse_others(line, movements)
        uses = [
            Use(line, Kind.LINKED, one.amount.amount, linked=one.pk, key=keys[nth], number=number + nth)
            for nth, one in enumerate(movements)
        ]
        made = use(uses, by=by, now=now)
        _record("bank.linked", made[0], None, by, now)
    return made


def _refuse_others(line: BankLine, movements: Sequence[Transfer]) -> None:
    """Only movements of the bank, in the line's direction, that stand and that no other line tells of."""
    every = [one.pk for one in movements]
    side = "debit" if line.amount.amount > 0 else "credit"
    standing = Transfer.objects.filter(pk__in=every, reverses=None, reversed_by=None, **{f"{side}__code": "bank"})
    if standing.exclude(reference__startswith="bank:").count() != len(every):
        raise BadUse(_("This movement is not one of the bank’s, or was taken back."))
    if BankMatch.objects.filter(linked__in=every, undone_at=None).exists():
        raise BadUse(_("This movement belongs to another line of the bank already."))


def undo(*, match: BankMatch, by: Member, now: datetime) -> None:
    """Take an answer back: its amount waits again. Doing it twice changes nothing."""
    with transaction.atomic():
        locked = BankMatch.objects.select_for_update(of=("self",)).select_related("household").get(pk=match.pk)
        if locked.undone_at is not None:
            return
        memo = gettext("Taken back: the bank’s line is somebody else’s")
        ledger.reverse(f"bank:{locked.line_id}:{locked.number}", memo=memo, now=now, by=by)
        locked.undone_at, locked.undone_by = now, by
        locked.save(update_fields=["undone_at", "undone_by"])
        _record("bank.undone", locked, locked.household, by, now)


def refuse_if_seen(reference: str) -> None:
    """What the bank's own statement confirms is not simply taken back. Raises SeenAtTheBank."""
    if BankMatch.objects.filter(linked__reference=reference, undone_at=None).exists():
        raise SeenAtTheBank(_("The bank’s statement shows this movement. Detach its line under “Bank” first."))


def _locked(line: BankLine) -> tuple[int, Decimal]:
    """The number of the line's next use and what is left of it; the line is locked until the transaction ends."""
    locked = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    live = locked.matches.filter(undone_at=None).aggregate(used=Sum("amount"))["used"] or Decimal(0)
    last = locked.matches.aggregate(last=Max("number"))["last"] or 0
    return last + 1, abs(locked.amount.amount) - live


def _entry(one: Use, codes: dict[int, str]) -> ledger.Entry:
    account = f"household:{codes[one.household]}" if one.household else ACCOUNTS[one.kind]
    came_in = one.line.amount.amount > 0
    return ledger.Entry(
        reference=one.reference,
        debit="bank:unmatched" if came_in else account,
        credit=account if came_in else "bank:unmatched",
        amount=one.amount,
        memo=gettext("Bank, %(day)s") % {"day": one.line.day.isoformat()},
    )


def _record(verb: str, match: BankMatch, household: Household | None, by: Member | None, now: datetime) -> None:
    activity.record(
        verb=verb, subject=f"bank:{match.line_id}:{match.number}", by=by, now=now, household=household,
        data={"amount": str(match.amount.amount), "kind": match.kind},
    )  # fmt: skip
