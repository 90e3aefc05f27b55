"""My farm: its story and photo, its legal identity, its bank account, and who keeps it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import identifiers
from hub.access import MemberRequest, producer_required, proof_required
from hub.refusals import Refusal
from producers import identity, mandates, photos
from producers.farm_forms import AccountForm, IdentityForm, ProfileForm
from producers.models import Producer
from producers.photo_forms import PhotoForm
from producers.views.photos import shown
from producers.views.week import farm_or_404, farms


@producer_required
@require_safe
def my_farm(request: MemberRequest) -> HttpResponse:
    """The page of my farm."""
    return farms(request, "producers:farm", by_week=False)


@producer_required
@require_safe
def farm(request: MemberRequest, producer: str) -> HttpResponse:
    """All a farm says about itself."""
    return _page(request, farm_or_404(request, producer))


@producer_required
@require_POST
def profile(request: MemberRequest, producer: str) -> HttpResponse:
    """Story, address, labels."""
    mine = farm_or_404(request, producer)
    form = ProfileForm(request.POST, instance=mine)
    return _saved(request, form, identity.edit_profile) or _page(request, mine, profile=form)


@producer_required
@require_POST
def legal(request: MemberRequest, producer: str) -> HttpResponse:
    """SIRET, VAT."""
    mine = farm_or_404(request, producer)
    form = IdentityForm(request.POST, instance=mine)
    return _saved(request, form, identity.edit_identity) or _page(request, mine, identity_form=form)


@producer_required
@require_POST
def photo(request: MemberRequest, producer: str) -> HttpResponse:
    """Show the farm as on the photo sent."""
    mine, form = farm_or_404(request, producer), PhotoForm(request.POST, request.FILES)
    return redirect("producers:farm", producer) if shown(request, form, mine) else _page(request, mine, photo_form=form)


@producer_required
@require_POST
def photo_removal(request: MemberRequest, producer: str) -> HttpResponse:
    """Show the farm's drawing again."""
    photos.take_down(of=farm_or_404(request, producer), by=request.user, now=timezone.now())
    messages.success(request, _("The photo is removed."))
    return redirect("producers:farm", producer)


@producer_required
@proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: MemberRequest, producer: str) -> HttpResponse:
    """Have payouts go to another bank account; asks for the second factor."""
    mine, form = farm_or_404(request, producer), AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, mine, form):
        return redirect("producers:farm", producer)
    context = {"farm": mine, "form": form, "iban": identifiers.spaced(mine.iban), "space": "producer"}
    return render(request, "producers/account.html", context, status=422 if request.method == "POST" else 200)


def _changed(request: MemberRequest, mine: Producer, form: AccountForm) -> bool:
    """Whether the account typed is the farm's now; else the form says why not."""
    try:
        another = identity.change_account(producer=mine, **form.cleaned_data, by=request.user, now=timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    words = _("Payouts now go to this account. Your farm’s people and the coordination are told by e-mail.")
    messages.success(request, words if another else _("This is the account already used."))
    return True


def _saved(request: MemberRequest, form: Any, act: Callable[..., None]) -> HttpResponse | None:
    """Back to the page when a valid form was written; None leaves its errors to be shown."""
    if not form.is_valid():
        return None
    act(producer=form.instance, fields=form.changed_data, by=request.user, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("producers:farm", form.instance.code)


def _page(request: MemberRequest, mine: Producer, **failed: forms.BaseForm) -> HttpResponse:
    """The page with the form that failed, if one did; the others say what is saved."""
    saved = Producer.objects.get(pk=mine.pk) if failed else mine
    context = {
        "farm": saved, "profile": ProfileForm(instance=saved), "identity_form": IdentityForm(instance=saved),
        "photo_form": PhotoForm(), "iban": identifiers.masked(saved.iban), "changes": identity.changes(saved),
        "people": saved.people.select_related("member").order_by("since", "pk"), "space": "producer",
        "mandate": mandates.live(saved),
    }  # fmt: skip
    return render(request, "producers/farm.html", context | failed, status=422 if failed else 200)
