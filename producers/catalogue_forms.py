"""The forms of the catalogue."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from hub import format as say
from hub.form_fields import WordsField, word_the_empty_choice
from hub.models import VatRate
from hub.money import money
from producers.catalogue import greatest_weight
from producers.forms import PriceField, ask_if_free, refuse_free
from producers.models import Allergen, Packaging, Producer, Product


def rate_text(percentage: Any) -> str:
    """5.5 for 5.50: one writing for each rate."""
    return f"{Decimal(str(percentage)).normalize():f}"


def rate_choices(own: Any) -> list[tuple[str, str]]:
    """The rates of the country and the one in use, each as people write it."""
    rates = {rate_text(rate.percentage) for rate in VatRate.objects.all()} | {rate_text(own)}
    return [(rate, say.percentage(Decimal(rate) / 100)) for rate in sorted(rates, key=Decimal)]


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a product is."""

    vat_rate = forms.TypedChoiceField(coerce=Decimal)
    allergens_known = forms.BooleanField(label=_("I have checked the allergens: the list is complete"), required=False)
    allergens = forms.MultipleChoiceField(
        label=_("Allergens"), choices=Allergen.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Product
        fields: ClassVar = [
            "name", "unit", "aisle", "origin", "labels", "vat_rate", "zone", "storage_advice", "ingredients",
            "description", "use_by_days",
        ]  # fmt: skip
        field_classes: ClassVar = {"labels": WordsField}
        help_texts: ClassVar = {"labels": _("Separated by commas: AB, Nature & Progrès …")}
        widgets: ClassVar = {
            "ingredients": forms.Textarea(attrs={"rows": 2}),
            "description": forms.Textarea(attrs={"rows": 3}),
            "use_by_days": forms.TextInput(attrs={"inputmode": "numeric"}),
        }

    def __init__(self, producer: Producer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.producer = producer
        own = rate_text(self.instance.vat_rate or producer.default_vat_rate)
        word_the_empty_choice(self, "unit", _("Choose the unit"))
        word_the_empty_choice(self, "aisle", _("No aisle"))
        field: Any = self.fields["vat_rate"]
        field.label = capfirst(Product._meta.get_field("vat_rate").verbose_name)
        field.choices = rate_choices(own)
        self.initial["vat_rate"] = own
        self.initial["allergens"] = self.instance.allergens or []
        self.initial["allergens_known"] = self.instance.allergens is not None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        chosen = values.get("allergens", [])
        self.instance.allergens = chosen if chosen or values.get("allergens_known") else None
        return values


class PackagingForm(forms.ModelForm):  # type: ignore[type-arg]
    """How it is sold."""

    prefix = "packaging"
    price = PriceField(
        label=_("Price incl. VAT, in €"), help_text=_("Per kilogram for what is weighed at the hand-over.")
    )
    deposit = PriceField(label=_("Deposit, in €"), required=False)

    class Meta:
        model = Packaging
        fields: ClassVar = ["label", "content", "weighed", "max_content", "reference"]
        widgets: ClassVar = {
            "content": forms.TextInput(attrs={"inputmode": "numeric"}),
            "max_content": forms.TextInput(attrs={"inputmode": "numeric"}),
        }
        labels: ClassVar = {"content": _("Content"), "max_content": _("Greatest weight, in grams")}
        help_texts: ClassVar = {
            "label": _("As it is read in the shop: bunch, 500 g, bag of 5 kg."),
            "content": _("In grams, millilitres or pieces, as the product is counted."),
            "max_content": _("Never billed above it. A quarter above the expected weight when left empty."),
        }

    field_order = ("label", "content", "price", "free", "weighed", "max_content", "deposit", "reference")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(price=self.instance.price.amount, deposit=self.instance.deposit.amount or None)
        ask_if_free(self)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        refuse_free(self)
        if values.get("price") is not None:
            self.instance.price = money(values["price"])
        self.instance.deposit = money(values.get("deposit") or 0)
        return values | self._greatest_weight(values)

    def _greatest_weight(self, values: dict[str, Any]) -> dict[str, Any]:
        """Assumed where none is given for a weighed piece; none for anything else."""
        if not values.get("weighed"):
            return {"max_content": None}
        if "max_content" in self.changed_data and values.get("max_content"):
            self.instance.max_assumed = False
        elif not values.get("max_content") and values.get("content"):
            self.instance.max_assumed = True
            return {"max_content": greatest_weight(values["content"])}
        return {}
