"""Photos that people send: looked at before they are decoded, made small and anonymous, kept under the hash of what they show.

Only this module decodes pictures. What is served is always our own encoding, so nothing that was hidden in a file,
and no word of where and when it was taken, leaves with it.
"""

import hashlib
import io
import os
import struct
import tempfile
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageFile, ImageOps

from hub.refusals import Refusal

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 64_000_000
LEAST_SIDE = 200
WIDTHS = (240, 480, 1200)
"""Pixels of the three renditions: beside a line, on a card, on a page."""

FORMATS = ("JPEG", "PNG", "WEBP")
UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, ImageCms.PyCMSError)
"""What Pillow raises for files that are broken or not what they claim."""

_one = threading.Lock()


class PhotoRefused(Refusal):
    """The file is too large, or not a photo we can show."""

    code = "photo-refused"
    status = 422


def keep(content: bytes) -> str:
    """Store a photo in three widths as WebP and return the hash it is known by. Keeping the same one twice is keeping it
    once. Raises PhotoRefused, before anything is decoded when there are too many bytes or pixels."""
    if len(content) > MAX_BYTES:
        raise PhotoRefused(_("This photo is larger than 10 MB. Send a smaller copy of it."), limit=MAX_BYTES)
    with _strictly():
        try:
            renditions = [_encoded(photo, width) for photo in [_upright(content)] for width in WIDTHS]
        except Image.DecompressionBombError as error:
            raise _too_many_pixels() from error
        except UNREADABLE as error:
            raise PhotoRefused(_("This file is not a photo we can read. Send a JPEG, PNG or WebP picture.")) from error
    digest = hashlib.sha256(b"".join(renditions)).hexdigest()[:32]
    for width, rendition in zip(WIDTHS, renditions, strict=True):
        _write(path(digest, width), rendition)
    return digest


def path(digest: str, width: int) -> Path:
    """Where a rendition is kept."""
    return Path(settings.MEDIA_ROOT) / "photos" / digest[:2] / f"{digest}-{width}.webp"


def forget(digest: str) -> None:
    """Delete a photo's files; one that is gone already is no news. The caller knows that nobody shows it any more."""
    for width in WIDTHS:
        path(digest, width).unlink(missing_ok=True)


@contextmanager
def _strictly() -> Iterator[None]:
    """One photo at a time in a process, so that memory holds; half a photo is none, though WeasyPrint, once imported, tells
    Pillow to take it; and no warning about large pictures, since our own limit is lower."""
    with _one, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _upright(content: bytes) -> Image.Image:
    """The photo as it was held, in sRGB, without anything but its pixels."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as photo:
        width, height = photo.size
        if width * height > MAX_PIXELS:
            raise _too_many_pixels()
        if min(width, height) < LEAST_SIDE:
            raise PhotoRefused(
                _("This photo is too small to be seen: it needs at least 200 pixels on each side."), limit=LEAST_SIDE
            )
        # A JPEG is decoded at a fraction of its size where that is enough.
        photo.draft("RGB", (2 * WIDTHS[-1], 2 * WIDTHS[-1]))
        upright = ImageOps.exif_transpose(photo)
        profile = photo.info.get("icc_profile")
    upright.thumbnail((WIDTHS[-1], 2 * WIDTHS[-1]), Image.Resampling.LANCZOS)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright)
    return _in_srgb(upright, profile)


def _in_srgb(photo: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them: phones record wider ones, which look dull once their profile is gone."""
    if profile and photo.mode in ("RGB", "CMYK", "L"):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(photo, source, target, outputMode="RGB")
        photo = converted or photo
    return photo.convert("RGB")


def _encoded(photo: Image.Image, width: int) -> bytes:
    """A WebP of at most that width; nothing is blown up."""
    small = photo.copy()
    small.thumbnail((width, 2 * width), Image.Resampling.LANCZOS)
    small.info = {}
    file = io.BytesIO()
    small.save(file, "WEBP", quality=78, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return file.getvalue()


def _write(target: Path, content: bytes) -> None:
    """All of a file or nothing: it appears under its name when it is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(partial).chmod(0o644)
    Path(partial).replace(target)


def _too_many_pixels() -> PhotoRefused:
    return PhotoRefused(_("This photo has more than 64 megapixels. Send a smaller copy of it."), limit=MAX_PIXELS)
