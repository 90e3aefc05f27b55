"""The page for our own faults: it gives a reference by which the log line is found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist

from hub import logs


def server_error(request: HttpRequest) -> HttpResponse:
    """500.html with the request's reference. It must not need the database, which may be what is broken."""
    name = logs.reference.get()
    try:
        # No request is given, so no context processor runs.
        return render(None, "500.html", {"reference": name}, status=500)
    except TemplateDoesNotExist:
        return HttpResponse(f"500 {name}\n", status=500, content_type="text/plain")
