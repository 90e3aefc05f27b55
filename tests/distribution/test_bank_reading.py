"""Statements as French banks export them, and everything else that is sent in their place."""

from datetime import date
from decimal import Decimal

import pytest

from distribution.bank import reading, running, values
from distribution.bank.values import BadStatement, Statement
from hub.spreadsheets import write_xlsx

D = Decimal
DAY = date(2026, 11, 24)


def lines(statement: Statement) -> list[tuple[date, Decimal, str]]:
    return [(line.day, line.amount, line.label) for line in statement.lines]


ONE_AMOUNT = '''Date opération;Date valeur;Libellé;Montant
24/11/2026;25/11/2026;VIR M DÛPONT RÉF K7M4RD2345;1 234,56
23/11/26;23/11/26;"PRLV; EDF ""PRO""";-45,10
'''
DEBIT_AND_CREDIT = '''Numéro de compte : ;FR1420041010050500013M02606
Solde au 24/11/2026;1 189,46 €
Solde initial;0,00

Date;Libellé;Débit euros;Crédit euros
24/11/2026;VIR M DÛPONT RÉF K7M4RD2345;;1 234,56
;SUITE DU LIBELLÉ;;
23/11/2026;"PRLV; EDF ""PRO""";45,10;
;;;
Total des mouvements;;45,10;1 234,56
'''
ENGLISH = '''Date,Description,Amount
2026-11-24,"VIR M DÛPONT RÉF K7M4RD2345","1,234.56"
2026-11-23,"PRLV; EDF ""PRO""",-45.10
'''
SIGNS_APART = """Date\tLibellé\tMontant\tSens
24.11.2026\tVIR M DÛPONT RÉF K7M4RD2345\t1234,56\tC
23.11.2026\tPRLV; EDF ""PRO""\t45,10\tD
"""
NEGATIVE_DEBITS = (
    ONE_AMOUNT.replace("Montant", "Débit;Crédit").replace(";1 234,56", ";;1 234,56").replace("-45,10", "-45,10;")
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
@pytest.mark.parametrize("text", [ONE_AMOUNT, DEBIT_AND_CREDIT, ENGLISH, SIGNS_APART, NEGATIVE_DEBITS])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_one_statement_in_the_ways_banks_write_it(text: str, encoding: str, ends: str) -> None:
    if encoding in ("cp1252", "latin-1"):
        text = text.replace("€", "")
    found = reading.read(text.replace(" 234", "\u00a0234").replace("\n", ends).encode(encoding))
    label = "VIR M DÛPONT RÉF K7M4RD2345" + (" SUITE DU LIBELLÉ" if "SUITE" in text else "")
    assert lines(found)[0] == (DAY, D("1234.56"), label)
    assert [line[:2] for line in lines(found)[1:]] == [(date(2026, 11, 23), D("-45.10"))]
    assert found.lines[1].label.replace('"', "") == "PRLV; EDF PRO"


def test_commas_in_amounts_are_not_taken_for_the_separator() -> None:
    """More rows have one comma than have all their semicolons."""
    above = "Compte;FR14\nSolde au 25/11/2026;;9 412,50\nSolde initial;;9 000,00\n\nDate;Libellé;Débit;Crédit\n"
    found = reading.read((above + "24/11/2026;PRLV;9,90;\n24/11/2026;CB;11,80;\n").encode("cp1252"))
    assert lines(found) == [(DAY, D("-9.90"), "PRLV"), (DAY, D("-11.80"), "CB")]
    assert (found.opening, found.closing) == (D("9000.00"), D("9412.50"))


def test_the_account_and_the_balances_above_and_below_the_lines() -> None:
    found = reading.read(DEBIT_AND_CREDIT.encode())
    assert (found.account, found.opening, found.closing, found.total) == (
        "FR1420041010050500013M02606", D("0.00"), D("1189.46"), D("1189.46"),
    )  # fmt: skip
    overdrawn = "Date;Libellé;Débit;Crédit\nAncien solde au 31/10;;12,00;\n01/11/2026;SOLDE DE TOUT COMPTE;3,00;\n"
    found = reading.read(overdrawn.encode())
    assert (found.opening, found.closing, lines(found)) == (
        D("-12.00"), None, [(date(2026, 11, 1), D("-3.00"), "SOLDE DE TOUT COMPTE")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1 234,56", "1234.56"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("-12,50", "-12.50"), ("−12,5", "-12.50"),
        ("12,50-", "-12.50"), ("(12,50)", "-12.50"), ("+12", "12.00"), ("12,50 €", "12.50"), ("1'234.50", "1234.50"),
        ("1.234.567,89", "1234567.89"), ("1\u202f234,5", "1234.50"), ("0,00", "0.00"), ("12 EUR", "12.00"),
        ("1.234.567", "1234567.00"),
    ],
)  # fmt: skip
def test_amounts(written: str, amount: str) -> None:
    assert str(values.amount(written)) == amount


@pytest.mark.parametrize("written", ["1.234", "1,234", "12,345,6", "douze", "1e5", "--1", "12,50,", "NaN", "9" * 12])
def test_what_may_be_two_amounts_or_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError):
        values.amount(written)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("24/11/2026", DAY),
        ("24/11/26", DAY),
        ("24-11-2026", DAY),
        ("4.1.26", date(2026, 1, 4)),
        ("2026-11-24T00:00:00", DAY),
    ],
)
def test_days(written: str, day: date) -> None:
    assert values.day(written) == day


