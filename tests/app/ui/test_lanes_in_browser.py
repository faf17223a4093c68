"""The lanes of a timeline in a real Chromium."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser]

LANES = ".st-key-card-gantt .gemba-lanes"
RANGE = f"() => (({{from, to}}) => [from, to].map(Number))(document.querySelector('{LANES}').dataset)"
CLICKED = re.compile("^clicked (?!None)")


def opened(page: Page, address: str, *, width: int = 1_280) -> tuple[float, float, float, float]:
    """The gallery's lanes: where on the page they begin, how wide all time is and how high a lane."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/?part=charts")
    page.wait_for_selector(f"{LANES}[data-state=ready]", timeout=60_000)
    page.locator(LANES).scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    left, top, span, lane = json.loads(page.locator(LANES).get_attribute("data-area") or "")
    box = page.locator(f"{LANES} canvas").bounding_box()
    assert box is not None
    return box["x"] + left, box["y"] + top, span, lane


def drag(page: Page, area: tuple[float, float, float, float], begin: float, end: float) -> None:
    left, top, span, lane = area
    page.mouse.move(left + begin * span, top + lane * 1.5)
    page.mouse.down()
    page.mouse.move(left + end * span, top + lane * 2.5, steps=5)
    page.mouse.up()


def test_a_click_tells_the_machine_and_the_pointer_what_it_did(watched, gallery_address):
    page = watched.page
    left, top, span, lane = opened(page, gallery_address)
    page.mouse.move(left + 0.5 * span, top + 3.5 * lane)
    tip = page.locator(f"{LANES} .tip")
    expect(tip).to_contain_text("Rolling mill: ")
    expect(tip).to_contain_text(re.compile(r"Fri 20 Nov \d\d:\d\d:\d\d to \d\d:\d\d:\d\d"))
    page.mouse.click(left + 0.5 * span, top + 3.5 * lane)
    expect(page.get_by_text("clicked M04")).to_be_visible()
    assert watched.errors == []


def test_a_reason_is_no_markup(watched, gallery_address):
    page = watched.page
    left, top, span, lane = opened(page, gallery_address)
    tip = page.locator(f"{LANES} .tip")
    for step in range(240):
        page.mouse.move(left + (step % 40 + 0.5) / 40 * span, top + (step // 40 + 0.5) * lane)
        if "Hydraulic" in (tip.text_content() or ""):
            break
    expect(tip).to_contain_text("Hydraulic pump <b>")


def test_a_drag_zooms_python_hears_of_it_and_a_double_click_shows_all(watched, gallery_address):
    page = watched.page
    area = opened(page, gallery_address)
    whole = page.evaluate(RANGE)
    drag(page, area, 0.25, 0.5)
    expect(page.get_by_text(re.compile(r"^zoom \[1(19|20|21), 2(39|40|41)\]$"))).to_be_visible()
    left, top, span, lane = area
    page.mouse.dblclick(left + span / 2, top + lane / 2)
    expect(page.get_by_text("zoom all")).to_be_visible()
    assert page.evaluate(RANGE) == whole
    expect(page.get_by_text(CLICKED)).to_have_count(0)


def test_the_keyboard_and_the_buttons_zoom_move_and_reset(watched, gallery_address):
    page = watched.page
    opened(page, gallery_address)
    page.locator(f"{LANES} .face").focus()
    page.keyboard.press("+")
    expect(page.get_by_text("zoom [120, 360]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("zoom [168, 408]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("zoom [240, 480]")).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("zoom all")).to_be_visible()
    page.get_by_role("button", name="Zoom in").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("zoom [120, 360]")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("zoom all")).to_be_visible()


def test_the_picture_can_be_saved(watched, gallery_address):
    page = watched.page
    opened(page, gallery_address)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a picture").click()
    assert saved.value.suggested_filename == "gantt.png"


def test_the_lanes_are_an_image_with_their_finding_and_follow_the_theme(watched, gallery_address):
    page = watched.page
    opened(page, gallery_address)
    expect(page.get_by_role("img", name="States of the early shift. The rolling mill lost")).to_be_visible()
    expect(page.locator(f"{LANES} .legend li")).to_have_text(
        ["No data", "Producing", "Minor stops", "Set-up", "Unplanned stops", "Planned stops", "Not scheduled"]
    )
    color = (
        f"() => getComputedStyle(document.querySelector('{LANES} .legend li:nth-child(2) i')).backgroundColor"
    )
    light = page.evaluate(color)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"(light) => ({color})() !== light", arg=light, timeout=60_000)
    assert page.evaluate(color) == "rgb(47, 127, 120)"


def test_what_is_drawn_is_what_the_pieces_say(watched, gallery_address):
    """Ask a pixel in the middle of each piece of a lane for its colour, and the pointer for its word."""
    page = watched.page
    left, top, span, lane = opened(page, gallery_address)
    pixel = f"""([x, y]) => {{
        const canvas = document.querySelector('{LANES} canvas')
        const box = canvas.getBoundingClientRect()
        const data = canvas.getContext('2d').getImageData(
            Math.floor((x - box.x) * devicePixelRatio), Math.floor((y - box.y) * devicePixelRatio), 1, 1).data
        return `rgb(${{data[0]}}, ${{data[1]}}, ${{data[2]}})`
    }}"""
    words = {
        "Producing": "rgb(141, 191, 184)",
        "Unplanned stops": "rgb(179, 32, 27)",
        "Set-up": "rgb(62, 108, 181)",
    }
    seen = set()
    for step in range(60):
        spot = [round(left + (step + 0.5) / 60 * span), round(top + 1.5 * lane)]
        page.mouse.move(*spot)
        word = (page.locator(f"{LANES} .tip b").text_content() or "").removeprefix("Caster: ")
        if word in words:
            seen.add(word)
            assert page.evaluate(pixel, spot) == words[word]
    assert seen


def test_on_a_phone_the_lanes_fit(watched, gallery_address):
    page = watched.page
    left, _, span, _ = opened(page, gallery_address, width=390)
    assert left + span <= 390
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
