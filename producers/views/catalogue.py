"""The catalogue: products of a farm and how they are sold."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub.access import MemberRequest, producer_required
from hub.refusals import Refusal
from producers import catalogue
from producers.catalogue_forms import PackagingForm, ProductForm
from producers.models import Packaging, Product
from producers.photo_forms import PhotoForm
from producers.reading.words import fold
from producers.views.week import farm_or_404, farms

METHODS = ["GET", "HEAD", "POST"]


@producer_required
@require_safe
def my_catalogue(request: MemberRequest) -> HttpResponse:
    """The catalogue of my farm."""
    return farms(request, "producers:catalogue", by_week=False)


@producer_required
@require_safe
def products(request: MemberRequest, producer: str) -> HttpResponse:
    """All products of a farm."""
    farm, search = farm_or_404(request, producer), request.GET.get("q", "").strip()[:60]
    found = list(Product.objects.catalogue_of(farm))
    shown = [item for item in found if all(word in fold(item.name) for word in fold(search).split())]
    context = {"farm": farm, "products": shown, "all": len(found), "search": search, "space": "producer"}
    return render(request, "producers/catalogue.html", context)


@producer_required
@require_http_methods(METHODS)
def add(request: MemberRequest, producer: str) -> HttpResponse:
    """A new product with its first packaging."""
    farm = farm_or_404(request, producer)
    form, packaging = ProductForm(farm, request.POST or None), PackagingForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and packaging.is_valid():

        def act() -> Product:
            return catalogue.add_product(
                product=form.instance, packaging=packaging.instance, by=request.user, now=timezone.now()
            )

        if _done(request, form, act):
            return redirect("producers:product", farm.code, form.instance.code)
    context = {"farm": farm, "form": form, "packaging_form": packaging, "space": "producer"}
    return render(request, "producers/product_new.html", context, status=422 if request.method == "POST" else 200)


@producer_required
@require_http_methods(METHODS)
def product(request: MemberRequest, producer: str, product: str) -> HttpResponse:
    """One product: its facts and its packagings."""
    item = product_or_404(request, producer, product)
    form = ProductForm(item.producer, request.POST or None, instance=item)
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(request, form, lambda: catalogue.edit_product(product=item, by=request.user, now=timezone.now()))
    ):
        return redirect("producers:product", producer, product)
    return product_page(request, item, form=form, failed=request.method == "POST")


@producer_required
@require_POST
def archive(request: MemberRequest, producer: str, product: str) -> HttpResponse:
    """Stop selling a product."""
    item = product_or_404(request, producer, product)
    catalogue.archive_product(product=item, by=request.user, now=timezone.now())
    messages.success(request, _("“%(name)s” is out of your catalogue.") % {"name": item.name})
    return redirect("producers:catalogue", producer)


@producer_required
@require_POST
def add_packaging(request: MemberRequest, producer: str, product: str) -> HttpResponse:
    """A further packaging."""
    item = product_or_404(request, producer, product)
    form = PackagingForm(request.POST, instance=Packaging(product=item))
    if form.is_valid() and _done(
        request, form, lambda: catalogue.add_packaging(packaging=form.instance, by=request.user, now=timezone.now())
    ):
        return redirect("producers:product", producer, product)
    return product_page(request, item, new=form, failed=True)


@producer_required
@require_http_methods(METHODS)
def packaging(request: MemberRequest, producer: str, product: str, packaging: str) -> HttpResponse:
    """One packaging: its words, content and price."""
    item = product_or_404(request, producer, product)
    pack = get_object_or_404(item.packagings.active(), code=packaging)
    form = PackagingForm(request.POST or None, instance=pack)
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(request, form, lambda: catalogue.edit_packaging(packaging=pack, by=request.user, now=timezone.now()))
    ):
        return redirect("producers:product", producer, product)
    context = {"farm": item.producer, "product": item, "form": form, "pack": pack, "space": "producer"}
    return render(request, "producers/packaging.html", context, status=422 if request.method == "POST" else 200)


@producer_required
@require_POST
def archive_packaging(request: MemberRequest, producer: str, product: str, packaging: str) -> HttpResponse:
    """Stop selling a packaging."""
    pack = get_object_or_404(product_or_404(request, producer, product).packagings.active(), code=packaging)
    catalogue.archive_packaging(packaging=pack, by=request.user, now=timezone.now())
    messages.success(request, _("“%(name)s” is no longer sold.") % {"name": pack.label})
    return redirect("producers:product", producer, product)


def product_or_404(request: MemberRequest, producer: str, code: str) -> Product:
    """A product in a catalogue the member keeps."""
    farm = farm_or_404(request, producer)
    return get_object_or_404(Product.objects.active().filter(producer=farm).select_related("producer"), code=code)


def _done(request: MemberRequest, form: forms.BaseForm, act: Callable[[], Any]) -> bool:
    """Carry an act out and say so; else show in the form what keeps it from being done."""
    try:
        act()
    except Refusal as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        _show(form, error)
    else:
        messages.success(request, _("Saved."))
        return True
    return False


def _show(form: forms.BaseForm, error: ValidationError) -> None:
    for name, words in error.message_dict.items():
        form.add_error(name if name in form.fields else None, words)


def product_page(
    request: MemberRequest, item: Product, *, form: Any = None, new: Any = None, photo: Any = None, failed: bool = False
) -> HttpResponse:
    """A product with its forms; the one that failed is given."""
    context = {
        "farm": item.producer,
        "product": item,
        "packagings": item.packagings.active(),
        "form": form or ProductForm(item.producer, instance=item),
        "packaging_form": new or PackagingForm(),
        "photo_form": photo or PhotoForm(),
        "space": "producer",
    }
    return render(request, "producers/product.html", context, status=422 if failed else 200)
