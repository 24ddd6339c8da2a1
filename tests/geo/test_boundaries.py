import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import boundaries, units
from text import catalogue

ROOT = Path(boundaries.__file__).parent.parent
PROVINCE = "27"  # Bắc Ninh, the smallest


@pytest.fixture(scope="module")
def drawn():
    return boundaries.draw(PROVINCE)


@pytest.fixture
def kept(tmp_path, drawn, monkeypatch):
    """A folder with the cells of the province; drawing again costs nothing and is counted."""
    calls = []

    def draw(code):
        calls.append(code)
        return drawn.copy()

    monkeypatch.setattr(boundaries, "draw", draw)
    boundaries.province_cells(PROVINCE, "2025-01", tmp_path)
    assert calls == [PROVINCE]
    calls.clear()
    (file,) = tmp_path.iterdir()
    return file, calls


def same(one, other):
    return (
        list(one["commune_code"]) == list(other["commune_code"])
        and shapely.equals_exact(np.asarray(one.geometry.array), np.asarray(other.geometry.array)).all()
    )


def test_a_province_is_drawn_whole(drawn):
    assert list(drawn["commune_code"]) == list(units.communes(PROVINCE, "2025-01")["commune_code"])
    assert drawn.crs.to_epsg() == 4326
    assert (drawn.geom_type == "Polygon").all()
    assert shapely.coverage_is_valid(np.asarray(drawn.geometry.array))
    west, south, east, north = drawn.total_bounds
    assert 105.8 < west < east < 106.4
    assert 20.9 < south < north < 21.4
    area = drawn.to_crs("EPSG:32648").area.sum() / 1e6
    assert area == pytest.approx(823, rel=0.03)  # km², official


def test_what_was_drawn_is_kept_and_read_again(kept, drawn):
    file, calls = kept
    assert file.suffix == ".gpkg"
    assert PROVINCE in file.name
    again = boundaries.province_cells(PROVINCE, "2025-01", file.parent)
    assert calls == []
    assert same(again, drawn)
    assert gpd.read_file(file).crs.to_epsg() == 4326


def test_nobody_can_spoil_what_is_kept(kept, drawn):
    file, _ = kept
    spoiled = boundaries.province_cells(PROVINCE, "2025-01", file.parent)
    spoiled["commune_code"] = "spoiled"
    assert same(boundaries.province_cells(PROVINCE, "2025-01", file.parent), drawn)


def empty(file):
    file.write_bytes(b"")


def nonsense(file):
    file.write_bytes(b"nonsense" * 1000)


def truncate(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def scribble(file):
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)


def drop_one(file):
    gpd.read_file(file).iloc[1:].to_file(file, layer="cells", driver="GPKG")


def empty_one(file):
    frame = gpd.read_file(file)
    frame.loc[3, "geometry"] = shapely.Polygon()
    frame.to_file(file, layer="cells", driver="GPKG")


def move(file):
    gpd.read_file(file).to_crs("EPSG:32648").to_file(file, layer="cells", driver="GPKG")


def another_layer(file):
    frame = gpd.read_file(file)
    file.unlink()
    frame.to_file(file, layer="other", driver="GPKG")


def more_columns(file):
    gpd.read_file(file).assign(commune="x").to_file(file, layer="cells", driver="GPKG")


@pytest.mark.parametrize(
    "damage",
    [empty, nonsense, truncate, scribble, drop_one, empty_one, move, another_layer, more_columns],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # GDAL warns of a file that is damaged
def test_a_damaged_file_is_drawn_again(kept, drawn, damage):
    file, calls = kept
    damage(file)
    assert same(boundaries.province_cells(PROVINCE, "2025-01", file.parent), drawn)
    assert calls == [PROVINCE]
    assert same(boundaries.province_cells(PROVINCE, "2025-01", file.parent), drawn)
    assert calls == [PROVINCE]  # and is whole again
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_another_version_of_the_list_is_drawn_anew(kept, monkeypatch):
    file, calls = kept
    monkeypatch.setattr(units, "list_version", lambda: "vietnamadminunits 99")
    boundaries.province_cells(PROVINCE, "2025-01", file.parent)
    assert calls == [PROVINCE]
    assert len(list(file.parent.iterdir())) == 2


def test_a_folder_that_cannot_be_written_does_not_matter(kept, drawn, tmp_path):
    _, calls = kept
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("", encoding="utf-8")
    assert same(boundaries.province_cells(PROVINCE, "2025-01", blocked / "cells"), drawn)
    assert calls == [PROVINCE]


def test_the_users_cache_helps_where_the_programs_folder_cannot_be_written(kept, tmp_path, monkeypatch):
    file, calls = kept
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setattr(boundaries, "FOLDER", blocked)
    monkeypatch.setattr(boundaries, "user_cache", lambda: tmp_path / "user")
    boundaries.province_cells(PROVINCE, "2025-01")
    assert [path.name for path in (tmp_path / "user").iterdir()] == [file.name]
    boundaries.province_cells(PROVINCE, "2025-01")
    assert calls == [PROVINCE]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps caches elsewhere")
@pytest.mark.parametrize("given", [None, "", "relative/path"])
def test_the_users_cache_is_where_the_system_wants_it(monkeypatch, tmp_path, given):
    if given is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert boundaries.user_cache() == Path.home() / ".cache" / "lo-trinh" / "boundaries"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert boundaries.user_cache() == tmp_path / "lo-trinh" / "boundaries"


def test_two_programs_at_once_do_not_break_each_other(tmp_path, drawn):
    code = (
        "import sys, pathlib; from geo import boundaries\n"
        f"cells = boundaries.province_cells({PROVINCE!r}, '2025-01', pathlib.Path(sys.argv[1]))\n"
        "print(len(cells))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    programs = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for program in programs:
        said, complaint = program.communicate(timeout=120)
        assert (said.strip(), complaint) == (str(len(drawn)), "")
    assert len(list(tmp_path.iterdir())) == 1
    assert same(boundaries.province_cells(PROVINCE, "2025-01", tmp_path), drawn)


def test_july_2025_is_made_of_the_cells_of_early_2025_and_kept_too(tmp_path):
    cells = boundaries.province_cells("92", "2025-07", tmp_path)
    assert list(cells["commune_code"]) == list(units.communes("92", "2025-07")["commune_code"])
    names = {tuple(path.name.split("_")[1:3]) for path in tmp_path.iterdir()}
    assert names == {("2025-07", "92"), ("2025-01", "92"), ("2025-01", "93"), ("2025-01", "94")}
    kept = boundaries.province_cells("92", "2025-07", tmp_path)
    assert kept.geometry.geom_equals(cells.geometry).all()


def test_the_label_is_in_the_catalogue():
    assert catalogue()[boundaries.APPROXIMATE].vi == "ranh giới gần đúng"


def test_the_readme_of_the_folder_says_what_the_boundaries_are():
    text = (ROOT / "data" / "boundaries" / "README.md").read_text(encoding="utf-8")
    assert "ranh giới gần đúng" in text
    assert "not administrative boundaries" in text
