"""The selection and the address bar say the same."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser]


def test_a_link_selects_a_click_changes_the_address_and_a_reload_keeps_it(watched, gallery_address):
    page = watched.page
    page.goto(f"{gallery_address}/?part=select&t_range=7d&f_machine=M01&f_line=a")
    expect(page.get_by_text("chosen Last 7 days, 14 Nov to 20 Nov | a | M01")).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="30 days").click()
    expect(page.get_by_text("chosen Last 30 days, 22 Oct to 20 Nov | a | M01")).to_be_visible()
    page.wait_for_url(re.compile(r"t_range=30(\+|%20)days"))
    page.reload()
    expect(page.get_by_text("chosen Last 30 days, 22 Oct to 20 Nov | a | M01")).to_be_visible(timeout=60_000)
    assert watched.errors == []


def test_a_nonsense_link_shows_today_with_a_note(watched, gallery_address):
    page = watched.page
    page.goto(f"{gallery_address}/?part=select&t_range=zzz&f_machine=M99&t_days=x")
    expect(page.get_by_text("chosen Today, Fri 20 Nov | |")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("unknown machine (M99)")).to_be_visible()
    assert watched.errors == []
