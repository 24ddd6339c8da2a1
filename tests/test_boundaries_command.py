"""The command ``boundaries``: check, import, download, list, forget, and what each says when it cannot."""

import pytest
from click.testing import CliRunner

from cli import main
from geo import boundaries, downloads
from tests.geo.intake.outline_samples import VN2000, gpkg, province, shapefile

HERE = ["--province", "92", "--vintage", "2025-01"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(boundaries.ELSEWHERE, str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ranh_gioi.gpkg"
    path.write_bytes(gpkg(province()))
    return path


def run(*words, code=0):
    result = CliRunner().invoke(main, ["boundaries", *map(str, words)])
    assert result.exit_code == code, result.output
    return result.output


def test_check_tells_and_keeps_nothing(file, folder):
    said = run("check", file, *HERE)
    assert "Ghép theo mã: 80" in said
    assert "Dùng được: đủ 80" in said
    assert not folder.exists()
    assert "Joined by code: 80" in run("check", file, *HERE, "--lang", "en")


def test_import_list_forget(file, folder):
    about = ["--title", "Ranh giới Sở TNMT", "--licence", "nội bộ", "--attribution", "Sở TNMT"]
    assert "own_2025-01_92.gpkg" in run("import", file, *HERE, *about)
    assert [path.name for path in folder.iterdir()] == ["own_2025-01_92.gpkg"]
    listed = run("list")
    assert "92 2025-01: tệp của đơn vị, Ranh giới: Ranh giới Sở TNMT; Sở TNMT (nội bộ)" in listed
    assert "own file" in run("list", "--lang", "en")
    assert "own_2025-01_92.gpkg" in run("forget", "--province", "92")
    assert not list(folder.iterdir())
    run("forget", "--province", "92", code=2)


def test_what_the_file_does_not_tell_can_be_said(tmp_path):
    path = tmp_path / "x.zip"
    frame = province().to_crs(VN2000).rename(columns={"ma_xa": "A", "ten_xa": "B", "ten_huyen": "C"})
    path.write_bytes(shapefile(frame, without=(".prj",)))
    assert "EPSG:9210" in run("check", path, *HERE, code=2)  # the remedy
    chosen = ["--crs", "EPSG:9210", "--code", "A", "--name", "B", "--district", "C"]
    assert "Cột mã: A; cột tên: B; cột huyện: C" in run("check", path, *HERE, *chosen)


def test_all_that_is_wrong_is_said_at_once_and_nothing_kept(file, folder):
    said = run("import", file, *HERE, "--code", "X", "--name", "Y", code=2)
    assert '"X"' in said
    assert '"Y"' in said
    assert not folder.exists()
    said = run("import", file, "--province", "92", "--vintage", "2025-07", code=2)
    assert "2025-01" in said


def test_a_failed_import_leaves_what_was_kept(file, folder, tmp_path):
    run("import", file, *HERE)
    before = (folder / "own_2025-01_92.gpkg").read_bytes()
    bad = tmp_path / "bad.gpkg"
    bad.write_bytes(gpkg(province().iloc[3:]))
    run("import", bad, *HERE, code=2)
    assert (folder / "own_2025-01_92.gpkg").read_bytes() == before


def test_a_damaged_file_is_listed_as_such(file, folder):
    run("import", file, *HERE)
    (folder / "own_2025-01_92.gpkg").write_bytes(b"nonsense")
    assert "tệp hỏng" in run("list")


def test_a_file_far_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.gpkg"
    with path.open("wb") as whole:
        whole.truncate(300 * 1024 * 1024)
    assert "300.0" in run("check", path, *HERE, code=2)


def test_the_sources_are_listed_with_their_terms():
    said = run("list")
    for words in ("ODbL 1.0", "© OpenStreetMap contributors", "MIT", "GADM 4.1", "censusVN2009"):
        assert words in said


def test_download_keeps_what_came_and_names_it(folder, monkeypatch):
    """The fetching itself: tests/geo/test_downloads.py."""
    frame = boundaries.province_cells("92", "2025-01", folder)

    def fetch(source, code, vintage, **_):
        assert (source, code, vintage) == ("osm", "92", "2025-01")
        return boundaries.Outlines(
            frame=frame, origin="download", title="OpenStreetMap", licence="ODbL 1.0", retrieved="2026-11-22",
            attribution="© OpenStreetMap contributors", checksum="ab" * 32,
        )  # fmt: skip

    monkeypatch.setattr(downloads, "fetch", fetch)
    said = run("download", *HERE, "--from", "osm")
    assert "overpass-api.de" in said
    assert "© OpenStreetMap contributors (ODbL 1.0)" in said
    assert boundaries.outlines("92", "2025-01").origin == "download"


def test_download_from_nowhere():
    assert "osm, vn-provinces-db" in run("download", *HERE, "--from", "gadm", code=2)
    assert "2025-07" in run("download", *HERE, "--from", "vn-provinces-db", code=2)


def test_a_province_goes_by_its_name_too(file):
    assert "80" in run("check", file, "--province", "can tho", "--vintage", "2025-01")
    run("import", file, "--province", "TP. Cần Thơ", "--vintage", "2025-01")
    assert "own_2025-01_92.gpkg" in run("forget", "--province", "Cần Thơ")
    assert "Gần giống" in run("check", file, "--province", "Cần Thọ X", "--vintage", "2025-01", code=2)
