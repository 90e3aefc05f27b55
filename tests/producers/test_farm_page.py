"""My farm: story, legal identity, bank account; who may, what is refused, who is told."""

from datetime import timedelta

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from hub import demo_doors, identifiers, notices, payees
from hub.models import Activity, Notice
from producers import identity
from producers.models import Producer, ProducerPerson
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.now()
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
OLD, NEW = "FR7630006000011234567890189", "DE89370400440532013000"
# Nothing is left to fill in: the three last signs of a long BIC name the branch, here the head office (ISO 9362).
OLD_BIC, NEW_BIC = "AGRIFRPPXXX", "COBADEFFXXX"


@pytest.fixture
def farm():
    return make.producer(name="Ferme des Ormeaux", iban=OLD, bic=OLD_BIC)


@pytest.fixture
def person(farm):
    return make.farmer(farm)


def url(farm, name="farm"):
    return reverse(f"producers:{name}", args=[farm.code])


def signed_in(client, member):
    client.force_login(member, backend=BACKEND)
    return client


def proven(client, member, *, seconds_ago: int = 0):
    """Signed in, with a code of the authenticator app typed some seconds ago."""
    demo_doors.give_second_factor(member)
    signed_in(client, member)
    assert make.prove(client).status_code == 302
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= seconds_ago
    session.save()
    return client


def facts():
    """Everything a refusal must leave alone."""
    return list(Producer.objects.order_by("pk").values()), Activity.objects.count(), Notice.objects.count()


def test_the_story_is_told_anew_and_the_journal_says_what_changed(client, farm, person):
    values = {
        "story": "Trente vaches de race pie noir.", "certifications": "AB, Nature & Progrès", "address": "Les Ormeaux",
        "postcode": "35380", "city": "Treffendel", "phone": "02 99 00 00 00", "email": "ormeaux@exemple.fr",
    }  # fmt: skip
    answer = signed_in(client, person).post(url(farm, "farm-profile"), values)
    assert answer.status_code == 302
    saved = Producer.objects.get()
    assert {name: getattr(saved, name) for name in values} == values | {"certifications": ["AB", "Nature & Progrès"]}
    assert (saved.iban, saved.bic) == (OLD, OLD_BIC)
    act = Activity.objects.get()
    assert (act.verb, act.member, act.data) == ("producer.profile", person, {"fields": sorted(values)})
    page = client.get(url(farm)).content.decode()
    assert "Trente vaches de race pie noir." in page
    assert "FR76\u00a0••••\u00a00189" in page
    assert OLD not in page


def test_saving_nothing_new_writes_nothing(client, farm, person):
    values = {"story": "", "certifications": "", "address": "", "postcode": "", "city": "", "phone": "", "email": ""}
    assert signed_in(client, person).post(url(farm, "farm-profile"), values).status_code == 302
    assert Activity.objects.count() == 0


def legal(**fields):
    values = {"legal_name": "GAEC des Ormeaux", "siret": "", "vat_regime": "flat-rate", "vat_number": ""}
    return {f"identity-{name}": value for name, value in (values | {"default_vat_rate": "5.5"} | fields).items()}


def test_the_legal_identity_is_kept_without_spaces(client, farm, person):
    sent = legal(siret="732 829 320 00074", vat_number="FR 44 732 829 320")
    assert signed_in(client, person).post(url(farm, "farm-identity"), sent).status_code == 302
    saved = Producer.objects.get()
    assert (saved.siret, saved.vat_number, saved.vat_regime) == ("73282932000074", "FR44732829320", "flat-rate")
    assert Activity.objects.get().verb == "producer.identity"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"siret": "732 829 320 00075"}, "La clé de contrôle ne correspond pas"),
        ({"siret": "123"}, "quatorze chiffres"),
        ({"siret": "73282932000074", "vat_number": "FR 89 356000000"}, "La clé de contrôle ne correspond pas"),
        ({"siret": "35600000000048", "vat_number": "FR 44 732829320"}, "l’entreprise de ce numéro SIRET"),
    ],
)
def test_a_wrong_number_is_refused_in_place_and_nothing_changes(client, farm, person, fields, words):
    before = facts()
    answer = signed_in(client, person).post(url(farm, "farm-identity"), legal(**fields))
    page = answer.content.decode()
    assert (answer.status_code, words in page, "GAEC des Ormeaux" in page) == (422, True, True)
    assert facts() == before


