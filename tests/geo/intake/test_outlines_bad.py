"""What is wrong with a file of shapes: a case for every message, and none of them half read."""

import io
import json
import tempfile
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from errors import DataError
from geo.intake import mending, outline_files, outlines
from geo.intake.outlines import Choices
from tests.geo.intake.outline_samples import VN2000, geojson, gpkg, province, shapefile, written
from text import LANGS, catalogue


def swapped(frame):
    turned = frame.to_crs(4326)
    return turned.set_geometry(shapely.transform(np.asarray(turned.geometry.array), lambda xy: xy[:, ::-1]))


def moved(frame, metres):
    return frame.set_geometry(frame.translate(metres, 0))


def unsaid(frame):
    """In metres, taken for degrees."""
    return frame.to_crs(VN2000).set_crs(4326, allow_override=True)


def doubled(frame):
    """One commune on the ground of another, which stays."""
    frame = frame.copy()
    frame.loc[10, "geometry"] = frame.geometry[11]
    return frame


def needle(frame):
    """A commune without breadth."""
    frame = frame.copy()
    x, y = frame.geometry[4].centroid.coords[0]
    frame.loc[4, "geometry"] = shapely.Polygon([(x, y), (x + 4000, y), (x + 2000, y + 0.01)])
    return frame


def two_claims(frame):
    """A second shape, of another name, with the code of the first."""
    more = frame.iloc[[3]].assign(ten_xa="Khu công nghiệp", geometry=frame.geometry[3].buffer(-50))
    return gpd.GeoDataFrame(pd.concat([frame, more], ignore_index=True), crs=frame.crs)


def tcvn3():
    """A shapefile whose table is in TCVN3: ­ is ư, ê is ờ in its letters."""
    packed = shapefile(province().assign(ten_xa="Ph__ng x_ y"), without=(".cpg",))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".dbf"):
                content = content.replace(b"Ph__ng x_", b"Ph\xad\xeang x\xb7")
                content = content.replace("Quận".encode(), b"Qu\xcbn ").replace(
                    "Huyện".encode(), b"Huy\xd6n "
                )
                content = bytes(b if b < 128 or b in b"\xad\xea\xb7\xcb\xd6" else 0xB5 for b in content)
            new.writestr(name, content)
    return out.getvalue()


