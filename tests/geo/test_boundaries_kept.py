"""Own and downloaded boundaries: kept whole, used before drawn ones, told, forgotten."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pytest
import shapely

import planner
from errors import DataError
from exports.contents import contents_of
from geo import boundaries, units
from geo.boundaries import Outlines
from geo.intake import outlines
from planner.plan import Plan
from scenarios.reading import load
from tests.geo.intake.outline_samples import gpkg, province
from tests.tree import ROOT
from text import Text


@pytest.fixture(scope="module")
def frame():
    found, _ = outlines.read("x.gpkg", gpkg(province()), province="92", vintage="2025-01")
    return found


@pytest.fixture(autouse=True)
def _drawn_at_once(frame, monkeypatch):
    """Cells that cost nothing; tests/geo/test_boundaries.py draws real ones."""
    cells = frame.set_geometry(shapely.buffer(np.asarray(frame.geometry.array), -1e-4))
    monkeypatch.setattr(boundaries, "province_cells", lambda *_: cells.copy())


def own(frame, **more):
    about = {
        "title": "ranh_gioi.gpkg", "licence": "CC BY 4.0", "attribution": "Sở Nông nghiệp và Môi trường",
        "retrieved": "2026-11-22", "checksum": "ab" * 32, "crs": "EPSG:9210",
        "report": (Text("80 hình", "80 shapes"),),
    }  # fmt: skip
    return Outlines(frame=frame, **{"origin": "own", **about, **more})


def test_what_is_kept_comes_back_with_all_that_is_known_of_it(frame, tmp_path):
    given = own(frame)
    path = boundaries.keep(given, "92", "2025-01", tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name] == ["own_2025-01_92.gpkg"]
    found = boundaries.outlines("92", "2025-01", tmp_path)
    for name in ("origin", "title", "licence", "attribution", "retrieved", "checksum", "crs", "report"):
        assert getattr(found, name) == getattr(given, name)
    assert boundaries.checksum(found.frame) == boundaries.checksum(frame)
    assert not found.approximate
    assert found.credit.vi == "Ranh giới: ranh_gioi.gpkg; Sở Nông nghiệp và Môi trường (CC BY 4.0)"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]  # reading leaves nothing behind


def test_own_comes_before_downloaded_before_drawn(frame, tmp_path):
    drawn = boundaries.outlines("92", "2025-01", tmp_path)
    assert drawn.origin == "approximate"
    assert drawn.credit.vi == "ranh giới gần đúng"
    boundaries.keep(own(frame, origin="download", title="OpenStreetMap"), "92", "2025-01", tmp_path)
    assert boundaries.outlines("92", "2025-01", tmp_path).origin == "download"
    boundaries.keep(own(frame), "92", "2025-01", tmp_path)
    assert boundaries.outlines("92", "2025-01", tmp_path).origin == "own"
    assert boundaries.outlines("92", "2025-07", tmp_path).origin == "approximate"  # another list
    assert [(k.province, k.vintage, k.origin) for k in boundaries.kept(tmp_path)] == [
        ("92", "2025-01", "download"), ("92", "2025-01", "own"),
    ]  # fmt: skip
    assert len(boundaries.forget("92", folder=tmp_path)) == 2
    assert boundaries.outlines("92", "2025-01", tmp_path).origin == "approximate"
    assert boundaries.forget("92", folder=tmp_path) == []


def test_importing_again_replaces(frame, tmp_path):
    boundaries.keep(own(frame), "92", "2025-01", tmp_path)
    boundaries.outlines("92", "2025-01", tmp_path)
    boundaries.keep(own(frame, title="new.gpkg"), "92", "2025-01", tmp_path)
    assert boundaries.outlines("92", "2025-01", tmp_path).title == "new.gpkg"


def test_whoever_spoils_a_frame_spoils_no_other(frame, tmp_path):
    boundaries.keep(own(frame), "92", "2025-01", tmp_path)
    boundaries.outlines("92", "2025-01", tmp_path).frame["commune_code"] = "spoiled"
    assert boundaries.outlines("92", "2025-01", tmp_path).frame["commune_code"][0] != "spoiled"


def truncate(path):
    path.write_bytes(path.read_bytes()[:5000])


def nonsense(path):
    path.write_bytes(b"nonsense" * 100)


def another_claim(path):
    with closing(sqlite3.connect(path)) as file, file:
        (said,) = file.execute("select about from about").fetchone()
        file.execute("update about set about = ?", (json.dumps(json.loads(said) | {"origin": "download"}),))


def no_claim(path):
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("delete from about")


@pytest.mark.parametrize("damage", [truncate, nonsense, another_claim, no_claim])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL warns of a file that is damaged
def test_a_damaged_file_is_told_and_not_passed_over(frame, tmp_path, damage):
    path = boundaries.keep(own(frame), "92", "2025-01", tmp_path)
    damage(path)
    with pytest.raises(DataError) as error:
        boundaries.outlines("92", "2025-01", tmp_path)
    assert error.value.problems[0].code == "outline.damaged"
    assert "own_2025-01_92.gpkg" in error.value.say("vi")
    (entry,) = boundaries.kept(tmp_path)
    assert entry.about is None
    boundaries.forget("92", folder=tmp_path)
    assert boundaries.outlines("92", "2025-01", tmp_path).origin == "approximate"


def test_a_list_that_has_changed_since_is_told(frame, tmp_path, monkeypatch):
    boundaries.keep(own(frame), "92", "2025-01", tmp_path)
    listed = units.communes("92", "2025-01").iloc[1:]
    monkeypatch.setattr(units, "communes", lambda *_: listed)
    with pytest.raises(DataError) as error:
        boundaries.outlines("92", "2025-01", tmp_path)
    assert error.value.problems[0].code == "outline.damaged"


def test_where_nothing_can_be_written_it_is_told(frame, tmp_path):
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(DataError) as error:
        boundaries.keep(own(frame), "92", "2025-01", blocked / "inside")
    assert error.value.problems[0].code == "outline.not_written"


def test_another_folder_can_be_named(frame, tmp_path, monkeypatch):
    monkeypatch.setenv(boundaries.ELSEWHERE, str(tmp_path / "shared"))
    path = boundaries.keep(own(frame), "92", "2025-01")
    assert path.parent == tmp_path / "shared"
    assert boundaries.outlines("92", "2025-01").origin == "own"


def test_a_plan_names_the_source_of_its_boundaries_everywhere(frame, tmp_path, monkeypatch):
    monkeypatch.setenv(boundaries.ELSEWHERE, str(tmp_path))
    drawn = planner.run(load(ROOT / "scenarios" / "can_tho_2018_2020.yaml"))
    boundaries.keep(own(frame), "92", "2025-01")
    plan = planner.run(load(ROOT / "scenarios" / "can_tho_2018_2020.yaml"))
    assert isinstance(plan, Plan)
    assert isinstance(drawn, Plan)
    assert drawn.facts.boundaries_approximate
    assert not plan.facts.boundaries_approximate
    shapes = plan.facts.communes.set_index("commune_code").geometry
    given = frame.set_index("commune_code").geometry.reindex(shapes.index)
    assert shapely.equals_exact(np.asarray(shapes.array), np.asarray(given.array), 1e-9).all()
    # Boundaries bear on the map and on no figure.
    assert plan.coverage.equals(drawn.coverage)
    origin = plan.facts.provenance["boundaries"]
    assert (origin["title"], origin["checksum"]) == ("ranh_gioi.gpkg", "ab" * 32)
    sums = [one.facts.provenance["data_sha256"]["boundaries"] for one in (plan, drawn)]
    assert sums == [boundaries.checksum(frame), drawn.facts.provenance["boundaries"]["checksum"]]
    for edition in ("shared", "internal"):
        contents = contents_of(plan, edition=edition, lang="vi")
        notes = " ".join(contents.notes)
        assert "Sở Nông nghiệp và Môi trường (CC BY 4.0)" in notes
        assert "gần đúng" not in notes
        assert not contents.tables["communes"]["boundary_approximate"].any()
        assert "Sở Nông nghiệp và Môi trường" in set(contents.tables["provenance"]["value"])
        assert "gần đúng" in " ".join(contents_of(drawn, edition=edition, lang="vi").notes)
