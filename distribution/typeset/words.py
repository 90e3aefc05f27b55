"""Words and marks that every paper shares: headings, moments, amounts, what changed since version 1."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from djmoney.money import Money

from distribution.contents.shared import Change, ContractTotal, Header, HouseholdChange, Zone
from hub import format as say
from producers.models import Allergen

NBSP = "\u00a0"
SHORT = 20  # letters of a packaging that is never broken

Altered = Change | HouseholdChange


@dataclass(frozen=True)
class Heading:
    """What stands at the top of every page of a sheet, and at its foot (`stamp`).

    `aside` and `below` are the two lines at the right: the producer or the totals of the sheet.
    """

    title: str
    version: int
    where: str
    when: str
    aside: str
    below: str
    stamp: str


def heading(header: Header, title: str, *, aside: str, below: str = "", where: str = "", when: str = "") -> Heading:
    """The heading of a sheet; the point and the hand-over window unless `where` and `when` say something else."""
    return Heading(
        title=title,
        version=header["version"],
        where=where or (header["point"] or {"name": ""})["name"],
        when=when or window(header["starts_at"], header["ends_at"]),
        aside=aside,
        below=below,
        stamp=f"{stamp(header)} · {header['hub']}",
    )


def stamp(header: Header) -> str:
    """Extrait le 24 novembre 2026 à 20 h 04, version 2 (remplace la 1)."""
    taken = moment(header["extracted_at"])
    words = {"date": say.full_date(taken), "time": say.clock(taken), "version": header["version"]}
    if header["version"] > 1:
        words["earlier"] = header["version"] - 1
        return _("Extracted on %(date)s at %(time)s, version %(version)s (replaces %(earlier)s)") % words
    return _("Extracted on %(date)s at %(time)s, version %(version)s") % words


# Moments, amounts, weights


def moment(iso: str) -> datetime:
    """The instant of an ISO 8601 text."""
    return datetime.fromisoformat(iso)


def long_day(when: date | datetime) -> str:
    """jeudi 26 novembre 2026."""
    return f"{say.day(when)} {when.year}"


def window(starts_at: str | None, ends_at: str | None) -> str:
    """jeudi 26 novembre 2026, 17 h 30 – 19 h 30; empty when there is none."""
    if not starts_at or not ends_at:
        return ""
    return f"{long_day(moment(starts_at))}, {say.window(moment(starts_at), moment(ends_at))}"


def timed(sentence: str, iso: str | None) -> str:
    """`sentence` with its %(time)s filled in ("avant 16 h 30"); empty when the moment is not known."""
    return sentence % {"time": say.clock(moment(iso))} if iso else ""


def day_month(iso: str | None) -> str:
    """26/11: on labels, where each letter counts. Takes a date or a moment; empty when there is none."""
    if not iso:
        return ""
    when = moment(iso)
    return f"{timezone.localtime(when) if when.tzinfo else when:%d/%m}"


def week(iso: str) -> str:
    """semaine 48, 23 au 29 novembre 2026, for "2026-W48"."""
    year, _sep, number = iso.partition("-W")
    sunday = date.fromisocalendar(int(year), int(number), 7)
    return f"{say.week_label(iso)}, {say.week_days(iso)} {sunday.year}"


def amount(text: str, currency: str) -> str:
    """12,50 € for "12.50"."""
    return say.money(Money(Decimal(text), currency))


def rate(text: str) -> str:
    """5,5 % · 5.5% for "5.5"."""
    return say.rate(Decimal(text))


def kilos(grams: int) -> str:
    """79,0 kg: always kilograms with one decimal, so that a column can be read down."""
    tenths = (grams + 50) // 100
    return f"{say.number(tenths // 10)}{decimal_sign()}{tenths % 10}\u00a0kg"


def exact_kilos(grams: int) -> str:
    """1,785 kg."""
    return f"{say.number(grams // 1000)}{decimal_sign()}{grams % 1000:03}\u00a0kg"


def decimal_sign() -> str:
    """The decimal comma or point of the active language."""
    return say.number(Decimal("0.5"))[1]


# What changed


def packs(quantity: int, change: Change | None) -> SafeString:
    """The quantity, with the one of version 1 struck through before it where it differs."""
    if change is None or change["was"] == quantity:
        return format_html("{}", quantity)
    if change["mark"] == "added":
        return format_html("<ins>{}</ins>", quantity)
    return format_html("<del>{}</del> <ins>{}</ins>", change["was"], quantity)


def tag(change: Altered | None) -> SafeString:
    """v2, ajouté v2 or annulé, white on black; nothing where nothing changed."""
    if change is None:
        return SafeString("")
    return format_html("<mark>{}</mark> ", tag_words(change))


def tag_words(change: Altered) -> str:
    """The words of `tag`."""
    if change["mark"] == "cancelled":
        return pgettext("a line or an order", "cancelled")
    version = _("v%(version)s") % {"version": change["since"]}
    return pgettext("a line", "added %(version)s") % {"version": version} if change["mark"] == "added" else version


def struck(text: str | SafeString, change: Altered | None) -> SafeString:
    """`text`, struck through when its line is cancelled."""
    if change is not None and change["mark"] == "cancelled":
        return format_html("<del>{}</del>", text)
    return format_html("{}", text)


def named(name: str, contract: bool, change: Altered | None) -> SafeString:
    """The name of a product with the mark of its change: v2 Mâche, annulé Betteraves, Panier légumes (contrat)."""
    bold = struck(format_html("<b>{}</b>", name), change)
    return format_html("{}{}{}", tag(change), bold, f" ({pgettext('paper', 'contract')})" if contract else "")


def item(product: str, packaging: str) -> str:
    """Carottes de sable, 1 kg; a short packaging stays on one line."""
    return f"{product}, {unbroken(packaging)}"


def unbroken(packaging: str) -> str:
    """A packaging on one line where it is short."""
    return packaging.replace(" ", NBSP) if len(packaging) <= SHORT else packaging


# Codes into words


def zone(code: Zone) -> str:
    """Sec, Frais, Surgelé: headings of packing sheets."""
    return {
        "dry": pgettext("paper", "Dry"),
        "chilled": pgettext("paper", "Chilled"),
        "frozen": pgettext("paper", "Frozen"),
    }[code]


def short_zone(code: Zone) -> str:
    """sec, frais, surg.: within a line."""
    return {
        "dry": pgettext("in a few letters", "dry"),
        "chilled": pgettext("in a few letters", "cold"),
        "frozen": pgettext("in a few letters", "frozen"),
    }[code]


def allergens(codes: Iterable[str] | None) -> str:
    """gluten, lait, œufs · aucun déclaré · non renseignés. A code unknown to this program is printed as it is."""
    if codes is None:
        return pgettext("paper", "not stated")
    names = [str(Allergen(code).label) if code in Allergen.values else code for code in codes]
    return ", ".join(names) or pgettext("paper", "none declared")


def contract_totals(totals: list[ContractTotal]) -> SafeString:
    """Légumes 3 P · 2 G · 3,5 parts — Pain 12."""
    return format_html_join(" — ", "{}", ((contract_total(total),) for total in totals))


def contract_total(total: ContractTotal) -> str:
    """Légumes 3 P · 2 G · 3,5 parts."""
    parts = [f"{size['quantity']}\u00a0{size['code']}".strip() for size in total["sizes"]]
    if total["shares"]:
        count = Decimal(total["shares"])
        words = ngettext("%(count)s share", "%(count)s shares", 1 if count < 2 else 2)
        parts.append(words % {"count": say.number(count)})
    return f"{total['contract']} {' · '.join(parts)}"


def counted_packs(count: int) -> str:
    """11 colis."""
    return ngettext("%(count)s pack", "%(count)s packs", count) % {"count": say.number(count)}


def counted_households(count: int) -> str:
    """59 foyers."""
    return ngettext("%(count)s household", "%(count)s households", count) % {"count": say.number(count)}
