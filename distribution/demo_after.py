"""What follows last week's hand-over: refunds, a contested card, statements, payouts, invoices and a credit note."""

from datetime import datetime, timedelta
from decimal import Decimal

from distribution import (
    billing,
    credit_notes,
    demo_cards,
    fee_invoices,
    payouts,
    point_statements,
    refunds,
    sale_invoices,
    statements,
)
from distribution import village_people as people
from distribution.demo_places import Village
from distribution.models import Refund
from hub.models import Collection
from orders import cards
from orders.models import CardPayment

BACK_TO_THE_CARD = "4.50"


def fill(village: Village, week: str, *, now: datetime) -> None:
    """A household after the other asks for its money; then every farm has its statement, and most are paid."""
    collection = village.points["tilleuls"].collections.get(settled_at__isnull=False)
    _give_back(village, collection, now - timedelta(days=5))
    issued = [statements.issue(producer=farm, week=week, now=now - timedelta(days=1)) for farm in village.farms]
    part = point_statements.issue(point=collection.point, week=week, now=now - timedelta(days=1))
    fee_invoices.issue_due(now=now - timedelta(days=1))
    _invoice(village, collection, now)
    paid, file = ([one.number for one in issued if one is not None][some] for some in (slice(5), slice(5, 8)))
    if part is not None:
        paid.append(part.number)
    by, at = village.coordinator, now - timedelta(hours=2)
    payouts.made(run=payouts.start(rail="hand", numbers=paid, by=by, now=at), by=by, now=at)
    payouts.sent(run=payouts.start(rail="file", numbers=file, by=by, now=at), by=by, now=at)


def _give_back(village: Village, collection: Collection, now: datetime) -> None:
    """What was missing: one wants it on its account at the bank, another has it on its card. A third contests what it paid."""
    for refund in Refund.objects.to_choose().filter(collection=collection).exclude(household__cards__isnull=False):
        member = refund.household.members.order_by("pk")[0]
        refunds.choose(
            refund=refund, choice=Refund.Choice.REFUND, by=member, now=now, send_to="FR14 2004 1010 0505 0001 3M02 606"
        )
    if not demo_cards.are_taken():
        return
    demo_cards.at(now)
    cards.read_disputes(now=now)
    paid = CardPayment.objects.filter(order__collection=collection, state=CardPayment.State.CAPTURED, disputes=None)
    order = paid.order_by("pk")[1].order
    known = Refund.objects.filter(household=order.household, collection=collection).first()
    refund = known or refunds.grant(order=order, amount=Decimal(BACK_TO_THE_CARD), by=village.coordinator, now=now)
    member = order.household.members.order_by("pk")[0]
    refunds.choose(refund=refund, choice=Refund.Choice.REFUND, by=member, now=now)
    cards.send_refunds(now=now)
    refunds.note_cards(now=now)


def _invoice(village: Village, collection: Collection, now: datetime) -> None:
    """One household asked for invoices of the farms that let the cooperative write them, and brought something back."""
    order = collection.orders.filter(lines__producer__code__in=people.MANDATES, lines__final_amount__gt=0).order_by(
        "basket_number"
    )[0]
    home = order.household
    buyer = billing.customer(name=home.name, address="7 rue des Halles", postcode="35750", city="Saint-Gonlay")
    first, *_others = sale_invoices.ask(
        order=order, buyer=buyer, by=home.members.order_by("pk")[0], now=now - timedelta(hours=20)
    )
    credit_notes.issue(
        invoice=first, amounts={0: credit_notes.left(first)[0]}, reason="rendu au marché, emballage percé",
        by=village.coordinator, now=now - timedelta(hours=6),
    )  # fmt: skip
