"""The forms of *Réglages*: the cooperative, its points, their rhythm and single dates, fees and VAT."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hub import calendar, identifiers, stripe_gateway
from hub.form_fields import AmountField, DayField, HourField, IbanField, SiretField, checked, word_the_empty_choice
from hub.models import Collection, CollectionPoint, FeeRule, Hub, PaymentMethod, VatRate, WeeklySchedule
from hub.money import money
from hub.ordering import alphabetical
from hub.points import PRACTICAL

LINES: Any = {"rows": 3}


class HubForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who the cooperative is."""

    siret = SiretField(label=capfirst(_("SIRET number")), required=False, max_length=20)
    iban = IbanField(label=_("IBAN"), required=False, max_length=42)

    class Meta:
        model = Hub
        fields: ClassVar = [
            "name", "legal_name", "address", "email", "phone", "siret", "vat_number", "vat_registered", "iban", "creditor_id",
            "share_explained", "sheet_weeks",
        ]  # fmt: skip
        widgets: ClassVar = {"address": forms.Textarea(attrs=LINES), "share_explained": forms.Textarea(attrs=LINES)}
        help_texts: ClassVar = {
            "name": _("As members read it on every page."),
            "legal_name": _("As it stands on statements and invoices."),
            "share_explained": _("Shown to everybody beside the fair price."),
            "creditor_id": _(
                "Given by your bank: then households are debited by files you send it, otherwise through Stripe."
            ),
        }

    def clean_creditor_id(self) -> str:
        return checked(identifiers.creditor_id, self.cleaned_data["creditor_id"])

    def clean_vat_number(self) -> str:
        siret = self.cleaned_data.get("siret", "")
        return checked(lambda text: identifiers.vat_number(text, siret=siret), self.cleaned_data["vat_number"])


