"""The site's addresses and one more: a POST that only reads the session, to compare with."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from hub import urls
from hub.access import MemberRequest, member_required


@member_required
@require_POST
def session(request: MemberRequest) -> HttpResponse:
    """What every page does before it does anything: session, member, token of the form."""
    return HttpResponse(status=204)


urlpatterns = [path("bench/session/", session), *urls.urlpatterns]
handler500 = urls.handler500
