"""A stop gets its reason by two taps on a tablet, is corrected, and the reason tree grows."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled

WAIT_MS = 60_000


def test_two_taps_classify_a_stop_and_one_takes_it_back(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 820, "height": 1180})
    log_in(page, served, "operator", "/downtime")
    settled(page)
    waits = page.get_by_text(re.compile(r"^\d+ stops? without a reason"))
    before = waits.inner_text(timeout=WAIT_MS)
    page.locator("[class*='st-key-stop-queue'] button").first.click()
    page.get_by_role("dialog").locator("[class*='st-key-reasons-unplanned'] button").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=WAIT_MS)
    expect(page.get_by_role("button", name="Undo")).to_be_visible(timeout=WAIT_MS)
    settled(page)
    assert waits.first.inner_text() != before
    page.get_by_role("button", name="Undo").click()
    # While the page is drawn anew, what it showed stands below for a moment.
    expect(waits.first).to_have_text(before, timeout=WAIT_MS)
    expect(waits).to_have_count(1, timeout=WAIT_MS)


def test_a_reason_is_refused_at_its_field_and_then_stands_in_the_tree(page: Page, served: Served) -> None:
    log_in(page, served, "engineer", "/downtime?d_view=Reasons")
    settled(page)
    page.get_by_role("button", name="Add a reason").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Feeder jammed")
    dialog.get_by_role("textbox", name="Code").fill("Feeder!")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("small letters", exact=False)).to_be_visible(timeout=WAIT_MS)
    dialog.get_by_role("textbox", name="Code").fill("feeder-jammed")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=WAIT_MS)
