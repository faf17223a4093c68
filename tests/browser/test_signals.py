"""The telemetry chart: few points, finer ones on zoom, the zoom kept over refreshes, all again after."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, log_in, settled

pytestmark = pytest.mark.browser

CARD = "[class*=st-key-card-signals]"
POINTS = f"() => document.querySelector('{CARD} .gemba-chart-plot').data.map((line) => line.x.length)"
RANGE = f"() => document.querySelector('{CARD} .gemba-chart-plot')._fullLayout.xaxis.range"
WITHIN = f"""() => {{
  const plot = document.querySelector('{CARD} .gemba-chart-plot')
  const [from, to] = plot._fullLayout.xaxis.range.map((each) => new Date(each))
  return [...plot.data[0].x].filter((each) => new Date(each) >= from && new Date(each) <= to).length
}}"""
INNER = f"""() => {{
  const plot = document.querySelector('{CARD} .gemba-chart-plot')
  const {{ l, t, w }} = plot._fullLayout._size
  const box = plot.getBoundingClientRect()
  return [box.x + l, box.y + t + 60, w]
}}"""
DRAWS = f"() => Number(document.querySelector('{CARD} .gemba-chart').dataset.draws)"


@pytest.fixture
def signals(page: Page, served: Served) -> Page:
    log_in(page, served, path="/machine?t_range=7d&f_machine=press-1")
    card = page.locator(CARD)
    card.locator(".gemba-chart[data-state=ready]").wait_for(timeout=60_000)
    card.scroll_into_view_if_needed()
    settled(page)
    return page


def zoom_in(page: Page) -> None:
    """Drag over a seventeenth of the range in its middle."""
    x, y, width = page.evaluate(INNER)
    page.mouse.move(x + width * 0.45, y)
    page.mouse.down()
    page.mouse.move(x + width * 0.5, y, steps=3)
    page.mouse.move(x + width * 0.51, y, steps=3)
    page.mouse.up()


def test_a_line_has_at_most_two_thousand_points_and_zooming_loads_finer_ones(signals: Page):
    assert max(signals.evaluate(POINTS)) <= 2_000
    zoom_in(signals)
    signals.wait_for_timeout(100)
    coarse = signals.evaluate(WITHIN)
    signals.wait_for_function(f"(coarse) => ({WITHIN})() > 3 * coarse", arg=coarse, timeout=60_000)
    assert max(signals.evaluate(POINTS)) <= 2_000


def test_the_zoom_survives_the_refresh_and_a_double_click_shows_all_again(signals: Page):
    whole = signals.evaluate(RANGE)
    zoom_in(signals)
    signals.wait_for_function(f"(whole) => String(({RANGE})()) !== String(whole)", arg=whole)
    settled(signals)
    zoomed = signals.evaluate(RANGE)
    drawn = signals.evaluate(DRAWS)
    signals.wait_for_function(f"(drawn) => ({DRAWS})() > drawn", arg=drawn, timeout=60_000)
    assert signals.evaluate(RANGE) == zoomed
    x, y, width = signals.evaluate(INNER)
    signals.mouse.dblclick(x + width / 2, y)
    signals.wait_for_function(
        f"() => {{ const [a, b] = ({RANGE})().map((e) => +new Date(e)); return b - a > 6 * 86400000 }}"
    )
    expect(signals.locator(CARD)).to_be_visible()
