"""The download of roads, against an Overpass that the test makes itself."""

import json
import os
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely

from errors import DataError
from geo import boundaries, downloads, units
from geo.downloads import Source
from geo.roads import fetch, files, graph
from tests.geo.asking import unchanged
from text import LANGS

STATUS = (
    b"Connected as: 1\nCurrent time: x\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"
)
STAMP = "2026-10-0{}T20:21:00Z"
PROVINCE, VINTAGE = "92", "2025-07"


class Overpass:
    """A map of its own: one road from west to east through all of the province, one ferry."""

    def __init__(self):
        self.asked, self.address, self.says = [], "", {}
        polygon = fetch.area(PROVINCE, VINTAGE)
        west, south, east, north = polygon.bounds
        self.middle = (south + north) / 2
        inside = polygon.intersection(shapely.LineString([(west, self.middle), (east, self.middle)]))
        self.lon = np.linspace(inside.bounds[0] + 0.001, inside.bounds[2] - 0.001, 200)

    def answer(self, query):
        """What lies in the polygon that `query` names; ways whole, as Overpass gives them."""
        number = len(self.asked)
        self.asked.append(query)
        if number in self.says:
            return self.says[number]
        figures = [float(figure) for figure in re.search(r"poly:'([^']*)'", query)[1].split()]
        tile = shapely.Polygon(list(zip(figures[1::2], figures[::2], strict=True)))
        elements, nodes = [], set()
        for key in range(199):
            way = (key, key + 1)
            line = shapely.LineString([(self.lon[n], self.middle) for n in way])
            if line.intersects(tile):
                nodes |= {*way}
                tags = {"route": "ferry"} if key == 100 else {"highway": "secondary", "name": "Đường"}
                elements.append({"type": "way", "id": 1000 + key, "nodes": [*way], "tags": tags})
        elements += [
            {"type": "node", "id": key, "lat": self.middle, "lon": self.lon[key]} for key in sorted(nodes)
        ]
        about = {"timestamp_osm_base": STAMP.format(1 + number % 9)}
        return 200, json.dumps({"version": 0.6, "osm3s": about, "elements": elements}).encode()


