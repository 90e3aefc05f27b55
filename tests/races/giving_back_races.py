"""Races of what households and farms get back: refunds, fees, credit notes."""

from decimal import Decimal
from functools import partial
from typing import Any

from distribution import correcting, credit_notes, refunds, sale_invoices
from distribution.models import Correction, Invoice, Refund, Statement
from hub import ledger
from orders import payments
from tests import make
from tests.distribution import invoices as build
from tests.races.at_once import MANY, Race, count, posted

D = Decimal


def granting_the_same_refund() -> Race:
    build.cooperative()
    make.fees()
    farm, by = build.farm(), make.coordinator()
    (order,) = build.settled(farm, {make.packaging(farm, "10.00"): 1}).orders
    order.refresh_from_db()

    def grant(amount: str) -> str:
        return str(refunds.grant(order=order, amount=D(amount), by=by, now=make.now()).amount.amount)

    def state() -> Any:
        refund = Refund.objects.get()
        return refund.amount.amount == ledger.balance(ledger.household_account(order.household)) + D("10.00"), count(
            "refund.granted"
        )

    return Race([partial(grant, "3.00")] * MANY, state, ({"3.00": MANY}, (True, 1)), "distribution.refunds.money")


def paying_the_same_refund() -> Race:
    race = granting_the_same_refund()
    race.acts[0]()
    refund, by = Refund.objects.select_related("household").get(), make.coordinator()
    home = ledger.household_account(refund.household)
    payments.receive(
        household=refund.household, amount=D("10.00"), means="transfer", key="k", received_by=by, now=make.now()
    )
    refunds.choose(refund=refund, choice="refund", by=by, now=make.now())
    return Race(
        [lambda: refunds.pay(refund=refund, by=by, now=make.now())] * MANY,
        lambda: (ledger.balance(home), ledger.balance("bank"), len(posted("refund:")), count("refund.paid")),
        ({None: MANY}, (D("0.00"), D("7.00"), 1, 1)),
        "hub.ledger.post",
    )


def stated() -> Statement:
    build.cooperative(vat_registered=True)
    make.fees()
    farm = build.mandated()
    return build.stated(farm, build.settled(farm, {make.packaging(farm, "100.00"): 1}))


def giving_back_the_same_fee() -> Race:
    """Of a fee of 12 €, ten people give back 5 € each: two can."""
    statement, by = stated(), make.coordinator()

    def give(nth: int) -> str:
        correcting.correct(
            producer=statement.producer, amount=D("5.00"), words="Geste", key=f"fee-{nth}", by=by, now=make.now(),
            about=statement, about_fee=True,
        )  # fmt: skip
        return "given"

    return Race(
        [partial(give, nth) for nth in range(MANY)],
        lambda: (Correction.objects.count(), len(posted("correction:")), ledger.balance(f"producer:{statement.producer.code}")),
        ({"given": 2, "no-correction": MANY - 2}, (2, 2, D("90.00"))),
        "hub.ledger.post",
    )  # fmt: skip


def taking_back_the_same_invoice() -> Race:
    """Of an invoice of 100 €, ten credit notes of 30 €: three can."""
    statement, by = stated(), make.coordinator()
    order = statement.blocks.get().collection.orders.get()
    invoice = sale_invoices.issue(
        order=order, producer=statement.producer, buyer=build.household(), by=by, now=make.now()
    )
    year = make.today().year

    def take() -> str:
        credit_notes.issue(invoice=invoice, amounts={0: D("30.00")}, reason="Abîmé", by=by, now=make.now())
        return "issued"

    return Race(
        [take] * MANY,
        lambda: (
            credit_notes.left(Invoice.objects.get(pk=invoice.pk)),
            sorted(Invoice.objects.values_list("number", flat=True)),
        ),
        (
            {"issued": 3, "credit-too-high": MANY - 3},
            ([D("10.00")], [*(f"AM-{year}-{nth:04d}" for nth in range(1, 4)), f"M-{year}-0001"]),
        ),
        "distribution.invoicing.issue",
    )  # fmt: skip


RACES = [granting_the_same_refund, paying_the_same_refund, giving_back_the_same_fee, taking_back_the_same_invoice]
