"""Which page of ours somebody is at, so that what interrupts them can lead back there."""

from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def here(request: HttpRequest) -> str:
    """The page asked for; where something was sent, the page that held its form, empty where the browser does not say:
    the address it was sent to may not be one to ask for."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    return urlunsplit(("", "", *urlsplit(page)[2:4], "")) or "/"
