"""Reminders: each at its moment, once, to those concerned; not late, not for a cancelled collection, not when muted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from distribution import closing, mailing, reminding, settlement
from distribution.models import Closing, Refund
from hub import calendar, notices, profile
from hub.models import Collection, Member, Notice
from orders import ordering, wishes
from tests import make
from tests.distribution import week as weeks
from tests.distribution.day import a_day
from tests.distribution.week import Week

pytestmark = pytest.mark.django_db


def queued(kind: str = "") -> list[str]:
    """Who is reminded of what: kind and household or first name. Papers sent the day before are test_mailing's."""
    rows = Notice.objects.filter(expires_at__isnull=False, kind__startswith=kind).exclude(kind__startswith="sheets-")
    return sorted(
        f"{row.kind} {row.member.household.name if row.member.household else row.member.first_name}"
        for row in rows.select_related("member__household")
        if row.member
    )


def at(moment: datetime) -> list[str]:
    """What is queued once the sweep has run twice at a moment."""
    reminding.queue_due(now=moment)
    assert reminding.queue_due(now=moment + timedelta(seconds=1)) == 0
    return queued()


@pytest.fixture
def sale() -> Week:
    """Opened yesterday, closes tomorrow; three households have ordered, Ana and Léo have not."""
    week = weeks.build()
    for name in ("Ana", "Léo"):
        home = week.homes[name] = make.household(name)
        make.join(home, week.point)
    return week


def moved(collection: Collection, **times: datetime) -> Collection:
    """The same collection with another window."""
    Collection.objects.filter(pk=collection.pk).update(**times)
    collection.refresh_from_db()
    return collection


