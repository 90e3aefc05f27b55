"""What is not there, and our own faults: the page for these gives a reference by which the log line is found."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.views.defaults import page_not_found

from hub import logs
from hub.wire import problems


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404.html; a program is told as programs are."""
    if request.path.startswith("/api/"):
        return problems.not_there(request)
    return page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500.html with the request's reference. It must not need the database, which may be what is broken."""
    name = logs.reference.get()
    if request.path.startswith("/api/"):
        return problems.ours(request)
    try:
        # No request is given, so no context processor runs.
        return render(None, "500.html", {"reference": name}, status=500)
    except TemplateDoesNotExist:
        return HttpResponse(f"500 {name}\n", status=500, content_type="text/plain")
