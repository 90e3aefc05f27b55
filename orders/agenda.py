"""The hand-over of an order as a calendar event (RFC 5545)."""

from datetime import UTC

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vText

from hub.models import Collection, Hub
from orders.models import Order


def event(order: Order, collection: Collection) -> bytes:
    """One event with place, window and code; the same order keeps its UID, so that a second import replaces the first."""
    address = f"{settings.SITE_URL}{reverse('orders:order', args=[collection.code])}"
    happening = Event()
    happening.add("uid", f"{order.code}@{settings.SITE_URL.partition('//')[2]}")
    happening.add("dtstamp", order.changed_at.astimezone(UTC))
    happening.add("dtstart", collection.starts_at.astimezone(UTC))
    happening.add("dtend", collection.ends_at.astimezone(UTC))
    happening.add("summary", _("Collect my order, %(point)s") % {"point": collection.point.name})
    happening.add("location", vText(collection.point.full_address or collection.point.name))
    happening.add("description", _("Code: %(code)s") % {"code": order.code} + f"\n{address}")
    happening.add("url", address)
    book = Calendar()
    book.add("prodid", f"-//{Hub.get().name}//Cabas//")
    book.add("version", "2.0")
    book.add_component(happening)
    return bytes(book.to_ical())
