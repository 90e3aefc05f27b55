"""Statements for farms, the board for the coordinator."""

from typing import Any, cast

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from distribution import board as boards
from distribution import invoice_lists, papers
from distribution.contents.money import Statement as Content
from distribution.documents import Format, render_statement
from distribution.models import Statement
from distribution.typeset.money import statement as typeset
from hub import calendar, notices
from hub.access import MemberRequest, coordinator_required, producer_required
from hub.models import Notice
from hub.views.common import told
from producers.views.week import farm_or_404, farms

TYPES = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
SHOWN = 26  # half a year of statements on one page


@producer_required
@require_safe
def my_statements(request: MemberRequest) -> HttpResponse:
    """The statements of my farm."""
    return farms(request, "distribution:statements", by_week=False)


@producer_required
@require_safe
def statement(request: MemberRequest, producer: str, number: str = "") -> HttpResponse:
    """One statement, the latest unless another is asked for, beside the list of all."""
    farm = farm_or_404(request, producer)
    mine = Statement.objects.visible_to(request.user).filter(producer=farm).with_payouts().distinct()
    shown = get_object_or_404(mine, number=number) if number else mine.first()
    context: dict[str, Any] = {
        "farm": farm, "shown": shown, "statements": mine[:SHOWN], "invoices": invoice_lists.of_farm(farm)[:SHOWN],
        "space": "producer", **_amounts(shown),
    }  # fmt: skip
    return render(request, "distribution/statements.html", context)


@producer_required
@require_safe
def statement_file(request: MemberRequest, number: str, format_: str) -> HttpResponse:
    """A statement as PDF or CSV."""
    found = get_object_or_404(Statement.objects.visible_to(request.user).distinct(), number=number)
    if format_ not in TYPES:
        raise Http404
    if format_ == "pdf":
        body = papers.statement_pdf(found, now=timezone.now())
    else:
        body = render_statement(cast(Content, found.content), cast(Format, format_))
    name = f"{found.number}-{found.producer.code}.{format_}"
    return HttpResponse(
        body, content_type=TYPES[format_], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@coordinator_required
@require_safe
def this_week(request: MemberRequest) -> HttpResponse:
    """The board of the week we are in."""
    return redirect("distribution:board", calendar.week_of(calendar.local_date(timezone.now())))


@coordinator_required
@require_safe
def board(request: MemberRequest, week: str) -> HttpResponse:
    """Points by state, and what waits for somebody."""
    now, after = timezone.now(), calendar.shift_week(week, 1)
    shown = boards.read(week, next_week=after, now=now)
    rows = [(row, row.late(now)) for row in shown.rows]
    context = {
        "board": shown,
        "rows": rows,
        "week": week,
        "before": calendar.shift_week(week, -1),
        "after": after,
        "now": now,
        "over": calendar.week_days(week)[1] < calendar.local_date(now),
    }
    return render(request, "distribution/board.html", context | {"space": "coordinator"})


@coordinator_required
@require_POST
def message(request: MemberRequest) -> HttpResponse:
    """A message that could not be sent is tried again."""
    failed = get_object_or_404(Notice.objects.failing(), key=request.POST.get("notice", ""))
    told(
        request,
        lambda: notices.send_again(
            notice=failed, by=request.user, now=timezone.now(), key=request.POST.get("uid", "")[:36]
        ),
        _("The message leaves again within a minute."),
    )
    return redirect("distribution:board")


def _amounts(shown: Statement | None) -> dict[str, Any]:
    """A statement's figures, formatted as on its paper."""
    return {"paper": typeset(cast(Content, shown.content))} if shown else {}
