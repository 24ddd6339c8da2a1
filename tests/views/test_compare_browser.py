"""What only a browser shows of comparing: two maps that move together, and a click that becomes a plan."""

from __future__ import annotations

import json
import time

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import PATIENCE, rerun, settle

pytestmark = pytest.mark.browser

CENTRE = """() => {
    const {lat, lng} = loTrinhPair.map.getCenter();
    return [lat.toFixed(6), lng.toFixed(6), loTrinhPair.map.getZoom()];
}"""
BOTH_DRAWN = """() => Array.from({length: window.frames.length}, (_, n) => window.frames[n])
    .filter((frame) => frame.loTrinhPair && frame.loTrinhPair.map).length === 2"""


@pytest.fixture
def compare(guarded_page: Page, app_server: str) -> Page:
    """The compare page, come to from the plan, with both maps drawn."""
    guarded_page.goto(app_server)
    expect(guarded_page.locator(".lt-numbers")).to_be_visible(timeout=PATIENCE)
    guarded_page.get_by_test_id("stTopNavLink").filter(has_text="So sánh").click()
    expect(guarded_page.locator(".lt-pair-head")).to_have_count(2, timeout=PATIENCE)
    settle(guarded_page)
    guarded_page.wait_for_function(BOTH_DRAWN, timeout=PATIENCE)
    return guarded_page


def maps(page: Page) -> list[Frame]:
    """The frames of the two maps."""
    frames = [
        element.content_frame()
        for element in page.locator("iframe[title^=streamlit_folium]").element_handles()
    ]
    return [frame for frame in frames if frame]


def same_view(one: Frame, other: Frame) -> None:
    """Both maps come to rest on the same view; a zoom is drawn out over some frames."""
    deadline = time.monotonic() + 30
    while one.evaluate(CENTRE) != other.evaluate(CENTRE):
        assert time.monotonic() < deadline, (one.evaluate(CENTRE), other.evaluate(CENTRE))
        one.wait_for_timeout(100)


def shades(frame: Frame) -> list[str]:
    return frame.locator("path.commune").evaluate_all("all => all.map((p) => p.getAttribute('fill'))")


def test_two_maps_move_together_under_one_slider(compare: Page) -> None:
    left, right = maps(compare)
    same_view(left, right)
    expect(left.locator("path.differs")).to_have_count(37)
    for one, other in ((left, right), (right, left)):
        before = other.evaluate(CENTRE)
        one.evaluate("() => { loTrinhPair.map.panBy([60, 25], {animate: false}); window.survives = 'yes'; }")
        one.locator(".leaflet-control-zoom-in").click()
        other.wait_for_function(f"was => JSON.stringify(({CENTRE})()) !== was", arg=json.dumps(before))
        same_view(one, other)
    first = [shades(frame) for frame in (left, right)]
    assert first[0] != first[1]
    with rerun(compare):
        compare.locator(".st-key-compare_stage input").press("End")
    expect(compare.locator(".lt-pair-head").last).to_contain_text("2020")
    left.wait_for_function("() => document.querySelectorAll('path.differs').length === 0")
    now = [shades(frame) for frame in (left, right)]
    assert now[0] == now[1] != first[0]
    assert [frame.evaluate("() => window.survives") for frame in (left, right)] == ["yes", "yes"]


def test_a_click_on_the_curve_becomes_the_plan(compare: Page) -> None:
    with rerun(compare):
        compare.locator(".st-key-compare_view").get_by_text("Đường cong").click()
    chart = compare.get_by_test_id("stVegaLiteChart")
    expect(chart).to_be_visible(timeout=PATIENCE)
    settle(compare)
    chart.click(position={"x": 300, "y": 120})  # the point nearest to it is taken
    expect(compare.locator(".st-key-curve_point")).to_contain_text("Nhiều nhất", timeout=PATIENCE)
    take = compare.locator(".st-key-curve_take button")
    expect(take).to_be_visible(timeout=PATIENCE)
    expect(compare.locator(".lt-pair-head").last).to_contain_text("Phương án của điểm đã chọn")
    wanted = compare.locator(".st-key-curve_point").inner_text().split(";")[0].rpartition(":")[2].strip()
    take.click()
    expect(compare.locator(".st-key-changed")).to_contain_text(wanted, timeout=PATIENCE)
    expect(compare.locator(".lt-numbers")).to_be_visible(timeout=PATIENCE)
    settle(compare)
