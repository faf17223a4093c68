"""The calendar is edited and a work order is opened, started and finished, in a browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled

WAIT_MS = 60_000


def test_an_order_is_opened_started_and_finished(page: Page, served: Served) -> None:
    log_in(page, served, "operator", "/maintenance")
    settled(page)
    page.get_by_role("button", name="Open an order").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("what is to be done", exact=False).first).to_be_visible(timeout=WAIT_MS)
    dialog.get_by_role("combobox", name="Machine").click()
    page.get_by_role("option").first.click()
    dialog.get_by_role("textbox", name="What is to be done").fill("Tighten the guard")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=WAIT_MS)
    card = page.get_by_role("button", name=re.compile("Tighten the guard"))
    card.click()
    page.get_by_role("dialog").get_by_role("button", name="Start now").click()
    expect(card.get_by_text("in work", exact=False)).to_be_visible(timeout=WAIT_MS)
    card.click()
    page.get_by_role("dialog").get_by_role("button", name="Done", exact=True).click()
    expect(card).to_have_count(0, timeout=WAIT_MS)


def test_a_day_is_closed_in_the_calendar_and_a_crew_gets_its_rotation(page: Page, served: Served) -> None:
    log_in(page, served, "engineer", "/calendar?c_view=Days+off+%26+extra+days")
    settled(page)
    page.get_by_role("button", name="Add a day").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Stocktaking")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=WAIT_MS)
    page.get_by_role("radio", name="Crews").click()
    page.get_by_role("button", name="Add a crew").click()
    dialog.get_by_role("textbox", name="Name").fill("Crew Z")
    dialog.get_by_role("textbox", name="Key").fill("Z")
    dialog.get_by_role("textbox", name=re.compile("^Rotation")).fill("EEX-")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("No shift has the letter X", exact=False)).to_be_visible(timeout=WAIT_MS)
    dialog.get_by_role("textbox", name=re.compile("^Rotation")).fill("EELLNN--")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0, timeout=WAIT_MS)


def test_a_shift_that_would_overlap_is_refused_in_its_dialog(page: Page, served: Served) -> None:
    log_in(page, served, "engineer", "/calendar?c_view=Shifts")
    settled(page)
    page.get_by_role("button", name="Add a shift").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Extra")
    dialog.get_by_role("textbox", name="Key").fill("extra")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("overlap", exact=False)).to_be_visible(timeout=WAIT_MS)


def test_the_basics_of_the_factory_are_refused_at_their_field_and_then_changed(
    page: Page, served: Served
) -> None:
    log_in(page, served, "engineer", "/calendar?c_view=Basics")
    settled(page)
    page.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Currency").fill("EU")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("three capital letters", exact=False)).to_be_visible(timeout=WAIT_MS)
    for currency in ("CHF", "EUR"):
        dialog.get_by_role("textbox", name="Currency").fill(currency)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0, timeout=WAIT_MS)
        expect(page.get_by_text(f"Money is in {currency}", exact=False)).to_be_visible(timeout=WAIT_MS)
        if currency == "CHF":
            page.get_by_role("button", name="Change").click()