class PointAccountForm(forms.Form):
    """Who is paid a point's part, and where; typed anew each time: nobody corrects a digit of the former account."""

    holder = forms.CharField(
        label=capfirst(_("account holder")),
        max_length=70,
        help_text=_("The host, or the association that hosts the point, as the bank knows them."),
    )
    iban = IbanField(label=_("IBAN"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    bic = forms.CharField(
        label=_("BIC"),
        max_length=20,
        required=False,
        help_text=_("Found from the IBAN when left empty."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PointForm(forms.ModelForm):  # type: ignore[type-arg]
    """Everything a coordinator decides about a point."""

    payment_methods = forms.MultipleChoiceField(
        label=_("Ways to pay"), choices=PaymentMethod.choices, widget=forms.CheckboxSelectMultiple
    )
    account_floor = AmountField(
        label=_("Lowest account balance"), min_value=None, help_text=_("0, or below zero to lend: -50.")
    )
    at_point_ceiling = AmountField(label=_("Most a household may owe at the point"))
    minimum_order = AmountField(label=_("Smallest order"), required=False)
    delay_hours = forms.IntegerField(
        label=_("Hours to decide when a farm stays below its minimum"), min_value=0, max_value=72
    )
    AMOUNTS: ClassVar = ("account_floor", "at_point_ceiling", "minimum_order")

    class Meta:
        model = CollectionPoint
        fields: ClassVar = [
            "name", "kind", "address", "postcode", "city", "phone", "description", "access_note", "keys_note", "joining",
            "payment_methods", "refused_card", "minimum_default", "shares_contacts", "prints_phones", "label_grid",
        ]  # fmt: skip
        widgets: ClassVar = {"description": forms.Textarea(attrs=LINES), "keys_note": forms.Textarea(attrs=LINES)}
        help_texts: ClassVar = {
            "access_note": _("Members read it: door, code, where to park."),
            "keys_note": _("Only hosts and helpers read it."),
            "phone": _("Members of the point see it."),
            "refused_card": _("Cancelling takes the order off the sheets and tells the household and the farms."),
        }

    SECTIONS: ClassVar = (
        (
            _("The place"),
            ("name", "kind", "address", "postcode", "city", "phone", "description", "access_note", "keys_note"),
        ),
        (
            _("Members and money"),
            ("joining", "payment_methods", "refused_card", "minimum_order", "account_floor", "at_point_ceiling"),
        ),
        (_("The day"), ("delay_hours", "minimum_default", "shares_contacts", "prints_phones", "label_grid")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.AMOUNTS:
            amount = getattr(self.instance, name)
            self.initial[name] = amount.amount if amount is not None else None
        self.initial["delay_hours"] = int(self.instance.minimum_delay.total_seconds() // 3600)

    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in groups, each with its heading."""
        return [(title, [self[name] for name in names]) for title, names in self.SECTIONS]

    def clean_payment_methods(self) -> list[str]:
        """A point that takes cards alone takes no orders while Stripe is not set up."""
        methods: list[str] = self.cleaned_data["payment_methods"]
        if methods == [PaymentMethod.CARD] and not stripe_gateway.is_set_up():
            raise forms.ValidationError(
                _("Cards are not set up here, so nobody could order: offer another way to pay as well.")
            )
        return methods

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in self.AMOUNTS:
            if name in values:
                setattr(self.instance, name, None if values[name] is None else money(values[name]))
        if values.get("delay_hours") is not None:
            self.instance.minimum_delay = timedelta(hours=values["delay_hours"])
        return values


class PracticalForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a host tells about their point."""

    class Meta:
        model = CollectionPoint
        fields: ClassVar = list(PRACTICAL)
        widgets = PointForm.Meta.widgets
        help_texts = PointForm.Meta.help_texts


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A weekly rhythm."""

    starts, ends = HourField(label=_("Hand-over from")), HourField(label=_("Hand-over until"))
    opens, closes = HourField(label=_("Orders open at")), HourField(label=_("Orders close at"))
    valid_from = DayField(label=_("First day"))

    class Meta:
        model = WeeklySchedule
        fields: ClassVar = [
            "weekday", "starts", "ends", "opens_days_before", "opens", "closes_days_before", "closes", "every_weeks",
            "valid_from",
        ]  # fmt: skip
        help_texts: ClassVar = {"every_weeks": _("1: every week; 2: every other week, counted from the first day.")}

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        word_the_empty_choice(self, "weekday", _("Choose a day"))


class EndForm(forms.Form):
    """The last day of a rhythm; `number` says of which."""

    number = 0
    last_day = DayField(label=_("Last day"))


class CollectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One date: the day, the hours, and from when to when one orders. Days and hours are the cooperative's."""

    day = DayField(label=_("Day of the hand-over"))
    starts, ends = HourField(label=_("Hand-over from")), HourField(label=_("Hand-over until"))
    opens_day, opens = DayField(label=_("Orders open on")), HourField(label=_("Orders open at"))
    closes_day, closes = DayField(label=_("Orders close on")), HourField(label=_("Orders close at"))

    class Meta:
        model = Collection
        fields: ClassVar = ["note"]

    field_order = ("day", "starts", "ends", "opens_day", "opens", "closes_day", "closes", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget = forms.Textarea(attrs={"rows": 2})
        if self.instance.pk:
            for day, hour, moment in (
                ("day", "starts", "starts_at"), ("opens_day", "opens", "opens_at"), ("closes_day", "closes", "closes_at"),
                ("", "ends", "ends_at"),
            ):  # fmt: skip
                self._show(day, hour, getattr(self.instance, moment))

    def _show(self, day: str, hour: str, moment: datetime | None) -> None:
        if moment is not None:
            local = moment.astimezone(calendar.zone())
            self.initial.update({day: local.date(), hour: local.time()})

    def _get_validation_exclusions(self) -> set[str]:
        """The windows are checked as one by the act, which shows its words in place."""
        return {field.name for field in Collection._meta.fields} - {"note"}

    def windows(self) -> dict[str, datetime]:
        """The four instants that were typed."""
        typed = self.cleaned_data
        pairs = {
            "opens_at": ("opens_day", "opens"), "closes_at": ("closes_day", "closes"), "starts_at": ("day", "starts"),
            "ends_at": ("day", "ends"),
        }  # fmt: skip
        return {name: calendar.wall_to_utc(typed[day], typed[hour]) for name, (day, hour) in pairs.items()}


class FeeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A share of the shelf price from a day on."""

    percentage = AmountField(label=_("Percentage of the shelf price"), max_value=None)
    valid_from = DayField(label=_("From"))

    class Meta:
        model = FeeRule
        fields: ClassVar = ["payee", "percentage", "point", "valid_from"]

    field_order = Meta.fields

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payee"].choices = FeeRule.Payee.choices  # type: ignore[attr-defined]
        self.fields["point"].queryset = CollectionPoint.objects.active().order_by(alphabetical(), "pk")  # type: ignore[attr-defined]
        self.fields["point"].empty_label = _("all points")  # type: ignore[attr-defined]


class VatForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rate from a day on."""

    OUTSIDE = _("A VAT rate lies between 0 and 50 per cent.")
    percentage = AmountField(
        label=_("Percentage"), max_value=50, error_messages={"min_value": OUTSIDE, "max_value": OUTSIDE}
    )
    valid_from = DayField(label=_("From"))

    class Meta:
        model = VatRate
        fields: ClassVar = ["percentage", "valid_from"]
