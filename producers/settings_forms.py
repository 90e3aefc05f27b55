"""The forms of *Réglages* about farms: taking one in, and which points it supplies."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.form_fields import AmountField, DayField
from hub.models import CollectionPoint
from hub.money import money
from hub.ordering import alphabetical
from producers.models import Producer, Supply


class FarmForm(forms.ModelForm):  # type: ignore[type-arg]
    """A farm as it is taken in; the rest it says itself, on its own page."""

    class Meta:
        model = Producer
        fields: ClassVar = ["name", "city", "email", "phone", "vat_regime"]


class SupplyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A farm at a point: from when, with which minimum, where it stands."""

    since = DayField(label=_("From"))
    until = DayField(label=_("Last day"), required=False)
    minimum_amount = AmountField(label=_("Minimum order per distribution"), help_text=_("0: every order is delivered."))

    class Meta:
        model = Supply
        fields: ClassVar = ["producer", "since", "until", "spot"]
        labels: ClassVar = {"producer": _("Farm")}

    field_order = ("producer", "since", "until", "minimum_amount", "spot")

    def __init__(self, point: CollectionPoint, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["minimum_amount"] = self.instance.minimum.amount
        if self.instance.pk:
            del self.fields["producer"]
        else:
            here = Supply.objects.filter(point=point).values("producer")
            farms: Any = self.fields["producer"]
            farms.queryset = Producer.objects.active().exclude(pk__in=here).order_by(alphabetical(), "pk")
            farms.empty_label = _("Choose a farm")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("minimum_amount") is not None:
            self.instance.minimum = money(values["minimum_amount"])
        return values
