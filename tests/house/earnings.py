"""What farms and points earn in the routes' small world: stated, invoiced, paid to their accounts."""

from decimal import Decimal
from typing import Any

from distribution import (
    billing,
    correcting,
    open_data,
    payouts,
    point_statements,
    sale_invoices,
    settlement,
    statements,
)
from distribution.models import Closing
from hub import payees
from hub.models import CollectionPoint, Household, Hub, Member
from producers import connect, identity, mandates
from producers.models import Producer
from tests import make
from tests.distribution.day import a_day

IBAN = "FR7630006000011234567890189"


def stated(at: CollectionPoint, farm: Producer) -> dict[str, Any]:
    """Settled and stated: a statement, the payout that waits for it, and enough households to tell the week's figures."""
    past = make.collection(at)
    bread = make.packaging(farm, "5.20")
    day = a_day(*[{bread: 1}] * open_data.FEWEST, farms=[farm], at=past)
    steps = ("counted_at", "minimums_at", "numbered_at", "frozen_at", "announced_at")
    Closing.objects.create(collection=past, **dict.fromkeys(steps, past.counted_at))
    day.arrive()
    day.confirm()
    settlement.settle(collection=past, now=make.now())
    statement = statements.issue(producer=farm, week=past.week, now=make.now())
    assert statement is not None
    part = point_statements.issue(point=at, week=past.week, now=make.now())
    assert part is not None
    return {
        "statement": statement.number, "point statement": part.number, "settled": past.code, "stated week": past.week,
    }  # fmt: skip


def accounts(at: CollectionPoint, farm: Producer, farmer: Member) -> dict[str, Any]:
    """A farm that began at Stripe; a farm and a point whose accounts were just changed."""
    connect.begin(
        producer=farm, return_url="http://localhost/", refresh_url="http://localhost/", by=farmer, now=make.now()
    )
    changed = make.producer(at, iban=IBAN)
    identity.change_account(producer=changed, iban="FR1420041010050500013M02606", bic="", by=farmer, now=make.now())
    point = make.point()
    payees.change_of_point(point=point, holder="Les Amis", iban=IBAN, bic="", by=farmer, now=make.now())
    changed.refresh_from_db()
    wrong = correcting.correct(
        producer=changed, amount=Decimal(2), words="Caisse oubliée", key="correction:world", by=farmer, now=make.now()
    )
    return {
        "changed farm": changed.code, "changed point": point.code, "correction": wrong.key,
        "farm account": changed.as_shown, "point account": point.account.as_shown,
    }  # fmt: skip


def payout_runs(at: CollectionPoint, by: Member) -> dict[str, Any]:
    """One run by hand and one by file, to be made; and one whose file the bank has."""
    Hub.objects.update(iban=IBAN)
    found: dict[str, Any] = {}
    for name, rail in (("hand run", "hand"), ("file run", "file"), ("sent run", "file")):
        past, farm = make.collection(at), make.producer(at, iban=IBAN)
        day = a_day({make.packaging(farm, "5.20"): 1}, farms=[farm], at=past)
        day.arrive()
        day.confirm()
        settlement.settle(collection=past, now=make.now())
        stated = statements.issue(producer=farm, week=past.week, now=make.now())
        assert stated is not None
        run = payouts.start(rail=rail, numbers=[stated.number], by=by, now=make.now())
        found |= {name: run.number, f"statement of {name}": stated.number}
        if name == "sent run":
            payouts.sent(run=run, by=by, now=make.now())
    return found


def invoiced(at: CollectionPoint, farm: Producer, home: Household, farmer: Member) -> dict[str, Any]:
    """Settled: an order whose invoice was asked for, under the farm's mandate."""
    past = make.collection(at)
    day = a_day({make.packaging(farm, "4.20"): 1}, farms=[farm], at=past, home=home)
    day.arrive()
    day.confirm()
    settlement.settle(collection=past, now=make.now())
    mandates.give(producer=farm, by=farmer, now=make.now())
    buyer = billing.customer(name=home.name, address="1 rue", postcode="35000", city="Rennes")
    invoice = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=buyer, by=None, now=make.now())
    return {"invoice": invoice.number}
