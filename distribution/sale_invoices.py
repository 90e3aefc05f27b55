"""Invoices in a farm's name to a household or a company: on request, for a settled order, under the farm's mandate."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from distribution import billing, invoicing
from distribution.billing import Item, Sums
from distribution.contents.invoices import Invoice as Content
from distribution.contents.invoices import Party
from distribution.models import Invoice, Receipt
from hub import calendar, ledger
from hub import format as say
from hub.models import Hub, Member, PaymentMethod, Transfer
from hub.money import ZERO
from hub.refusals import Refusal
from orders.models import CardPayment, Order
from producers import mandates
from producers.models import BillingMandate, Producer


class NothingToInvoice(Refusal):
    """Nothing was received of this farm, the order is not settled, or the invoice exists already."""

    code = "nothing-to-invoice"


class NoMandate(Refusal):
    """The farm has given no mandate, or has not told its legal identity."""

    code = "no-mandate"


def issue(*, order: Order, producer: Producer, buyer: Party, by: Member | None, now: datetime) -> Invoice:
    """An invoice in a farm's name for what a household received of it in a settled order, under the farm's mandate.

    Raises NothingToInvoice and NoMandate.
    """
    with transaction.atomic():
        farm = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
        order = Order.objects.select_related("collection__point", "household").get(pk=order.pk)
        mandate = mandates.live(farm)
        if mandate is None or mandates.missing(farm):
            raise NoMandate(_("%(farm)s writes its invoices itself.") % {"farm": farm.name}, producer=farm.code)
        former = Invoice.objects.filter(kind=Invoice.Kind.SALE, order=order, producer=farm)
        with translation.override(Hub.get().language):
            items = _sold(order, farm)
            content = _frame(order, farm, mandate, buyer, billing.sums(items), now)
        if order.settled_at is None or not items or former.live().exists():
            raise NothingToInvoice(_("There is nothing more to invoice for this farm."), producer=farm.code)
        return invoicing.issue(
            content, kind=Invoice.Kind.SALE, issuer=farm.code, producer=farm, household=order.household, order=order,
            mandate=mandate, turn=former.count() + 1, by=by, now=now,
        )  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """A farm of a settled order: its invoice where it stands, and whether the cooperative may write it."""

    farm: Producer
    invoice: Invoice | None
    may: bool


def sellers(order: Order) -> list[Seller]:
    """The farms a household paid for in a settled order, by name. A fixed number of statements."""
    paid = order.lines.filter(final_amount__gt=0) | order.lines.filter(deposit__gt=0, delivered__gt=0)
    farms = list(Producer.objects.filter(pk__in=paid.values("producer")).order_by("name", "pk"))
    signed = set(BillingMandate.objects.live().filter(producer__in=farms).values_list("producer", flat=True))
    stand = {one.producer_id: one for one in Invoice.objects.live().filter(kind=Invoice.Kind.SALE, order=order)}
    return [Seller(farm, stand.get(farm.pk), farm.pk in signed and not mandates.missing(farm)) for farm in farms]


def ask(*, order: Order, buyer: Party, by: Member | None, now: datetime) -> list[Invoice]:
    """Issue the invoices an order still lacks, of every farm that lets the cooperative write them; each for itself.

    Asked again, nothing is issued twice. Raises NothingToInvoice when there is none to issue.
    """
    lacking = [one.farm for one in sellers(order) if one.may and one.invoice is None]
    if not lacking:
        raise NothingToInvoice(_("There is nothing more to invoice for this order."))
    return [issue(order=order, producer=farm, buyer=buyer, by=by, now=now) for farm in lacking]


def _frame(order: Order, farm: Producer, mandate: BillingMandate, buyer: Party, made: Sums, now: datetime) -> Content:
    hub, at = Hub.get(), order.collection
    day = calendar.local_date(at.starts_at)
    paid_on = _paid_on(order)
    words = {
        "hub": hub.legal_name or hub.name, "farm": farm.legal_name or farm.name,
        "day": say.full_date(calendar.local_date(mandate.signed_at)),
    }  # fmt: skip
    return invoicing.frame(
        made, kind="invoice", seller=billing.farm(farm), buyer=buyer, hub=hub, now=now, operation="goods",
        about=_("Order %(code)s, collected at %(point)s") % {"code": order.code, "point": at.point.name},
        order=order.code,
        on_behalf=_("Invoice written by %(hub)s in the name and on behalf of %(farm)s, mandate of %(day)s.") % words,
        delivered_on=day.isoformat(),
        deliver_to={
            "name": at.point.name, "street": [at.point.address] if at.point.address else [],
            "postcode": at.point.postcode, "city": at.point.city,
        },
        paid=made.total if paid_on else ZERO,
        paid_how=_("Payments go to %(hub)s, which receives them for the farm.") % words,
        paid_on=paid_on,
        notes=billing.trade_notes() if buyer["siren"] else [],
    )  # fmt: skip


def _paid_on(order: Order) -> str | None:
    """The day the whole order was paid, if it is: by its receipt, or by card, which is captured after the receipt is made."""
    taken = CardPayment.objects.filter(order=order, captured__gte=order.final_total).first()
    if taken is not None and taken.captured_at is not None:
        return calendar.local_date(taken.captured_at).isoformat()
    known = Receipt.objects.filter(order=order).values_list("content__paid_on", flat=True).first()
    return known or _covered_on(order)


def _covered_on(order: Order) -> str | None:
    """The day an order to be paid at the point was covered by the household's account without that: by the credit that was
    there when it was settled, else by what came in last. None while the household owes something, or pays otherwise."""
    account = ledger.household_account(order.household)
    if order.payment_method != PaymentMethod.AT_POINT or ledger.balance(account) < 0:
        return None
    came, went = Q(credit__code=account), Q(debit__code=account)
    until = Transfer.objects.filter(came | went, occurred_at__lte=order.settled_at)
    then = until.aggregate(left=Sum("amount", filter=came, default=ZERO) - Sum("amount", filter=went, default=ZERO))
    last = None if then["left"] >= 0 else Transfer.objects.filter(came).latest("occurred_at").occurred_at
    day = last or order.settled_at
    return calendar.local_date(day).isoformat() if day is not None else None


def _sold(order: Order, farm: Producer) -> list[Item]:
    """What was billed of a farm in an order: its lines, and the deposits on their packaging."""
    items: list[Item] = []
    deposits: dict[Decimal, int] = {}
    for line in (
        order.lines.filter(producer=farm).filter(Q(final_amount__gt=0) | Q(deposit__gt=0)).order_by("name", "pk")
    ):
        if line.final_amount and line.final_amount.amount:
            grams = min(line.weight_g or 0, (line.max_content or line.content) * (line.delivered or 0))
            items.append(
                Item(
                    name=line.name,
                    detail=line.label,
                    ref=line.reference,
                    gross=line.final_amount.amount,
                    rate=None if line.vat_reason else line.vat_rate,
                    reason=line.vat_reason,  # type: ignore[arg-type]  # the two regimes without VAT
                    quantity=Decimal(grams) / 1000 if line.weighed else Decimal(line.delivered or 0),
                    unit="kg" if line.weighed else "piece",
                    price=line.unit_price.amount,
                )
            )
        if line.deposit.amount and line.delivered:
            deposits[line.deposit.amount] = deposits.get(line.deposit.amount, 0) + line.delivered
    for each, count in sorted(deposits.items()):
        items.append(
            Item(
                name=_("Deposit on packaging"),
                gross=each * count,
                rate=None,
                reason="deposit",
                quantity=Decimal(count),
                price=each,
            )
        )
    return items
