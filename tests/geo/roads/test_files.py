"""Roads from files: what is read and what is kept; test_files_bad has what is refused."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmnx
import pytest
import shapely

from errors import DataError
from geo.roads import files, graph, layers
from tests.geo.roads.road_samples import LINES, NODES, WAYS, as_bytes, graphml, layer, pbf, saved, xml

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
HANOI, CAN_THO = REFERENCE / "hanoi_quoctugiam_osm.graphml", REFERENCE / "can_tho_roads_2011.geojson"


def same(one, other, **more):
    """The same roads: places, and minutes between them."""
    built = [graph.build(found, **more) for found in (one, other)]
    places = [np.column_stack([found.lon, found.lat]).round(7).tolist() for found in built]
    pairs = [
        {
            (tuple(at[tail]), tuple(at[head])): minutes
            for tail, head, minutes in zip(found.tail, found.head, found.minutes.tolist(), strict=True)
        }
        for found, at in zip(built, places, strict=True)
    ]
    return pairs[0] == pytest.approx(pairs[1], rel=1e-6)


# --- OpenStreetMap ---------------------------------------------------------------------------------------


def test_openstreetmap_as_xml_and_as_pbf(tmp_path):
    one = files.roads(saved(tmp_path, "town.osm", xml()))
    other = files.roads(pbf(tmp_path, "2025-11-02T20:21:00Z"))
    assert one.km_by_class() == pytest.approx(other.km_by_class())
    assert list(one.km_by_class()) == ["residential", "secondary", "service"]  # no building, no misprint
    assert same(one, other)
    assert (one.retrieved, other.retrieved) == ("", "2025-11-02")
    assert one.attribution == "© OpenStreetMap contributors (ODbL 1.0)"
    assert all("name" not in kind for kind in one.kinds)
    built = files.read(tmp_path / "town.osm")
    assert len(built.lon) == 4  # 2 is a bend
    assert len(built.tail) == 6  # two ways of two directions, two of one
    assert set(built.component.tolist()) == {0}  # round by 3 and 4; from 4 to 5 as it was drawn backwards


def test_the_middle_of_a_country_is_read_alone(tmp_path):
    found = files.roads(pbf(tmp_path), polygon=shapely.box(105.7015, 10.0015, 105.703, 10.003))
    assert list(found.km_by_class()) == ["residential"]


# --- OSMnx -----------------------------------------------------------------------------------------------


SPURRED = WAYS | {16: ((1, 6), WAYS[14][1]), 17: ((5, 7), WAYS[14][1]), 18: ((4, 8), WAYS[14][1])}
FURTHER = NODES | {6: (105.699, 10.00), 7: (105.699, 10.002), 8: (105.703, 10.002)}
"""Where two classes meet without a junction OSMnx would make one edge of both: here are junctions."""


@pytest.fixture
def osmnx_graph(tmp_path):
    """The town as OSMnx sees it, for any who pass."""
    town = {key: way for key, way in SPURRED.items() if key not in {13, 15}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return osmnx.graph_from_xml(
            saved(tmp_path, "x.osm", xml(FURTHER, town)), simplify=True, retain_all=True
        )


@pytest.mark.parametrize("mode", ["motorcycle", "car", "walking"])
def test_a_graph_of_osmnx_is_the_file_that_it_was_made_from(tmp_path, osmnx_graph, mode):
    osmnx.save_graphml(osmnx_graph, tmp_path / "town.graphml")
    found = files.roads(tmp_path / "town.graphml")
    assert same(found, files.roads(saved(tmp_path, "town.osm", xml(FURTHER, SPURRED))), mode=mode)
    assert len(found.retrieved) == len("2025-11-02")
    by_osmnx = sum(length for _, _, length in osmnx_graph.edges(data="length"))
    assert graph.build(found).metres.sum() == pytest.approx(by_osmnx, rel=0.006)  # it takes a sphere


def test_a_projected_graph_of_osmnx_is_turned_back(tmp_path, osmnx_graph):
    osmnx.save_graphml(osmnx.project_graph(osmnx_graph), tmp_path / "projected.graphml")
    osmnx.save_graphml(osmnx_graph, tmp_path / "town.graphml")
    assert same(*(files.roads(tmp_path / name) for name in ("projected.graphml", "town.graphml")))


def test_what_osmnx_merged_is_taken_with_care(tmp_path):
    told = {
        "highway": "['secondary', 'service']",
        "maxspeed": "['60', '12']",
        "access": "['yes', 'permissive']",
    }
    shut = {"highway": "residential", "access": "['yes', 'private']"}
    rough = {"highway": "residential", "surface": "['asphalt', 'mud']"}
    path = saved(tmp_path, "x.graphml", graphml([(1, 2, told), (2, 3, shut), (3, 4, rough)]))
    found = files.read(path)
    assert len(found.tail) == 2
    assert found.minutes == pytest.approx(found.metres / 1000 / np.array([12, 8]) * 60)


def test_the_crs_of_an_old_graph_is_understood(tmp_path):
    edges = [(1, 2, {"highway": "primary"}), (2, 1, {"highway": "primary"})]
    for crs in ("epsg:4326", "{'init': 'epsg:4326'}", "EPSG:4326", ""):
        assert len(files.read(saved(tmp_path, "x.graphml", graphml(edges, crs=crs))).tail) == 2


def test_both_directions_of_a_street_share_the_nodes_on_its_way(tmp_path):
    line = [(105.7 + step / 1000, 10.0 + step % 2 / 1000) for step in range(31)]
    nodes = {1: line[0], 2: line[-1]}
    there, back = shapely.LineString(line).wkt, shapely.LineString(line[::-1]).wkt
    told = {"highway": "primary"}
    edges = [(1, 2, {**told, "geometry": there}), (2, 1, {**told, "geometry": back})]
    found = files.read(saved(tmp_path, "x.graphml", graphml(edges, nodes)))
    assert len(found.tail) == 2 * (len(found.lon) - 1)
    assert len(found.lon) > 10
    assert set(found.component.tolist()) == {0}


# --- layers of lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "ending", "crs"),
    [
        ("đường.geojson", ".geojson", 4326),
        ("đường.gpkg", ".gpkg", 9217),  # VN-2000, a province's meridian
        ("đường.zip", ".shp", 32648),
    ],
)
def test_a_layer_of_lines(tmp_path, name, ending, crs):
    (tmp_path / "made").mkdir()
    path = saved(tmp_path, name, as_bytes(layer(crs), ending, tmp_path / "made"))
    found = files.roads(path)
    assert set(found.km_by_class()) == {"primary", "secondary", "tertiary", "service"}
    built = graph.build(found)
    assert built.component.max() == 3  # the end of the one-way road, the alley, the bridge
    assert len(found.kinds) == 4
    one_way = built.metres[~np.isin(built.tail, built.head)]
    assert len(one_way) == 0
    assert len(built.tail) == 2 * len(found.tail) - sum(
        found.kinds[kind].get("oneway") == "yes" for kind in found.kind
    )
    assert found.attribution == ""


@pytest.mark.parametrize(
    ("said", "highway"),
    [
        ("Quốc lộ 1A", "primary"), ("quoc lo", "primary"), ("QL91B", "primary"), ("Cao tốc", "motorway"),
        ("Đường cao tốc Bắc – Nam", "motorway"), ("tinh lo", "secondary"), ("ĐT.923", "secondary"),
        ("Tỉnh lộ 923", "secondary"), ("Đường huyện 12", "tertiary"), ("Đường xã", "unclassified"),
        ("liên xã", "unclassified"), ("Đường ấp", "unclassified"), ("GTNT loại B", "unclassified"),
        ("Đường phố", "residential"), ("Hẻm 12", "service"), ("Kiệt", "service"), ("Đường mòn", "track"),
        ("residential", "residential"), ("trunk_link", "trunk_link"), ("?", "road"), ("", "road"),
    ],
)  # fmt: skip
def test_the_words_of_a_class_column(said, highway):
    assert layers.class_of(said) == highway


@pytest.mark.parametrize(
    ("column", "said", "directions"),
    [
        ("MOT_CHIEU", 1, "along"), ("MOT_CHIEU", 0, "both"), ("Một chiều", "Có", "along"),
        ("oneway", "yes", "along"), ("oneway", "F", "along"), ("oneway", "T", "against"),
        ("oneway", "B", "both"),
        ("oneway", -1, "against"), ("oneway", "TF", "against"), ("ONEWAY", None, "both"),
        ("one_way", True, "along"), ("one_way", False, "both"),
    ],
)  # fmt: skip
def test_the_words_of_a_one_way_column(tmp_path, column, said, directions):
    frame = gpd.GeoDataFrame(
        {"highway": ["primary"], column: [said]}, geometry=[shapely.LineString(LINES[0][0])], crs=4326
    )
    found = files.read(saved(tmp_path, "x.geojson", frame.to_json().encode()))
    pairs = {(found.lon[tail] < found.lon[head]) for tail, head in zip(found.tail, found.head, strict=True)}
    assert pairs == {"along": {True}, "against": {False}, "both": {True, False}}[directions]


def test_other_columns_speak_if_they_are_named_as_openstreetmap_names_them(tmp_path):
    frame = layer(rows=LINES[:2], surface=["mud", None], maxspeed=[np.nan, 12.0]).drop(columns="MOT_CHIEU")
    found = files.read(saved(tmp_path, "x.geojson", frame.to_json().encode()))
    assert sorted({round(v) for v in found.metres / found.minutes * 60 / 1000}) == [8, 12]


# --- a file of our own --------------------------------------------------------------------------------------


def test_what_is_kept_comes_back_equal(tmp_path):
    found = files.roads(pbf(tmp_path, "2025-11-02T20:21:00Z"))
    path = tmp_path / "deep" / "town.roads.npz"
    files.keep(found, path)
    again = files.roads(path)
    assert vars(again).keys() == vars(found).keys()
    for name, value in vars(found).items():
        if isinstance(value, np.ndarray):
            assert getattr(again, name).dtype == value.dtype
            assert (getattr(again, name) == value).all()
        else:
            assert getattr(again, name) == value, name
    assert graph.build(again).checksum == files.read(path).checksum == graph.build(found).checksum
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    clipped = files.roads(path, polygon=shapely.box(105.7015, 10.0015, 105.703, 10.003))
    assert list(clipped.km_by_class()) == ["residential"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    found, path = files.roads(pbf(tmp_path)), tmp_path / "kept" / "town.roads.npz"
    files.keep(found, path)
    before = path.read_bytes()

    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(DataError) as error:
        files.keep(found, path)
    assert error.value.problems[0].code == "roads.not_kept"
    assert "No space left" in error.value.say("vi")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# --- real roads -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not HANOI.exists(), reason="the reference data is not beside the project")
def test_the_middle_of_ha_noi():
    found = files.roads(HANOI)
    by_motorcycle, on_foot = graph.build(found), graph.build(found, mode="walking")
    assert found.retrieved == "2023-12-22"
    assert found.metres.sum() / 1000 == pytest.approx(38.7, abs=0.5)
    assert np.bincount(by_motorcycle.component)[0] / len(by_motorcycle.lon) > 0.95
    assert np.bincount(on_foot.component)[0] / len(on_foot.lon) > 0.99
    assert 12 < by_motorcycle.metres.sum() / 1000 / by_motorcycle.minutes.sum() * 60 < 25


@pytest.mark.skipif(not CAN_THO.exists(), reason="the reference data is not beside the project")
def test_the_roads_of_can_tho():
    found = files.roads(CAN_THO)
    assert found.metres.sum() / 1000 == pytest.approx(515, abs=1)
    assert set(found.km_by_class()) == {"primary", "secondary", "road"}
    built = graph.build(found)
    assert np.bincount(built.component).tolist() == [len(built.lon)]  # one network
