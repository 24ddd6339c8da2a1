"""Premises from tables and layers as offices write them, and everything that can be wrong with them."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest

from errors import DataError, ScenarioError
from geo.intake import grids, premises_files, premises_rows, premises_table, premises_words
from geo.intake.premises_table import LEFT_OUT
from geo.names import split_type
from planner import geography
from scenarios import reading
from tests.geo.intake.outline_samples import VN2000, province, written
from text import LANGS, catalogue

SCENARIO = reading.load(reading.FOLDER / "can_tho_2018_2020_as_written.yaml")
COMMUNES = premises_table.listed(SCENARIO)
HEAD = "Tên cơ sở;Loại;Xã;Huyện"


def understood(text, *, name="co_so.csv", scenario=SCENARIO, types=None, polygons=None, approximate=True):
    grid, columns = premises_table.find(grids.read(name, text.encode()), scenario)
    return premises_table.read(
        grid, columns, scenario, communes=COMMUNES, types=types, polygons=polygons, approximate=approximate
    )


def refused(text, **options):
    with pytest.raises(DataError) as caught:
        understood(text, **options)
    said = [caught.value.say(lang) for lang in LANGS]
    assert said[0] != said[1]
    return caught.value.problems


def by_id(scenario, rows):
    change = premises_rows.change(scenario, rows)
    return reading.changed(scenario, change.patch).premises.named, change


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "type_"),
    [
        ("TTYT", "district_health_centre"), ("Trung tâm Y tế huyện Cờ Đỏ", "district_health_centre"),
        ("Bệnh viện", "hospital"), ("BVĐK", "hospital"), ("hospital", "hospital"),
        ("Trạm y tế", "health_station"), ("TYT xã", "health_station"), ("tram y te", "health_station"),
        ("Trung tâm phòng, chống HIV/AIDS", "hiv_centre"), ("TT PC HIV/AIDS", "hiv_centre"),
        ("Cơ sở cai nghiện ma túy", "rehab_centre"), ("Rehabilitation centre", "rehab_centre"),
        ("Phòng khám", None), ("Nhà văn hóa", None), ("CDC", None),
    ],
)  # fmt: skip
def test_kinds_of_host_in_the_words_of_offices(said, type_):
    assert premises_words.type_meant(said, SCENARIO) == type_


@pytest.mark.parametrize(
    ("cell", "meant"),
    [("Có", True), ("x", True), ("đạt", True), (1, True), ("✓", True), ("Không", False), ("chưa đạt", False),
     (0, False), (None, None), ("", None), ("-", None), ("chưa kiểm tra", None)],
)  # fmt: skip
def test_yes_no_and_nothing(cell, meant):
    assert premises_words.yes_or_no(cell) is meant


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (10.0352, 10.0352),
        ("10,0352", 10.0352),
        ("105.7801", 105.7801),
        ("10°02'06.7\"N", 10.035194),
        (None, None),
    ],
)
def test_degrees_as_they_are_written(cell, value):
    assert premises_words.degrees(cell) == (None if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize(
    "cell", ["10.02, 105.75", "10.02; 105.75", "10.02 105.75", "10,02; 105,75", "10.02,105.75"]
)
def test_a_point_in_one_cell(cell):
    assert premises_words.point(cell) == (10.02, 105.75)


@pytest.mark.parametrize(
    ("cell", "stage"),
    [("2019", "2019"), (2019, "2019"), (2020.0, "2020"), ("năm 2019", "2019"), (2015, "2018"), (None, None)],
)
def test_stages_by_their_years(cell, stage):
    assert premises_words.stage(cell, SCENARIO) == stage


def test_kinds_in_a_list_even_with_commas_of_their_own():
    label = SCENARIO.kinds["counselling"].label.vi
    assert "," in label
    assert premises_words.kinds(f"Cấp phát; {label}", SCENARIO) == ("dispensing", "counselling")
    assert premises_words.kinds(f"Cấp phát, {label}", SCENARIO) == ("dispensing", "counselling")
    assert premises_words.kinds("không", SCENARIO) == ()


# --- a table -------------------------------------------------------------------------------------

TABLE = """DANH SÁCH CƠ SỞ
STT;Tên cơ sở;Loại hình cơ sở;Xã, phường;Quận, huyện;Địa chỉ;Tọa độ;Loại điểm đang có;Công suất;Phòng sinh hoạt nhóm;Đơn vị đồng ý;Sẵn sàng từ
1;TYT phường An Khánh;TYT;An Khánh;Ninh Kiều;Số 1;10.025, 105.745;;;có;x;2019
2;BVĐK Ô Môn;Bệnh viện;P. Châu Văn Liêm;Ô Môn;;;Cấp phát;120;không;không;
3;TTYT huyện Cờ Đỏ;TTYT;TT Cờ Đỏ;H. Cờ Đỏ;;;;;;;
"""  # noqa: E501


def test_a_table_becomes_premises_of_the_scenario():
    found = understood(TABLE)
    named, change = by_id(SCENARIO, found.rows)
    assert change.new == ("bvdk_o_mon", "ttyt_huyen_co_do")
    assert change.altered == ("tyt-31149",)
    station = named["tyt-31149"]
    assert (station.type, station.commune, station.lat, station.lon) == (
        "health_station",
        "31149",
        10.025,
        105.745,
    )
    assert (station.address, station.ready_from, station.consent) == ("Số 1", "2019", True)
    hospital = named["bvdk_o_mon"]
    assert (hospital.existing, hospital.capacity["dispensing"].value, hospital.consent) == (
        ("dispensing",),
        120,
        False,
    )
    sources = {
        part.source for key in ("tyt-31149", "bvdk_o_mon", "ttyt_huyen_co_do") for part in (named[key],)
    }
    assert sources == {"user"}
    new = reading.changed(SCENARIO, change.patch)
    assert new.criteria["group_room"].answers == {"tyt-31149": True, "bvdk_o_mon": False}
    places = geography.places(new).premises.set_index("premises")
    assert len(places) == 92
    assert not places.loc["tyt-31149", "assumed"]


def test_a_scenario_with_premises_of_a_table_is_written_and_read_back(tmp_path):
    new = reading.changed(SCENARIO, premises_rows.change(SCENARIO, understood(TABLE).rows).patch)
    path = tmp_path / "new.yaml"
    path.write_text(reading.written(new), encoding="utf-8")
    assert reading.load(path).premises == new.premises


def test_the_template_comes_back_without_changing_anything():
    for lang in LANGS:
        content = premises_rows.template(SCENARIO, lang)
        grid, columns = premises_table.find(grids.read("mau.xlsx", content), SCENARIO)
        assert set(premises_rows.template_roles(SCENARIO)) == set(columns.of)
        found = premises_table.read(grid, columns, SCENARIO, communes=COMMUNES)
        change = premises_rows.change(SCENARIO, found.rows)
        assert change.patch == {}
        assert len(change.untouched) == 90
        assert found.notes == ()


def test_what_a_document_says_is_named_where_it_is_overruled():
    row = f"{HEAD};Vĩ độ;Kinh độ\nCơ sở điều trị methadone quận Ô Môn;;;;10.11;105.62"
    named, _ = by_id(SCENARIO, understood(row).rows)
    place = named["o_mon"]
    assert (place.lat, place.lon, place.source, place.commune_source) == (10.11, 105.62, "user", "user")
    assert place.existing == ("treatment",)
    assert place.note
    assert "can_tho_2018_2020 §I" in place.note.vi
    assert "vị trí" in place.note.vi


def test_a_second_health_station_of_a_commune_is_told():
    found = understood(
        f"{HEAD}\nTYT An Khánh;TYT;An Khánh;Ninh Kiều\nPhân trạm An Khánh;TYT;An Khánh;Ninh Kiều"
    )
    assert [row.id for row in found.rows] == ["tyt-31149", "phan_tram_an_khanh"]
    assert "thứ hai" in found.notes[0][1].vi


def test_words_are_explained_or_left_out_by_the_user():
    table = f"{HEAD}\nPhòng khám A;Phòng khám;Cái Khế;\nNhà B;Nhà văn hóa;Cái Khế;"
    grid, columns = premises_table.find(grids.read("t.csv", table.encode()), SCENARIO)
    assert premises_table.unclear_types(grid, columns, SCENARIO) == ["Phòng khám", "Nhà văn hóa"]
    found = understood(table, types={"Phòng khám": "hospital", "Nhà văn hóa": LEFT_OUT})
    assert [(row.id, row.type) for row in found.rows] == [("phong_kham_a", "hospital")]
    assert any("1" in note.vi for _, note in found.notes)


def test_columns_are_chosen_by_letter_or_heading():
    _, columns = premises_table.find(grids.read("t.csv", b"Ten;Cot X;Xa\nA;TTYT;Cai Khe"), SCENARIO)
    assert columns.ignored() == ["Cot X"]
    columns = premises_table.chosen(columns, {"type": "B"}, SCENARIO, "t.csv")
    assert columns.of["type"] == 1
    assert premises_table.chosen(columns, {"type": ""}, SCENARIO, "t.csv").of.get("type") is None
    with pytest.raises(DataError) as caught:
        premises_table.chosen(columns, {"typ": "B", "name": "Z"}, SCENARIO, "t.csv")
    assert {p.code for p in caught.value.problems} == {"premises.no_such_role", "premises.no_such_column"}
    assert "t.csv" in caught.value.say("vi")


# --- where ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def polygons():
    frame = province("92").to_crs(4326)
    return gpd.GeoDataFrame({"commune_code": frame["ma_xa"]}, geometry=frame.geometry, crs=4326)


def test_a_point_without_a_commune_lies_in_one(polygons):
    inside = polygons.set_index("commune_code").loc["31222"].geometry.representative_point()
    table = f"Tên;Loại;lat;lon\nBV A;BV;{inside.y};{inside.x}"
    assert understood(table, polygons=polygons).rows[0].commune == "31222"


def test_without_polygons_the_nearest_commune_counts():
    at = COMMUNES.set_index("commune_code").loc["31222"]
    table = f"Tên;Loại;lat;lon\nBV A;BV;{at['lat'] + 0.001};{at['lon']}"
    assert understood(table).rows[0].commune == "31222"


def test_a_point_outside_its_stated_commune_is_told(polygons):
    inside = polygons.set_index("commune_code").loc["31222"].geometry.representative_point()
    table = f"Tên;Loại;Mã xã;lat;lon\nBV A;BV;31117;{inside.y};{inside.x}"
    found = understood(table, polygons=polygons, approximate=False)
    assert found.rows[0].commune == "31117", "what the office says stands"
    assert "km" in found.notes[0][1].vi
    assert "gần đúng" not in found.notes[0][1].vi
    assert "gần đúng" in understood(table, polygons=polygons).notes[0][1].vi


def test_a_moved_point_stays_moved():
    scenario = SCENARIO
    for lat in (10.12, 10.13):
        for id_ in ("o_mon", "tyt-31222"):
            scenario = reading.changed(scenario, premises_rows.moved(scenario, id_, lat=lat, lon=105.5))
    places = geography.places(scenario).premises.set_index("premises")
    for id_ in ("o_mon", "tyt-31222"):
        assert (places.loc[id_, "lat"], places.loc[id_, "lon"]) == (10.13, 105.5)
    assert len(places) == 90
    shown = premises_rows.current(scenario, COMMUNES).set_index("id")
    assert shown.loc["tyt-31222", "own_point"]
    assert not shown.loc["tyt-31222", "assumed"]


# --- layers --------------------------------------------------------------------------------------

POINTS = gpd.GeoDataFrame(
    {"ten": ["Trạm y tế Tân An", "Bệnh viện Nhi"], "loai": ["TYT", "BV"]},
    geometry=gpd.points_from_xy([105.785, 105.76], [10.03, 10.02]), crs=4326,
)  # fmt: skip


def zipped():
    with tempfile.TemporaryDirectory() as folder:
        POINTS.to_crs(VN2000).to_file(Path(folder) / "p.shp", encoding="utf-8")
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for path in Path(folder).glob("p.*"):
                archive.write(path, path.name)
        return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.gpkg", lambda: written(POINTS.to_crs(VN2000), ".gpkg", "GPKG")),
        ("p.geojson", lambda: POINTS.to_json().encode()),
        ("p.kml", lambda: written(POINTS.rename(columns={"ten": "Name"}), ".kml", "LIBKML")),
        ("p.zip", zipped),
    ],
)
def test_point_layers_in_any_format_and_crs(name, content):
    grid, columns = premises_table.find(premises_files.read(name, content()), SCENARIO)
    rows = premises_table.read(grid, columns, SCENARIO, communes=COMMUNES).rows
    assert [row.name for row in rows] == ["Trạm y tế Tân An", "Bệnh viện Nhi"]
    assert [row.type for row in rows] == ["health_station", "hospital"]
    assert [(row.lat, row.lon) for row in rows] == [  # type: ignore[comparison-overlap]
        (pytest.approx(10.03, abs=1e-5), pytest.approx(105.785, abs=1e-5)),
        (pytest.approx(10.02, abs=1e-5), pytest.approx(105.76, abs=1e-5)),
    ]


def test_layers_without_points_are_refused():
    with pytest.raises(DataError) as caught:
        premises_files.read("p.geojson", json.dumps({"type": "FeatureCollection", "features": []}).encode())
    lines = gpd.GeoDataFrame({"a": [1]}, geometry=[POINTS.union_all().convex_hull], crs=4326)
    assert caught.value.problems[0].code in ("outline.unreadable", "premises.no_points")
    with pytest.raises(DataError) as caught:
        premises_files.read("p.gpkg", written(lines, ".gpkg", "GPKG"))
    assert [p.code for p in caught.value.problems] == ["premises.no_points"]


# --- bad input -----------------------------------------------------------------------------------

BAD = [
    ("premises.no_headings", "A;B;C\n1;2;3"),
    ("premises.personal", "Tên cơ sở;Loại;Số điện thoại\nTTYT;TTYT;0901234567"),
    ("premises.personal", "Tên cơ sở;Loại;Giám đốc\nTTYT;TTYT;Nguyễn Văn A"),
    (
        "premises.personal_values",
        "Tên cơ sở;Loại;Ghi chú\n" + "\n".join(f"T{n};TTYT;090123456{n}" for n in range(4)),
    ),
    (
        "premises.personal_values",
        "Tên;Loại;Xã\n" + "\n".join(f"{n} Văn Tư;TTYT;Cái Khế" for n in ("Đặng", "Lê", "Điểu", "Bùi")),
    ),
    ("premises.no_result", f"{HEAD}\n#FORMULA;TTYT;Cái Khế;"),
    ("premises.nothing", f"{HEAD}\n;;;"),
    ("premises.no_name", f"{HEAD}\n;TTYT;Cái Khế;"),
    ("premises.no_commune", f"{HEAD}\nTTYT A;TTYT;;"),
    ("premises.kinds", f"{HEAD};Đang có\nA;TTYT;Cái Khế;;Xét nghiệm"),
    ("premises.stage", f"{HEAD};Sẵn sàng từ\nA;TTYT;Cái Khế;;2031"),
    ("premises.yes_or_no", f"{HEAD};Đồng ý\nA;TTYT;Cái Khế;;có lẽ"),
    ("premises.capacity", f"{HEAD};Công suất Cấp phát\nA;TTYT;Cái Khế;;-3"),
    ("premises.capacity_of", f"{HEAD};Công suất\nA;TTYT;Cái Khế;;30"),
    ("premises.type", f"{HEAD}\nA;Phòng khám;Cái Khế;"),
    ("premises.no_type", f"{HEAD}\nA;;Cái Khế;"),
    ("premises.point", f"{HEAD};Vĩ độ;Kinh độ\nA;TTYT;Cái Khế;;mười;105"),
    ("premises.half_point", f"{HEAD};Vĩ độ;Kinh độ\nA;TTYT;Cái Khế;;10.02;"),
    ("geo.point_swapped", f"{HEAD};Vĩ độ;Kinh độ\nA;TTYT;Cái Khế;;105.7;10.02"),
    ("geo.point_abroad", f"{HEAD};Vĩ độ;Kinh độ\nA;TTYT;Cái Khế;;48.8;2.3"),
    ("premises.district", f"{HEAD}\nA;TTYT;Cái Khế;Quận Mười"),
    ("premises.commune", f"{HEAD}\nA;TTYT;Xã Không Có;"),
    ("premises.code", "Tên;Loại;Mã xã\nA;TTYT;99999"),
    ("premises.code_and_name", "Tên;Loại;Mã xã;Xã\nA;TTYT;31117;An Khánh"),
    ("premises.twice", f"{HEAD}\nA;TTYT;Cái Khế;\nA;TTYT;Cái Khế;"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "table"), BAD, ids=[f"{n}-{code}" for n, (code, _) in enumerate(BAD)])
def test_bad_tables_are_refused_with_row_and_column(code, table):
    problems = refused(table)
    assert {p.code for p in problems} == {code}
    assert all(p.where.startswith("co_so.csv") for p in problems)
    if code.startswith("premises.personal"):
        assert "Nguyễn Văn A" not in problems[0].say("vi")
        assert "0901" not in problems[0].say("vi")


def test_a_point_far_from_the_province_is_refused(polygons):
    table = f"{HEAD};Vĩ độ;Kinh độ\nA;TTYT;;;21.03;105.85"
    assert {p.code for p in refused(table, polygons=polygons)} == {"premises.far"}


def test_one_name_in_several_districts_has_to_be_told_apart():
    bare = COMMUNES["commune"].map(lambda name: split_type(name)[1])
    name = bare.value_counts().index[0]
    assert (bare == name).sum() > 1
    assert {p.code for p in refused(f"{HEAD}\nA;TTYT;{name};")} == {"premises.commune_unclear"}


def test_everything_wrong_is_told_at_once():
    problems = refused(f"{HEAD};Đồng ý\nA;Phòng khám;Không Có;;có lẽ\nB;;Cái Khế;;x")
    assert [(p.code, p.where) for p in problems] == [
        ("premises.yes_or_no", "co_so.csv!E2"), ("premises.commune", "co_so.csv!C2"),
        ("premises.type", "co_so.csv!B2"), ("premises.no_type", "co_so.csv!B3"),
    ]  # fmt: skip


def test_every_message_has_a_case():
    told = {k.removeprefix("error.") for k in catalogue() if k.startswith("error.premises.")}
    told = {code for code in told if not code.endswith(".remedy")}
    elsewhere = {
        "premises.no_such_role", "premises.no_such_column", "premises.no_points", "premises.far",
        "premises.commune_unclear", "premises.bad_column", "premises.bad_meaning", "premises.no_province",
    }  # fmt: skip
    assert {code for code, _ in BAD if code.startswith("premises.")} | elsewhere == told


def test_what_the_scenario_refuses_changes_nothing():
    row = understood(f"{HEAD}\nA;TTYT;Cái Khế;").rows[0]
    patch = premises_rows.change(SCENARIO, [row]).patch
    patch["premises"]["named"][row.id]["type"] = "castle"
    with pytest.raises(ScenarioError):
        reading.changed(SCENARIO, patch)
