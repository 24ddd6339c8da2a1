"""The commands about travel, as an office would use them; no network."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result

from cli import main
from geo.roads import fetch, kept, table
from planner import road_check
from scenarios.reading import load
from tests.planner import roads, tiny

TINY = str(Path(tiny.__file__).with_name("tiny.yaml"))
FIGURES = ["--snap-metres", "300", "--walking-kmh", "5", "--wet-season-factor", "1"]


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["travel", *words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(fetch.ELSEWHERE, str(tmp_path / "roads"))
    monkeypatch.setenv(kept.ELSEWHERE, str(tmp_path / "travel"))
    return tmp_path


@pytest.fixture
def brought(folder):
    """Roads that somebody brings; nothing is kept yet."""
    return roads.keep(folder / "from an office")


def minutes(path: Path, factor: float = 1.5, *, leave_out: int = 0) -> Path:
    known = road_check.places(tiny.TINY)
    content = table.written(
        known.minutes * factor, known.communes["commune_code"], known.premises["premises"]
    )
    rows = content.decode().splitlines(keepends=True)
    path.write_text("".join(rows[:1] + rows[1 + leave_out :]), encoding="utf-8")
    return path


def test_check_says_what_a_graph_holds_and_keeps_nothing(brought, folder):
    said = run("check", str(brought), "--scenario", TINY, *FIGURES, "--lang", "en").output
    assert "© vẽ tay, 2026-01-31" in said
    assert "motorcycle" in said
    assert "A straight line that fits the roads" in said
    assert "The scenario has: detour 1.40, speed 30.0 km/h" in said
    assert "Xã Thới Đông: " in said
    assert "6 communes and premises go by the straight line" in said
    assert "Mạng đường" in run("check", str(brought), "--scenario", TINY, *FIGURES).output
    assert not (folder / "roads").exists()
    assert not (folder / "travel").exists()


def test_figures_are_asked_for(brought):
    said = run("check", str(brought), "--scenario", TINY, code=2).output
    assert "--snap-metres" in said


def test_import_keeps_the_graph_and_writes_a_scenario(brought, folder):
    out = folder / "by_road.yaml"
    run("import", str(brought), "--scenario", TINY, *FIGURES, "--out", str(out))
    new = load(out)
    assert new.travel.method == "roads"
    assert new.travel.roads is not None
    assert new.travel.roads.file == roads.FILE
    assert (folder / "roads" / roads.FILE).read_bytes()
    assert roads.FILE in new.changes[-1].vi
    said = run("list").output
    assert roads.FILE in said
    assert "© vẽ tay" in said
    again = run("check", str(brought), "--scenario", str(out)).output  # its figures stand in it now
    assert "Thới Đông" in again


def test_a_table_is_checked_kept_and_used(folder):
    file, out = minutes(folder / "Số phút.csv"), folder / "by_table.yaml"
    said = run("check", str(file), "--scenario", TINY, "--lang", "en").output
    assert "1.50 times its minutes" in said
    run("import", str(file), "--scenario", TINY, "--out", str(out), "--source", "literature: Sở Y tế, 2026")
    new = load(out)
    assert new.travel.table is not None
    assert new.travel.table.source == "literature: Sở Y tế, 2026"
    assert new.travel.table.file.startswith("so_phut_")
    (path,) = kept.tables()
    assert path.read_bytes() == file.read_bytes()
    assert path.name in run("list").output


def test_missing_pairs_need_a_word(folder):
    file, out = minutes(folder / "phut.csv", leave_out=3), folder / "by_table.yaml"
    said = run("import", str(file), "--scenario", TINY, "--out", str(out), code=2).output
    assert "--missing straight_line" in said
    assert not out.exists()
    assert kept.tables() == []
    run("import", str(file), "--scenario", TINY, "--out", str(out), "--missing", "straight_line")
    assert load(out).travel.table.missing == "straight_line"


def test_area_of_premises(brought, folder):
    out, scenario = folder / "area.geojson", folder / "by_road.yaml"
    run("import", str(brought), "--scenario", TINY, *FIGURES, "--out", str(scenario))
    wanted = ["--scenario", str(scenario), "--minutes", "20", "--out", str(out)]
    run("area", "--premises", f"tyt-{roads.CENTRE}", *wanted)
    (row,) = gpd.read_file(out).itertuples()
    places = roads.communes().set_index("commune_code")
    centre = gpd.points_from_xy(*places.loc[[roads.CENTRE], ["lon", "lat"]].T.to_numpy())[0]
    assert row.geometry.is_valid
    assert row.geometry.buffer(1e-4).covers(centre)
    assert row.attribution == "© vẽ tay"
    out.unlink()
    said = run("area", "--premises", "khong_co", *wanted, code=2).output
    assert "khong_co" in said


def test_area_needs_roads(folder):
    wanted = ["--premises", "co_do", "--minutes", "20", "--out", str(folder / "x.geojson"), *FIGURES]
    said = run("area", "--scenario", TINY, *wanted, code=2).output
    assert "travel download" in said


def test_download_names_the_host_and_keeps(monkeypatch, folder):
    asked = []

    def fake(province, vintage, *, progress):
        asked.append((province, vintage))
        progress(1, 1)
        return folder / "osm.roads.npz"

    monkeypatch.setattr(fetch, "fetch", fake)
    said = run("download", "--scenario", TINY, "--lang", "en").output
    assert asked == [("92", "2025-01")]
    assert "ODbL" in said
    assert "osm.roads.npz" in said
    national = str(Path(tiny.__file__).parents[2] / "scenarios" / "national_2012_2015.yaml")
    assert "province" in run("download", "--scenario", national, "--lang", "en", code=2).output
    assert len(asked) == 1


def test_list_of_nothing():
    assert run("list", "--lang", "en").output.strip() == "No roads and no tables are kept."


def test_where_nothing_can_be_kept(monkeypatch, folder):
    blocked = folder / "blocked"
    blocked.write_text("")
    monkeypatch.setenv(kept.ELSEWHERE, str(blocked / "in"))
    file, out = minutes(folder / "phut.csv"), folder / "by_table.yaml"
    said = run("import", str(file), "--scenario", TINY, "--out", str(out), code=2).output
    assert "LO_TRINH_TRAVEL" in said
    assert not out.exists()


def test_a_file_that_cannot_be_read(folder, monkeypatch):
    whole = Path.read_bytes

    def broken(self: Path) -> bytes:
        if self.suffix == ".csv":
            raise PermissionError(13, "Permission denied")
        return whole(self)

    file = minutes(folder / "phut.csv")
    monkeypatch.setattr(Path, "read_bytes", broken)
    assert "phut.csv" in run("check", str(file), "--scenario", TINY, code=2).output
