"""Takes the pictures: a database, the large point in it, a server, a browser."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2 as pdfium
from django.conf import settings as conf
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import setup_databases, setup_test_environment
from django.utils import timezone, translation
from PIL.Image import Image
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

from distribution import demo
from distribution.models import Sheet
from distribution.printing import file_of
from hub.models import Collection, Host, Member
from orders.models import Order
from tests.conftest import on_the_server
from tests.journeys.conftest import FLAGS, serving, signed_in
from tests.pictures import big as bigs
from tests.pictures.big import Big
from tests.pictures.pages import Page, pages

T = TypeVar("T")
# As tall as most pages, so that bars stay where the thumb finds them.
SIZES = {390: 1900, 1180: 1500}


def take(directory: Path, *, only: str = "") -> None:
    """Every page: person × width × language × light and dark; then every sheet of the day as paper."""
    with _served(lambda: bigs.build(timezone.now())) as (browser, address, big):
        looks = product(SIZES, ("fr", "en"), ("light", "dark")) if not only else product(SIZES, ("fr",), ("light",))
        for width, language, scheme in looks:
            # A member reads their own language wherever they sign in.
            Member.objects.update(language=language)
            camera = Camera(browser, address, width, language, scheme)
            for page in pages(big):
                if only in page.name:
                    camera.shoot(page, directory)
            camera.close()
        if not only or only in "paper":
            _paper(big, directory / "paper")


def readme(directory: Path) -> None:
    """Of the demo's village: the shop on a phone, the counter on a tablet, the first page of the sign-off list."""
    with _served(lambda: demo.build(now=timezone.now())) as (browser, address, _nothing):
        sale = Collection.objects.taking_orders(timezone.now()).filter(point__code="tilleuls").latest("closes_at")
        weighing = Order.objects.live().filter(
            lines__weighed=True, lines__weight_g=None, collection__status="in_progress"
        )
        basket = weighing.select_related("collection__point").order_by("basket_number")[0]
        member = Order.objects.live().filter(collection=sale).order_by("pk")[0].household.members.get()
        host = Host.objects.get(point=basket.collection.point).member
        for name, path, person, width, height in (
            ("boutique", f"/boutique/{sale.code}/", member, 390, 844),
            ("remise", f"/jour-j/{basket.collection.code}/remise/{basket.code}/", host, 1180, 900),
        ):
            context = signed_in(browser, address, person, viewport={"width": width, "height": height})
            tab = context.new_page()
            tab.goto(path, wait_until="networkidle")
            # The words about the last act leave by themselves after a while.
            tab.evaluate("document.querySelectorAll('.toasts').forEach(toasts => toasts.remove())")
            tab.screenshot(path=directory / f"{name}.png")
            context.close()
        list_ = Sheet.objects.filter(kind="sign-off", collection__point__code="tilleuls").latest("version")
        next(_drawn(file_of(list_, "pdf"), 579)).save(directory / "emargement.png")


@dataclass
class Camera:
    """One width, language and scheme; a tab for each person."""

    browser: Browser
    address: str
    width: int
    language: str
    scheme: Any
    tabs: dict[int | None, Tab] = field(default_factory=dict)

    def shoot(self, page: Page, directory: Path) -> None:
        """A page as a PNG; nothing for an address that only leads on, is posted to or gives a file."""
        tab = self._tab(page)
        answer = tab.context.request.get(page.path, max_redirects=0)
        if answer.status in (302, 405) or "text/html" not in answer.headers.get("content-type", ""):
            return
        tab.goto(page.path, wait_until="networkidle")
        target = directory / page.who / f"{page.name}-{self.width}-{self.language}-{self.scheme}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        tab.screenshot(path=target)

    def close(self) -> None:
        for tab in self.tabs.values():
            tab.context.close()

    def _tab(self, page: Page) -> Tab:
        key = page.person.pk if page.person else None
        if key not in self.tabs:
            size = {"width": self.width, "height": SIZES[self.width]}
            context = signed_in(
                self.browser,
                self.address,
                page.person,
                viewport=size,
                color_scheme=self.scheme,
                reduced_motion="reduce",
            )
            context.add_cookies([{"name": conf.LANGUAGE_COOKIE_NAME, "value": self.language, "url": self.address}])
            self.tabs[key] = context.new_page()
        return self.tabs[key]


@contextmanager
def _served(build: Callable[[], T]) -> Iterator[tuple[Browser, str, T]]:
    """A browser, the address of a server and what was built for it, on a database that is dropped afterwards."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    call_command("messages", compile=True)
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False, aliases=["default"])  # type: ignore[arg-type]  # any container of aliases will do
    try:
        with translation.override("fr"):
            built = build()
        with serving() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
            yield browser, address, built
            browser.close()
    finally:
        connections.close_all()
        # The server's threads hold sessions of their own.
        on_the_server(f'DROP DATABASE "{connection.settings_dict["NAME"]}" WITH (FORCE)')


def _drawn(paper: bytes, width: int) -> Iterator[Image]:
    """Each page of a PDF as a picture so many pixels wide."""
    with pdfium.PdfDocument(paper) as document:
        for page in document:
            yield page.render(scale=width / page.get_width()).to_pil()


def _paper(big: Big, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    found = Sheet.objects.filter(collection=big.today) | Sheet.objects.filter(week=big.today.week, kind="harvest")
    for sheet in found.order_by("kind", "producer", "-version"):
        whose = sheet.producer.code if sheet.producer else "all"
        for number, picture in enumerate(_drawn(file_of(sheet, "pdf"), 900), 1):
            picture.save(directory / f"{sheet.kind}-{whose}-v{sheet.version}-{number:02d}.png")
