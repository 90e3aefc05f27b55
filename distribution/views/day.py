"""The day at the point: arrivals, the counter, the confirmation."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution import baskets, confirming, day, handover, queue
from distribution.confirming import Fate
from distribution.forms import read_act
from distribution.handover import Act
from distribution.models import Confirmation, Shortage
from hub.access import MemberRequest, host_required, member_required
from hub.models import Collection
from hub.refusals import Refusal
from orders.models import Order, Payment
from producers.models import Producer


def collection_or_404(request: MemberRequest, code: str) -> Collection:
    """A collection the member runs."""
    return get_object_or_404(Collection.objects.run_by(request.user).select_related("point"), code=code)


@host_required
@require_safe
def choose(request: MemberRequest) -> HttpResponse:
    """The distribution at hand of my points; who runs several chooses."""
    at_hand = list(day.at_hand(request.user, timezone.now()))
    if len(at_hand) == 1:
        return redirect("distribution:day", at_hand[0].code)
    context = {"collections": at_hand, "over": day.just_over(request.user, timezone.now()), "space": "host"}
    return render(request, "distribution/days.html", context | {"now": timezone.now()})


@host_required
@require_safe
def arrivals(request: MemberRequest, collection: str) -> HttpResponse:
    """The farms: expected, arrived."""
    place = collection_or_404(request, collection)
    farms = day.farms(place)
    lists = {"expected": [f for f in farms if not f.arrived_at], "arrived": [f for f in farms if f.arrived_at]}
    return render(request, "distribution/arrivals.html", _page(place, "arrivals", farms=farms, **lists))


@host_required
@require_POST
def arrival(request: MemberRequest, collection: str, producer: str) -> HttpResponse:
    """A farm has arrived, or has not after all."""
    place = collection_or_404(request, collection)
    farm = get_object_or_404(Producer, code=producer)
    change = handover.leave if request.POST.get("state") == "expected" else handover.arrive
    try:
        change(collection=place, producer=farm, by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("distribution:day", place.code)


@host_required
@require_safe
def counter(request: MemberRequest, collection: str) -> HttpResponse:
    """The queue of households; the part alone while somebody searches. A number, code or scanned address opens its basket."""
    place = collection_or_404(request, collection)
    context = _counter(request, place)
    if context["named"] and not request.htmx:
        return redirect("distribution:basket", place.code, context["named"].order)
    return render(request, "distribution/_queue.html" if request.htmx else "distribution/counter.html", context)


@member_required
@require_safe
def scanned(request: MemberRequest, order: str) -> HttpResponse:
    """The address in an order's QR code: the basket for whoever runs the point, the order for its household."""
    found = get_object_or_404(
        Order.objects.visible_to(request.user).select_related("collection").distinct(), code=order.upper()
    )
    at = found.collection
    if found.household_id == request.user.household_id and not at.is_counted:
        return redirect("orders:order", at.code)
    if Collection.objects.run_by(request.user).filter(pk=at.pk).exists():
        return redirect(f"{reverse('distribution:counter', args=[at.code])}?q={found.code}")
    return redirect("orders:order", at.code)


@host_required
@require_safe
def basket(request: MemberRequest, collection: str, order: str) -> HttpResponse:
    """One household's goods, beside the queue."""
    place = collection_or_404(request, collection)
    return _show(request, place, _order(place, order))


@host_required
@require_POST
def act(request: MemberRequest, collection: str, order: str) -> HttpResponse:
    """One thing done at the counter."""
    place, now = collection_or_404(request, collection), timezone.now()
    goods = _order(place, order)
    try:
        done = read_act(request.POST, order=goods.code, now=now)
        if done.kind == "collected" and not request.POST.get("confirmed"):
            baskets.all_weighed(goods)
        outcome = handover.act(collection=place, action=done, by=request.user, now=now)
    except Refusal as refusal:
        return _show(request, place, goods, refusal=refusal, typed=request.POST)
    if outcome.state == "conflict":
        messages.warning(request, baskets.told_before(goods, done.kind))
        return redirect("distribution:basket", place.code, goods.code)
    if done.kind == "collected":
        return redirect("distribution:counter", place.code)
    return redirect("distribution:basket", place.code, goods.code)


