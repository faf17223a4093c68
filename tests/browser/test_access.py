"""Everybody can use the pages: no serious finding of axe, light and dark; dialogs by the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from app.auth.permissions import ROLES
from app.navigation import permitted
from tests.browser.conftest import Served, denied, log_in, settled
from tests.conftest import BROWSER_PATIENCE_MS

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
PARTS = 3
BEYOND = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(one => {
  const box = one.getBoundingClientRect();
  if (box.width === 0 || box.height === 0 || box.right <= innerWidth + 1) return false;
  for (let over = one.parentElement; over; over = over.parentElement) {
    const how = getComputedStyle(over).overflowX;
    if (over.matches('[data-testid=stMain]')) return true;
    if (how === 'auto' || how === 'scroll' || how === 'hidden' || how === 'clip') return false;
  }
  return true;
}).slice(0, 3).map(one => one.outerHTML.slice(0, 160))"""
OF_THE_FRAMEWORK = {"list", "listitem", "svg-img-alt"}
GIVEN = {
    "overview": "/",
    "machine": "/machine?t_range=yesterday&f_machine=press-1",
    "oee": "/oee?d_loss=Breakdowns",
}
PATHS = [GIVEN.get(page.key, f"/{page.key}") for page in permitted(ROLES["admin"])]


def _why(node: dict[str, Any]) -> str:
    """The first reason that axe gives."""
    return next((check["message"] for check in node["any"]), "")


def findings(page: Page) -> list[str]:
    """Each serious or critical violation with the first elements that have it."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[(node['html'][:160], _why(node)) for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in {"serious", "critical"} and one["id"] not in OF_THE_FRAMEWORK
    ]


@pytest.fixture
def themed(browser: Browser, served: Served) -> Any:
    """Log in under a colour scheme."""
    contexts = []

    def opened(scheme: Any) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme=scheme)
        contexts.append(context)
        context.set_default_timeout(BROWSER_PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda said: broken.extend(denied(said)))
        log_in(page, served, "admin")
        return page

    broken: list[str] = []
    yield opened
    for context in contexts:
        context.close()
    assert broken == [], "a page did what its policy denies"


def dark(page: Page) -> None:
    """Look as in the evening: whoever follows the system's scheme sees the page change."""
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => { const [r, g, b] = getComputedStyle(document.querySelector('.stApp'))"
        ".backgroundColor.match(/[\\d.]+/g).map(Number); return r + g + b < 200; }"
    )
    settled(page)


def too_wide(page: Page) -> list[str]:
    """What reaches beyond the edge of a phone, where nothing scrolls to it.

    A table keeps the width that it was drawn with, so a page that seems too wide is opened anew on the phone.
    """
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(500)
    settled(page)
    found: list[str] = page.evaluate(BEYOND)
    if found:
        page.reload()
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_timeout(500)
        settled(page)
        found = page.evaluate(BEYOND)
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_has_a_serious_accessibility_finding_or_is_wider_than_a_phone(
    themed: Callable[[str], Page], served: Served, part: int
):
    page = themed("light")
    wrong = {}
    for path in PATHS[part::PARTS]:
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        page.goto(served.url + path)
        page.get_by_test_id("stSidebar").wait_for()
        page.wait_for_timeout(300)
        settled(page)
        found = {"light": findings(page)}
        dark(page)
        found |= {"dark": findings(page), "phone": too_wide(page)}
        if any(found.values()):
            wrong[path] = {name: told for name, told in found.items() if told}
    assert wrong == {}


def test_the_log_in_has_no_serious_accessibility_finding(page: Page, served: Served):
    page.goto(served.url)
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert findings(page) == []


def test_a_dialog_opens_and_closes_by_the_keyboard_and_has_no_serious_finding(page: Page, served: Served):
    log_in(page, served, "operator", "/records")
    button = page.get_by_role("button", name="Enter a shift record")
    button.wait_for()
    settled(page)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    settled(page)
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
