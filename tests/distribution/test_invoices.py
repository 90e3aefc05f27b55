"""Invoices: amounts to the cent, numbers in turn, valid against the European and the French rules."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from distribution import cii, credit_notes, fee_invoices, receipts, sale_invoices
from distribution.credit_notes import CreditTooHigh, NotCreditable
from distribution.fingerprints import fingerprint
from distribution.models import Invoice
from distribution.sale_invoices import NoMandate, NothingToInvoice
from hub import ledger
from hub.calendar import local_date
from hub.models import FeeRule, Series
from producers import mandates
from producers.models import Producer
from tests import make
from tests.distribution import invoices as build
from tests.distribution.einvoice import EUROPE, FRANCE, broken_rules
from tests.paying import captured
from tests.stand_in import StandIn

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cooperative() -> None:
    build.cooperative()
    make.fees("8", "12")


def invoice_of(farm: Producer, **more: object) -> Invoice:
    """The sale of one basket at 5.20, invoiced to a household."""
    day = build.settled(farm, {make.packaging(farm, "5.20"): 1})
    return sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())


def test_a_fee_invoice_says_what_the_statement_kept_back() -> None:
    farm = build.farm()
    statement = build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    (invoice,) = fee_invoices.issue_due(now=make.now())
    content = invoice.content
    year = invoice.issued_on.year
    assert (invoice.number, invoice.issuer, invoice.statement) == (f"F-{year}-0001", "hub", statement)
    assert (content["net"], content["vat"], content["total"], content["paid"]) == ("0.52", "0.10", "0.62", "0.62")
    assert [(r["rate"], r["net"], r["vat"], r["gross"]) for r in content["rates"]] == [("20", "0.52", "0.10", "0.62")]
    assert (content["seller"]["siren"], content["buyer"]["siren"]) == (build.HUB_SIRET[:9], build.FARM_SIRET[:9])
    assert content["operation"] == "services"
    assert content["paid_how"] == f"Retenue sur le relevé {statement.number}."
    assert [note["code"] for note in content["notes"]] == ["PMT", "PMD", "AAB"]
    assert invoice.sha256 == fingerprint(Invoice.objects.get().content)
    assert broken_rules(cii.xml(content), EUROPE, FRANCE) == []


def test_fee_invoices_are_made_once() -> None:
    farm = build.farm()
    build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    assert len(fee_invoices.issue_due(now=make.now())) == 1
    assert fee_invoices.issue_due(now=make.now()) == []
    assert list(Invoice.objects.values_list("turn", flat=True)) == [1]
    assert list(Series.objects.filter(kind="fee-invoice").values_list("last", flat=True)) == [1]


def test_a_sweep_makes_no_more_than_its_share() -> None:
    for _farm in range(3):
        farm = build.farm()
        build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    assert [len(fee_invoices.issue_due(now=make.now(), limit=2)) for _tick in range(3)] == [2, 1, 0]
    assert [one.number[-4:] for one in Invoice.objects.order_by("pk")] == ["0001", "0002", "0003"]


def test_a_statement_without_a_fee_has_no_invoice() -> None:
    yesterday = make.today() - timedelta(days=1)
    FeeRule.objects.create(payee="hub", point=None, valid_from=yesterday, percentage=D(0))
    farm = build.farm()
    build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    assert (list(fee_invoices.waiting()), fee_invoices.issue_due(now=make.now())) == ([], [])


def test_fee_invoices_wait_for_the_legal_identity_of_the_cooperative() -> None:
    build.cooperative(siret="")
    farm = build.farm()
    statement = build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    assert fee_invoices.issue_due(now=make.now()) == []
    assert list(fee_invoices.waiting()) == [statement]
    build.cooperative()
    assert [one.statement for one in fee_invoices.issue_due(now=make.now())] == [statement]


def test_the_fee_of_a_cooperative_without_vat() -> None:
    build.cooperative(vat_registered=False, vat_number="")
    farm = build.farm()
    build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    (invoice,) = fee_invoices.issue_due(now=make.now())
    assert (invoice.content["net"], invoice.content["vat"], invoice.content["total"]) == ("0.62", "0.00", "0.62")
    assert invoice.content["rates"][0]["why"] == "TVA non applicable, art. 293 B du CGI."
    assert broken_rules(cii.xml(invoice.content), EUROPE, FRANCE) == []


def test_fees_agree_with_the_books() -> None:
    """Many fees of a cent and a half: the invoice is the statement's, which the books follow."""
    farm = build.farm()
    day = build.settled(farm, *[{make.packaging(farm, "1.05"): 1} for _n in range(7)])
    build.stated(farm, day)
    (invoice,) = fee_invoices.issue_due(now=make.now())
    assert invoice.vat.amount == ledger.balance("hub:vat")
    assert invoice.net.amount == ledger.balance("hub:income")
    assert sum(D(line["net"]) for line in invoice.content["lines"]) == invoice.net.amount


