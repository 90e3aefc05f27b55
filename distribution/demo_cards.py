"""Households of the village that pay by card, where a stand-in for Stripe is there to take it."""

from datetime import datetime
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from distribution import village_people as people
from hub.models import Household
from hub.models.places import PaymentMethod
from orders import cards

EVERY = 6  # one household in so many saves a card
GOOD, WITHOUT_MONEY = "4242 4242 4242 4242", "4000 0000 0000 0341"
OFFER_CARDS = ("tilleuls", "pont-neuf")


def are_taken() -> bool:
    """Whether a stand-in is there: a real Stripe has no page that a village could fill in."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_API_BASE)


def methods(place: people.Place) -> list[str]:
    """How one pays at a point of the village."""
    usual: list[str] = place.fields["payment_methods"]
    return [*usual, PaymentMethod.CARD] if are_taken() and place.code in OFFER_CARDS else usual


def save_one(home: Household, *, point: str, number: int, now: datetime) -> None:
    """Let the household save a card if it is one of those that do; the last at a point is one the bank will refuse."""
    if not are_taken() or point not in OFFER_CARDS or number % EVERY:
        return
    member = home.members.first()
    page = cards.begin_saving(household=home, success_url=settings.SITE_URL, cancel_url=settings.SITE_URL, now=now)
    _type(page.url, WITHOUT_MONEY if number == EVERY * 2 else GOOD)
    if member is not None:
        cards.finish_saving(household=home, session=page.session, by=member, now=now)


def method_of(home: Household) -> str:
    """How a household of the village pays its next order: "" leaves the point's first way."""
    return PaymentMethod.CARD if are_taken() and cards.usable_card(home) else ""


def hold(now: datetime) -> None:
    """What the sweep does after a close."""
    cards.place_holds(now=now)


def take(now: datetime) -> None:
    """What the sweep does after a settlement."""
    cards.take_due(now=now)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        """The page sends the browser back to the site, which does not serve yet."""


def _type(url: str, number: str) -> None:
    """Type a card on the stand-in's page."""
    request = Request(url, urlencode({"card": number}).encode())  # noqa: S310  (an address of the stand-in's)
    try:
        build_opener(_Stay).open(request, timeout=10)
    except HTTPError as sent_on:
        if sent_on.code != 303:
            raise
