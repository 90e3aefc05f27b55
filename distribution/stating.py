"""From sales to the content of a statement (see distribution/contents/money.py). Words in the language of the hub."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from distribution import containers, sales
from distribution.contents.money import (
    MeansTotal,
    Missing,
    Party,
    RateTotal,
    Statement,
    StatementCollection,
    StatementEntry,
)
from distribution.models import ContainerReturn, Correction
from distribution.models import Statement as Issued
from distribution.sales import Place, Sold
from distribution.settlement import fee_vats
from hub import format as say
from hub.models import Hub
from hub.money import ZERO, cents, money, vat_within
from producers.models import Producer


@dataclass(frozen=True)
class Draft:
    """A statement before it has a row: its content, its net per collection (deposits apart), the deposits it passes on
    to the farm and those it gives back for returned containers, the VAT in the cooperative's fee."""

    content: Statement
    net: Decimal
    nets: dict[int, Decimal]
    deposits: Decimal
    fee_vat: Decimal
    returns: list[ContainerReturn]


def draft(
    producer: Producer, week: str, places: Sequence[Place], *, number: str, now: datetime,
    corrections: Sequence[Correction] = (), before: Issued | None = None,
) -> Draft:  # fmt: skip
    """The statement of these collections and corrections. Net + fees = gross + deposits − those given back
    + corrections, to the cent; VAT per rate on the total of that rate. What the farm still owed `before` comes first."""
    hub, sold = Hub.get(), sales.sold(producer, places)
    deposits = _sum(one.deposit * one.delivered for one in sold)
    later = [_correction(one) for one in corrections] + _carried(before)
    gained = _sum(one.producer for one in sold) + deposits + _sum(Decimal(entry["gross"]) for entry in later)
    returns = containers.to_state(producer, gained, since=before.issued_at if before else None)
    net = gained - containers.worth(returns)
    fee_vat = fee_vats([_sum(one.hub for one in sold)], registered=hub.vat_registered)[0]
    content: Statement = {
        "number": number,
        "language": hub.language,
        "currency": settings.CURRENCY,
        "issued_at": say.iso(now),
        "week": week,
        "hub": hub_party(hub),
        "producer_code": producer.code,
        "producer": _farm(producer),
        "net": str(net),
        "due_on": None,
        "account_end": producer.iban[-4:],
        "vat_note": _vat_note(sold),
        "entries": _entries(sold, fee_vat, returns, registered=hub.vat_registered) + later,
        "rates": _rates(sold),
        "undelivered": str(_undelivered(sold)),
        "means": [_means(method, amount) for method, amount in sales.paid_by(producer, places)],
        "collections": _collections(producer, places, sold),
    }
    nets = {place.pk: _sum(one.producer for one in sold if one.collection == place.pk) for place in places}
    return Draft(content, net, nets, deposits, fee_vat, returns)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def hub_party(hub: Hub) -> Party:
    """The cooperative as it stands on papers about money."""
    lines = [hub.legal_name, *hub.address.splitlines(), _siret(hub.siret), _vat_number(hub.vat_number)]
    return {"name": hub.name, "lines": [line for line in lines if line]}


def _farm(producer: Producer) -> Party:
    town = f"{producer.postcode} {producer.city}".strip()
    lines = [producer.legal_name, producer.address, town, _siret(producer.siret), _vat_number(producer.vat_number)]
    return {"name": producer.name, "lines": [line for line in lines if line]}


def _siret(number: str) -> str:
    return f"SIRET {number}" if number else ""


def _vat_number(number: str) -> str:
    return _("VAT %(number)s") % {"number": number} if number else ""


def _vat_note(sold: Sequence[Sold]) -> str:
    reasons = {one.vat_reason for one in sold if one.vat_reason}
    if Producer.VatRegime.FRANCHISE in reasons:
        return _("VAT not applicable, art. 293 B of the French tax code.")
    if Producer.VatRegime.FLAT_RATE in reasons:
        return _("Farm under the flat-rate reimbursement: no VAT is charged.")
    return ""


