"""The producers' sheets on paper."""

from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from distribution.contents.farm import (
    DeliveryNote,
    DeliveryRow,
    Harvest,
    HarvestColumn,
    HarvestRow,
    MemberSlips,
    Slip,
    SlipLine,
)
from distribution.contents.shared import Change, Header, Taker
from distribution.typeset import words
from distribution.typeset.qr import qr
from hub import format as say

COLUMNS_A_PAGE = 6  # points beside one another on a landscape page
SLIPS_A_ROW = 2


def harvest(content: Harvest) -> dict[str, Any]:
    """The week of one producer: what to pick in all, then for each point."""
    header, columns = content["header"], content["columns"]
    first, last = 0, COLUMNS_A_PAGE
    tables = []
    while first == 0 or first < len(columns):
        tables.append(_harvest_table(content, first, last))
        first, last = last, last + COLUMNS_A_PAGE
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Harvest list"),
            where=_("All collection points"),
            when=_harvest_when(header, columns),
            aside=(header["producer"] or {"name": ""})["name"],
            below=_ready(content["ready_at"]),
        ),
        "tables": tables,
        "contracts": words.contract_totals(content["contracts"]),
        "weight": words.kilos(sum(row["quantity"] * (row["pack_g"] or 0) for row in content["rows"])),
        "marked": any(row["change"] for row in content["rows"]),
    }


def _harvest_when(header: Header, columns: list[HarvestColumn]) -> str:
    points = ngettext("%(count)s point", "%(count)s points", len(columns)) % {"count": len(columns)}
    households = words.counted_households(sum(column["households"] for column in columns))
    return f"{words.week(header['week'])}, {points}, {households}"


def _ready(ready_at: str | None) -> str:
    return _("ready by %(when)s") % {"when": say.day_time(words.moment(ready_at))} if ready_at else ""


def _harvest_table(content: Harvest, first: int, last: int) -> dict[str, Any]:
    columns = content["columns"][first:last]
    zones = [
        {"name": words.zone(code), "rows": [_harvest_row(row, first, last) for row in rows]}
        for code, rows in groupby(content["rows"], key=lambda row: row["zone"])
    ]
    shown = {"first": first + 1, "last": first + len(columns), "all": len(content["columns"])}
    split = len(content["columns"]) > COLUMNS_A_PAGE
    return {
        "title": _("Points %(first)s to %(last)s of %(all)s") % shown if split else "",
        "totals": first == 0,
        "columns": [{"name": column["point"]["short"], "open": column["open"]} for column in columns],
        "zones": zones,
    }


def _harvest_row(row: HarvestRow, first: int, last: int) -> dict[str, Any]:
    change = row["change"]
    return {
        "changed": change is not None,
        "name": words.named(row["product"], row["contract"], change),
        "packaging": words.struck(row["packaging"], change),
        "packs": words.packs(row["quantity"], change),
        "weight": words.kilos(row["quantity"] * row["pack_g"]) if row["pack_g"] and row["quantity"] else "–",
        "cells": [
            words.packs(cell["quantity"], cell["change"]) if cell["quantity"] or cell["change"] else "·"
            for cell in row["cells"][first:last]
        ],
    }


def delivery_note(content: DeliveryNote) -> dict[str, Any]:
    """What one producer brings to one point, with blanks for lots, weights and what is missing."""
    header = content["header"]
    by = words.timed(_("before %(time)s"), content["due_at"])
    rows = [_delivery_row(row) for row in content["rows"]]
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Delivery note"),
            aside=(header["producer"] or {"name": ""})["name"],
            below=", ".join(filter(None, [content["number"], by])),
        ),
        "rows": rows,
        "products": ngettext("%(count)s product", "%(count)s products", len(rows)) % {"count": len(rows)},
        "packs": sum(row["quantity"] for row in content["rows"]),
        "weighed": any(row["weighings"] for row in rows),
        "amap": header["point"] is not None and header["point"]["kind"] == "amap",
        "marked": any(row["changed"] for row in rows),
    }


def _delivery_row(row: DeliveryRow) -> dict[str, Any]:
    change = row["change"]
    return {
        "changed": change is not None,
        "ref": row["ref"],
        "name": words.named(row["product"], row["contract"], change),
        "packaging": words.struck(row["packaging"], change),
        "packs": words.packs(row["quantity"], change),
        "lot": row["lot"],
        "weighed": row["weighed"] is not None,
        "weighings": _weighings(row["takers"]) if row["weighed"] else [],
        "reason": _reason(change),
    }


def _weighings(takers: list[Taker]) -> list[int]:
    """A blank for each pack to weigh: the basket number once per pack."""
    return [taker["basket_number"] for taker in takers for _pack in range(taker["quantity"])]


def _reason(change: Change | None) -> str:
    return change["reason"] if change else ""


def member_slips(content: MemberSlips) -> dict[str, Any]:
    """One slip per bag, two beside one another; the large number is what those on duty look for."""
    header, slips = content["header"], content["slips"]
    packs = sum(line["quantity"] for slip in slips for line in slip["lines"])
    count = ngettext("%(count)s slip", "%(count)s slips", len(slips)) % {"count": len(slips)}
    where = f",{words.NBSP}".join(
        filter(None, [(header["point"] or {"short": ""})["short"], words.day_month(header["starts_at"])])
    )
    shown = [_slip(slip) for slip in slips]
    amap = header["point"] is not None and header["point"]["kind"] == "amap"
    return {
        "head": words.heading(
            header,
            _("Slips for basket holders") if amap else pgettext("paper", "Members’ slips"),
            aside=(header["producer"] or {"name": ""})["name"],
            below=_("%(slips)s, %(packs)s, one per bag") % {"slips": count, "packs": words.counted_packs(packs)},
        ),
        "where": where,
        "rows": [shown[first : first + SLIPS_A_ROW] for first in range(0, len(shown), SLIPS_A_ROW)],
    }


def _slip(slip: Slip) -> dict[str, Any]:
    change = slip["change"]
    return {
        "number": words.struck(str(slip["basket_number"]), change),
        "name": slip["name"],
        "qr": qr(slip["url"]) if slip["url"] else "",
        "lines": [_slip_line(line) for line in slip["lines"]],
    }


def _slip_line(line: SlipLine) -> dict[str, Any]:
    change = line["change"]
    what = words.item(line["product"], line["packaging"])
    cancelled = change is not None and change["mark"] == "cancelled"
    return {
        "cancelled": cancelled,
        "packs": "" if cancelled else words.packs(line["quantity"], change),
        "words": format_html("<del>{} {}</del>", change["was"], what) if change and cancelled else what,
        "tag": words.tag(change),
        "weights": range(line["quantity"]) if line["weighed"] else (),
    }
