"""What the treasurer types to put a statement right."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution.acts import BadQuantity
from distribution.forms import amount
from distribution.models import Statement
from hub.models import Household
from hub.ordering import alphabetical
from hub.refusals import Refusal
from producers.models import Producer


class CorrectionForm(forms.Form):
    """Which farm, which way, how much, why, and who is on the other side. `key` makes sending the form twice harmless."""

    producer = forms.ModelChoiceField(
        Producer.objects.none(), to_field_name="code", label=_("Farm"), empty_label=_("Choose a farm")
    )
    about = forms.CharField(
        label=_("Statement it is about"), max_length=20, required=False, help_text=_("R-2026-0001, if any.")
    )
    way = forms.ChoiceField(
        label=_("Which way"),
        choices=[("take", _("the farm gives back")), ("give", _("the farm gets more"))],
        initial="take",
        widget=forms.RadioSelect,
    )
    amount = forms.CharField(
        label=_("Amount, in €"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    words = forms.CharField(label=_("Why"), max_length=120, help_text=_("The farm reads it on its next statement."))
    household = forms.CharField(
        label=_("Household on the other side"),
        max_length=20,
        required=False,
        help_text=_("Its code, as on its account; empty: the cooperative pays or receives it."),
    )
    about_fee = forms.BooleanField(
        label=_("It gives back a part of the cooperative’s fee"),
        required=False,
        help_text=_("Its invoice is then reduced by a credit note, under “Invoices”."),
    )
    key = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["producer"].queryset = Producer.objects.active().order_by(alphabetical(), "pk")  # type: ignore[attr-defined]
        self.fields["key"].initial = f"correction-{uuid4()}"

    def clean_amount(self) -> Decimal:
        """12, 12,50 or 12.50 €."""
        try:
            return amount(self.cleaned_data["amount"])
        except BadQuantity as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean_about(self) -> Statement | None:
        text = self.cleaned_data["about"].strip().upper()
        found = Statement.objects.filter(number=text).first() if text else None
        if text and found is None:
            raise forms.ValidationError(_("There is no statement of this number."))
        return found

    def clean_household(self) -> Household | None:
        text = self.cleaned_data["household"].strip().upper()
        found = Household.objects.filter(code__iexact=text).first() if text else None
        if text and found is None:
            raise forms.ValidationError(_("There is no household of this code."))
        return found

    def values(self) -> dict[str, Any]:
        """What the operation takes: the amount is below zero when the farm gives back."""
        data = dict(self.cleaned_data)
        gets = data.pop("way") == "give"
        return data | {"amount": data["amount"] if gets else -data["amount"]}

    def refuse(self, refusal: Refusal) -> None:
        """Show a rule's answer at the field concerned."""
        self.add_error(refusal.data.get("field"), str(refusal))
