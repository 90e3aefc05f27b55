"""What is said of a point's part: to its hosts by letter and on their page, to coordinators beside the farms' payouts."""

import pytest
from django.test import Client
from django.urls import reverse

from distribution import payouts, reconcile
from distribution.models import Payout, PayoutRun, PointStatementBlock
from hub import notices
from hub.models import Letter, Member
from tests import make
from tests.bench import meters
from tests.distribution.farms import IBANS, numbers
from tests.distribution.point_parts import change, stated

pytestmark = pytest.mark.django_db


def test_the_letters_say_what_happened_and_no_account_number() -> None:
    statement, by = stated("10.00"), make.coordinator()
    point = statement.point
    host = make.host(point)
    Member.objects.filter(pk=host.pk).update(language="en")
    run = payouts.start(rail="hand", numbers=[statement.number], by=by, now=make.now())
    payouts.made(run=run, by=by, now=make.now())
    payouts.take_back(payout=statement.payouts.get(), reason="rejected", by=by, now=make.now())
    assert change(point, by, iban=IBANS[0])
    notices.send_due(now=make.now())
    mine = {one.notice.kind: one for one in Letter.objects.filter(notice__member=host) if one.notice}
    words = {
        "point-payout-paid": ("€0.80 are on their way for", f"statement {statement.number}", "ending in 3000"),
        "point-payout-returned": ("The transfer of €0.80 for", "did not carry out", "pays you again"),
        "point-account": ("The bank account of", "Amis des Tilleuls", "Nothing is paid to it for two days"),
    }
    assert mine.keys() == words.keys()
    for kind, (subject, *parts) in words.items():
        assert (mine[kind].subject.startswith(subject), point.name in mine[kind].subject) == (True, True), kind
        assert [part in mine[kind].text for part in parts] == [True] * len(parts), kind
        assert f"/mon-point/{point.code}/part/" in mine[kind].text
        assert not any(iban in mine[kind].text for iban in IBANS)


@pytest.fixture
def coordinator(client: Client) -> Client:
    """Of a coordinator who has just shown who they are."""
    client.force_login(make.coordinator())
    make.prove(client)
    return client


def test_the_host_reads_what_was_earned_and_paid_and_no_other(client: Client) -> None:
    statement, by = stated("10.00", "5.20"), make.coordinator()
    host, stranger = make.host(statement.point), make.host(make.point())
    url = reverse("distribution:point-part", args=[statement.point.code])
    client.force_login(host)
    page = client.get(url).content.decode()
    assert ("1,22" in page, statement.number in page, IBANS[2] in page) == (True, True, False)
    run = payouts.start(rail="hand", numbers=[statement.number], by=by, now=make.now())
    payouts.made(run=run, by=by, now=make.now())
    assert "versé" in client.get(url).content.decode()
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_the_payouts_page_shows_points_beside_farms_in_as_many_statements(coordinator: Client) -> None:
    counts = []
    for points in (1, 3):
        names = [stated("10.00").point.name for _nth in range(points)]
        counts.append(meters.statements(lambda: coordinator.get(reverse("distribution:payouts"))))
        page = coordinator.get(reverse("distribution:payouts")).content.decode()
        assert [name in page for name in names] == [True] * points
    assert counts[0] == counts[1]
    new = coordinator.get(reverse("distribution:payout-run-new"), {"rail": "hand"}).content.decode()
    due = list(Payout.objects.due())
    assert [one.number in new for one in due] == [True] * 4
    done = coordinator.post(reverse("distribution:payout-run-new"), {"rail": "hand", "number": numbers(due)})
    assert done.status_code == 302
    run = PayoutRun.objects.get()
    assert Payout.objects.filter(run=run, state="in-run").count() == 4
    shown = coordinator.get(reverse("distribution:payout-run", args=[run.number])).content.decode()
    assert shown.count("H-2026-") >= 4
    coordinator.post(reverse("distribution:payout-made", args=[run.number, due[0].number]))
    assert Payout.objects.get(pk=due[0].pk).state == "paid"
    coordinator.post(reverse("distribution:payout-taken-back", args=[run.number, due[0].number]), {"reason": "mistake"})
    assert Payout.objects.get(pk=due[0].pk).state == "failed"
    assert (PointStatementBlock.objects.count(), reconcile.differences()) == (4, [])
