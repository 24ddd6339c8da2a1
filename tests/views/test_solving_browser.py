"""What only a browser shows of waiting and of work kept: a panel that moves by itself, a reload."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from scenarios import reading
from tests.browser import PATIENCE, pick, rerun, settle
from tests.views import sample

pytestmark = pytest.mark.browser

LONG = "dong_nai_to_2020_by_year.yaml"
"""A scenario whose search takes far longer than this test waits."""
CHANGED = ".st-key-changed"


def choose(page: Page, name: str) -> None:
    title = reading.load(reading.FOLDER / name).title.text.vi
    expect(page.locator(".st-key-scenario")).to_be_visible(timeout=PATIENCE)
    pick(page, page.locator(".st-key-scenario"), title, exact=True)


def test_a_long_search_is_followed_stopped_and_shown_for_what_it_is(guarded_page: Page, app_server: str):
    page = guarded_page
    page.goto(app_server)
    choose(page, LONG)
    panel = page.locator(".st-key-solving")
    expect(panel).to_be_visible(timeout=PATIENCE)
    expect(panel).to_contain_text(re.compile(r"Tốt nhất đến lúc này\s*[\d.]+"), timeout=PATIENCE)
    before = panel.locator("dd").first.inner_text()
    # the seconds go on without a click
    expect(panel.locator("dd").first).not_to_have_text(before, timeout=PATIENCE)
    page.locator(".st-key-solving_stop").get_by_role("button").first.click()
    note = page.locator(".st-key-solving_stopped")
    expect(note).to_contain_text("cách tối ưu không quá", timeout=PATIENCE)
    expect(page.locator(".lt-strip")).to_contain_text("Tốt nhất tìm được")
    expect(page.locator(".lt-strip")).not_to_contain_text("Tối ưu, đã chứng minh")
    settle(page)


def test_a_reload_loses_nothing_and_two_sessions_do_not_mix(
    guarded_page: Page, browser: Browser, app_server: str
):
    page = guarded_page
    page.goto(app_server)
    choose(page, sample.AS_WRITTEN)
    expect(page.locator(".st-key-apply_0")).to_be_visible(timeout=PATIENCE)
    with rerun(page):
        page.locator(".st-key-apply_0 button").click()
    expect(page.locator(CHANGED)).to_be_visible(timeout=PATIENCE)
    settle(page)
    address = page.url
    assert "phien" in parse_qs(urlsplit(address).query)
    with browser.new_context(locale="vi-VN") as context:  # the same address while the first is still open
        other = context.new_page()
        other.goto(address)
        expect(other.locator(CHANGED)).to_be_visible(timeout=PATIENCE)
        settle(other)
        with rerun(other):
            other.locator(".st-key-undo button").click()
        expect(other.locator(CHANGED)).to_be_hidden(timeout=PATIENCE)
        assert parse_qs(urlsplit(other.url).query)["phien"] != parse_qs(urlsplit(address).query)["phien"]
    page.reload()
    expect(page.locator(CHANGED)).to_be_visible(timeout=PATIENCE)
    settle(page)
