"""The forms of a farm about itself."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hub import identifiers
from hub.form_fields import WordsField
from hub.refusals import Refusal
from producers.catalogue_forms import rate_choices, rate_text
from producers.models import Producer


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """What everybody may read about a farm."""

    class Meta:
        model = Producer
        fields: ClassVar = ["story", "certifications", "address", "postcode", "city", "phone", "email"]
        widgets: ClassVar = {
            "story": forms.Textarea(attrs={"rows": 6}),
            "postcode": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
            "phone": forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        }
        field_classes: ClassVar = {"certifications": WordsField}
        labels: ClassVar = {"certifications": _("Labels and certifications")}
        help_texts: ClassVar = {
            "story": _("Who you are, what you grow and how. Members read it on your page."),
            "certifications": _("Separated by commas: AB, Nature & Progrès …"),
            "phone": _("For the cooperative and the hosts; it is not on your public page."),
            "email": _("Members who are signed in find it on your page."),
        }


class IdentityForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who sells, for the law: what statements and invoices carry."""

    prefix = "identity"
    default_vat_rate = forms.TypedChoiceField(coerce=Decimal)

    class Meta:
        model = Producer
        fields: ClassVar = ["legal_name", "siret", "vat_regime", "vat_number", "default_vat_rate"]
        widgets: ClassVar = {"siret": forms.TextInput(attrs={"inputmode": "numeric"})}
        help_texts: ClassVar = {
            "siret": _("Fourteen digits, with or without spaces."),
            "vat_number": _("If you have one, as in FR 44 732829320."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("siret", "vat_number"):
            # Room for the spaces people write; what is kept has none.
            typed: Any = self.fields[name]
            typed.max_length = typed.widget.attrs["maxlength"] = 30
            typed.validators = [rule for rule in typed.validators if not isinstance(rule, MaxLengthValidator)]
        rate: Any = self.fields["default_vat_rate"]
        rate.label = capfirst(Producer._meta.get_field("default_vat_rate").verbose_name)
        rate.choices = rate_choices(self.instance.default_vat_rate)
        self.initial["default_vat_rate"] = rate_text(self.instance.default_vat_rate)

    def clean_siret(self) -> str:
        return self._checked(identifiers.siret, self.cleaned_data["siret"])

    def clean_vat_number(self) -> str:
        siret = self.cleaned_data.get("siret", "")
        return self._checked(lambda text: identifiers.vat_number(text, siret=siret), self.cleaned_data["vat_number"])

    @staticmethod
    def _checked(check: Any, text: str) -> str:
        try:
            return str(check(text))
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class AccountForm(forms.Form):
    """A bank account, typed anew each time: nobody corrects a digit of the former one."""

    iban = forms.CharField(label=_("IBAN"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    bic = forms.CharField(
        label=_("BIC"),
        max_length=20,
        required=False,
        help_text=_("Found from the IBAN when left empty."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def refuse(self, refusal: Refusal) -> None:
        """Show a rule's answer at the field concerned."""
        self.add_error(refusal.data.get("field"), str(refusal))
