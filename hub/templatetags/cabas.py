"""Template tags and filters: the formatting of hub/format.py, icons, the navigation, QR codes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import segno
from django import template
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from djmoney.money import Money

from hub import format as say
from hub import pages
from hub.context import navigation
from hub.photos import WIDTHS

register = template.Library()

for _name in (
    "estimate",
    "short_money",
    "signed_money",
    "money",
    "number",
    "rate",
    "day",
    "short_day",
    "full_date",
    "clock",
    "day_time",
):
    register.filter(_name, getattr(say, _name))
for _name in ("short_day_time", "week_label", "week_days", "listing", "glued"):
    register.filter(_name, getattr(say, _name))


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite hub/icons.svg, hidden from screen readers: the words stand beside it or in a `vh`."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f"i {css}".strip(),
        static("hub/icons.svg"),
        name,
    )


PLACES = {
    "card": ("(min-width: 60rem) 17rem, 46vw", 'width="400" height="300" loading="lazy"'),
    "page": ("(min-width: 60rem) 34rem, 100vw", 'width="1200" height="900"'),
    "small": ("60px", 'width="60" height="60" loading="lazy"'),
}
"""Where a picture stands: how wide it is drawn, for the browser to choose a rendition, and the room to keep for it."""


@register.simple_tag
def picture(photo: str, drawing: str, name: str, place: str = "card") -> SafeString:
    """The photo of that hash, described by the thing's name; else the drawing, which says nothing more than the name
    beside it; else a sign that there is none."""
    sizes, room = PLACES[place]
    if photo:
        address = reverse("hub:photo", args=[photo, 0])[: -len("0.webp")]
        sources = ", ".join(f"{address}{width}.webp {width}w" for width in WIDTHS)
        return format_html(
            '<img src="{}480.webp" srcset="{}" sizes="{}" alt="{}" {}>', address, sources, sizes, name, mark_safe(room)
        )
    if drawing:
        return format_html('<img src="{}" alt="" {}>', static(f"hub/pictures/{drawing}.svg"), mark_safe(room))
    return icon("image")


@register.simple_tag(takes_context=True)
def nav(context: Context) -> dict[str, Any]:
    """The navigation of the current page (see hub/context.py); `space` in the context chooses its space."""
    request = context["request"]
    return navigation(request.path, context["my_spaces"], context.get("space") or "")


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The page to come back to: this one, or the one whose form this answers."""
    return pages.here(context["request"])


@register.simple_tag
def as_input(field: BoundField, css: str = "", bare: bool = False) -> SafeString:
    """The widget of a form field in our clothes; Django adds the aria attributes of its help and errors.

    `bare` leaves out a placeholder that only repeats the label.
    """
    classes = f"in {css or field.field.widget.attrs.get('class', '')}".strip()
    return field.as_widget(attrs={"class": classes} | ({"placeholder": False} if bare else {}))


@register.filter
def quantity(amount: int | Decimal, unit: str) -> str:
    """{{ grams|quantity:"g" }}: 1,8 kg."""
    return say.quantity(amount, unit)


@register.filter
def percentage(share: Decimal, decimals: int = 1) -> str:
    """{{ share|percentage }}: 82,3 %."""
    return say.percentage(share, decimals)


@register.filter
def iban(account: str) -> str:
    """{{ account|iban }}: FR76 3000 6000 …"""
    return say.iban(account)


@register.filter
def masked_iban(account: str) -> str:
    """{{ account|masked_iban }}: FR76 •••• 0189."""
    return say.masked_iban(account)


@register.filter
def unit_price(price: Money, unit: str) -> str:
    """{{ price_per_kilo|unit_price:"g" }}: 2,80 €/kg."""
    return say.unit_price(price, unit)


@register.filter
def initials(person: object) -> str:
    """{{ member|initials }}: CM."""
    return say.initials(str(person))


@register.filter
def iso(when: datetime | date) -> str:
    """For `datetime=""` of <time>: with the hub's offset."""
    return say.iso(when)


@register.simple_tag(takes_context=True)
def near_day(context: Context, when: datetime) -> str:
    """today, tomorrow, or the day."""
    return say.near_day(when, _now(context))


@register.simple_tag(takes_context=True)
def left(context: Context, until: datetime) -> SafeString:
    """The time left until then, ticking: 1 j 4 h."""
    return format_html(
        '<time data-left datetime="{}">{}</time>',
        say.iso(until),
        say.left(until, _now(context)) or pgettext("deadline", "over"),
    )


@register.simple_tag(takes_context=True)
def deadline(context: Context, until: datetime, short: bool = False) -> SafeString:
    """Absolute first, relative second: until Tuesday 24 November, 8 pm (1 d 4 h left)."""
    words = say.short_day_time(until) if short else say.day_time(until)
    if until <= _now(context):
        return format_html("{}", _("closed since %(when)s") % {"when": words})
    absolute = format_html('<time datetime="{}"><b>{}</b></time>', say.iso(until), words)
    remaining = format_html(
        '<span class="soft">{}</span>', mark_safe(_("(%(time)s left)") % {"time": left(context, until)})
    )
    return format_html("{} {}", mark_safe(_("until %(when)s") % {"when": absolute}), remaining)


@register.simple_tag
def window(start: datetime, end: datetime) -> str:
    """17 h 30 – 19 h."""
    return say.window(start, end)


@register.inclusion_tag("parts/date.html")
def calendar_leaf(when: datetime | date) -> dict[str, str]:
    """The small calendar page of a day; its words stand beside it."""
    return say.leaf(when)


@register.simple_tag
def qr(text: str, label: str = "", encoding: str | None = None) -> SafeString:
    """A QR code of `text` as an inline drawing; `label` says it in words, `encoding` how its letters are written."""
    code = segno.make(text, micro=False, error="m", boost_error=encoding is None, encoding=encoding)
    size = code.symbol_size(border=0)[0]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark)
    return format_html(
        '<svg class="qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<path d="{2}"/></svg>',
        size,
        label or _("QR code"),
        path,
    )


def _now(context: Context) -> datetime:
    """The moment of the request where the view gave it, so that a page speaks of one moment only."""
    now: datetime = context.get("now") or timezone.now()
    return now
