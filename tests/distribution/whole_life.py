"""A household with a whole life, and where it is named."""

from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection

from distribution import settlement
from distribution.models import Sheet
from hub import founding, inviting, joining, notices, roles
from hub.models import ApiToken, Household, Notice
from orders import payments
from orders.models import Favourite
from producers import farms
from tests import make
from tests.distribution import day as days

WORDS = (
    "Rosalinde",
    "Kerguelen",
    "rosalinde@exemple.fr",
    "0612345678",
    "rue Sans-Nom",
    "sonnette jaune",
    "tante Ursule",
)
"""What only this household is called, reached and quoted by."""


def rosalinde(*, settled: bool = True) -> Household:
    """A household with a whole life: joined, wished, ordered, collected, paid, was written to."""
    home = Household.objects.create(
        name="Foyer Kerguelen", address="3 rue Sans-Nom", city="Saint-Gonlay", access_note="sonnette jaune"
    )
    person = make.member(
        "rosalinde@exemple.fr", household=home, first_name="Rosalinde", last_name="Kerguelen", phone="0612345678"
    )
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    Authenticator.objects.create(user=person, type="recovery_codes", data={})
    ApiToken.objects.create(member=person, name="tableur", token_hash="a", scopes=["read"], created_at=make.now())
    point = make.point(payment_methods=["at-point"])
    farm = make.producer(point)
    jar = make.packaging(farm, "2.50")
    sale = make.collection(point)
    Favourite.objects.create(household=home, product=jar.product)
    make.offer(jar, sale, packs=None)
    orders = [
        days.order({jar: 3}, sale, home=home, note="pour tante Ursule"),
        days.order({jar: 2}, sale),
    ]
    day = days.Day(sale, make.host(point), [farm], orders)
    make.counted(sale)
    day.arrive()
    day.act("collected", orders[0], by="tante Ursule")
    day.act("collected", orders[1], by="")
    day.act("note", orders[0], text="pour tante Ursule")
    payments.receive(
        household=home, amount=Decimal("7.50"), means="cheque", key="cheque", received_by=day.host, now=make.now(),
        order=orders[0], note="chèque Kerguelen",
    )  # fmt: skip
    day.confirm()
    if settled:
        settlement.settle(collection=day.collection, now=make.now())
    other = make.point()
    make.host(other)
    joining.ask(household=home, point=other, message="bonjour, Rosalinde", by=person, now=make.now())
    notices.queue(
        [Notice(kind="membership-refused", key="hello", member=person, data={"point": "x"}, due_at=make.now())]
    )
    notices.send_due(now=make.now())
    return home


def give_and_take_roles(person: Any) -> None:
    """They hosted a point and coordinated for a while, and were invited to keep a farm."""
    boss, point, now = make.coordinator(), make.point(), make.now()
    inviting.invite_host(point=point, email=person.email, by=boss, now=now)
    farms.invite(producer=make.producer(point), email=person.email, by=boss, now=now)
    founding.appoint_host(member=person, point=point, by=boss, now=now)
    roles.dismiss_host(point=point, member=person, by=boss, now=now)
    founding.appoint_coordinator(member=person, by=boss, now=now)
    roles.dismiss_coordinator(member=person, by=boss, now=now)


def told_anywhere() -> list[str]:
    """Tables in which any of the words still stands; sheets are emptied by the purge, later."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model is Sheet:
                continue
            cursor.execute(
                f'SELECT count(*) FROM "{model._meta.db_table}" AS t WHERE t::text ~* %s',
                ["|".join([*WORDS, "Kerguelen"])],
            )
            if cursor.fetchone()[0]:
                found.append(model._meta.db_table)
    return sorted(found)