def test_another_account_is_told_to_everybody_of_the_farm_and_the_coordination(farm, person):
    partner, boss = make.farmer(farm), make.coordinator()
    make.farmer(make.producer())
    gone = make.farmer(farm)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert identity.change_account(producer=farm, iban="de89 3704 0044 0532 0130 00", bic="", by=person, now=NOW)
    saved = Producer.objects.get(pk=farm.pk)
    assert (saved.iban, saved.bic, saved.iban_changed_at, saved.iban_confirmed_at) == (NEW, NEW_BIC, NOW, None)
    act = Activity.objects.get()
    assert (act.verb, act.member, act.producer_code) == ("producer.bank-account", person, farm.code)
    assert act.data == {"before": "FR76 … 0189", "after": "DE89 … 3000", "bic": NEW_BIC}
    assert set(Notice.objects.values_list("member", flat=True)) == {person.pk, partner.pk, boss.pk}
    assert notices.send_due(now=make.now()) == 3
    assert {letter.to[0] for letter in mail.outbox} == {person.email, partner.email, boss.email}
    letter = mail.outbox[0]
    assert letter.subject == "Le compte bancaire de Ferme des Ormeaux a changé"
    assert [words in letter.body for words in ("FR76 … 0189", "DE89 … 3000", OLD, NEW)] == [True, True, False, False]


def test_the_account_already_used_is_no_change(farm, person):
    assert not identity.change_account(producer=farm, iban=OLD, bic="", by=person, now=NOW)
    assert facts()[1:] == (0, 0)


@pytest.mark.parametrize(("iban", "bic"), [("FR7630006000011234567890188", ""), ("", ""), (NEW, "AGRIFRP")])
def test_a_wrong_account_changes_nothing(farm, person, iban, bic):
    before = facts()
    with pytest.raises(identifiers.WrongNumber):
        identity.change_account(producer=farm, iban=iban, bic=bic, by=person, now=NOW)
    assert facts() == before


def test_a_wrong_check_digit_is_shown_beside_the_field(client, farm, person):
    before = facts()
    answer = proven(client, person).post(url(farm, "farm-account"), {"iban": "FR76 3000 6000 0112 3456 7890 188"})
    page = answer.content.decode()
    assert (answer.status_code, "La clé de contrôle ne correspond pas" in page) == (422, True)
    assert "FR76 3000 6000 0112 3456 7890 188" in page
    assert facts() == before


def test_with_a_second_factor_just_given_the_account_changes(client, farm, person):
    assert proven(client, person).get(url(farm, "farm-account")).status_code == 200
    answer = client.post(url(farm, "farm-account"), {"iban": NEW}, follow=True)
    assert "Les reversements iront sur ce compte" in answer.content.decode()
    assert Producer.objects.get().iban == NEW


def test_who_has_no_second_factor_is_told_how_to_get_one(client, farm, person):
    before = facts()
    for answer in (
        signed_in(client, person).get(url(farm, "farm-account")),
        client.post(url(farm, "farm-account"), {"iban": NEW}),
    ):
        assert answer.status_code == 403
        assert reverse("mfa_activate_totp") in answer.content.decode()
    assert facts() == before


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_second_factor_given_long_ago_is_asked_again(client, farm, person, method):
    before = facts()
    answer = getattr(proven(client, person, seconds_ago=3600), method)(url(farm, "farm-account"), {"iban": NEW})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")
    assert facts() == before


PAGES = [
    ("get", "farm"), ("post", "farm-profile"), ("post", "farm-identity"), ("post", "farm-photo"),
    ("post", "farm-photo-removal"), ("get", "farm-account"), ("post", "farm-account"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), PAGES)
def test_a_stranger_finds_no_farm_and_a_visitor_signs_in(client, farm, method, name):
    before = facts()
    assert getattr(client, method)(url(farm, name)).status_code == 302
    proven(client, make.farmer(make.producer()))
    before = facts()
    assert getattr(client, method)(url(farm, name), {"iban": NEW}).status_code == 404
    assert facts() == before


