"""Every page of a large point, as it is seen: no word of axe, nothing that scrolls sideways, nothing too small to press."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone, translation
from playwright.sync_api import Browser, BrowserContext, Response
from playwright.sync_api import Page as Tab

from tests.journeys.conftest import serving, signed_in
from tests.pictures import big as bigs
from tests.pictures.big import Big
from tests.pictures.pages import Page, pages

pytestmark = pytest.mark.browser

# A small phone, a phone, a tablet held upright, a desk.
WIDTHS = (320, 390, 820, 1180)
# Links within a sentence may be as small as its letters; what is meant for readers of the screen has no size.
SMALL = """() => [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden]), textarea')]
  .filter(it => it.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !it.closest('.vh, [inert]'))
  .map(it => [it, (it.matches('[type=checkbox], [type=radio]') && it.closest('label') || it).getBoundingClientRect()])
  .filter(([it, box]) => box.width > 1 && box.height > 1)
  .filter(([it, box]) => {
    const primary = it.matches('.btn:not(.alt, .quiet, .sm)');
    const inText = it.matches('a') && getComputedStyle(it).display === 'inline';
    return !inText && Math.min(box.width, box.height) < (primary ? 44 : 24);
  })
  .map(([it, box]) => `${it.tagName}.${it.className} "${it.innerText?.slice(0, 30)}" ${box.width | 0}×${box.height | 0}`)"""


@dataclass
class Village:
    big: Big
    contexts: dict[int | None, BrowserContext]

    def tab(self, page: Page) -> Tab:
        return self.contexts[page.person.pk if page.person else None].new_page()


@pytest.fixture(scope="module")
def village(browser: Browser, committed_module: str) -> Iterator[Village]:
    with translation.override("fr"):
        big = bigs.build(timezone.now())
    with serving() as address:
        people = [None, *{page.person.pk: page.person for page in pages(big) if page.person}.values()]
        # A colour on its way to another one would be measured as neither.
        still = {"reduced_motion": "reduce"}
        contexts = {person.pk if person else None: signed_in(browser, address, person, **still) for person in people}
        yield Village(big, contexts)
        for context in contexts.values():
            context.close()


def test_the_main_pages(village: Village) -> None:
    wrong = [words for page in pages(village.big) if page.main for words in _look(village, page)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.full
def test_all_other_pages(village: Village) -> None:
    wrong = [words for page in pages(village.big) if not page.main for words in _look(village, page)]
    assert not wrong, "\n".join(wrong)


ANSWERS = {
    "empty-no-such-page": 404,
    # Stripe is not set up there, and a bank account asks for a second factor that this farmer has not shown.
    "household-orders-card-now": 404,
    "household-orders-card-saved-now": 404,
    "household-orders-top-up-now": 404,
    "farmer-producers-farm-stripe-back": 404,
    "farmer-producers-farm-account": 403,
}


# What a menu shows once it is open, where it would be cut off.
MENUS = """() => {
    const found = [];
    for (const menu of document.querySelectorAll("details.menu")) {
        if (!menu.checkVisibility()) continue;
        menu.open = true;
        const box = menu.querySelector(".sheet")?.getBoundingClientRect();
        const beyond = box && (box.left < 0 || box.right > document.documentElement.clientWidth);
        if (beyond) found.push(menu.textContent.trim().slice(0, 40));
        menu.open = false;
    }
    return found.slice(0, 3);
}"""


def _look(village: Village, page: Page) -> list[str]:
    """What is wrong with a page; nothing for an address that only leads on, is posted to or gives a file."""
    tab, said = village.tab(page), []
    answer = tab.context.request.get(page.path, max_redirects=0)
    if answer.status in (302, 405) or "text/html" not in answer.headers.get("content-type", ""):
        tab.close()
        return []
    tab.on("console", lambda message: said.append(f"console: {message.text}") if message.type == "error" else None)
    tab.on("pageerror", lambda error: said.append(f"script: {error}"))
    expected = ANSWERS.get(page.name, 200)
    reached: Response | None = tab.goto(page.path)
    if reached is None or reached.status != expected:
        said.append(f"status {reached.status if reached else 'none'}")
    said = [words for words in said if expected == 200 or str(expected) not in words]
    if tab.evaluate("Boolean(document.querySelector('[hx-get], [hx-post]')) && !window.htmx"):
        said.append("attributes for htmx, which the page does not load")
    for width in WIDTHS:
        said += [f"{width} px: {words}" for words in _measured(tab, width)]
    tab.close()
    return [f"{page.name} ({page.path}): {words}" for words in said]


def _measured(tab: Tab, width: int) -> list[str]:
    tab.set_viewport_size({"width": width, "height": 844})
    wide = tab.evaluate("document.documentElement.scrollWidth")
    found = [f"scrolls sideways, {wide} wide"] if wide > width else []
    found += [f"a menu beyond the edge: {words}" for words in tab.evaluate(MENUS)]
    found += [f"too small: {words}" for words in tab.evaluate(SMALL)]
    if width in (390, 1180):
        found += _axe(tab, {"resultTypes": ["violations"]})
    if width == 390:
        tab.emulate_media(color_scheme="dark")
        found += [
            f"dark: {words}" for words in _axe(tab, {"runOnly": ["color-contrast"], "resultTypes": ["violations"]})
        ]
        tab.emulate_media(color_scheme="light")
    return found


def _axe(tab: Tab, options: dict[str, list[str]]) -> list[str]:
    violations = Axe().run(tab, options=options).response["violations"]
    return [
        f"axe {one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in violations
        for node in one["nodes"][:3]
    ]
