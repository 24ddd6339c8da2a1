"""``export`` and ``reproduce``: the full set, and whether the plan of a file comes out again."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import exports
import planner
from cli import main
from exports import full_set, origin
from exports.contents import contents_of
from planner import variants
from scenarios.reading import FOLDER, load

SCENARIO = FOLDER / "can_tho_2018_2020.yaml"
PARENT = FOLDER / "can_tho_2018_2020_as_written.yaml"


def call(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], catch_exceptions=False)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with plan.json, and an internal and a shared set that were made from it."""
    home = tmp_path_factory.mktemp("bộ tệp")
    assert call("solve", SCENARIO, "--out", home).exit_code == 0
    for edition in exports.EDITIONS:
        done = call(
            "export", SCENARIO, "--out", home / edition, "--edition", edition, "--alone",
            "--plan", home / "plan.json", "--by", "Sở Y tế", "--lang", "en",
        )  # fmt: skip
        assert done.exit_code == 0, done.output
    return home


@pytest.mark.parametrize("edition", exports.EDITIONS)
def test_the_set_has_every_format_and_says_what_each_is(home, edition):
    names = sorted(path.name for path in (home / edition).iterdir())
    assert names[0] == full_set.INDEX
    assert {exports.suffix_of(Path(name)) for name in names[1:]} == set(exports.WRITERS)
    assert all(name.isascii() and " " not in name for name in names)
    assert [name[:3] for name in names] == [f"{n:02d}_" for n in range(len(names))]
    index = (home / edition / full_set.INDEX).read_text(encoding="utf-8")
    assert all(name in index for name in names[1:])
    assert "Sở Y tế" in index


@pytest.mark.parametrize("suffix", sorted(exports.WRITERS))
def test_every_file_tells_where_it_comes_from(home, suffix):
    plan = json.loads((home / "plan.json").read_text(encoding="utf-8"))
    for edition in exports.EDITIONS:
        (path,) = (p for p in (home / edition).iterdir() if exports.suffix_of(p) == suffix)
        claim = origin.read(path)
        assert (claim.edition, claim.by, claim.status) == (edition, "Sở Y tế", "optimal")
        assert claim.openings == plan["origin"]["openings"]
        assert claim.provenance["asked_sha256"] == plan["provenance"]["asked_sha256"]
        assert ("scenario_sha256" in claim.provenance) == (edition == "internal")
        assert (claim.asked is None) == (edition == "shared")
        assert claim.provenance["program"] == plan["provenance"]["program"]


def test_the_same_plan_comes_out_of_an_internal_file_alone(home):
    (path,) = (home / "internal").glob("*.kmz")
    done = call("reproduce", path)
    assert done.exit_code == 0, done.output
    assert "Giải lại được đúng phương án" in done.output
    assert call("reproduce", home / "plan.json").exit_code == 0


def test_a_plan_that_no_search_found_is_computed_again_from_its_points(tmp_path):
    scenario = load(SCENARIO)
    (found,) = variants.found(scenario, ["official"], optimum=planner.run(scenario)).variants
    for edition in exports.EDITIONS:
        path = tmp_path / f"{edition}.geojson"
        exports.write_contents(contents_of(found.plan, edition=edition, lang="vi"), path)
        done = call("reproduce", path, "--scenario", SCENARIO, "--lang", "en")
        assert done.exit_code == 0, done.output
        assert "No search made this plan" in done.output
        moved = tmp_path / f"moved_{edition}.geojson"
        told = path.read_text("utf-8")
        other = re.sub(r'(\\?"o_mon:counselling\\?": ?{ ?\\?")2018', r"\g<1>2019", told)
        assert other != told
        moved.write_text(other, "utf-8")
        assert call("reproduce", moved, "--scenario", SCENARIO).exit_code != 0, "its figures are of another"


def test_a_shared_file_needs_its_scenario(home):
    (path,) = (home / "shared").glob("*.xlsx")
    done = call("reproduce", path)
    assert done.exit_code == 2
    assert "--scenario" in done.output
    done = call("reproduce", path, "--scenario", SCENARIO, "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "as the shared edition shows it" in done.output


@pytest.mark.parametrize("edition", exports.EDITIONS)
def test_a_changed_budget_is_named(home, edition, tmp_path):
    for file in (SCENARIO, PARENT):
        shutil.copy(file, tmp_path)
    parent = tmp_path / PARENT.name
    parent.write_text(
        parent.read_text("utf-8").replace("amount_vnd: 338000000", "amount_vnd: 339000000"), "utf-8"
    )
    (path,) = (home / edition).glob("*.geojson")
    done = call("reproduce", path, "--scenario", tmp_path / SCENARIO.name, "--lang", "en")
    assert done.exit_code == 1
    assert "Cost and budget" in done.output
    if edition == "internal":
        assert "rules.budget_2018.amount_vnd: 338000000 in the file, now 339000000" in done.output
    else:
        assert "what is asked (quotas, budgets" in done.output


def test_another_scenario_and_another_answer_are_told(home):
    (path,) = (home / "internal").glob("*.geojson")
    content = json.loads(path.read_text("utf-8"))
    opened = content["origin"]["openings"]
    facility = next(iter(opened))
    opened[facility] = {"2020": 1}
    content["origin"]["provenance"]["data_sha256.premises"] = "0"
    content["origin"]["provenance"]["libraries.numpy"] = "0.1"
    changed = path.with_name("đổi.geojson")
    changed.write_text(json.dumps(content), "utf-8")
    done = call("reproduce", changed, "--lang", "en")
    changed.unlink()
    assert done.exit_code == 1
    for words in (f"point {facility}: opens 2020 in the file", "data, data_sha256.premises: 0", "numpy: 0.1"):
        assert words in done.output


def test_a_scenario_without_a_plan_differs(home):
    (path,) = (home / "internal").glob("*.geojson")
    done = call("reproduce", path, "--scenario", PARENT)
    assert done.exit_code == 1
    assert "không còn phương án" in done.output


def test_no_time_is_said(home, monkeypatch):
    def late(*_: object, **__: object) -> None:
        raise planner.NoPlanInTimeError(1.0)

    monkeypatch.setattr(planner, "run", late)
    for args in (("reproduce", home / "plan.json"), ("export", SCENARIO, "--out", home / "mới")):
        assert call(*args, "--time-limit", "1").exit_code == 4
    assert not (home / "mới").exists()


def test_answers_need_a_scenario_to_be_asked_of(home):
    assert call("reproduce", home / "plan.json", "--option", "a=b").exit_code == 2


def test_a_folder_in_use_is_left_alone(home, tmp_path):
    (tmp_path / "của tôi.txt").write_text("quý", encoding="utf-8")
    done = call("export", SCENARIO, "--out", tmp_path, "--lang", "en")
    assert done.exit_code == 2
    assert "files in the folder already" in done.output
    assert [p.name for p in tmp_path.iterdir()] == ["của tôi.txt"]


def test_only_the_formats_that_were_asked_for(home, tmp_path):
    args = ("--plan", home / "plan.json", "--alone", "--format", ".kml", "--format", ".csv.zip")
    done = call("export", SCENARIO, "--out", tmp_path / "mới", *args)
    assert done.exit_code == 0, done.output
    kinds = [p.name.split("_", 1)[0] + exports.suffix_of(p) for p in sorted((tmp_path / "mới").iterdir())]
    assert kinds == ["00", "01.kml", "02.csv.zip"]
