import sqlite3

import numpy as np
import pandas as pd
import pytest

from errors import DataError
from geo import units
from text import is_tidy

VINTAGES = ("2025-01", "2025-07")


def test_the_version_names_package_and_number():
    name, number = units.list_version().split()
    assert name == "vietnamadminunits"
    assert number[0].isdigit()


@pytest.mark.parametrize(
    ("vintage", "provinces", "communes"), [("2025-01", 63, 10_035), ("2025-07", 34, 3_321)]
)
def test_the_lists_are_whole(vintage, provinces, communes):
    assert len(units.provinces(vintage)) == provinces
    assert len(units.everywhere(vintage)) == communes


@pytest.mark.parametrize(
    ("province", "vintage", "count"),
    [("92", "2025-01", 80), ("75", "2025-01", 159), ("08", "2025-01", 137), ("92", "2025-07", 103),
     ("75", "2025-07", 95), ("08", "2025-07", 124)],
)  # fmt: skip
def test_communes_of_the_three_provinces(province, vintage, count):
    communes = units.communes(province, vintage)
    assert list(communes.columns) == list(units.COLUMNS)
    assert len(communes) == count
    assert communes["commune_code"].is_monotonic_increasing
    assert communes["commune_code"].is_unique
    assert set(communes["province_code"]) == {province}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_names_are_tidy_codes_are_codes_and_points_lie_in_viet_nam(vintage):
    frame = units.everywhere(vintage)
    names = frame[["commune", "district", "province"]].to_numpy().ravel()
    assert all(map(is_tidy, names))
    assert frame["commune_code"].str.fullmatch(r"\d{5}").all()
    assert set(frame["commune_type"]) <= set(units.COMMUNE_TYPES)
    west, south, east, north = units.VIETNAM
    assert frame["lon"].between(west, east).all()
    assert frame["lat"].between(south, north).all()


def test_boxes_of_early_2025_are_all_read():
    frame = units.everywhere("2025-01")
    assert (frame["south"] < frame["north"]).all()
    assert (frame["west"] < frame["east"]).all()
    inside = frame["lat"].between(frame["south"], frame["north"])
    assert (~inside).sum() <= 3  # known: three points lie beside their box


def test_the_list_of_july_2025_has_no_districts_and_no_boxes():
    frame = units.communes("92", "2025-07")
    assert set(frame["district"]) == set(frame["district_code"]) == {""}
    assert frame[["south", "west", "north", "east"]].isna().all(axis=None)


def test_districts_that_had_no_communes_are_told():
    islands = units.without_communes()
    assert list(islands["district"]) == [
        "Huyện Bạch Long Vĩ", "Huyện Cồn Cỏ", "Huyện Hoàng Sa", "Huyện Lý Sơn", "Huyện Côn Đảo",
    ]  # fmt: skip
    assert not set(islands["district_code"]) & set(units.everywhere("2025-01")["district_code"])


def test_callers_cannot_spoil_the_list_for_one_another():
    for frame in (units.communes("92", "2025-01"), units.everywhere("2025-01")):
        frame.loc[:, "commune"] = "spoiled"
    unions = units.unions()
    unions.loc[:, "union"] = -1
    assert "spoiled" not in set(units.communes("92", "2025-01")["commune"])
    assert "spoiled" not in set(units.everywhere("2025-01")["commune"])
    assert units.unions()["union"].min() == 0


def test_successors_lead_from_list_to_list():
    pairs = units.successors()
    assert set(pairs["commune_code"]) == set(units.everywhere("2025-01")["commune_code"])
    assert set(pairs["successor_code"]) <= set(units.everywhere("2025-07")["commune_code"])
    undivided = pairs[~pairs["divided"]]
    assert undivided["commune_code"].is_unique
    assert not pairs.duplicated().any()


def test_communes_of_one_name_in_one_province_of_today_are_told_apart():
    new = units.everywhere("2025-07").set_index("commune_code")["commune"]
    pairs = units.successors()
    went = pairs.assign(to=pairs["successor_code"].map(new)).groupby("commune_code")["to"].agg(set)
    assert went["31268"] == {"Xã Trường Thành"}  # Tân Thạnh of Thới Lai, not its namesake in Sóc Trăng
    assert went["31666"] == {"Xã Tân Thạnh"}
    assert went["31246"] == {"Xã Thạnh Quới"}  # of Vĩnh Thạnh
    assert went["28252"] == {"Phường Đạo Thạnh"}  # Phường 4 of Mỹ Tho, not of Cao Lãnh
    assert went["10798"] == {"Xã Kim Thành", "Xã Hà Nam"}  # divided, and has a namesake
    assert (pairs.groupby("commune_code").size() > 0).all()
    assert (pairs["divided"] == pairs["commune_code"].duplicated(keep=False)).all()


def test_former_names_are_known():
    names = units.aliases("2025-01")
    assert {"phuongannghiep", "annghiep"} <= set(names["31123"])
    assert units.aliases("2025-07") == {}
    with pytest.raises(DataError):
        units.aliases("2019")


