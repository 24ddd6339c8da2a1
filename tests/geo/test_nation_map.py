"""Approximate provinces: a sound coverage, near to the real ones, with the islands of the country."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo import boundaries, nation, nation_map, units
from text import LANGS, say

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
WEIGHTS = dict.fromkeys(units.COMMUNE_TYPES, 1.0)
ZONE = "EPSG:32648"


@pytest.fixture(scope="module")
def drawn():
    return nation_map.draw("2025-01")


def holes(shape):
    return sum(len(part.interiors) for part in shapely.get_parts(shape))


def test_every_province_has_a_shape(drawn):
    assert list(drawn["commune_code"]) == list(units.provinces("2025-01")["province_code"])
    assert drawn.crs.to_epsg() == 4326
    assert drawn.is_valid.all()
    assert not drawn.is_empty.any()
    assert drawn.to_crs(ZONE).area.min() > 500e6


def test_there_are_no_gaps_and_no_overlaps(drawn):
    shapes = drawn.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert holes(shapely.coverage_union_all(shapes)) == 0


def test_the_mainland_is_as_large_as_the_country(drawn):
    """331,000 km²; boxes at the coast take in some sea."""
    assert 320e9 < drawn.to_crs(ZONE).area.sum() < 365e9


def test_each_place_of_demand_lies_in_its_province(drawn):
    places = nation.places("2025-01", weights=WEIGHTS)
    points = shapely.points(places["lon"], places["lat"])
    assert shapely.intersects(drawn.geometry.to_numpy(), points).all()


# Reached when this was written: IoU 0.930 / 0.921 / 0.928.
@pytest.mark.parametrize(("code", "name"), [("92", "can_tho"), ("75", "dong_nai"), ("08", "tuyen_quang")])
def test_provinces_resemble_the_real_ones(drawn, code, name):
    path = REFERENCE / f"{name}_communes_2019.geojson"
    if not path.exists():
        pytest.skip(f"no reference polygons at {path}")
    real = gpd.read_file(path).to_crs(ZONE).union_all()
    ours = drawn.to_crs(ZONE).set_index("commune_code").geometry[code]
    shared = ours.intersection(real).area
    iou = shared / (ours.area + real.area - shared)
    print(f"{name}: IoU {iou:.3f}")
    assert iou > 0.90


@pytest.mark.parametrize("vintage", ["2025-01", "2025-07"])
def test_hoang_sa_and_truong_sa_are_part_of_the_country(vintage):
    """Every list, and the provinces that have them keep their codes."""
    shapes = nation_map.draw(vintage).set_index("commune_code").geometry
    names: dict[str, str] = dict(units.provinces(vintage).itertuples(index=False))
    for archipelago, place, province in (
        (nation_map.ARCHIPELAGOS[0], "Hoàng Sa", "Đà Nẵng"),
        (nation_map.ARCHIPELAGOS[1], "Trường Sa", "Khánh Hòa"),
    ):
        assert province in names[archipelago.province]
        shape = shapes[archipelago.province]
        for lat, lon in archipelago.islands:
            assert shape.contains(shapely.Point(lon, lat))
        for lang in LANGS:
            assert place in say(archipelago.label, lang)
            assert province in say(archipelago.label, lang)


def test_island_districts_without_communes_are_drawn(drawn):
    shapes = drawn.set_index("commune_code").geometry
    for row in units.without_communes().itertuples():
        assert shapes[row.province_code].geom_type == "MultiPolygon", row.district


def test_provinces_of_july_2025_are_unions_of_those_before(drawn):
    now = nation_map.draw("2025-07").to_crs(ZONE)
    assert len(now) == 34
    before = drawn.to_crs(ZONE)
    assert now.area.sum() == pytest.approx(before.area.sum(), rel=1e-4)
    for shape in before.geometry:
        inside = max(shape.intersection(other).area for other in now.geometry)
        assert inside / shape.area > 0.99


def test_the_map_is_drawn_once_and_kept(tmp_path, monkeypatch):
    first = boundaries.nation("2025-01", tmp_path)
    assert first.approximate
    monkeypatch.setattr(nation_map, "draw", lambda _: pytest.fail("drawn again"))
    again = boundaries.nation("2025-01", tmp_path)
    assert again.checksum == first.checksum
    assert [p.suffix for p in tmp_path.iterdir()] == [".gpkg"]
