"""How long a page takes in a real browser, from asking for it until its chart is drawn."""

import shutil
import time
from collections.abc import Iterator
from typing import Final

from app.auth.sessions import COOKIE

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
WAIT_MS: Final = 60_000
TIMES: Final = 5
SETTLED_MS: Final = 2_000
OVERVIEW: Final = ".st-key-card-lanes [data-state=ready]"


def drawn(address: str, token: str, path: str, marks: str) -> Iterator[tuple[float, float]]:
    """Seconds until what matches `marks` is painted: in a new window, and on the way from the overview.

    The first pair is that of a browser that was never here; in each, the page is opened as a link in a
    message does it, and then the overview with the same address' parameters, from where the menu leads back.
    Yields nothing where Playwright or a Chromium is missing: both are for development only.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import Page, sync_playwright
    except ImportError:
        return
    if program is None:
        return

    def painted(page: Page, begun: float) -> float:
        page.locator(marks).first.wait_for(state="attached")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
        return time.perf_counter() - begun

    page_name, _, parameters = path.partition("?")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(WAIT_MS)
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        for _ in range(TIMES):
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{address}/{path}")
            opened = painted(page, begun)
            page.goto(f"{address}/?{parameters}")
            page.locator(OVERVIEW).wait_for(state="attached")
            page.wait_for_timeout(SETTLED_MS)
            link = page.locator(f"[data-testid=stSidebarNav] a[href$='/{page_name}']").first
            begun = time.perf_counter()
            link.click()
            yield opened, painted(page, begun)
            page.close()
        browser.close()
