"""My keys for programs: make one, see it once, take it back."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from hub import tokens
from hub.access import MemberRequest, member_required, proof_required
from hub.forms import TokenForm
from hub.models import ApiToken
from hub.refusals import Refusal


@member_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: MemberRequest) -> HttpResponseBase:
    """My keys, and the form for another one. A coordinator's key opens everybody's things: it is asked who they are."""
    return (_proven if request.user.is_coordinator else _mine)(request)


def _mine(request: MemberRequest) -> HttpResponse:
    """A new key is on the page that answers the form and nowhere else."""
    form, made = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = tokens.mint(member=request.user, now=timezone.now(), **form.cleaned_data)
            form = TokenForm()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {
        "form": form,
        "made": made,
        "tokens": ApiToken.objects.active().filter(member=request.user.pk).order_by("-created_at", "-pk"),
    }
    failed = request.method == "POST" and made is None
    return render(request, "hub/tokens.html", context, status=422 if failed else 200)


_proven = proof_required(_mine)


@member_required
@require_POST
def revocation(request: MemberRequest, code: str) -> HttpResponse:
    """Take a key back."""
    token = get_object_or_404(ApiToken, code=code, member=request.user.pk)
    tokens.revoke(token=token, by=request.user, now=timezone.now())
    messages.success(request, _("The key is revoked: no program gets in with it any more."))
    return redirect("hub:tokens")
