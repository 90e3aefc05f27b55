"""A week whose books are known, and the exports of the books read back."""

from decimal import Decimal
from types import SimpleNamespace

from distribution import refunds, settlement, statements
from distribution.books import files, periods
from distribution.models import Payout, Refund
from hub.models import Hub
from tests import make
from tests.distribution.day import a_day

D = Decimal
IBAN = "FR7630006000011234567890189"
LEGAL = [
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib",
    "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise",
    "Idevise",
]  # fmt: skip


def settled_week() -> SimpleNamespace:
    """A settled, stated and paid week of two farms, one under art. 293 B: cash, a cheque taken back, a refund."""
    Hub.get()
    Hub.objects.update(vat_registered=True, siret="73282932000074")
    make.fees()
    at = make.collection()
    farm = make.producer(at.point, code="ormeaux", iban=IBAN, legal_name="EARL des Ormeaux", siret="73282932000074")
    small = make.producer(at.point, code="petite", legal_name="=La Petite\tFerme", vat_regime="franchise")
    bread, bottle = make.packaging(farm, "4.20"), make.packaging(farm, "3.00", deposit=D("0.30"))
    honey = make.packaging(small, "7.80")
    day = a_day({bread: 3, bottle: 2}, {bread: 1, honey: 1}, {bread: 2}, farms=[farm, small], at=at)
    day.arrive()
    day.act("paid", day.orders[1], amount="12.00", means="cheque")
    paid = day.act("paid", day.orders[0], amount="19.20", means="cash")
    day.act("undo", of=str(paid.uid))
    day.act("paid", day.orders[2], amount="8.40", means="cash")
    day.act("short", day.orders[2], bread, quantity=1, reason="quality")
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    treasurer, refund = make.coordinator(), Refund.objects.get()
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    statements.issue(producer=farm, week=at.week, now=make.now())
    statements.pay(payout=Payout.objects.get(), by=treasurer, now=make.now())
    today = make.today()
    return SimpleNamespace(at=at, farm=farm, day=day, treasurer=treasurer, today=today, year=today.year)


def year_of(week: SimpleNamespace) -> periods.Period:
    return periods.period(f"{week.year}-01-01", f"{week.year}-12-31")


def bytes_of(kind: str, format_: str, period: periods.Period) -> bytes:
    return b"".join(files.export(kind, format_, period).chunks)


def journal(period: periods.Period) -> list[dict[str, str]]:
    """The FEC read back as a program of the tax office reads it."""
    lines = bytes_of("fec", "txt", period).decode("iso8859-15").split("\r\n")
    assert lines.pop() == ""
    heads, *rows = [line.split("\t") for line in lines]
    assert heads == LEGAL
    assert {len(row) for row in rows} <= {18}
    return [dict(zip(heads, row, strict=True)) for row in rows]


def amount(text: str) -> Decimal:
    assert text[-3:-2] == ","
    return D(text.replace(",", "."))


def comma(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def read_csv(kind: str, period: periods.Period) -> list[list[str]]:
    text = bytes_of(kind, "csv", period).decode("utf-8")
    assert text[0] == "\ufeff"
    return [line.split(";") for line in text[1:].split("\r\n")[1:-1]]
