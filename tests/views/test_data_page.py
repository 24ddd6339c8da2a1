"""The data page without a browser: what is taken, refused, kept and said; places and boundaries are real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from errors import DataError, Problem
from geo import boundaries, downloads, health_places, units
from planner import geography
from scenarios import reading
from tests.views.page import SLOW
from text import LANGS
from views import asked, data_place

SCRIPT = """
import streamlit as st
from views import data_page, frame

frame.open_page()
data_page.show()
"""
FIRST = reading.SHOWN_FIRST.stem


class Brought:
    """A file as Streamlit hands it over."""

    def __init__(self, name: str, content: str | bytes) -> None:
        self.name = name
        self._content = content.encode() if isinstance(content, str) else content

    def getvalue(self) -> bytes:
        return self._content


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Brought]:
    """Files by section that the next run finds chosen, each once; boundaries in a folder apart."""
    files: dict[str, Brought] = {}

    def chooser(_label: str, *, key: str, **_: Any) -> Brought | None:
        return files.pop(key.removeprefix("data_upload_").rpartition("_")[0], None)

    monkeypatch.setattr(st, "file_uploader", chooser)
    monkeypatch.setattr(boundaries, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(boundaries, "user_cache", lambda: tmp_path / "cache")
    st.cache_resource.clear()
    return files


def opened(section: str = "counts") -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=SLOW).run()
    return shown(app, section) if section != "counts" else sound(app)


def shown(app: AppTest, section: str) -> AppTest:
    return sound(app.segmented_control(key="data_section").set_value(section).run())


def sound(app: AppTest) -> AppTest:
    assert not app.exception, [e.value for e in app.exception]
    return app


def brought(
    app: AppTest, files: dict[str, Brought], section: str, name: str, content: str | bytes
) -> AppTest:
    files[section] = Brought(name, content)
    return sound(app.run())


def submitted(app: AppTest, key: str, value: str, button: str) -> AppTest:
    """Choose in a form and press its button; AppTest does not send what is chosen in a form by itself."""
    app.session_state[key] = value
    return sound(next(b for b in app.button if b.label == button).click().run())


def text(app: AppTest) -> str:
    parts = [part.proto.body for part in app.get("html")]
    kinds = ("caption", "markdown", "warning", "error", "info")
    parts += [element.value for kind in kinds for element in getattr(app, kind)]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", "\n".join(parts)))


def scenario(app: AppTest) -> Any:
    found = reading.load(reading.SHOWN_FIRST)
    for change in app.session_state[asked.CHANGES][reading.SHOWN_FIRST.name].now:
        found = reading.changed(found, change.patch)
    return found


COMMUNES = units.communes("92", "2025-01")


def counts(skip: int = 0, **other: str) -> str:
    lines = ["Mã xã;Xã;Số người"]
    rows = list(zip(COMMUNES["commune_code"], COMMUNES["commune"], strict=True))
    for n, (code, name) in enumerate(rows[skip:]):
        lines.append(f"{code};{name};{other.get(f'c{code}', n + 5)}")
    return "\n".join(lines)


# --- counts --------------------------------------------------------------------------------------


def test_it_opens_on_what_the_scenario_counts(chosen):
    app = opened()
    assert "Kịch bản đang tính 2.630 người ở 80 xã" in text(app)
    assert "Số của 80 xã là ước tính" in text(app)


def test_counts_are_understood_then_used_and_can_be_taken_back(chosen):
    app = brought(opened(), chosen, "counts", "so_lieu.csv", counts())
    assert "khớp theo mã 80" in text(app)
    assert asked.CHANGES not in app.session_state, "nothing is used before the user says so"
    sound(app.button(key="counts_use").click().run())
    persons = scenario(app).registered_persons
    assert sum(persons.by_commune.persons.values()) == persons.total.value == sum(range(5, 85))
    assert not geography.places(scenario(app)).communes["persons_estimated"].any()
    assert "so_lieu.csv" in text(app)
    sound(app.button(key="undo").click().run())
    assert "2.630 người" in text(app)


def test_new_counts_replace_those_of_the_file_before(chosen):
    app = brought(opened(), chosen, "counts", "mot.csv", counts())
    app.button(key="counts_use").click().run()
    app = brought(app, chosen, "counts", "hai.csv", counts(skip=3))
    sound(app.button(key="counts_use").click().run())
    assert len(scenario(app).registered_persons.by_commune.persons) == 77


def test_a_table_about_persons_leaves_no_trace(chosen):
    people = "Họ và tên;Ngày sinh;Xã\n" + "\n".join(f"Nguyễn Văn {n};01/02/1990;An Khánh" for n in "ABCDE")
    app = brought(opened(), chosen, "counts", "danh_sach.csv", people)
    assert "Dữ liệu trước đó vẫn giữ nguyên" in text(app)
    assert "Nguyễn Văn" not in text(app)
    assert f"data_counts_{FIRST}" not in app.session_state
    kept = app.session_state["data_turn_counts"], app.session_state[f"data_refusal_{FIRST}"].say("vi")
    assert "Nguyễn" not in repr(kept)


def test_persons_that_show_only_once_a_column_is_chosen_leave_no_trace_either(chosen):
    rows = "\n".join(f"An Khánh;1;{n}" for n in range(9))
    app = brought(opened(), chosen, "counts", "a.csv", "Xã;Số người 1;Số người 2\n" + rows)
    assert app.session_state[f"data_counts_{FIRST}"].report is None
    submitted(app, "counts_role_persons_a.csv", "B", "Đọc lại với các cột này")
    assert f"data_counts_{FIRST}" not in app.session_state
    assert "Dữ liệu trước đó vẫn giữ nguyên" in text(app)


def test_a_bad_file_leaves_the_one_before(chosen):
    app = brought(opened(), chosen, "counts", "tot.csv", counts())
    app = brought(app, chosen, "counts", "hong.xlsx", b"not a workbook")
    assert "Tệp không dùng được" in text(app)
    assert "Đọc được từ tot.csv" in text(app)
    assert not app.button(key="counts_use").disabled


def test_a_row_without_a_commune_is_joined_by_hand_and_remembered(chosen):
    sheet = counts().replace("31149;Phường An Khánh", ";Phường Ăn Khách")
    app = brought(opened(), chosen, "counts", "a.csv", sheet)
    assert app.button(key="counts_use").disabled
    row = next(box for box in app.selectbox if str(box.key).startswith("counts_join_"))
    assert "31149" in row.options[0] or any("31149" in option for option in row.options)
    submitted(app, str(row.key), "31149", "Khớp")
    assert not app.button(key="counts_use").disabled
    app.button(key="counts_use").click().run()
    app = brought(app, chosen, "counts", "b.csv", sheet)
    assert not app.button(key="counts_use").disabled, "the next file is read with what was said"


def test_totals_that_do_not_add_up_are_told(chosen):
    app = brought(opened(), chosen, "counts", "a.csv", counts() + "\n;Tổng cộng;99999")
    assert "99.999" in text(app)
    assert "3.560" in text(app)


def test_communes_without_a_count_stay_unknown_until_somebody_says_zero(chosen):
    app = brought(opened(), chosen, "counts", "a.csv", counts(skip=2))
    assert "2 xã chưa có số" in text(app)
    sound(app.toggle(key="counts_zero").set_value(True).run())
    sound(app.button(key="counts_use").click().run())
    assert len(scenario(app).registered_persons.by_commune.persons) == 80


def test_corrections_typed_into_the_table_are_checked_like_a_file(chosen):
    place = data_place.Place(
        path=reading.SHOWN_FIRST, scenario=reading.load(reading.SHOWN_FIRST), lang="vi",
        places=geography.places(reading.load(reading.SHOWN_FIRST)),
        outlines=geography.outlines(reading.load(reading.SHOWN_FIRST)),
    )  # fmt: skip
    from geo.intake import counts as reader
    from views import data_counts

    persons = {"31117": 12, "31120": 0}
    report = reader.read("tay.csv", data_counts._sheet(place, persons), COMMUNES, vintage="2025-01")
    assert report.persons == persons
    patch = data_counts.counts_patch(place, report)
    found = reading.changed(place.scenario, patch).registered_persons
    assert found.by_commune.persons == persons
    assert found.total.value == 2630, "the document's total stays while communes are missing"


# --- boundaries ----------------------------------------------------------------------------------


@pytest.fixture
def cells(tmp_path: Path) -> bytes:
    path = tmp_path / "xa.gpkg"
    boundaries.draw("92").to_crs(9210).rename(columns={"commune_code": "ma"}).to_file(path)
    return path.read_bytes()


def test_own_boundaries_are_used_with_their_licence_and_can_be_removed(chosen, cells):
    app = brought(opened("outlines"), chosen, "outlines", "xa.gpkg", cells)
    assert "Đọc được từ xa.gpkg" in text(app)
    assert "ranh giới gần đúng" in text(app), "not used yet"
    app.text_input(key="outlines_licence").set_value("Nội bộ").run()
    sound(app.button(key="outlines_use").click().run())
    assert "xa.gpkg" in text(app)
    assert "Nội bộ" in text(app)
    assert boundaries.outlines("92", "2025-01").origin == "own"
    sound(app.button(key="outlines_forget").click().run())
    assert boundaries.outlines("92", "2025-01").approximate


def test_bad_boundaries_leave_those_in_use(chosen):
    app = brought(opened("outlines"), chosen, "outlines", "xa.gpkg", b"SQLite format 3\x00 but no more")
    assert "Dữ liệu trước đó vẫn giữ nguyên" in text(app)
    assert boundaries.outlines("92", "2025-01").approximate


def test_nothing_is_downloaded_before_the_button_is_pressed(chosen, monkeypatch):
    asked_for: list[tuple[str, ...]] = []

    def fetch(*args: str, **_: Any) -> Any:
        asked_for.append(args)
        raise DataError(Problem("download.nothing", "here", {"host": "here"}))

    monkeypatch.setattr(downloads, "fetch", fetch)
    monkeypatch.setattr(health_places, "fetch", fetch)
    app = opened("outlines")
    shown(app, "premises")
    shown(app, "outlines")
    assert asked_for == []
    assert "Cần Internet" in text(app)
    app.button(key="outlines_go").click().run()
    for _ in range(20):
        if "Không tải được" in text(app):
            break
        app.run()
    assert asked_for == [("osm", "92", "2025-01")]


# --- premises ------------------------------------------------------------------------------------

HEAD = "Tên cơ sở;Loại;Xã;Huyện"


def test_a_table_of_premises_goes_into_the_scenario(chosen):
    app = brought(opened("premises"), chosen, "premises", "cs.csv", f"{HEAD}\nTTYT Cờ Đỏ;TTYT;TT Cờ Đỏ;Cờ Đỏ")
    assert "1 cơ sở: 1 mới" in text(app)
    sound(app.button(key="premises_use").click().run())
    assert "ttyt_co_do" in scenario(app).premises.named


def test_what_is_wrong_with_a_table_of_premises_is_told_with_its_cell(chosen):
    app = brought(opened("premises"), chosen, "premises", "cs.csv", f"{HEAD}\nA;TTYT;Không Có;")
    assert "cs.csv!C2" in text(app)
    assert not [b for b in app.button if b.key == "premises_use"]


def test_a_point_is_moved_by_its_numbers(chosen):
    app = opened("premises")
    app.selectbox(key=f"premises_chosen_{FIRST}").set_value("o_mon").run()
    sound(app.number_input(key="premises_lat_o_mon").set_value(10.111).run())
    sound(app.button(key="premises_put").click().run())
    assert scenario(app).premises.named["o_mon"].lat == 10.111
    shown(app, "counts")
    shown(app, "premises")
    assert scenario(app).premises.named["o_mon"].lat == 10.111


# --- what to mend next ---------------------------------------------------------------------------


def test_the_quality_list_names_what_matters_first(chosen):
    app = opened("quality")
    said = text(app)
    wanted = (
        "Methadone chỉ dùng",
        "80 trên 80 xã dùng số ước tính",
        "trạm y tế là giả định",
        "Ranh giới xã là gần đúng",
    )
    order = [said.index(words) for words in wanted]
    assert order == sorted(order)
    shown(app, "counts")
    app = brought(app, chosen, "counts", "a.csv", counts())
    app.button(key="counts_use").click().run()
    assert "xã dùng số ước tính" not in text(shown(app, "quality"))


def test_a_file_that_waits_to_be_used_is_on_the_list(chosen):
    app = brought(opened(), chosen, "counts", "a.csv", counts().replace("31149;Phường An Khánh", ";Ăn Khách"))
    assert "a.csv: 1 hàng chưa rõ là xã nào" in text(shown(app, "quality"))


# --- the page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ["counts", "outlines", "premises", "quality"])
def test_every_section_speaks_both_languages(chosen, section):
    app = opened(section)
    vietnamese = text(app)
    sound(app.segmented_control(key="lang").set_value("en").run())
    assert LANGS == ("vi", "en")
    assert text(app) != vietnamese
    assert app.segmented_control(key="data_section").value == section


def test_a_nation_of_provinces_says_what_it_does_not_take(chosen):
    app = opened()
    nation = next(option for option in app.selectbox(key="scenario").options if "2012" in option)
    app.selectbox(key="scenario").select(nation).run()
    for section in ("counts", "outlines", "premises", "quality"):
        shown(app, section)


def test_the_counts_of_a_nation_are_its_provinces(chosen, monkeypatch):
    typed: dict[str, int | None] = {}

    def editor(frame: Any, **_: Any) -> Any:
        """As somebody types into the table: what is typed stays in the box until it is taken."""
        return frame.assign(
            persons=[typed.get(code, n) for code, n in zip(frame.code, frame.persons, strict=True)]
        )

    monkeypatch.setattr(st, "data_editor", editor)
    app = opened()
    nation = next(option for option in app.selectbox(key="scenario").options if "2012" in option)
    sound(app.selectbox(key="scenario").select(nation).run())
    assert "149.900 người có hồ sơ quản lý ở 63 tỉnh, thành phố" in text(app)
    assert "Số của 63 nơi còn lại là ước tính" in text(app)
    typed |= {"01": 20_000, "79": 18_000}
    sound(app.run())
    sound(app.button(key="nation_use").click().run())
    made = app.session_state[asked.CHANGES]["national_2012_2015.yaml"].now[-1].patch["registered_persons"]
    assert {code: given["persons"] for code, given in made["by_group"].items()} == typed
    assert {given["source"] for given in made["by_group"].values()} == {"user"}
    assert "total" not in made  # what is typed stands within the nation's total
    assert "có số riêng: 2. Số của 61 nơi" in text(app)
    assert "nation_use" not in [button.key for button in app.button]
    said = text(shown(app, "quality"))
    assert "61 trên 63 tỉnh, thành phố dùng số ước tính" in said
    assert not re.search(r"\d xã|Ranh giới xã", said)
    assert re.search(r"fair_2012 = 0,\d+", said)  # a number as the page writes them


def test_names_that_are_code_are_shown_and_not_run(chosen):
    payload = "<img src=x onerror=alert(1)> {{ cycler }}"
    app = brought(opened("premises"), chosen, "premises", "cs.csv", f"{HEAD}\n{payload};TTYT;Cái Khế;")
    sound(app.button(key="premises_use").click().run())
    name = next(p.name for k, p in scenario(app).premises.named.items() if k.startswith("img"))
    assert "<" not in name
    assert "{" not in name


# --- travel --------------------------------------------------------------------------------------


def minutes_table(n: int = 10_000) -> str:
    """A table of ten minutes from each commune to each premises of the first scenario."""
    places = geography.places(reading.load(reading.SHOWN_FIRST))
    pairs = [(c, p) for c in places.communes["commune_code"] for p in places.premises["premises"]]
    return "\n".join(["from,to,minutes", *(f"{c},{p},10" for c, p in pairs[:n])])


def test_a_table_of_minutes_is_looked_at_then_used_and_can_be_left_again(chosen, tmp_path, monkeypatch):
    monkeypatch.setenv("LO_TRINH_TRAVEL", str(tmp_path / "travel"))
    app = brought(opened("roads"), chosen, "roads", "phút.csv", minutes_table())
    assert "Tệp phút.csv" in text(app)
    sound(app.button(key="roads_use").click().run())
    assert asked.scenario(reading.SHOWN_FIRST) is not None
    assert "Thời gian đi: theo tệp phut_" in text(app)
    sound(app.button(key="roads_forget").click().run())
    assert "Thời gian đi: tính theo đường chim bay" in text(app)


def test_a_table_with_gaps_is_refused_with_its_pairs(chosen):
    app = brought(opened("roads"), chosen, "roads", "phut.csv", minutes_table(50))
    assert app.button(key="roads_use").disabled
    assert "phut.csv" in text(app)


def test_figures_that_no_roads_can_tell_are_asked_for(chosen):
    roads = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"highway": "primary"},'
    )
    roads += '"geometry": {"type": "LineString", "coordinates": [[105.7, 10.0], [105.8, 10.1]]}}]}'
    app = brought(opened("roads"), chosen, "roads", "duong.geojson", roads)
    assert "kịch bản chưa có: xin điền rồi đọc lại" in " ".join(i.value for i in app.info)
    assert app.button(key="roads_use").disabled
