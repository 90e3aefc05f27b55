"""A bank's CSV file: some lines about the account, a row of headings, movements, balances here and there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext as _

from distribution.bank import columns, running, values
from distribution.bank.columns import Columns
from distribution.bank.values import BadStatement, ReadLine, Statement
from distribution.transfers import is_iban
from hub.spreadsheets import Row, Unreadable, delimited
from hub.spreadsheets.cells import MAX_ROWS

TOLD = 5  # errors told at once
LONGEST_LABEL = 500
SEPARATORS = ";\t,|"
_HINT = re.compile(r"\ufeff?\"?sep=.\"?\r?\n", re.IGNORECASE)
_WANTED = {
    "day": gettext_noop("a date"),
    "label": gettext_noop("a label"),
    "amount": gettext_noop("an amount, or a debit and a credit"),
}
_OPENING = re.compile(
    r"(?:ancien|precedent) solde.*|solde (?:initial|precedent|de depart|de debut|debut|d ouverture).*|opening balance.*"
)
_CLOSING = re.compile(
    r"nouveau solde.*|solde(?: (?:final|actuel|comptable|de fin|fin|de cloture|du compte|(?:en )?euros?))?"
    r"(?: (?:crediteur|debiteur))?(?: (?:au|en date) .*)?|closing balance.*"
)
_SUMS = re.compile(r"(?:sous )?tota(?:l|ux)(?: .*)?")
_UTF_8 = re.compile(rb"[\xc3\xc5][\x80-\xbf]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){10,30}")


def read(content: bytes) -> Statement:
    """The statement in a CSV file. Raises BadStatement with what is wrong, by row, and what to do about it."""
    rows, heading = _table(_text(content))
    found = _Table(columns.named(_texts(rows[heading])))
    for row in rows[:heading]:
        found.about_the_account(_texts(row))
    for row in rows[heading + 1 :]:
        found.take(row)
    if found.errors:
        raise BadStatement(" ".join(found.errors[:TOLD]), rows=len(found.errors))
    if not found.lines:
        raise BadStatement(values.NOTHING_IN_IT)
    opening, closing = found.balances()
    return Statement("csv", found.account, opening, closing, tuple(found.lines))


def _text(content: bytes) -> str:
    """Banks write UTF-8, else Windows' or the Web's Latin letters; capitals alone, which no statistics tell apart.
    Raises BadStatement for UTF-8 with broken letters among whole ones, and for what is no text."""
    try:
        if content.startswith(b"\xef\xbb\xbf") or b"\x00" in content[:400] or not _is_latin(content):
            return delimited.decode(content)[0]
        return content.decode("cp1252", "replace")
    except (Unreadable, UnicodeError) as trouble:
        raise BadStatement(_damaged()) from trouble


def _is_latin(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        whole = len(_UTF_8.findall(content))
        if whole > sum(byte > 127 for byte in content) - 2 * whole:
            raise
        return True
    return False


def _table(text: str) -> tuple[Sequence[Row], int]:
    """The rows, and which of them names the columns: the first with a date, a label and amounts. The separator is the
    one that gives such a row: commas within amounts tell nothing. Raises BadStatement."""
    body, lacking = _HINT.sub("", text, count=1), list(_WANTED)
    for separator in SEPARATORS:
        try:
            rows = delimited.read(f"sep={separator}\n{body}".encode(), "").sheets[0].rows
        except Unreadable as trouble:
            too_long = trouble.data.get("limit") == MAX_ROWS
            raise BadStatement(str(trouble) if too_long else _damaged()) from trouble
        for position, row in enumerate(rows[:60]):
            missing = columns.named(_texts(row)).missing()
            if not missing:
                return rows, position
            if len(missing) < len(lacking):
                lacking = missing
    said = ", ".join(gettext(_WANTED[name]) for name in lacking)
    raise BadStatement(
        _("We do not find these columns: %(columns)s. The file needs a row of headings such as Date, Libellé, Montant.")
        % {"columns": said}
    )


def _damaged() -> str:
    return _("The text of this file is damaged. Download it again from the bank, as CSV or as camt.053.")


@dataclass
class _Table:
    """The rows under the headings, as they are read."""

    columns: Columns
    account: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    lines: list[ReadLine] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def balances(self) -> tuple[Decimal | None, Decimal | None]:
        """Before and after: as stated in a row of their own, else by the balances beside the lines."""
        beside = running.ends(self.lines)
        if beside is None or self.opening is not None or self.closing is not None:
            return self.opening, self.closing
        return beside

    def about_the_account(self, cells: list[str]) -> None:
        """A row above the headings: the account's number, a balance."""
        for cell in cells:
            number = _IBAN.search(cell.upper())
            if number and is_iban(number[0]):
                self.account = number[0].replace(" ", "")
        self._is_balance(cells, in_table=False)

    def take(self, row: Row) -> None:
        """A movement, a balance, the rest of the label above, or nothing."""
        cells = _texts(row)
        if not any(cells) or self._is_balance(cells):
            return
        try:
            day, amount = values.day(self._cell(cells, "day")), self._amount(cells)
            label = self._label(cells)
            if day is None and amount is None and label and self.lines:
                last = self.lines[-1]
                self.lines[-1] = replace(last, label=f"{last.label} {label}"[:LONGEST_LABEL])
            elif day is None or amount is None:
                self.errors.append(self._incomplete(row.number, day is None))
            elif amount:
                self.lines.append(self._line(cells, day=day, amount=amount, label=label))
        except ValueError as trouble:
            said = {"row": row.number, "cell": str(trouble)[:40]}
            self.errors.append(_("Row %(row)s: “%(cell)s” is neither a day nor an amount that we can read.") % said)

    def _line(self, cells: list[str], **known: object) -> ReadLine:
        currency = self._cell(cells, "currency").upper()
        if currency not in ("", "EUR", "€", "EURO", "EUROS"):
            raise ValueError(currency)
        iban = self._cell(cells, "party_iban").replace(" ", "").upper()
        return ReadLine(
            value_day=values.day(self._cell(cells, "value")),
            party=self._cell(cells, "party")[:140],
            party_iban=iban if is_iban(iban) else "",
            balance=_maybe_amount(self._cell(cells, "balance")),
            **known,  # type: ignore[arg-type]
        )

    def _amount(self, cells: list[str]) -> Decimal | None:
        """What came in, above zero, or left. A debit is one whether or not the bank writes its sign."""
        if "amount" in self.columns.at:
            amount = values.amount(self._cell(cells, "amount"))
            sense = values.words(self._cell(cells, "sense"))
            return -abs(amount) if amount is not None and sense.startswith("d") else amount
        debit, credit = values.amount(self._cell(cells, "debit")), values.amount(self._cell(cells, "credit"))
        if debit and credit:
            raise ValueError(self._cell(cells, "credit"))
        return -abs(debit) if debit else credit if credit is not None else debit

    def _is_balance(self, cells: list[str], *, in_table: bool = True) -> bool:
        """Whether the row states a balance or a sum, which is then kept."""
        said = next((text for text in map(values.words, cells) if not text[:1].isdigit() and text), "")
        if _SUMS.fullmatch(said):
            return True
        is_opening, is_closing = bool(_OPENING.fullmatch(said)), bool(_CLOSING.fullmatch(said))
        if is_opening or is_closing:
            amount = self._balance(cells, overdrawn="debiteur" in said, in_table=in_table)
            if is_opening:
                self.opening = amount
            else:
                self.closing = amount
        return is_opening or is_closing

    def _balance(self, cells: list[str], *, overdrawn: bool, in_table: bool) -> Decimal | None:
        """The last amount of the row; what stands under "Débit" is below zero."""
        found = [
            (position, amount) for position, cell in enumerate(cells) if (amount := _maybe_amount(cell)) is not None
        ]
        if not found:
            return None
        position, amount = found[-1]
        under_debit = in_table and position == self.columns.at.get("debit")
        return -abs(amount) if overdrawn or under_debit else amount

    def _label(self, cells: list[str]) -> str:
        parts = [cells[position] for position in self.columns.labels if position < len(cells)]
        return " ".join(" ".join(dict.fromkeys(part for part in parts if part)).split())[:LONGEST_LABEL]

    def _cell(self, cells: list[str], name: str) -> str:
        position = self.columns.at.get(name, len(cells))
        return cells[position] if position < len(cells) else ""

    def _incomplete(self, number: int, no_day: bool) -> str:
        if no_day:
            return _("Row %(row)s has an amount and no day.") % {"row": number}
        return _("Row %(row)s has no amount: is the file complete?") % {"row": number}


def _maybe_amount(cell: str) -> Decimal | None:
    try:
        return None if "/" in cell else values.amount(cell)
    except ValueError:
        return None


def _texts(row: Row) -> list[str]:
    return [str(cell or "").replace("\u00a0", " ").replace("\u202f", " ").strip() for cell in row.cells]
