"""The sheets of the day on paper: the bundle of those on duty and the route of a round."""

from collections import Counter
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from distribution.contents.day import Duty, DutyException, NextTeam, Route, RouteLine, Shift, Stop
from distribution.typeset import words
from hub import format as say


def duty(content: Duty) -> dict[str, Any]:
    """The first pages of the bundle; the lists that follow are sheets of their own (see documents.py)."""
    header, list_ = content["header"], content["sign_off"]
    follow = [
        name
        for name, there in (
            (pgettext("paper", "sign-off list"), list_),
            (pgettext("paper", "route sheet"), content["route"]),
            (pgettext("paper", "table plan"), content["table_plan"]),
        )
        if there
    ]
    households = [*(list_["rows"] if list_ else ()), *(content["route"]["stops"] if content["route"] else ())]
    here = [one for one in households if not (one["change"] and one["change"]["mark"] == "cancelled")]
    weighed = sorted(row["basket_number"] for row in list_["rows"] if row["weighed"]) if list_ else []
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Duty sheet"),
            aside=words.counted_households(len(here)),
            below=_("then: %(sheets)s") % {"sheets": ", ".join(name.replace(" ", words.NBSP) for name in follow)}
            if follow
            else "",
        ),
        "shifts": [_shift(shift) for shift in content["shifts"]],
        "contacts": content["contacts"],
        "instructions": content["instructions"],
        "exceptions": [_exception(one) for one in content["exceptions"]],
        "weighed": weighed,
        "teams": [_team(team) for team in content["teams"]],
    }


def _shift(shift: Shift) -> dict[str, str]:
    hours = say.window(words.moment(shift["starts_at"]), words.moment(shift["ends_at"]))
    return {"hours": hours, "name": shift["name"], "phone": shift["phone"], "task": shift["task"]}


def _exception(one: DutyException) -> dict[str, Any]:
    what = {
        "skipped": pgettext("paper", "Skipped"),
        "shifted": pgettext("paper", "Moved date"),
        "turn": pgettext("paper", "Shared basket"),
        "given": pgettext("paper", "Given away"),
        "proxy": _("Somebody else collects"),
        "absent": pgettext("paper", "Absent"),
        "payment": pgettext("paper", "Payment refused"),
        "added": pgettext("paper", "Added late"),
        "cancelled": pgettext("paper", "Cancelled"),
        "note": pgettext("paper", "Please note"),
    }[one["what"]]
    return {
        "number": one["basket_number"] or "",
        "family": one["family_name"].upper(),
        "given": one["given_name"],
        "what": what,
        "todo": one["todo"],
    }


def _team(team: NextTeam) -> dict[str, Any]:
    missing = ngettext("%(count)s missing", "%(count)s missing", team["missing"]) % {"count": team["missing"]}
    return {
        "day": say.day(date.fromisoformat(team["date"])),
        "names": ", ".join(team["names"]) if team["held"] else pgettext("paper", "no collection"),
        "state": "" if not team["held"] else missing if team["missing"] else pgettext("paper", "complete"),
        "missing": team["held"] and team["missing"] > 0,
    }


def route(content: Route) -> dict[str, Any]:
    """The doors in the order of the round."""
    header, stops, driver = content["header"], content["stops"], content["driver"]
    leaves = words.timed(_("leaves at %(time)s"), content["leaves_at"])
    count = ngettext("%(count)s stop", "%(count)s stops", len(stops)) % {"count": len(stops)}
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Route sheet"),
            aside=", ".join(filter(None, [count, leaves])),
            below=", ".join(filter(None, [driver["name"], driver["phone"]])) if driver else "",
        ),
        "stops": [_stop(stop, header["currency"]) for stop in stops],
    }


def _stop(stop: Stop, currency: str) -> dict[str, Any]:
    change = stop["change"]
    cancelled = change is not None and change["mark"] == "cancelled"
    due = _("To pay: %(amount)s") % {"amount": words.amount(stop["due"], currency)} if stop["due"] is not None else ""
    return {
        "changed": change is not None,
        "cancelled": cancelled,
        "stop": stop["stop"],
        "at": say.clock(words.moment(stop["at"])) if stop["at"] else "",
        "number": words.struck(str(stop["basket_number"]), change),
        "family": words.struck(stop["family_name"].upper(), change),
        "given": words.struck(stop["given_name"], change),
        "tag": words.tag(change),
        "reason": change["reason"] if change else "",
        "address": stop["address"],
        "phone": stop["phone"],
        "access": stop["access"],
        "due": "" if cancelled else due,
        "lines": _by_zone(stop["lines"]),
    }


def _by_zone(lines: list[RouteLine]) -> SafeString:
    """Sec 7 : 1 Chou-fleur, 3 Poireaux; one line of text per zone. A packaging is named where a product has several."""
    several = {name for name, count in Counter(line["product"] for line in lines).items() if count > 1}
    zones = []
    for code, group in groupby(lines, key=lambda line: line["zone"]):
        here = list(group)
        products = format_html_join(", ", "{}", ((_packed(line, several),) for line in here))
        zones.append((words.zone(code), sum(line["quantity"] for line in here), products))
    return format_html_join("\n", "<b>{} {}</b> {}", zones)


def _packed(line: RouteLine, several: set[str]) -> SafeString:
    change = line["change"]
    what = words.item(line["product"], line["packaging"]) if line["product"] in several else line["product"]
    if change and change["mark"] == "cancelled":
        return format_html("<del>{}\u00a0{}</del> <mark>{}</mark>", change["was"], what, words.tag_words(change))
    mark = format_html(" <mark>{}</mark>", words.tag_words(change)) if change else ""
    return format_html("{}\u00a0{}{}", words.packs(line["quantity"], change), what, mark)
