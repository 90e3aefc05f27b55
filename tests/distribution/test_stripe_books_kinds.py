"""The nightly comparison over every kind of movement Stripe makes: nothing to say of a whole season, and each thing missing,
extra or wrong named in its own row, to the cent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import transaction

from distribution.books import stripe
from distribution.models import Payout
from hub import ledger, notices
from hub.models import Notice, StripeMovement
from orders.models import CardPayment, CardRefund, Dispute, TopUp
from tests import make
from tests.faults import season
from tests.faults.season import Season
from tests.forging import forge
from tests.stand_in import StandIn

pytestmark = pytest.mark.django_db
D = Decimal
Row = tuple[str, str, str, str]


@pytest.fixture
def lived(stripe_server: StandIn) -> SimpleNamespace:
    """A season of twelve households in calm weather, and the names of what happened in it, as Stripe and the books say them."""
    one = Season(stripe_server, 12)
    one.live()
    stripe.fetch(make.now())
    homes = one.homes
    top_ups = {kind: TopUp.objects.get(household=homes[kind]) for kind in range(5)}
    payments = {nth: CardPayment.objects.get(order__household=home) for nth, home in enumerate(homes)}
    back = {nth: CardRefund.objects.get(payment=payments[nth]) for nth in (2, 3, 4)}
    won, lost = (Dispute.objects.get(payment=payments[nth]) for nth in (5, 11))
    return SimpleNamespace(
        server=stripe_server, coordinator=one.coordinator, top_ups=top_ups, payments=payments, back=back, won=won, lost=lost,
        later={kind: Dispute.objects.get(top_up=top_ups[kind]) for kind in (season.LOST, season.WON)},
        payout=Payout.objects.get(), home=ledger.household_account(homes[0]),
    )  # fmt: skip


def without(reference: str) -> Callable[[], object]:
    return lambda: forge(f"DELETE FROM hub_transfer WHERE reference LIKE '{reference}'")


def less(reference: str, by: str) -> Callable[[], object]:
    return lambda: forge(f"UPDATE hub_transfer SET amount = amount - {by} WHERE reference = '{reference}'")


def more(reference: str, debit: str, credit: str, amount: str) -> Callable[[], object]:
    entry = ledger.Entry(reference, debit, credit, D(amount), "x")
    return lambda: ledger.post([entry], now=make.now())


def told(kind: str, subject: str, amount: str) -> Callable[[], object]:
    """Stripe's balance moved, and we have not heard why."""
    values = {"stripe_id": f"txn_{subject}", "kind": kind, "subject": subject, "amount": D(amount), "at": make.now()}
    return lambda: StripeMovement.objects.create(**values)


def missing(lived: SimpleNamespace) -> dict[str, tuple[Callable[[], object], Row]]:
    """What Stripe did and the books do not say."""
    card, debit = (lived.top_ups[kind] for kind in (season.BY_CARD, season.DEBITED))
    return {
        "a top-up by card": (without(f"topup:{card.code}%"), ("missing", card.stripe_id, "", "100.00 − 1.75")),
        "a debit": (without(f"topup:{debit.code}%"), ("missing", debit.stripe_id, "", "101.00 − 0.35")),
        "a refund to a card": (
            without(f"card-refund:{lived.back[2].key}"), ("missing", lived.back[2].stripe_id, "", "-4.20")
        ),
        "an order paid by card": (
            without(f"card:{lived.payments[0].order.code}:%"), ("missing", lived.payments[0].stripe_id, "", "8.40 − 0.38")
        ),
        "a transfer to a farm": (without("payout:%"), ("missing", lived.payout.stripe_id, "", "-142.80")),
        "a refund made at Stripe's own desk": (told("refund", "re_x", "-3.00"), ("missing", "re_x", "", "-3.00")),
    }  # fmt: skip


def extra(lived: SimpleNamespace) -> dict[str, tuple[Callable[[], object], Row]]:
    """What the books say and Stripe did not do."""
    refused = lived.top_ups[season.NO_MONEY]
    return {
        "a top-up nobody made": (more("topup:X", "stripe", lived.home, "50"), ("extra", "topup:X", "50.00", "")),
        "a debit the bank refused": (
            more(f"topup:{refused.code}", "stripe", lived.home, "102"), ("extra", refused.stripe_id, "102.00", "")
        ),
        "a refund nobody sent": (more("card-refund:x", lived.home, "stripe", "2"), ("extra", "card-refund:x", "-2.00", "")),
        "a dispute nobody opened": (more("dispute:du_x", "disputes", "stripe", "9"), ("extra", "dispute:du_x", "-9.00", "")),
        "its fee alone": (
            more("dispute:du_x:fee", "stripe:fees", "stripe", "20"), ("extra", "dispute:du_x:fee", "0.00 − 20.00", "")
        ),
        "a farm paid by hand as if by Stripe": (
            more("payout:R-0", "hub:income", "stripe", "7"), ("extra", "payout:R-0", "-7.00", "")
        ),
    }  # fmt: skip


