"""Forms of hub: text from a page to what the operations take."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.models import Household, Member


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """How I am called and reached."""

    class Meta:
        model = Member
        fields: ClassVar = ["first_name", "last_name", "phone", "language"]
        widgets: ClassVar = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        }
        help_texts: ClassVar = {"phone": _("Only your collection point and the cooperative see it.")}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["first_name"].required = self.fields["last_name"].required = True


class HouseholdForm(forms.ModelForm):  # type: ignore[type-arg]
    """What my household is called and where it lives."""

    prefix = "household"

    class Meta:
        model = Household
        fields: ClassVar = ["name", "address", "postcode", "city", "access_note"]
        widgets: ClassVar = {
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
        }
        help_texts: ClassVar = {"access_note": _("For home delivery: floor, code, where to leave the crate.")}