def test_an_invoice_under_mandate_with_two_rates_a_weight_and_deposits() -> None:
    farm = build.mandated()
    cider = make.packaging(farm, "4.80", deposit=D("0.30"))
    cider.product.vat_rate = D(20)
    cider.product.save()
    chicken = make.weighed(farm)
    day = build.settled(farm, {make.packaging(farm, "5.20"): 2, cider: 3, chicken: 1}, weights={chicken: 1801})
    invoice = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.company(), by=None, now=make.now())
    content = invoice.content
    assert invoice.number == f"M-{invoice.issued_on.year}-0001"
    assert [(r["rate"], r["net"], r["vat"], r["gross"]) for r in content["rates"]] == [
        (None, "0.90", "0.00", "0.90"),
        ("5.5", "28.64", "1.57", "30.21"),
        ("20", "12.00", "2.40", "14.40"),
    ]
    assert (content["net"], content["vat"], content["total"]) == ("41.54", "3.97", "45.51")
    assert sorted((line["quantity"], line["unit"], line["gross"]) for line in content["lines"]) == [
        ("1.801", "kg", "19.81"), ("2", "piece", "10.40"), ("3", "piece", "0.90"), ("3", "piece", "14.40"),
    ]  # fmt: skip
    assert "au nom et pour le compte de EARL des Quatre Saisons" in content["on_behalf"]
    assert content["rates"][0]["why"] == "Consignes d’emballages hors TVA (art. 267, II-3° du CGI)."
    assert content["deliver_to"] == {
        "name": "Halle", "street": ["1 place du Marché"], "postcode": "26000", "city": "Valence",
    }  # fmt: skip
    assert broken_rules(cii.xml(content), EUROPE, FRANCE) == []


@pytest.mark.parametrize(
    ("regime", "why", "code"),
    [
        ("franchise", "TVA non applicable, art. 293 B du CGI.", "VATEX-FR-FRANCHISE"),
        (
            "flat-rate",
            "Exploitant agricole au remboursement forfaitaire (art. 298 quater du CGI) : TVA non facturée.",
            "",
        ),
    ],
)
def test_a_seller_without_vat(regime: str, why: str, code: str) -> None:
    farm = build.mandated(vat_regime=regime, vat_number="")
    content = invoice_of(farm).content
    assert (content["net"], content["vat"], content["total"]) == ("5.20", "0.00", "5.20")
    (rate,) = content["rates"]
    assert (rate["rate"], rate["why"].replace("\N{NARROW NO-BREAK SPACE}", " "), rate["code"]) == (None, why, code)
    assert broken_rules(cii.xml(content)) == []


def test_totals_that_round_badly() -> None:
    """Forty lines at prices that never divide: the total is what was paid, each rate's VAT is computed once."""
    farm = build.mandated()
    packs = [make.packaging(farm, f"{1 + n * 0.07:.2f}") for n in range(40)]
    for pack in packs[::2]:
        pack.product.vat_rate = D("2.1")
        pack.product.save()
    day = build.settled(farm, dict.fromkeys(packs, 3))
    order = day.orders[0]
    invoice = sale_invoices.issue(order=order, producer=farm, buyer=build.household(), by=None, now=make.now())
    order.refresh_from_db()
    assert invoice.total == order.final_total
    for rate in invoice.content["rates"]:
        assert D(rate["net"]) == sum(D(x["net"]) for x in invoice.content["lines"] if x["rate"] == rate["rate"])
    assert broken_rules(cii.xml(invoice.content)) == []


