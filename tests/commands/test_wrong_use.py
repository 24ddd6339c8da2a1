"""Every command used wrongly: a message in the user's language, exit code 2, nothing written or lost."""

from __future__ import annotations

import shutil

import click
import pytest
from click.testing import CliRunner

from cli import main
from scenarios.reading import FOLDER
from text import LANGS

SCENARIO = str(FOLDER / "can_tho_2018_2020.yaml")
PLACE = ["--province", "92", "--vintage", "2025-01"]
ROADS = ["--snap-metres", "2000", "--walking-kmh", "4.5", "--wet-season-factor", "1"]
AREA = ["--premises", "tyt-31117", "--minutes", "30"]

TAKES_A_FILE = {
    "validate": ["validate", "{}"],
    "solve": ["solve", "{}"],
    "evaluate": ["evaluate", "{}"],
    "explore": ["explore", "{}", "--what", "why"],
    "compare": ["compare", "{}", "official", "best"],
    "compare, plan": ["compare", SCENARIO, "{}", "best"],
    "reform": ["reform", "{}"],
    "export": ["export", "{}", "--out", "mới"],
    "export, plan": ["export", SCENARIO, "--plan", "{}", "--out", "mới"],
    "reproduce": ["reproduce", "{}"],
    "counts check": ["counts", "check", "{}", "--province", "92"],
    "counts check, mapping": ["counts", "check", SCENARIO, "--province", "92", "--mapping", "{}"],
    "counts check, scenario": ["counts", "check", SCENARIO, "--scenario", "{}"],
    "counts import": ["counts", "import", "{}", "--scenario", SCENARIO, "--out", "moi.yaml"],
    "counts import, scenario": ["counts", "import", SCENARIO, "--scenario", "{}", "--out", "moi.yaml"],
    "counts template": ["counts", "template", "--scenario", "{}", "--out", "moi.xlsx"],
    "boundaries check": ["boundaries", "check", "{}", *PLACE],
    "boundaries import": ["boundaries", "import", "{}", *PLACE],
    "premises check": ["premises", "check", "{}", "--scenario", SCENARIO],
    "premises import": ["premises", "import", "{}", "--scenario", SCENARIO, "--out", "moi.yaml"],
    "premises template": ["premises", "template", "--scenario", "{}", "--out", "moi.xlsx"],
    "travel check": ["travel", "check", "{}", "--scenario", SCENARIO, *ROADS],
    "travel check, scenario": ["travel", "check", SCENARIO, "--scenario", "{}", *ROADS],
    "travel import": ["travel", "import", "{}", "--scenario", SCENARIO, *ROADS, "--out", "moi.yaml"],
    "travel area": ["travel", "area", "--scenario", "{}", *AREA, *ROADS, "--out", "moi.geojson"],
}
WRITES_A_FILE = {
    "new": ["new", "{}.yaml", "--province", "92", "--from", "2027"],
    "reform": ["reform", SCENARIO, "--out", "{}.yaml"],
    "counts import": ["counts", "import", SCENARIO, "--scenario", SCENARIO, "--out", "{}.yaml"],
    "counts template": ["counts", "template", "--province", "92", "--out", "{}.xlsx"],
    "premises import": ["premises", "import", SCENARIO, "--scenario", SCENARIO, "--out", "{}.yaml"],
    "premises template": ["premises", "template", "--scenario", SCENARIO, "--out", "{}.xlsx"],
    "premises download": ["premises", "download", "--scenario", SCENARIO, "--out", "{}.geojson"],
    "travel import": ["travel", "import", SCENARIO, "--scenario", SCENARIO, *ROADS, "--out", "{}.yaml"],
    "travel area": ["travel", "area", "--scenario", SCENARIO, *AREA, *ROADS, "--out", "{}.geojson"],
}


def run(words, file, lang="vi"):
    given = [word.format(file) for word in words]
    return CliRunner().invoke(main, [*given, "--lang", lang], catch_exceptions=False)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    folder = tmp_path / "thư mục có dấu cách"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("command", TAKES_A_FILE)
def test_a_file_that_is_not_there(command, lang, here):
    done = run(TAKES_A_FILE[command], here / "không có.yaml", lang)
    assert done.exit_code == 2
    assert {"vi": "không có tệp này", "en": "no such file"}[lang] in done.output
    assert not list(here.iterdir())


@pytest.mark.parametrize("command", TAKES_A_FILE)
def test_a_folder_in_place_of_a_file(command, here):
    (here / "tệp").mkdir()
    done = run(TAKES_A_FILE[command], here / "tệp")
    assert done.exit_code == 2
    assert "tệp" in done.output
    assert [path.name for path in here.iterdir()] == ["tệp"]


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 40, b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
@pytest.mark.parametrize("command", TAKES_A_FILE)
def test_a_file_of_something_else(command, content, here):
    (here / "số liệu.xlsx").write_bytes(content)
    done = run(TAKES_A_FILE[command], here / "số liệu.xlsx")
    assert done.exit_code == 2
    assert "số liệu.xlsx" in done.output
    assert [path.name for path in here.iterdir()] == ["số liệu.xlsx"]


@pytest.mark.parametrize("command", WRITES_A_FILE)
def test_a_file_that_exists_is_left_alone(command, here):
    for ending in (".yaml", ".xlsx", ".geojson"):
        (here / f"của tôi{ending}").write_text("quý", encoding="utf-8")
    done = run(WRITES_A_FILE[command], here / "của tôi", "en")
    assert done.exit_code == 2
    assert "exists already" in done.output
    assert {path.read_text(encoding="utf-8") for path in here.iterdir()} == {"quý"}


@pytest.mark.parametrize("command", WRITES_A_FILE)
def test_a_name_with_the_wrong_ending(command, here):
    words = [
        word.replace("{}.yaml", "{}.docx").replace("{}.xlsx", "{}.csv") for word in WRITES_A_FILE[command]
    ]
    words = [word.replace("{}.geojson", "{}.shp") for word in words]
    done = run(words, here / "mới")
    assert done.exit_code == 2
    assert "phải kết thúc bằng" in done.output
    assert not list(here.iterdir())


def test_a_scenario_is_not_written_over_by_its_premises(here):
    """A plan's file has comments and an order that no program writes again."""
    shutil.copy(SCENARIO, here / "kịch bản.yaml")
    shutil.copy(FOLDER / "can_tho_2018_2020_as_written.yaml", here)
    before = (here / "kịch bản.yaml").read_bytes()
    own = ["--scenario", str(here / "kịch bản.yaml"), "--out"]
    assert run(["premises", "template", *own, "{}"], here / "mẫu.xlsx").exit_code == 0
    done = run(["premises", "import", "{}", *own, str(here / "kịch bản.yaml")], here / "mẫu.xlsx")
    assert done.exit_code == 2
    assert (here / "kịch bản.yaml").read_bytes() == before


def commands(group, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def test_every_command_has_its_help_and_is_tried_here():
    every = {" ".join(path) for path in commands(main)}
    tried = {name.split(",")[0] for name in [*TAKES_A_FILE, *WRITES_A_FILE]}
    no_files = {"boundaries download", "boundaries list", "boundaries forget"}
    no_files |= {"travel download", "travel list"}
    assert every == tried | no_files
    for path in commands(main):
        done = CliRunner().invoke(main, [*path, "--help"])
        assert done.exit_code == 0
        assert "--lang" in done.output