@host_required
@require_POST
def undo(request: MemberRequest, collection: str, uid: UUID) -> HttpResponse:
    """Take an act back."""
    place, now = collection_or_404(request, collection), timezone.now()
    action = Act(uid=uuid4(), kind="undo", at=now, data={"of": str(uid)})
    try:
        handover.act(collection=place, action=action, by=request.user, now=now)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("distribution:counter", place.code)
    messages.success(request, _("Undone."))
    return redirect("distribution:basket", place.code, day.order_of(uid))


@host_required
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: MemberRequest, collection: str) -> HttpResponse:
    """What is still to be told, and the word that it is over."""
    place = collection_or_404(request, collection)
    refusal = _confirm(request, place) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        messages.success(request, _("The distribution is confirmed. The accounts follow within a minute."))
        return redirect("distribution:closing", place.code)
    context = _page(place, "closing", refusal=refusal, **_closing(request, place))
    return render(request, "distribution/closing.html", context, status=422 if refusal else 200)


def _confirm(request: MemberRequest, place: Collection) -> Refusal | None:
    try:
        early = bool(request.POST.get("early"))
        confirming.confirm(
            collection=place, uncollected=_told(request), by=request.user, now=timezone.now(), early=early
        )
    except Refusal as refusal:
        return refusal
    return None


def _told(request: MemberRequest) -> dict[str, str]:
    """What became of each order nobody collected; what is told of all holds where nothing else is told of one."""
    of_all = request.POST.get("all", "")
    chosen = {key.removeprefix("fate-"): str(fate) for key, fate in request.POST.items() if key.startswith("fate-")}
    return {order: fate or of_all for order, fate in chosen.items()}


def _closing(request: MemberRequest, place: Collection) -> dict[str, Any]:
    missing, entries = confirming.missing(place), {one.order: one for one in queue.queue(place)}
    parts, total = day.taken(place)
    said = Confirmation.objects.filter(collection=place).values_list("uncollected", flat=True).first()
    told = said or {name.removeprefix("fate-"): value for name, value in request.POST.items()}
    waiting = [(entries[one.order], told.get(one.order, "")) for one in missing.uncollected]
    return {
        "missing": missing,
        "waiting": waiting,
        "fates": Fate.choices,
        "summary": queue.summary(entries.values()),
        "shortages": day.shortages(place),
        "taken": parts,
        "taken_total": total,
        "may_confirm": confirming.may_confirm(collection=place, member=request.user, now=timezone.now()),
        "host_until": place.ends_at + confirming.COORDINATOR_AFTER,
    }


def _order(place: Collection, code: str) -> Order:
    orders = Order.objects.live().filter(collection=place).select_related("household", "handover")
    return get_object_or_404(orders, code=code)


def _show(request: MemberRequest, place: Collection, goods: Order, **more: Any) -> HttpResponse:
    context = _counter(request, place) | {
        "basket": baskets.basket(place, goods),
        **{name: uuid4() for name in ("uid", "pay_uid", "note_uid", "collect_uid", "return_uid")},
        "people": [person.full_name for person in goods.household.members.all()],
        "reasons": Shortage.Reason.choices,
        "means": Payment.Means.choices,
        **more,
    }
    return render(request, "distribution/counter.html", context, status=more["refusal"].status if more else 200)


def _counter(request: MemberRequest, place: Collection) -> dict[str, Any]:
    search, everybody = request.GET.get("q", ""), queue.queue(place)
    shown = queue.searched(everybody, search)
    last = day.last_act(place, request.user, timezone.now())
    url = reverse("distribution:undo", args=[place.code, last.uid]) if last else ""
    return _page(
        place,
        "counter",
        search=search,
        named=queue.named(everybody, search) if search else None,
        waiting=[one for one in shown if one.collected_at is None],
        served=[one for one in shown if one.collected_at is not None],
        summary=queue.summary(everybody),
        undo={"url": url, "words": last.said, "seconds": 10} if last else None,
    )


def _page(place: Collection, step: str, **more: Any) -> dict[str, Any]:
    acting = place.status in (Collection.Status.CLOSED, Collection.Status.IN_PROGRESS)
    return {"collection": place, "step": step, "acting": acting, "space": "host", "now": timezone.now(), **more}