@pytest.fixture
def overpass(monkeypatch, tmp_path):
    """The service on this machine, the source pointed at it, folders of one's own."""
    found = Overpass()

    class Handler(BaseHTTPRequestHandler):
        def reply(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.reply(200, STATUS)

        def do_POST(self):
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply(*found.answer(parse_qs(said)["data"][0]))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}/api"
    known = downloads.sources()["osm"]
    here = {"osm": Source(**{**vars(known), "address": found.address})}
    monkeypatch.setattr(downloads, "sources", lambda: here)
    monkeypatch.setattr(fetch, "TILE_DEG", 0.8)  # a handful
    monkeypatch.setattr(fetch, "FOLDER", tmp_path / "roads")
    monkeypatch.setattr(boundaries, "user_cache", lambda: tmp_path / "cache" / "boundaries")
    monkeypatch.setattr(downloads, "SECONDS", 5.0)
    monkeypatch.delenv(fetch.ELSEWHERE, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def refusal():
    with unchanged(), pytest.raises(DataError) as error:
        fetch.fetch(PROVINCE, VINTAGE)
    for lang in LANGS:
        assert error.value.say(lang)
    (problem,) = error.value.problems
    return problem.code


def tiles():
    return len(fetch._tiles(fetch.area(PROVINCE, VINTAGE), ""))


# --- what comes ------------------------------------------------------------------------------------------


def test_a_province_comes_tile_by_tile_and_each_road_once(overpass, tmp_path):
    told = []
    assert fetch.kept_for(PROVINCE, VINTAGE) is None
    with unchanged():
        path = fetch.fetch(PROVINCE, VINTAGE, progress=lambda done, of: told.append((done, of)))
    assert path == fetch.kept_for(PROVINCE, VINTAGE) == tmp_path / "roads" / "osm_2025-07_92.roads.npz"
    assert told == [(done, tiles()) for done in range(tiles() + 1)]
    assert len(overpass.asked) == tiles() >= 4
    assert [file.name for file in path.parent.iterdir()] == [path.name]  # no answers are left lying about
    found = files.roads(path)
    assert len(found.tail) == 199
    assert found.retrieved == "2026-10-01"  # the oldest state of the map among the answers
    assert found.attribution == "© OpenStreetMap contributors (ODbL 1.0)"
    assert found.source == f"OpenStreetMap ({urlsplit(overpass.address).netloc})"
    built = graph.build(found)
    assert set(built.component.tolist()) == {0}
    assert built.ferry.sum() == 2
    middle = overpass.middle
    assert built.extent == pytest.approx((overpass.lon[0], middle, overpass.lon[-1], middle))


def test_all_that_a_mode_may_use_is_asked_for_and_nothing_else(overpass):
    fetch.fetch(PROVINCE, VINTAGE)
    (values,) = {
        re.search(r'\[~"\^\(highway\|route\)\$"~"\^\((.*)\)\$"\]', query)[1] for query in overpass.asked
    }
    assert {"trunk", "path", "steps", "ferry", "motorway_link"} <= {*values.split("|")}
    assert not {"construction", "proposed", "bus_stop", "bus"} & {*values.split("|")}
    assert all("[date:" not in query for query in overpass.asked)


def test_the_tiles_cover_the_province_and_its_surroundings():
    polygon = fetch.area(PROVINCE, VINTAGE)
    found = fetch._tiles(polygon, "")
    assert shapely.union_all(found).contains(polygon)
    assert all(tile.intersects(polygon) for tile in found)
    assert sum(tile.area for tile in found) == pytest.approx(shapely.union_all(found).area)
    communes = units.communes(PROVINCE, VINTAGE)
    assert shapely.contains_xy(polygon, communes["lon"], communes["lat"]).all()
    near = shapely.distance(polygon.boundary, shapely.points(communes["lon"], communes["lat"])).min()
    assert near * 110 == pytest.approx(fetch.AROUND_M / 1000, rel=0.05)


# --- what is broken off ------------------------------------------------------------------------------------


def test_a_broken_download_goes_on_where_it_stopped(overpass):
    overpass.says[3] = 429, b"{}"
    assert refusal() == "roads.refused"
    assert len(overpass.asked) == 4
    assert fetch.kept_for(PROVINCE, VINTAGE) is None
    fetch.fetch(PROVINCE, VINTAGE)
    assert len(overpass.asked) == tiles() + 1  # the refused one was asked for twice, no other
    assert len({*overpass.asked}) == tiles()


def test_an_answer_that_a_crash_left_half_written_is_fetched_again(overpass, tmp_path):
    overpass.says[3] = 504, b"{}"
    assert refusal() == "roads.refused"
    parts = sorted((tmp_path / "roads").glob(".parts_*/*.json"))
    assert len(parts) == 3
    parts[0].write_text('{"elements": [', encoding="utf-8")
    old = time.time() - (fetch.PARTS_DAYS + 1) * 86_400
    os.utime(parts[1], (old, old))
    fetch.fetch(PROVINCE, VINTAGE)
    assert len(overpass.asked) == 4 + tiles() - 1
    assert len(files.roads(fetch.kept_for(PROVINCE, VINTAGE)).tail) == 199


def test_a_remark_of_failure_is_not_taken_for_an_answer(overpass):
    """Overpass answers 200 with what it had when its time or memory was up."""
    overpass.says[0] = 200, json.dumps({"elements": [], "remark": "runtime error: Query timed out"}).encode()
    assert refusal() == "roads.incomplete"
    fetch.fetch(PROVINCE, VINTAGE)
    assert len(overpass.asked) == tiles() + 1


def test_what_was_kept_stays_until_all_has_come_anew(overpass):
    path = fetch.fetch(PROVINCE, VINTAGE)
    before = path.read_bytes()
    overpass.says[len(overpass.asked) + 2] = 429, b"{}"
    assert refusal() == "roads.refused"
    assert path.read_bytes() == before


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (429, b"{}", "roads.refused"),
        (504, b"{}", "roads.refused"),
        (200, b"<html>busy</html>", "roads.unexpected"),
        (200, b"[]", "roads.unexpected"),
    ],
)
def test_the_service_may_have_nothing_to_say(overpass, status, body, code):
    overpass.says[0] = status, body
    assert refusal() == code
    assert len(overpass.asked) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"elements": []}', "roads.empty"),
        (b'{"version": 0.6}', "roads.unexpected"),
        (b'{"elements": [{"type": "way"}]}', "roads.unexpected"),
    ],
)
def test_answers_that_hold_no_road(overpass, body, code, tmp_path):
    overpass.says = dict.fromkeys(range(99), (200, body))
    assert refusal() == code
    if code == "roads.unexpected":
        assert not list((tmp_path / "roads").glob(".parts_*"))  # the next try asks anew