def test_the_rules_notice_a_wrong_total() -> None:
    """The negative control: an invoice whose total is a euro off is not valid."""
    content = invoice_of(build.mandated()).content
    content["rates"][0]["net"] = "9.93"
    assert any("BR-S-08" in words for words in broken_rules(cii.xml(content)))


def test_no_invoice_without_a_mandate() -> None:
    farm = build.farm()
    day = build.settled(farm, {make.packaging(farm, "5.20"): 1})
    with pytest.raises(NoMandate):
        sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())
    assert (Invoice.objects.count(), Series.objects.filter(kind="invoice").count()) == (0, 0)


def test_no_invoice_after_the_mandate_is_withdrawn() -> None:
    farm = build.mandated()
    day = build.settled(farm, {make.packaging(farm, "5.20"): 1})
    assert mandates.withdraw(producer=farm, by=make.farmer(farm), now=make.now())
    with pytest.raises(NoMandate):
        sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())
    assert Invoice.objects.count() == 0


def test_an_order_is_invoiced_once() -> None:
    farm = build.mandated()
    invoice = invoice_of(farm)
    assert invoice.order is not None
    with pytest.raises(NothingToInvoice):
        sale_invoices.issue(order=invoice.order, producer=farm, buyer=build.company(), by=None, now=make.now())
    assert Invoice.objects.get() == invoice
    assert Series.objects.get(kind="invoice").last == 1


def test_a_credit_note_names_its_original_and_leaves_the_rest() -> None:
    farm = build.mandated()
    day = build.settled(farm, {make.packaging(farm, "5.20"): 1, make.packaging(farm, "3.10"): 2})
    invoice = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.company(), by=None, now=make.now())
    at = next(n for n, line in enumerate(invoice.content["lines"]) if line["gross"] == "6.20")
    note = credit_notes.issue(
        invoice=invoice, amounts={at: D("3.10")}, reason="Une botte abîmée", by=None, now=make.now()
    )
    assert (note.number, note.original) == (f"AM-{note.issued_on.year}-0001", invoice)
    assert (note.content["net"], note.content["vat"], note.content["total"]) == ("2.94", "0.16", "3.10")
    assert note.content["preceding"] == {"number": invoice.number, "issued_on": invoice.issued_on.isoformat()}
    assert credit_notes.left(invoice)[at] == D("3.10")
    assert broken_rules(cii.xml(note.content), EUROPE, FRANCE) == []


def test_credit_notes_of_a_whole_invoice_hold_its_vat_to_the_cent() -> None:
    farm = build.mandated()
    invoice = invoice_of(farm)
    for cents in ("1.73", "1.73", "1.74"):
        credit_notes.issue(invoice=invoice, amounts={0: D(cents)}, reason="Partie", by=None, now=make.now())
    notes = Invoice.objects.filter(original=invoice)
    assert sum(note.vat.amount for note in notes) == invoice.vat.amount
    assert sum(note.total.amount for note in notes) == invoice.total.amount
    assert not Invoice.objects.live().filter(pk=invoice.pk).exists()


def test_no_more_is_credited_than_was_invoiced() -> None:
    farm = build.mandated()
    invoice = invoice_of(farm)
    credit_notes.issue(invoice=invoice, amounts={0: D("5.00")}, reason="Erreur", by=None, now=make.now())
    before = list(Invoice.objects.values_list("pk", "sha256"))
    with pytest.raises(CreditTooHigh) as refused:
        credit_notes.issue(invoice=invoice, amounts={0: D("0.21")}, reason="Erreur", by=None, now=make.now())
    assert refused.value.data == {"left": "0.20"}
    assert list(Invoice.objects.values_list("pk", "sha256")) == before
    assert Series.objects.get(kind="invoice-credit").last == 1


@pytest.mark.parametrize(
    ("amounts", "reason"), [({}, "Erreur"), ({0: D(0)}, "Erreur"), ({7: D(1)}, "Erreur"), ({0: D(1)}, " ")]
)
def test_a_credit_note_about_nothing_is_refused(amounts: dict[int, Decimal], reason: str) -> None:
    invoice = invoice_of(build.mandated())
    with pytest.raises(NotCreditable):
        credit_notes.issue(invoice=invoice, amounts=amounts, reason=reason, by=None, now=make.now())
    assert Invoice.objects.get() == invoice


