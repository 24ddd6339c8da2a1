"""Files of shapes read back, in every format and way of naming, and what is told of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import units
from geo.intake import outline_words, outlines
from geo.intake.outlines import Choices
from geo.names import split_type
from tests.geo.intake.outline_samples import (
    VN2000,
    geojson,
    gpkg,
    kmz,
    province,
    shapefile,
    written,
)
from text import fold


def read(file, content, province_code="92", vintage="2025-01", **choices):
    return outlines.read(file, content, province=province_code, vintage=vintage, choices=Choices(**choices))


def same_places(found, frame, codes="ma_xa"):
    """Least overlap (IoU) of a commune with what was written."""
    one = found.to_crs(32648).set_index("commune_code").geometry
    other = frame.to_crs(32648).dissolve(codes).geometry
    other = other.reindex(one.index)
    shared = one.intersection(other).area
    return float((shared / (one.area + other.area - shared)).min())


FORMATS = {
    "geojson": lambda f: ("x.geojson", geojson(f)),
    "geojson in metres": lambda f: ("x.json", geojson(f, VN2000)),
    "gpkg": lambda f: ("x.gpkg", gpkg(f.to_crs(VN2000))),
    "shapefile in UTM": lambda f: ("x.zip", shapefile(f.to_crs("EPSG:3405"))),
    "shapefile in a folder": lambda f: ("x.ZIP", shapefile(f.to_crs(VN2000), folder_inside="Ranh giới/")),
    "shapefile in degrees, no .prj": lambda f: ("x.zip", shapefile(f.to_crs(4326), without=(".prj",))),
    "shapefile without .cpg": lambda f: ("x.zip", shapefile(f.to_crs(VN2000), without=(".cpg",))),
    "kml": lambda f: ("x.kml", written(f.to_crs(4326), ".kml", "LIBKML")),
    "kmz": lambda f: ("x.kmz", kmz(f)),
}


@pytest.mark.parametrize("case", FORMATS)
def test_every_format_comes_back(case):
    frame = province()
    found, report = read(*FORMATS[case](frame))
    assert list(found["commune_code"]) == list(units.communes("92", "2025-01")["commune_code"])
    assert found.crs.to_epsg() == 4326
    assert shapely.coverage_is_valid(np.asarray(found.geometry.array))
    assert same_places(found, frame) > 0.999  # VN-2000 lies 100 m and more from WGS84: the shift is taken
    assert (report.rows, report.by_code, report.left_out, report.mending.nothing) == (80, 80, (), True)
    assert report.crs_assumed == (case == "shapefile in degrees, no .prj")
    assert report.remarks == ()


def test_names_come_through_every_encoding():
    frame = province().drop(columns="ma_xa")
    for encoding, without in (("utf-8", ()), ("utf-8", (".cpg",))):
        _, report = read("x.zip", shapefile(frame, encoding=encoding, without=without))
        assert (len(report.by_name), report.encoding.lower()) == (80, "utf-8")


def test_a_table_in_windows_1258_is_read_without_being_told():
    frame = province()
    names = frame["ten_xa"]
    decomposed = names.map(lambda name: name.encode("cp1258", errors="ignore").decode("cp1258"))
    assert decomposed.str.contains("Phư").any()
    frame["ten_xa"] = decomposed
    _, report = read("x.zip", shapefile(frame, encoding="cp1258", without=(".cpg",)))
    assert report.encoding == "cp1258"
    assert report.by_code == 80


@pytest.mark.parametrize(
    ("name", "district"),
    [
        (lambda s: s, lambda s: s),
        (lambda s: s.map(lambda n: n.replace("Phường ", "P. ").replace("Xã ", "")), lambda s: s),
        (lambda s: s.map(fold), lambda s: s),
        (lambda s: s.str.upper(), lambda s: s.map(lambda n: split_type(n)[1])),
    ],
    ids=["as listed", "abbreviated", "folded", "capitals"],
)
def test_names_within_districts_are_enough(name, district):
    frame = province("75").drop(columns="ma_xa")
    twice = frame["ten_xa"].duplicated(keep=False)
    assert twice.any()  # homonyms in different districts
    frame = frame.assign(ten_xa=name(frame["ten_xa"]), ten_huyen=district(frame["ten_huyen"]))
    found, report = read("x.gpkg", gpkg(frame), "75")
    assert report.columns.name == "ten_xa"
    assert report.columns.district == "ten_huyen"
    assert len(report.by_name) == 159
    assert same_places(found, province("75")) > 0.999


def test_without_codes_and_districts_the_place_decides_between_homonyms():
    frame = province("75")[["ten_xa", "geometry"]]
    found, report = read("x.gpkg", gpkg(frame), "75")
    assert len(report.by_name) + len(report.by_place) == 159
    assert report.by_place
    assert same_places(found, province("75")) > 0.999


def test_columns_are_found_among_others():
    frame = province()
    frame.insert(0, "STT", range(1, 81))
    frame["dan_so"] = 1000.0
    frame["ma_xa"] = frame["ma_xa"].astype(int)  # a number column drops leading zeros; here there are none
    found, report = read("x.gpkg", gpkg(frame))
    assert (report.columns.code, report.columns.name, report.columns.district) == (
        "ma_xa", "ten_xa", "ten_huyen",
    )  # fmt: skip
    assert len(found) == 80


def test_leading_zeros_that_a_number_column_dropped_come_back():
    frame = province("08").drop(columns=["ten_xa", "ten_huyen"])
    frame["ma_xa"] = frame["ma_xa"].astype(float)
    _, report = read("x.gpkg", gpkg(frame), "08")
    assert report.by_code == 137


def test_columns_and_layers_can_be_chosen():
    frame = province().rename(columns={"ma_xa": "a", "ten_xa": "b", "ten_huyen": "c"})
    frame["ma"] = frame["a"]
    districts = province().dissolve("ten_huyen").reset_index()
    content = gpkg(frame, layer="Xã", more={"Huyện": districts})
    _, report = read("x.gpkg", content, layer="xã", code="A", name="b", district="c")
    assert (report.layer, report.columns.code, report.columns.name) == ("Xã", "a", "b")


def test_codes_that_changed_are_joined_by_name_and_told():
    frame = province("75")
    listed = units.communes("75", "2025-01")
    changed = [3, 40, 80]
    frame.loc[changed, "ma_xa"] = ["99001", "99002", "99003"]
    found, report = read("x.gpkg", gpkg(frame), "75")
    assert (report.by_code, len(report.by_name)) == (156, 3)
    assert {match.code for match in report.by_name} == set(listed.loc[changed, "commune_code"])
    assert same_places(found, province("75")) > 0.999
    said = "\n".join(outline_words.lines(report, "vi"))
    assert all(code in said for code in ("99001", "99002", "99003"))


def test_codes_that_changed_hands_are_settled_by_the_place():
    frame = province()
    one, other = frame.index[frame["ten_huyen"] == "Quận Ninh Kiều"][:2]
    codes = frame.loc[[one, other], "ma_xa"].tolist()
    frame.loc[[one, other], "ma_xa"] = codes[::-1]
    found, report = read("x.gpkg", gpkg(frame))
    assert {match.code for match in report.by_place} == set(codes)
    assert same_places(found, province()) > 0.999


def test_a_commune_in_several_rows_is_put_together():
    frame = province()
    half = frame.geometry[5].intersection(shapely.box(0, 0, frame.geometry[5].centroid.x, 9e6))
    split = pd.concat([frame, frame.iloc[[5]]], ignore_index=True)
    split.loc[80, "geometry"] = frame.geometry[5].difference(half)
    split.loc[5, "geometry"] = half
    found, report = read("x.gpkg", gpkg(gpd.GeoDataFrame(split, crs=frame.crs)))
    assert report.parts == (frame["ma_xa"][5],)
    assert same_places(found, frame) > 0.999
    assert report.mending.moved_m2 < 1


def test_other_provinces_in_the_file_are_passed_over_and_counted():
    frame = pd.concat([province("92"), province("93")], ignore_index=True)
    _, report = read("x.gpkg", gpkg(gpd.GeoDataFrame(frame, crs=32648)))
    assert (report.by_code, report.outside) == (80, len(province("93")))
    by_name = gpd.GeoDataFrame(frame.drop(columns="ma_xa"), crs=32648)
    _, report = read("x.gpkg", gpkg(by_name))
    assert len(report.by_name) == 80
    assert report.outside + len(report.left_out) == len(province("93"))


def test_what_fits_no_commune_is_listed_with_what_resembles_it():
    frame = province()
    more = frame.iloc[[7]].assign(ma_xa="", ten_xa="Phường Cái Khê B", ten_huyen="")
    more = more.set_geometry(more.geometry.buffer(-500))
    frame.loc[7, "geometry"] = frame.geometry[7].difference(more.geometry.iloc[0])
    frame = gpd.GeoDataFrame(pd.concat([frame, more], ignore_index=True), crs=32648)
    _, report = read("x.gpkg", gpkg(frame))
    (row,) = report.left_out
    assert row.said == "Phường Cái Khê B"
    assert "Phường Cái Khế" in row.near
    assert "Phường Cái Khê B" in "\n".join(outline_words.lines(report, "en"))
    (hole,) = report.mending.holes  # what is left out leaves a hole, which is told
    assert hole.area_m2 == pytest.approx(more.geometry.iloc[0].area, rel=0.01)


def test_the_list_of_july_2025_has_no_districts():
    frame = province("92", "2025-07")
    found, report = read("x.gpkg", gpkg(frame), vintage="2025-07")
    assert len(found) == 103
    assert report.columns.district is None


def test_a_kml_with_a_folder_for_each_district_is_read_whole():
    frame = province().drop(columns=["ma_xa", "ten_huyen"]).to_crs(4326).rename(columns={"ten_xa": "Name"})
    districts = province()["ten_huyen"]
    import tempfile
    from pathlib import Path

    import pyogrio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.kml"
        for district in districts.unique():
            pyogrio.write_dataframe(frame[districts == district], path, layer=district, driver="LIBKML")
        content = path.read_bytes()
    found, report = read("x.kml", content)
    assert report.columns.district == "kml_folder"
    assert len(report.by_name) == 80
    assert same_places(found, province()) > 0.999


def test_the_report_is_told_in_both_languages():
    frame = province()
    frame.loc[2, "geometry"] = frame.geometry[2].buffer(60)
    _, report = read("x.gpkg", gpkg(frame))
    vi, en = (outline_words.lines(report, lang) for lang in ("vi", "en"))
    assert len(vi) == len(en) >= 4
    assert any(line.startswith("Chồng lấn đã sửa") for line in vi)
    assert any(line.startswith("Overlaps mended") for line in en)


def test_names_cannot_carry_code():
    frame = province()
    frame.loc[0, "ten_xa"] = "Xã {{ cycler }}<script>"
    frame["{{x}}"] = "y"
    _, report = read("x.gpkg", gpkg(frame))
    said = "\n".join(outline_words.lines(report, "vi"))
    assert "{" not in said
    assert "<" not in said