def test_an_answer_that_does_not_end_is_cut(overpass, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 1_000)
    overpass.says[0] = 200, b" " * 2_000
    assert refusal() == "roads.answer_too_large"


def test_without_a_network_it_is_said_in_words(overpass, monkeypatch):
    def unreachable(*_args, **_more):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    with pytest.raises(DataError) as error:
        fetch.fetch(PROVINCE, VINTAGE)
    assert error.value.problems[0].code == "roads.offline"
    assert ".osm.pbf" in error.value.say("vi")
    assert overpass.asked == []


def test_a_network_that_goes_away_is_said_in_words(overpass, monkeypatch):
    def away(*_args, **_more):
        raise TimeoutError("timed out")

    monkeypatch.setattr("requests.post", away)
    assert refusal() == "roads.offline"


def test_another_machine_than_the_source_is_not_asked(overpass, monkeypatch):
    known = Source(**{**vars(downloads.sources()["osm"]), "address": "http://example.org/api"})
    monkeypatch.setattr(downloads, "sources", lambda: {"osm": known})
    assert refusal() == "roads.elsewhere"


def test_half_a_country_is_not_asked_for(overpass, monkeypatch):
    monkeypatch.setattr(fetch, "MOST_KM2", 1_000.0)
    assert refusal() == "roads.too_wide"
    assert overpass.asked == []


def test_a_province_that_is_none_is_not_asked_for(overpass):
    with pytest.raises(DataError) as error:
        fetch.fetch("99", VINTAGE)
    assert error.value.problems[0].code == "geo.unknown_province"
    assert overpass.asked == []


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_asked(overpass, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(fetch.ELSEWHERE, str(tmp_path / "file" / "roads"))
    assert refusal() == "roads.not_kept"
    assert overpass.asked == []


# --- where files are ----------------------------------------------------------------------------------------


def test_a_file_is_found_by_its_name_or_its_path(tmp_path, monkeypatch):
    monkeypatch.setenv(fetch.ELSEWHERE, str(tmp_path))
    assert fetch.folder() == tmp_path
    path = tmp_path / "đường.osm.pbf"
    assert fetch.find(path.name) is None
    path.write_bytes(b"")
    assert fetch.find(path.name) == fetch.find(str(path)) == path
    assert fetch.find("other.osm.pbf") is None


def test_where_the_program_cannot_write_the_users_own_folder_serves(overpass, tmp_path):
    (tmp_path / "roads").write_text("")  # a file where the folder would be
    path = fetch.fetch(PROVINCE, VINTAGE)
    assert (
        path == tmp_path / "cache" / "roads" / "osm_2025-07_92.roads.npz" == fetch.kept_for(PROVINCE, VINTAGE)
    )