def test_the_opening_is_told_to_those_who_have_not_ordered(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    assert at(opened - timedelta(minutes=1)) == []
    assert at(opened) == ["sale-opened Ana", "sale-opened Léo"]
    assert at(opened + timedelta(hours=2)) == ["sale-opened Ana", "sale-opened Léo"]


def test_an_opening_is_not_told_late_nor_before_anything_is_on_sale(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    assert at(opened + timedelta(hours=12)) == []
    empty = make.collection(make.point())
    make.join(sale.homes["Ana"], empty.point)
    reminding.queue_due(now=empty.opens_at or make.now())
    assert Notice.objects.filter(collection=empty).count() == 0


def test_whoever_joins_later_is_not_told_of_an_opening(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    at(opened)
    make.join(make.household("Max"), sale.point)
    assert at(opened + timedelta(hours=1)) == ["sale-opened Ana", "sale-opened Léo"]


def past(week: Week, weeks_ago: int, *names: str) -> None:
    """An earlier collection of the point, with the orders of these households, counted."""
    then = make.collection(week.point)
    for name in names:
        home = week.homes[name]
        ordering.place(household=home, collection=then, wish={week.carrots.pk: 1}, by=None, now=make.now())
    start = make.now() - timedelta(weeks=weeks_ago)
    moved(
        then, opens_at=start - timedelta(days=5), closes_at=start - timedelta(days=1), starts_at=start,
        ends_at=start + timedelta(hours=2),
    )  # fmt: skip
    closing.close_collection(collection=then, now=make.now())


def test_the_day_before_usual_buyers_who_have_not_ordered_are_told(sale: Week) -> None:
    for weeks_ago, names in enumerate((("Ana", "Zoé"), ("Léo", "Zoé"), ("Ana",), ("Éloi",), ("Léo",)), 1):
        past(sale, weeks_ago, *names)
    Notice.objects.all().delete()
    until = sale.collection.closes_at
    moved(sale.collection, opens_at=until - timedelta(days=4))
    assert at(until - timedelta(hours=24, minutes=1)) == []
    # Léo ordered once in the last four, Zoé has ordered already
    assert at(until - timedelta(hours=24)) == ["last-day Ana"]
    assert at(until - timedelta(hours=7)) == ["last-day Ana"]


def test_a_last_day_missed_is_not_told_in_the_last_hours(sale: Week) -> None:
    for weeks_ago in (1, 2):
        past(sale, weeks_ago, "Ana")
    Notice.objects.all().delete()
    moved(sale.collection, opens_at=sale.collection.closes_at - timedelta(days=4))
    assert at(sale.collection.closes_at - timedelta(hours=6)) == []


def wish(week: Week, name: str, packs: dict[str, int], ago: timedelta) -> None:
    wishes.overlay(
        household=week.homes[name], collection=week.collection, changes=packs, note="", now=make.now(), revision=None
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_wish SET changed_at = %s WHERE household_id = %s",
            [week.collection.closes_at - timedelta(hours=2) - ago, week.homes[name].pk],
        )


def test_two_hours_before_an_unsent_wish_is_told(sale: Week) -> None:
    long_ago = timedelta(hours=5)
    wish(sale, "Ana", {sale.carrots.code: 2}, long_ago)
    wish(sale, "Léo", {sale.carrots.code: 2}, timedelta(minutes=5))  # is choosing at this very moment
    wish(sale, "Zoé", {sale.carrots.code: 2}, long_ago)  # wishes what is ordered already
    wish(sale, "Éloi", {sale.carrots.code: 0}, long_ago)
    until = sale.collection.closes_at
    assert at(until - timedelta(hours=2, minutes=1)) == []
    assert at(until - timedelta(hours=2)) == ["unsent-wish Ana", "unsent-wish Éloi"]
    assert at(until - timedelta(minutes=100)) == ["unsent-wish Ana", "unsent-wish Léo", "unsent-wish Éloi"]


def closed(week: Week, starts_at: datetime) -> Collection:
    make.passed(week.collection)
    closing.close_due(now=make.now())
    Notice.objects.all().delete()
    return moved(week.collection, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))


def tomorrow(hour: int) -> datetime:
    return calendar.wall_to_utc(calendar.local_date(make.now()) + timedelta(days=2), time(hour))


def test_the_morning_of_the_collection_tells_code_and_window(sale: Week) -> None:
    collection = closed(sale, tomorrow(18))
    assert at(tomorrow(7) - timedelta(minutes=1)) == []
    assert at(tomorrow(7)) == ["collect-today Bahri", "collect-today Zoé", "collect-today Éloi"]
    order = sale.order("Zoé")
    notices.send_due(now=tomorrow(8), attach=mailing.FILES)
    letter = next(m for m in mail.outbox if m.to == [sale.homes["Zoé"].members.get().email])
    assert order.code in letter.body
    assert "18\u00a0h\u00a0– 20\u00a0h\u202f: Point" in letter.body
    assert f"{order.basket_number}" in letter.subject
    (name, content, kind), = letter.attachments  # fmt: skip
    assert (name, kind) == (f"{collection.code}.ics", "text/calendar")
    assert order.code in str(content)


def test_an_early_hand_over_is_told_an_hour_before_and_never_after_it_began(sale: Week) -> None:
    closed(sale, tomorrow(6))
    assert at(tomorrow(6) - timedelta(minutes=61)) == []
    assert at(tomorrow(6)) == []
    assert len(at(tomorrow(6) - timedelta(minutes=30))) == 3


def test_hosts_and_coordinators_are_reminded_to_confirm(sale: Week) -> None:
    make.coordinator()
    over = closed(sale, tomorrow(9)).ends_at
    assert at(over + timedelta(minutes=119)) == []
    assert at(over + timedelta(hours=2)) == ["to-confirm Martine"]
    late = ["to-confirm Martine", "to-confirm-coordinator Hélène", "to-confirm-late Martine"]
    assert at(over + timedelta(hours=24)) == late
    assert at(over + timedelta(hours=48)) == late


def test_after_a_days_outage_only_what_is_still_useful_is_told(sale: Week) -> None:
    over = closed(sale, tomorrow(9)).ends_at
    assert at(over + timedelta(hours=30)) == ["to-confirm-late Martine"]


MOMENTS: list[Callable[[Collection], datetime | None]] = [
    lambda c: c.opens_at,
    lambda c: c.closes_at - timedelta(hours=24),
    lambda c: c.closes_at - timedelta(hours=2),
    lambda c: c.starts_at - timedelta(hours=1),
    lambda c: c.ends_at + timedelta(hours=2),
    lambda c: c.ends_at + timedelta(hours=25),
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_is_reminded_of_a_cancelled_collection(
    sale: Week, moment: Callable[[Collection], datetime | None]
) -> None:
    wish(sale, "Ana", {sale.carrots.code: 2}, timedelta(hours=5))
    closing.cancel(collection=sale.collection, reason="neige", by=make.coordinator(), now=make.now())
    assert at(moment(sale.collection) or make.now()) == []


def test_a_reminder_that_waits_is_withdrawn_with_its_collection(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    assert len(at(opened)) == 2
    closing.cancel(collection=sale.collection, reason="neige", by=make.coordinator(), now=make.now())
    notices.send_due(now=make.now() + timedelta(minutes=1))
    assert {m.subject.partition("\u202f")[0] for m in mail.outbox} == {"Annulée"}


def test_a_mail_server_that_comes_back_late_sends_no_stale_reminder(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    at(opened)
    assert notices.send_due(now=opened + timedelta(hours=12)) == 0
    assert Notice.objects.filter(sent_at=None).count() == 2


def test_a_killed_sweep_reminds_all_or_nobody(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None

    def killed_sweep() -> None:
        with transaction.atomic():
            reminding.queue_due(now=opened)
            raise SystemExit

    for _time in range(2):
        with pytest.raises(SystemExit):
            killed_sweep()
        assert queued() == []
    assert at(opened) == ["sale-opened Ana", "sale-opened Léo"]


def test_the_number_of_statements_is_that_of_the_kinds(sale: Week) -> None:
    counts = []
    for many in (0, 20):
        for _nth in range(many):
            make.join(make.household(), sale.point)
        with CaptureQueriesContext(connection) as seen:
            reminding.queue_due(now=(sale.collection.opens_at or make.now()) + timedelta(minutes=many))
        counts.append(len(seen))
    assert counts == [len(reminding.REMINDERS)] * 2


# What differs from the order


def test_what_differs_is_told_at_the_settlement_and_what_comes_back() -> None:
    make.fees()
    sold_at = make.collection(make.point(payment_methods=["account", "at-point"]))
    farm = make.producer(sold_at.point)
    bread, chicken = make.packaging(farm, "4.20"), make.weighed(farm)
    day = a_day({bread: 3, chicken: 1}, {bread: 2}, {bread: 1}, farms=[farm], at=sold_at, payment_method="at-point")
    day.arrive()
    day.act("weighed", day.orders[0], chicken, grams=1900)
    day.act("short", day.orders[1], bread, quantity=1, reason="broken")
    day.act("paid", day.orders[1], amount="8.40", means="cash")
    day.confirm()
    for _time in range(2):
        settlement.settle(collection=day.collection, now=make.now())
    assert Refund.objects.get().amount.amount * 100 == 420
    rows = list(Notice.objects.filter(kind="adjusted").order_by("pk"))
    assert [(row.kind, row.member.household) for row in rows if row.member] == [
        ("adjusted", day.orders[0].household), ("adjusted", day.orders[1].household),
    ]  # fmt: skip
    # 1.9 kg at 11 € a kilogram, beside three loaves
    assert rows[0].data["total"] == "33,50\u00a0€"
    assert [(line["weight"], line["amount"]) for line in rows[0].data["lines"]] == [("1,9\u00a0kg", "20,90\u00a0€")]
    assert (rows[1].data["refund"], rows[1].data["lines"][0]["missing"]) == ("4,20\u00a0€", 1)


# Which messages one wants


def test_what_is_muted_is_not_sent(sale: Week) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    profile.choose_messages(member=sale.homes["Ana"].members.get(), wanted=set(notices.OPTIONAL) - {"sale-opened"})
    assert at(opened) == ["sale-opened Léo"]


def test_one_click_ends_one_kind_without_signing_in(sale: Week, settings: Any) -> None:
    opened = sale.collection.opens_at
    assert opened is not None
    at(opened)
    first = Notice.objects.order_by("pk").first()
    assert first is not None
    Notice.objects.exclude(pk=first.pk).update(given_up_at=make.now())
    notices.send_due(now=opened + timedelta(minutes=1))
    (letter,) = mail.outbox
    address = str(letter.extra_headers["List-Unsubscribe"]).strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in letter.body
    path = address.removeprefix(settings.SITE_URL)
    client = Client(enforce_csrf_checks=True)
    assert client.get(path).status_code == 200
    member = Member.objects.get(email=letter.to[0])
    assert member.muted == []
    for _click in range(2):
        assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    member.refresh_from_db()
    assert member.muted == ["sale-opened"]
    assert client.get(path[:-3] + "x/").status_code == 404


def test_what_must_be_read_has_no_such_address(sale: Week) -> None:
    closed_at = make.passed(sale.collection)
    closing.close_due(now=make.now())
    notices.send_due(now=make.now() + timedelta(minutes=30))
    assert len(mail.outbox) == Notice.objects.filter(collection=closed_at).count()
    assert all("List-Unsubscribe" not in letter.extra_headers for letter in mail.outbox)
    member = sale.homes["Ana"].members.get()
    assert notices.read_token(notices.unsubscribe_url(member, "close-order").rstrip("/").rpartition("/")[2]) is None
    with pytest.raises(ValueError):
        profile.unsubscribe(member=member, kind="close-order", now=make.now())


def test_the_account_page_chooses_messages(client: Client) -> None:
    member = make.household().members.get()
    client.force_login(member)
    assert client.get("/mon-compte/").status_code == 200
    assert client.post("/mon-compte/messages/", {"messages-wanted": ["last-day", "adjusted"]}).status_code == 302
    member.refresh_from_db()
    assert member.muted == ["sale-opened", "unsent-wish", "collect-today"]
    assert client.post("/mon-compte/messages/", {"messages-wanted": ["close-order"]}).status_code == 422
    member.refresh_from_db()
    assert member.muted == ["sale-opened", "unsent-wish", "collect-today"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("reminder", reminding.REMINDERS, ids=lambda one: one.kind)
def test_every_reminder_reads_well(sale: Week, reminder: reminding.Reminder, language: str) -> None:
    Member.objects.update(language=language)
    data = {"order": sale.order("Zoé").code, "number": 3, "total": 27.3, "at_point": True}
    member = sale.homes["Zoé"].members.get()
    notices.queue([
        Notice(kind=reminder.kind, key="one", member=member, collection=sale.collection, due_at=make.now(), data=data)
    ])  # fmt: skip
    assert notices.send_due(now=make.now(), attach=mailing.FILES) == 1
    (letter,) = mail.outbox
    assert letter.body.startswith("Bonjour Camille," if language == "fr" else "Hello Camille,")
    assert sale.point.name in letter.subject
    assert not re.search(r"[{}]|%\(|None|&#|&amp;", f"{letter.subject}{letter.body}")


def test_a_close_that_is_not_announced_reminds_nobody_to_collect(sale: Week) -> None:
    closed(sale, tomorrow(18))
    Closing.objects.update(announced_at=None)
    assert at(tomorrow(7).astimezone(UTC)) == []
