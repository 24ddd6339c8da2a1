"""Health places of OpenStreetMap, from a server that the test starts on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner

from cli import main
from errors import DataError
from geo import downloads, health_places
from geo.downloads import Source
from geo.intake import premises_files, premises_table
from scenarios import reading

STATUS = (
    b"Connected as: 1\nCurrent time: x\nAnnounced endpoint: none\nRate limit: 2\n2 slots available now.\n"
)
"""What Overpass says when it has room; OSMnx waits a minute for anything it cannot read."""

WRITTEN = reading.FOLDER / "can_tho_2018_2020_as_written.yaml"


def node(n: int, lat: float, lon: float, **tags: str) -> dict[str, Any]:
    return {"type": "node", "id": n, "lat": lat, "lon": lon, "tags": tags}


def corner(n: int, lat: float, lon: float) -> dict[str, Any]:
    return {"type": "node", "id": n, "lat": lat, "lon": lon}


MAPPED = [
    node(1, 10.03, 105.78, amenity="hospital", name="Bệnh viện Đa khoa {{7*7}}", phone="0292 3820 071",
         **{"addr:housenumber": "4", "addr:street": "Châu Văn Liêm"}),
    node(2, 10.0301, 105.7801, amenity="hospital", name="Bệnh viện đa khoa {{7*7}}"),
    node(3, 10.04, 105.77, amenity="clinic", name="Trạm y tế phường An Khánh"),
    node(4, 10.05, 105.76, amenity="clinic", name="Phòng khám Hoa Sen"),
    node(5, 10.15, 105.60, amenity="doctors", name="Phòng khám Hoa Sen"),
    node(6, 10.06, 105.75, amenity="pharmacy", name="Nhà thuốc", healthcare="pharmacy"),
    node(7, 10.06, 105.75, amenity="clinic"),
    node(8, 21.03, 105.85, amenity="hospital", name="Bệnh viện ở xa"),
    {"type": "way", "id": 9, "nodes": [91, 92, 93, 94, 91],
     "tags": {"amenity": "hospital", "name": "Bệnh viện Nhi", "building": "yes"}},
    corner(91, 10.02, 105.76), corner(92, 10.02, 105.761),
    corner(93, 10.021, 105.761), corner(94, 10.021, 105.76),
]  # fmt: skip


@pytest.fixture
def overpass(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A server that answers with `MAPPED`, or with what a test puts in; `asked` counts."""
    state: dict[str, Any] = {"answer": {"elements": MAPPED}, "status": 200, "asked": []}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(STATUS)

        def do_POST(self) -> None:
            state["asked"].append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.reply(json.dumps(state["answer"]).encode(), state["status"])

        def reply(self, body: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here = Source(
        **{**vars(downloads.sources()["osm"]), "address": f"http://127.0.0.1:{server.server_port}/api"}
    )
    monkeypatch.setattr(downloads, "sources", lambda: {"osm": here})
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_named_places_of_the_province_come_once_without_telephones(overpass):
    found = health_places.fetch("92", "2025-01")
    assert [(row.id, row.name, row.type) for row in found.itertuples()] == [
        ("node/1", "Bệnh viện Đa khoa ((7*7))", "hospital"),
        ("way/9", "Bệnh viện Nhi", "hospital"),
        ("node/4", "Phòng khám Hoa Sen (node/4)", "clinic"),
        ("node/5", "Phòng khám Hoa Sen (node/5)", "doctors"),
        ("node/3", "Trạm y tế phường An Khánh", "health_station"),
    ]
    assert found["address"][0] == "4, Châu Văn Liêm"
    assert "0292" not in found.to_json()
    assert "amenity" in overpass["asked"][0]


def test_what_comes_is_read_as_a_layer_of_premises(overpass):
    scenario = reading.load(WRITTEN)
    grid, columns = premises_table.find(
        [premises_files.as_grid(health_places.fetch("92", "2025-01"), "OSM")], scenario
    )
    assert premises_table.unclear_types(grid, columns, scenario) == ["clinic", "doctors"]
    types = {"clinic": "hospital", "doctors": premises_table.LEFT_OUT}
    found = premises_table.read(
        grid, columns, scenario, communes=premises_table.listed(scenario), types=types
    )
    assert len(found.rows) == 4
    assert [row.id for row in found.rows if row.how == "station"]


def test_the_command_writes_a_layer_that_check_takes(overpass, tmp_path):
    out = tmp_path / "osm.geojson"
    said = CliRunner().invoke(main, ["premises", "download", "--scenario", str(WRITTEN), "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "ODbL" in said.output
    check = ["premises", "check", str(out), "--scenario", str(WRITTEN)]
    bad = CliRunner().invoke(main, check)
    assert bad.exit_code == 2
    assert "clinic" in bad.output
    good = CliRunner().invoke(main, [*check, "--type", "clinic=hospital", "--type", "doctors="])
    assert good.exit_code == 0, good.output


@pytest.mark.parametrize(
    ("change", "code"),
    [({"answer": {"elements": []}}, "download.nothing"), ({"status": 504}, "download.refused")],
)
def test_a_server_that_has_nothing_or_refuses(overpass, change, code):
    overpass.update(change)
    with pytest.raises(DataError) as caught:
        health_places.fetch("92", "2025-01")
    assert [p.code for p in caught.value.problems] == [code]


def test_a_nation_is_not_asked_for(overpass, tmp_path):
    nation = reading.FOLDER / "national_2012_2015.yaml"
    said = CliRunner().invoke(
        main, ["premises", "download", "--scenario", str(nation), "--out", str(tmp_path / "x.geojson")]
    )
    assert said.exit_code == 2
    assert overpass["asked"] == []
