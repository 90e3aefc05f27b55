"""The village's till and bank: top-ups by hand, a counted box, a slip of cheques, a statement of which some lines wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from distribution.bank import importing
from distribution.boxes import counting, depositing
from hub import calendar, ledger
from hub.models import CollectionPoint, Household, Member
from orders import payments

BY_HAND = (
    ("cheque", "45.00"), ("cheque", "60.00"), ("cash", "20.00"), ("cash", "35.50"), ("cheque", "30.00"), ("cheque", "52.00"),
    ("cheque", "75.00"),
)  # fmt: skip
ON_A_SLIP = 2
HEADINGS = "Date opération;Date valeur;Libellé;Débit;Crédit"


def fill(*, point: CollectionPoint, homes: Sequence[Household], host: Member, treasurer: Member, now: datetime) -> None:
    """A point's box and cheques of last week, and what the bank says of the last weeks."""
    last_week = now - timedelta(days=7)
    for number, (means, amount) in enumerate(BY_HAND):
        payments.receive(
            household=homes[number], amount=Decimal(amount), means=means, key=f"village:hand:{number}",
            received_by=host, now=last_week, point=point, note=f"chèque n° 004{number}217" if means == "cheque" else "",
        )  # fmt: skip
    held = ledger.balance(f"cash:{point.code}")
    sheet = {"20": 1, "10": 2, "5": 1, "2": 4, "1": 2}
    counting.count(
        point=point, means="cash", counted=counting.total(sheet), seen=held, sheet=sheet, key="village:count",
        by=host, now=last_week + timedelta(hours=3), note="50 centimes rendus en trop à la fin du marché",
    )  # fmt: skip
    carried = depositing.deposit(
        point=point, means="cash", amount=Decimal(40), key="village:cash", by=host, now=now - timedelta(days=6)
    )
    cheques = [payment.key for payment in depositing.in_hand()][:ON_A_SLIP]
    slip = depositing.hand_in(cheques=cheques, key="village:slip", by=treasurer, now=now - timedelta(days=6))
    lines = [*_transfers(homes, now), *_lately(homes, carried.number, slip.number, now)]
    file = importing.preview(
        content=_file(lines), file_name="releve-compte-pro.csv", by=treasurer, now=now - timedelta(hours=1)
    )
    importing.confirm(file=file, by=treasurer, now=now - timedelta(hours=1))


Line = tuple[datetime, str, str]


def _transfers(homes: Sequence[Household], now: datetime) -> list[Line]:
    """What each household had announced when it joined."""
    came = now - timedelta(days=34)
    return [(came, f"VIR SEPA {_payer(home)} REF {home.code[:5]} {home.code[5:]}", "150.00") for home in homes]


def _lately(homes: Sequence[Household], carried: str, slip: str, now: datetime) -> list[Line]:
    """A top-up that names its household; lines that the treasurer must tell."""
    days = [now - timedelta(days=n) for n in (5, 4, 3, 2, 1)]
    return [
        (days[0], f"VERSEMENT ESPECES {carried}", "40.00"),
        (days[0], f"REMISE CHEQUES {slip}", "105.00"),
        (days[1], f"VIR INST {_payer(homes[6])} {homes[6].code} PANIERS DE DECEMBRE", "80.00"),
        (days[2], f"VIR SEPA {_payer(homes[8])} PANIERS", "60.00"),
        (days[2], "VIR SEPA ASSOCIATION DU LAVOIR", "120.00"),
        (days[3], "PRLV SEPA COTISATION COMPTE PRO", "-9.90"),
        (days[4], "CB QUINCAILLERIE GONLAY", "-11.80"),
    ]


def _payer(home: Household) -> str:
    return home.name.upper()


def _file(lines: Sequence[Line]) -> bytes:
    """As a French bank writes it: Windows' letters, debit and credit apart, the balances above."""
    total = sum((Decimal(amount) for _when, _label, amount in lines), Decimal("0.00"))
    rows = [f"Solde initial;;;;0,00\r\nSolde final;;;;{total}\r\n\r\n{HEADINGS}".replace(".", ",")]
    for when, label, amount in lines:
        day = f"{calendar.local_date(when):%d/%m/%Y}"
        written = amount.lstrip("-").replace(".", ",")
        rows.append(f"{day};{day};{label};{written};" if amount.startswith("-") else f"{day};{day};{label};;{written}")
    return "\r\n".join(rows).encode("cp1252", "replace")
