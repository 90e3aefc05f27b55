"""What is held for whom, and where it lies, at the end of any day; and the trial balance behind it."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from distribution.books import chart
from hub.calendar import wall_to_utc
from hub.money import ZERO
from hub.refusals import Words

# Accounts of one kind are added up, those that owe apart from those that are owed: 200 000 households are two numbers.
BALANCES = """
    SELECT root, kind, balance < 0, sum(debits), sum(credits), sum(balance), count(*)
    FROM (SELECT CASE WHEN a.code = ANY(%(whole)s) THEN a.code ELSE split_part(a.code, ':', 1) END AS root, a.kind,
                 sum(m.debit) AS debits, sum(m.credit) AS credits, sum(m.credit - m.debit) AS balance
          FROM hub_account a
          JOIN (SELECT credit_id AS account_id, 0 AS debit, amount AS credit FROM hub_transfer WHERE occurred_at < %(ends)s
                UNION ALL
                SELECT debit_id, amount, 0 FROM hub_transfer WHERE occurred_at < %(ends)s) m ON m.account_id = a.id
          GROUP BY a.id) each
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
NAMES: dict[str, Words] = {
    "household": _("Households’ credit"),
    "producer": _("Farms, to be paid out"),
    "host": _("Points, the hosts’ part"),
    "deposits": _("Deposits on bottles and jars"),
    "clearing": _("Distributions being settled"),
    "hub": _("The cooperative’s part"),
    "hub:vat": _("VAT, owed to the state"),
    "bank": _("Bank"),
    "bank:unmatched": _("Came in at the bank, not claimed yet"),
    "bank:other": _("At the bank, but not about Cabas"),
    "bank:fees": _("Bank fees"),
    "cash": _("Cash boxes of the points"),
    "cash:differences": _("Differences found when counting"),
    "cheques": _("Cheques in hand"),
    "local": _("Local currency in hand"),
    "stripe": _("Stripe"),
    "stripe:fees": _("Stripe’s fees"),
    "disputes": _("Contested card payments"),
}
OWING: dict[str, Words] = {
    "household": _("Owed by households"),
    "producer": _("Owed by farms"),
    "host": _("Owed by points"),
    "bank:unmatched": _("Left the bank, not claimed yet"),
}


@dataclass(frozen=True)
class Sum:
    """The accounts of one kind on one side. `balance` is above zero when money is owed to them."""

    root: str
    kind: str
    debits: Decimal
    credits: Decimal
    balance: Decimal
    accounts: int

    @property
    def name(self) -> Words:
        if self.kind == "asset" and self.balance > 0:
            return gettext("%(account)s, below zero") % {"account": self.usual}
        return OWING.get(self.root, self.usual) if self.balance < 0 else self.usual

    @property
    def usual(self) -> Words:
        return NAMES.get(self.root, self.root)

    @property
    def number(self) -> str:
        return chart.heading(self.root).number

    @property
    def size(self) -> Decimal:
        return abs(self.balance)

    @property
    def debit(self) -> Decimal:
        return max(-self.balance, ZERO)

    @property
    def credit(self) -> Decimal:
        return max(self.balance, ZERO)


@dataclass(frozen=True)
class Overview:
    """The books at the end of a day. Both sides sum to `total`, the cooperative's own result among `owed`."""

    day: date
    sums: list[Sum]
    result: Decimal

    @property
    def held(self) -> list[Sum]:
        """Where the money lies, and who owes some."""
        return [one for one in self.sums if self._is_balance(one) and one.balance < 0]

    @property
    def owed(self) -> list[Sum]:
        """For whom it is held."""
        return [one for one in self.sums if self._is_balance(one) and one.balance > 0]

    @property
    def total(self) -> Decimal:
        return sum((one.size for one in self.held), ZERO) + max(-self.result, ZERO)

    @property
    def debits(self) -> Decimal:
        return sum((one.debits for one in self.sums), ZERO)

    @property
    def credits(self) -> Decimal:
        return sum((one.credits for one in self.sums), ZERO)

    @property
    def debit(self) -> Decimal:
        return sum((one.debit for one in self.sums), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((one.credit for one in self.sums), ZERO)

    @property
    def loss(self) -> Decimal:
        return max(-self.result, ZERO)

    @property
    def others(self) -> Decimal:
        """What belongs to somebody else than the cooperative."""
        return sum((one.size for one in self.owed), ZERO)

    @staticmethod
    def _is_balance(one: Sum) -> bool:
        return one.kind in ("asset", "liability")


def at(day: date) -> Overview:
    """The books at the end of a local day: one statement."""
    values: dict[str, Any] = {"whole": list(chart.CHART), "ends": wall_to_utc(day + timedelta(days=1), time(0))}
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, values)
        rows = [(root, kind, *figures) for root, kind, _owes, *figures in cursor]
    sums = sorted((Sum(*row) for row in rows), key=lambda one: (one.number, one.root, one.balance))
    result = sum((one.balance for one in sums if one.kind in ("income", "expense")), ZERO)
    return Overview(day, sums, result)
