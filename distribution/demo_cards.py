"""Households of the village that pay by card, where a stand-in for Stripe is there to take it."""

from datetime import datetime, timedelta
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from distribution import village_people as people
from hub.models import Household
from hub.models.places import PaymentMethod
from orders import cards
from orders.models import CardPayment, Order

EVERY = 6  # one household in so many saves a card
GOOD, WITHOUT_MONEY, CONTESTED = "4242 4242 4242 4242", "4000 0000 0000 0341", "4000 0000 0000 0259"
NUMBERS = {EVERY * 2: WITHOUT_MONEY, EVERY * 5: CONTESTED}  # by the household's place in the list of a point
OFFER_CARDS = ("tilleuls", "pont-neuf")
ASKED_TODAY = timedelta(hours=3)  # before today's hand-over: what was refused then can still be mended


def are_taken() -> bool:
    """Whether a stand-in is there: a real Stripe has no page that a village could fill in."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_API_BASE)


def methods(place: people.Place) -> list[str]:
    """How one pays at a point of the village."""
    usual: list[str] = place.fields["payment_methods"]
    return [*usual, PaymentMethod.CARD] if are_taken() and place.code in OFFER_CARDS else usual


def at(now: datetime) -> None:
    """Let the stand-in's clock stand at a moment of the village's story: what it is asked next happens then."""
    if are_taken():
        at_the_desk(act="clock", at=f"{now.timestamp():.0f}")


def at_the_desk(**form: str) -> None:
    """What a bank does, done at the stand-in's desk."""
    fill_in(f"{settings.STRIPE_API_BASE}/desk/", **form)


def save_one(home: Household, *, point: str, number: int, now: datetime) -> None:
    """Let the household save a card if it is one of those that do; the bank refuses one, and the holder contests another."""
    if not are_taken() or point not in OFFER_CARDS or number % EVERY:
        return
    at(now)
    member = home.members.first()
    page = cards.begin_saving(household=home, success_url=settings.SITE_URL, cancel_url=settings.SITE_URL, now=now)
    fill_in(page.url, card=NUMBERS.get(number, GOOD))
    if member is not None:
        cards.finish_saving(household=home, session=page.session, by=member, now=now)


def method_of(home: Household) -> str:
    """How a household of the village pays its next order: "" leaves the point's first way."""
    return PaymentMethod.CARD if are_taken() and cards.usable_card(home) else ""


def is_refused(order: Order) -> bool:
    """Whether the bank has refused the card of an order."""
    return CardPayment.objects.filter(order=order, state=CardPayment.State.REFUSED).exists()


def hold(now: datetime) -> None:
    """What the sweep does after a close."""
    at(now)
    cards.place_holds(now=now)


def give_up_refused(now: datetime) -> None:
    """What the sweep does half a day after a refusal that nobody mended."""
    at(now)
    cards.release_refused(now=now)
    cards.pay_refused_at_point(now=now)


def take(now: datetime) -> None:
    """What the sweep does after a settlement."""
    at(now)
    cards.take_due(now=now)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """The page sends the browser back to the site, which does not serve yet."""


def fill_in(url: str, **form: str) -> None:
    """Send the form of a page of the stand-in's, as a browser does."""
    request = Request(url, urlencode(form).encode())  # noqa: S310  (an address of the stand-in's)
    try:
        build_opener(_Stay).open(request, timeout=10)
    except HTTPError as sent_on:
        if sent_on.code != 303:
            raise
