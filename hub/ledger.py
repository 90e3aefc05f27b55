"""Posting, reversing and adding up: the only writer of `Transfer`.

A transfer moves an amount from the credited to the debited account. A household's account is a liability of the hub: its
balance is what the hub holds for it (credited) less what it has been billed (debited).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from hub.models import Account, Collection, Household, Member, Transfer
from hub.money import money
from hub.refusals import Refusal

# By code, else by what stands before the first colon. VAT collected on fees is owed to the state; `bank:unmatched` is
# what the bank's statement shows and nobody has said yet whose it is.
KINDS = {
    "household": Account.Kind.LIABILITY,
    "producer": Account.Kind.LIABILITY,
    "host": Account.Kind.LIABILITY,
    "deposits": Account.Kind.LIABILITY,
    "clearing": Account.Kind.LIABILITY,
    "bank": Account.Kind.ASSET,
    "bank:unmatched": Account.Kind.LIABILITY,
    "bank:fees": Account.Kind.EXPENSE,
    "cash": Account.Kind.ASSET,
    "cash:differences": Account.Kind.EXPENSE,
    "cheques": Account.Kind.ASSET,
    "local": Account.Kind.ASSET,
    "stripe": Account.Kind.ASSET,
    "stripe:fees": Account.Kind.EXPENSE,
    "disputes": Account.Kind.EXPENSE,
    "hub:vat": Account.Kind.LIABILITY,
    "hub": Account.Kind.INCOME,
}


class DifferentFact(Refusal):
    """A reference was posted before for another amount or other accounts."""

    code = "different-fact"


class PeriodClosed(Refusal):
    """The day of a movement is closed: it is booked on today, and its memo says when it happened."""

    code = "period-closed"


@dataclass(frozen=True)
class Entry:
    """One movement to post: codes of the two accounts, an amount above zero, a reference that names the fact."""

    reference: str
    debit: str
    credit: str
    amount: Decimal
    memo: str
    collection: Collection | None = None


def household_account(household: Household) -> str:
    """The code of a household's account."""
    return f"household:{household.code}"


def kind_of(code: str) -> Account.Kind:
    """What kind of account a code names. Raises KeyError for one that names none."""
    return KINDS[code] if code in KINDS else KINDS[code.partition(":")[0]]


def post(entries: Sequence[Entry], *, now: datetime, by: Member | None = None) -> None:
    """Post all entries or none. An entry posted before is left alone if it is the same fact.

    Six statements however many entries. Raises DifferentFact when a reference stands for something else already, and
    PeriodClosed when the day of `now` is closed.
    """
    with _open_day(), transaction.atomic():
        accounts = _accounts({code for entry in entries for code in (entry.debit, entry.credit)})
        Transfer.objects.bulk_create([_transfer(entry, accounts, now, by) for entry in entries], ignore_conflicts=True)
        stored = {
            row["reference"]: (row["debit"], row["credit"], row["amount"])
            for row in Transfer.objects.filter(reference__in=[entry.reference for entry in entries]).values(
                "reference", "debit", "credit", "amount"
            )
        }
        for entry in entries:
            if stored[entry.reference] != (accounts[entry.debit], accounts[entry.credit], entry.amount):
                raise DifferentFact(
                    _("This movement is in the books already, and it is a different one."), reference=entry.reference
                )


def reverse(reference: str, *, memo: str, now: datetime, by: Member | None = None) -> None:
    """Undo a transfer by one in the other direction. Doing it again changes nothing. Raises PeriodClosed."""
    with _open_day(), transaction.atomic():
        original = Transfer.objects.get(reference=reference)
        Transfer.objects.bulk_create(
            [
                Transfer(
                    reference=f"{reference}:reversed",
                    debit_id=original.credit_id,
                    credit_id=original.debit_id,
                    amount=original.amount,
                    memo=memo,
                    occurred_at=now,
                    collection_id=original.collection_id,
                    reverses=original,
                    by=by,
                )
            ],
            ignore_conflicts=True,
        )


@contextmanager
def _open_day() -> Iterator[None]:
    """What the database says of a closed day, as a sentence for people."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", "") == "hub_transfer_open_day":
            raise PeriodClosed(_("That day is closed: it receives no movement any more.")) from error
        raise


def balance(code: str) -> Decimal:
    """What is on an account: credits less debits for liabilities and income, debits less credits for assets."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT CASE WHEN a.kind IN ('asset', 'expense') THEN -1 ELSE 1 END
                    * (coalesce((SELECT sum(amount) FROM hub_transfer WHERE credit_id = a.id), 0)
                     - coalesce((SELECT sum(amount) FROM hub_transfer WHERE debit_id = a.id), 0))
               FROM hub_account a WHERE a.code = %s""",
            [code],
        )
        row = cursor.fetchone()
    return Decimal(row[0]) if row else Decimal("0.00")


def balances(codes: Iterable[str]) -> dict[str, Decimal]:
    """The balances of many accounts in one statement; an account nobody used yet has none and counts as zero."""
    wanted = list(codes)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, sum(CASE WHEN a.kind IN ('asset', 'expense') THEN -m.amount ELSE m.amount END)
               FROM hub_account a
               JOIN (SELECT credit_id AS account_id, amount FROM hub_transfer
                     UNION ALL SELECT debit_id, -amount FROM hub_transfer) m ON m.account_id = a.id
               WHERE a.code = ANY(%s) GROUP BY a.code""",
            [wanted],
        )
        found = {code: Decimal(amount) for code, amount in cursor.fetchall()}
    return {code: found.get(code, Decimal("0.00")) for code in wanted}


def trial_balance() -> Decimal:
    """All debits less all credits, read from the accounts' side. It is zero, always."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(d), 0) - coalesce(sum(c), 0) FROM (
                   SELECT (SELECT sum(amount) FROM hub_transfer WHERE debit_id = a.id) AS d,
                          (SELECT sum(amount) FROM hub_transfer WHERE credit_id = a.id) AS c
                   FROM hub_account a) sums"""
        )
        return Decimal(cursor.fetchone()[0])


def _accounts(codes: set[str]) -> dict[str, int]:
    """Ids by code, making the accounts that nobody used yet."""
    households = {code.partition(":")[2] for code in codes if code.startswith("household:")}
    owners = dict(Household.objects.filter(code__in=households).values_list("code", "pk")) if households else {}
    rows = [
        Account(code=code, name=code, kind=kind_of(code), household_id=owners.get(code.partition(":")[2]))
        for code in sorted(codes)
    ]
    Account.objects.bulk_create(rows, ignore_conflicts=True)
    return dict(Account.objects.filter(code__in=codes).values_list("code", "pk"))


def _transfer(entry: Entry, accounts: dict[str, int], now: datetime, by: Member | None) -> Transfer:
    return Transfer(
        reference=entry.reference,
        debit_id=accounts[entry.debit],
        credit_id=accounts[entry.credit],
        amount=money(entry.amount),
        memo=entry.memo,
        occurred_at=now,
        collection=entry.collection,
        by=by,
    )
