"""From the overview to the stops behind a loss: links, clicks on bars, filters in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled

pytestmark = pytest.mark.browser


def click_bar(page: Page, card: str, position: int) -> None:
    """Click the bar in the middle of what is drawn of it."""
    page.locator(f".st-key-card-{card} .barlayer").wait_for()
    page.locator(f".st-key-card-{card}").scroll_into_view_if_needed()
    settled(page)
    bar = page.locator(f".st-key-card-{card} .barlayer .point").nth(position)
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + min(15.0, box["width"] / 2), box["y"] + box["height"] / 2)
    settled(page)


def test_three_clicks_lead_from_the_overview_to_the_stops_behind_yesterdays_worst_reason(
    page: Page, served: Served
):
    log_in(page, served)
    page.get_by_role("radio", name="Yesterday").click()
    page.wait_for_url("**t_range=Yesterday**")
    settled(page)
    machine = page.locator(".board .notes .why li").first.locator("a").nth(1)
    name = machine.inner_text()
    machine.click()
    page.wait_for_url("**/machine?*")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    click_bar(page, "pareto-reason", 0)
    expect(page).to_have_url(re.compile("d_reason="))
    expect(
        page.locator(".st-key-card-stops").get_by_text(re.compile("^Stops by .*longest first"))
    ).to_be_visible()


def test_a_click_on_a_loss_shows_what_is_behind_it_and_a_second_click_takes_it_back(
    page: Page, served: Served
):
    log_in(page, served, path="/oee")
    stops = page.locator(".st-key-card-stops")
    rows = page.locator(".st-key-card-waterfall .yaxislayer-above text")
    rows.first.wait_for()
    labels = [label.rstrip("\u200b") for label in reversed(rows.all_text_contents())]
    click_bar(page, "waterfall", labels.index("Breakdowns"))
    expect(stops.get_by_text("Breakdowns, longest first")).to_be_visible()
    expect(page).to_have_url(re.compile("d_loss=Breakdowns"))
    click_bar(page, "waterfall", labels.index("Breakdowns"))
    expect(stops.get_by_text("Stops, longest first")).to_be_visible()
    assert "d_loss" not in page.url
    click_bar(page, "waterfall", labels.index("Reduced speed"))
    expect(stops.get_by_text("Reduced speed by machine")).to_be_visible()


def test_a_link_with_a_loss_opens_with_its_stops(page: Page, served: Served):
    log_in(page, served, path="/oee?d_loss=Set-up")
    expect(page.locator(".st-key-card-stops").get_by_text("Set-up, longest first")).to_be_visible()


def test_a_click_on_a_machine_and_on_a_day_narrows_the_page_and_its_address(page: Page, served: Served):
    log_in(page, served, path="/oee")
    click_bar(page, "pareto-machine", 0)
    expect(page).to_have_url(re.compile("f_machine="))
    settled(page)
    page.locator(".st-key-card-trend").scroll_into_view_if_needed()
    settled(page)
    point = page.locator(".st-key-card-trend .scatterlayer .point").nth(3)
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("t_range=Dates"))
    expect(page).to_have_url(re.compile("t_days="))
    settled(page)
    page.reload()
    settled(page)
    expect(page.get_by_text("What the machine did")).to_be_visible()
    expect(page.locator(".st-key-card-trend")).to_have_count(0)


def test_the_range_and_the_line_go_along_from_page_to_page(page: Page, served: Served):
    log_in(page, served, path="/?t_range=7d")
    settled(page)
    for name, path in (("Timeline", "timeline"), ("OEE & losses", "oee"), ("Machine", "machine")):
        page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(f"**/{path}*")
        settled(page)
        expect(page.get_by_role("radio", name="7 days")).to_be_checked()
        settled(page)
        assert "f_machine" not in page.url


def test_the_cards_of_the_wall_are_links_that_the_keyboard_follows(page: Page, served: Served):
    log_in(page, served, path="/?t_range=7+days")
    card = page.locator(".board .wall a").first
    card.wait_for()
    name = card.locator(".name").inner_text()
    card.focus()
    settled(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/machine?*")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert "t_range=7" in page.url
