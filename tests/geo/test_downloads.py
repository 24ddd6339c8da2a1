"""Downloads, against a server that the test starts on this machine and answers that it makes itself."""

import hashlib
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import shapely

from errors import DataError
from geo import boundaries, downloads, units
from geo.downloads import Source
from tests.geo.asking import unchanged
from tests.geo.intake.outline_samples import province
from text import LANGS, catalogue

COMMIT = "c" * 40


class Site:
    """What the server answers: (status, body, headers) by path, or a function of the request's text."""

    def __init__(self):
        self.pages, self.seen, self.address = {}, [], ""

    def says(self, path, body, status=200, **headers):
        self.pages[path] = (status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers)

    def asked(self, pattern):
        return [one for one in self.seen if re.search(pattern, one)]


@pytest.fixture
def site(monkeypatch, tmp_path):
    """A server of one's own, the sources pointed at it, and a folder of one's own."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, said=""):
            found.seen.append(f"{self.command} {self.path} {said}")
            page = found.pages.get(urlsplit(self.path).path)
            status, body, headers = page(self, said) if callable(page) else page or (404, b"", {})
            self.send_response(status)
            told = {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in ({"Content-Length": str(len(body))} | told).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer()

        def do_POST(self):
            said = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(parse_qs(said)["data"][0])

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}"
    known = {one.id: one for one in downloads.sources().values()}
    here = {
        "osm": Source(**{**vars(known["osm"]), "address": f"{found.address}/api"}),
        "vn-provinces-db": Source(
            **{
                **vars(known["vn-provinces-db"]),
                "address": f"{found.address}/list",
                "files": f"{found.address}/raw/{{commit}}",
                "vintages": {"2025-07": {"commit": COMMIT, "folder": "wards"}},
            }
        ),
    }
    monkeypatch.setattr(downloads, "sources", lambda: here)
    monkeypatch.setattr(boundaries, "user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(downloads, "SECONDS", 5.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def refusal(*args):
    """The codes of what `fetch` refuses."""
    with pytest.raises(DataError) as error:
        downloads.fetch(*args)
    for lang in LANGS:
        assert error.value.say(lang)
    return {problem.code for problem in error.value.problems}


# --- a folder of files -------------------------------------------------------------------------------


def folder(site, frame, name="92_can_tho"):
    """One GeoJSON a ward, as the repository lays them out."""
    site.says("/list", [{"name": n, "type": "dir", "sha": "0" * 40, "size": 0} for n in ("01_ha_noi", name)])
    entries = []
    for row in frame.to_crs(4326).itertuples():
        properties = {"unit_name": row.ten_xa.split(" ", 1)[1], "unit_code": row.ma_xa}
        feature = {"type": "Feature", "properties": properties,
                   "geometry": shapely.geometry.mapping(row.geometry)}  # fmt: skip
        body = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
        sha = hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
        file = f"{row.ma_xa}_xa.geojson"
        entries.append({"name": file, "type": "file", "sha": sha, "size": len(body)})
        site.says(f"/raw/{COMMIT}/{name}/wards/{file}", body)
    site.says(f"/list/{name}/wards", entries)
    return entries


@pytest.fixture
def wards():
    return province("92", "2025-07")


def test_a_province_is_fetched_file_by_file_and_credited(site, wards):
    folder(site, wards)
    told = []
    found = downloads.fetch("vn-provinces-db", "92", "2025-07", progress=lambda *n: told.append(n))
    assert list(found.frame["commune_code"]) == list(units.communes("92", "2025-07")["commune_code"])
    assert (found.origin, found.licence) == ("download", "MIT")
    assert "thanglequoc" in found.credit.vi
    assert len(found.checksum) == 64
    assert found.report
    assert told[-1] == (103, 103)
    assert len(site.asked("GET /raw/")) == 103
    assert site.asked(f"ref={COMMIT}")  # one commit, so that the same comes tomorrow
    assert not list((boundaries.user_cache()).glob(".parts*"))


def test_a_broken_download_goes_on_where_it_stopped(site, wards):
    entries = folder(site, wards)
    last = f"/raw/{COMMIT}/92_can_tho/wards/{entries[-1]['name']}"
    page = site.pages[last]
    site.says(last, b"", status=503)
    assert refusal("vn-provinces-db", "92", "2025-07") == {"download.refused"}
    assert len(list(next(boundaries.user_cache().glob(".parts*")).iterdir())) == 102
    site.pages[last] = page
    site.seen.clear()
    downloads.fetch("vn-provinces-db", "92", "2025-07")
    assert len(site.asked("GET /raw/")) == 1


def test_what_was_kept_and_spoiled_is_fetched_again(site, wards):
    entries = folder(site, wards)
    parts = downloads._parts(downloads.sources()["vn-provinces-db"], "92", "2025-07")
    parts.mkdir(parents=True)
    (parts / entries[0]["sha"]).write_bytes(b"spoiled")
    downloads.fetch("vn-provinces-db", "92", "2025-07")
    assert len(site.asked("GET /raw/")) == 103


def tamper(site, entries):
    site.says(f"/raw/{COMMIT}/92_can_tho/wards/{entries[3]['name']}", b'{"features": []}')


def odd_hash(site, entries):
    entries[0]["sha"] = "../../x"
    site.says("/list/92_can_tho/wards", entries)


def no_list(site, entries):
    site.says("/list/92_can_tho/wards", {"message": "moved"})


def no_json(site, entries):
    site.says("/list", b"<html>")


def huge(site, entries):
    entries[0]["size"] = downloads.MOST_BYTES + 1
    site.says("/list/92_can_tho/wards", entries)


def endless(site, entries):
    site.says(
        f"/raw/{COMMIT}/92_can_tho/wards/{entries[3]['name']}", b"x" * (downloads.MOST_BYTES_A_FILE + 1)
    )


def cut_short(site, entries):
    site.says(f"/raw/{COMMIT}/92_can_tho/wards/{entries[3]['name']}", b"xx", Content_Length="99")


def redirected(site, entries):
    site.says("/list", b"", status=302, Location="http://127.0.0.2:1/elsewhere")


def gone(site, entries):
    site.pages.clear()


def another_province(site, entries):
    site.says("/list", [{"name": "01_ha_noi", "type": "dir", "sha": "0" * 40, "size": 0}])


def empty(site, entries):
    site.says("/list/92_can_tho/wards", [])


def no_features(site, entries):
    body = b'{"oh": 1}'
    sha = hashlib.sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
    site.says(f"/raw/{COMMIT}/92_can_tho/wards/a.geojson", body)
    site.says("/list/92_can_tho/wards", [{"name": "a.geojson", "type": "file", "sha": sha, "size": 9}])


def less(site, entries):
    site.says("/list/92_can_tho/wards", entries[:-2])


BAD = {
    tamper: "download.changed", odd_hash: "download.changed", no_list: "download.unexpected",
    no_json: "download.unexpected", huge: "download.too_large", endless: "download.too_large",
    cut_short: "download.offline", redirected: "download.elsewhere", gone: "download.refused",
    another_province: "download.no_province", empty: "download.nothing", no_features: "download.unexpected",
    less: "outline.missing",
}  # fmt: skip


@pytest.mark.parametrize("harm", BAD, ids=lambda harm: harm.__name__)
def test_what_comes_is_looked_at(site, wards, harm):
    harm(site, folder(site, wards))
    assert refusal("vn-provinces-db", "92", "2025-07") == {BAD[harm]}


def test_every_message_has_a_case():
    asked = {"download.unknown_source", "download.vintage"}
    codes = {key.split(".remedy")[0][6:] for key in catalogue() if key.startswith("error.download.")}
    assert codes == {code for code in BAD.values() if code.startswith("download.")} | asked


def test_nothing_is_asked_of_anybody_for_what_cannot_be(site):
    assert refusal("gadm", "92", "2025-07") == {"download.unknown_source"}
    assert refusal("vn-provinces-db", "92", "2025-01") == {"download.vintage"}
    assert refusal("vn-provinces-db", "99", "2025-07") == {"geo.unknown_province"}
    assert site.seen == []


def test_without_a_network_it_is_said_in_words(site, monkeypatch):
    def unreachable(*_args, **_more):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    for source in ("osm", "vn-provinces-db"):
        with pytest.raises(DataError) as error:
            downloads.fetch(source, "92", "2025-07")
        assert error.value.problems[0].code == "download.offline"
        assert "127.0.0.1" in error.value.say("vi")
        assert "ranh giới gần đúng" in error.value.say("vi")


@pytest.mark.parametrize("address", ["http://example.org/x", "file:///x", "ftp://127.0.0.1/x", "https:x"])
def test_only_https_is_spoken_to_others(address):
    with pytest.raises(DataError) as error:
        downloads.get(address) if address != "https:x" else downloads.get("http://127.0.0.1.example.org/")
    assert error.value.problems[0].code == "download.elsewhere"


def test_a_redirect_within_the_machine_is_followed(site):
    site.says("/old", b"", status=301, Location=f"{site.address}/new")
    site.says("/new", b"here")
    assert downloads.get(f"{site.address}/old") == b"here"


# --- OpenStreetMap -------------------------------------------------------------------------------------

STATUS = (
    b"Connected as: 1\nCurrent time: x\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"
)


def elements(frame, level):
    """What Overpass says of administrative areas: nodes, ways of each ring, and a relation each."""
    said, number = [], 1
    for row in frame.to_crs(4326).itertuples():
        members = []
        for part in shapely.get_parts(row.geometry):
            nodes = []
            for lon, lat in part.exterior.coords[:-1]:
                number += 1
                nodes.append(number)
                said.append({"type": "node", "id": number, "lat": lat, "lon": lon})
            number += 1
            said.append({"type": "way", "id": number, "nodes": [*nodes, nodes[0]]})
            members.append({"type": "way", "ref": number, "role": "outer"})
        number += 1
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": level, "name": row.ten_xa}
        said.append({"type": "relation", "id": number, "members": members, "tags": tags})
    return {"version": 0.6, "elements": said}


def overpass(site, answer, status=200):
    site.says("/api/status", STATUS)
    site.says("/api/interpreter", answer, status)


@pytest.mark.parametrize(("vintage", "level"), [("2025-07", "6"), ("2025-01", "8")])
def test_openstreetmap_is_asked_for_the_level_and_the_date_of_the_list(site, vintage, level, tmp_path):
    overpass(site, elements(province("92", vintage), level))
    with unchanged():
        found = downloads.fetch("osm", "92", vintage)
    assert list(found.frame["commune_code"]) == list(units.communes("92", vintage)["commune_code"])
    assert found.credit.en == "Boundaries: © OpenStreetMap contributors (ODbL 1.0)"
    assert shapely.coverage_is_valid(np.asarray(found.frame.geometry.array))
    (query,) = site.asked("POST /api/interpreter")
    assert f"'admin_level'='{level}'" in query
    assert ('[date:"2025-04-01T00:00:00Z"]' in query) == (vintage == "2025-01")
    assert not list(tmp_path.rglob("*.json"))  # the library's own cache stays empty


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ({"version": 0.6, "elements": []}, 200, "download.nothing"),
        ({"elements": []}, 429, "download.refused"),  # and is not asked again for an hour
        ({"elements": []}, 504, "download.refused"),
        (b"<html>busy</html>", 200, "download.nothing"),
    ],
)
def test_openstreetmap_may_have_nothing_to_say(site, answer, status, code):
    overpass(site, answer, status)
    with unchanged():
        assert refusal("osm", "92", "2025-07") == {code}
    assert len(site.asked("POST")) == 1


def test_an_answer_of_openstreetmap_that_does_not_end_is_cut(site, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 10_000)
    overpass(site, elements(province("92", "2025-07"), "6"))
    with unchanged():
        assert refusal("osm", "92", "2025-07") == {"download.too_large"}


def test_communes_that_openstreetmap_lacks_are_named(site):
    overpass(site, elements(province("92", "2025-07").iloc[1:], "6"))
    with pytest.raises(DataError) as error:
        downloads.fetch("osm", "92", "2025-07")
    assert error.value.problems[0].code == "outline.missing"
    assert "31120 Phường Cái Khế" in error.value.say("vi")


# --- the table -----------------------------------------------------------------------------------------


def test_each_source_says_what_it_is_and_under_what_terms():
    for source in downloads.sources().values():
        assert source.licence
        assert source.attribution
        assert source.note.vi
        assert source.note.en
        assert urlsplit(source.address).scheme == "https"
        assert set(source.vintages) <= {"2025-01", "2025-07"}
        assert source.kind in downloads._KINDS
        for terms in source.vintages.values():
            assert re.fullmatch(r"[0-9a-f]{40}", terms.get("commit", COMMIT))
    assert {one.id for one in downloads.not_offered()} == {"censusvn2009", "gadm", "geoboundaries"}
    assert all(one.reason.vi and one.reason.en for one in downloads.not_offered())
