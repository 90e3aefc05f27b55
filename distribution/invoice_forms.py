"""Forms of invoices: who they are made out to, and what is taken back."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from distribution import billing, credit_notes
from distribution.contents.invoices import Party
from distribution.models import Correction, Invoice
from hub import format as say
from hub.form_fields import AmountField, SirenField
from hub.models import Household
from hub.money import money


class BuyerForm(forms.Form):
    """Who asks for an invoice: a household, or a company with its number."""

    name = forms.CharField(
        label=_("Name on the invoice"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=10, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("Town"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    siren = SirenField(
        label=_("SIREN number"),
        max_length=20,
        required=False,
        help_text=_("For a company or an association; nine digits."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, posted: Any = None, *, home: Household) -> None:
        known = {"name": home.name, "address": home.address, "postcode": home.postcode, "city": home.city}
        super().__init__(posted, initial=known)

    @property
    def buyer(self) -> Party:
        """Who the invoice is made out to, as it was typed."""
        return billing.customer(**self.cleaned_data)


class CreditForm(forms.Form):
    """What is taken back of each line, or all that is left; a fee invoice is always taken back whole, but for what a
    correction gave back of it. For a correction, its amount is proposed over the lines."""

    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("It is printed on the credit note."), strip=True
    )
    whole = forms.BooleanField(label=_("Take back all that is left"), required=False)

    def __init__(self, posted: Any = None, *, invoice: Invoice, correction: Correction | None = None) -> None:
        super().__init__(posted, initial={"reason": correction.words} if correction else None)
        self.invoice, self.correction = invoice, correction
        if invoice.kind == Invoice.Kind.FEE or correction:
            del self.fields["whole"]
        if invoice.kind == Invoice.Kind.FEE:
            return
        proposed = self._proposed()
        left = credit_notes.left(invoice)
        for at, line in enumerate(invoice.content["lines"]):
            if left[at]:
                most = _("%(amount)s at most") % {"amount": say.money(money(left[at]))}
                words = " · ".join(filter(None, [line["detail"], most]))
                self.fields[f"line-{at}"] = AmountField(
                    label=line["name"], help_text=words, required=False, initial=proposed.get(at)
                )

    def _proposed(self) -> dict[int, Decimal]:
        if self.correction is None:
            return {}
        return credit_notes.spread(self.invoice, abs(self.correction.amount.amount))

    @property
    def amounts(self) -> dict[int, Decimal]:
        """The amounts by the index of their line."""
        if self.invoice.kind == Invoice.Kind.FEE and self.correction:
            return self._proposed()
        if self.invoice.kind == Invoice.Kind.FEE or self.cleaned_data.get("whole"):
            return credit_notes.whole(self.invoice)
        typed = {int(name[5:]): value for name, value in self.cleaned_data.items() if name.startswith("line-")}
        return {at: amount for at, amount in typed.items() if amount}