@pytest.mark.parametrize("written", ["31/02/2026", "11/24/2026", "2026", "24 novembre", "01/01/1880"])
def test_what_is_no_day(written: str) -> None:
    with pytest.raises(ValueError):
        values.day(written)


HEAD = "Date;Libellé;Montant\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (b"\xef\xbb\xbf  \r\n", "vide"),
        (b"%PDF-1.7 ...", "PDF"),
        (write_xlsx("x", [], []), "classeur"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xef\xbb\xbf" + HEAD.encode() + "24/11/2026;crédit;1,00".encode("latin-1"), "abîmé"),
        (("VIR DÛPONT;RÉF É;" * 9).encode() + b"\xc9;", "abîmé"),
        (b"\x00\x01\x02\x03" * 200, "abîmé"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 Mo"),
        (b"Quand;Quoi;Combien\n24/11/2026;VIR;1,00", "une date, un libellé, un montant"),
        ("Date;Libellé;Solde\n24/11/2026;VIR;1,00".encode(), "un montant"),
        (HEAD.encode(), "aucun mouvement"),
        ((HEAD + "24/11/2026;VIR;1,00\n24/11/2026;VI").encode(), "Ligne 3"),
        ((HEAD + "31/02/2026;VIR;1,00").encode(), "31/02/2026"),
        ((HEAD + "24/11/2026;VIR;douze").encode(), "douze"),
        ((HEAD + ";VIR;12,00").encode(), "Ligne 2"),
        ((HEAD.replace("Montant", "Montant;Devise") + "24/11/2026;VIR;12,00;USD").encode(), "USD"),
        ("Date;Libellé;Débit;Crédit\n24/11/2026;VIR;1,00;2,00".encode(), "2,00"),
        ((HEAD + "24/11/2026;VIR;1,00\n" * 20_001).encode(), "lignes. Coupez"),
        ((HEAD + '24/11/2026;"VIR;1,00').encode(), "abîmé"),
    ],
)
def test_whatever_is_no_statement_is_told_why(content: bytes, said: str) -> None:
    with pytest.raises(BadStatement) as refused:
        reading.read(content)
    assert said in str(refused.value)


