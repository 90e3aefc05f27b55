"""Paying farms and points: what is due, the runs, and what becomes of each payout."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution import correcting, payouts, transfers
from distribution.correction_forms import CorrectionForm
from distribution.models import Correction, Payout, PayoutRun, Refund
from distribution.payouts import reading
from hub import stripe_gateway
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.refusals import Refusal
from hub.views.common import told

SENT_SHOWN = 20
SPACE = {"space": "coordinator"}
Rail = PayoutRun.Rail


@coordinator_required
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """What is owed to farms, points and households, the runs under way, what was paid. Account numbers are masked here."""
    now, homes = timezone.now(), transfers.to_households()
    due = payouts.choices(rail=Rail.HAND, now=now)
    sent = Refund.objects.select_related(
        "household", "collection__point", "paid_by", "card_refund__payment__card"
    ).filter(paid_at__isnull=False)
    choosing = Refund.objects.to_choose().select_related("household", "collection__point").order_by("created_at", "pk")
    undecided = choosing.count()
    context = {
        "due": due,
        "total": transfers.total([one.payout.amount for one in due]),
        "live": reading.runs(live=True),
        "over": reading.runs(live=False),
        "corrections": Correction.objects.untold().select_related("producer", "household", "noted_by"),
        "refunds": homes,
        "refunds_total": transfers.total([one.amount for one in homes]),
        "to_cards": transfers.to_cards(),
        "choosing": choosing[:SENT_SHOWN],
        "undecided": undecided,
        "more_choosing": max(undecided - SENT_SHOWN, 0),
        "sent": sent.order_by("-paid_at", "-pk")[:SENT_SHOWN],
    }
    return render(request, "distribution/payouts.html", context | SPACE)


@coordinator_required
@proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """Choose how to pay and whom; everybody who can be paid is chosen already."""
    sent = request.method == "POST"
    rail = (request.POST if sent else request.GET).get("rail", Rail.FILE.value)
    chosen = set(request.POST.getlist("number"))
    error = ""
    if sent:
        try:
            run = payouts.start(rail=rail, numbers=sorted(chosen), by=request.user, now=timezone.now())
        except Refusal as refusal:
            begun = reading.begun(rail=rail, numbers=chosen, by=request.user)
            if begun is not None:
                return redirect("distribution:payout-run", begun.number)
            error = str(refusal)
        else:
            return redirect("distribution:payout-run", run.number)
    rails = payouts.rails()
    shown = next((one for one in rails if one.rail == rail), rails[0])
    choices = payouts.choices(rail=shown.rail, now=timezone.now())
    free = [one for one in choices if one.obstacle is None]
    context = {
        "rails": rails,
        "rail": shown,
        "free": [(one, not sent or one.payout.number in chosen) for one in free],
        "blocked": [one for one in choices if one.obstacle is not None],
        "total": transfers.total([one.payout.amount for one in free]),
        "error": error,
    }
    return render(request, "distribution/payout_run_new.html", context | SPACE, status=422 if error else 200)


@coordinator_required
@proof_required
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: MemberRequest) -> HttpResponse:
    """Put right what a statement told: it goes on the farm's next one."""
    form = CorrectionForm(request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            made = correcting.correct(**form.values(), by=request.user, now=timezone.now())
        except Refusal as refusal:
            form.refuse(refusal, refusal.data.get("field"))
        else:
            messages.success(
                request, _("Noted: it goes on the next statement of %(farm)s.") % {"farm": made.producer.name}
            )
            return redirect("distribution:payouts")
    status = 422 if request.method == "POST" else 200
    return render(request, "distribution/correction.html", {"form": form} | SPACE, status=status)


@coordinator_required
@require_safe
def run(request: MemberRequest, run: str) -> HttpResponse:
    """Where a run stands; asked again by the page itself while Stripe is being asked."""
    found = _run(run)
    context = {
        "run": found,
        "progress": reading.progress(found),
        "payouts": reading.payouts(found),
        "file": getattr(found, "file", None),
        "by_hand": found.rail == Rail.HAND,
        "by_file": found.rail == Rail.FILE,
        "at_stripe": found.rail == Rail.CONNECT,
    }
    template = "distribution/_payout_run.html" if request.htmx else "distribution/payout_run.html"
    return render(request, template, context | SPACE)


@coordinator_required
@require_safe
@proof_required
def file(request: MemberRequest, run: str) -> HttpResponse:
    """The file for the bank: the bytes that were made when the run was started."""
    found = _run(run)
    if found.rail != Rail.FILE:
        raise Http404
    try:
        content = payouts.file_of(found)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("distribution:payout-run", run)
    name = f"virements-{found.number}.xml"
    return HttpResponse(
        content,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@coordinator_required
@require_POST
@proof_required
def sent(request: MemberRequest, run: str) -> HttpResponse:
    """The bank has the file."""
    return _done(
        request, run, lambda found: payouts.sent(run=found, by=request.user, now=timezone.now()),
        _("Noted: the file is at the bank. Those who are paid are told."),
    )  # fmt: skip


@coordinator_required
@require_POST
@proof_required
def executed(request: MemberRequest, run: str) -> HttpResponse:
    """The bank has executed the transfers."""
    return _done(
        request, run, lambda found: payouts.executed(run=found, by=request.user, now=timezone.now()),
        _("Noted: the bank has executed the transfers."),
    )  # fmt: skip


@coordinator_required
@require_POST
@proof_required
def made(request: MemberRequest, run: str, number: str = "") -> HttpResponse:
    """One transfer was typed at the bank, or all of the run."""
    found = _run(run)
    if found.rail != Rail.HAND:
        raise Http404
    numbers = [number] if number else None
    done = payouts.made(run=found, numbers=numbers, by=request.user, now=timezone.now())
    if done:
        words = ngettext("%(n)d transfer noted as made.", "%(n)d transfers noted as made.", done) % {"n": done}
        messages.success(request, words)
    else:
        messages.error(request, _("Nothing was left to note: see below what became of each transfer."))
    return redirect("distribution:payout-run", run)


@coordinator_required
@require_POST
@proof_required
def withdrawal(request: MemberRequest, run: str) -> HttpResponse:
    """What has not left is taken out of the run and due again."""
    try:
        taken = payouts.withdraw(run=_run(run), by=request.user, now=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if taken:
            messages.success(request, _("These payouts are due again."))
        else:
            messages.error(request, _("Nothing was left to take out: see below what became of each transfer."))
    return redirect("distribution:payout-run", run)


@coordinator_required
@require_POST
@proof_required
def taking_back(request: MemberRequest, run: str, number: str) -> HttpResponse:
    """The bank rejected one transfer, it was noted by mistake, or Stripe has taken it back: then Stripe is asked."""
    found = get_object_or_404(Payout.objects.of_statements([number]).select_related("run"), run__number=run)
    reason = request.POST.get("reason", "")

    def take_back(_run: PayoutRun) -> None:
        if reason == Payout.Reason.REVERSED and found.stripe_id:
            payouts.ask_and_take_back(payout=found, by=request.user, now=timezone.now())
        else:
            payouts.take_back(payout=found, reason=reason, by=request.user, now=timezone.now())

    try:
        return _done(request, run, take_back, _("Taken back: the payout is due again."))
    except stripe_gateway.Away:
        messages.error(request, _("Stripe does not answer. Nothing has changed: try again in a few minutes."))
        return redirect("distribution:payout-run", run)


def _run(number: str) -> PayoutRun:
    every = PayoutRun.objects.select_related("started_by", "sent_by", "file").defer("file__content")
    return get_object_or_404(every, number=number)


def _done(request: MemberRequest, number: str, act: Callable[[PayoutRun], object], words: str) -> HttpResponse:
    """Back to the run's page, with what became of it."""
    told(request, lambda: act(_run(number)), words)
    return redirect("distribution:payout-run", number)
