"""The bank: statements read and written, lines led to whom they concern."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from distribution.bank import collecting, importing, overview, using
from distribution.bank.values import amount as read_amount
from distribution.bank_forms import StatementForm, UseForm
from distribution.models import BankFile, BankLine, BankMatch
from hub.access import MemberRequest, coordinator_required, proof_required
from hub.models import Transfer
from hub.refusals import Refusal

SPACE = {"space": "coordinator", "tab": "bank"}
FILES_SHOWN = 8
LINES_A_PAGE = 100
GAPS_SHOWN = 5


@coordinator_required
@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: MemberRequest) -> HttpResponse:
    """What waits, whether bank and books agree, and a statement to read."""
    sent = request.method == "POST"
    form = StatementForm(request.POST, request.FILES) if sent else StatementForm()
    if sent:
        file = _previewed(request, form)
        if file is not None:
            return redirect("distribution:bank-file", file.code)
    left = overview.waiting()
    context = {
        "form": form,
        "figures": overview.figures(),
        "waiting": overview.with_suggestions(list(left[: overview.SHOWN])),
        "announced": overview.announced(),
        "files": BankFile.objects.defer("content").select_related("created_by")[:FILES_SHOWN],
        "key": f"bank:{uuid4()}",
    }
    return render(request, "distribution/bank.html", context | SPACE, status=422 if form.errors else 200)


@coordinator_required
@require_safe
def file(request: MemberRequest, code: str) -> HttpResponse:
    """What a statement holds and what writing it would do."""
    found = get_object_or_404(BankFile, code=code)
    lines = importing.shown(found) if found.confirmed_at is None else []
    counts = {state: sum(1 for one in lines if one.state == state) for state in ("new", "known", "alike")}
    context = {
        "file": found,
        "page": Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page")),
        "counts": counts,
        "off_by": importing.off_by(found),
        "gaps": importing.gaps(found)[:GAPS_SHOWN],
        "written": found.lines.count(),
    }
    return render(request, "distribution/bank_file.html", context | SPACE)


@coordinator_required
@require_POST
@proof_required
def confirm(request: MemberRequest, code: str) -> HttpResponse:
    """Write a statement's new lines into the books."""
    found = get_object_or_404(BankFile, code=code)
    done = importing.confirm(
        file=found, by=request.user, now=timezone.now(), also_alike=request.POST.get("alike") == "yes"
    )
    count = done.lines.count()
    words = ngettext("%(count)s line is in the books.", "%(count)s lines are in the books.", count)
    messages.success(request, words % {"count": count})
    return redirect("distribution:bank")


@coordinator_required
@require_safe
def lines(request: MemberRequest) -> HttpResponse:
    """Every line, found by words of its label or by its amount."""
    search = " ".join(request.GET.get("q", "").split())[:60]
    uses = BankMatch.objects.filter(undone_at=None).select_related("household", "linked").order_by("number")
    every = BankLine.objects.prefetch_related(Prefetch("matches", uses, to_attr="uses")).order_by("-day", "-pk")
    for word in search.split():
        every = every.filter(_found(word))
    context = {"page": Paginator(every, LINES_A_PAGE).get_page(request.GET.get("page")), "search": search}
    return render(request, "distribution/bank_lines.html", context | SPACE)


@coordinator_required
@require_safe
def line(request: MemberRequest, line: int) -> HttpResponse:
    """One line: what it may be, what it was found to be."""
    return _line(request, get_object_or_404(BankLine, pk=line))


@coordinator_required
@require_POST
@proof_required
def use(request: MemberRequest, line: int) -> HttpResponse:
    """Somebody says what a line is: a movement of the books, or one of the form's choices."""
    found, now = get_object_or_404(BankLine, pk=line), timezone.now()
    form = UseForm(request.POST)
    try:
        if codes := request.POST.get("debits", "").split():
            key = request.POST.get("key", "")[:80]
            collecting.collect(line=found, codes=codes, key=key, by=request.user, now=now)
        elif request.POST.get("movement"):
            told = list(Transfer.objects.filter(reference__in=request.POST.getlist("movement")).order_by("pk"))
            using.link(line=found, movements=told, key=request.POST.get("key", "")[:80], by=request.user, now=now)
        elif form.is_valid():
            using.assign(line=found, by=request.user, now=now, **form.cleaned_data)
        else:
            return _line(request, found, form=form, status=422)
    except Refusal as refusal:
        form.refuse(refusal)
        return _line(request, found, form=form, status=422)
    messages.success(request, _("Noted."))
    if overview.waiting().filter(pk=found.pk).exists():
        return redirect("distribution:bank-line", found.pk)
    return redirect("distribution:bank")


@coordinator_required
@require_POST
@proof_required
def undo(request: MemberRequest, line: int, number: int) -> HttpResponse:
    """What was said of a line was a mistake."""
    match = get_object_or_404(BankMatch, line=line, number=number)
    using.undo(match=match, by=request.user, now=timezone.now())
    messages.success(request, _("Taken back. The amount waits again."))
    return redirect("distribution:bank-line", line)


def _previewed(request: MemberRequest, form: StatementForm) -> BankFile | None:
    if not form.is_valid():
        return None
    upload = form.cleaned_data["statement"]
    try:
        return importing.preview(content=upload.read(), file_name=upload.name, by=request.user, now=timezone.now())
    except Refusal as refusal:
        form.add_error("statement", str(refusal))
        return None


def _line(request: MemberRequest, found: BankLine, *, form: UseForm | None = None, status: int = 200) -> HttpResponse:
    left = overview.waiting().filter(pk=found.pk).first()
    shown = overview.with_suggestions([left], most=8)[0] if left else None
    start = {"key": f"bank:{uuid4()}", "amount": shown.left.amount if shown else None}
    start |= {"household": request.GET.get("household", "")[:60]}
    context: dict[str, Any] = {
        "line": found,
        "waiting": shown,
        "uses": found.matches.select_related("household", "linked", "by").order_by("-number"),
        "form": form or UseForm(initial=start),
        "key": start["key"],
    }
    return render(request, "distribution/bank_line.html", context | SPACE, status=status)


def _found(word: str) -> Q:
    """A line that has the word, or that amount whatever its sign."""
    found = Q(label__unaccent__icontains=word) | Q(party__unaccent__icontains=word)
    try:
        value = read_amount(word)
    except ValueError:
        return found
    return found | Q(amount=value) | Q(amount=-value) if value else found
