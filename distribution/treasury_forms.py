"""What the treasurer types about a household's money."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub import format as say
from hub.form_fields import AmountField, KeyedForm
from hub.models import CollectionPoint, Household
from hub.money import CENT, money
from hub.ordering import alphabetical
from orders.models import Order, Payment


class ReceivedForm(KeyedForm):
    """Money received: how much, by which means, where."""

    key_prefix = "treasury"

    amount = AmountField(label=_("Amount, in €"), min_value=CENT)
    means = forms.ChoiceField(
        label=_("How it came"), choices=Payment.Means.choices, initial=Payment.Means.TRANSFER, widget=forms.RadioSelect
    )
    point = forms.ModelChoiceField(
        CollectionPoint.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("in no box"),
        label=_("Box it lies in"),
        help_text=_("For cash and local currency: the point whose box holds it."),
    )
    note = forms.CharField(label=_("Cheque number, bank …"), max_length=100, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["point"].queryset = CollectionPoint.objects.active().order_by(alphabetical(), "pk")  # type: ignore[attr-defined]


class PayBackForm(KeyedForm):
    """Credit that was sent back to the household by a transfer: how much."""

    key_prefix = "paid-back"

    amount = AmountField(label=_("Amount, in €"), min_value=CENT)

    def __init__(self, *args: Any, left: Decimal, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"].help_text = _("At most %(most)s. Make the transfer at the bank first.") % {
            "most": say.money(money(left))
        }


class GrantForm(forms.Form):
    """Money back for an order that was settled: of which order, how much."""

    order = forms.ModelChoiceField(Order.objects.none(), to_field_name="code", label=_("Order"), empty_label=None)
    amount = AmountField(
        label=_("Amount, in €"),
        min_value=CENT,
        help_text=_(
            "At most what the order came to. The cooperative bears it; the household chooses credit or refund."
        ),
    )

    def __init__(self, *args: Any, household: Household, **options: Any) -> None:
        super().__init__(*args, **options)
        orders: forms.ModelChoiceField[Order] = self.fields["order"]  # type: ignore[assignment]
        settled = Order.objects.live().filter(household=household, settled_at__isnull=False, final_total__gt=0)
        orders.queryset = settled.exclude(collection__refunds__household=household).select_related("collection__point")
        orders.queryset = orders.queryset.order_by("-settled_at", "-pk")
        orders.label_from_instance = _told  # type: ignore[method-assign,assignment]


def _told(order: Order) -> str:
    when, total = say.short_day(order.collection.starts_at), say.money(order.final_total)
    return f"{when} · {total} · {order.collection.point.name}"
