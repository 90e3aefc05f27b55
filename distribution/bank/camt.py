"""camt.053, the bank's statement in XML (ISO 20022, versions 001.02 and 001.08)."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from lxml import etree

from distribution.bank import values
from distribution.bank.values import BadStatement, ReadLine, Statement

VERSIONS = ("001.02", "001.08")
MOST = 20_000
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.\d{3})\.(\d{3}\.\d{2})")
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read(content: bytes) -> Statement:
    """The statement in a camt.053 file. Nothing outside the file is ever read. Raises BadStatement."""
    root = _parsed(content)
    statements = root.findall("{*}BkToCstmrStmt/{*}Stmt")
    accounts = {_text(one, "Acct/Id/IBAN") or _text(one, "Acct/Id/Othr/Id") for one in statements}
    if len(accounts) > 1:
        raise BadStatement(_("This file tells of several accounts. Download the cooperative’s account alone."))
    try:
        lines = [line for one in statements for line in _lines(one)]
        opening = _balance(statements[0], _OPENING) if statements else None
        closing = _balance(statements[-1], _CLOSING) if statements else None
    except (ValueError, InvalidOperation) as trouble:
        raise BadStatement(
            _("An entry of this file has no day or no amount that we can read: is the file complete?")
        ) from trouble
    if not lines:
        raise BadStatement(values.NOTHING_IN_IT)
    if len(lines) > MOST:
        raise BadStatement(_("This file has more than 20,000 movements. Choose a shorter period at the bank."))
    return Statement("camt", accounts.pop(), opening, closing, tuple(lines))


def _parsed(content: bytes) -> etree._Element:
    """The root of a camt.053. No entity is expanded, no network asked, no document type taken."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as trouble:
        raise BadStatement(_("This XML file is damaged or cut off. Download it again from the bank.")) from trouble
    if root.getroottree().docinfo.internalDTD is not None:
        raise BadStatement(_("This XML file defines its own words, which no bank’s statement does. We do not read it."))
    namespace = _NAMESPACE.fullmatch(etree.QName(root).namespace or "")
    if namespace is None or namespace[1] != "camt.053":
        raise BadStatement(_("This XML file is no bank statement. Download the movements as camt.053 or as CSV."))
    if namespace[2] not in VERSIONS:
        said = {"version": f"camt.053.{namespace[2]}"}
        raise BadStatement(_("We read camt.053.001.02 and camt.053.001.08; this file is %(version)s.") % said)
    return root


def _lines(statement: etree._Element) -> Iterator[ReadLine]:
    """Its booked entries; an entry that sums up several payments, and tells each amount, as these payments."""
    for entry in statement.iterfind("{*}Ntry"):
        if (_text(entry, "Sts/Cd") or _text(entry, "Sts")) not in ("BOOK", ""):
            continue
        amount, details = _signed(entry), entry.findall("{*}NtryDtls/{*}TxDtls")
        amounts = [_part(one, amount) for one in details]
        if len(details) > 1 and None not in amounts and sum(filter(None, amounts), Decimal(0)) == amount:
            yield from (_line(entry, one, part) for one, part in zip(details, amounts, strict=True) if part)
        elif amount:
            yield _line(entry, details[0] if len(details) == 1 else None, amount)


def _line(entry: etree._Element, details: etree._Element | None, amount: Decimal) -> ReadLine:
    label, party, iban, reference = _text(entry, "AddtlNtryInf"), "", "", ""
    if details is not None:
        side = "Dbtr" if amount > 0 else "Cdtr"
        party = _text(details, f"RltdPties/{side}/Nm") or _text(details, f"RltdPties/{side}/Pty/Nm")
        iban = _text(details, f"RltdPties/{side}Acct/Id/IBAN")
        reference = _text(details, "Refs/EndToEndId").replace("NOTPROVIDED", "")
        told = [text.text or "" for text in details.iterfind("{*}RmtInf/{*}Ustrd")]
        told.append(_text(details, "RmtInf/Strd/CdtrRefInf/Ref"))
        label = " ".join(" ".join([*told, _text(details, "AddtlTxInf") or label]).split()) or label
    return ReadLine(
        day=_day(entry, "BookgDt") or _day(entry, "ValDt") or _nothing(),
        value_day=_day(entry, "ValDt"),
        amount=amount,
        label=(label or party or reference)[:500],
        party=party[:140],
        party_iban=iban[:34],
        end_to_end=reference[:35],
    )


def _signed(element: etree._Element) -> Decimal:
    amount = element.find("{*}Amt")
    sense = _text(element, "CdtDbtInd")
    if amount is None or amount.get("Ccy") != "EUR" or sense not in ("CRDT", "DBIT"):
        raise ValueError("amount")
    found = values.amount(amount.text or "")
    return (found or Decimal(0)) * (1 if sense == "CRDT" else -1)


def _part(details: etree._Element, whole: Decimal) -> Decimal | None:
    """The amount of one payment of an entry, with the entry's sign; None where the file does not tell it."""
    text = _text(details, "AmtDtls/TxAmt/Amt") or _text(details, "Amt")
    found = values.amount(text)
    return None if found is None else found if whole > 0 else -found


def _balance(statement: etree._Element, codes: tuple[str, ...]) -> Decimal | None:
    for balance in statement.iterfind("{*}Bal"):
        if _text(balance, "Tp/CdOrPrtry/Cd") in codes:
            return _signed(balance)
    return None


def _day(entry: etree._Element, name: str) -> date | None:
    return values.day((_text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm"))[:10])


def _nothing() -> date:
    raise ValueError("day")


def _text(element: etree._Element, path: str) -> str:
    """The text at a path of names, whatever the version's namespace; "" where there is none."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return " ".join((found.text or "").split()) if found is not None else ""