def test_the_database_keeps_credit_notes_below_their_invoice() -> None:
    farm = build.mandated()
    invoice = invoice_of(farm)
    note = credit_notes.issue(invoice=invoice, amounts={0: D("5.00")}, reason="Erreur", by=None, now=make.now())
    number = f"AM-{note.issued_on.year}-0002"
    Series.objects.filter(kind="invoice-credit").update(last=2)
    note.pk, note.number, note.content = None, number, note.content | {"number": number}
    with pytest.raises(IntegrityError, match="no more is credited"), transaction.atomic():
        note.save(force_insert=True)


def test_a_corrected_invoice_follows_once_the_first_is_taken_back() -> None:
    farm = build.mandated()
    first = invoice_of(farm)
    assert first.order is not None
    credit_notes.issue(
        invoice=first, amounts=credit_notes.whole(first), reason="Adresse corrigée", by=None, now=make.now()
    )
    second = sale_invoices.issue(order=first.order, producer=farm, buyer=build.company(), by=None, now=make.now())
    assert (second.turn, second.total) == (2, first.total)


def test_a_fee_invoice_is_taken_back_whole_and_the_corrected_one_follows() -> None:
    farm = build.farm(siret="")
    build.stated(farm, build.settled(farm, {make.packaging(farm, "5.20"): 1}))
    (first,) = fee_invoices.issue_due(now=make.now())
    with pytest.raises(NotCreditable):
        credit_notes.issue(invoice=first, amounts={0: D("0.10")}, reason="Erreur", by=None, now=make.now())
    Producer.objects.filter(pk=farm.pk).update(siret=build.FARM_SIRET)
    note = credit_notes.issue(
        invoice=first, amounts=credit_notes.whole(first), reason="SIRET ajouté", by=None, now=make.now()
    )
    year = note.issued_on.year
    second = Invoice.objects.get(kind="fee-invoice", turn=2)
    assert (note.number, second.number) == (f"AF-{year}-0001", f"F-{year}-0002")
    assert (second.content["buyer"]["siret"], second.total) == (build.FARM_SIRET, first.total)
    assert broken_rules(cii.xml(note.content), EUROPE) == []


@pytest.mark.parametrize(("came", "paid", "days"), [(None, "0.00", None), (-3, "8.40", 0), (2, "8.40", 2)])
def test_what_the_account_covers_is_not_asked_for_again(came: int | None, paid: str, days: int | None) -> None:
    """Ordered to be paid at the point, and nothing was: the credit that was there paid it, or what came in later, or nobody."""
    farm = build.mandated()
    order = build.settled(farm, {make.packaging(farm, "8.40"): 1}).orders[0]
    order.refresh_from_db()
    assert order.settled_at is not None
    if came is not None:
        credit = ledger.Entry("test", "bank", ledger.household_account(order.household), Decimal("8.40"), "")
        ledger.post([credit], now=order.settled_at + timedelta(days=came))
    content = sale_invoices.issue(order=order, producer=farm, buyer=build.household(), by=None, now=make.now()).content
    day = None if days is None else local_date(order.settled_at + timedelta(days=days)).isoformat()
    assert (content["paid"], content["paid_on"], content["due_on"] is None) == (paid, day, days is not None)


def test_what_a_card_paid_is_not_asked_for_again(stripe_server: StandIn) -> None:
    """A card is captured after the receipt was made, so the receipt does not know the day."""
    day, payment, _bread = captured()
    build.cooperative()
    Producer.objects.update(
        legal_name="EARL des Blés", address="Les Granges", postcode="26400", city="Crest", siret=build.FARM_SIRET,
        vat_number=build.FARM_VAT,
    )  # fmt: skip
    farm = Producer.objects.get()
    mandates.give(producer=farm, by=make.farmer(farm), now=make.now())
    receipts.issue(collection=day.collection, now=make.now())
    made = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())
    assert (made.content["paid"], made.content["total"]) == ("8.40", "8.40")
    assert payment.captured_at is not None
    assert (made.content["paid_on"], made.content["due_on"]) == (local_date(payment.captured_at).isoformat(), None)
