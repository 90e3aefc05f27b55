"""Households of the village that send money to their balance through the stand-in: by card, and by direct debit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from distribution import demo_cards
from hub.models import Household, Member
from orders import cards, debits
from orders.models import TopUp
from orders.models.debit import LEGAL_NOTICE

# Accounts of Stripe's own documentation: a debit of the first is paid, of the second contested weeks later, of the third
# refused for want of money.
PAID, TAKEN_BACK, REFUSED = "AT611904300234573201", "AT591904300235473203", "AT051904300235473205"
DEBITED = {21: PAID, 22: TAKEN_BACK, 23: REFUSED}  # by the household's place in the list of the market
BY_CARD = range(24, 30)
SIGNED = timedelta(days=33)
DUE = SIGNED - timedelta(days=LEGAL_NOTICE)
ENDED = DUE - timedelta(days=6)  # the stand-in's banks take five days
ON_ITS_WAY = timedelta(days=2)


def fill(homes: Sequence[Household], *, now: datetime) -> None:
    """Three households allow debits five weeks ago; of the first debits one is paid, one taken back, one refused. Six others
    top up by card."""
    if not demo_cards.are_taken():
        return
    signed = now - SIGNED
    demo_cards.at(signed)
    for number in BY_CARD:
        _by_card(homes[number], signed)
    for number, iban in DEBITED.items():
        _sign(homes[number], iban, signed)
        _ask(homes[number], "100.00", 1, signed)
    debits.announce_due(now=signed)
    _sweep(now - DUE)
    _sweep(now - ENDED)
    cards.read_disputes(now=now - ENDED)
    demo_cards.at_the_desk(act="lost")
    cards.read_disputes(now=now - ENDED)


def go_on(homes: Sequence[Household], *, now: datetime) -> None:
    """The household whose debit was paid goes on in three instalments: the first is at the bank, two are to come."""
    if not demo_cards.are_taken():
        return
    asked = now - ON_ITS_WAY - timedelta(days=LEGAL_NOTICE)
    _ask(homes[min(DEBITED)], "120.00", 3, asked)
    debits.announce_due(now=asked)
    _sweep(now - ON_ITS_WAY)


def _by_card(home: Household, now: datetime) -> None:
    [row] = debits.top_up(
        household=home, amount=Decimal(120), means=TopUp.Means.CARD, key="village:card", by=_member(home), now=now
    )
    page = debits.pay_by_card(top_up=row, success_url=settings.SITE_URL, cancel_url=settings.SITE_URL, now=now)
    demo_cards.fill_in(page, card=demo_cards.GOOD)
    row.refresh_from_db()
    debits.read_page_again(top_up=row, now=now)


def _sign(home: Household, iban: str, now: datetime) -> None:
    page = debits.begin_signing(
        household=home, success_url=settings.SITE_URL, cancel_url=settings.SITE_URL, now=now
    )  # fmt: skip
    demo_cards.fill_in(page.url, iban=iban)
    debits.finish_signing(
        household=home, session=page.session, notice_days=LEGAL_NOTICE, by=_member(home), now=now
    )  # fmt: skip


def _ask(home: Household, amount: str, parts: int, now: datetime) -> None:
    debits.top_up(
        household=home, amount=Decimal(amount), means=TopUp.Means.DEBIT, key=f"village:debit:{parts}", parts=parts,
        by=_member(home), now=now,
    )  # fmt: skip


def _sweep(now: datetime) -> None:
    """What the sweep does: ask for what is due, and read again what was asked for."""
    demo_cards.at(now)
    debits.ask_due(now=now)
    for row in TopUp.objects.unfinished().exclude(stripe_id=""):
        debits.read_payment_again(top_up=row, now=now)


def _member(home: Household) -> Member:
    return home.members.order_by("pk")[0]
