"""An invoice or a credit note on paper: who to whom, what, how much of it is VAT, and the sentences of the law."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from djmoney.money import Money

from distribution.contents.invoices import Invoice, Line, Party, Place, Rate
from distribution.typeset import words
from hub import format as say

Row = dict[str, Any]


def invoice(content: Invoice) -> Row:
    """An invoice as its template prints it."""
    currency, credit = content["currency"], content["kind"] == "credit-note"
    issued = say.full_date(date.fromisoformat(content["issued_on"]))
    title = pgettext("paper", "Credit note") if credit else pgettext("paper", "Invoice")
    seller = content["seller"]["trade_name"] or content["seller"]["name"]
    said = {"title": title, "number": content["number"], "date": issued, "seller": seller}
    return {
        "head": words.Heading(
            title=title,
            version=1,
            where=seller,
            when="",
            aside=_("No. %(number)s") % {"number": content["number"]},
            below=pgettext("invoice", "issued on %(date)s") % {"date": issued},
            stamp=_("%(title)s %(number)s of %(date)s · %(seller)s") % said,
        ),
        "credit": credit,
        "on_behalf": content["on_behalf"],
        "seller": _party(content["seller"]),
        "buyer": _party(content["buyer"]),
        "facts": [(what, value) for what, value in _facts(content) if value],
        "lines": [_line(line, currency) for line in content["lines"]],
        "rates": [_rate(rate, currency) for rate in content["rates"]],
        "why": [rate["why"] for rate in content["rates"] if rate["why"]],
        **{name: words.amount(content[name], currency) for name in ("net", "vat", "total")},
        "paid": _paid(content),
        "about": content["about"],
        "left": _left(content),
        "notes": [note["text"] for note in content["notes"]],
    }


def _facts(content: Invoice) -> list[tuple[str, str]]:
    goods = content["operation"] == "goods"
    return [
        (_("About"), content["about"]),
        (_("Operation"), _("delivery of goods") if goods else _("supply of services")),
        (_("Delivered on") if goods else _("Service ended on"), _day(content["delivered_on"])),
        (_("Delivered at"), _place(content["deliver_to"])),
        (pgettext("paper", "Statement"), content["statement"]),
        (pgettext("paper", "Order"), content["order"]),
        (_("Invoice taken back"), _preceding(content)),
    ]


def _day(iso: str | None) -> str:
    return say.full_date(date.fromisoformat(iso)) if iso else ""


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return ", ".join(filter(None, [place["name"], *place["street"], f"{place['postcode']} {place['city']}".strip()]))


def _preceding(content: Invoice) -> str:
    first = content["preceding"]
    if first is None:
        return ""
    return _("%(number)s of %(date)s") % {"number": first["number"], "date": _day(first["issued_on"])}


def _party(party: Party) -> Row:
    town = f"{party['postcode']} {party['city']}".strip()
    number = f"SIRET {party['siret']}" if party["siret"] else f"SIREN {party['siren']}" if party["siren"] else ""
    vat = _("VAT %(number)s") % {"number": party["vat_number"]} if party["vat_number"] else ""
    lines = [party["trade_name"], *party["street"], town, number, vat]
    return {"name": party["name"], "lines": [line for line in lines if line]}


def _line(line: Line, currency: str) -> Row:
    return {
        "name": line["name"],
        "detail": line["detail"],
        "quantity": _quantity(line),
        "price": say.fine_money(Money(Decimal(line["unit_net"]), currency)) + ("/kg" if line["unit"] == "kg" else ""),
        "rate": words.rate(line["rate"]) if line["rate"] is not None else "–",
        "net": words.amount(line["net"], currency),
        "gross": words.amount(line["gross"], currency),
    }


def _quantity(line: Line) -> str:
    number = say.number(Decimal(line["quantity"]))
    return f"{number}{words.NBSP}kg" if line["unit"] == "kg" else number


def _rate(rate: Rate, currency: str) -> Row:
    amounts = {name: words.amount(rate[name], currency) for name in ("net", "vat", "gross")}
    return amounts | {"rate": words.rate(rate["rate"]) if rate["rate"] is not None else _("without VAT")}


def _paid(content: Invoice) -> str:
    if not Decimal(content["paid"]):
        return ""
    amount = words.amount(content["paid"], content["currency"])
    when = _("%(amount)s paid on %(date)s.") % {"amount": amount, "date": _day(content["paid_on"])}
    return f"{when} {content['paid_how']}".strip()


def _left(content: Invoice) -> str:
    left = Decimal(content["total"]) - Decimal(content["paid"])
    if not left or content["kind"] == "credit-note":
        return ""
    said = {"amount": words.amount(str(left), content["currency"]), "date": _day(content["due_on"])}
    when = _("%(amount)s to pay by %(date)s.") % said
    return f"{when} {content['paid_how']}".strip()
