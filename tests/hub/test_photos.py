"""Photos: what is refused before it costs anything, what is kept, and how it is served."""

import io
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageFile

from hub import photos
from hub.templatetags.cabas import picture

ROOT = Path(__file__).parents[2]
RED, BLUE = (200, 30, 30), (30, 30, 200)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 1600, height: int = 1200, kind: str = "JPEG", **options: object) -> bytes:
    """Left half red, right half blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return encoded(image, kind, **options)


def colour(shown: Image.Image, x: int, y: int) -> tuple[int, ...]:
    seen = shown.convert("RGB").getpixel((x, y))
    assert isinstance(seen, tuple)
    return seen


def kept(digest: str, width: int = 1200) -> Image.Image:
    return Image.open(photos.path(digest, width))


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_in_three_widths_of_our_own_encoding(media, kind):
    digest = photos.keep(photo(kind=kind))
    assert re.fullmatch(r"[0-9a-f]{32}", digest)
    assert sorted(file.name for file in media.rglob("*") if file.is_file()) == sorted(
        f"{digest}-{width}.webp" for width in (240, 480, 1200)
    )
    sizes = [(kept(digest, width).format, kept(digest, width).size) for width in photos.WIDTHS]
    assert sizes == [("WEBP", (240, 180)), ("WEBP", (480, 360)), ("WEBP", (1200, 900))]


def test_the_same_photo_is_kept_once(media):
    assert photos.keep(photo()) == photos.keep(photo())
    assert len([file for file in media.rglob("*") if file.is_file()]) == 3


def test_a_small_photo_is_not_blown_up():
    digest = photos.keep(photo(300, 200))
    assert [kept(digest, width).size for width in photos.WIDTHS] == [(240, 160), (300, 200), (300, 200)]


def test_a_photo_taken_on_its_side_is_turned_and_says_nothing_more():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right to see it upright
    exif[0x010F] = "Appareil de Lucie"
    exif.get_ifd(0x8825)[2] = (48.0, 6.0, 0.0)  # where it was taken
    digest = photos.keep(photo(exif=exif, comment=b"derriere la grange"))
    shown = kept(digest)
    assert shown.size == (1200, 1600)
    top, bottom = (colour(shown, 600, y) for y in (100, 1500))
    assert (top[0] > 150 > top[2], bottom[2] > 150 > bottom[0]) == (True, True)
    for width in photos.WIDTHS:
        content = photos.path(digest, width).read_bytes()
        assert dict(kept(digest, width).getexif()) == {}
        assert [word for word in (b"EXIF", b"ICCP", b"XMP ", b"Lucie", b"grange") if word in content] == []


def test_colours_of_a_profile_are_those_of_every_screen():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    digest = photos.keep(photo(icc_profile=lab))
    red = colour(kept(digest), 100, 100)
    assert all(abs(seen - given) < 12 for seen, given in zip(red, RED, strict=True))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "I;16", "1"])
def test_every_kind_of_pixel_becomes_a_photo(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    digest = photos.keep(encoded(Image.new(mode, (400, 300)), kind))
    assert (kept(digest).mode, kept(digest).size) == ("RGB", (400, 300))


def test_what_is_transparent_stands_on_white():
    digest = photos.keep(encoded(Image.new("RGBA", (400, 300), (0, 0, 0, 0)), "PNG"))
    assert colour(kept(digest), 200, 150) == (255, 255, 255)


HOSTILE = {
    "SVG with a script": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "HTML": b"<!doctype html><html><script>alert(1)</script></html>",
    "GIF": encoded(Image.new("P", (300, 300)), "GIF"),
    "nothing": b"",
    "half a JPEG": photo()[:2000],
    "half a PNG": photo(kind="PNG")[:1500],
    "JPEG of nonsense": b"\xff\xd8\xff\xe0" + b"\x00\x10JFIF" * 300,
    "PDF": b"%PDF-1.7\n%\xe2\xe3",
    "archive": b"PK\x03\x04" + bytes(200),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lenient", [False, True])
def test_what_is_no_photo_is_refused_with_a_sentence(media, monkeypatch, name, lenient):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)  # as in a process that has made a PDF
    with pytest.raises(photos.PhotoRefused) as refused:
        photos.keep(HOSTILE[name])
    assert "JPEG, PNG" in str(refused.value)
    assert not media.exists()
    assert lenient is ImageFile.LOAD_TRUNCATED_IMAGES


def test_too_many_bytes_are_refused_unread(media):
    with pytest.raises(photos.PhotoRefused, match="10"):
        photos.keep(photo() + bytes(10 * 1024 * 1024))
    assert not media.exists()


def test_a_photo_nobody_could_see_is_refused(media):
    with pytest.raises(photos.PhotoRefused, match="200"):
        photos.keep(photo(199, 800))
    assert not media.exists()


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def bomb_png() -> bytes:
    """50 000 × 50 000 black pixels: 2.5 thousand million of them in some 1.5 MB."""
    side = 50_000
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    press = zlib.compressobj(1)
    lines = b"".join(press.compress(bytes(side // 8 + 1)) for _line in range(side)) + press.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def bomb_webp() -> bytes:
    """The largest a WebP may claim to be, 16 384 × 16 384, in a few bytes."""
    small = encoded(Image.new("RGB", (16, 16)), "WEBP", lossless=True)
    claim = b"VP8X" + (10).to_bytes(4, "little") + bytes(4) + (16_383).to_bytes(3, "little") * 2
    body = b"WEBP" + claim + small[12:]
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def bomb_jpeg() -> bytes:
    """A JPEG that says it is 65 000 × 65 000."""
    content = bytearray(photo(400, 300))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = (65_000).to_bytes(2, "big") * 2
    return bytes(content)


MEASURE = """
import resource, sys
import django
django.setup()
from hub import photos
content = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    photos.keep(content)
except photos.PhotoRefused as refusal:
    print(refusal.message)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("bomb", [bomb_png, bomb_jpeg, bomb_webp])
