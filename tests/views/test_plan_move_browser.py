"""What only a browser shows of moving a point: marks on the map, the keyboard, one map throughout."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PATIENCE, map_frame, settle

pytestmark = pytest.mark.browser


def test_a_point_moves_to_a_mark_on_the_map_by_keyboard(guarded_page: Page, app_server: str) -> None:
    app = guarded_page
    app.goto(f"{app_server}/?giai-doan=2020&chon=site:ninh_kieu:counselling")
    expect(app.locator(".st-key-panel_move")).to_be_visible(timeout=PATIENCE)
    expect(map_frame(app).locator(".site .chosen-ring")).to_have_count(1, timeout=PATIENCE)
    settle(app)
    root, marks = map_frame(app).locator("html"), map_frame(app).locator(".place.other")
    root.evaluate("() => { window.survives = 'yes'; }")
    for way in ("stay", "go"):
        app.locator(".st-key-panel_move button").first.click()
        expect(marks.nth(5)).to_be_attached(timeout=PATIENCE)
        expect(map_frame(app).locator(".legend")).to_contain_text("Có thể dời đến đây")
        settle(app)
        if way == "stay":
            app.keyboard.press("Escape")
            expect(marks).to_have_count(0, timeout=PATIENCE)
            settle(app)
    to = "Trung tâm Phòng, chống HIV/AIDS thành phố Cần Thơ"
    mark = map_frame(app).locator(f".place.other[aria-label*='{to}']")
    expect(mark).to_have_attribute("aria-label", re.compile(r"^Có thể dời đến đây: .* cách \d+,\d km"))
    mark.press("Enter")
    expect(app.locator(".lt-changed")).to_contain_text(f"sang {to}", timeout=PATIENCE)
    expect(app.locator(".st-key-panel h3")).to_have_text(to, timeout=PATIENCE)
    expect(map_frame(app).locator(".place.forbidden .never")).to_have_count(1, timeout=PATIENCE)
    expect(marks).to_have_count(0)
    settle(app)
    assert root.evaluate("() => window.survives") == "yes", "one map before, while and after it is solved"
