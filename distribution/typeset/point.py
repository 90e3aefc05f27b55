"""The point's lists on paper: sign-off list and table plan."""

import unicodedata
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext, pgettext

from distribution.contents.point import RefCount, SignOff, SignOffRow, TablePlan, TableProduct
from distribution.contents.shared import Taker, Zone
from distribution.typeset import words
from distribution.typeset.measure import width

ZONES: tuple[Zone, ...] = ("dry", "chilled", "frozen")
SCALES = "⚖"
# Millimetres for a name; more than a few long ones, or phone numbers, and the list gives names more room, so that sixty
# households stay on two pages.
NAME_WIDTH, WIDE_NAME_WIDTH, FEW = 39.0, 63.0, 3


def sign_off(content: SignOff) -> dict[str, Any]:
    """Everybody who comes, by name: tick, number, contracts and packs, what is due, who took it."""
    header, rows = content["header"], content["rows"]
    here = [row for row in rows if not _cancelled(row)]
    owing = sum(1 for row in here if row["due"] is not None)
    due = words.amount(content["due"], header["currency"])
    to_pay = ngettext("%(count)s to pay: %(amount)s", "%(count)s to pay: %(amount)s", owing)
    wide = content["phones"] or sum(1 for row in rows if _is_long(row, NAME_WIDTH)) > FEW
    shown, initial = [], ""
    for row in rows:
        first = _first_letter(row["family_name"])
        room = WIDE_NAME_WIDTH if wide else NAME_WIDTH
        shown.append(_sign_off_row(row, content, room, new_letter=first != initial))
        initial = first
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Sign-off list"),
            aside=words.counted_households(len(here)),
            below=to_pay % {"count": owing, "amount": due} if owing else "",
        ),
        "css": " ".join([content["style"], "wide" if wide else ""]).strip(),
        "codes": content["style"] == "codes",
        "one_blank": content["style"] == "codes" or wide,
        "phones": content["phones"],
        "rows": shown,
        "contracts": words.contract_totals(content["contracts"]),
    }


def _first_letter(name: str) -> str:
    return unicodedata.normalize("NFD", name[:1]).casefold()[:1]


def _cancelled(row: SignOffRow) -> bool:
    return row["change"] is not None and row["change"]["mark"] == "cancelled"


def _is_long(row: SignOffRow, room: float) -> bool:
    """Whether the name does not fit its two lines: the family's, then the given name's."""
    below = f"{row['given_name']} · {row['phone']}" if row["phone"] else row["given_name"]
    return width(row["family_name"].upper(), 11, bold=True) > room or width(below, 9) > room


def _sign_off_row(row: SignOffRow, content: SignOff, room: float, *, new_letter: bool) -> dict[str, Any]:
    change, cancelled = row["change"], _cancelled(row)
    classes = [name for name, true in (("changed", change is not None), ("letter", new_letter)) if true]
    due = words.amount(row["due"], content["header"]["currency"]) if row["due"] is not None else ""
    long = _is_long(row, room)
    return {
        "css": " ".join(classes),
        "cancelled": cancelled,
        "number": words.struck(str(row["basket_number"]), change),
        "long": long,
        "family": words.struck(row["family_name"] if long else row["family_name"].upper(), change),
        "given": words.struck(row["given_name"], change),
        "tag": words.tag(change) if not cancelled else "",
        "phone": row["phone"] if content["phones"] else "",
        "contents": _gone(row) if cancelled else _contents(row, codes=content["style"] == "codes"),
        "due": words.struck(due, change),
    }


def _gone(row: SignOffRow) -> SafeString:
    return format_html("{}{}", words.tag(row["change"]), row["change"]["reason"] if row["change"] else "")


def _contents(row: SignOffRow, *, codes: bool) -> SafeString:
    """What a helper fetches and counts: contract codes, then packs per zone, or the code of each product."""
    contracts = " · ".join(_contract_code(one) for one in row["contracts"])
    if codes:
        products = format_html_join(" ", "{}{}", ((_several(one["quantity"]), _code(one)) for one in row["products"]))
        return format_html("<b>{}</b> {}", contracts, products) if contracts else products
    counts = [(words.short_zone(zone), row["packs"][zone]) for zone in ZONES if row["packs"].get(zone)]
    if row["weighed"]:
        counts.append((SCALES, row["weighed"]))
    packs = format_html_join(" · ", "{}\u00a0<b>{}</b>", counts)
    return format_html("<b>{}</b><br>{}", contracts, packs) if contracts else packs


def _contract_code(one: RefCount) -> str:
    return one["ref"] + (f" ×{one['quantity']}" if one["quantity"] > 1 else "")


def _several(quantity: int) -> SafeString:
    return format_html("<b>{}</b>", quantity) if quantity > 1 else SafeString("")


def _code(one: RefCount) -> str:
    return one["ref"] + ("*" if one["weighed"] else "")


def table_plan(content: TablePlan) -> dict[str, Any]:
    """Where each producer's packs stand, and which baskets take them."""
    header, places = content["header"], content["places"]
    farms = len({place["producer"]["code"] for place in places})
    packs = sum(product["quantity"] for place in places for product in place["products"])
    shown: list[dict[str, Any]] = [
        {
            "place": place["place"],
            "farm": place["producer"]["name"],
            "zone": words.zone(place["zone"]).lower(),
            "packs": words.counted_packs(sum(product["quantity"] for product in place["products"])),
            "products": [_table_product(product) for product in place["products"]],
        }
        for place in places
    ]
    return {
        "head": words.heading(
            header,
            pgettext("paper", "Table plan"),
            aside=words.counted_packs(packs),
            below=ngettext("%(count)s producer", "%(count)s producers", farms) % {"count": farms},
        ),
        "places": shown,
        "marked": any(product["changed"] for place in shown for product in place["products"]),
    }


def _table_product(product: TableProduct) -> dict[str, Any]:
    change = product["change"]
    return {
        "changed": change is not None or any(taker["change"] for taker in product["takers"]),
        "ref": product["ref"],
        "name": words.struck(product["product"], change),
        "packaging": words.struck(words.unbroken(product["packaging"]), change),
        "tag": words.tag(change),
        "packs": words.packs(product["quantity"], change),
        "takers": format_html_join(", ", "{}", ((_taker(taker),) for taker in product["takers"])),
    }


def _taker(taker: Taker) -> SafeString:
    """12 · 12 ×2 · a changed one with what it was: 12 ×2 (1)."""
    change, number = taker["change"], taker["basket_number"]
    if change and change["mark"] == "cancelled":
        return format_html("<del>{}{}</del>", number, _times(change["was"]))
    count = format_html("{}{}", number, _times(taker["quantity"]))
    return format_html("<mark>{}</mark>", count) if change else count


def _times(quantity: int) -> SafeString:
    return format_html("\u202f<b>×{}</b>", quantity) if quantity > 1 else SafeString("")