CAMT = """<?xml version="1.0" encoding="UTF-8"?>{doctype}
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{version}"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt>
<Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">60.40</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{booked}</Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt>
 <ValDt><Dt>2026-11-25</Dt></ValDt><NtryDtls><TxDtls><Refs><EndToEndId>K7M4RD2345</EndToEndId></Refs>
 <RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct></RltdPties>
 <RmtInf><Ustrd>Panier{entity}</Ustrd><Ustrd>novembre</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">120.40</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{booked}</Sts><BookgDt><DtTm>2026-11-24T09:00:00</DtTm></BookgDt>
 <NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">100.40</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>un</Ustrd></RmtInf></TxDtls>
 <TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">20.00</Amt></TxAmt></AmtDtls><RmtInf><Ustrd>deux</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{booked}</Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt>
 <AddtlNtryInf>FRAIS</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="EUR">999.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{pending}</Sts><BookgDt><Dt>2026-11-24</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
OLD = {"version": "001.02", "booked": "BOOK", "pending": "PDNG", "name": "<Nm>M Dûpont</Nm>"}
NEW = {
    "version": "001.08", "booked": "<Cd>BOOK</Cd>", "pending": "<Cd>PDNG</Cd>", "name": "<Pty><Nm>M Dûpont</Nm></Pty>",
}  # fmt: skip


def camt(words: dict[str, str], doctype: str = "", entity: str = "") -> bytes:
    return CAMT.format(**words, doctype=doctype, entity=entity).encode()


def test_a_payment_of_nothing_within_an_entry_is_no_line() -> None:
    one, other = b'<Amt Ccy="EUR">100.40</Amt></TxAmt>', b'<Amt Ccy="EUR">20.00</Amt></TxAmt>'
    content = (
        camt(OLD)
        .replace(one, b'<Amt Ccy="EUR">120.40</Amt></TxAmt>')
        .replace(other, b'<Amt Ccy="EUR">0.00</Amt></TxAmt>')
    )
    assert lines(reading.read(content)) == [
        (DAY, D("50.00"), "Panier novembre"), (DAY, D("120.40"), "un"), (DAY, D("-10.00"), "FRAIS"),
    ]  # fmt: skip


@pytest.mark.parametrize("words", [OLD, NEW], ids=["001.02", "001.08"])
def test_camt_053(words: dict[str, str]) -> None:
    found = reading.read(camt(words))
    assert (found.kind, found.account) == ("camt", "FR1420041010050500013M02606")
    assert (found.opening, found.closing) == (D("-100.00"), D("60.40"))
    assert found.opening is not None
    assert found.opening + found.total == found.closing
    assert lines(found) == [
        (DAY, D("50.00"), "Panier novembre"), (DAY, D("100.40"), "un"), (DAY, D("20.00"), "deux"), (DAY, D("-10.00"), "FRAIS"),
    ]  # fmt: skip
    first = found.lines[0]
    assert (first.party, first.party_iban, first.end_to_end, first.value_day) == (
        "M Dûpont", "FR7630006000011234567890189", "K7M4RD2345", date(2026, 11, 25),
    )  # fmt: skip


LAUGHS = "".join(f'<!ENTITY l{n} "{10 * f"&l{n - 1};"}">' for n in range(1, 12))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (camt(OLD, '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"), "définit ses propres mots"),
        (camt(OLD, '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">'), "définit ses propres mots"),
        (camt(OLD, f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>', "&l11;"), ""),
        (camt(OLD)[:900], "abîmé"),
        (camt(OLD | {"version": "001.13"}), "camt.053.001.13"),
        (camt(OLD).replace(b"camt.053", b"camt.052"), "aucun relevé"),
        (b"<html><body>Connexion</body></html>", "aucun relevé"),
        (camt(OLD).replace(b'Ccy="EUR">50', b'Ccy="USD">50'), "illisible"),
        (camt(OLD).replace(b"2026-11-24", b"2026-13-24"), "illisible"),
        (camt(OLD | {"booked": "PDNG"}), "aucun mouvement"),
    ],
)
def test_xml_that_is_no_statement_or_reaches_out_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(BadStatement) as refused:
        reading.read(content)
    assert said in str(refused.value)
    assert "root:" not in str(refused.value)


RUNNING = """Date;Libellé;Montant;Solde
22/11/2026;VIR A;100,00;1 100,00
23/11/2026;PRLV EDF;-45,10;1 054,90
23/11/2026;CB MARCHE;-4,90;1 050,00
24/11/2026;VIR B;50,00;1 100,00
"""


def rows_of(text: str, *dropped: int, latest_first: bool = False) -> bytes:
    heading, *rows = text.splitlines()
    kept = [row for number, row in enumerate(rows) if number not in dropped]
    return "\n".join([heading, *(reversed(kept) if latest_first else kept)]).encode()


@pytest.mark.parametrize("latest_first", [False, True])
def test_a_balance_beside_each_line_tells_whether_all_are_there(latest_first: bool) -> None:
    whole = reading.read(rows_of(RUNNING, latest_first=latest_first))
    assert (whole.opening, whole.closing, whole.total) == (D("1000.00"), D("1100.00"), D("100.00"))
    assert running.gaps(whole.lines) == []
    torn = reading.read(rows_of(RUNNING, 1, latest_first=latest_first))
    assert (torn.opening, torn.closing, torn.total) == (D("1000.00"), D("1100.00"), D("145.10"))
    assert [(gap.before.label, gap.after.label, gap.missing) for gap in running.gaps(torn.lines)] == [
        ("VIR A", "CB MARCHE", D("-45.10"))
    ]


def test_within_one_day_the_balances_tell_the_order() -> None:
    one_day = RUNNING.replace("22/11", "24/11").replace("23/11", "24/11")
    found = reading.read(rows_of(one_day, latest_first=True))
    assert (found.opening, found.closing, running.gaps(found.lines)) == (D("1000.00"), D("1100.00"), [])


def test_a_balance_on_some_lines_is_used_as_far_as_it_goes() -> None:
    some = RUNNING.replace(";1 054,90", ";")
    assert running.gaps(reading.read(some.encode()).lines) == []
    (gap,) = running.gaps(reading.read(some.replace(";-4,90", ";-4,00").encode()).lines)
    assert (gap.before.label, gap.after.label, gap.missing) == ("VIR A", "CB MARCHE", D("-0.90"))
    ends = reading.read(RUNNING.replace(";1 100,00", ";").encode())
    assert (ends.opening, ends.closing) == (None, None)


def test_a_row_that_states_the_balance_goes_before_those_beside_the_lines() -> None:
    found = reading.read(("Solde initial;999,00\n" + RUNNING).encode())
    assert (found.opening, found.closing) == (D("999.00"), None)
