"""Redis emptied or gone, two workers at once: nothing is lost, nothing happens twice, pages do not notice."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse

from hub import calendar, notices
from hub.models import Collection, Notice, WeeklySchedule
from orders.models import Order
from tests import make
from tests.faults.lives import Outcome, a_life, compare, finish, outcome
from tests.faults.workers import ROOT, Worker
from tests.races.test_ordering_races import all_at_once

SWEEP = "import django; django.setup(); from distribution.tasks import sweep; sweep()"


def test_what_redis_forgets_the_next_tick_finds(due: str, undisturbed: Outcome, tmp_path: Path) -> None:
    with a_life(due, tmp_path) as (place, mailbox):
        for _lost in range(3):
            Worker(place).tick()
        place.forget_messages()
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


def test_without_redis_a_tick_does_all_but_the_paper_which_follows(
    due: str,
    undisturbed: Outcome,
    tmp_path: Path,
) -> None:
    with a_life(due, tmp_path) as (place, mailbox):
        gone = place.environment | {"REDIS_URL": "unix:///nonexistent/valkey.sock"}
        done = subprocess.run(
            [sys.executable, "-c", SWEEP],
            cwd=ROOT,
            env=gone | {"DJANGO_SETTINGS_MODULE": "hub.settings"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "OperationalError" in done.stderr
        found = outcome(place, mailbox)
        assert found.rows["distribution_invoicefile"] == Counter()  # paper, which waits
        told = ("hub_notice", "hub_letter", "distribution_invoicefile")
        for table in undisturbed.rows.keys() - set(told):
            assert found.rows[table] == undisturbed.rows[table], table
        waiting = undisturbed.letters - found.letters
        assert found.letters - undisturbed.letters == {}
        assert {".pdf" in words for words in waiting} == {True}
        assert {".pdf" in words for words in found.letters} == {False}
        assert found.pdfs == 0
        finish(place)
        compare(outcome(place, mailbox), undisturbed)


def test_two_workers_and_two_schedulers_do_everything_once(
    due: str,
    undisturbed: Outcome,
    tmp_path: Path,
) -> None:
    with a_life(due, tmp_path) as (place, mailbox), Worker(place) as one, Worker(place) as other:
        for _minute in range(2):
            one.tick()
            other.tick()
        other.finish()
        compare(outcome(place, mailbox), undisturbed)


@pytest.mark.django_db
def test_pages_sign_in_and_orders_work_without_redis(client: Client, settings: Any) -> None:
    gone = settings.CACHES["fast"] | {"LOCATION": "unix:///nonexistent/valkey.sock"}
    settings.CACHES = settings.CACHES | {"fast": gone}
    assert caches["fast"].get("anything") is None
    sale = make.collection(make.point(payment_methods=["at-point"]))
    pack = make.packaging(make.producer(sale.point))
    make.offer(pack, sale)
    home = make.household()
    make.join(home, sale.point)
    client.post(reverse("account_login"), {"login": home.members.get().email})
    client.post(reverse("account_confirm_login_code"), {"code": mail.outbox[-1].subject.split()[0]})
    pages = [reverse("orders:home"), reverse("orders:shop", args=[sale.code]), reverse("hub:account")]
    assert [client.get(page).status_code for page in pages] == [200, 200, 200]
    answer = client.post(
        reverse("orders:sending", args=[sale.code]), {f"q-{pack.code}": "2", "payment_method": "at-point"}
    )
    assert answer.status_code == 302
    assert client.get(reverse("readyz")).json() == {"database": True, "redis": False}


def test_relays_at_once_send_each_message_once(committed: str) -> None:
    person = make.member()
    Notice.objects.bulk_create(
        Notice(kind="membership-refused", key=f"n{n}", member=person, data={"point": str(n)}, due_at=make.now())
        for n in range(40)
    )
    counts = all_at_once([lambda: notices.send_due(now=make.now())] * 4)
    assert sum(counts) == 40
    assert set(Counter(str(one.extra_headers["Message-ID"]) for one in mail.outbox).values()) == {1}
    assert Notice.objects.filter(sent_at=None).count() == 0


def test_planners_at_once_make_each_collection_once(committed: str) -> None:
    today, point = make.today(), make.point()
    WeeklySchedule.objects.create(
        point=point, weekday=today.weekday(), starts="17:30", ends="19:00", opens_days_before=6, opens="08:00",
        closes_days_before=2, closes="20:00", valid_from=today,
    )  # fmt: skip
    all_at_once([lambda: calendar.plan_collections(now=make.now())] * 4)
    assert Collection.objects.filter(point=point).count() == 4
    assert connection.is_usable()
    assert Order.objects.count() == 0
