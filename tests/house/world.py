"""The small world of the routes' test: two of everything, so that a stranger always exists.

One point with a sale that is open, a hand-over under way and one that is settled and stated; beside it another point,
another farm and another household.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from distribution import (
    billing,
    closing,
    correcting,
    demo_time,
    open_data,
    paying_back,
    payouts,
    point_statements,
    receipts,
    refunds,
    sale_invoices,
    settlement,
    statements,
)
from distribution.bank import importing
from distribution.boxes import counting, depositing
from distribution.models import Closing, Refund, Sheet
from hub import calendar, demo_doors, fees, inviting, ledger, notices, payees, rhythm, tokens
from hub.models import Collection, CollectionPoint, Host, Household, Hub, Member, Membership, Notice, WeeklySchedule
from orders import cards, debits, favourites, ordering, payments, wishes
from orders.models import CardPayment, Dispute, Order, Payment
from producers import connect, farms, identity, imports, mandates, photos
from producers.models import Producer
from tests import make
from tests.distribution.day import Day, a_day
from tests.stand_in.browsing import save_on

LEGAL = {
    "legal_name": "EARL Ferme", "address": "Les Granges", "postcode": "26400", "city": "Crest", "siret": "40483304800022",
    "vat_number": "FR83404833048",
}  # fmt: skip
IBAN = "FR7630006000011234567890189"
HOURS = timedelta(hours=2)
CATALOGUE = "Produit;Conditionnement;Prix\n{product};botte;2,80\n"


@dataclass
class World:
    people: dict[str, Member]
    rows: dict[str, Any]


def photo(colour: str) -> bytes:
    """A small picture."""
    file = BytesIO()
    Image.new("RGB", (240, 240), colour).save(file, "PNG")
    return file.getvalue()


def bank_csv(*lines: str) -> bytes:
    """A statement of today: label and amount of each line."""
    return "\n".join(["Date;Libellé;Montant", *(f"{make.today():%d/%m/%Y};{line}" for line in lines)]).encode()


def build() -> World:
    """Somebody of each kind, and the rows that the addresses are about."""
    make.fees()
    here, there = make.point(code="ici", name="Ici"), make.point(code="la-bas", name="Là-bas")
    farm, other_farm = (
        make.producer(here, code="ferme", iban=IBAN, **LEGAL),
        make.producer(there, code="autre-ferme", **LEGAL),
    )
    mine, other = _household("Mien", here), _household("Autre", there)
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
        Member.objects.filter(pk=people[who].pk).update(household=_household(who, make.point()))
    rows = (
        _stated(here, farm)
        | _short(here, farm, mine, people["coordinator"])
        | _sale(here, farm, mine)
        | _hand_over(here, farm, mine)
    )
    rows |= _below_minimum(here, farm, mine) | _import(farm, people["farmer"])
    asking = make.household("Candidat")
    Membership.objects.create(household=asking, point=here, status="requested", requested_at=make.now())
    rows |= (
        _invitations(here, farm, people)
        | _settings(here, people["coordinator"])
        | {"other farm id": other_farm.pk, "other farm": other_farm.code}
    )
    rows |= _cards(farm, people["household"], people["coordinator"])
    rows |= _boxes(here, mine, people["host"])
    rows |= _bank(mine, people["coordinator"])
    rows |= _invoiced(here, farm, mine, people["farmer"])
    rows |= _payout_runs(here, people["coordinator"]) | _accounts(here, farm, people["farmer"])
    rows |= _debits(mine, people["coordinator"])
    rows |= _messages(rows["today"], people["household"])
    rows |= {"farm": farm.code, "point": here.code, "other point": there.code, "asking": asking.code}
    rows["key"] = tokens.mint(member=mine.members.get(), name="Tableur", scopes=["read"], now=make.now()).token.code
    rows["household"] = mine.code
    return World(people, rows)


def _household(name: str, at: CollectionPoint) -> Household:
    home = make.household(name)
    make.join(home, at)
    return home


def _sale(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Open: an order, a wish that differs from it, a favourite; and another sale where nothing is ordered yet."""
    sale, coming = make.collection(at), make.collection(at)
    pack, more = make.packaging(farm, "2.50"), make.packaging(farm, "3.10")
    make.offer(pack, sale)
    make.offer(more, sale)
    ordering.place(household=home, collection=sale, wish={pack.pk: 2}, by=home.members.get(), now=make.now())
    wishes.touch(household=home, collection=sale, touches={more.code: wishes.Touch(1, 0)}, now=make.now())
    favourites.turn(household=home, product=pack.product)
    for shown in (pack.product, farm):
        photos.show(of=shown, content=photo("green"), by=home.members.get(), now=make.now())
    later = timezone.localtime(sale.starts_at - HOURS)
    return {
        "later day": f"{later:%Y-%m-%d}", "later hour": f"{later:%H:%M}", "photo": pack.product.photo,
        "sale": sale.code, "next sale": coming.code, "week": sale.week,
        "following week": calendar.shift_week(sale.week, 1), "pack": pack.code, "product": pack.product.code,
    }  # fmt: skip


