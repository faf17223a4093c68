"""An invitation, a password of one's own, a second factor: in a real browser, from link to log-in."""

import base64
import re
import time
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, log_in, settled, start

PASSWORD = "violet tractors hum at noon"
EMAIL = "new.person@example.test"


def code_of(secret: str, at: float) -> str:
    """What an authenticator app shows."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(at)).decode()


def test_somebody_is_invited_accepts_sets_up_a_second_factor_and_logs_in_with_it(
    page: Page, served: Served, browser: Browser
) -> None:
    log_in(page, served, "admin", "/users")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("dialog").get_by_label("E-mail").fill(EMAIL)
    page.get_by_role("dialog").get_by_role("button", name="Invite").click()
    link = page.get_by_test_id("stCode").first
    expect(link).to_contain_text("?invitation=", timeout=60_000)
    address = link.inner_text().strip()
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text("?invitation=")).to_have_count(0)

    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    guest = context.new_page()
    guest.goto(served.url + "/" + address.partition("/?")[1].removeprefix("/") + address.partition("/?")[2])
    guest.get_by_label("Your name").fill("New Person")
    guest.get_by_label("Password", exact=True).fill("short")
    guest.get_by_role("button", name="Accept the invitation").click()
    expect(guest.get_by_text("Use at least 12 characters")).to_be_visible(timeout=60_000)
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Accept the invitation").click()
    guest.get_by_test_id("stSidebar").wait_for(timeout=60_000)

    guest.goto(f"{served.url}/account")
    settled(guest)
    guest.get_by_label("Your password").fill(PASSWORD)
    guest.get_by_role("button", name="Set up").click()
    secret = guest.get_by_test_id("stCode").first
    secret.wait_for(timeout=60_000)
    words = secret.inner_text().strip()
    enrolled = time.time()
    guest.get_by_label("Code that the app shows").fill(code_of(words, enrolled))
    guest.get_by_role("button", name="Turn on").click()
    expect(guest.get_by_text("Every log-in asks for a code")).to_be_visible(timeout=60_000)
    guest.get_by_role("button", name="Log out").click()

    guest.get_by_label("E-mail").fill(EMAIL)
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Log in").click()
    guest.get_by_label("Code of your authenticator app").fill(code_of(words, enrolled + 30))
    guest.get_by_label("Code of your authenticator app").press("Tab")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Log in").click()
    guest.get_by_test_id("stSidebar").wait_for(timeout=60_000)
    expect(guest.get_by_text("New Person")).to_be_visible(timeout=60_000)
    context.close()


def test_the_first_administrator_sets_a_password_before_anything_else(page: Page, tmp_path: Path) -> None:
    served = start(tmp_path / "var", "serve")
    try:
        said = (tmp_path / "var.log").read_text()
        found = re.search(r"(\S+@\S+)\s+(\S+)", said)
        assert found is not None, said
        email, password = found.groups()
        page.goto(f"{served.url}/machines")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_text("Set a password of your own first")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("link", name="Machines")).to_have_count(0)
        page.get_by_role("textbox", name="Present password").fill(password)
        page.get_by_role("textbox", name="New password").fill(PASSWORD)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("link", name="Machines")).to_be_visible(timeout=60_000)
        page.goto(f"{served.url}/machines")
        expect(page.get_by_text("No machine yet")).to_be_visible(timeout=60_000)
    finally:
        served.stop()
