"""What a farmer types, turned into what the operations take."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hub.form_fields import SPACES, AmountField, written
from producers.reading.words import fold
from producers.stock import Row, RowsRefused, reserved_words
from producers.week import Line

SOLD_OUT = {"rupture", "sold out", "epuise", "plus rien"}
UNLIMITED = {"illimite", "unlimited", "sans limite", "no limit"}


class PriceField(AmountField):
    """A price as people write it: 2,50 or 2.50, with or without €."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_value": Decimal(10_000)} | options)
        self.error_messages |= {
            "max_value": _("A price is at most 10,000."),
            "min_value": _("A price cannot be negative."),
            "max_decimal_places": _("A price has at most two decimals."),
        }


def ask_if_free(form: forms.BaseForm) -> None:
    """Let a form whose `price` was just made 0.00 ask whether it is meant: it gains the box `free` to tick."""
    try:
        price = form.fields["price"].clean(form.data.get(form.add_prefix("price")))
    except forms.ValidationError:
        return
    if price == 0 and form.initial.get("price") != 0:
        form.fields["free"] = forms.BooleanField(label=_("It is free of charge"), required=False)


def refuse_free(form: forms.BaseForm) -> None:
    """Let the price of 0.00 count only with the box ticked."""
    if "free" in form.fields and not form.cleaned_data.get("free"):
        form.add_error("price", _("At 0.00 nobody pays for it. Tick the box if that is meant."))


class RowForm(forms.Form):
    """One row of the week: how many packs, at what price, on sale or not."""

    quantity = forms.CharField(required=False, max_length=20, empty_value=None)
    price = PriceField(required=False)
    on_sale = forms.BooleanField(required=False)

    def __init__(self, line: Line, data: Any = None) -> None:
        shown = gettext("unlimited") if line.is_unlimited else line.packs
        initial = {"quantity": shown, "price": line.price.amount, "on_sale": line.on_sale}
        super().__init__(data, prefix=line.code, initial=initial)
        self.line = line
        if line.shares_stock:
            del self.fields["quantity"]
        ask_if_free(self)

    def clean(self) -> None:
        refuse_free(self)

    def clean_quantity(self) -> Row | None:
        """The row's stock as typed, None for an empty cell."""
        typed = self.cleaned_data["quantity"]
        if typed is None:
            return None
        words, digits = fold(typed), SPACES.sub("", typed)
        if words in SOLD_OUT:
            return Row(self.line.packaging.pk, sold_out=True)
        if words in UNLIMITED:
            return Row(self.line.packaging.pk, unlimited=True)
        if not re.fullmatch(r"\d{1,9}([.,]0+)?", digits, re.ASCII):
            raise forms.ValidationError(_("Write a whole number, “sold out” or “unlimited”."))
        return Row(self.line.packaging.pk, packs=int(re.split("[.,]", digits)[0]))

    @property
    def row(self) -> Row:
        """What is asked of `stock.publish`: a quantity only where it was typed, or shown and not saved yet."""
        stock = (self.cleaned_data.get("quantity") if "quantity" in self.changed_data else None) or self._prefilled
        return replace(stock, price=self.cleaned_data["price"], on_sale=self.cleaned_data["on_sale"])

    @property
    def _prefilled(self) -> Row:
        """Last week's stock to the base unit, for a row that is not saved yet."""
        shown = None if self.line.stock else self.line.shown_stock
        if shown is None:
            return Row(self.line.packaging.pk)
        return Row(self.line.packaging.pk, units=shown.quantity, unlimited=shown.quantity is None)

    @property
    def is_left_alone(self) -> bool:
        """Whether nobody wrote anything into a row that says nothing yet."""
        return not self.line.is_saved and not self.has_changed() and self.line.shown_stock is None

    def refuse(self, refusal: RowsRefused) -> None:
        """Show a rule's answer beside the quantity, where this row is concerned."""
        if self.line.code in refusal.rows:
            reserved = refusal.rows[self.line.code]
            words = str(refusal) if reserved is None else reserved_words(reserved)
            self.add_error("quantity" if "quantity" in self.fields else None, words)

    @property
    def undo(self) -> str:
        """What to post, as JSON, to have the row again as it was; empty for one that was not saved."""
        if not self.line.is_saved:
            return ""
        shown = {"price": written(self.initial["price"])} | ({"on_sale": "on"} if self.line.on_sale else {})
        if not self.initial["price"]:
            shown["free"] = "on"
        if "quantity" in self.fields:
            shown["quantity"] = str(self.initial["quantity"])
        return json.dumps({self.add_prefix(name): value for name, value in shown.items()})

    @property
    def problem(self) -> str:
        """The first thing to correct, in a sentence; empty when all is well."""
        return next((str(errors[0]) for errors in self.errors.values()), "") if self.is_bound else ""