def _hand_over(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Frozen by the real close; the farm has arrived, the second of two households has been served."""
    today, orders = _closed(at, farm, home, _household("Deuxième", at))
    assert today.opens_at is not None
    assert today.closes_at is not None
    demo_time.move_window(
        today, opens_at=today.opens_at, closes_at=today.closes_at, starts_at=make.now(), ends_at=make.now() + HOURS
    )
    day = Day(today, Host.objects.filter(point=at).latest("pk").member, [farm], orders)
    day.arrive()
    done = day.act("collected", orders[1], by="")
    note = Sheet.objects.get(collection=today, kind="delivery-note", producer=farm)
    return {
        "today": today.code,
        "order": orders[0].code,
        "act": done.uid,
        "sheet": note.sha256,
        "line": orders[0].lines.get().packaging.code,
    }


def _bank(home: Household, treasurer: Member) -> dict[str, Any]:
    """A statement to write; one that is written, with a line that named a household and one that waits."""
    Hub.objects.update_or_create(pk=1, defaults={"iban": "FR1420041010050500013M02606"})
    contents = (bank_csv(f"VIR {home.code};70,00", "FRAIS;-3,00"), bank_csv("VIR INCONNU;40,00"))
    written, coming = (
        importing.preview(content=content, file_name="releve.csv", by=treasurer, now=make.now()) for content in contents
    )
    importing.confirm(file=written, by=treasurer, now=make.now())
    known, waiting = written.lines.order_by("-amount")
    return {"bank file": coming.code, "known bank line": known.pk, "use": 1, "bank line": waiting.pk}


def _boxes(at: CollectionPoint, home: Household, host: Member) -> dict[str, Any]:
    """A box that was counted and partly carried to the bank; a cheque in hand, one handed in and one that bounced."""
    now = make.now()
    for key, means, amount in (("c1", "cash", 30), ("q1", "cheque", 10), ("q2", "cheque", 20), ("q3", "cheque", 40)):
        payments.receive(
            household=home, amount=Decimal(amount), means=means, key=key, received_by=host, now=now, point=at
        )
    held = ledger.balance(f"cash:{at.code}")
    counting.count(
        point=at, means="cash", counted=held + 1, seen=held, key="box:one", by=host, now=now, note="pourboire"
    )
    cash = depositing.deposit(point=at, means="cash", amount=Decimal(5), key="box:two", by=host, now=now)
    slip = depositing.hand_in(cheques=["q2", "q3"], key="box:three", by=host, now=now)
    bounced = depositing.bounce(payment=Payment.objects.get(key="q3"), key="box:four", by=host, now=now)
    return {
        "means": "cash", "count": "box:one", "cash deposit": cash.number, "slip": slip.number, "handed in": "q2",
        "bounced": bounced.key, "cheque": "q1", "in the box": f"{held - 4}",
    }  # fmt: skip


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


def _below_minimum(at: CollectionPoint, farm: Producer, home: Household) -> dict[str, Any]:
    """Past its deadline; the farm has to say whether it delivers."""
    farm.supplies.update(minimum="500")
    return {"undecided": _closed(at, farm, home)[0].code}


def _closed(at: CollectionPoint, farm: Producer, *homes: Household) -> tuple[Collection, list[Order]]:
    sold_at = make.collection(at)
    pack = make.packaging(farm, "4.00")
    make.offer(pack, sold_at)
    for home in homes:
        ordering.place(household=home, collection=sold_at, wish={pack.pk: 2}, by=None, now=make.now())
    make.passed(sold_at)
    closing.close_due(now=make.now())
    sold_at.refresh_from_db()
    return sold_at, list(sold_at.orders.order_by("pk"))


def _stated(at: CollectionPoint, farm: Producer) -> dict[str, Any]:
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


def _accounts(at: CollectionPoint, farm: Producer, farmer: Member) -> dict[str, Any]:
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


def _payout_runs(at: CollectionPoint, by: Member) -> dict[str, Any]:
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


def _cards(farm: Producer, fine: Member, refused: Member) -> dict[str, Any]:
    """One household has saved a card; the bank of another has refused to hold what it ordered."""
    for member, number in ((fine, "4242 4242 4242 4242"), (refused, "4000 0027 6000 3184")):
        home = Household.objects.get(members=member)
        page = cards.begin_saving(household=home, success_url="http://localhost/", cancel_url="", now=make.now())
        save_on(page.url, number)
        cards.finish_saving(household=home, session=page.session, by=member, now=make.now())
    point = home.memberships.get().point
    point.payment_methods = ["card"]
    point.save()
    make.supply(farm, point)
    sold_at = _closed(point, farm, home)[0]
    cards.place_holds(now=make.now())
    at = make.now()
    Dispute.objects.create(
        payment=CardPayment.objects.get(), stripe_id="du_lost", state="lost", amount=Decimal("4.20"), opened_at=at,
        checked_at=at, closed_at=at,
    )  # fmt: skip
    return {"unpaid": sold_at.code, "dispute": "du_lost"}


def _debits(home: Household, by: Member) -> dict[str, Any]:
    """A household debited through the bank: a sum in a file the bank has, and one that is announced."""
    hub = Hub.get()
    hub.iban, hub.creditor_id = hub.iban or IBAN, "FR72ZZZ123456"
    hub.save()
    member = home.members.get()
    debits.sign_at_bank(household=home, iban=IBAN, holder="Camille", notice_days=2, by=member, now=make.now())
    codes: list[str] = []
    for key in ("first", "second"):
        if codes:
            file = debits.write_file(by=by, now=make.now())
        asked = debits.top_up(household=home, amount=Decimal(30), means="debit", key=key, by=member, now=make.now())
        debits.announce_due(now=make.now())
        codes.append(asked[0].code)
    return {"debit": codes[0], "top-up": codes[1], "debit file": file.code}


def _short(at: CollectionPoint, farm: Producer, home: Household, treasurer: Member) -> dict[str, Any]:
    """Settled: an order with its receipt, and a missing loaf that was paid for and that the household wants back."""
    past = make.collection(at)
    bread = make.packaging(farm, "4.20")
    day = a_day({bread: 2}, farms=[farm], at=past, home=home)
    day.arrive()
    day.act("paid", day.orders[0], amount="8.40", means="cash")
    day.act("short", day.orders[0], bread, quantity=1, reason="broken")
    day.confirm()
    settlement.settle(collection=past, now=make.now())
    receipts.issue(collection=past, now=make.now())
    refunds.choose(refund=Refund.objects.get(), choice="refund", by=treasurer, now=make.now())
    payments.receive(
        household=home, amount=Decimal(5), means="cheque", key="treasury:world", received_by=treasurer, now=make.now()
    )
    whole = a_day({make.packaging(farm, "1.50"): 1}, farms=[farm], at=make.collection(at), home=home)
    whole.arrive()
    whole.confirm()
    settlement.settle(collection=whole.collection, now=make.now())
    back = a_day({make.packaging(farm, "1.50"): 1}, farms=[farm], at=make.collection(at), home=home)
    back.arrive()
    back.confirm()
    settlement.settle(collection=back.collection, now=make.now())
    back.orders[0].refresh_from_db()
    refund = refunds.grant(order=back.orders[0], amount=Decimal("0.50"), by=treasurer, now=make.now())
    refunds.choose(refund=refund, choice="refund", by=treasurer, now=make.now())
    refunds.pay(refund=refund, by=treasurer, now=make.now())
    paying_back.pay_back(household=home, amount=Decimal("0.50"), key="back:world", by=treasurer, now=make.now())
    return {
        "refunded": back.collection.code,
        "paid back": "back:world",
        "short": past.code,
        "whole order": whole.orders[0].code,
        "settled order": day.orders[0].code,
        "paid": "treasury:world",
    }


def _invoiced(at: CollectionPoint, farm: Producer, home: Household, farmer: Member) -> dict[str, Any]:
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
