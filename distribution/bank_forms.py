"""What the treasurer sends about the bank: a file, and what a line is."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution import household_forms
from distribution.models import BankMatch
from hub.form_fields import AmountField, KeyedForm
from hub.models import Household

Kind = BankMatch.Kind


class StatementForm(forms.Form):
    """A file of the bank."""

    statement = forms.FileField(
        label=_("Statement"),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xml,text/csv,application/xml"}),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )


class UseForm(KeyedForm):
    """What a line, or an amount of it, is."""

    key_prefix = "bank"
    kind = forms.ChoiceField(
        label=_("It is"),
        choices=[(kind.value, kind.label) for kind in Kind if kind != Kind.LINKED],
        initial=Kind.HOUSEHOLD,
        widget=forms.RadioSelect,
    )
    household = forms.CharField(
        label=_("Household"), max_length=60, required=False, help_text=_("Name, e-mail or reference.")
    )
    amount = AmountField(label=_("Amount, in €"), min_value=Decimal("0.01"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Needed for a line that is left out.")
    )

    def clean_household(self) -> Household | None:
        of_one = self.cleaned_data.get("kind") == Kind.HOUSEHOLD
        return household_forms.named(self.cleaned_data["household"]) if of_one else None
