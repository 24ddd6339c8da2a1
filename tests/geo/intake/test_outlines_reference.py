"""Real boundaries of three provinces through every format, and damaged; nothing of them is kept."""

import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from errors import DataError
from geo.intake import outlines
from tests.geo.intake.outline_samples import VN2000, gpkg, kmz, shapefile, written

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
FILES = {
    "can_tho_communes_2024": ("92", "2025-01", 80),
    "dong_nai_communes_2024": ("75", "2025-01", 159),
    "tuyen_quang_communes_2024": ("08", "2025-01", 137),
    "can_tho_communes_2025": ("92", "2025-07", 103),
    "dong_nai_communes_2025": ("75", "2025-07", 95),
    "tuyen_quang_communes_2025": ("08", "2025-07", 124),
}


def content(name):
    path = REFERENCE / f"{name}.geojson"
    if not path.exists():
        pytest.skip(f"no reference polygons at {path}")
    return path.read_bytes()


def frame(name):
    content(name)
    return gpd.read_file(REFERENCE / f"{name}.geojson")


def short(real):
    """Column names of at most ten letters, as a shapefile has them."""
    return real.rename(columns=lambda name: name if name == "geometry" else name[:10])


def least_overlap(found, real):
    one = found.to_crs(32648).set_index("commune_code").geometry
    other = real.to_crs(32648).set_index("commune_code").geometry.reindex(one.index)
    shared = one.intersection(other).area
    return float((shared / (one.area + other.area - shared)).min())


@pytest.mark.parametrize("name", FILES)
def test_real_boundaries_are_read_as_they_are(name):
    province, vintage, count = FILES[name]
    began = time.perf_counter()
    found, report = outlines.read(f"{name}.geojson", content(name), province=province, vintage=vintage)
    print(f"{name}: {time.perf_counter() - began:.2f} s, moved {report.mending.moved_m2:.0f} m²")
    assert len(found) == report.by_code == count
    assert report.mending.overlaps == report.mending.gaps == ()
    assert least_overlap(found, frame(name)) > 0.99


@pytest.mark.parametrize(
    ("name", "file", "write"),
    [
        ("can_tho_communes_2024", "x.zip", lambda f: shapefile(short(f).to_crs(VN2000))),
        ("dong_nai_communes_2024", "x.zip", lambda f: shapefile(short(f).to_crs("EPSG:3405"))),
        ("tuyen_quang_communes_2024", "x.gpkg", lambda f: gpkg(f.to_crs("EPSG:9211"))),
        ("can_tho_communes_2025", "x.kml", lambda f: written(f, ".kml", "LIBKML")),
        ("can_tho_communes_2024", "x.kmz", kmz),
    ],
)
def test_real_boundaries_come_back_from_other_formats(name, file, write):
    province, vintage, count = FILES[name]
    real = frame(name)
    found, report = outlines.read(file, write(real), province=province, vintage=vintage)
    assert report.by_code == count
    # GEOS tells the same border in metres and in degrees apart by rounding only.
    assert report.mending.moved_m2 < 1_000
    assert least_overlap(found, real) > 0.99


def test_communes_of_2019_are_joined_to_what_became_of_them():
    found, report = outlines.read(
        "x.geojson", content("dong_nai_communes_2019"), province="75", vintage="2025-01"
    )
    assert (len(found), report.rows) == (159, 171)
    assert [row.said for row in report.left_out] == ["26407 Xã Suối Trầu (740)"]
    (hole,) = report.mending.holes  # Suối Trầu was shared out; its ground is told, not filled by guess
    assert hole.area_m2 == pytest.approx(9.11e6, rel=0.01)
    # What was merged whole is where the mergers left it; two communes that got a piece of another are not.
    real = frame("dong_nai_communes_2024").set_index("commune_code").to_crs(32648).geometry
    mine = found.set_index("commune_code").to_crs(32648).geometry.reindex(real.index)
    assert float((mine.intersection(real).area / real.area).median()) > 0.999


@pytest.mark.parametrize(
    ("name", "asked", "other"),
    [
        ("can_tho_communes_2025", "2025-01", "2025-07"),
        ("can_tho_communes_2024", "2025-07", "2025-01"),
        ("dong_nai_communes_2025", "2025-01", "2025-07"),
        ("dong_nai_communes_2024", "2025-07", "2025-01"),
        ("tuyen_quang_communes_2025", "2025-01", "2025-07"),
        ("tuyen_quang_communes_2024", "2025-07", "2025-01"),
    ],
)
def test_the_other_list_is_recognised(name, asked, other):
    with pytest.raises(DataError) as error:
        outlines.read("x.geojson", content(name), province=FILES[name][0], vintage=asked)
    (problem,) = error.value.problems
    assert (problem.code, problem.values["other"]) == ("outline.other_vintage", other)


def test_damage_is_mended_and_measured():
    """Communes grown by 50 m over their neighbours and shrunk by 5 m away from them, and a bow-tie."""
    real = frame("can_tho_communes_2024").to_crs(32648)
    real.loc[10, "geometry"] = real.geometry[10].buffer(50)
    real.loc[40, "geometry"] = real.geometry[40].buffer(-5)
    claimed = real.geometry[10].intersection(real.drop(index=10).union_all()).area
    real.loc[60, "geometry"] = _tied(real.geometry[60], real.geometry[60].representative_point())
    found, report = outlines.read("x.gpkg", gpkg(real), province="92", vintage="2025-01")
    code = real["commune_code"]
    assert sum(spot.area_m2 for spot in report.mending.overlaps) == pytest.approx(claimed, rel=0.02)
    assert all(code[10] in spot.codes for spot in report.mending.overlaps)
    assert report.mending.gaps
    assert code[60] in {one for one, _ in report.mending.invalid}
    assert shapely.coverage_is_valid(np.asarray(found.geometry.array))
    print(f"moved {report.mending.moved_m2:.0f} m² of {real.area.sum():.0f}")


def _tied(shape, centre):
    """The shape with a hole that crosses itself."""
    x, y = centre.x, centre.y
    return shapely.Polygon(
        shape.exterior if shape.geom_type == "Polygon" else shape.geoms[0].exterior,
        [[(x - 90, y - 90), (x + 90, y + 90), (x + 90, y - 90), (x - 90, y + 90)]],
    )


def test_all_three_provinces_in_one_file():
    real = pd.concat([frame(name) for name in FILES if name.endswith("2024")], ignore_index=True)
    found, report = outlines.read("x.gpkg", gpkg(gpd.GeoDataFrame(real)), province="08", vintage="2025-01")
    assert (len(found), report.outside) == (137, 80 + 159)
