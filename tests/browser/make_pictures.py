"""Make the pictures of docs/tour.md: `python -m tests.browser.make_pictures`, with the demo plant running.

The address and the accounts come from `demo.json` in GEMBA_HOME (default `var`), as `make demo` wrote it.
"""

import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ROOT, settled
from tests.conftest import FLAGS, NAMES

TARGET = ROOT / "docs" / "pictures"
ASKED = "/insights?i_question=worst+5+machines+by+oee+last+week"
MACHINE = "/machine?t_range=yesterday&f_machine=press-1&d_reason=Hydraulics+leak+or+pressure+loss"


def document() -> dict[str, Any]:
    """What the demo wrote about itself."""
    home = Path(os.environ.get("GEMBA_HOME", ROOT / "var"))
    found: dict[str, Any] = json.loads((home / "demo.json").read_text())
    return found


def opened(browser: Browser, demo: dict[str, Any], role: str, **context: Any) -> Page:
    """A page of this role after the log-in."""
    page = browser.new_context(locale="en-GB", **context).new_page()
    account = next(one for one in demo["accounts"] if one["role"] == role)
    page.goto(demo["address"])
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password", exact=True).fill(account["password"])
    page.get_by_role("button", name="Log in").click()
    page.get_by_test_id("stSidebar").wait_for(state="attached")
    return page


def show(page: Page, address: str, height: int) -> None:
    """Open an address at its full height, with every chart drawn."""
    width = page.viewport_size["width"] if page.viewport_size else 1280
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.get_by_test_id("stSidebar").wait_for(state="attached")
    page.wait_for_timeout(1_500)
    settled(page)
    page.wait_for_timeout(2_500)
    settled(page)


def save(page: Page, name: str) -> None:
    """A picture without its alpha channel, in true colours: the colours of states have a meaning."""
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    TARGET.mkdir(parents=True, exist_ok=True)
    image.save(TARGET / f"{name}.png", optimize=True)


def main() -> None:
    """Make all of them."""
    demo = document()
    path = next(found for name in NAMES if (found := shutil.which(name)))
    wide: dict[str, Any] = {"viewport": {"width": 1280, "height": 1000}}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        for scheme in ("light", "dark"):
            page = opened(browser, demo, "manager", color_scheme=scheme, **wide)
            show(page, f"{demo['address']}/?t_range=yesterday", 1_310)
            save(page, f"overview-{scheme}")
            if scheme == "light":
                show(page, demo["address"] + MACHINE, 2_500)
                save(page, "machine")
                show(page, f"{demo['address']}/oee?t_range=30d", 2_440)
                save(page, "oee")
                show(page, demo["address"] + ASKED, 1_240)
                save(page, "insights")
        page = opened(browser, demo, "operator", **wide)
        show(page, f"{demo['address']}/operator", 1_300)
        save(page, "operator")
        show(page, f"{demo['address']}/records", 760)
        wrong_record(page)
        save(page, "record")
        phone = dict(driver.devices["iPhone 13"])
        phone.pop("default_browser_type")
        phone["device_scale_factor"] = 1.5
        page = opened(browser, demo, "manager", **phone)
        show(page, f"{demo['address']}/", 844)
        save(page, "phone")
        browser.close()


def wrong_record(page: Page) -> None:
    """The dialog with a refused record, its messages at the fields."""
    page.get_by_role("button", name="Enter a shift record").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Downtime (min)").fill("500")
    dialog.get_by_label("Actual output (units)").fill("300")
    dialog.get_by_label("Good units").fill("320")
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_text("exceed the output").wait_for()
    page.wait_for_timeout(800)


if __name__ == "__main__":
    main()