def altered(packed, suffix, change):
    """A zip with one of its members changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name.endswith(suffix) else old.read(name))
    return out.getvalue()


def open_ring():
    """GeoPackage whose rings do not end where they began, as a flipped byte makes them."""
    content = bytearray(gpkg(province()))
    at = content.find(shapely.to_wkb(province().geometry[0])[9:])
    content[at + 12] ^= 0xFF
    return bytes(content)


def link_crs(frame):
    content = json.loads(geojson(frame))
    content["crs"] = {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}
    return json.dumps(content).encode()


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 50_000_000)
    return packed.getvalue()


def two_shapefiles():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("xa", "huyen"):
            with zipfile.ZipFile(io.BytesIO(shapefile(province(), name=name))) as one:
                for member in one.namelist():
                    archive.writestr(member, one.read(member))
    return packed.getvalue()


P = province
EMPTY = b'{"type": "FeatureCollection"}'
ODD = b'{"type": "FeatureCollection", "features": [{"a": 1}]}'
VRT = (
    b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>other.shp</SrcDataSource></OGRVRTLayer>"
    b"</OGRVRTDataSource>"
)
CASES = {
    "a part of a shapefile": ("outline.bare_shapefile", "Ranh giới.SHP", lambda: b"\0\0\x27\x0a", {}),
    "another part of it": ("outline.bare_shapefile", "x.dbf", lambda: b"\x03", {}),
    "no .dbf": ("outline.siblings", "x.zip", lambda: shapefile(P(), without=(".dbf", ".shx")), {}),
    "two shapefiles": ("outline.layers", "x.zip", two_shapefiles, {}),
    "a zip bomb": ("upload.ratio", "x.zip", bomb, {}),
    "entities": (
        "upload.entities", "x.kml", lambda: b'<!DOCTYPE k [<!ENTITY a "b">]><kml>&a;</kml>', {},
    ),
    "a picture": ("upload.ending", "x.png", lambda: b"\x89PNG", {}),
    "nothing": ("upload.nothing", "x.gpkg", lambda: b"", {}),
    "half a GeoPackage": ("outline.unreadable", "x.gpkg", lambda: gpkg(P())[:3000], {}),
    "a ring that is not closed": ("outline.unreadable", "x.gpkg", open_ring, {}),
    "a kind of shape that is none": (
        "outline.unreadable", "x.geojson", lambda: geojson(P()).replace(b'"Polygon"', b'"Pohygon"'), {},
    ),
    "a CRS that is no text": (
        "outline.unreadable", "x.zip",
        lambda: altered(shapefile(P()), ".prj", lambda prj: prj[:21] + b"\xff" + prj[22:]), {},
    ),
    "a data source in the guise of KML": ("outline.unreadable", "x.kml", lambda: VRT, {}),
    "GeoJSON without features": ("outline.unreadable", "x.geojson", lambda: EMPTY, {}),
    "a feature that is none": ("outline.unreadable", "x.geojson", lambda: ODD, {}),
    "points": ("outline.no_polygons", "x.gpkg", lambda: gpkg(P().set_geometry(P().centroid)), {}),
    "points in GeoJSON": (
        "outline.no_polygons", "x.json", lambda: geojson(P().set_geometry(P().centroid)), {},
    ),
    "two layers": ("outline.layers", "x.gpkg", lambda: gpkg(P(), more={"other": P()}), {}),
    "no such layer": ("outline.no_layer", "x.gpkg", lambda: gpkg(P()), {"layer": "huyen"}),
    "no such column": ("outline.no_column", "x.gpkg", lambda: gpkg(P()), {"code": "MAXA", "name": "TEN"}),
    "no column that names them": (
        "outline.no_key", "x.gpkg", lambda: gpkg(P().assign(ma_xa=range(80), ten_xa="xã", ten_huyen="h")), {},
    ),
    "TCVN3": ("outline.old_font", "x.zip", tcvn3, {}),
    "too many shapes": ("outline.many", "x.gpkg", lambda: gpkg(P()), {}),
    "no CRS, in metres": (
        "outline.no_crs", "x.zip", lambda: shapefile(P().to_crs(VN2000), without=(".prj",)), {},
    ),
    "GeoJSON in metres that does not say so": (
        "outline.no_crs", "x.geojson", lambda: geojson(unsaid(P())), {},
    ),
    "a CRS that is none": ("outline.unknown_crs", "x.gpkg", lambda: gpkg(P()), {"crs": "EPSG:999999"}),
    "a CRS behind an address": ("outline.unknown_crs", "x.geojson", lambda: link_crs(P()), {}),
    "swapped axes": ("outline.swapped", "x.geojson", lambda: geojson(swapped(P())), {}),
    "swapped axes, no CRS": (
        "outline.swapped", "x.zip", lambda: shapefile(swapped(P()), without=(".prj",)), {},
    ),
    "another country": ("outline.abroad", "x.gpkg", lambda: gpkg(moved(P(), -2_000_000)), {}),
    "a wrong zone": (
        "outline.shifted", "x.gpkg", lambda: gpkg(P().to_crs(VN2000)), {"crs": "EPSG:9209"},
    ),
    "units of July 2025": ("outline.other_vintage", "x.gpkg", lambda: gpkg(P("92", "2025-07")), {}),
    "their codes alone": (
        "outline.other_vintage", "x.gpkg", lambda: gpkg(P("92", "2025-07")[["ma_xa", "geometry"]]), {},
    ),
    "their names alone": (
        "outline.other_vintage", "x.gpkg", lambda: gpkg(P("92", "2025-07")[["ten_xa", "geometry"]]), {},
    ),
    "another province": ("outline.no_key", "x.gpkg", lambda: gpkg(P("08")), {}),
    "another province, columns chosen": (
        "outline.none_found", "x.gpkg", lambda: gpkg(P("08")), {"code": "ma_xa", "name": "ten_xa"},
    ),
    "communes missing": ("outline.missing", "x.gpkg", lambda: gpkg(P().iloc[2:]), {}),
    "two shapes that claim one commune": ("outline.twice", "x.gpkg", lambda: gpkg(two_claims(P())), {}),
    "a commune on another": ("outline.swallowed", "x.gpkg", lambda: gpkg(doubled(P())), {}),
    "a commune without breadth": ("outline.empty", "x.gpkg", lambda: gpkg(needle(P())), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said_with_its_remedy(case, monkeypatch):
    code, file, content, choices = CASES[case]
    if code == "outline.many":
        monkeypatch.setattr(outline_files, "MOST_ROWS", 79)
    with pytest.raises(DataError) as error:
        outlines.read(file, content(), province="92", vintage="2025-01", choices=Choices(**choices))
    assert code in {problem.code for problem in error.value.problems}
    for lang in LANGS:
        assert error.value.say(lang)
    assert tempfile.gettempdir() not in error.value.say("en")


def test_an_encoding_that_is_none_is_passed_over():
    packed = altered(shapefile(P()), ".cpg", lambda _: b"UTF\0-8")
    frame, report = outlines.read("x.zip", packed, province="92", vintage="2025-01", choices=Choices())
    assert len(frame) == 80
    assert report.encoding == "utf-8"


def test_every_message_has_a_case():
    elsewhere = {"outline.damaged", "outline.not_written"}  # tests/geo/test_boundaries_kept.py
    codes = {key.split(".remedy")[0][6:] for key in catalogue() if key.startswith("error.outline.")}
    assert codes == {case[0] for case in CASES.values() if case[0].startswith("outline.")} | elsewhere


def test_all_columns_that_are_not_there_are_told_at_once():
    with pytest.raises(DataError) as error:
        outlines.read(
            "x.gpkg", gpkg(P()), province="92", vintage="2025-01",
            choices=Choices(code="MAXA", name="TEN", district="ten_huyen"),
        )  # fmt: skip
    assert [problem.values["column"] for problem in error.value.problems] == ["MAXA", "TEN"]
    assert "ten_xa" in error.value.say("vi")


def test_the_other_list_is_named():
    with pytest.raises(DataError) as error:
        outlines.read("x.gpkg", gpkg(P("92", "2025-07")), province="92", vintage="2025-01")
    assert error.value.problems[0].values["other"] == "2025-07"
    with pytest.raises(DataError) as error:
        outlines.read("x.gpkg", gpkg(P("92", "2025-01")), province="92", vintage="2025-07")
    assert error.value.problems[0].values["other"] == "2025-01"


def test_missing_communes_are_named_with_the_shapes_that_fit_none():
    frame = P()
    frame.loc[5, ["ma_xa", "ten_xa"]] = ["", "Phường Mới"]
    with pytest.raises(DataError) as error:
        outlines.read("x.gpkg", gpkg(frame), province="92", vintage="2025-01")
    said = error.value.say("vi")
    assert P()["ten_xa"][5] in said
    assert "Phường Mới" in said


def test_a_crs_that_is_stated_wrongly_can_be_overruled():
    content = gpkg(P().to_crs(VN2000).set_crs("EPSG:9209", allow_override=True))
    with pytest.raises(DataError):
        outlines.read("x.gpkg", content, province="92", vintage="2025-01")
    found, _ = outlines.read(
        "x.gpkg", content, province="92", vintage="2025-01", choices=Choices(crs="EPSG:9210")
    )
    assert len(found) == 80


# --- mending ---------------------------------------------------------------------------------------

SQUARE = 1_000.0


def squares(rows=3, columns=4):
    """Squares of a kilometre near Cần Thơ, in metres: commune_code, geometry."""
    x, y = np.meshgrid(np.arange(columns) * SQUARE + 560_000, np.arange(rows) * SQUARE + 1_110_000)
    shapes = shapely.box(x.ravel(), y.ravel(), x.ravel() + SQUARE, y.ravel() + SQUARE)
    return gpd.GeoDataFrame(
        {"commune_code": [f"{n:05d}" for n in range(rows * columns)]}, geometry=shapes, crs=32648
    )


def mended(frame):
    return mending.mend(frame.to_crs(4326), "x")


def test_what_is_sound_stays_as_it_is():
    found, report = mended(squares())
    assert report.nothing
    assert report.moved_m2 == 0
    # Coordinates are kept to six decimals, 0.1 m.
    assert np.allclose(found.to_crs(32648).area, SQUARE**2, atol=300)


def test_an_overlap_goes_to_one_of_the_two_and_is_measured():
    frame = squares()
    frame.loc[5, "geometry"] = shapely.box(*(np.array(frame.geometry[5].bounds) + np.array([0, 0, 30, 0])))
    found, report = mended(frame)
    (spot,) = report.overlaps
    assert spot.codes == ("00005", "00006")
    assert spot.area_m2 == pytest.approx(30 * SQUARE, rel=0.01)
    lon, lat = frame.geometry[6].centroid.x, frame.geometry[6].centroid.y
    here = gpd.GeoSeries([shapely.Point(spot.lon, spot.lat)], crs=4326).to_crs(32648)[0]
    assert shapely.box(lon - 501, lat - 501, lon - 469, lat + 501).contains(here)
    whole = np.asarray(found.geometry.array)
    assert shapely.coverage_is_valid(whole)
    assert shapely.area(shapely.intersection(whole[5], whole[6])) == 0
    assert 0 <= report.moved_m2 <= 31 * SQUARE


def test_a_crack_is_closed_and_a_lake_stays():
    frame = squares()
    frame.loc[5, "geometry"] = shapely.box(*(np.array(frame.geometry[5].bounds) - np.array([0, 0, 10, 0])))
    found, report = mended(frame)
    assert sum(spot.area_m2 for spot in report.gaps) == pytest.approx(10 * SQUARE, rel=0.01)
    assert report.holes == ()
    assert found.union_all().area == pytest.approx(squares().to_crs(4326).union_all().area, rel=1e-4)
    lake = squares()
    lake.loc[5, "geometry"] = lake.geometry[5].difference(lake.geometry[5].buffer(-200))
    _, report = mended(lake)
    (spot,) = report.holes
    assert (spot.area_m2, report.gaps) == (pytest.approx(600**2, rel=0.01), ())


def test_a_bow_tie_is_made_valid_and_told():
    frame = squares()
    west, south, east, north = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    found, report = mended(frame)
    assert report.invalid == (("00000", "Self-intersection"),)
    assert found.is_valid.all()


def test_a_thin_leftover_is_dropped_and_told():
    frame = squares()
    more = frame.iloc[[0]].set_geometry([shapely.box(565_000, 1_110_000, 565_000.3, 1_110_500)])
    more = more.set_crs(32648, allow_override=True)
    found, report = mended(gpd.GeoDataFrame(pd.concat([frame, more], ignore_index=True), crs=32648))
    (spot,) = report.slivers
    assert (spot.codes, spot.area_m2) == (("00000",), pytest.approx(150, rel=0.5))
    assert (found.geom_type == "Polygon").all()


def test_many_vertices_are_thinned_together():
    frame = squares()
    finely = frame.set_geometry(shapely.segmentize(np.asarray(frame.geometry.array), 2.0))
    found, report = mended(finely)
    before, after = report.vertices
    assert before > 300 * len(frame) >= after
    assert report.tolerance_m == mending.TOLERANCES_M[0]
    assert shapely.coverage_is_valid(np.asarray(found.geometry.array))


def test_a_shapefile_in_capitals_and_a_kml_with_three_dimensions_are_read():
    high = P().to_crs(4326)
    high = high.set_geometry(shapely.force_3d(np.asarray(high.geometry.array), 5.0))
    found, _ = outlines.read("X.KML", written(high, ".kml", "LIBKML"), province="92", vintage="2025-01")
    assert not shapely.has_z(np.asarray(found.geometry.array)).any()
