"""Pages that exist only in the demo: doors to its roles, and the messages it would have sent."""

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from hub import context, demo_doors
from hub.access import public
from hub.models import Letter

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHOWN = 100


@public
def doors(request: HttpRequest) -> HttpResponse:
    """Whom one can be."""
    _local(request)
    shown = {
        "doors": demo_doors.doors(),
        "code": demo_doors.code_at(timezone.now()),
        "secret": demo_doors.SECOND_FACTOR,
    }
    if settings.STRIPE_API_BASE:
        shown["desk"] = f"{settings.STRIPE_API_BASE}/desk/"
    return render(request, "hub/demo.html", shown)


@public
def door(request: HttpRequest, token: str) -> HttpResponse:
    """Go in as somebody. A link signs in here as one in an e-mail would, the second factor shown; what moves money
    asks for it again, and the page of the doors tells the code. It leads to the first page of the role's space."""
    _local(request)
    member = demo_doors.member_of(token)
    if member is None:
        raise Http404
    login(request, member, backend=BACKEND)
    record_authentication(request, member, method="mfa", type="totp")
    return redirect(context.front_of(request.GET.get("space", ""), context.spaces_of(member)))


@public
def letters(request: HttpRequest) -> HttpResponse:
    """What was sent, newest first."""
    _local(request)
    return render(request, "hub/letters.html", {"letters": Letter.objects.all()[:SHOWN]})


@public
def letter(request: HttpRequest, number: int) -> HttpResponse:
    """One message as it left."""
    _local(request)
    return render(request, "hub/letter.html", {"letter": get_object_or_404(Letter, pk=number)})


def _local(request: HttpRequest) -> None:
    if not demo_doors.open_to(request):
        raise Http404
