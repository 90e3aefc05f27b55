"""The statement of a producer and the receipt of a household on paper."""

from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from distribution.contents.money import (
    ChequeSlip,
    MeansTotal,
    Missing,
    OfWeek,
    Party,
    RateTotal,
    Receipt,
    ReceiptLine,
    Statement,
    StatementCollection,
    StatementEntry,
    StatementRow,
)
from distribution.typeset import words
from hub import format as say

Row = dict[str, Any]


def statement(content: Statement) -> Row:
    """What a producer is owed for a week: the net first, then how it comes about, then each collection."""
    currency = content["currency"]
    return {
        "head": heading(content, content["producer"]),
        "net": words.amount(content["net"], currency),
        "due": _("transfer on %(date)s") % {"date": _full_date(content["due_on"])} if content["due_on"] else "",
        "account_end": content["account_end"],
        "producer": content["producer"],
        "hub": content["hub"],
        "entries": [_entry(entry, currency) for entry in content["entries"]],
        "rates": _rates(content["rates"], currency),
        "vat_note": content["vat_note"],
        "undelivered": words.amount(content["undelivered"], currency) if Decimal(content["undelivered"]) else "",
        "means": ", ".join(_paid_by(one, currency) for one in content["means"]),
        "collections": [_collection(one, currency) for one in content["collections"]],
    }


def heading(content: OfWeek, payee: Party) -> words.Heading:
    """What stands at the head of a statement, of a producer or a point."""
    return words.Heading(
        title=pgettext("paper", "Statement"),
        version=1,
        where=payee["name"],
        when=words.week(content["week"]),
        aside=_("No. %(number)s") % {"number": content["number"]},
        below=_("issued on %(date)s") % {"date": say.full_date(words.moment(content["issued_at"]))},
        stamp=_issued(content["number"], content["issued_at"], content["hub"]["name"]),
    )


def _issued(name: str, issued_at: str, hub: str) -> str:
    """The line at the foot of a paper about money: which it is, since when, from whom."""
    when = words.moment(issued_at)
    said = {"name": name, "date": say.full_date(when), "time": say.clock(when)}
    return _("%(name)s, issued on %(date)s at %(time)s") % said + f" · {hub}"


def _full_date(iso: str) -> str:
    return say.full_date(date.fromisoformat(iso))


def _means(code: str) -> str:
    return {"card": pgettext("paper", "card"), "account": pgettext("paper", "account"), "at-point": _("at the point")}[
        code
    ]


def _paid_by(one: MeansTotal, currency: str) -> str:
    return f"{_means(one['means'])} {words.amount(one['amount'], currency)}"


def _entry(entry: StatementEntry, currency: str) -> Row:
    what = {
        "sales": pgettext("paper", "Sales delivered"),
        "host-fee": _("Fee of the point"),
        "hub-fee": _("Fee of the cooperative"),
        "deposits": pgettext("paper", "Deposits"),
        "returned": pgettext("paper", "Deposits given back"),
        "correction": pgettext("paper", "Correction"),
        "carried": pgettext("paper", "Carried over"),
    }[entry["what"]]
    share = words.rate(entry["percent"]) if entry["percent"] else ""
    return {
        "what": ", ".join(filter(None, [what, share])),
        "note": entry["note"],
        "net": _maybe(entry["net"], currency),
        "vat": _maybe(entry["vat"], currency),
        "gross": words.amount(entry["gross"], currency),
    }


def _maybe(text: str | None, currency: str) -> str:
    return "" if text is None else words.amount(text, currency)


def _rates(rates: list[RateTotal], currency: str) -> list[Row]:
    return [
        {"rate": words.rate(one["rate"])}
        | {name: words.amount(one[name], currency) for name in ("net", "vat", "gross")}
        for one in rates
    ]  # fmt: skip


def _collection(one: StatementCollection, currency: str) -> Row:
    return {
        "title": f"{one['point']}, {say.day(date.fromisoformat(one['date']))}",
        "code": one["collection"],
        "rows": [_sold(row, currency) for row in one["rows"]],
        **{name: words.amount(one[name], currency) for name in ("gross", "host_fee", "hub_fee", "net")},
        # Zero less a fee, so that no fee is not taken away as "−0,00 €".
        **{f"less_{name}": words.amount(str(0 - Decimal(one[name])), currency) for name in ("host_fee", "hub_fee")},
    }


def _sold(row: StatementRow, currency: str) -> Row:
    price = words.amount(row["unit_price"], currency)
    return {
        "what": words.item(row["product"], row["packaging"]),
        "ordered": row["ordered"],
        "delivered": row["delivered"],
        "short": row["delivered"] != row["ordered"],
        "detail": ", ".join([_missing(one) for one in row["missing"]] + _weight(row["weight_g"])),
        "price": f"{price}/kg" if row["weight_g"] is not None else price,
        "rate": words.rate(row["rate"]) if row["rate"] else "–",
        "gross": words.amount(row["gross"], currency),
    }


