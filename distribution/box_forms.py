"""What is typed about boxes: how many of each coin and note, what is carried to the bank."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution.boxes.counting import COINS, total
from hub import format as say
from hub.form_fields import AmountField, KeyedForm
from hub.money import money

FIRST_NOTE = Decimal(5)


class BoxForm(KeyedForm):
    """What is noted of a box."""

    key_prefix = "box"


class CountForm(BoxForm):
    """A count of cash: one field for each coin and note, and one for what is in rolls or elsewhere. `seen` is what the
    page said to expect."""

    other = AmountField(label=_("Rolls and anything else, in €"), required=False)
    note = forms.CharField(label=_("If it differs: why?"), max_length=200, required=False)
    seen = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput, localize=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        pieces = {
            f"n-{value}": forms.IntegerField(
                label=say.money(money(value)), required=False, min_value=0, max_value=100_000,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": "0"}),
            )
            for value in COINS
        }  # fmt: skip
        self.fields = pieces | self.fields

    @property
    def pieces(self) -> list[forms.BoundField]:
        """The fields of coins and notes."""
        return [self[name] for name in self.fields if name.startswith("n-")]

    @property
    def rows(self) -> list[tuple[forms.BoundField | None, forms.BoundField]]:
        """Notes at the left, coins at the right."""
        fields = {Decimal(one.name.removeprefix("n-")): one for one in self.pieces}
        notes = [field for value, field in fields.items() if value >= FIRST_NOTE]
        coins = [field for value, field in fields.items() if value < FIRST_NOTE]
        return list(zip([*notes, *[None] * (len(coins) - len(notes))], coins, strict=True))

    def sheet(self) -> dict[str, int]:
        """How many of each, those that are there."""
        return {
            name.removeprefix("n-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("n-") and value
        }

    def counted(self) -> Decimal:
        """What it all comes to."""
        return total(self.sheet()) + (self.cleaned_data["other"] or Decimal(0))


class LocalCountForm(BoxForm):
    """A count of local currency, at par."""

    counted = AmountField(label=_("Counted, at par"))
    note = forms.CharField(label=_("If it differs: why?"), max_length=200, required=False)
    seen = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput, localize=False)


class DepositForm(BoxForm):
    """Cash paid in, or local currency exchanged."""

    amount = AmountField(label=_("Amount, in €"), min_value=Decimal("0.01"))
    note = forms.CharField(label=_("Note, number of the receipt"), max_length=200, required=False)


class BounceForm(BoxForm):
    """A cheque the bank has not paid."""

    reason = forms.CharField(label=_("What the bank says"), max_length=200, required=False)
