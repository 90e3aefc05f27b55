"""Keys for programs: made, shown once, checked, limited, revoked."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from hub import tokens
from hub.models import Activity, ApiToken, Member
from hub.refusals import Refusal
from tests import make
from tests.program import program, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille() -> Member:
    return make.household("Foyer Morel").members.get()


def minted(member: Member, *scopes: str) -> tokens.Minted:
    return tokens.mint(member=member, name="Étiquettes", scopes=scopes or ["read"], now=make.now())


def test_a_key_opens_for_its_member_and_only_its_hash_is_kept(camille: Member) -> None:
    made = minted(camille, "order", "read")
    assert made.secret.startswith("cabas_")
    assert made.token.scopes == ["read", "order"]
    assert made.secret not in str(ApiToken.objects.values().get())
    found = tokens.owner(made.secret, now=make.now())
    assert found is not None
    assert (found.pk, found.member) == (made.token.pk, camille)
    assert found.last_used_on is not None
    assert Activity.objects.values_list("verb", "subject", "data").get() == (
        "token.made", "Étiquettes", {"scopes": ["read", "order"]},
    )  # fmt: skip


def test_what_is_no_key_opens_nothing(camille: Member) -> None:
    made = minted(camille)
    assert [tokens.owner(one, now=make.now()) for one in ("", "cabas_", made.secret[:-1], made.token.token_hash)] == [
        None
    ] * 4


def test_a_revoked_key_opens_nothing_and_revoking_again_changes_nothing(camille: Member) -> None:
    made = minted(camille)
    tokens.revoke(token=made.token, by=camille, now=make.now())
    before = ApiToken.objects.values().get()
    tokens.revoke(token=made.token, by=camille, now=make.now() + timedelta(hours=1))
    assert ApiToken.objects.values().get() == before
    assert tokens.owner(made.secret, now=make.now()) is None
    assert list(Activity.objects.order_by("pk").values_list("verb", flat=True)) == ["token.made", "token.revoked"]


def test_keys_of_people_who_left_open_nothing(camille: Member) -> None:
    made, other = minted(camille), make.household("Foyer Effacé")
    gone = minted(other.members.get())
    Member.objects.filter(pk=camille.pk).update(is_active=False)
    type(other).objects.filter(pk=other.pk).update(erased_at=make.now())
    assert [tokens.owner(one.secret, now=make.now()) for one in (made, gone)] == [None, None]


def test_a_member_without_household_may_have_keys() -> None:
    assert tokens.owner(minted(make.member()).secret, now=make.now()) is not None


def test_a_call_costs_two_statements(camille: Member, django_assert_num_queries: Any) -> None:
    made = minted(camille)
    with django_assert_num_queries(2):
        tokens.owner(made.secret, now=make.now())


def test_calls_are_limited_by_the_minute(camille: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "CALLS_A_MINUTE", 3)
    made, minute = minted(camille), make.now().replace(second=20)
    for _i in range(3):
        assert tokens.owner(made.secret, now=minute)
    with pytest.raises(tokens.TooManyCalls) as refused:
        tokens.owner(made.secret, now=minute)
    assert refused.value.data == {"retry_after": 40}
    assert tokens.owner(made.secret, now=minute + timedelta(minutes=1))


def test_too_many_calls_are_answered_429_with_when_to_come_back(
    camille: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "CALLS_A_MINUTE", 0)
    answer = program(camille).get("collections")
    status, code, data = refusal(answer)
    assert (status, code, answer["Retry-After"]) == (429, "too-many-calls", str(data["retry_after"]))


@pytest.mark.parametrize(
    ("name", "scopes", "code"),
    [("Étiquettes", [], "bad-scopes"), ("Étiquettes", ["read", "admin"], "bad-scopes"), (" ", ["read"], "bad-name")],
)
def test_a_key_for_nothing_or_without_a_name_is_refused(
    camille: Member, name: str, scopes: list[str], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        tokens.mint(member=camille, name=name, scopes=scopes, now=make.now())
    assert refused.value.code == code
    assert not ApiToken.objects.exists()
    assert not Activity.objects.exists()


def test_twenty_keys_are_enough(camille: Member) -> None:
    for _i in range(tokens.MOST_TOKENS):
        minted(camille)
    with pytest.raises(tokens.TooManyTokens):
        minted(camille)
    assert ApiToken.objects.count() == tokens.MOST_TOKENS


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "admin"]])
def test_the_database_knows_the_scopes(camille: Member, scopes: list[str]) -> None:
    with pytest.raises(IntegrityError, match="hub_apitoken_scopes"), transaction.atomic():
        ApiToken.objects.create(member=camille, name="x", token_hash="0" * 64, scopes=scopes, created_at=make.now())


# The page


def test_the_page_shows_a_new_key_once(client: Client, camille: Member) -> None:
    client.force_login(camille)
    page = reverse("hub:tokens")
    assert reverse("hub:tokens") in client.get(reverse("hub:account")).content.decode()
    made = client.post(page, {"name": "Étiqueteuse", "scopes": ["read", "handover"]})
    secret = made.context["made"].secret
    assert secret in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = client.get(page).content.decode()
    assert "Étiqueteuse" in again
    assert "jamais utilisée" in again
    assert secret not in again
    assert tokens.owner(secret, now=make.now())
    assert "jamais utilisée" not in client.get(page).content.decode()


def test_a_form_without_name_or_scope_makes_no_key(client: Client, camille: Member) -> None:
    client.force_login(camille)
    answer = client.post(reverse("hub:tokens"), {"name": ""})
    assert answer.status_code == 422
    assert answer.content.decode().count('class="err"') == 2
    assert not ApiToken.objects.exists()


def test_i_revoke_my_keys_and_nobody_elses(client: Client, camille: Member) -> None:
    made, other = minted(camille), minted(make.household().members.get())
    client.force_login(camille)
    assert client.post(reverse("hub:token-revocation", args=[other.token.code])).status_code == 404
    assert client.get(reverse("hub:token-revocation", args=[made.token.code])).status_code == 405
    assert client.post(reverse("hub:token-revocation", args=[made.token.code])).status_code == 302
    assert list(ApiToken.objects.active()) == [other.token]
    assert "Étiquettes" not in client.get(reverse("hub:tokens")).content.decode().partition("toasts")[0]


def test_a_coordinator_needs_a_second_factor_for_a_key_and_for_using_one(client: Client) -> None:
    """Their keys open everybody's things."""
    person = make.coordinator()
    theirs = program(person)
    assert theirs.get("collections").status_code == 200
    client.force_login(person)
    assert client.post(reverse("hub:tokens"), {"name": "Tableur", "scopes": ["read"]}).status_code == 302
    Authenticator.objects.all().delete()
    assert client.post(reverse("hub:tokens"), {"name": "Tableur", "scopes": ["read"]}).status_code == 403
    assert ApiToken.objects.count() == 1
    assert refusal(theirs.get("collections"))[:2] == (403, "no-second-factor")