def _weight(grams: int | None) -> list[str]:
    return [] if grams is None else [words.exact_kilos(grams)]


def _missing(one: Missing) -> str:
    return f"−{one['quantity']} {one['reason']}".strip()


def receipt(content: Receipt) -> Row:
    """What a household received and paid at one collection."""
    currency = content["currency"]
    deposits = content["deposits"]
    name = _("Receipt %(code)s") % {"code": content["order"]}
    return {
        "head": words.Heading(
            title=pgettext("paper", "Receipt"),
            version=1,
            where=content["point"],
            when=words.long_day(words.moment(content["starts_at"])),
            aside=_("Basket no. %(number)s") % {"number": content["basket_number"]},
            below=_("order %(code)s") % {"code": content["order"]},
            stamp=_issued(name, content["issued_at"], content["hub"]["name"]),
        ),
        "household": content["household"],
        "collected": _collected(content),
        "total": words.amount(content["total"], currency),
        "paid": _paid(content),
        "farms": [
            {"name": name, "lines": [_received(line, currency) for line in lines]}
            for name, lines in groupby(content["lines"], key=lambda line: line["producer"])
        ],
        "deposits": words.amount(deposits, currency) if Decimal(deposits) else "",
        "rates": _rates(content["rates"], currency),
        "vat_notes": content["vat_notes"],
        "hub": content["hub"],
        "shares": {name: words.amount(content[name], currency) for name in ("farms", "host", "hub_share")},
    }


def _collected(content: Receipt) -> str:
    if not content["collected_at"]:
        return ""
    when = words.moment(content["collected_at"])
    said = {"date": say.full_date(when), "time": say.clock(when), "name": content["collected_by"]}
    if content["collected_by"]:
        return _("collected on %(date)s at %(time)s by %(name)s") % said
    return _("collected on %(date)s at %(time)s") % said


def _paid(content: Receipt) -> str:
    means = _means(content["payment"]) if content["payment"] else ""
    day = _("on %(date)s") % {"date": _full_date(content["paid_on"])} if content["paid_on"] else ""
    expected = ""
    if content["estimated"] != content["total"]:
        amount = words.amount(content["estimated"], content["currency"])
        expected = _("%(amount)s expected when you ordered") % {"amount": amount}
    return " · ".join(filter(None, [" ".join(filter(None, [means, day])), expected]))


def _received(line: ReceiptLine, currency: str) -> Row:
    short = line["delivered"] != line["ordered"]
    count = format_html("<del>{}</del> <b>{}</b>" if short else "{1}", line["ordered"], line["delivered"])
    return {
        "what": words.item(line["product"], line["packaging"]),
        "packs": count,
        "detail": _detail(line, currency),
        "rate": words.rate(line["rate"]) if line["rate"] else "–",
        "gross": words.amount(line["gross"], currency) if line["gross"] is not None else "–",
    }


def _detail(line: ReceiptLine, currency: str) -> SafeString:
    """How the amount comes about: 2 × 3,20 €, or the weight, or what was missing."""
    missing = ", ".join(
        _("%(count)s missing (%(reason)s)") % {"count": one["quantity"], "reason": one["reason"]}
        for one in line["missing"]
    )
    price = words.amount(line["unit_price"], currency) if line["unit_price"] is not None else ""
    if line["contract"]:
        how = _("contract, paid by instalments")
    elif line["weight_g"] is not None:
        how = f"{words.exact_kilos(line['weight_g'])} × {price}/kg"
    else:
        how = f"{line['delivered']} × {price}"
    return format_html("{}{}", f"{missing} · " if missing else "", how)


def cheque_slip(content: ChequeSlip) -> Row:
    """The cheques handed in at the bank, and what they come to."""
    currency, when = content["currency"], words.moment(content["issued_at"])
    count = len(content["lines"])
    return {
        "head": words.Heading(
            title=_("Cheque deposit slip"),
            version=1,
            where=content["hub"]["name"],
            when=say.full_date(when),
            aside=_("No. %(number)s") % {"number": content["number"]},
            below=ngettext("%(count)s cheque", "%(count)s cheques", count) % {"count": count},
            stamp=_issued(content["number"], content["issued_at"], content["hub"]["name"]),
        ),
        "hub": content["hub"],
        "iban": say.iban(content["iban"]),
        "count": ngettext("%(count)s cheque", "%(count)s cheques", count) % {"count": count},
        "total": words.amount(content["total"], currency),
        "lines": [
            {
                "household": line["household"],
                "note": line["note"],
                "date": _full_date(line["received_on"]),
                "amount": words.amount(line["amount"], currency),
            }
            for line in content["lines"]
        ],
    }
