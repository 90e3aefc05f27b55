"""cabas.js in a real browser: each attribute of docs/style.md does what it says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Page, sync_playwright

from hub import format as say

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).parents[2] / "hub/static/hub/cabas.js"
FRAME = """<!doctype html><html lang="{lang}"><meta name="csrf-token" content="token-1"><body>{body}
<div id="words" data-over="terminé" data-soon="moins d’une minute" data-copied="C’est copié."
  data-offline="Pas de réseau." data-failed="Cela n’a pas marché." data-refused="Refusé."></div>
<div id="toasts"></div>
<template id="toast-template">
<div class="toast" data-seconds="8"><span data-words></span><button data-close></button></div></template>
</body></html>"""


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
            ],
        )
        yield browser.new_page()
        browser.close()


def show(page: Page, body: str, lang: str = "fr") -> None:
    page.set_content(FRAME.format(lang=lang, body=body))
    page.add_script_tag(content=SCRIPT.read_text(), type="module")
    page.wait_for_selector("html.js", state="attached")


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_deadlines_tick_in_the_words_of_the_server(browser_page: Page, lang: str) -> None:
    now = datetime.now(UTC)
    waits = [timedelta(days=1, hours=4, seconds=30), timedelta(days=4, seconds=30),
             timedelta(hours=4, minutes=12, seconds=30),
             timedelta(hours=4, seconds=30), timedelta(minutes=32, seconds=30)]  # fmt: skip
    times = [f'<time data-left datetime="{(now + wait).isoformat()}">?</time>' for wait in waits]
    show(browser_page, "".join(times), lang)
    with translation.override(lang):
        assert browser_page.locator("time").all_inner_texts() == [say.left(now + wait, now) for wait in waits]


def test_a_deadline_that_passes_says_so(browser_page: Page) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    show(browser_page, f'<time data-left datetime="{past.isoformat()}">1 min</time>')
    assert browser_page.inner_text("time") == "terminé"


def test_the_stepper_counts_within_its_bounds_and_tells(browser_page: Page) -> None:
    show(
        browser_page,
        '<form class="step"><button data-add="-1">-</button><input value="1" min="0" max="2">'
        '<button data-add="1">+</button></form>',
    )
    browser_page.evaluate("window.told = 0; document.addEventListener('change', () => window.told++)")
    values = []
    for name in ("+", "+", "-", "-", "-"):
        browser_page.click(f"text='{name}'")
        values.append(browser_page.input_value("input"))
    assert values == ["2", "2", "1", "0", "0"]
    assert browser_page.evaluate("window.told") == 5


def test_a_menu_closes_on_escape_and_on_a_click_elsewhere(browser_page: Page) -> None:
    show(browser_page, '<details class="menu"><summary>Moi</summary><p>…</p></details><p id="away">ailleurs</p>')
    is_open = "document.querySelector('.menu').open"
    browser_page.click("summary")
    assert browser_page.evaluate(is_open)
    browser_page.keyboard.press("Escape")
    assert not browser_page.evaluate(is_open)
    assert browser_page.evaluate("document.activeElement.tagName") == "SUMMARY"
    browser_page.click("summary")
    browser_page.click("#away")
    assert not browser_page.evaluate(is_open)


def test_a_form_may_submit_itself(browser_page: Page) -> None:
    show(
        browser_page,
        "<form data-autosubmit><select><option>a<option>b</select></form>"
        '<form id="calm"><input type="checkbox"></form>',
    )
    browser_page.evaluate(
        "window.sent = []; addEventListener('submit', e => { e.preventDefault(); window.sent.push(e.target.id) })"
    )
    browser_page.select_option("select", "b")
    browser_page.check("#calm input")
    assert browser_page.evaluate("window.sent") == [""]


def test_a_dialog_opens_and_closes(browser_page: Page) -> None:
    show(
        browser_page,
        '<a href="/page" data-dialog="d">ouvrir</a><dialog id="d"><button data-close>fermer</button></dialog>',
    )
    browser_page.click("text=ouvrir")
    assert browser_page.evaluate("document.getElementById('d').open")
    browser_page.click("text=fermer")
    assert not browser_page.evaluate("document.getElementById('d').open")


def test_a_toast_leaves_by_itself_but_not_under_the_finger(browser_page: Page) -> None:
    show(
        browser_page,
        '<div class="toast" data-seconds="1">parti</div>'
        '<div class="toast" data-seconds="1" id="held">tenu <button>Annuler</button></div>',
    )
    browser_page.focus("#held button")
    browser_page.wait_for_selector("text=parti", state="detached", timeout=5000)
    assert browser_page.locator("#held").count() == 1


def test_a_toast_that_can_be_undone_counts_its_seconds_as_such(browser_page: Page) -> None:
    show(browser_page, '<div class="toast" data-seconds="3"><button>Annuler <span data-count></span></button></div>')
    browser_page.wait_for_selector("text=Annuler (2\u00a0s)", timeout=5000)
    browser_page.wait_for_selector(".toast", state="detached", timeout=8000)


def test_htmx_sends_the_token_but_not_on_reading(browser_page: Page) -> None:
    show(browser_page, "<p></p>")
    sent = browser_page.evaluate(
        """["get", "post"].map(verb => { const detail = {verb, headers: {}};
        document.dispatchEvent(new CustomEvent("htmx:configRequest", {detail})); return detail.headers })"""
    )
    assert sent == [{}, {"X-CSRFToken": "token-1"}]


def test_failures_are_said_in_words(browser_page: Page) -> None:
    show(browser_page, "<p></p>")
    browser_page.evaluate(
        """document.dispatchEvent(new CustomEvent("htmx:sendError"));
        for (const [status, reference] of [[500, "abc123"], [403, "abc124"], [500, null]])
          document.dispatchEvent(new CustomEvent("htmx:responseError",
            {detail: {xhr: {status, getResponseHeader: () => reference}}}))"""
    )
    assert browser_page.locator(".toast").all_inner_texts() == [
        "Pas de réseau.", "Cela n’a pas marché. (abc123)", "Refusé.", "Cela n’a pas marché.",
    ]  # fmt: skip


def test_the_field_in_error_takes_the_focus(browser_page: Page) -> None:
    show(browser_page, '<input id="a"><input id="b" aria-invalid="true">')
    assert browser_page.evaluate("document.activeElement.id") == "b"
