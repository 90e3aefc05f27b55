"""What the coordinator looks for among invoices: by month, kind, name or number."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from django.db.models import Q, QuerySet, Sum
from django.db.models.fields.json import KT

from distribution import billing, fee_invoices
from distribution.models import Invoice
from hub.models import Hub
from hub.money import ZERO, money
from producers.models import BillingMandate, Producer

MOST = 200  # documents on one page; a search finds the others


@dataclass(frozen=True)
class Month:
    """A month of the calendar."""

    first: date

    @classmethod
    def read(cls, text: str, *, otherwise: date) -> Self:
        """From "2026-11"; the month of `otherwise` for anything else."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return cls(otherwise.replace(day=1))

    @property
    def text(self) -> str:
        return f"{self.first:%Y-%m}"

    def shifted(self, months: int) -> "Month":
        """The month so many months later, earlier below zero."""
        years, month = divmod(self.first.month - 1 + months, 12)
        return Month(date(self.first.year + years, month + 1, 1))


def found(month: Month, *, kind: str, search: str) -> QuerySet[Invoice]:
    """Documents of a month, or of any month where something is searched, without their contents."""
    rows = (
        Invoice.objects.select_related("producer", "household", "original")
        .defer("content")
        .order_by("-issued_at", "-pk")
    )
    if kind in Invoice.Kind.values:
        rows = rows.filter(kind=kind)
    if not search:
        return rows.filter(issued_on__gte=month.first, issued_on__lt=month.shifted(1).first)
    return rows.filter(
        Q(number__icontains=search) | Q(producer__name__icontains=search) | Q(household__name__icontains=search)
        | Q(content__buyer__name__icontains=search) | Q(statement__number__iexact=search) | Q(order__code__iexact=search)
    )  # fmt: skip


def of_farm(farm: Producer) -> QuerySet[Invoice]:
    """What a farm was invoiced and what was invoiced in its name, the latest first, each with its `buyer`'s name."""
    rows = (
        Invoice.objects.filter(producer=farm)
        .select_related("statement", "order")
        .defer("content", "statement__content")
    )
    return rows.annotate(buyer=KT("content__buyer__name")).order_by("-issued_at", "-pk")


def totals(rows: QuerySet[Invoice]) -> dict[str, object]:
    """Sums of what is listed: fee invoices, invoices in farms' names, credit notes."""
    sums = dict(rows.order_by().values_list("kind").annotate(sum=Sum("total")))
    return {kind.replace("-", "_"): money(sums.get(kind, ZERO)) for kind in Invoice.Kind.values}


@dataclass(frozen=True)
class Wanting:
    """What keeps invoices from being what the law wants: fields of the cooperative, statements that wait for it, farms
    without a SIRET, farms with a mandate."""

    hub: list[str]
    waiting: int
    farms: list[Producer]
    mandates: int


def wanting(hub: Hub) -> Wanting:
    """What is missing, in words."""
    words = {field.name: str(field.verbose_name) for field in Hub._meta.fields}
    missing = [words[name] for name in billing.missing_of_hub(hub)]
    farms = Producer.objects.active().filter(Q(siret="") | Q(legal_name="") | Q(address=""))
    return Wanting(
        hub=missing,
        waiting=fee_invoices.waiting().count() if missing else 0,
        farms=list(farms.order_by("name")),
        mandates=BillingMandate.objects.live().count(),
    )
