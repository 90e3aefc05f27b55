"""How amounts, quantities and times are written for people: pages, e-mail and paper all use these functions.

Everything follows the active language (French or English) and the time zone of the installation. Spaces inside a
number, or between a number and its unit, never break; what is below zero begins with a minus sign (U+2212), not with
a hyphen, and with no space. Nothing here rounds money: hub/money.py does.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from djmoney.money import Money

Amount = Money | Decimal
NBSP = "\u00a0"
MINUS = "\u2212"
UNIT = re.compile(r"(?<=[~≈]) (?=\d)|(?<=\d) (?=(?:k?g|[cm]?l|pièces?|pieces?)\b)", re.IGNORECASE)
LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}


def reader_locale() -> Locale:
    """The locale of the active language; French where there is none (a task outside any request)."""
    return LOCALES.get((get_language() or "fr")[:2], LOCALES["fr"])


def _french() -> bool:
    return reader_locale().language == "fr"


def _local(when: datetime) -> datetime:
    return timezone.localtime(when, timezone.get_default_timezone())


def _date(when: date | datetime) -> date:
    return _local(when).date() if isinstance(when, datetime) else when


# Amounts and quantities


def _parts(amount: Amount) -> tuple[Decimal, str]:
    """The number and its currency; a plain Decimal is in the hub's."""
    return (amount.amount, str(amount.currency)) if isinstance(amount, Money) else (amount, settings.CURRENCY)


def money(amount: Amount) -> str:
    """12,50 € · €12.50; −12,50 € · −€12.50."""
    return _signed(format_currency(*_parts(amount), locale=reader_locale()))


def fine_money(amount: Amount) -> str:
    """A unit price with two to four decimals: 2,4645 € · €2.4645."""
    pattern = f"#,##0.00##{NBSP}¤" if _french() else "¤#,##0.00##"
    return _signed(format_currency(*_parts(amount), pattern, locale=reader_locale(), currency_digits=False))


def _signed(written: object) -> str:
    """A number with the minus sign of printers in place of the hyphen of keyboards."""
    return str(written).replace("-", MINUS)


def signed_money(amount: Amount) -> str:
    """What an account gains or loses: +150,00 € · −12,50 €."""
    return ("+" if _parts(amount)[0] > 0 else "") + money(amount)


def short_money(amount: Amount) -> str:
    """Like `money`, without the decimals of a round amount: 192 € · €192."""
    value, currency = _parts(amount)
    if value != value.to_integral_value():
        return money(amount)
    pattern = f"#,##0{NBSP}¤" if _french() else "¤#,##0"
    return _signed(format_currency(value, currency, pattern, locale=reader_locale(), currency_digits=False))


def estimate(amount: Amount) -> str:
    """An amount that a weighing will settle: ~48,90 €."""
    return "~" + money(amount)


def number(value: int | Decimal) -> str:
    """A plain number with at most three decimals: 1 227,5 · 1,227.5."""
    return _signed(format_decimal(value, "#,##0.###", locale=reader_locale()))


def percentage(share: Decimal, decimals: int = 1) -> str:
    """A share of one as per cent: Decimal("0.823") is 82,3 %."""
    return _signed(
        format_percent(
            share, ("#,##0." + "0" * decimals).rstrip(".") + ("\u00a0%" if _french() else "%"), locale=reader_locale()
        )
    )


def rate(percentage: Decimal) -> str:
    """A rate in per cent as it was decided: 5,5 % · 5.5%."""
    return number(percentage) + (f"{NBSP}%" if _french() else "%")


def quantity(amount: int | Decimal, unit: str) -> str:
    """A content in base units (g, ml or piece) as it is said: 1,8 kg · 500 g · 75 cl · 6 pièces."""
    if unit == "piece":
        whole = amount == int(amount)
        words = ngettext("%(count)s piece", "%(count)s pieces", int(amount) if whole else 2)
        return words % {"count": number(amount)}
    return NBSP.join(_scaled(amount, unit))


def _scaled(amount: int | Decimal, unit: str) -> tuple[str, str]:
    if unit not in ("g", "ml"):
        raise ValueError(f"not a base unit: {unit}")
    if amount >= 1000 or amount <= -1000:
        return number(Decimal(amount) / 1000), "kg" if unit == "g" else "l"
    if unit == "ml" and amount and amount % 10 == 0:
        return number(Decimal(amount) / 10), "cl"
    return number(amount), unit


def glued(label: str) -> str:
    """A label whose numbers stay beside their units at the end of a line: pot 250 g."""
    return UNIT.sub(NBSP, label)


def iban(account: str) -> str:
    """An account number in groups of four, as banks print it: FR76 3000 6000 …"""
    digits = "".join(account.split()).upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def masked_iban(account: str) -> str:
    """Enough of an account number to know it again, too little to use it: FR76 •••• 0189."""
    digits = "".join(account.split()).upper()
    return f"{digits[:4]}\u00a0••••\u00a0{digits[-4:]}" if len(digits) > 8 else ""


def unit_price(price: Amount, unit: str) -> str:
    """The price per kilo, litre or piece for a base unit g, ml or piece: 2,80 €/kg · 0,40 € la pièce.

    Showing it beside every price is a duty in France (arrêté du 16 novembre 1999).
    """
    if unit == "piece":
        return _("%(price)s each") % {"price": money(price)}
    return f"{money(price)}/{'kg' if unit == 'g' else 'l'}"


