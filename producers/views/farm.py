"""My farm: its story and photo, its legal identity, its bank account, and who keeps it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hub import format as say
from hub import identifiers, stripe_gateway
from hub.access import MemberRequest, coordinator_required, producer_required, proof_required
from hub.refusals import Refusal
from producers import connect, identity, mandates, photos
from producers.farm_forms import AccountForm, IdentityForm, ProfileForm
from producers.models import ConnectAccount, Producer
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


@coordinator_required
@require_POST
@proof_required
def account_confirmation(request: MemberRequest, producer: str) -> HttpResponse:
    """The coordination has asked the farm: the account is its own."""
    mine = farm_or_404(request, producer)
    try:
        seen = request.POST.get("seen", "")
        identity.confirm_account(producer=mine, seen=seen, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Confirmed: payouts may go to this account."))
    return redirect("producers:farm", producer)


@producer_required
@require_POST
@proof_required
def stripe_page(request: MemberRequest, producer: str) -> HttpResponse:
    """Go to Stripe's page, where the farm gives what Stripe asks for."""
    mine = farm_or_404(request, producer)
    _only_with_stripe()
    back = settings.SITE_URL + reverse("producers:farm-stripe-back", args=[producer])
    try:
        url = connect.begin(
            producer=mine, return_url=back, refresh_url=back, by=request.user, now=timezone.now()
        )  # fmt: skip
    except stripe_gateway.Away:
        messages.error(request, _away())
        return redirect("producers:farm", producer)
    except stripe_gateway.Declined:
        messages.error(
            request, _("Stripe does not know your account any more. The cooperative can pay you by transfer.")
        )
        return redirect("producers:farm", producer)
    return redirect(url)


@producer_required
@require_safe
def stripe_back(request: MemberRequest, producer: str) -> HttpResponse:
    """Back from Stripe's page, which is not believed: the account is read again at Stripe, once or twice alike."""
    _only_with_stripe()
    account = get_object_or_404(ConnectAccount, producer=farm_or_404(request, producer))
    try:
        found = connect.read_again(account=account, now=timezone.now())
    except stripe_gateway.Away:
        messages.error(request, _away())
    else:
        words = _("Your Stripe account can receive payouts.")
        if found.ready:
            messages.success(request, words)
        else:
            messages.error(request, _("Stripe still asks for something: go on where you left."))
    return redirect("producers:farm", producer)


def _only_with_stripe() -> None:
    if not stripe_gateway.is_set_up():
        raise Http404


def _away() -> str:
    return _("Stripe does not answer. Nothing is lost: try again in a few minutes.")


def _changed(request: MemberRequest, mine: Producer, form: AccountForm) -> bool:
    """Whether the account typed is the farm's now; else the form says why not."""
    try:
        another = identity.change_account(producer=mine, **form.cleaned_data, by=request.user, now=timezone.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    words = _(
        "Payouts now go to this account, from two days on or once the coordination has confirmed it. Your farm’s people and"
        " the coordination are told by e-mail."
    )
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
    account = ConnectAccount.objects.filter(producer=saved).first()
    context = {
        "farm": saved, "profile": ProfileForm(instance=saved), "identity_form": IdentityForm(instance=saved),
        "photo_form": PhotoForm(), "iban": say.masked_iban(saved.iban), "changes": identity.changes(saved),
        "waits_until": saved.account_waits_until(timezone.now()), "takes_stripe": stripe_gateway.is_set_up(),
        "stripe": account, "stripe_wants": connect.wanted(account) if account else [],
        "people": saved.people.select_related("member").order_by("since", "pk"), "space": "producer",
        "mandate": mandates.live(saved),
    }  # fmt: skip
    return render(request, "producers/farm.html", context | failed, status=422 if failed else 200)
