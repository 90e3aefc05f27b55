"""Corrections after an invoice: each waits for its credit note, issued once, of as much, with the VAT the books then hold."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from distribution import correcting, credit_notes, fee_invoices, reconcile, rectifying, sale_invoices, statements
from distribution.correcting import NoCorrection
from distribution.credit_notes import NotCreditable
from distribution.models import Correction, Invoice
from hub import ledger
from hub.models import Activity, Transfer
from producers.models import Product
from tests import make
from tests.distribution import invoices as build
from tests.forging import forge

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def week() -> SimpleNamespace:
    """Bread at 10.40 and wine at 6.00 invoiced to a household, the statement and the invoice of its fee."""
    build.cooperative(vat_registered=True)
    make.fees("8", "12")
    farm = build.mandated()
    cellar = Product.objects.create(producer=farm, name="Vin", unit="piece", vat_rate=D("20"), aisle="drinks")
    bread, wine = make.packaging(farm, "5.20"), make.packaging(farm, "6.00", cellar)
    day = build.settled(farm, {bread: 2, wine: 1})
    statement = build.stated(farm, day)
    (fee,) = fee_invoices.issue_due(now=make.now())
    sale = sale_invoices.issue(order=day.orders[0], producer=farm, buyer=build.household(), by=None, now=make.now())
    return SimpleNamespace(
        farm=farm, statement=statement, fee=fee, sale=sale, home=day.orders[0].household, by=make.coordinator()
    )


def correct(week: SimpleNamespace, amount: str, **more: Any) -> Correction:
    values = {"words": "Bouteille cassée", "key": f"key{amount}", "about": week.statement} | more
    return correcting.correct(producer=week.farm, amount=D(amount), by=week.by, now=make.now(), **values)


def note_of(correction: Correction, invoice: Invoice, amounts: dict[int, Decimal]) -> Invoice:
    return credit_notes.issue(
        invoice=invoice, amounts=amounts, reason=correction.words, by=None, now=make.now(), correction=correction
    )


def waiting() -> list[tuple[Correction, list[Invoice]]]:
    return [(one.correction, one.invoices) for one in rectifying.tasks()]


def test_what_a_household_gets_back_waits_for_a_credit_note_and_has_it_once(week: SimpleNamespace) -> None:
    made = correct(week, "-3.00", household=week.home)
    assert waiting() == [(made, [week.sale])]
    amounts = credit_notes.spread(week.sale, D("3.00"))
    assert sum(amounts.values()) == D("3.00")
    assert sorted(amounts.values()) == [D("1.10"), D("1.90")]
    at = next(n for n, line in enumerate(week.sale.content["lines"]) if line["gross"] == "6.00")
    notes = [note_of(made, week.sale, {at: D("3.00")}) for _again in range(2)]
    assert notes[0] == notes[1]
    assert (notes[0].total.amount, notes[0].vat.amount, notes[0].correction) == (D("3.00"), D("0.50"), made)
    assert (waiting(), Invoice.objects.filter(kind="credit-note").count()) == ([], 1)
    assert reconcile.differences() == []


def test_a_fee_given_back_reduces_its_invoice_and_the_vat_that_is_owed(week: SimpleNamespace) -> None:
    before = ledger.balances(["hub:income", "hub:vat"])
    made = correct(week, "1.20", about_fee=True)
    assert ledger.balance("hub:income") == before["hub:income"] - D("1.20")
    assert waiting() == [(made, [week.fee])]
    note = note_of(made, week.fee, credit_notes.spread(week.fee, D("1.20")))
    assert (note.total.amount, note.vat.amount, note.number[:3]) == (D("1.20"), D("0.20"), "AF-")
    after = ledger.balances(["hub:income", "hub:vat"])
    assert (before["hub:income"] - after["hub:income"], before["hub:vat"] - after["hub:vat"]) == (D("1.00"), D("0.20"))
    assert (waiting(), fee_invoices.issue_due(now=make.now())) == ([], [])
    assert Invoice.objects.filter(kind="fee-invoice").count() == 1
    later = statements.issue(producer=week.farm, week=week.statement.week, now=make.now())
    assert later is not None
    assert (later.net.amount, later.corrections.get()) == (D("1.20"), made)
    assert reconcile.differences() == []


def test_the_whole_fee_may_be_given_back_and_no_more(week: SimpleNamespace) -> None:
    made = correct(week, str(week.fee.total.amount), about_fee=True)
    with pytest.raises(NoCorrection):
        correct(week, "0.01", about_fee=True)
    note_of(made, week.fee, credit_notes.whole(week.fee))
    assert (waiting(), fee_invoices.issue_due(now=make.now()), reconcile.differences()) == ([], [], [])


@pytest.mark.parametrize(
    "more", [{"about": None}, {"household": True}, {"amount": "-1.00"}, {"amount": "99.00"}], ids=str
)
def test_a_fee_is_given_back_by_the_cooperative_of_a_statement(week: SimpleNamespace, more: dict[str, Any]) -> None:
    values = more | ({"household": week.home} if more.get("household") else {})
    with pytest.raises(NoCorrection):
        correct(week, values.pop("amount", "1.00"), about_fee=True, **values)
    assert (Correction.objects.count(), Transfer.objects.filter(reference__startswith="correction:").count()) == (0, 0)


def test_corrections_that_no_invoice_contradicts_wait_for_nothing(week: SimpleNamespace) -> None:
    correct(week, "-1.00")
    correct(week, "2.00")
    correct(week, "1.50", household=make.household())
    assert waiting() == []


def test_a_note_is_of_as_much_and_about_its_invoice(week: SimpleNamespace) -> None:
    made, fee = correct(week, "-3.00", household=week.home), correct(week, "1.20", about_fee=True)
    before = list(Invoice.objects.order_by("pk"))
    for correction, invoice, amount in ((made, week.sale, "2.00"), (fee, week.sale, "1.20"), (made, week.fee, "3.00")):
        with pytest.raises(NotCreditable):
            note_of(correction, invoice, credit_notes.spread(invoice, D(amount)))
    assert list(Invoice.objects.order_by("pk")) == before
    note_of(fee, week.fee, credit_notes.spread(week.fee, D("1.20")))
    with pytest.raises(NotCreditable):
        credit_notes.issue(
            invoice=week.fee, amounts=credit_notes.whole(week.fee), reason="Adresse", by=None, now=make.now()
        )


def test_the_database_refuses_another_amount_and_a_second_note(week: SimpleNamespace) -> None:
    made = correct(week, "-3.00", household=week.home)
    note = note_of(made, week.sale, credit_notes.spread(week.sale, D("3.00")))
    number = note.number.replace("-0001", "-0002")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE hub_series SET last = 2 WHERE kind = 'invoice-credit'")
    note.pk, note.number, note.content = None, number, note.content | {"number": number}
    with pytest.raises(IntegrityError, match="correction"), transaction.atomic():
        note.save(force_insert=True)
    other = correct(week, "-1.00", household=week.home)
    note.correction = other
    with pytest.raises(IntegrityError, match="what its correction gave back"), transaction.atomic():
        note.save(force_insert=True)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE distribution_correction SET about_fee = NOT about_fee")


@pytest.mark.parametrize(
    ("what", "forgery"),
    [
        (
            "a credit note is not what its correction gave back",
            "UPDATE distribution_correction SET amount = amount + 1",
        ),
        (
            "the VAT in a fee given back is still owed in the books",
            "DELETE FROM hub_transfer WHERE reference LIKE 'invoice:%:vat'",
        ),
    ],
)
def test_reconcile_sees(week: SimpleNamespace, what: str, forgery: str) -> None:
    made = correct(week, "1.20", about_fee=True)
    note_of(made, week.fee, credit_notes.spread(week.fee, D("1.20")))
    forge(forgery)
    assert what in {one.what for one in reconcile.differences()}


def test_the_list_leads_to_the_note_in_two_clicks(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.by)
    make.prove(client)
    made = correct(week, "-3.00", household=week.home)
    fee = correct(week, "1.20", about_fee=True, words="Frais trop élevés")
    page = client.get(reverse("distribution:invoices"))
    assert [one.correction for one in page.context["tasks"]] == [made, fee]
    for correction, invoice in ((made, week.sale), (fee, week.fee)):
        url = reverse("distribution:invoice", args=[invoice.issuer, invoice.number])
        assert f"{url}?correction={correction.key}" in page.content.decode()
        shown = client.get(url, {"correction": correction.key})
        assert f'name="correction" value="{correction.key}"' in shown.content.decode()
        assert "Facture d’avoir pour une correction" in shown.content.decode()
        form = shown.context["form"]
        sent = {name: field.initial for name, field in form.fields.items() if name.startswith("line-")}
        assert sum(sent.values()) == (D("3.00") if correction == made else 0)
        url = reverse("distribution:credit-note", args=[invoice.issuer, invoice.number])
        values = {name: str(amount) for name, amount in sent.items()}
        wrong = values | {"correction": correction.key, "reason": ""}
        assert client.post(url, wrong).status_code == 422
        values |= {"correction": correction.key, "reason": correction.words}
        assert client.post(url, values).status_code == 302
    assert waiting() == []
    assert sorted(Invoice.objects.filter(kind="credit-note").values_list("correction", "total")) == [
        (made.pk, D("3.00")), (fee.pk, D("1.20")),
    ]  # fmt: skip
    assert reconcile.differences() == []


def test_a_note_for_a_correction_asked_for_twice_is_issued_once(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.by)
    make.prove(client)
    made = correct(week, "-3.00", household=week.home)
    url = reverse("distribution:credit-note", args=[week.sale.issuer, week.sale.number])
    amounts = credit_notes.spread(week.sale, D("3.00"))
    values = {f"line-{at}": str(amount) for at, amount in amounts.items()}
    values |= {"correction": made.key, "reason": made.words}
    for _twice in range(2):
        assert client.post(url, values).status_code == 302
    notes = Invoice.objects.filter(kind="credit-note").values_list("correction", "total")
    assert list(notes) == [(made.pk, D("3.00"))]


def test_a_note_asked_for_twice_takes_back_once(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.by)
    make.prove(client)
    place = [week.sale.issuer, week.sale.number]
    page = client.get(reverse("distribution:invoice", args=place))
    left = str(sum(credit_notes.left(week.sale)))
    assert f'name="left" value="{left}"' in page.content.decode()
    values = {"left": left, "line-0": "1.00", "reason": "Abîmé"}
    first, second = (client.post(reverse("distribution:credit-note", args=place), values) for _twice in range(2))
    assert (first.status_code, second.status_code) == (302, 422)
    assert "depuis que vous avez ouvert cette page" in second.content.decode()
    assert list(Invoice.objects.filter(kind="credit-note").values_list("total", flat=True)) == [D("1.00")]


def test_no_note_is_issued_for_a_correction_that_was_set_aside(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.by)
    make.prove(client)
    made = correct(week, "-3.00", household=week.home)
    set_aside(made, "Rien n’en a été facturé")
    url = reverse("distribution:credit-note", args=[week.sale.issuer, week.sale.number])
    amounts = credit_notes.spread(week.sale, D("3.00"))
    values = {f"line-{at}": str(amount) for at, amount in amounts.items()}
    answer = client.post(url, values | {"correction": made.key, "reason": made.words})
    assert (answer.status_code, Invoice.objects.filter(kind="credit-note").count()) == (422, 0)
    assert "n’attend pas d’avoir sur cette facture" in answer.content.decode()


def test_a_fee_given_back_is_noted_on_the_page(week: SimpleNamespace, client: Client) -> None:
    client.force_login(week.by)
    make.prove(client)
    values = {
        "producer": week.farm.code, "about": week.statement.number, "way": "give", "amount": "1,20", "words": "Frais",
        "household": "", "about_fee": "on", "key": "correction:k",
    }  # fmt: skip
    assert client.post(reverse("distribution:correction"), values | {"way": "take"}).status_code == 422
    assert client.post(reverse("distribution:correction"), values).status_code == 302
    assert (Correction.objects.get().about_fee, len(rectifying.tasks())) == (True, 1)


def facts() -> list[Any]:
    return [list(one.objects.order_by("pk").values()) for one in (Correction, Invoice, Activity, Transfer)]


def set_aside(correction: Correction, why: str) -> None:
    rectifying.set_aside(correction=correction, why=why, by=make.coordinator(), now=make.now())


def test_what_no_single_credit_note_can_say_is_listed_with_what_to_do(week: SimpleNamespace, client: Client) -> None:
    more = correct(week, "2.00", household=week.home)
    credit_notes.issue(
        invoice=week.sale, amounts=credit_notes.spread(week.sale, D("5.00")), reason="Erreur", by=None, now=make.now()
    )
    large = correct(week, "-11.41", household=week.home)
    vague = correct(week, "-1.00", household=week.home, about=None)
    assert [(one.correction, one.invoices, one.raises) for one in rectifying.tasks()] == [
        (more, [], True), (large, [], False), (vague, [week.sale], False),
    ]  # fmt: skip
    client.force_login(week.by)
    page = client.get(reverse("distribution:invoices")).content.decode()
    assert "la ferme facture donc ce montant au foyer" in page
    assert "Aucune facture ne couvre ce montant" in page
    before = facts()
    for correction in (more, large, vague):
        with pytest.raises(rectifying.NotSetAside):
            set_aside(correction, "  ")
    assert facts() == before
    make.prove(client)
    post = {"correction": more.key, "why": "Facture complémentaire 2026-17"}
    for _twice in range(2):
        answer = client.post(reverse("distribution:correction-aside"), post, follow=True)
        assert "cette correction n’est plus dans la liste" in answer.content.decode()
    note = Activity.objects.get(verb=rectifying.ASIDE)
    assert (note.subject, note.member, note.household, note.data) == (
        more.key, week.by, week.home, {"why": "Facture complémentaire 2026-17"},
    )  # fmt: skip
    set_aside(vague, "Rien n’en a été facturé")
    assert [one.correction for one in rectifying.tasks()] == [large]
    unknown = client.post(reverse("distribution:correction-aside"), {"correction": "k", "why": "x"}, follow=True)
    assert "plus dans la liste" in unknown.content.decode()
    assert reconcile.differences() == []


def test_a_correction_with_its_credit_note_is_not_set_aside(week: SimpleNamespace) -> None:
    made = correct(week, "-3.00", household=week.home)
    note_of(made, week.sale, credit_notes.spread(week.sale, D("3.00")))
    before = facts()
    with pytest.raises(rectifying.NotSetAside):
        set_aside(made, "autrement")
    assert facts() == before


def test_the_list_costs_three_statements_however_many(week: SimpleNamespace, django_assert_num_queries: Any) -> None:
    for number in range(1, 6):
        correct(week, f"-{number}.00", household=week.home)
        correct(week, f"0.0{number}", about_fee=True)
    with django_assert_num_queries(3):
        assert len(rectifying.tasks()) == 10
