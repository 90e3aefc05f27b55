"""Réglages: the bank account to which a point's part of the sales is paid."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hub import identifiers, payees
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.models import CollectionPoint, PointAccount
from hub.settings_forms import PointAccountForm
from hub.views.common import done, told


@coordinator_required
@proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: MemberRequest, code: str) -> HttpResponse:
    """The account, and another one from now on; asks for the second factor."""
    point, now = get_object_or_404(CollectionPoint, code=code), timezone.now()
    known = PointAccount.objects.filter(point=point).first()
    form = PointAccountForm(request.POST or None, initial={"holder": known.holder if known else ""})

    def act() -> None:
        payees.change_of_point(point=point, by=request.user, now=now, **form.cleaned_data)

    words = _("The point’s part now goes to this account, from two days on or once somebody else has confirmed it.")
    if request.method == "POST" and done(request, form, act, words):
        return redirect("hub:point-account", code)
    context = {
        "point": point, "account": known, "iban": identifiers.spaced(known.iban) if known else "", "form": form,
        "waits_until": known.account_waits_until(now) if known else None,
        "changes": payees.changes_of_point(point), "space": "coordinator",
    }  # fmt: skip
    return render(request, "hub/point_account.html", context, status=422 if request.method == "POST" else 200)


@coordinator_required
@require_POST
@proof_required
def confirmation(request: MemberRequest, code: str) -> HttpResponse:
    """Somebody else of the coordination has asked the host: the account is the right one."""
    known, seen = get_object_or_404(PointAccount, point__code=code), request.POST.get("seen", "")
    told(
        request,
        lambda: payees.confirm_of_point(account=known, seen=seen, by=request.user, now=timezone.now()),
        _("Confirmed: payouts may go to this account."),
    )
    return redirect("hub:point-account", code)
