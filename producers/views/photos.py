"""Photos: a farm sends one, replaces it, takes it down."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hub.access import MemberRequest, producer_required
from hub.refusals import Refusal
from producers import photos
from producers.models import Producer
from producers.models import Product as Item
from producers.photo_forms import PhotoForm
from producers.views.catalogue import product_or_404, product_page


@producer_required
@require_POST
def product(request: MemberRequest, producer: str, product: str) -> HttpResponse:
    """Show a product as on the photo sent."""
    item = product_or_404(request, producer, product)
    form = PhotoForm(request.POST, request.FILES)
    if shown(request, form, item):
        return redirect("producers:product", producer, product)
    return product_page(request, item, photo=form, failed=True)


@producer_required
@require_POST
def product_removal(request: MemberRequest, producer: str, product: str) -> HttpResponse:
    """Show a product's drawing again."""
    photos.take_down(of=product_or_404(request, producer, product), by=request.user, now=timezone.now())
    messages.success(request, _("The photo is removed."))
    return redirect("producers:product", producer, product)


def shown(request: MemberRequest, form: PhotoForm, of: Item | Producer) -> bool:
    """Whether the photo is shown now; else the form says why not."""
    if not form.is_valid():
        return False
    try:
        photos.show(of=of, content=form.content, by=request.user, now=timezone.now())
    except Refusal as refusal:
        form.add_error("photo", str(refusal))
        return False
    messages.success(request, _("The photo is shown."))
    return True