# The command


def run(*args: str) -> str:
    out = StringIO()
    call_command("token", *args, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_token_as_its_last_word(camille: Member) -> None:
    token = tokens.owner(run(camille.email.upper()).split()[-1], now=make.now())
    assert token is not None
    assert (token.member, token.scopes) == (camille, ["read", "order", "stock", "handover", "accounts"])


@pytest.mark.parametrize(
    "words", [("--scope", "read", "--scope", "order"), ("--scope", "order", "read"), ("--scope", "read,order")]
)
def test_the_command_takes_scopes_and_a_name(camille: Member, words: tuple[str, ...]) -> None:
    told = json.loads(run(camille.email, *words, "--name", "Tableur", "--json"))
    token = tokens.owner(told.pop("token"), now=make.now())
    assert told == {"email": camille.email, "name": "Tableur", "scopes": ["read", "order"]}
    assert token is not None
    assert (token.name, token.scopes) == ("Tableur", ["read", "order"])


@pytest.mark.parametrize("words", [["personne@exemple.fr"], [], ["parti@exemple.fr"]])
def test_the_command_knows_active_members_only(words: list[str]) -> None:
    make.member("parti@exemple.fr", is_active=False)
    with pytest.raises(CommandError, match="list-members"):
        run(*words)
    assert not ApiToken.objects.exists()


def test_the_command_asks_whose_token(camille: Member) -> None:
    with pytest.raises(CommandError, match="Whose token"):
        run()


def test_the_command_names_the_scopes_there_are(camille: Member) -> None:
    with pytest.raises(CommandError, match="read, order, stock, handover, accounts"):
        run(camille.email, "--scope", "admin")
    assert not ApiToken.objects.exists()


def test_the_command_lists_active_members() -> None:
    for email in ("b@exemple.fr", "a@exemple.fr"):
        make.member(email)
    make.member("parti@exemple.fr", is_active=False)
    assert run("--list-members") == "a@exemple.fr\nb@exemple.fr\n"
    assert json.loads(run("--list-members", "--json")) == ["a@exemple.fr", "b@exemple.fr"]