def _entries(
    sold: Sequence[Sold], fee_vat: Decimal, returns: Sequence[ContainerReturn], *, registered: bool
) -> list[StatementEntry]:
    """Sales, less the point's fee, less the cooperative's with the VAT in it; the deposits that households paid."""
    gross, vat = _sum(one.gross for one in sold), _sum(Decimal(rate["vat"]) for rate in _rates(sold))
    host, hub = _sum(one.host for one in sold), _sum(one.hub for one in sold)
    taxed = bool(_rates(sold))
    entries: list[StatementEntry] = [
        _entry("sales", gross=gross, vat=vat if taxed else None),
        _entry("host-fee", gross=-host, percent=_percent({one.host_rate for one in sold})),
        _entry(
            "hub-fee",
            gross=-hub,
            vat=-fee_vat if registered else None,
            percent=_percent({one.hub_rate for one in sold}),
        ),
        _entry("deposits", gross=_sum(one.deposit * one.delivered for one in sold), note=_containers(sold)),
        _entry("returned", gross=-containers.worth(returns), note=_came_back(returns)),
    ]
    return entries[:1] + [entry for entry in entries[1:] if Decimal(entry["gross"])]


def _correction(one: Correction) -> StatementEntry:
    about = _("statement %(number)s") % {"number": one.about.number} if one.about else ""
    return _entry("correction", gross=one.amount.amount, note=", ".join(filter(None, [one.words, about])))


def _carried(before: Issued | None) -> list[StatementEntry]:
    """What the farm owed in the end of the statement before."""
    if before is None or before.net.amount >= 0:
        return []
    return [_entry("carried", gross=before.net.amount, note=_("statement %(number)s") % {"number": before.number})]


def _containers(sold: Sequence[Sold]) -> str:
    """How many containers at which deposit: 84 × 0,30 €."""
    packs: dict[Decimal, int] = defaultdict(int)
    for one in sold:
        packs[one.deposit] += one.delivered
    return _times(packs)


def _came_back(returns: Sequence[ContainerReturn]) -> str:
    packs: dict[Decimal, int] = defaultdict(int)
    for one in returns:
        packs[one.deposit.amount] += one.count
    return _times(packs)


def _times(packs: Mapping[Decimal, int]) -> str:
    return ", ".join(f"{count} × {say.money(money(each))}" for each, count in sorted(packs.items()) if each and count)


def _entry(
    what: str, *, gross: Decimal, vat: Decimal | None = None, percent: str | None = None, note: str = ""
) -> StatementEntry:
    return {
        "what": what,  # type: ignore[typeddict-item]
        "percent": percent,
        "note": note,
        "net": None if vat is None else str(gross - vat),
        "vat": None if vat is None else str(vat),
        "gross": str(gross),
    }


def _percent(rates: set[Decimal]) -> str | None:
    return sales.rate_text(rates.pop()) if len(rates) == 1 else None


def _rates(sold: Sequence[Sold]) -> list[RateTotal]:
    totals: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for one in sold:
        if not one.vat_reason:
            totals[one.rate] += one.gross
    return [rate_total(rate, gross) for rate, gross in sorted(totals.items())]


def rate_total(rate: Decimal, gross: Decimal) -> RateTotal:
    """A line of the table of VAT: its VAT computed once, on the total of its rate."""
    vat = vat_within(gross, rate)
    return {"rate": sales.rate_text(rate), "net": str(gross - vat), "vat": str(vat), "gross": str(gross)}


def _undelivered(sold: Sequence[Sold]) -> Decimal:
    """What was ordered and not delivered, at the price of the shelf; weighed packs at their expected amount."""
    lost = ZERO
    for one in sold:
        if one.delivered < one.ordered:
            lost += one.expected * (one.ordered - one.delivered) / one.ordered
    return cents(lost)


def _means(method: str, amount: Decimal) -> MeansTotal:
    return {"means": method, "amount": str(amount)}  # type: ignore[typeddict-item]


def _collections(producer: Producer, places: Sequence[Place], sold: Sequence[Sold]) -> list[StatementCollection]:
    missing = sales.missing(producer, places)
    blocks: list[StatementCollection] = []
    for place in places:
        here = [one for one in sold if one.collection == place.pk]
        blocks.append(
            {
                "collection": place.code,
                "point": place.point,
                "date": place.day.isoformat(),
                "rows": [one.row(_merged(one, missing)) for one in here],
                "gross": str(_sum(one.gross for one in here)),
                "host_fee": str(_sum(one.host for one in here)),
                "hub_fee": str(_sum(one.hub for one in here)),
                "net": str(_sum(one.producer for one in here)),
            }
        )
    return blocks


def _merged(one: Sold, missing: Mapping[int, list[Missing]]) -> list[Missing]:
    """The missing packs of a row's lines, once per reason."""
    counts: dict[str, int] = defaultdict(int)
    for line in one.lines:
        for gone in missing.get(line, []):
            counts[gone["reason"]] += gone["quantity"]
    return [{"quantity": quantity, "reason": reason} for reason, quantity in sorted(counts.items())]
