"""How long a page takes in a real browser, from asking for it until its chart is drawn."""

import shutil
import time
from collections.abc import Iterator
from typing import Final

from app.auth.sessions import COOKIE

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
WAIT_MS: Final = 60_000
TIMES: Final = 5


def drawn(address: str, token: str, path: str, marks: str, least: int) -> Iterator[float]:
    """Seconds until at least so many elements that match `marks` are painted: the first visit, then more.

    Each visit opens the page anew in the same browser, as a link in a message does. Yields nothing where
    Playwright or a Chromium is missing: both are for development only.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    if program is None:
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(WAIT_MS)
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        for _ in range(TIMES):
            page = context.new_page()
            begun = time.perf_counter()
            page.goto(f"{address}/{path}")
            page.locator(marks).nth(least - 1).wait_for(state="attached")
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))")
            yield time.perf_counter() - begun
            page.close()
        browser.close()
