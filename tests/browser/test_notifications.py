"""A channel of one's own in a real browser: added, refused at its field, tried, and found in the log."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled


def test_a_channel_is_added_tried_and_followed_in_the_log(page: Page, served: Served) -> None:
    log_in(page, served, "operator", "/notifications")
    settled(page)
    page.get_by_role("button", name="Add a channel").click()
    dialog = page.get_by_role("dialog")
    address = dialog.get_by_role("textbox", name="Address")
    expect(address).to_have_value(served.account("operator")[0], timeout=60_000)
    address.fill("no address")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("Write one mail address")).to_be_visible(timeout=60_000)
    dialog.get_by_role("textbox", name="Address").fill("shift@plant.test")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=60_000)
    settled(page)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test goes out")).to_be_visible(timeout=60_000)
    page.goto(f"{served.url}/notifications?n_view=Delivery+log")
    settled(page)
    expect(page.get_by_text("Rule: Test of notifications")).to_be_visible(timeout=60_000)
