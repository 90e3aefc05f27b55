"""Where Stripe tells us that something happened: kept once, answered at once, read again by a sweep."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hub import stripe_gateway
from hub.access import signed
from orders import cards

LARGEST = 1_000_000  # bytes; Stripe's events are a hundred times smaller


@csrf_exempt
@signed
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """An event of Stripe's. 200 once it is kept, 400 where it is not Stripe's, 413 where it is too large to be."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return HttpResponse(status=413)
    try:
        cards.store_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""), now=timezone.now())
    except stripe_gateway.Forged:
        return HttpResponse(status=400)
    return HttpResponse(status=200)
