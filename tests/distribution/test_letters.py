"""The messages around the deadline, as they arrive: a subject, the words, no leftovers of templates."""

import re
from datetime import timedelta

import pytest

from distribution import closing
from distribution.models import MinimumDecision
from hub import notices
from hub.models import Letter, Notice
from orders import ordering
from tests import make
from tests.distribution import week as weeks

pytestmark = pytest.mark.django_db


def send() -> dict[str, Letter]:
    """Sends everything and gives one letter of each kind."""
    due = Notice.objects.filter(sent_at=None).count()
    assert notices.send_due(now=make.now() + timedelta(hours=1)) == due
    letters = Letter.objects.select_related("notice").order_by("-pk")
    return {letter.notice.kind: letter for letter in letters if letter.notice}


def test_every_message_of_a_close_reads_well() -> None:
    week = weeks.build(yard_minimum="100")
    alone = make.household("Aubry")
    make.join(alone, week.point)
    ordering.place(household=alone, collection=week.collection, wish={week.chicken.pk: 1}, by=None, now=make.now())
    make.passed(week.collection)
    closing.close_due(now=make.now())
    closing.decide(decision_row=MinimumDecision.objects.get(), choice="cancel", by=None, now=make.now())
    closing.close_due(now=make.now())
    line = week.order("Éloi").lines.get(packaging=week.carrots)
    closing.amend(line=line, delta=-1, reason="producer", note="gel", by=week.host, now=make.now())
    closing.cancel(collection=week.collection, reason="neige", by=make.coordinator(), now=make.now())
    letters = send()
    assert sorted(letters) == [
        "amended-order", "amended-sheets", "close-host", "close-order", "close-order-cancelled", "close-producer",
        "close-producer-nothing", "collection-cancelled", "minimum",
    ]  # fmt: skip
    for kind, letter in letters.items():
        assert letter.subject, kind
        assert "\n" not in letter.subject
        assert not re.search(r"[{}]|%\(|None|&#|&amp;", letter.subject + letter.text), (kind, letter.text)
        assert letter.text.startswith("Bonjour "), (kind, letter.text)
    assert "neige" in letters["collection-cancelled"].text
    assert f"/impressions/{week.collection.code}/" in letters["close-host"].text
    assert f"/minimums/{week.collection.code}/{week.yard.code}/" in letters["minimum"].text
    assert "2 × " in letters["close-order"].text or "1 × " in letters["close-order"].text
