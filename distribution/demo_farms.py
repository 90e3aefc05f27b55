"""Farms of the village that Stripe pays: two have given all it asks for, one has only begun."""

from datetime import datetime

from django.conf import settings

from distribution import demo_cards
from distribution import village_people as people
from distribution.demo_places import Village
from producers import connect
from producers.models import ConnectAccount


def open_accounts(village: Village, *, now: datetime) -> None:
    """Each goes to the page of the stand-in and fills in everything, or its identity alone."""
    if not demo_cards.are_taken():
        return
    demo_cards.at(now)
    for code in (*people.AT_STRIPE, people.BEGUN_AT_STRIPE):
        farm, back = village.farm(code), settings.SITE_URL
        page = connect.begin(producer=farm, return_url=back, refresh_url=back, by=village.farmers[code], now=now)
        demo_cards.fill_in(page, act="done" if code in people.AT_STRIPE else "identity")
        connect.read_again(account=ConnectAccount.objects.get(producer=farm), now=now)
