"""Forms of hub: text from a page to what the operations take."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hub import notices, profile
from hub.models import Household, Member


class SignupForm(forms.Form):
    """What allauth's sign-up asks besides the address. It may not import allauth's forms, which import this."""

    first_name = forms.CharField(
        label=_("First name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    field_order = ["first_name", "last_name", "email"]

    def signup(self, request: HttpRequest, user: Member) -> None:
        """Called by allauth once the account is there."""
        profile.welcome(
            member=user,
            first_name=self.cleaned_data["first_name"],
            last_name=self.cleaned_data["last_name"],
            language=(get_language() or "fr")[:2],
        )


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


class InvitationForm(forms.Form):
    """Whom to write to."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class AppointmentForm(InvitationForm):
    """Which member gets a role."""


class TokenForm(forms.Form):
    """A key for a program: what it is called and what it opens."""

    name = forms.CharField(
        label=_("What uses it"), max_length=60, help_text=_("By this name you know it again: “label printer”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, initial=["read"], choices=[
            ("read", _("Read: distributions, offers, my order, sheets")),
            ("order", _("Order: change my household’s order")),
            ("stock", _("Stock: my farm’s week and its spreadsheets")),
            ("handover", _("Hand-over: acts and confirmation of a distribution")),
            ("accounts", _("Accounts: statements of my farm")),
        ],
    )  # fmt: skip


class MessagesForm(forms.Form):
    """Which messages I want, of those I may do without."""

    prefix = "messages"
    wanted = forms.MultipleChoiceField(
        label=_("Write to me when"), choices=list(notices.OPTIONAL.items()), required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "switch", "role": "switch"}),
    )  # fmt: skip

    def __init__(self, member: Member, data: Any = None) -> None:
        super().__init__(data, initial={"wanted": [kind for kind in notices.OPTIONAL if kind not in member.muted]})
