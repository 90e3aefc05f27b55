"""Receipts and statements as PDF: the first one made is what everybody gets, and the database knows its hash."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from distribution import papers, receipts, settlement, statements
from distribution.models import KeptPaper, Receipt, Statement
from tests import make
from tests.distribution.day import a_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid() -> tuple[Receipt, Statement]:
    """A settled distribution of one farm and one household."""
    make.fees()
    at = make.collection()
    farm = make.producer(at.point)
    day = a_day({make.packaging(farm, "4.20"): 2}, farms=[farm], at=at)
    day.arrive()
    day.confirm()
    settlement.settle(collection=at, now=make.now())
    receipts.issue_due(now=make.now())
    statement = statements.issue(producer=farm, week=at.week, now=make.now())
    assert statement is not None
    return Receipt.objects.get(), statement


def test_what_is_handed_out_is_what_was_kept(paid: tuple[Receipt, Statement], client: Client) -> None:
    receipt, statement = paid
    client.force_login(receipt.household.members.get())
    first = client.get(f"/documents/recus/{receipt.order.code}/")
    assert first.content == papers.receipt_pdf(receipt, "fr", now=make.now())
    client.force_login(make.farmer(statement.producer))
    second = client.get(f"/documents/releves/{statement.number}/pdf/")
    assert second.content == papers.statement_pdf(statement, now=make.now())
    kept = [
        (one.receipt, one.statement, one.language, one.sha256, one.size) for one in KeptPaper.objects.order_by("pk")
    ]
    assert kept == [
        (receipt, None, "fr", sha256(first.content).hexdigest(), len(first.content)),
        (None, statement, "fr", sha256(second.content).hexdigest(), len(second.content)),
    ]


def test_a_file_is_read_not_made_again(paid: tuple[Receipt, Statement]) -> None:
    receipt, _statement = paid
    papers.receipt_pdf(receipt, "fr", now=make.now())
    name = f"papers/{KeptPaper.objects.get().sha256[:2]}/{KeptPaper.objects.get().sha256}.pdf"
    Path(default_storage.path(name)).write_bytes(b"as it was kept")
    assert papers.receipt_pdf(receipt, "fr", now=make.now()) == b"as it was kept"
    assert papers.receipt_pdf(receipt, "en", now=make.now()) != b"as it was kept"
    assert list(KeptPaper.objects.order_by("pk").values_list("language", flat=True)) == ["fr", "en"]


def test_a_file_that_is_lost_is_made_again_and_is_the_same(paid: tuple[Receipt, Statement]) -> None:
    receipt, _statement = paid
    first = papers.receipt_pdf(receipt, "fr", now=make.now())
    digest = KeptPaper.objects.get().sha256
    default_storage.delete(f"papers/{digest[:2]}/{digest}.pdf")
    assert papers.receipt_pdf(receipt, "fr", now=make.now()) == first
    assert KeptPaper.objects.get().sha256 == digest