def test_a_union_is_what_one_or_more_communes_of_july_2025_are_made_of():
    unions = units.unions()
    assert list(unions["commune_code"]) == sorted(units.everywhere("2025-01")["commune_code"])
    assert not unions.drop_duplicates(["union", "members"])["union"].duplicated().any()
    assert (unions.groupby("union").size() == unions.groupby("union")["members"].first()).all()
    pairs = units.successors().merge(unions, on="commune_code")
    assert not pairs.drop_duplicates(["successor_code", "union"])["successor_code"].duplicated().any()
    # A union that became one commune has that commune's point for its centroid.
    alone = (
        pairs.drop_duplicates(["union", "successor_code"])
        .groupby("union")
        .filter(lambda rows: len(rows) == 1)
    )
    alone = alone.merge(units.everywhere("2025-07"), left_on="successor_code", right_on="commune_code")
    alone = alone[alone["area_km2"].notna()]
    assert len(alone) > 2000
    np.testing.assert_allclose(alone[["lat_x", "lon_x"]], alone[["lat_y", "lon_y"]], rtol=1e-12)
    # And one that became several has its centroid among theirs.
    union = unions.set_index("commune_code").loc["31117"]
    parts = pairs.loc[pairs["union"] == union["union"], "successor_code"].unique()
    points = units.everywhere("2025-07").set_index("commune_code").loc[parts]
    assert len(parts) > 1
    for axis in ("lat", "lon"):
        assert points[axis].min() < union[axis] < points[axis].max()


def problem_codes(error):
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize(
    ("code", "near"), [("Cần Thơ", "92 Thành phố Cần Thơ"), ("can tho", "92"), ("923", "92"), ("", "–")]
)
def test_a_province_that_is_not_listed_is_refused_with_what_is_near(code, near):
    with pytest.raises(DataError) as error:
        units.communes(code, "2025-01")
    assert problem_codes(error) == ["geo.unknown_province"]
    assert near in error.value.problems[0].values["near"]


def test_a_province_of_the_other_list_is_refused():
    with pytest.raises(DataError):
        units.communes("93", "2025-07")


def test_an_unknown_vintage_is_refused():
    with pytest.raises(DataError) as error:
        units.communes("92", "2019")
    assert problem_codes(error) == ["geo.unknown_vintage"]
    assert "2025-07" in error.value.say("vi")


@pytest.mark.parametrize(
    ("lat", "lon", "code"),
    [
        (10.0, 105.7, None),
        (10.4, 114.4, None),  # Trường Sa
        (16.5, 112.0, None),  # Hoàng Sa
        (105.7, 10.0, "geo.point_swapped"),
        (np.nan, 105.7, "geo.point_missing"),
        (np.inf, 105.7, "geo.point_missing"),
        (48.1, 11.5, "geo.point_abroad"),
        (580_000.0, 1_110_000.0, "geo.point_abroad"),  # metres
        (0.0, 0.0, "geo.point_abroad"),
    ],
)
def test_points_are_checked(lat, lon, code):
    problems = units.point_problems(np.array([105.0, lon]), np.array([10.0, lat]), ["first", "second"])
    assert [problem.code for problem in problems] == ([code] if code else [])
    assert all(problem.where == "second" and problem.say("vi") for problem in problems)


@pytest.fixture
def damaged(monkeypatch):
    """Put another table in place of the package's; forget it afterwards."""

    def replace(**changes):
        whole = units._query
        units._everywhere.cache_clear()

        def query(vintage, columns):
            frame = whole(vintage, columns).head(20).copy()
            for column, value in changes.items():
                if column in frame:
                    frame[column] = frame[column].astype(object)
                    frame.loc[frame.index[1], column] = frame[column].iloc[0] if value == "copy" else value
            return frame

        monkeypatch.setattr(units, "_query", query)

    yield replace
    units._everywhere.cache_clear()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"wardCode": "copy"}, "geo.code_twice"),
        ({"wardType": "Làng"}, "geo.unknown_type"),
        ({"wardLat": None}, "geo.point_missing"),
        ({"wardLat": 105.8, "wardLon": 21.0}, "geo.point_swapped"),
        ({"wardLon": 5.0}, "geo.point_abroad"),
    ],
)
def test_a_damaged_list_is_refused(damaged, changes, code):
    damaged(**changes)
    with pytest.raises(DataError) as error:
        units.everywhere("2025-01")
    assert set(problem_codes(error)) == {code}
    assert "vietnamadminunits" in error.value.problems[0].where


def test_names_that_would_run_as_code_are_tamed(damaged):
    damaged(ward="Xã {{ 7*7 }} <b>")
    assert units.everywhere("2025-01")["commune"].map(is_tidy).all()


def test_a_box_that_cannot_be_read_is_unknown(damaged):
    damaged(wardBounds="somewhere")
    assert units.everywhere("2025-01")["south"].isna().sum() == 1


@pytest.mark.parametrize("content", [None, b"", b"not a database", "empty database"])
def test_a_package_that_cannot_be_read_is_told(monkeypatch, tmp_path, content):
    path = tmp_path / "dataset.db"
    if content == "empty database":
        connection = sqlite3.connect(path)
        connection.execute("create table other (x)")
        connection.commit()
        connection.close()
    elif content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(units, "_data", lambda _: path)
    with pytest.raises(DataError) as error:
        units._query("2025-01", ["wardCode"])
    assert problem_codes(error) == ["geo.list_unreadable"]


def test_a_package_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(units, "PACKAGE", "no-such-package-of-ours")
    with pytest.raises(DataError) as error:
        units.list_version()
    assert "requirements.txt" in error.value.say("vi")


def test_a_converter_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    (tmp_path / "converter.json").write_text("{", encoding="utf-8")
    monkeypatch.setattr(units, "_data", lambda _: tmp_path / "converter.json")
    with pytest.raises(DataError) as error:
        units._read_json("converter.json")
    assert problem_codes(error) == ["geo.list_unreadable"]


def test_reading_leaves_nothing_behind():
    folder = units._data("dataset.db").parent
    before = {path.name for path in folder.iterdir()}
    assert isinstance(units._query("2025-07", ["wardCode"]), pd.DataFrame)
    assert {path.name for path in folder.iterdir()} == before
