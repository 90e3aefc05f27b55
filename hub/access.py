"""Who may: every view carries one of these, and `view.audience` says which, for the test that walks all routes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from hub.models import Host, Member

View = Callable[..., HttpResponse]


class MemberRequest(HttpRequest):
    """A request of somebody signed in."""

    user: Member
    htmx: Any


def public(view: View) -> View:
    """Anybody, signed in or not."""
    return _declared(view, "public")


def member_required(view: View) -> View:
    """Anybody signed in; others are asked to sign in."""
    return _declared(login_required(view), "member")


def coordinator_required(view: View) -> View:
    """Coordinators; for others the page does not exist."""
    return _only("coordinator", lambda member: member.is_coordinator, view)


def host_required(view: View) -> View:
    """Hosts of any point, and coordinators; the view itself fetches with `visible_to` or `run_by`."""
    return _only("host", lambda m: m.is_coordinator or Host.objects.current().filter(member=m).exists(), view)


def producer_required(view: View) -> View:
    """Producers' people, and coordinators; the view itself fetches with `visible_to`."""
    return _only("producer", lambda m: m.is_coordinator or m.producer_roles.exists(), view)


def _only(audience: str, may: Callable[[Member], bool], view: View) -> View:
    @wraps(view)
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return _declared(login_required(guarded), audience)


def _declared(view: View, audience: str) -> View:
    view.audience = audience  # type: ignore[attr-defined]
    return view
