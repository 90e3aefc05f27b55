"""What an invoice says: parties, lines, totals per rate and the sentences of the law, ready to be frozen.

Prices include VAT everywhere in this house, so amounts without VAT are derived: VAT once per rate on the total of that
rate, what is left split back to the lines by largest remainder (see hub/money.py). The total is what was paid, to the cent.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _

from distribution.contents.invoices import Line, Note, Party, Rate
from distribution.sales import rate_text
from hub.models import Hub
from hub.money import ZERO, split, vat_within, without_vat
from producers.models import Producer

Reason = Literal["", "franchise", "flat-rate", "deposit"]
COUNTRY = "FR"
FRANCHISE_CODE = "VATEX-FR-FRANCHISE"
TOWN = re.compile(r"^(\d{5})\s+(.+)$")


@dataclass(frozen=True)
class Item:
    """Something invoiced: `gross` was paid for it, VAT included; `rate` is None where there is no VAT, for `reason`."""

    name: str
    gross: Decimal
    rate: Decimal | None
    reason: Reason = ""
    quantity: Decimal = Decimal(1)
    unit: Literal["piece", "kg", "service"] = "piece"
    price: Decimal | None = None
    ref: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Sums:
    """Lines and totals per rate of a document."""

    lines: list[Line]
    rates: list[Rate]

    @property
    def vat(self) -> Decimal:
        return sum((Decimal(rate["vat"]) for rate in self.rates), ZERO)

    @property
    def total(self) -> Decimal:
        return sum((Decimal(rate["gross"]) for rate in self.rates), ZERO)


def sums(items: Sequence[Item], *, vat: Mapping[Decimal, Decimal] | None = None) -> Sums:
    """Lines and totals of what is invoiced; `vat` says the VAT of a rate where another document has told it already."""
    groups: dict[Decimal | None, list[int]] = defaultdict(list)
    for at, item in enumerate(items):
        groups[item.rate].append(at)
    nets: dict[int, Decimal] = {}
    rates: list[Rate] = []
    for rate in sorted(groups, key=lambda one: -1 if one is None else one):
        gross = sum((items[at].gross for at in groups[rate]), ZERO)
        tax = ZERO if rate is None else (vat or {}).get(rate, vat_within(gross, rate))
        parts = split(gross - tax, [items[at].gross for at in groups[rate]])
        nets |= dict(zip(groups[rate], parts, strict=True))
        rates.append(_rate(rate, gross, tax, [items[at].reason for at in groups[rate]]))
    return Sums([_line(item, nets[at]) for at, item in enumerate(items)], rates)


def _rate(rate: Decimal | None, gross: Decimal, tax: Decimal, reasons: Sequence[Reason]) -> Rate:
    why = sorted({reason for reason in reasons if reason}, key=["franchise", "flat-rate", "deposit"].index)
    return {
        "rate": None if rate is None else rate_text(rate),
        "net": str(gross - tax),
        "vat": str(tax),
        "gross": str(gross),
        "why": " ".join(_why(reason) for reason in why) if rate is None else "",
        "code": FRANCHISE_CODE if rate is None and why == ["franchise"] else "",
    }


def _line(item: Item, net: Decimal) -> Line:
    price = net if item.price is None else without_vat(item.price, item.rate or Decimal(0))
    return {
        "ref": item.ref,
        "name": item.name,
        "detail": item.detail,
        "quantity": f"{item.quantity.normalize():f}",
        "unit": item.unit,
        "unit_net": str(price),
        "rate": None if item.rate is None else rate_text(item.rate),
        "reason": item.reason,
        "net": str(net),
        "gross": str(item.gross),
    }


def _why(reason: Reason) -> str:
    """Why there is no VAT, as the law wants it said."""
    if reason == "franchise":
        return _("VAT not applicable, art. 293 B of the French tax code.")
    if reason == "flat-rate":
        return _(
            "Farmer under the flat-rate reimbursement (art. 298 quater of the French tax code): no VAT is charged."
        )
    return _("Deposits on packaging are outside VAT (art. 267, II-3° of the French tax code).")


def cooperative(hub: Hub) -> Party:
    """The cooperative as seller."""
    street, postcode, city = _postal(hub.address)
    return _party(hub.name, hub.legal_name, street, postcode, city, hub.siret, hub.vat_number)


def farm(producer: Producer) -> Party:
    """A farm, as seller or as buyer."""
    return _party(
        producer.name, producer.legal_name, [producer.address], producer.postcode, producer.city, producer.siret,
        producer.vat_number,
    )  # fmt: skip


def customer(*, name: str, address: str, postcode: str, city: str, siren: str = "") -> Party:
    """Who asked for an invoice: a household under the name it gives, or a company."""
    return _party("", name, address.splitlines(), postcode, city, "", "") | {"siren": siren}


def _party(
    name: str, legal_name: str, street: list[str], postcode: str, city: str, siret: str, vat_number: str
) -> Party:
    legal = legal_name or name
    return {
        "name": legal,
        "trade_name": name if name != legal else "",
        "street": [line.strip() for line in street if line.strip()],
        "postcode": postcode,
        "city": city,
        "country": COUNTRY,
        "siret": siret,
        "siren": siret[:9],
        "vat_number": vat_number,
    }


def _postal(address: str) -> tuple[list[str], str, str]:
    """Street, postcode and town of an address written in lines."""
    lines = [line.strip() for line in address.replace(",", "\n").splitlines() if line.strip()]
    for at, line in enumerate(lines):
        if found := TOWN.match(line):
            return lines[:at] + lines[at + 1 :], found[1], found[2]
    return lines, "", ""


def missing_of_hub(hub: Hub) -> list[str]:
    """What the cooperative must still say of itself before it may invoice, as the fields' names."""
    wanted = ["legal_name", "address", "siret"] + (["vat_number"] if hub.vat_registered else [])
    return [name for name in wanted if not getattr(hub, name)]


def trade_notes() -> list[Note]:
    """What an invoice between professionals says of paying late (code de commerce, L441-9 and L441-10)."""
    return [
        {
            "code": "PMT",
            "text": _("Paid late between professionals: fixed charge of 40 € for recovery costs (L441-10, D441-5)."),
        },
        {
            "code": "PMD",
            "text": _("Late payment: interest at three times the French legal rate, from the day after the due date."),
        },
        {"code": "AAB", "text": _("No discount for early payment.")},
    ]
