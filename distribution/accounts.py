"""A household's account as people read it: what is held or owed, every movement in plain words, what is on its way."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext as _
from djmoney.money import Money

from distribution import movements
from distribution.models import Receipt, Refund
from hub import format as say
from hub import ledger
from hub.models import Household
from hub.models.places import PaymentMethod
from hub.money import ZERO, money
from hub.ordering import alphabetical
from hub.refusals import Words
from orders import leaving
from orders.models import Order

SHOWN = 50
MOVEMENTS = """
    SELECT t.reference, t.memo, t.occurred_at, m.amount,
           sum(m.amount) OVER (ORDER BY t.occurred_at, t.id) AS balance,
           t.reverses_id IS NOT NULL, c.code, coalesce(b.name, ''),
           coalesce(p.means, ''), coalesce(p.key, ''), p.undone_at IS NOT NULL, coalesce(p.note, ''), l.day,
           coalesce(k.key, '')
    FROM hub_account a
    JOIN (SELECT id, credit_id AS account_id, amount FROM hub_transfer
          UNION ALL SELECT id, debit_id, -amount FROM hub_transfer) m ON m.account_id = a.id
    JOIN hub_transfer t ON t.id = m.id
    LEFT JOIN hub_collection c ON c.id = t.collection_id
    LEFT JOIN hub_collectionpoint b ON b.id = c.point_id
    LEFT JOIN orders_payment p ON t.reference LIKE 'payment:%%' AND p.key = substr(t.reference, 9)
    LEFT JOIN distribution_bankmatch u ON u.transfer_id = coalesce(t.reverses_id, t.id)
    LEFT JOIN distribution_bankline l ON l.id = u.line_id
    LEFT JOIN distribution_paidback k ON k.transfer_id = t.id AND k.undone_at IS NULL
    WHERE a.code = %s ORDER BY t.occurred_at DESC, t.id DESC LIMIT %s OFFSET %s
"""
OWING = """
    SELECT h.id, sum(m.amount) AS balance FROM hub_household h JOIN hub_account a ON a.household_id = h.id
    JOIN (SELECT credit_id AS account_id, amount FROM hub_transfer
          UNION ALL SELECT debit_id, -amount FROM hub_transfer) m ON m.account_id = a.id
    GROUP BY h.id HAVING sum(m.amount) < 0 ORDER BY balance, h.id LIMIT %s
"""


@dataclass(frozen=True)
class Movement:
    """One movement of an account. `amount` is above zero when money came in; `balance` is what was there afterwards.
    `payment` and `paid_back` are the key of what may still be taken back."""

    words: Words
    detail: str
    at: datetime
    amount: Money
    balance: Money
    collection: str
    payment: str
    paid_back: str


@dataclass(frozen=True)
class Account:
    """What a household reads about its money. `engaged` is what its orders that are not settled yet may cost at most,
    of those paid from the account; `leaving` is what was asked back and has not left yet."""

    household: Household
    balance: Money
    engaged: Money
    leaving: Money
    orders: list[Order]
    refunds: list[Refund]
    movements: list[Movement]
    more: bool
    receipts: list[Receipt]

    @property
    def owed(self) -> Money | None:
        """What the household owes, None when it owes nothing."""
        return -self.balance if self.balance.amount < 0 else None

    @property
    def left(self) -> Money:
        """What can still be ordered with, or what would be missing (below zero)."""
        return self.balance - self.engaged - self.leaving

    @property
    def may_be_paid_back(self) -> Decimal:
        """Of what is on the account, what is not on its way back already."""
        return max(Decimal(self.balance.amount) - Decimal(self.leaving.amount), ZERO)

    @property
    def choosing(self) -> list[Refund]:
        return [refund for refund in self.refunds if refund.choice == Refund.Choice.WAITING]

    @property
    def chosen(self) -> list[Refund]:
        return [refund for refund in self.refunds if refund.choice != Refund.Choice.WAITING]


def read(household: Household, *, page: int = 1) -> Account:
    """The account of a household: eight statements, `SHOWN` movements a page, the newest first."""
    orders = list(
        Order.objects.live()
        .filter(household=household, settled_at=None, collection__cancelled_at=None)
        .select_related("collection__point")
        .order_by("collection__starts_at", "pk")
    )
    engaged = sum((o.maximum_total.amount for o in orders if o.payment_method == PaymentMethod.ACCOUNT), ZERO)
    movements = _movements(household, page)
    return Account(
        household=household,
        balance=money(ledger.balance(ledger.household_account(household))),
        engaged=money(engaged),
        leaving=money(leaving.leaving(household)),
        orders=orders,
        refunds=list(
            Refund.objects.filter(household=household)
            .select_related("collection__point", "card_refund__payment__card")
            .order_by("-created_at", "-pk")
        ),
        movements=movements[:SHOWN],
        more=len(movements) > SHOWN,
        receipts=list(
            Receipt.objects.filter(household=household)
            .select_related("order", "collection__point")
            .defer("content")
            .order_by("-collection__starts_at", "-pk")[:SHOWN]
        ),
    )


def owing(limit: int = SHOWN) -> list[tuple[Household, Money]]:
    """The households that owe something, those that owe most first."""
    with connection.cursor() as cursor:
        cursor.execute(OWING, [limit])
        found = cursor.fetchall()
    homes = Household.objects.in_bulk([pk for pk, _balance in found])
    return [(homes[pk], money(balance)) for pk, balance in found]


def find(words: str, limit: int = SHOWN) -> list[tuple[Household, Money]]:
    """Households by name, code, a member's name or the beginning of their e-mail, accents ignored, with their balances.

    A code counts in pieces too: banks cut references.
    """
    found = Household.objects.filter(erased_at=None)
    whole = found.filter(code__iexact="".join(words.split()))
    for word in [] if whole.exists() else words.split():
        ids = Household.objects.filter(name__unaccent__icontains=word).values("pk")
        people = Household.objects.filter(members__last_name__unaccent__icontains=word).values("pk")
        first = Household.objects.filter(members__first_name__unaccent__icontains=word).values("pk")
        mail = Household.objects.filter(members__email__istartswith=word).values("pk")
        code = Household.objects.filter(code__iexact=word).values("pk")
        found = found.filter(pk__in=ids.union(people, first, mail, code))
    homes = list((whole or found).order_by(alphabetical(), "pk")[:limit])
    balances = ledger.balances(ledger.household_account(home) for home in homes)
    return [(home, money(balances[ledger.household_account(home)])) for home in homes]


def _movements(household: Household, page: int) -> list[Movement]:
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENTS, [ledger.household_account(household), SHOWN + 1, SHOWN * (page - 1)])
        rows = cursor.fetchall()
    return [_movement(*row) for row in rows]


def _movement(
    reference: str, memo: str, at: datetime, amount: Decimal, balance: Decimal, reverses: bool,
    collection: str | None, point: str, means: str, key: str, undone: bool, note: str, bank_day: date | None,
    paid_back: str,
) -> Movement:  # fmt: skip
    return Movement(
        words=movements.to_household(reference, memo, reverses, means, came_in=amount > 0),
        detail=" · ".join(filter(None, [point, note, _at_the_bank(bank_day)])),
        at=at,
        amount=money(amount),
        balance=money(balance),
        collection=collection or "",
        payment=key if key and not undone and not reverses else "",
        paid_back=paid_back,
    )


def _at_the_bank(day: date | None) -> str:
    return _("at the bank on %(day)s") % {"day": say.short_day(day)} if day else ""
