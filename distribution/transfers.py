"""Transfers to type at the bank: to the farms and points of runs by hand, and to households that asked for their money back."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from djmoney.money import Money

from distribution.models import Payout, PayoutRun, Refund
from hub.money import ZERO, money
from hub.spreadsheets import Column, write_csv

COLUMNS = (
    Column("nature", width=14),
    Column("beneficiaire", width=30),
    Column("iban", width=34),
    Column("bic", width=12),
    Column("montant", "amount"),
    Column("libelle", width=30),
)


@dataclass(frozen=True)
class Transfer:
    """One transfer to type at the bank. `account` is an IBAN, or what a household wrote; "" where none was given."""

    kind: str
    to: str
    account: str
    bic: str
    amount: Money
    label: str

    @property
    def is_iban(self) -> bool:
        return is_iban(self.account)


def of_runs() -> list[Payout]:
    """Payouts that were taken into a run by hand and are not made yet, the oldest first."""
    every = Payout.objects.filter(state=Payout.State.IN_RUN, run__rail=PayoutRun.Rail.HAND)
    return list(every.with_payees().order_by("run", "pk"))


def to_households() -> list[Refund]:
    """Refunds that were asked for, are not paid yet and do not go back to a card by themselves."""
    return list(Refund.objects.by_transfer().select_related("household", "collection__point", "card_refund"))


def to_cards() -> list[Refund]:
    """Refunds on their way back to a card: nothing to type."""
    waiting = Refund.objects.on_the_way_to_cards()
    return list(waiting.select_related("household", "collection__point", "card_refund__payment__card"))


def to_make() -> list[Transfer]:
    """All of them, as the bank wants to know them."""
    return [*map(of_payout, of_runs()), *map(_of_refund, to_households())]


def total(amounts: list[Money]) -> Money:
    """Their sum."""
    return money(sum((Decimal(one.amount) for one in amounts), ZERO))


def as_csv(transfers: list[Transfer]) -> bytes:
    """The list for a spreadsheet or a bank's import."""
    return write_csv(
        list(COLUMNS), [[one.kind, one.to, one.account, one.bic, one.amount.amount, one.label] for one in transfers]
    )


def is_iban(text: str) -> bool:
    """Whether a text is an account number whose check digits are right (ISO 13616)."""
    plain = "".join(text.split()).upper()
    if not (15 <= len(plain) <= 34 and plain.isascii() and plain.isalnum() and plain[:2].isalpha()):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def of_payout(payout: Payout) -> Transfer:
    """The transfer of a payout, to the account written down when its run was started; before that, to the one its payee has."""
    now = payout.account
    iban, bic = (now.iban, now.bic) if now and not payout.run_id else (payout.iban, payout.bic)
    return Transfer(_("payout"), payout.holder, iban, bic, payout.amount, payout.number)


def _of_refund(refund: Refund) -> Transfer:
    label = f"{refund.household.code} {refund.collection.code}"
    return Transfer(_("refund"), refund.household.name, refund.send_to, "", refund.amount, label)
