"""The words of the interface: found in the code, kept in one catalogue per package, compiled without gettext.

Strings are English in the code and French in <package>/locale/fr/LC_MESSAGES/django.po. The catalogues are sorted and
carry neither dates nor places, so that several people can add words at once and merge line by line.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGES = ("hub", "producers", "orders", "distribution")
LANGUAGE = "fr"

TEMPLATE_FOLDERS = {name: name for name in PACKAGES} | {"emails": "distribution", "documents": "distribution"}
"""Whose catalogue the strings of templates/<folder>/ are in; everything else belongs to hub."""

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    name: places
    for names, places in (
        (("_", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
        (("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
    )
    for name in names
}

HEADER = f"""\
# French words of this package. `manage.py messages` adds the strings of the code; the order is by English string.
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""

_TEMPLATE_CALL = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")

Key = tuple[str, tuple[str, ...]]
"""What makes a message itself: its context ("" for none) and its string, or singular and plural."""


def catalogue_path(package: str) -> Path:
    """Where the French words of `package` are."""
    return BASE_DIR / package / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def key_of(message: Message) -> Key:
    """The key of a message of a catalogue."""
    identity = message.id if isinstance(message.id, tuple | list) else (message.id,)
    return message.context or "", tuple(str(part) for part in identity)


def keys_in_code(package: str) -> set[Key]:
    """Every translatable string of a package's modules and templates."""
    keys: set[Key] = set()
    for path in sorted((BASE_DIR / package).rglob("*.py")):
        if "migrations" not in path.parts:
            keys |= set(_keys_of_python(path.read_bytes()))
    for path in _templates(package):
        keys |= set(_keys_of_template(path.read_text(encoding="utf-8"), path))
    return keys


def _templates(package: str) -> list[Path]:
    root = BASE_DIR / "templates"
    files = [path for path in sorted(root.rglob("*")) if path.suffix in (".html", ".txt", ".ics", ".xml")]
    return [path for path in files if TEMPLATE_FOLDERS.get(path.relative_to(root).parts[0], "hub") == package]


def _keys_of_python(source: bytes) -> Iterator[Key]:
    for _line, identity, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        strings = tuple(identity) if isinstance(identity, tuple) else (identity,)
        yield context or "", strings


def _keys_of_template(source: str, path: Path) -> Iterator[Key]:
    """Django turns a template into something like Python; its calls are read as Python."""
    text = templatize(source, origin=str(path))
    for found in _TEMPLATE_CALL.finditer(text):
        strings = _literals(text, found.end() - 1)
        name = found.group(1)
        context = strings.pop(0) if name in ("pgettext", "npgettext") else ""
        yield context, tuple(strings[: 2 if name in ("ngettext", "npgettext") else 1])


def _literals(text: str, start: int) -> list[str]:
    """The string arguments of the call whose parenthesis opens at `start`."""
    end = start
    while (end := text.find(")", end)) >= 0:
        end += 1
        try:
            call = ast.parse("f" + text[start:end], mode="eval").body
        except SyntaxError:
            continue
        if isinstance(call, ast.Call):
            return [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return []


def load(package: str) -> Catalog:
    """The catalogue of a package, empty when it has none yet."""
    path = catalogue_path(package)
    if not path.is_file():
        return Catalog(locale=LANGUAGE, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, charset="utf-8")


def merge(package: str, *, prune: bool) -> str:
    """The catalogue's new text: untranslated strings added, strings no longer in the code dropped if `prune`.

    Strings nobody uses are kept otherwise: a colleague may have added them ahead of the code.
    """
    wanted = keys_in_code(package)
    before = {key_of(message): message for message in load(package) if message.id}
    after = Catalog(locale=LANGUAGE, charset="utf-8")
    for context, strings in sorted(wanted | (set() if prune else set(before))):
        known = before.get((context, strings))
        after.add(
            strings[0] if len(strings) == 1 else strings,
            known.string if known else None,
            flags=[flag for flag in known.flags if flag == "fuzzy"] if known else (),
            user_comments=known.user_comments if known else (),
            context=context or None,
        )
    out = io.BytesIO()
    write_po(out, after, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER + out.getvalue().decode()


def compile_all() -> None:
    """Write django.mo beside each django.po, only where it changes."""
    for package in PACKAGES:
        path = catalogue_path(package)
        if path.is_file():
            out = io.BytesIO()
            write_mo(out, load(package))
            target = path.with_suffix(".mo")
            if not target.is_file() or target.read_bytes() != out.getvalue():
                target.write_bytes(out.getvalue())


def problems() -> list[str]:
    """What keeps the French from being complete: one sentence a problem, empty when there is none."""
    found: list[str] = []
    meanings: dict[Key, tuple[str, object]] = {}
    for package in PACKAGES:
        messages = {key_of(message): message for message in load(package) if message.id}
        wanted = keys_in_code(package)
        found += [f"{package}: missing: {key[1][0]!r}" for key in sorted(wanted - set(messages))]
        found += [f"{package}: no longer in the code: {key[1][0]!r}" for key in sorted(set(messages) - wanted)]
        for key, message in sorted(messages.items()):
            if key in wanted:
                found += [f"{package}: {problem}: {key[1][0]!r}" for problem in _problems_of(message)]
            other, meaning = meanings.setdefault(key, (package, message.string))
            if meaning != message.string:
                found.append(f"{package}: said otherwise in {other}: {key[1][0]!r}")
    return found


def _problems_of(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    texts = [part for part in strings if part]
    if len(texts) < len(strings):
        return ["not translated"]
    found = ["marked as fuzzy"] if message.fuzzy else []
    english = message.id if isinstance(message.id, tuple | list) else (message.id,)
    # A singular may do without the number: « la dernière part ».
    if set(_PLACEHOLDER.findall(texts[-1])) != set(_PLACEHOLDER.findall(english[-1])):
        found.append("its placeholders differ from the English")
    text = " ".join(texts)
    if re.search(r"\w'\w", re.sub(r"<[^>]*>|%\([^)]*\)", "", text)):
        found.append("has ' where ’ belongs")
    if re.search(r" [;:?!»](\s|$)|« ", text):
        found.append("has a plain space where a narrow no-break space (U+202F) belongs")
    return found
