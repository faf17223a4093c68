"""The chart component in a real Chromium."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser]

RANGE = "document.querySelector('.gemba-chart-plot')._fullLayout.xaxis.range"
A_QUARTER = re.compile("^range (07:5[89]|08:0[012]) to (09:5[89]|10:0[012])$")
FRAMEWORK = {"list", "listitem", "svg-img-alt"}
READY = "() => [...document.querySelectorAll('.gemba-chart')].every((each) => each.dataset.state === 'ready')"


def _open(page: Page, address: str, part: str) -> None:
    page.goto(f"{address}/?part={part}")
    page.wait_for_selector(".gemba-chart", timeout=60_000)
    page.wait_for_function(READY, timeout=60_000)


def _turn(page: Page) -> int:
    return int(page.get_by_text(re.compile(r"^turn \d+$")).inner_text().split()[1])


def _drag_zoom(page: Page) -> None:
    """Draw a box from a quarter to a half of the time axis; data goes on refreshing meanwhile."""
    x, y, width = _inner(page)
    page.mouse.move(x + width * 0.25, y)
    page.mouse.down()
    page.mouse.move(x + width * 0.4, y, steps=5)
    page.wait_for_timeout(1500)
    page.mouse.move(x + width * 0.5, y, steps=5)
    page.mouse.up()


def _inner(page: Page) -> tuple[float, float, float]:
    return page.evaluate(
        """() => {
          const plot = document.querySelector('.gemba-chart-plot')
          const { l, t, w } = plot._fullLayout._size
          const box = plot.getBoundingClientRect()
          return [box.x + l, box.y + t + 60, w]
        }"""
    )


def test_a_zoom_comes_back_to_python_and_survives_refreshing_data(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    plot = page.locator(".gemba-chart-plot")
    plot.evaluate("(element) => { element.mark = 'same element' }")
    _drag_zoom(page)
    expect(page.get_by_text(A_QUARTER)).to_be_visible()
    zoomed = page.evaluate(RANGE)
    first = _turn(page)
    page.wait_for_function(
        "(turn) => /turn (\\d+)/.exec(document.body.innerText)?.[1] >= turn", arg=first + 3, timeout=60_000
    )
    assert page.evaluate(RANGE) == zoomed
    assert plot.evaluate("(element) => element.mark") == "same element"
    assert int(page.locator(".gemba-chart").get_attribute("data-draws") or 0) > 3
    assert watched.errors == []


def test_a_double_click_shows_all_again_and_python_hears_of_it(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    whole = page.evaluate(RANGE)
    _drag_zoom(page)
    expect(page.get_by_text(A_QUARTER)).to_be_visible()
    x, y, width = _inner(page)
    page.mouse.dblclick(x + width / 2, y)
    expect(page.get_by_text("range all")).to_be_visible()
    assert page.evaluate(RANGE) == whole


def test_the_keyboard_zooms_pans_and_resets(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    page.get_by_role("img", name="Live signals").focus()
    page.keyboard.press("+")
    expect(page.get_by_text("range 08:00 to 12:00")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("range 08:48 to 12:48")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("range all")).to_be_visible()


def test_a_new_selection_drops_the_zoom(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    whole = page.evaluate(RANGE)
    _drag_zoom(page)
    expect(page.get_by_text(A_QUARTER)).to_be_visible()
    page.get_by_role("button", name="New selection").click()
    expect(page.get_by_text("range all")).to_be_visible()
    page.wait_for_function(f"(whole) => JSON.stringify({RANGE}) === JSON.stringify(whole)", arg=whole)


def test_a_click_on_a_bar_comes_back(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "charts")
    page.locator(".st-key-card-pareto .bars .point path").nth(1).click(position={"x": 60, "y": 9}, force=True)
    expect(page.get_by_text("reason Roll change")).to_be_visible()


def test_all_kinds_of_charts_are_drawn_without_errors_or_requests_to_other_hosts(watched, gallery_address):
    _open(watched.page, gallery_address, "all")
    assert watched.page.locator(".gemba-chart .main-svg").count() > 6
    assert watched.errors == []
    strange = [url for url in watched.requests if not url.startswith((gallery_address, "data:", "blob:"))]
    assert strange == []
    assert sum("plotly-" in url and url.endswith(".min.js") for url in watched.requests) == 1


def test_charts_follow_the_theme_without_a_reload(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    color = "document.querySelector('.gemba-chart-plot')?._fullLayout?.font.color"
    light = page.evaluate(color)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(light) => ({color} ?? light) !== light", arg=light, timeout=60_000)
    assert page.evaluate(color).lower() == "#eef2f5"


def test_a_chart_is_an_image_with_its_finding_and_reserves_its_height(watched, gallery_address):
    page = watched.page
    _open(page, gallery_address, "live")
    chart = page.get_by_role("img", name="Live signals")
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box is not None
    assert box["height"] == pytest.approx(450, abs=1)


def test_on_a_phone_nothing_is_wider_than_the_screen_and_values_are_whole(watched, gallery_address):
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page, gallery_address, "all")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    cut = """() => [...document.querySelectorAll('[data-testid=stMetricValue] *')]
        .filter((each) => getComputedStyle(each).display !== 'inline')
        .filter((each) => each.scrollWidth > each.clientWidth + 1)
        .map((each) => each.textContent)"""
    assert page.evaluate(cut) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_parts_have_no_accessibility_violation_of_our_own(watched, gallery_address, scheme):
    watched.page.emulate_media(color_scheme=scheme)
    _open(watched.page, gallery_address, "all")
    found = Axe().run(watched.page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["id"] not in FRAMEWORK] == []
