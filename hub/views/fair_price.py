"""The fair price: where each euro of the shop goes, from the rules that hold today."""

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hub import shares
from hub.access import public
from hub.money import money

EXAMPLE = Decimal("10.00")


class PriceForm(forms.Form):
    """A price to share out, as people write it."""

    price = forms.DecimalField(
        label=_("Any price of the shop, in €"), localize=True, min_value=Decimal("0.01"), max_value=Decimal(10_000),
        max_digits=7, decimal_places=2, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("This is not a number. Write, for example, 2.20.")},
    )  # fmt: skip


@public
@require_safe
def fair_price(request: HttpRequest) -> HttpResponse:
    """What farm, host and cooperative receive of a price, to the cent; `?price=` shares another one."""
    now = timezone.now()
    form = PriceForm(request.GET if "price" in request.GET else None, initial={"price": EXAMPLE})
    valid = form.is_bound and form.is_valid()
    price = money(form.cleaned_data["price"] if valid else EXAMPLE)
    context = {
        "now": now, "form": form, "share": shares.of_price(price, None, now), "points": shares.by_point(price, now),
        "coming": shares.to_come(price, now), "space": "" if request.user.is_authenticated else "public",
    }  # fmt: skip
    return render(request, "hub/fair_price.html", context, status=422 if form.is_bound and not valid else 200)