def test_a_bomb_is_refused_before_memory_grows(tmp_path, bomb):
    """Row 20. In a process of its own, whose greatest memory is the system's figure."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(bomb())
    assert file.stat().st_size < photos.MAX_BYTES
    environment = {"DJANGO_SETTINGS_MODULE": "hub.settings", "DEBUG": "1", "CABAS_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    said, grown = done.stdout.strip().splitlines()
    assert said == "Cette photo dépasse 64 mégapixels. Envoyez-en une copie plus petite."
    assert int(grown) < 20_000  # kB; the pixels of the first would take 312 MB, those of the others a gigabyte and more


def test_a_photo_is_served_for_ever_as_what_it_is(client):
    digest = photos.keep(photo())
    answer = client.get(f"/photos/{digest}-480.webp")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in answer.get("Vary", "")
    assert answer.content == photos.path(digest, 480).read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["{}-481.webp", "{}-480.png", "../{}-480.webp", "0123456789abcdef0123456789abcdef-480.webp", "{}-0480.webp.html"],
)
def test_nothing_else_is_served(client, name, settings):
    digest = photos.keep(photo())
    (settings.MEDIA_ROOT / "secret.txt").write_text("secret")
    assert client.get("/photos/" + name.format(digest)).status_code == 404


@pytest.mark.django_db
def test_a_forgotten_photo_is_gone_and_forgetting_twice_is_once(client, media):
    digest = photos.keep(photo())
    photos.forget(digest)
    photos.forget(digest)
    assert [file for file in media.rglob("*") if file.is_file()] == []
    assert client.get(f"/photos/{digest}-480.webp").status_code == 404


def test_a_photo_is_shown_with_its_room_its_renditions_and_its_name():
    shown = picture("a" * 32, "carotte", 'Carottes "de sable"')
    assert shown == (
        f'<img src="/photos/{"a" * 32}-480.webp" srcset="/photos/{"a" * 32}-240.webp 240w, /photos/{"a" * 32}-480.webp 480w,'
        f' /photos/{"a" * 32}-1200.webp 1200w" sizes="(min-width: 60rem) 17rem, 46vw" alt="Carottes &quot;de sable&quot;"'
        ' width="400" height="300" loading="lazy">'
    )
    assert picture("", "carotte", "Carottes") == (
        '<img src="/static/hub/pictures/carotte.svg" alt="" width="400" height="300" loading="lazy">'
    )
    assert "icons.svg#image" in picture("", "", "Carottes")
