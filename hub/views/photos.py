"""Photos, served by us: one rendition of one content for ever."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hub import photos
from hub.access import public

FOR_EVER = "public, max-age=31536000, immutable"


@public
@require_safe
def photo(request: HttpRequest, digest: str, width: str) -> HttpResponse:
    """A WebP of our own making. The address holds the hash of the content, so nothing behind it ever changes."""
    if int(width) not in photos.WIDTHS:
        raise Http404
    try:
        content = photos.path(digest, int(width)).read_bytes()
    except FileNotFoundError as error:
        raise Http404 from error
    headers = {"Cache-Control": FOR_EVER, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="image/webp", headers=headers)
