"""What the treasurer types to put a statement right."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution import household_forms
from distribution.models import Statement
from hub.form_fields import AmountField, KeyedForm
from hub.models import Household
from hub.money import CENT
from hub.ordering import alphabetical
from producers.models import Producer


class CorrectionForm(KeyedForm):
    """Which farm, which way, how much, why, and who is on the other side."""

    key_prefix = "correction"

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
    amount = AmountField(label=_("Amount, in €"), min_value=CENT)
    words = forms.CharField(label=_("Why"), max_length=120, help_text=_("The farm reads it on its next statement."))
    household = forms.CharField(
        label=_("Household on the other side"),
        max_length=60,
        required=False,
        help_text=_("Name, e-mail or reference; empty: the cooperative pays or receives it."),
    )
    about_fee = forms.BooleanField(
        label=_("It gives back a part of the cooperative’s fee"),
        required=False,
        help_text=_("Its invoice is then reduced by a credit note, under “Invoices”."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["producer"].queryset = Producer.objects.active().order_by(alphabetical(), "pk")  # type: ignore[attr-defined]

    def clean_about(self) -> Statement | None:
        text = self.cleaned_data["about"].strip().upper()
        found = Statement.objects.filter(number=text).first() if text else None
        if text and found is None:
            raise forms.ValidationError(_("There is no statement of this number."))
        return found

    def clean_household(self) -> Household | None:
        text = self.cleaned_data["household"].strip()
        return household_forms.named(text) if text else None

    def values(self) -> dict[str, Any]:
        """What the operation takes: the amount is below zero when the farm gives back."""
        data = dict(self.cleaned_data)
        gets = data.pop("way") == "give"
        return data | {"amount": data["amount"] if gets else -data["amount"]}
