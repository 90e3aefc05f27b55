"""Where an order is found by whoever holds its code: the address drawn as QR code on a phone and on the packing sheet."""

from django.conf import settings

from hub.codes import normalise

ORDERS = "commandes/"  # distribution answers there: it knows who hands over


def order_link(code: str) -> str:
    """The absolute address of an order by its public code. It opens the order for its household, the basket for a host."""
    return f"{settings.SITE_URL}/{ORDERS}{code}/"


def code_in(text: str) -> str:
    """The code somebody typed, read out or scanned: bare, in groups ("4k7 p2m"), or within the address of the order."""
    found = text.partition(f"/{ORDERS}")[2] or text
    return normalise(found.partition("/")[0].strip())