def wrong(lived: SimpleNamespace) -> dict[str, tuple[Callable[[], object], Row]]:
    """What both know, differently."""
    lost, won, debit = (lived.top_ups[kind] for kind in (season.LOST, season.WON, season.DEBITED))
    contested, charged, payout = lived.payments[5].stripe_id, lived.payments[11].stripe_id, lived.payout
    sent_back, slow = lived.back[4], lived.back[3]
    return {
        "another amount debited": (less(f"topup:{debit.code}", "1"), ("wrong", debit.stripe_id, "100.00 − 0.35", "101.00 − 0.35")),
        "another fee of a debit": (
            less(f"topup:{debit.code}:fee", "0.10"), ("wrong", debit.stripe_id, "101.00 − 0.25", "101.00 − 0.35")
        ),
        "a late failure not booked": (
            without(f"topup:{lost.code}:reversed"), ("wrong", lost.stripe_id, "103.00 − 20.35", "0.00 − 20.35")
        ),
        "the fee of a late failure": (
            without(f"dispute:{lived.later[season.LOST].stripe_id}:fee"),
            ("wrong", lost.stripe_id, "0.00 − 0.35", "0.00 − 20.35"),
        ),
        "a sum won back and not credited again": (
            without(f"topup:{won.code}:again"), ("wrong", won.stripe_id, "0.00 − 20.35", "104.00 − 20.35")
        ),
        "a lost dispute not booked": (
            without(f"dispute:{lived.lost.stripe_id}"), ("wrong", charged, "21.00 − 20.57", "0.00 − 20.57")
        ),
        "a won dispute not booked back": (
            without(f"dispute:{lived.won.stripe_id}:reversed"), ("wrong", contested, "0.00 − 20.44", "12.60 − 20.44")
        ),
        "the fee of a won dispute": (
            without(f"dispute:{lived.won.stripe_id}:fee"), ("wrong", contested, "12.60 − 0.44", "12.60 − 20.44")
        ),
        "a refund of another amount": (
            less(f"card-refund:{slow.key}", "0.20"), ("wrong", slow.stripe_id, "-4.00", "-4.20")
        ),
        "a refund the card sent back": (
            without(f"card-refund:{sent_back.key}:reversed"), ("wrong", sent_back.stripe_id, "-4.20", "0.00")
        ),
        "a farm paid another amount": (less(payout.reference, "0.01"), ("wrong", payout.stripe_id, "-142.79", "-142.80")),
        "a transfer reversed at Stripe": (
            told("transfer_refund", payout.stripe_id, "142.80"), ("wrong", payout.stripe_id, "-142.80", "0.00")
        ),
        "half of it reversed": (
            told("transfer_refund", payout.stripe_id, "71.40"), ("wrong", payout.stripe_id, "-142.80", "-71.40")
        ),
    }  # fmt: skip


def rows(lived: SimpleNamespace) -> list[Row]:
    """The differences as the page and the message name them."""
    found = stripe.differences(make.now() + timedelta(days=30))
    return [(one.what, one.subject, one.found, one.expected) for one in found]


def in_a_month() -> datetime:
    """Noon of a coming day: late enough for the day's comparison, whatever the hour is now."""
    return (make.now() + timedelta(days=30)).replace(hour=12)


def test_each_difference_is_named_alone_and_to_the_cent(lived: SimpleNamespace) -> None:
    """Of a whole season there is nothing to say; then each corruption on the same honest books, and undone."""
    assert rows(lived) == []
    check = stripe.check_due(now=in_a_month())
    assert check is not None
    assert check.ledger == check.summed == check.balance
    assert check.findings.count() == 0
    kinds = {"charge", "payment", "refund", "refund_failure", "adjustment", "transfer"}
    assert set(StripeMovement.objects.values_list("kind", flat=True)) == kinds
    for differences in (missing(lived), extra(lived), wrong(lived)):
        for name, (corrupt, expected) in differences.items():
            with transaction.atomic():
                corrupt()
                assert rows(lived) == [expected], name
                transaction.set_rollback(True)
    assert rows(lived) == []


def test_several_at_once_are_all_named_and_told_to_the_coordination(lived: SimpleNamespace) -> None:
    wanted = []
    chosen = (
        (missing, "a debit"), (missing, "a refund made at Stripe's own desk"), (extra, "a debit the bank refused"),
        (extra, "a dispute nobody opened"), (wrong, "a late failure not booked"), (wrong, "a transfer reversed at Stripe"),
    )  # fmt: skip
    for differences, name in chosen:
        corrupt, expected = differences(lived)[name]
        corrupt()
        wanted.append(expected)
    Notice.objects.exclude(kind="stripe-alarm").delete()
    at = in_a_month()
    check = stripe.check_due(now=at)
    assert check is not None
    assert sorted(check.findings.values_list("what", "subject", "found", "expected")) == sorted(wanted)
    assert set(Notice.objects.values_list("kind", "member", "data__number")) == {
        ("stripe-alarm", lived.coordinator.pk, len(wanted))
    }
    notices.send_due(now=at)
    words = str(mail.outbox[0].body)
    assert [subject for _what, subject, _found, _expected in wanted if subject not in words] == []
