"""Photos of products: sent, replaced, taken down, refused; the shop shows them."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from hub import photos as files
from hub.models import Activity
from producers import photos
from producers.models import Product
from tests import make

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
NOW = make.now()
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def jpeg(colour: str = "red", size: tuple[int, int] = (800, 600)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def product():
    return make.packaging(make.producer()).product


@pytest.fixture
def person(product, client):
    person = make.farmer(product.producer)
    client.force_login(person, backend=BACKEND)
    return person


def kept(media) -> list[str]:
    return sorted(file.name for file in media.rglob("*") if file.is_file())


def renditions(digest: str) -> list[str]:
    return sorted(f"{digest}-{width}.webp" for width in files.WIDTHS)


def address(product, name="product-photo"):
    return reverse(f"producers:{name}", args=[product.producer.code, product.code])


def send(client, product, content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg"):
    return client.post(address(product), {"photo": SimpleUploadedFile(name, content, kind)})


def test_a_new_photo_takes_the_place_of_the_former_one(product, person, media, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        photos.show(of=product, content=jpeg("red"), by=person, now=NOW)
    first = Product.objects.get().photo
    assert kept(media) == renditions(first)
    with django_capture_on_commit_callbacks(execute=True):
        photos.show(of=product, content=jpeg("blue"), by=person, now=NOW)
    second = Product.objects.get().photo
    assert second != first
    assert kept(media) == renditions(second)
    with django_capture_on_commit_callbacks(execute=True):
        for _each in range(2):
            photos.take_down(of=product, by=person, now=NOW)
    assert Product.objects.get().photo == ""
    assert kept(media) == []
    verbs = Activity.objects.order_by("pk").values_list("verb", "subject", "producer_code", "member")
    about = (product.code, product.producer.code, person.pk)
    assert list(verbs) == [
        ("product.photo-added", *about), ("product.photo-added", *about), ("product.photo-removed", *about),
    ]  # fmt: skip


def test_a_photo_shown_elsewhere_too_stays(product, person, media, django_capture_on_commit_callbacks):
    other = make.packaging(product.producer).product
    with django_capture_on_commit_callbacks(execute=True):
        for of in (product, other, product.producer):
            photos.show(of=of, content=jpeg(), by=person, now=NOW)
        photos.take_down(of=product, by=person, now=NOW)
        photos.take_down(of=product.producer, by=person, now=NOW)
    other.refresh_from_db()
    assert kept(media) == renditions(other.photo)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "photo.jpg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "n’est pas une photo lisible",
        ),
        ("photo.jpg", b"<!doctype html><script>alert(1)</script>", "n’est pas une photo lisible"),
        ("photo.jpg", b"", "n’est pas une photo lisible"),
        ("photo.jpg", jpeg() + bytes(files.MAX_BYTES), "dépasse 10"),
    ],
    ids=["svg", "html", "empty", "heavy"],
)
def test_what_is_no_photo_is_refused_on_the_page_and_nothing_changes(
    client, product, person, media, name, content, words
):
    photos.show(of=product, content=jpeg(), by=person, now=NOW)
    before, acts = Product.objects.values().get(), Activity.objects.count()
    files_before = kept(media)
    answer = send(client, product, content, name)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert (Product.objects.values().get(), Activity.objects.count(), kept(media)) == (before, acts, files_before)


def test_sending_nothing_says_so(client, product, person):
    answer = client.post(address(product), {})
    assert answer.status_code == 422
    assert "Choisissez d’abord une photo" in answer.content.decode()


def test_the_name_of_a_file_counts_for_nothing(client, product, person):
    answer = send(client, product, jpeg(), name="../../etc/passwd.html", kind="text/html")
    assert answer.status_code == 302
    assert len(Product.objects.get().photo) == 32


def test_the_page_offers_to_replace_and_to_remove(client, product, person):
    assert send(client, product, jpeg()).status_code == 302
    page = client.get(reverse("producers:product", args=[product.producer.code, product.code])).content.decode()
    assert f"/photos/{Product.objects.get().photo}-1200.webp 1200w" in page
    assert f'alt="{product.name}"' in page
    assert address(product, "product-photo-removal") in page
    assert client.post(address(product, "product-photo-removal")).status_code == 302
    assert Product.objects.get().photo == ""


@pytest.mark.parametrize("name", ["product-photo", "product-photo-removal"])
def test_a_strange_farmer_changes_no_photo(client, product, name):
    client.force_login(make.farmer(make.producer()), backend=BACKEND)
    file = SimpleUploadedFile("photo.jpg", jpeg(), "image/jpeg")
    assert client.post(address(product, name), {"photo": file}).status_code == 404
    assert Product.objects.get().photo == ""


def test_a_photo_is_a_hash_for_the_database_too(product):
    for row in (product, product.producer):
        with pytest.raises(IntegrityError, match="photo_is_a_hash"), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(photo="../../secret")


def test_the_shop_shows_photos_and_else_drawings(client, product, person):
    point = make.point()
    make.supply(product.producer, point)
    sale = make.collection(point)
    make.offer(product.packagings.get(), sale)
    drawn = make.packaging(product.producer)
    Product.objects.filter(pk=drawn.product_id).update(picture="carotte")
    make.offer(drawn, sale)
    home = make.household()
    make.join(home, point)
    photos.show(of=product, content=jpeg(), by=person, now=NOW)
    client.force_login(home.members.get(), backend=BACKEND)
    page = client.get(reverse("orders:shop", args=[sale.code])).content.decode()
    digest = Product.objects.get(pk=product.pk).photo
    assert f'src="/photos/{digest}-480.webp"' in page
    assert f'alt="{product.name}" width="400" height="300" loading="lazy"' in page
    assert "pictures/carotte.svg" in page
    page = client.get(reverse("orders:product", args=[sale.code, product.code])).content.decode()
    assert f"/photos/{digest}-1200.webp 1200w" in page


SEND = """
import io, resource
import django
django.setup()
from django.core.handlers.wsgi import WSGIRequest
from hub import photos
from producers.photo_forms import PhotoForm

