"""A plant is set up by hand: a machine with its first line, a parameter's limits, and a slip undone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled

ROW_PX = 31


def opened(page: Page, served: Served, query: str = "") -> None:
    page.goto(f"{served.url}/machines{query}")
    page.get_by_test_id("stDataFrame").first.wait_for()
    settled(page)


def pick(page: Page, row: int) -> None:
    """Choose a row of the first table, which is a canvas."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + ROW_PX * (row + 1) + 15)


def test_limits_are_given_in_a_dialog_and_a_wrong_one_is_named_at_its_field(page: Page, served: Served):
    log_in(page, served, "engineer", "/machines")
    opened(page, served)
    pick(page, 0)
    page.get_by_role("button", name="Parameters").last.click()
    page.wait_for_url("**/machines?ma_view=Parameters**")
    page.get_by_test_id("stDataFrame").first.wait_for()
    settled(page)
    pick(page, 3)
    page.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("spinbutton", name="Low limit").fill("0.005")
    dialog.get_by_role("spinbutton", name="High limit").fill("0.001")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("must lie above the low one, 0.005")).to_be_visible()
    expect(dialog.get_by_role("spinbutton", name="Low limit")).to_have_value("0.005")
    dialog.get_by_role("spinbutton", name="High limit").fill("8")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was saved").first).to_be_visible()


def test_a_mistyped_machine_is_added_with_a_new_line_and_both_are_deleted(page: Page, served: Served):
    log_in(page, served, "engineer", "/machines")
    opened(page, served)
    page.get_by_role("button", name="Add a machine").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Key", exact=True).fill("aaa-typo")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Slip")
    line = dialog.get_by_role("combobox", name="Line")
    line.click()
    line.fill("A new hall")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Slip was saved").first).to_be_visible()
    opened(page, served, "?ma_view=Lines")
    pick(page, 1)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete line").click()
    expect(page.get_by_text("1 machine refers to it")).to_be_visible()
    opened(page, served)
    pick(page, 0)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete machine").click()
    expect(page.get_by_text("Slip was deleted").first).to_be_visible()
    opened(page, served, "?ma_view=Lines")
    pick(page, 1)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete line").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
