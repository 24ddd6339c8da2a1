"""What only a browser shows: the map, a slider that keeps it, two languages, a way out of a clash."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser import PATIENCE, map_frame, pick, rerun, settle

pytestmark = pytest.mark.browser

NUMBERS = ".lt-numbers"
SITES = ".lt-sites tbody tr"


@pytest.fixture
def app(guarded_page: Page, app_server: str) -> Page:
    """The app, solved, its map drawn and its comparison there."""
    guarded_page.goto(app_server)
    expect(_map(guarded_page).locator("path.commune").first).to_be_visible(timeout=PATIENCE)
    expect(guarded_page.locator(".lt-measure").first).to_be_visible(timeout=PATIENCE)
    settle(guarded_page)
    return guarded_page


def _map(page: Page) -> FrameLocator:
    return map_frame(page)


def _move(page: Page, key: str = "ArrowRight") -> None:
    with rerun(page):
        page.locator(".st-key-stage input").press(key)


def _toggle(page: Page, key: str) -> None:
    page.locator(".st-key-layers button").first.click()
    with rerun(page):
        page.locator(f".st-key-{key} label").first.click()
    page.keyboard.press("Escape")
    expect(page.locator(f".st-key-{key}")).to_have_count(0)


def _shades(page: Page) -> list[str]:
    return _map(page).locator("path.commune").evaluate_all("all => all.map((p) => p.getAttribute('fill'))")


def _choose(page: Page, scenario: str) -> None:
    with rerun(page):
        pick(page, page.locator(".st-key-scenario"), scenario, exact=True)


def test_the_page_opens_on_the_solved_plan(app: Page):
    expect(_map(app).locator("path.commune")).to_have_count(80)
    expect(_map(app).locator("path.group")).to_have_count(9)
    expect(_map(app).locator(".site")).to_have_count(10 + 2)
    expect(app.locator(NUMBERS)).to_contain_text("được phục vụ")
    expect(app.locator(".lt-strip")).to_contain_text("Tối ưu, đã chứng minh")
    expect(app.locator(".lt-measures")).to_contain_text("5.978")
    expect(app.locator(".lt-measures")).to_contain_text("6.532")
    expect(app.locator(".lt-measures")).to_contain_text("91,5 %")


def test_map_slider_and_numbers_fit_a_small_laptop(app: Page):
    for what in ('iframe[title^="streamlit_folium"]', ".st-key-stage", NUMBERS, ".lt-strip"):
        box = app.locator(what).bounding_box()
        assert box, what
        assert box["x"] >= 0, what
        assert box["y"] >= 0, what
        assert box["x"] + box["width"] <= 1366, what
        assert box["y"] + box["height"] <= 768, what
    frame = app.locator('iframe[title^="streamlit_folium"]').bounding_box()
    assert frame
    assert frame["height"] > 500
    drawn = [b for b in (p.bounding_box() for p in _map(app).locator("path.group").all()) if b]
    assert max(b["x"] + b["width"] for b in drawn) - min(b["x"] for b in drawn) > 0.85 * frame["width"]


def test_the_slider_changes_the_map_without_reloading_it(app: Page):
    root = _map(app).locator("html")
    root.evaluate("() => { window.survives = 'yes'; }")
    before, sites = _shades(app), app.locator(SITES).count()
    _move(app)
    expect(app.locator(".lt-head")).to_contain_text("2019")
    expect(_map(app).locator(".site")).to_have_count(10 + 8)
    expect(app.locator(SITES)).to_have_count(sites + 6)
    assert _shades(app) != before
    _move(app)
    expect(_map(app).locator(".site")).to_have_count(10 + 10)
    _move(app, "Home")
    expect(_map(app).locator(".site")).to_have_count(10 + 2)
    assert _shades(app) == before, "the first stage looks as it did"
    assert root.evaluate("() => window.survives") == "yes"


def test_switches_draw_links_and_the_published_order(app: Page):
    root = _map(app).locator("html")
    root.evaluate("() => { window.survives = 'yes'; }")
    _toggle(app, "links")
    expect(_map(app).locator("path.link").nth(20)).to_be_attached()
    names = app.locator(SITES).all_inner_texts()
    _toggle(app, "official")
    expect(app.locator(".lt-head")).to_contain_text("Lộ trình theo văn bản, 2018")
    expect(app.locator(SITES)).not_to_have_text(names)
    _toggle(app, "official")
    _toggle(app, "links")
    expect(_map(app).locator("path.link")).to_have_count(0)
    assert root.evaluate("() => window.survives") == "yes"


def test_english_loses_nothing(app: Page):
    root = _map(app).locator("html")
    root.evaluate("() => { window.survives = 'yes'; }")
    _move(app)
    with rerun(app):
        app.get_by_text("English", exact=True).click()
    expect(app.locator(".lt-head")).to_contain_text("Best plan, 2019")
    expect(app.locator("html")).to_have_attribute("lang", "en")
    expect(app.locator(NUMBERS)).to_contain_text("out of reach")
    expect(_map(app).locator(".legend")).to_contain_text("Persons out of reach, by commune")
    expect(_map(app).locator(".remark")).to_contain_text("Approximate boundaries")
    expect(_map(app).locator(".site")).to_have_count(10 + 8)
    assert root.evaluate("() => window.survives") == "yes"
    with rerun(app):
        app.get_by_text("Tiếng Việt", exact=True).click()
    expect(app.locator(".lt-head")).to_contain_text("Phương án tốt nhất, 2019")
    expect(app.locator("html")).to_have_attribute("lang", "vi")


def test_symbols_stand_where_the_sites_are(app: Page):
    """Each symbol is drawn where it was put: on its premises, beside another there, or led back by a line."""
    off = (
        _map(app)
        .locator("html")
        .evaluate(
            """() => window.map.loTrinh.sites.map(({marker, sign, leader, x, y}) => {
                const drawn = sign.querySelector('.halo').getBoundingClientRect();
                const place = window.map.latLngToContainerPoint(marker.getLatLng());
                const led = leader.x2.baseVal.value !== 0 || leader.y2.baseVal.value !== 0;
                const [midX, midY] = [drawn.x + drawn.width / 2, drawn.y + drawn.height / 2];
                return [midX - x, midY - y, Math.hypot(x - place.x, y - place.y), led];
            })"""
        )
    )
    assert len(off) == 12
    for dx, dy, aside, led in off:
        assert abs(dx) < 1.5
        assert abs(dy) < 1.5
        assert led or aside < 19
    assert sum(aside < 0.1 for *_, aside, _ in off) >= 6


def test_names_of_districts_cover_no_symbol(app: Page):
    _move(app, "End")
    edges = """all => all.map((e) => {
        const b = e.getBoundingClientRect();
        return [b.left, b.top, b.right, b.bottom];
    })"""
    symbols = _map(app).locator(".site .symbol").evaluate_all(edges)
    names = _map(app).locator(".group-name span").evaluate_all(edges)
    assert len(names) == 9

    def apart(one: list[float], other: list[float]) -> bool:
        beside = one[2] <= other[0] or other[2] <= one[0]
        return beside or one[3] <= other[1] + 2 or other[3] <= one[1] + 2

    assert all(apart(name, symbol) for name in names for symbol in symbols)
    assert all(apart(a, b) for n, a in enumerate(names) for b in names[:n])


def test_a_click_chooses_and_a_decision_is_solved_at_once(app: Page):
    _move(app, "End")
    names = _map(app).locator(".site").evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    wanted = "Cơ sở điều trị methadone quận Ninh Kiều"
    at = [n for n, name in enumerate(names) if name == wanted][-1]
    with rerun(app):
        _map(app).locator(".site .symbol").nth(at).click(force=True)
    expect(app.locator(".st-key-panel h3")).to_have_text(wanted)
    expect(app.locator(".st-key-panel")).to_contain_text("Người đến từ")
    expect(app.locator("tr.lt-chosen")).to_contain_text(wanted)
    expect(app.locator(".st-key-panel")).to_contain_text("Đặt cạnh", timeout=PATIENCE)
    expect(_map(app).locator(".chosen-ring")).to_have_count(1)
    expect(_map(app).locator("path.served").nth(3)).to_be_attached()
    assert "giai-doan=2020" in app.url
    assert "chon=site" in app.url
    app.locator(".st-key-panel_forbid button").first.click()
    expect(_map(app).locator(".place.forbidden .never")).to_have_count(1, timeout=PATIENCE)
    expect(app.locator(".lt-changed")).to_contain_text(f"không mở tư vấn tại {wanted}")
    settle(app)
    opened = app.locator(SITES).all_inner_texts()
    assert not any(wanted in row and "Tư vấn" in row for row in opened)
    with rerun(app):
        app.locator("tr[data-pick]").first.click()
    expect(_map(app).locator(".site .chosen-ring")).to_have_count(1)


def test_a_link_opens_the_same_view(guarded_page: Page, app_server: str):
    guarded_page.goto(f"{app_server}/?giai-doan=2019&chon=commune:31117&kich-ban=can_tho_2018_2020")
    expect(guarded_page.locator(".st-key-panel h3")).to_be_visible(timeout=PATIENCE)
    expect(guarded_page.locator(".lt-head")).to_contain_text("2019")
    expect(guarded_page.locator(".st-key-panel")).to_contain_text("Người có hồ sơ quản lý")


def test_hovering_tells_of_a_commune_and_of_a_site(app: Page):
    names = _map(app).locator(".site").evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    for n, name in enumerate(names):
        _map(app).locator(".site .symbol").nth(n).hover(force=True)
        expect(_map(app).locator(".note b")).to_have_text(name)
    _map(app).locator("path.commune").first.hover(force=True)
    expect(_map(app).locator(".note")).to_contain_text("Điểm gần nhất")
    expect(_map(app).locator(".note")).to_contain_text("ước tính")


def test_a_clash_is_explained_resolved_and_restored(app: Page):
    with rerun(app):
        app.get_by_text("English", exact=True).click()
    _choose(app, "Cần Thơ 2018–2020, as written")
    expect(app.get_by_role("heading", name="No plan keeps all rules")).to_be_visible(timeout=PATIENCE)
    expect(app.locator(".lt-clash").first).to_contain_text("can_tho_2018_2020 §III.1")
    expect(_map(app).locator("path.commune")).to_have_count(80)
    expect(_map(app).locator(".legend")).to_contain_text("Where the rules clash")
    app.get_by_role("button", name="Apply and solve again").first.click()
    expect(app.locator(".lt-changed")).to_be_visible(timeout=PATIENCE)
    expect(_map(app).locator("path.commune")).to_have_count(80, timeout=PATIENCE)
    expect(_map(app).locator(".site .symbol").nth(10 + 1)).to_be_visible(timeout=PATIENCE)
    settle(app)
    with rerun(app):
        app.get_by_role("button", name="Undo the change").click()
    expect(app.get_by_role("heading", name="No plan keeps all rules")).to_be_visible()
