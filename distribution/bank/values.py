"""Amounts and days as French banks write them, and what a statement is made of once it is read."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from hub.money import CENT
from hub.refusals import Refusal

GREATEST = Decimal(100_000_000)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{1,2})?")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_NOT_PLAIN = re.compile(r"[^A-Z0-9]+")


class BadStatement(Refusal):
    """A file that is no bank statement we can read, or not of the cooperative's account. Nothing of it is kept."""

    code: ClassVar[str] = "bad-statement"
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class ReadLine:
    """A movement as the file tells it. `amount` is above zero for what came in; `balance` is the account's after it, where the
    file states one on each line."""

    day: date
    amount: Decimal
    label: str
    value_day: date | None = None
    party: str = ""
    party_iban: str = ""
    end_to_end: str = ""
    balance: Decimal | None = None


@dataclass(frozen=True)
class Statement:
    """A file as read. `account` is its IBAN where it names one; balances are None where it states none."""

    kind: str
    account: str
    opening: Decimal | None
    closing: Decimal | None
    lines: tuple[ReadLine, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))


def plain(text: str) -> str:
    """Capital letters and digits alone: what every bank leaves of a label, however it cuts and spaces it."""
    bare = unicodedata.normalize("NFKD", text.upper().replace("Œ", "OE").replace("Æ", "AE"))
    return _NOT_PLAIN.sub("", bare)


# The same in SQL, of what a line `l` says.
PLAIN = "regexp_replace(upper(unaccent(l.label || ' ' || l.end_to_end)), '[^A-Z0-9]', '', 'g')"


def words(text: str) -> str:
    """Lower case, without accents and signs, one space between words: as headings and balance lines are compared."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).split())


def amount(text: str) -> Decimal | None:
    """1 234,56 · 1.234,56 · −12,50 · 12,50- · (12,50) · 12,50 € · 1,234.56; None for an empty cell.

    Raises ValueError for what is no amount, and for 1.234 or 1,234, which may be either of two.
    """
    bare = re.sub(r"[\s\u00a0\u202f'’€]|EUR", "", text.replace("−", "-"), flags=re.IGNORECASE)
    if not bare:
        return None
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    if bare.endswith(("-", "+")):
        bare = bare[-1] + bare[:-1]
    number = _NUMBER.fullmatch(_with_a_point(bare))
    found = Decimal(number[0]) if number else GREATEST
    if abs(found) >= GREATEST:
        raise ValueError(text)
    return found.quantize(CENT)


def _with_a_point(bare: str) -> str:
    """The last of comma and point parts the cents, the other one thousands."""
    last = max(bare.rfind(","), bare.rfind("."))
    if last < 0:
        return bare
    whole, cents = bare[:last], bare[last + 1 :]
    groups = re.split(r"[.,]", whole)
    thousands = len(cents) == 3 and len(groups) > 1
    if (len(cents) > 2 or bare[last] in whole) and not thousands:
        return ""
    if any(len(group) != 3 for group in groups[1:]):
        return ""
    return "".join(groups) + (cents if len(cents) == 3 else f".{cents}" if cents else "")


def day(text: str) -> date | None:
    """dd/mm/yyyy, dd/mm/yy, with points or dashes, or yyyy-mm-dd; None for an empty cell. Raises ValueError."""
    bare = text.strip()
    if not bare:
        return None
    iso, french = _ISO_DAY.fullmatch(bare), _DAY.fullmatch(bare.split(" ")[0])
    year, month, number = (
        (iso[1], iso[2], iso[3]) if iso else (french[3], french[2], french[1]) if french else ("0",) * 3
    )
    try:
        found = date(int(year) + 2000 if len(year) == 2 else int(year), int(month), int(number))
    except ValueError as trouble:
        raise ValueError(text) from trouble
    if not 1990 <= found.year <= 2100:
        raise ValueError(text)
    return found


NOTHING_IN_IT = _("There is no movement in this file. Choose a longer period at the bank.")
