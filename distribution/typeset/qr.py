"""QR codes on paper."""

import segno

QUIET = 2  # modules of white around; the sheet itself is white


def qr(address: str) -> str:
    """A QR code of `address` as a PNG in a `data:` address.

    Never a Micro-QR, which a short text would become and phones cannot read.
    """
    return str(segno.make(address, micro=False, error="m").png_data_uri(scale=4, border=QUIET))
