"""What is typed about money for the balance."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.form_fields import AmountField, IbanField, KeyedForm
from orders.models import Mandate, TopUp
from orders.models.debit import LEGAL_NOTICE, SHORTEST_NOTICE

PARTS = [(1, _("in one go"))] + [(number, f"{number} ×") for number in (2, 3, 4, 6, 10, 12)]
NOTICES = [
    (LEGAL_NOTICE, _("14 days before, as the law says")),
    (SHORTEST_NOTICE, _("2 days before: sooner on my balance")),
]


class TopUpForm(KeyedForm):
    """How much, by which means, in how many months."""

    key_prefix = "top-up"

    amount = AmountField(label=_("Amount"), help_text=_("Between 10 and 500 € for each debit."))
    means = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)
    parts = forms.TypedChoiceField(
        label=_("In how many monthly debits"), choices=PARTS, coerce=int, initial=1, required=False, empty_value=""
    )

    def __init__(self, *args: Any, mandate: Mandate | None, by_card: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        means: list[tuple[str, Any]] = [(TopUp.Means.CARD, _("by card, now"))] if by_card else []
        if mandate is not None:
            means.append((TopUp.Means.DEBIT, _("by direct debit of my account %(account)s") % {"account": mandate}))
        else:
            del self.fields["parts"]
        self.fields["means"].choices = means  # type: ignore[attr-defined]
        self.fields["means"].initial = means[0][0] if means else ""

    def values(self) -> dict[str, Any]:
        """What is asked for, as `debits.top_up` takes it."""
        amount: Decimal = self.cleaned_data["amount"]
        debit = self.cleaned_data["means"] == TopUp.Means.DEBIT
        return {
            "amount": amount, "means": self.cleaned_data["means"], "key": self.cleaned_data["key"],
            "parts": (self.cleaned_data.get("parts") or 1) if debit else 1,
        }  # fmt: skip


class NoticeForm(forms.Form):
    """How long before a debit it is announced."""

    notice_days = forms.TypedChoiceField(
        label=_("Announce each debit"), choices=NOTICES, coerce=int, initial=LEGAL_NOTICE, widget=forms.RadioSelect
    )


class BankMandateForm(NoticeForm):
    """The account a household lets the cooperative's bank debit."""

    holder = forms.CharField(label=_("Account holder"), max_length=70)
    iban = IbanField(label=_("IBAN"), max_length=42)

    field_order = ("holder", "iban", "notice_days")
