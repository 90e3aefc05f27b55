"""Who may: every view carries one of these, and `view.audience` says which, for the test that walks all routes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from hub import pages, second_factor
from hub.models import Host, Member

View = Callable[..., HttpResponseBase]


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: Member
    htmx: Any


def public(view: View) -> View:
    """Anybody, signed in or not."""
    return _declared(view, "public")


def signed(view: View) -> View:
    """Whoever brings a signature: a program that shares a secret with us, or the link in a message; the view checks it."""
    return _declared(view, "signature")


def member_required(view: View) -> View:
    """Anybody signed in; others are asked to sign in."""
    return _declared(_signed_in(view), "member")


def coordinator_required(view: View) -> View:
    """Coordinators, under a second factor; for others the page does not exist."""
    return _only("coordinator", lambda member: member.is_coordinator, view)


def host_required(view: View) -> View:
    """Hosts of any point, and coordinators; the view itself fetches with `visible_to` or `run_by`."""
    return _only("host", lambda m: m.is_coordinator or Host.objects.current().filter(member=m).exists(), view)


def producer_required(view: View) -> View:
    """Producers' people, and coordinators; the view itself fetches with `visible_to`."""
    return _only("producer", lambda m: m.is_coordinator or m.producer_roles.exists(), view)


def proof_required(view: View) -> View:
    """Whoever acts has just shown again who they are, with their second factor; else they are asked to, and the request
    goes on afterwards as it was sent. Who has none is told how to get one. Goes under the one that says who may."""
    proven: View = reauthentication_required(view)

    @wraps(view)
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # allauth lets through who has nothing to prove anew with.
        if not second_factor.is_set_up(request.user):
            return second_factor.ask(request)
        second_factor.shown(request)
        return proven(request, *args, **kwargs)

    return guarded


def fresh_required(view: View) -> View:
    """Whoever acts has lately shown who they are; who has nothing to show it with again goes on. For what is one's own."""
    proven: View = reauthentication_required(view)
    return proven


def _only(audience: str, may: Callable[[Member], bool], view: View) -> View:
    """A coordinator may see and do what others may here, so the second factor is asked on all of these pages."""

    @wraps(view)
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user):
            raise Http404
        if request.user.is_coordinator:
            if not second_factor.is_set_up(request.user):
                return second_factor.ask(request)
            second_factor.shown(request)
        return view(request, *args, **kwargs)

    return _declared(_signed_in(guarded), audience)


def ask_to_sign_in(request: HttpRequest, back: str = "") -> HttpResponse:
    """To the page where one signs in, then `back`: to the page asked for, or the one that something was sent from.

    What a page asks by itself is answered 401: it stays as it is, and says that one must sign in again.
    """
    if request.headers.get("HX-Request"):
        return HttpResponse(
            _("Your session has ended. Sign in again."), status=401, content_type="text/plain; charset=utf-8"
        )
    return redirect_to_login(back or pages.here(request) or "/")


def _signed_in(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else ask_to_sign_in(request)

    return guarded


def _declared(view: View, audience: str) -> View:
    view.audience = audience  # type: ignore[attr-defined]
    return view
