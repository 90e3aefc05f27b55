"""Receipts and statements as PDF: the first one made is what everybody gets, and the database knows its hash."""

from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from pypdf import PdfReader

from distribution import papers, point_papers, point_statements, receipts, settlement, statements
from distribution.models import KeptPaper, PointStatement, Receipt, Statement
from hub.models import Collection, Hub
from producers.models import Producer
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


@pytest.fixture
def part() -> PointStatement:
    """Two distributions of a point stated together: 8 % of 8,40 € and of each of 2 × 5,20 €."""
    make.fees("8", "12")
    point = make.point(name="Les Lavoirs", address="4 rue du Lavoir", postcode="35750", city="Saint-Gonlay")
    for price, packs in (("8.40", 1), ("5.20", 2)):
        farm, at = make.producer(point), make.collection(point)
        day = a_day(*[{make.packaging(farm, price): 1}] * packs, farms=[farm], at=at)
        day.arrive()
        day.confirm()
        settlement.settle(collection=at, now=make.now())
    stated = point_statements.issue(
        point=point, week=max(Collection.objects.values_list("week", flat=True)), now=make.now()
    )
    assert stated is not None
    return stated


def test_a_points_statement_tells_what_was_sold_and_its_part(part: PointStatement) -> None:
    said = point_papers.content(part)
    assert [(one["orders"], one["sold"], one["rates"], one["part"]) for one in said["collections"]] == [
        (1, "8.40", ["8"], "0.67"), (2, "10.40", ["8"], "0.84"),
    ]  # fmt: skip
    assert (said["net"], said["point"]["lines"]) == ("1.51", ["4 rue du Lavoir", "35750 Saint-Gonlay"])
    text = PdfReader(BytesIO(papers.point_statement_pdf(part, now=make.now()))).pages[0].extract_text()
    words = " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())
    for piece in (part.number, "Les Lavoirs", "sur 18,80 € de ventes", "8,40 € 8 % 0,67 €", "10,40 € 8 % 0,84 €"):
        assert piece in words, (piece, words)


def test_a_points_statement_is_kept_and_only_its_hosts_have_it(part: PointStatement, client: Client) -> None:
    url = f"/documents/parts/{part.number}.pdf"
    client.force_login(make.host(part.point))
    first = client.get(url)
    Hub.objects.update(name="Un autre nom")
    assert (client.get(url).content, first.headers["Content-Type"]) == (first.content, "application/pdf")
    kept = KeptPaper.objects.get()
    assert (kept.point_statement, kept.language, kept.sha256) == (part, "fr", sha256(first.content).hexdigest())
    assert f'href="{url}"' in client.get(f"/mon-point/{part.point.code}/part/").content.decode()
    client.force_login(make.host(make.point()))
    assert client.get(url).status_code == 404


def test_a_kept_paper_is_of_one_thing(part: PointStatement) -> None:
    farm = Producer.objects.order_by("pk")[0]
    statement = statements.issue(producer=farm, week=part.week, now=make.now())
    for about in ({"statement": statement, "point_statement": part}, {}):
        with pytest.raises(IntegrityError, match="keptpaper_of_one"), transaction.atomic():
            KeptPaper.objects.create(**about, language="fr", sha256="e" * 64, size=4, made_at=make.now())
