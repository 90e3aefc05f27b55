"""Forms of members' pages: text from a page to what the operations take."""

from collections.abc import Mapping

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hub import stripe_gateway
from hub.form_fields import whole
from hub.models import Collection, PaymentMethod
from hub.refusals import Refusal
from orders.models import Order
from orders.shelf import OTHER, Filters
from orders.wishes import MOST_PACKS, BadWish, Touch
from producers.models import Aisle, Allergen

FIELD = "q-"
SEEN = "s-"  # what the page showed of it before


def quantity(text: str) -> int:
    """A number of packs as it was typed; empty is none. Raises BadWish."""
    packs = whole(text.strip() or "0", MOST_PACKS)
    if packs is None:
        raise BadWish(_("A quantity is a whole number between 0 and 1,000."), typed=text[:20])
    return packs


def quantities(data: QueryDict) -> dict[str, int]:
    """The steppers of a page: packaging code to packs. Raises BadWish."""
    return {name.removeprefix(FIELD): quantity(str(data[name])) for name in data if name.startswith(FIELD)}


def touches(data: QueryDict) -> tuple[dict[str, Touch], dict[str, Refusal]]:
    """The steppers whose number is no longer the one the page showed, by packaging code, and those with no number in them.

    The button `add` adds one of its packaging.
    """
    touched: dict[str, Touch] = {}
    refused: dict[str, Refusal] = {}
    for code in [name.removeprefix(FIELD) for name in data if name.startswith(FIELD)]:
        try:
            touch = Touch(quantity(str(data[FIELD + code])), _seen(data.get(SEEN + code, "")))
        except BadWish as refusal:
            refused[code] = refusal
        else:
            if touch.packs != touch.seen:
                touched[code] = touch
    if added := data.get("add"):
        touched.setdefault(added, Touch(1, 0))
    return touched, refused


def _seen(text: str) -> int | None:
    """What a page says it showed; what it cannot have shown is another number than any that is stored."""
    return (-1 if (packs := whole(text, MOST_PACKS)) is None else packs) if text else None


def filters(data: QueryDict) -> Filters:
    """What the reader wants to see; unknown words filter nothing."""
    return Filters(
        aisle=data.get("aisle", "") if data.get("aisle", "") in (*Aisle.values, OTHER) else "",
        farm=data.get("farm", ""),
        label=data.get("label", ""),
        without=frozenset(data.getlist("without")) & frozenset(Allergen.values),
        favourites="favourites" in data,
        search=data.get("q", "").strip()[:60],
    )


class SendingForm(forms.Form):
    """What goes with an order: a word to the host and the way to pay, of those the point offers, or as it was agreed.

    `cannot_pay`: the point takes nothing but cards, which are not set up here, so it takes no new orders.
    """

    note = forms.CharField(
        label=_("A word to the host"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 1})
    )
    payment_method = forms.ChoiceField(label=_("Payment"), widget=forms.RadioSelect)

    def __init__(
        self, collection: Collection, order: Order | None, note: str, data: Mapping[str, str] | None = None
    ) -> None:
        methods = [PaymentMethod(method) for method in collection.point.payment_methods]
        if not stripe_gateway.is_set_up():
            methods = [method for method in methods if method != PaymentMethod.CARD]
        self.takes_cards, self.cannot_pay = PaymentMethod.CARD in methods, not methods
        if order and order.payment_method not in methods:
            methods.append(PaymentMethod(order.payment_method))
        first = order.payment_method if order else next(iter(methods), "")
        super().__init__(data, initial={"note": note, "payment_method": first})
        self.fields["payment_method"].choices = [(m.value, m.label.capitalize()) for m in methods]  # type: ignore[attr-defined]


class JoiningForm(forms.Form):
    """A word that goes with the request to join a point."""

    message = forms.CharField(label=_("A word to the host"), required=False, max_length=300)


def revision(data: QueryDict) -> int | None:
    """The revision of the wish the page was made from; None where it does not say, -1 for what was never one."""
    text = data.get("revision", "")
    return (-1 if (number := whole(text, 2**31 - 1)) is None else number) if text else None
