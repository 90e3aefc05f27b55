"""Finding, merging and checking the words of the interface."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.support import Translations

from hub import messages

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext

plain = _("One farm")
joined = _("One farm " "and another")
several = ngettext("%(n)s basket", "%(n)s baskets", 2)
meant = pgettext("a state", "Open")
never = "not a message"
"""

TEMPLATE = """{% load i18n %}
{% translate "Sign in" %} {% translate "Open" context "a verb" %} {{ _("Sign out") }}
{% blocktranslate trimmed count n=n %}
  One order for <a href="{{ url }}">{{ point }}</a>
{% plural %}
  {{ n }} orders (all)
{% endblocktranslate %}
{% comment %}{% translate "Not this" %}{% endcomment %}"""

FRENCH = (
    messages.HEADER
    + """\
msgid "One farm"
msgstr "Une ferme"

msgid "Gone"
msgstr "Partie"
"""
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A project with one package and one template; the argument is its catalogue."""
    monkeypatch.setattr(messages, "BASE_DIR", tmp_path)
    monkeypatch.setattr(messages, "PACKAGES", ("hub",))
    (tmp_path / "hub" / "migrations").mkdir(parents=True)
    (tmp_path / "hub" / "farms.py").write_text(PYTHON)
    (tmp_path / "hub" / "migrations" / "0001_initial.py").write_text('_("Not this either")')
    (tmp_path / "templates" / "account").mkdir(parents=True)
    (tmp_path / "templates" / "account" / "page.html").write_text(TEMPLATE)
    (tmp_path / "templates" / "emails").mkdir()
    (tmp_path / "templates" / "emails" / "open.txt").write_text('{% load i18n %}{% translate "Of distribution" %}')

    def write(catalogue: str) -> None:
        path = messages.catalogue_path("hub")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(catalogue)

    return write


ALL = {
    ("", ("One farm",)),
    ("", ("One farm and another",)),
    ("", ("%(n)s basket", "%(n)s baskets")),
    ("a state", ("Open",)),
    ("", ("Sign in",)),
    ("a verb", ("Open",)),
    ("", ("Sign out",)),
    ("", ('One order for <a href="%(url)s">%(point)s</a>', "%(n)s orders (all)")),
}


def test_every_string_of_code_and_templates_is_found(package: Callable[[str], None]) -> None:
    assert messages.keys_in_code("hub") == ALL
    assert messages.keys_in_code("distribution") == {("", ("Of distribution",))}


def test_merging_adds_keeps_and_drops_only_when_asked(package: Callable[[str], None]) -> None:
    package(FRENCH)
    merged = messages.merge("hub", prune=False)
    assert 'msgid "One farm"\nmsgstr "Une ferme"\n' in merged
    assert 'msgid "Gone"' in merged
    assert 'msgctxt "a verb"\nmsgid "Open"\nmsgstr ""\n' in merged
    package(merged)
    assert messages.merge("hub", prune=False) == merged
    pruned = messages.merge("hub", prune=True)
    assert 'msgid "Gone"' not in pruned
    package(pruned)
    assert {messages.key_of(message) for message in messages.load("hub") if message.id} == ALL


def test_catalogues_carry_nothing_that_changes_by_itself(package: Callable[[str], None]) -> None:
    package(FRENCH)
    merged = messages.merge("hub", prune=False)
    assert not [line for line in merged.splitlines() if "Date" in line or line.startswith("#:")]
    ids = [line for line in merged.splitlines() if line.startswith("msgid ") and line != 'msgid ""']
    assert ids == sorted(ids, key=lambda line: line[7:-1])


def test_problems_are_named(package: Callable[[str], None]) -> None:
    package(
        FRENCH
        + """
#, fuzzy
msgid "Sign in"
msgstr "Se connecter"

msgid "Sign out"
msgstr "Jusqu'ici"

msgctxt "a state"
msgid "Open"
msgstr "Ouverte !"

msgctxt "a verb"
msgid "Open"
msgstr ""

msgid "%(n)s basket"
msgid_plural "%(n)s baskets"
msgstr[0] "%(n)s panier"
msgstr[1] "%(x)s paniers"
"""
    )
    missing = [
        f"hub: missing: {text!r}" for text in ('One order for <a href="%(url)s">%(point)s</a>', "One farm and another")
    ]
    assert sorted(messages.problems()) == sorted(
        [
            *missing,
            "hub: no longer in the code: 'Gone'",
            "hub: marked as fuzzy: 'Sign in'",
            "hub: has ' where ’ belongs: 'Sign out'",
            "hub: has a plain space where a narrow no-break space (U+202F) belongs: 'Open'",
            "hub: not translated: 'Open'",
            "hub: its placeholders differ from the English: '%(n)s basket'",
        ]
    )


def test_compiled_words_are_read_by_gettext(package: Callable[[str], None]) -> None:
    package(FRENCH)
    messages.compile_all()
    with messages.catalogue_path("hub").with_suffix(".mo").open("rb") as file:
        assert Translations(file).gettext("One farm") == "Une ferme"