LENGTH = 100 * 1024 * 1024
HEAD = b'--x\\r\\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\\r\\nContent-Type: image/jpeg\\r\\n\\r\\n'
TAIL = b"\\r\\n--x--\\r\\n"


class Upload(io.RawIOBase):
    # 100 MB that exist nowhere but on the wire.
    def __init__(self):
        self.at = 0

    def read(self, size=-1):
        end = len(HEAD) + LENGTH
        if self.at < len(HEAD):
            part = HEAD[self.at : self.at + size]
        elif self.at < end:
            part = bytes(min(size, end - self.at))
        else:
            part = TAIL[self.at - end : self.at - end + size]
        self.at += len(part)
        return part


request = WSGIRequest({
    "REQUEST_METHOD": "POST", "wsgi.input": Upload(), "CONTENT_TYPE": "multipart/form-data; boundary=x",
    "CONTENT_LENGTH": str(len(HEAD) + LENGTH + len(TAIL)),
})
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
form = PhotoForm(request.POST, request.FILES)
assert form.is_valid(), form.errors
try:
    photos.keep(form.content)
except photos.PhotoRefused as refusal:
    print(refusal.message)
print(request.FILES["photo"].size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_100_mb_are_refused_without_being_held_in_memory(tmp_path):
    """Row 20. The upload streams into a file; of it the form reads one byte more than is allowed."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "DEBUG": "1",
        "CABAS_HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SEND], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    said, figures = done.stdout.strip().splitlines()
    size, grown = map(int, figures.split())
    assert said == "Cette photo dépasse 10 Mo. Envoyez-en une copie plus petite."
    assert size == 100 * 1024 * 1024
    assert grown < 40_000  # kB: the ten megabytes read, not the hundred sent
