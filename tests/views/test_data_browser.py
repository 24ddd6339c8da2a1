"""Journeys on the data page in a real browser: a bad file, a good one, the map, the plan that uses it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from geo import boundaries, units
from tests.browser import PATIENCE, ROOT, map_frame, pick, rerun, serve, settle

pytestmark = pytest.mark.browser

CSV = "text/csv"
SECTIONS = {"counts": "Số người", "outlines": "Ranh giới", "premises": "Cơ sở đặt điểm"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app in a folder of its own: boundaries that are kept there are nobody else's."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(ROOT / "static", folder / "static", ignore=shutil.ignore_patterns("drawn"))
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    script = folder / "own.py"
    script.write_text(
        f"import pathlib, runpy, sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from geo import boundaries\nfrom views import plan_stage\n"
        "here = pathlib.Path(__file__).parent\n"
        "boundaries.FOLDER, plan_stage.STATIC = here / 'kept', here / 'static'\n"
        "boundaries.user_cache = lambda: here / 'cache'\n"
        f"runpy.run_path({str(ROOT / 'app.py')!r})\n",
        encoding="utf-8",
    )
    with serve(script, folder / "log.txt") as address:
        yield address


@pytest.fixture
def data(guarded_page: Page, server: str) -> Page:
    """The data page, come to from the plan."""
    guarded_page.goto(server)
    expect(guarded_page.locator(".lt-numbers")).to_be_visible(timeout=PATIENCE)
    settle(guarded_page)
    guarded_page.get_by_test_id("stTopNavLink").filter(has_text="Dữ liệu").click()
    expect(guarded_page.locator(".st-key-data_section")).to_be_visible(timeout=PATIENCE)
    expect(map_frame(guarded_page).locator("path.commune")).to_have_count(80, timeout=PATIENCE)
    settle(guarded_page)
    return guarded_page


def section(page: Page, name: str) -> None:
    with rerun(page):
        page.locator(".st-key-data_section").get_by_text(SECTIONS[name]).click()
    expect(map_frame(page).locator("path.commune")).to_have_count(80, timeout=PATIENCE)
    settle(page)


def upload(page: Page, name: str, content: str | bytes, kind: str = CSV) -> None:
    body = content.encode() if isinstance(content, str) else content
    expect(page.get_by_test_id("stFileUploaderDropzoneInput")).to_have_count(1, timeout=PATIENCE)
    with rerun(page):
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": name, "mimeType": kind, "buffer": body}
        )
    expect(page.get_by_test_id("stFileUploaderDropzoneInput")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_test_id("stFileUploaderFile")).to_have_count(0, timeout=PATIENCE)
    settle(page)


def sheet(*, rename: tuple[str, str] = ("", ""), add: str = "") -> str:
    """Counts of all communes of Cần Thơ, 10 and more; one of them may be called something else."""
    communes = units.communes("92", "2025-01")
    lines = ["STT,Quận huyện,Xã phường,Số người có hồ sơ quản lý"]
    for n, row in enumerate(communes.itertuples(), 1):
        name = str(row.commune).replace(*rename) if rename[0] else row.commune
        lines.append(f"{n},{row.district!s},{name!s},{10 + n}")
    return "\n".join([*lines, add]).strip() + "\n"


TOTAL = sum(10 + n for n in range(1, 81))


def test_a_bad_sheet_is_refused_mended_and_then_planned_with(data: Page):
    page = data
    people = "Họ và tên,Ngày sinh,Xã\n" + "\n".join(f"Nguyễn Văn {n},01/02/1990,An Khánh" for n in "ABCDEF")
    upload(page, "danh_sach.csv", people)
    expect(page.get_by_test_id("stAlert")).to_contain_text("Dữ liệu trước đó vẫn giữ nguyên")
    expect(page.locator(".lt-problems")).to_be_visible()
    assert "Nguyễn Văn" not in page.locator("body").inner_text(), "no person's name is repeated"
    expect(page.get_by_text("Kịch bản đang tính 2.630 người")).to_be_visible()

    upload(page, "so_lieu.csv", sheet(rename=("Phường An Khánh", "Phường Ăn Khách")))
    expect(page.locator(".lt-facts")).to_contain_text("79 trên 80")
    expect(page.get_by_text("1 hàng chưa rõ là xã nào")).to_be_visible()
    expect(page.locator(".st-key-counts_use button").first).to_be_disabled()
    pick(page, page.locator('[class*="st-key-counts_join_"]').last, "31149")
    with rerun(page):
        page.get_by_role("button", name="Khớp", exact=True).click()
    expect(page.locator(".lt-facts")).to_contain_text("80 trên 80")
    expect(page.locator(".lt-facts")).to_contain_text(f"{TOTAL:,}".replace(",", "."))
    expect(map_frame(page).locator(".remark")).not_to_contain_text("ước tính")
    map_frame(page).locator("path.commune").first.hover(force=True)
    expect(map_frame(page).locator(".note")).to_contain_text("Có hồ sơ quản lý")
    with rerun(page):
        page.locator(".st-key-counts_use button").first.click()
    expect(page.locator(".lt-changed")).to_contain_text("so_lieu.csv")

    page.get_by_test_id("stTopNavLink").filter(has_text="Kế hoạch").click()
    expect(page.get_by_text(f"trên {TOTAL:,} người".replace(",", "."))).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".lt-changed")).to_contain_text("so_lieu.csv")
    settle(page)


def test_own_boundaries_are_checked_and_used_on_the_map(data: Page, tmp_path: Path):
    page = data
    section(page, "outlines")
    upload(page, "xa.geojson", '{"type": "FeatureCollection", "features": []}', "application/geo+json")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Dữ liệu trước đó vẫn giữ nguyên")
    cells = boundaries.draw("92").rename(columns={"commune_code": "ma_xa"})
    cells.to_crs(9210).to_file(tmp_path / "xa.gpkg")
    upload(page, "xa.gpkg", (tmp_path / "xa.gpkg").read_bytes(), "application/octet-stream")
    expect(page.get_by_text("Đọc được từ xa.gpkg")).to_be_visible()
    with rerun(page):
        page.locator(".st-key-outlines_use button").click()
    settle(page)
    expect(page.locator(".lt-credit")).to_contain_text("xa.gpkg")
    expect(map_frame(page).locator(".remark")).not_to_contain_text("gần đúng")
    with rerun(page):
        page.locator(".st-key-outlines_forget button").click()
    expect(page.locator(".lt-credit")).to_contain_text("ranh giới gần đúng")
    settle(page)


def test_a_point_is_moved_by_a_click_on_the_map_and_stays_there(data: Page):
    page = data
    section(page, "premises")
    expect(map_frame(page).locator(".site")).to_have_count(90)
    with rerun(page):
        chosen = page.locator('[class*="st-key-premises_chosen_"]')
        pick(page, chosen, "quận Ô Môn", typed="methadone quận Ô Môn")
    expect(page.locator(".st-key-premises_put button").first).to_be_disabled()
    before = page.get_by_label("Vĩ độ").input_value()
    box = page.locator('iframe[title^="streamlit_folium"]').bounding_box()
    assert box
    with rerun(page):
        page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.5)
    expect(page.locator(".st-key-premises_put button").first).to_be_enabled(timeout=PATIENCE)
    settle(page)
    after = page.get_by_label("Vĩ độ").input_value()
    assert after != before
    with rerun(page):
        page.locator(".st-key-premises_put button").first.click()
    expect(page.locator(".lt-changed")).to_contain_text("vị trí mới")
    with rerun(page):
        page.get_by_text("English", exact=True).click()
    expect(page.get_by_label("Latitude")).to_have_value(after)
    settle(page)


def test_a_table_of_premises_is_told_what_is_wrong_and_then_taken(data: Page):
    page = data
    section(page, "premises")
    rows = ["Tên cơ sở,Loại,Xã,Huyện,Đơn vị đồng ý", "TTYT Cờ Đỏ,TTYT,TT Cờ Đỏ,Cờ Đỏ,có"]
    upload(page, "co_so.csv", "\n".join([*rows, "Phòng khám A,Phòng khám,Cái Khế,Ninh Kiều,chắc là có"]))
    expect(page.locator(".lt-problems")).to_contain_text("co_so.csv!E3")
    expect(page.locator(".lt-problems")).to_contain_text("co_so.csv!B3")
    upload(page, "co_so.csv", "\n".join([*rows, "Phòng khám A,Phòng khám,Cái Khế,Ninh Kiều,có"]))
    pick(page, page.locator('[class*="st-key-premises_type_"]'), "Bệnh viện")
    with rerun(page):
        page.locator('[class*="st-key-premises_types"], [data-testid="stForm"]').get_by_role(
            "button", name="Đọc lại", exact=True
        ).click()
    expect(page.get_by_text("2 cơ sở: 2 mới")).to_be_visible()
    with rerun(page):
        page.locator(".st-key-premises_use button").first.click()
    expect(page.locator(".lt-changed")).to_contain_text("2 cơ sở từ co_so.csv")
    expect(map_frame(page).locator(".site")).to_have_count(92)
    settle(page)


def test_what_is_to_be_mended_leads_to_where_it_is_mended_by_the_keyboard(data: Page):
    with rerun(data):
        data.locator(".st-key-data_section").get_by_text("Cần bổ sung").click()
    leads = data.locator(".lt-quality [data-pick=premises]").first
    expect(leads).to_be_visible(timeout=PATIENCE)
    settle(data)
    leads.focus()
    with rerun(data):
        data.keyboard.press("Enter")
    expect(data.locator(".st-key-premises_template")).to_be_visible(timeout=PATIENCE)
    settle(data)


def test_the_pages_keep_clear_of_the_language_at_150_per_cent(data: Page):
    data.set_viewport_size({"width": 911, "height": 512})
    expect(data.locator(".lt-brand span")).to_be_hidden()
    data.get_by_test_id("stTopNavLink").last.click()  # fails where something lies over it
    expect(data).to_have_url(re.compile("gioi-thieu"), timeout=PATIENCE)
    settle(data)
