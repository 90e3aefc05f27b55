"""Fields of forms that people fill in as they write: amounts with a comma, days, hours, account numbers."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hub import format as say
from hub import identifiers
from hub.refusals import AnotherFact, Refusal

SPACES = re.compile(r"[\s€]+")
EXPONENT = re.compile(r"[eE]")


def whole(text: str, most: int) -> int | None:
    """A whole number from 0 to `most` as it was typed in digits; None for anything else, however long."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return None
    plain = digits.lstrip("0") or "0"
    return int(plain) if len(plain) <= len(str(most)) and int(plain) <= most else None


class AmountField(forms.DecimalField):
    """An amount as people write it: 2,50 or 2.50, with or without €."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        limits: dict[str, Any] = {
            "min_value": Decimal(0),
            "max_value": Decimal(1_000_000),
            "max_digits": 12,
            "decimal_places": 2,
        }
        limits |= options
        super().__init__(**{"widget": widget} | limits)
        above_zero = limits["min_value"] is not None and limits["min_value"] > 0
        self.error_messages |= {
            "invalid": _("This is not a number. Write, for example, 2.20."),
            "max_value": _("This amount is too large."),
            "min_value": _("Type an amount above zero.") if above_zero else _("An amount cannot be negative here."),
            "max_decimal_places": _("An amount has at most two decimals."),
        } | options.get("error_messages", {})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = SPACES.sub("", value).replace(",", ".")
            if EXPONENT.search(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return written(value)


def written(value: Any) -> Any:
    """2,50: two decimals and the reader's comma, without the currency."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:.2f}"
    return text.replace(".", ",") if say.reader_locale().language == "fr" else text


class KeyedForm(forms.Form):
    """A form that is noted once however often it is sent: the page gives it a `key`, which begins with its `key_prefix`.

    What was changed after it had been sent is another fact: refused, and asked for again under a new key.
    """

    key_prefix: ClassVar[str] = ""
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = f"{self.key_prefix}:{uuid4()}"

    def clean(self) -> dict[str, Any]:
        """Only with a key that such a page gave: another one could name somebody else's fact."""
        values = super().clean() or {}
        if not values.get("key", "").startswith(f"{self.key_prefix}:"):
            raise forms.ValidationError(_("Open the page again and type it once more."))
        return values

    def refuse(self, refusal: Refusal, field: str | None = None) -> None:
        """Show a rule's answer, at the field concerned if there is one."""
        self.add_error(None if isinstance(refusal, AnotherFact) else field, str(refusal))
        if isinstance(refusal, AnotherFact):
            self.data = {**dict(self.data.items()), "key": self.fields["key"].initial}


class WordsField(SimpleArrayField):
    """Words separated by commas, shown with a space after each; an empty one between two commas is none."""

    def __init__(self, base_field: forms.Field, **options: Any) -> None:
        super().__init__(base_field, **options)
        self.error_messages["item_invalid"] = _("No. %(nth)s:")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = ",".join(word for word in value.split(",") if word.strip())
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


def word_the_empty_choice(form: forms.BaseForm, name: str, words: Any) -> None:
    """Say what no choice means in a list, where Django draws a line."""
    field: Any = form.fields[name]
    field.choices = [("", words), *((value, text) for value, text in field.choices if value not in ("", None))]


class DayField(forms.DateField):
    """A day, chosen or typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})} | options)


class HourField(forms.TimeField):
    """A local time of day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})} | options)


class IbanField(forms.CharField):
    """An account number, kept without spaces, whose check digits fit."""

    def clean(self, value: Any) -> str:
        return checked(lambda text: identifiers.account(text)[0] if text else "", super().clean(value))


class SiretField(forms.CharField):
    """The fourteen digits of a French business, kept without spaces, whose check digits fit."""

    def clean(self, value: Any) -> str:
        return checked(identifiers.siret, super().clean(value))


class SirenField(forms.CharField):
    """The nine digits of a French company, kept without spaces, whose check digit fits; a SIRET is understood as well."""

    def clean(self, value: Any) -> str:
        return checked(identifiers.siren, super().clean(value))


def checked(check: Callable[[str], str], text: str) -> str:
    """What a check of numbers makes of a text; its refusal becomes the field's error."""
    try:
        return check(text)
    except Refusal as refusal:
        raise ValidationError(str(refusal)) from refusal