# Days and hours


def day(when: date | datetime) -> str:
    """mardi 24 novembre · Tuesday 24 November."""
    return _first(str(format_date(_date(when), "EEEE d MMMM", locale=reader_locale())))


def short_day(when: date | datetime) -> str:
    """mar. 24 nov. · Tue 24 Nov."""
    return _first(str(format_date(_date(when), "EEE d MMM", locale=reader_locale())))


def full_date(when: date | datetime) -> str:
    """24 novembre 2026 · 24 November 2026."""
    return _first(str(format_date(_date(when), "d MMMM y", locale=reader_locale())))


def _first(words: str) -> str:
    """French writes the first of a month 1er."""
    return " ".join("1er" if word == "1" else word for word in words.split(" ")) if _french() else words


def near_day(when: date | datetime, now: datetime) -> str:
    """aujourd’hui, demain, hier, else the day."""
    names = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    return names.get((_date(when) - _date(now)).days) or day(when)


def clock(when: datetime | time) -> str:
    """The local time of day, of an instant or as it is: 20 h, 17 h 30 · 8 pm, 5:30 pm."""
    local = when if isinstance(when, time) else _local(when)
    if _french():
        return f"{local.hour}{NBSP}h" + (f"{NBSP}{local.minute:02}" if local.minute else "")
    if not local.minute and local.hour in (0, 12):
        return "noon" if local.hour else "midnight"
    return f"{_twelve(local)}{NBSP}{'am' if local.hour < 12 else 'pm'}"


def _twelve(local: datetime | time) -> str:
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02}" if local.minute else str(hour)


def day_time(when: datetime) -> str:
    """mardi 24 novembre, 20 h · Tuesday 24 November, 8 pm."""
    return f"{day(when)}, {clock(when)}"


def short_day_time(when: datetime) -> str:
    """mardi 20 h · Tuesday 8 pm: for a deadline within the week."""
    return f"{format_date(_date(when), 'EEEE', locale=reader_locale())} {clock(when)}"


def window(start: datetime, end: datetime) -> str:
    """17 h 30 – 19 h · 5:30 – 7 pm. It stands beside its day; where it passes midnight the other one is named."""
    if _date(start) != _date(end):
        return f"{clock(start)}{NBSP}– {day_time(end)}"
    same_half = (_local(start).hour < 12) == (_local(end).hour < 12)
    plain = _local(start).hour not in (0, 12) or _local(start).minute
    first = _twelve(_local(start)) if not _french() and same_half and plain else clock(start)
    return f"{first}{NBSP}– {clock(end)}"  # after a dash lines break; a no-break space would begin the next


def left(until: datetime, now: datetime) -> str:
    """The time that is left, as it passes: 1 j 4 h · 4 h 12 min · 32 min; empty when it is over.

    Real hours, not wall time: over a change of clocks a day has 23 or 25 of them.
    """
    if until <= now:
        return ""
    # Python subtracts two moments of one zone as wall time: through UTC they are real hours.
    minutes = int((until.astimezone(UTC) - now.astimezone(UTC)) / timedelta(minutes=1))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = [(days, pgettext("days, short", "d")), (hours, "h"), (minutes, "min")]
    shown = [f"{count}{NBSP}{name}" for count, name in (units[:2] if days else units[1:]) if count]
    return NBSP.join(shown) or _("less than a minute")


def iso(when: date | datetime) -> str:
    """For machines, with the offset of the hub's time zone: 2026-11-24T20:00+01:00."""
    return _local(when).isoformat(timespec="minutes") if isinstance(when, datetime) else when.isoformat()


def leaf(when: date | datetime) -> dict[str, str]:
    """The three lines of a calendar leaf: jeu. / 26 / nov."""
    local = _date(when)
    names = {
        part: str(format_date(local, pattern, locale=reader_locale()))
        for part, pattern in (("weekday", "EEE"), ("month", "MMM"))
    }
    return {**names, "number": str(local.day)}


def week_label(week: str | date | datetime) -> str:
    """semaine 48 · week 48, for an ISO week ("2026-W48") or a day in it."""
    iso = int(week.partition("-W")[2]) if isinstance(week, str) else _date(week).isocalendar().week
    return _("week %(number)s") % {"number": iso}


def week_days(week: str) -> str:
    """23 au 29 novembre · 23 to 29 November, for an ISO week ("2026-W48")."""
    year, _sep, iso = week.partition("-W")
    first, last = date.fromisocalendar(int(year), int(iso), 1), date.fromisocalendar(int(year), int(iso), 7)
    pattern = "d" if first.month == last.month else "d MMMM"
    start = _first(str(format_date(first, pattern, locale=reader_locale())))
    end = _first(str(format_date(last, "d MMMM", locale=reader_locale())))
    return _("%(first)s to %(last)s") % {"first": start, "last": end}


# Names


def initials(name: str) -> str:
    """Camille Morel: CM. Two letters at most, from the first and last word."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def listing(items: list[str]) -> str:
    """gluten, lait et œufs · gluten, milk and eggs."""
    return str(format_list(items, locale=reader_locale())) if items else ""
