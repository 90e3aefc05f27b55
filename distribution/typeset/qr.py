"""QR codes on paper."""

from functools import lru_cache

import segno

QUIET = 2  # modules of white around; the sheet itself is white


@lru_cache(4096)
def qr(address: str) -> str:
    """A QR code of `address` as a PNG in a `data:` address, drawn once: an order is on its packing sheet and on the slip of
    each farm, and choosing a code's pattern costs more than the rest of a slip.

    Never a Micro-QR, which a short text would become and phones cannot read.
    """
    return str(segno.make(address, micro=False, error="m").png_data_uri(scale=4, border=QUIET))
