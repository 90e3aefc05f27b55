"""The cooperative's invoices for its fee: one per statement, in its own name.

Per statement because the fee is the statement's: the same base, the VAT computed on the same total, kept back from the same
payout, so that invoice, statement and books agree to the cent. A collection point has no legal identity; what a point
keeps is told on the statement and not invoiced here.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import billing, invoicing
from distribution.billing import Item
from distribution.contents.invoices import Invoice as Content
from distribution.models import Invoice, Statement
from distribution.models.invoice import HUB
from distribution.settlement import FEE_VAT
from hub import calendar
from hub import format as say
from hub.models import Hub
from hub.money import money
from producers.models import Producer


def issue_due(*, now: datetime, limit: int = 200) -> list[Invoice]:
    """Make the fee invoices that statements still lack, the oldest first, at most `limit`: the sweep. Each in its own
    transaction; none as long as the cooperative has not told its legal identity."""
    if billing.missing_of_hub(Hub.get()):
        return []
    numbers = list(waiting().values_list("pk", flat=True)[:limit])
    made = (issue(statement=Statement.objects.get(pk=number), now=now) for number in numbers)
    return [one for one in made if one is not None]


def waiting() -> QuerySet[Statement]:
    """Statements with a fee of the cooperative and no invoice for it, the oldest first. One whose invoice was taken back has
    another since the same instant."""
    invoiced = Invoice.objects.filter(kind=Invoice.Kind.FEE, statement=OuterRef("pk"))
    return Statement.objects.with_fee().filter(~Exists(invoiced)).order_by("pk")


def issue(*, statement: Statement, now: datetime) -> Invoice | None:
    """The cooperative's invoice for its fee on a statement; None when there is no fee or the invoice stands already."""
    with transaction.atomic(), translation.override(Hub.get().language):
        farm = Producer.objects.select_for_update(no_key=True).get(pk=statement.producer_id)
        former = Invoice.objects.filter(kind=Invoice.Kind.FEE, statement=statement)
        if former.live().exists():
            return None
        content = _frame(statement, farm, Hub.get(), now)
        if content is None:
            return None
        return invoicing.issue(
            content, kind=Invoice.Kind.FEE, issuer=HUB, producer=farm, statement=statement, turn=former.count() + 1,
            by=None, now=now,
        )  # fmt: skip


def _frame(statement: Statement, farm: Producer, hub: Hub, now: datetime) -> Content | None:
    told = statement.content
    entry = next((one for one in told["entries"] if one["what"] == "hub-fee"), None)
    if entry is None:
        return None
    rate = None if entry["vat"] is None else FEE_VAT
    made = billing.sums(
        [_item(one, entry["percent"], rate) for one in told["collections"] if Decimal(one["hub_fee"])],
        vat={FEE_VAT: -Decimal(entry["vat"])} if entry["vat"] is not None else None,
    )
    days = sorted(one["date"] for one in told["collections"])
    return invoicing.frame(
        made, kind="fee-invoice", seller=billing.cooperative(hub), buyer=billing.farm(farm), hub=hub, now=now,
        operation="services",
        about=_("Fee of the cooperative on the sales of %(week)s") % {"week": say.week_label(statement.week)},
        statement=statement.number,
        period=[days[0], days[-1]],
        delivered_on=days[-1],
        paid=made.total,
        paid_how=_("Kept back from statement %(number)s.") % {"number": statement.number},
        paid_on=calendar.local_date(statement.issued_at).isoformat(),
        notes=billing.trade_notes(),
    )  # fmt: skip


def _item(one: dict[str, Any], percent: str | None, rate: Decimal | None) -> Item:
    words = {"point": one["point"], "day": say.full_date(date.fromisoformat(one["date"]))}
    amount = say.money(money(one["gross"]))
    share = say.rate(Decimal(percent)) if percent else ""
    detail = _("%(share)s of %(amount)s of sales") if share else _("on %(amount)s of sales")
    return Item(
        name=_("Fee on the distribution %(point)s, %(day)s") % words,
        detail=detail % {"share": share, "amount": amount},
        gross=Decimal(one["hub_fee"]),
        rate=rate,
        reason="" if rate is not None else "franchise",
        unit="service",
    )
