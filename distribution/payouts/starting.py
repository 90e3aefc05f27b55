"""Starting a run: the payouts are taken into it, their accounts are written down, a file is made if that is the rail."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from distribution.models import Payout, PayoutRun
from distribution.payouts import files
from distribution.payouts.choosing import obstacles, rails
from hub import activity, calendar
from hub.models import Hub, Member, PointAccount
from hub.money import ZERO
from hub.numbering import next_number
from hub.refusals import Refusal
from producers.models import ConnectAccount, Producer

NAMED = 5  # told by name when many are in the way


class NothingChosen(Refusal):
    """A run without payouts."""

    code = "nothing-chosen"
    status = 422


class NotPayable(Refusal):
    """Some of what was chosen cannot be paid so: `data["statements"]` has their numbers. Nothing was started."""

    code = "not-payable"


def start(*, rail: str, numbers: Sequence[str], by: Member | None, now: datetime) -> PayoutRun:
    """Take the payouts of these statements into a run. `by` is None for the command line.

    A fixed number of statements of SQL. Raises NothingChosen, NotPayable; then nothing has changed.
    """
    wanted = set(numbers)
    if not wanted:
        raise NothingChosen(_("Choose at least one statement."))
    _check_rail(rail)
    with transaction.atomic():
        rows = _locked(wanted)
        _check(rows, wanted, rail, now)
        year = calendar.local_date(now).year
        number = f"V-{year}-{next_number(kind='payout-run', issuer='hub', year=year):04d}"
        run = PayoutRun.objects.create(number=number, rail=rail, started_at=now, started_by=by)
        taken = Payout.objects.filter(pk__in=[one.pk for one in rows])
        taken.update(state=Payout.State.IN_RUN, run=run, **_account(rail))
        if rail == PayoutRun.Rail.FILE:
            with translation.override(Hub.get().language):
                files.write(run, now=now)
        total = sum((one.amount.amount for one in rows), ZERO)
        activity.record(
            verb="payout-run.started", subject=number, by=by, now=now,
            data={"rail": rail, "payouts": len(rows), "total": str(total)},
        )  # fmt: skip
    return run


def _check_rail(rail: str) -> None:
    found = next((one for one in rails() if one.rail == rail), None)
    if found is None:
        raise NothingChosen(_("Choose how to pay."))
    if found.missing:
        raise NotPayable(found.missing, statements=[])


def _locked(numbers: set[str]) -> list[Payout]:
    """Farms and points first, by id: an account that is just being changed is waited for."""
    live = Payout.objects.live().of_statements(numbers)
    list(Producer.objects.select_for_update(no_key=True).filter(pk__in=live.values("producer")).order_by("pk"))
    list(PointAccount.objects.select_for_update(no_key=True).filter(point__in=live.values("point")).order_by("pk"))
    return list(live.select_for_update(of=("self",)).with_payees().order_by("pk"))


def _check(rows: list[Payout], wanted: set[str], rail: str, now: datetime) -> None:
    gone = wanted - {one.number for one in rows if one.state == Payout.State.DUE}
    if gone:
        raise NotPayable(
            _("Meanwhile paid or taken into another run: %(statements)s. Look at the list again.")
            % {"statements": _named(sorted(gone))},
            statements=sorted(gone),
        )
    found = zip(rows, obstacles(rows, rail, now), strict=True)
    blocked = [(one, why) for one, why in found if why is not None]
    if blocked:
        first, why = blocked[0]
        words = _("%(farm)s: %(why)s") % {"farm": first.payee.name, "why": why.what}
        if len(blocked) > 1:
            words = _("These cannot be paid so yet: %(payees)s.") % {
                "payees": _named([one.payee.name for one, _why in blocked])
            }
        raise NotPayable(words, statements=[one.number for one, _why in blocked])


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" + {more}" if more > 0 else "")


def _account(rail: str) -> dict[str, Any]:
    """What is written down of where the money goes."""
    if rail == PayoutRun.Rail.CONNECT:
        account = ConnectAccount.objects.filter(producer=OuterRef("producer")).values("account")[:1]
        return {"destination": Subquery(account), "iban": Value(""), "bic": Value("")}
    farm = Producer.objects.filter(pk=OuterRef("producer"))
    point = PointAccount.objects.filter(point=OuterRef("point"))
    return {
        field: Coalesce(Subquery(farm.values(field)[:1]), Subquery(point.values(field)[:1]))
        for field in ("iban", "bic")
    }