def test_a_coordinator_keeps_every_farm(client, farm):
    boss = make.coordinator()
    assert proven(client, boss).get(url(farm)).status_code == 200
    assert client.post(url(farm, "farm-account"), {"iban": NEW}).status_code == 302
    assert (Producer.objects.get().iban, Activity.objects.get().member) == (NEW, boss)


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [("siret", "1234", "siret"), ("iban", "fr76 3000", "iban"), ("bic", "AGRI", "bic")],
)
def test_the_database_refuses_what_cannot_be_such_a_number(farm, field, value, constraint):
    with pytest.raises(IntegrityError, match=f"producers_producer_{constraint}"), transaction.atomic():
        Producer.objects.filter(pk=farm.pk).update(**{field: value})
    with pytest.raises(ValidationError):
        Producer(code="x", name="X", **{field: value}).full_clean()


def test_the_page_costs_few_statements_however_many_people(client, farm, person, django_assert_max_num_queries):
    for _each in range(6):
        ProducerPerson.objects.create(member=make.member(), producer=farm, since=NOW.date())
    identity.change_account(producer=farm, iban=NEW, bic="", by=person, now=NOW)
    signed_in(client, person)
    with django_assert_max_num_queries(12):
        assert client.get(url(farm)).status_code == 200


def test_a_new_account_waits_two_days_or_for_another_person_of_the_coordination(client, farm, person):
    boss, other = make.coordinator(), make.coordinator()
    now = make.now()
    identity.change_account(producer=farm, iban=NEW, bic="", by=boss, now=now)
    assert farm.account_waits_until(now) == now + timedelta(hours=48)
    assert farm.account_waits_until(now + timedelta(hours=48)) is None
    before = facts()
    with pytest.raises(payees.NotToConfirm):
        identity.confirm_account(producer=farm, seen=farm.as_shown, by=boss, now=now)
    assert facts() == before
    page = signed_in(client, person).get(url(farm, "farm"))
    assert "rien n’y est versé avant" in page.content.decode()
    assert "Confirmer ce compte" not in page.content.decode()
    signed_in(client, other)
    seen = {"seen": farm.as_shown}
    assert client.post(url(farm, "farm-account-confirmation"), seen).headers["Location"].startswith("/sign-in/2fa/")
    assert "Confirmer ce compte" in client.get(url(farm, "farm")).content.decode()
    make.prove(client)
    client.post(url(farm, "farm-account-confirmation"), seen)
    farm.refresh_from_db()
    assert farm.account_waits_until(now) is None
    assert not identity.confirm_account(producer=farm, seen=farm.as_shown, by=other, now=now)
    assert list(Activity.objects.values_list("verb", flat=True).order_by("pk")) == [
        "producer.bank-account", "producer.account-confirmed",
    ]  # fmt: skip
    # Another change begins another wait.
    identity.change_account(producer=farm, iban=OLD, bic="", by=person, now=now)
    farm.refresh_from_db()
    assert farm.account_waits_until(now) == now + timedelta(hours=48)


def test_only_the_account_that_was_on_the_page_is_confirmed(client, farm, person):
    identity.change_account(producer=farm, iban=NEW, bic="", by=person, now=make.now())
    page = proven(client, make.coordinator()).get(url(farm)).content.decode()
    field = f'<input type="hidden" name="seen" value="{farm.as_shown}">'
    assert field in page
    # Between her page and her click somebody gives another account.
    seen = farm.as_shown
    identity.change_account(producer=farm, iban=OLD, bic="", by=person, now=make.now())
    before = facts()
    for sent in ({"seen": seen}, {}):
        answer = client.post(url(farm, "farm-account-confirmation"), sent, follow=True).content.decode()
        assert "Le compte a été modifié depuis que vous avez ouvert cette page" in answer
        assert facts() == before
    farm.refresh_from_db()
    client.post(url(farm, "farm-account-confirmation"), {"seen": farm.as_shown})
    farm.refresh_from_db()
    assert (farm.iban, farm.account_waits_until(make.now())) == (OLD, None)
