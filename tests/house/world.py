"""The small world of the routes' test: two of everything, so that a stranger always exists.

One point with a sale that is open, a hand-over under way and one that is settled and stated; beside it another point,
another farm and another household.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from hub import demo_doors, fees, inviting, notices, rhythm, tokens
from hub.models import CollectionPoint, Member, Membership, Notice, WeeklySchedule
from producers import farms, imports
from producers.models import Producer
from tests import make
from tests.house import earnings, purses, selling
from tests.house.earnings import IBAN
from tests.house.selling import HOURS
from tests.house.uploads import CATALOGUE

LEGAL = {
    "legal_name": "EARL Ferme", "address": "Les Granges", "postcode": "26400", "city": "Crest", "siret": "40483304800022",
    "vat_number": "FR83404833048",
}  # fmt: skip


@dataclass
class World:
    people: dict[str, Member]
    rows: dict[str, Any]


def build() -> World:
    """Somebody of each kind, and the rows that the addresses are about."""
    make.fees()
    here, there = make.point(code="ici", name="Ici"), make.point(code="la-bas", name="Là-bas")
    farm, other_farm = (
        make.producer(here, code="ferme", iban=IBAN, **LEGAL),
        make.producer(there, code="autre-ferme", **LEGAL),
    )
    mine, other = selling.joined("Mien", here), selling.joined("Autre", there)
    people = {
        "household": mine.members.get(),
        "other household": other.members.get(),
        "farmer": make.farmer(farm),
        "other farmer": make.farmer(other_farm),
        "host": make.host(here),
        "other host": make.host(there),
        "coordinator": make.coordinator(),
    }
    for who in ("farmer", "other farmer"):
        demo_doors.give_second_factor(people[who])
    for who in ("farmer", "other farmer", "host", "other host", "coordinator"):
        # Everybody has a household; these collect somewhere else, so that no right comes from there.
        Member.objects.filter(pk=people[who].pk).update(household=selling.joined(who, make.point()))
    rows = (
        earnings.stated(here, farm)
        | purses.short(here, farm, mine, people["coordinator"])
        | selling.on_sale(here, farm, mine)
        | selling.hand_over(here, farm, mine)
    )
    rows |= selling.below_minimum(here, farm, mine) | _import(farm, people["farmer"])
    asking = make.household("Candidat")
    Membership.objects.create(household=asking, point=here, status="requested", requested_at=make.now())
    rows |= (
        _invitations(here, farm, people)
        | _settings(here, people["coordinator"])
        | {"other farm id": other_farm.pk, "other farm": other_farm.code}
    )
    rows |= purses.saved_cards(farm, people["household"], people["coordinator"])
    rows |= purses.boxes(here, mine, people["host"])
    rows |= purses.bank_lines(mine, people["coordinator"])
    rows |= earnings.invoiced(here, farm, mine, people["farmer"])
    rows |= earnings.payout_runs(here, people["coordinator"]) | earnings.accounts(here, farm, people["farmer"])
    rows |= purses.bank_debits(mine, people["coordinator"])
    rows |= _messages(rows["today"], people["household"])
    rows |= {"farm": farm.code, "point": here.code, "other point": there.code, "asking": asking.code}
    rows["key"] = tokens.mint(member=mine.members.get(), name="Tableur", scopes=["read"], now=make.now()).token.code
    rows["household"] = mine.code
    return World(people, rows)


def _messages(today: str, reader: Member) -> dict[str, Any]:
    """Sheets that a farm has got by e-mail, a message that could not be sent, and a link that ends a kind of messages."""
    told = Notice.objects.filter(collection__code=today)
    sent, failed = told.filter(kind="close-producer"), told.filter(kind="close-host")
    sent.update(sent_at=make.now())
    failed.update(attempts=1, error="away")
    return {
        "sent notice": sent[:1].get().key,
        "failed notice": failed[:1].get().key,
        "leaving token": notices.unsubscribe_url(reader, "last-day").rstrip("/").rpartition("/")[2],
    }


def _invitations(at: CollectionPoint, farm: Producer, people: dict[str, Member]) -> dict[str, Any]:
    """To somebody else to host, to somebody else to keep the farm; and a second coordinator, since one must stay."""
    by = people["coordinator"]
    before = make.now() - HOURS
    inviting.invite_host(point=at, email="invitee@exemple.fr", by=by, now=before)
    farms.invite(producer=farm, email="invitee@exemple.fr", by=by, now=before)
    words = {
        f"{kind} token": Notice.objects.get(kind=f"invitation-{kind}").data["secret"] for kind in ("point", "producer")
    }
    emails = {f"{who} email": people[who].email for who in ("farmer", "host", "other farmer")}
    return words | emails | {"second coordinator": make.coordinator().email}


def _settings(at: CollectionPoint, by: Member) -> dict[str, Any]:
    """A rhythm, a date whose orders have not opened, a fee whose day has not come, a point nobody waits for."""
    now = make.now()
    schedule = WeeklySchedule(
        point=at, weekday=6, starts=time(10), ends=time(12), opens_days_before=6, opens=time(8), closes_days_before=1,
        closes=time(20), valid_from=date(2099, 1, 4),
    )  # fmt: skip
    rhythm.begin(schedule=schedule, by=by, now=now)
    day = now + timedelta(days=40)
    forecast = make.collection(
        at, status="planned", opens_at=day, closes_at=day + HOURS, starts_at=day + 2 * HOURS, ends_at=day + 3 * HOURS
    )
    fee = fees.announce(payee="host", percentage=Decimal(9), valid_from=date(2099, 1, 1), point=None, by=by, now=now)
    return {"schedule": schedule.pk, "forecast": forecast.code, "fee": fee.pk, "empty point": make.point().code}


def _import(farm: Producer, by: Member) -> dict[str, Any]:
    """One spreadsheet to confirm and one to undo."""
    now, week = make.now(), make.collection(make.point()).week
    files = {f"{name}.csv": CATALOGUE.format(product=name).encode() for name in ("Poireau", "Panais")}
    made = [
        imports.preview(producer=farm, week=week, file_name=name, content=content, by=by, now=now)
        for name, content in files.items()
    ]
    imports.confirm(imp=made[0], by=by, now=now)
    return {"import": made[1].code, "written import": made[0].code}
