"""Kept scenarios: versions that are never overwritten, whoever saves, crashes or meddles with the folder."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import planner
import workspace
from errors import DataError
from scenarios import reading
from scenarios.schema import Scenario
from workspace import KeptScenario, folder, kept_scenarios

SAID = {"who": "Lan", "why": "thử phương án rẻ hơn"}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "w"))
    return tmp_path / "w"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return reading.load(reading.SHOWN_FIRST)


def codes(told: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [problem.code for problem in told.value.problems]


def renamed(scenario: Scenario, title: str) -> Scenario:
    return reading.changed(scenario, {"title": {"vi": title, "en": title}})


def test_a_scenario_comes_back_as_it_was_kept(scenario: Scenario):
    kept = workspace.save_scenario(
        scenario, title="Cần Thơ, bớt  một điểm", **SAID, based_on="a.yaml", origin="a.yaml"
    )
    assert (kept.name, kept.version) == ("can-tho-bot-mot-diem", 1)
    assert kept.title == "Cần Thơ, bớt một điểm", "tidied"
    found, about = workspace.load_scenario(kept.name)
    assert about == kept
    assert planner.digest(found) == planner.digest(scenario) == kept.digest
    assert reading.load(workspace.scenario_path(kept.name, 1)).data == found.data
    assert workspace.kept_at(workspace.scenario_path(kept.name, 1)) == (kept.name, 1)
    assert workspace.kept_at(reading.SHOWN_FIRST) is None


def test_each_save_is_a_version_of_its_own(scenario: Scenario):
    kept = workspace.save_scenario(scenario, title="A", **SAID)
    again = workspace.save_scenario(renamed(scenario, "B"), title="A", **SAID, name=kept.name, known=1)
    assert again.version == 2
    assert [one.version for one in workspace.versions("a").found] == [1, 2]
    assert workspace.load_scenario("a", 1)[0].title.text.vi == scenario.title.text.vi
    assert workspace.load_scenario("a")[0].title.text.vi == "B"
    assert [one.version for one in workspace.scenarios().found] == [2], "the newest stands for it"


def test_who_saved_meanwhile_is_named_and_not_overwritten(scenario: Scenario):
    workspace.save_scenario(scenario, title="A", **SAID)
    workspace.save_scenario(renamed(scenario, "hers"), title="A", who="Hoa", why="y", name="a", known=1)
    mine = {"title": "A", "name": "a", "known": 1, **SAID}
    with pytest.raises(DataError) as told:
        workspace.save_scenario(renamed(scenario, "mine"), **mine)
    assert codes(told) == ["workspace.saved_meanwhile"]
    assert "Hoa" in told.value.say("vi")
    assert workspace.save_scenario(renamed(scenario, "mine"), **mine, anyway=True).version == 3
    assert workspace.load_scenario("a", 2)[0].title.text.vi == "hers"
    assert workspace.load_scenario("a", 3)[0].title.text.vi == "mine"


def test_of_many_who_save_at_once_none_is_lost(scenario: Scenario):
    workspace.save_scenario(scenario, title="A", **SAID)

    def save(n: int) -> int:
        return workspace.save_scenario(
            scenario, title="A", who=f"người {n}", why="cùng lúc", name="a", known=1, anyway=True
        ).version

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(save, range(16))) == list(range(2, 18))
    whose = {one.who for one in workspace.versions("a").found}
    assert whose == {"Lan"} | {f"người {n}" for n in range(16)}


def test_of_two_who_know_the_same_version_one_is_told(scenario: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Both look before either writes: the folder itself decides."""
    workspace.save_scenario(scenario, title="A", **SAID)
    real = kept_scenarios._numbers
    hers = {"title": "A", "who": "Hoa", "why": "y", "name": "a", "known": 1}

    def late(name: str) -> list[int]:
        found = real(name)
        monkeypatch.setattr(kept_scenarios, "_numbers", real)
        workspace.save_scenario(scenario, **hers)
        return found

    monkeypatch.setattr(kept_scenarios, "_numbers", late)
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title="A", **SAID, name="a", known=1)
    assert codes(told) == ["workspace.saved_meanwhile"]
    assert [one.who for one in workspace.versions("a").found] == ["Lan", "Hoa"]


def test_a_new_name_in_use_is_refused(scenario: Scenario):
    workspace.save_scenario(scenario, title="Cờ Đỏ", **SAID)
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title="co do", **SAID)
    assert codes(told) == ["workspace.name_taken"]


def test_a_save_cut_short_leaves_nothing_half_written(
    scenario: Scenario, root: Path, monkeypatch: pytest.MonkeyPatch
):
    """The machine stops after the first of two files: neither is to be seen, the next save goes well."""
    workspace.save_scenario(scenario, title="A", **SAID)
    real = folder._write
    written: list[Path] = []

    def stops(path: Path, text: str) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(path)
        real(path, text)

    monkeypatch.setattr(folder, "_write", stops)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # nor is anything cleared away
    with pytest.raises(KeyboardInterrupt):
        workspace.save_scenario(scenario, title="A", **SAID, name="a", known=1)
    monkeypatch.undo()
    monkeypatch.setenv(folder.VARIABLE, str(root))
    assert written[0].is_file(), "something was left behind"
    assert workspace.scenarios().problems == ()
    assert [one.version for one in workspace.versions("a").found] == [1]
    assert workspace.save_scenario(scenario, title="A", **SAID, name="a", known=1).version == 2


def test_what_was_left_behind_is_cleared_away_after_a_day(
    scenario: Scenario, root: Path, monkeypatch: pytest.MonkeyPatch
):
    workspace.save_scenario(scenario, title="A", **SAID)
    left = root / "scenarios" / "a" / ".0123456789abcdef"
    left.mkdir()
    workspace.save_scenario(scenario, title="A", **SAID, name="a", known=1)
    assert left.is_dir(), "somebody may be writing there"
    monkeypatch.setattr(folder, "STALE", -1.0)
    workspace.save_scenario(scenario, title="A", **SAID, name="a", known=2)
    assert not left.exists()


@pytest.mark.parametrize(("damage", "code"), [
    ("{", "workspace.unreadable"),
    ("[]", "workspace.unreadable"),
    ('{"format": 1}', "workspace.unreadable"),
    ('{"format": 1, "title": 3}', "workspace.unreadable"),
    (json.dumps(dict.fromkeys(KeptScenario._fields, "2020")), "workspace.unreadable"),
    ('{"format": 99}', "workspace.newer"),
    ("[" * 100_000, "workspace.unreadable"),
])  # fmt: skip
def test_a_damaged_file_is_named_and_the_others_listed(
    scenario: Scenario, root: Path, damage: str, code: str
):
    for title in ("A", "B"):
        workspace.save_scenario(scenario, title=title, **SAID)
    workspace.save_scenario(scenario, title="A", **SAID, name="a", known=1)
    (root / "scenarios" / "a" / "0002" / "about.json").write_text(damage, encoding="utf-8")
    found, problems = workspace.scenarios()
    assert [(one.name, one.version) for one in found] == [("a", 1), ("b", 1)]
    assert [(p.code, p.where) for p in problems] == [(code, "scenarios/a/0002/about.json")]
    assert problems[0].say("vi").startswith("scenarios/a/0002/about.json: ")


def test_bytes_that_are_no_text_are_named(scenario: Scenario, root: Path):
    workspace.save_scenario(scenario, title="A", **SAID)
    (root / "scenarios" / "a" / "0001" / "about.json").write_bytes(b"\xff\xfe\x00")
    found, problems = workspace.scenarios()
    assert (found, [p.code for p in problems]) == ((), ["workspace.unreadable"])


def test_foreign_files_are_named_and_left_alone(scenario: Scenario, root: Path):
    workspace.save_scenario(scenario, title="A", **SAID)
    stranger = root / "scenarios" / "Ghi chú <b>.docx"
    stranger.write_bytes(b"x")
    (root / "scenarios" / "CON").mkdir()
    found, problems = workspace.scenarios()
    assert [one.name for one in found] == ["a"]
    assert [(p.code, p.where) for p in problems] == [
        ("workspace.foreign", "scenarios/CON"), ("workspace.foreign", "scenarios/Ghi chú ‹b›.docx"),
    ]  # fmt: skip
    assert stranger.exists()


def test_a_file_changed_by_hand_is_not_taken_for_what_was_kept(scenario: Scenario):
    workspace.save_scenario(scenario, title="A", **SAID)
    path = workspace.scenario_path("a", 1)
    path.write_text(reading.written(renamed(scenario, "khác")), encoding="utf-8")
    with pytest.raises(DataError) as told:
        workspace.load_scenario("a")
    assert codes(told) == ["workspace.changed_outside"]


@pytest.mark.parametrize(
    "name", ["..", "../a", "/etc", "a/../../b", "C:\\x", "con", "A", "a b", "", "a" * 90]
)
def test_no_name_leads_out_of_the_folder(scenario: Scenario, name: str):
    for tried in (
        lambda: workspace.load_scenario(name or "..", 1),
        lambda: workspace.load_plan(name or ".."),
        lambda: workspace.save_scenario(scenario, title="A", **SAID, name=name or ".."),
    ):
        with pytest.raises(DataError) as told:
            tried()
        assert codes(told) == ["workspace.not_a_name"]


def test_what_is_not_there_is_said(scenario: Scenario):
    assert workspace.scenarios() == ((), ())
    workspace.save_scenario(scenario, title="A", **SAID)
    for name, version in (("b", None), ("a", 2)):
        with pytest.raises(DataError) as told:
            workspace.load_scenario(name, version)
        assert codes(told) == ["workspace.gone"]


def test_a_folder_that_cannot_be_written_to_is_said(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "file"))
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title="A", **SAID)
    assert codes(told) == ["workspace.not_writable"]


def test_who_and_why_are_asked_for(scenario: Scenario):
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title=" ", who="\u200b", why="")
    assert codes(told) == [f"workspace.nothing_said.{name}" for name in ("title", "who", "why")]
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title="A", who="Lan", why="x" * 600)
    assert codes(told) == ["workspace.said_too_much"]
    with pytest.raises(DataError) as told:
        workspace.save_scenario(scenario, title="…", **SAID)
    assert codes(told) == ["workspace.no_name"]


def test_text_of_people_is_tidied(scenario: Scenario):
    workspace.save_scenario(scenario, title="A", who="<img src=x>{{7*7}}", why="`x`")
    (one,) = workspace.scenarios().found
    assert (one.who, one.why) == ("‹img src=x›((7*7))", "'x'")


@pytest.mark.parametrize(("title", "name"), [
    ("Kịch bản Cờ Đỏ (2)", "kich-ban-co-do-2"), ("CON", "con-1"), ("Com1", "com1-1"), ("nul.", "nul-1"),
    ("../../etc", "etc"), ("Đồng Nai\\ước 10%", "dong-nai-uoc-10"), ("ẤP" * 60, "ap" * 30),
])  # fmt: skip
def test_names_that_every_system_takes(title: str, name: str):
    assert folder.slug(title) == name
    assert folder.is_name(name)


def test_about_is_readable_by_people(scenario: Scenario):
    workspace.save_scenario(scenario, title="Cờ Đỏ", **SAID)
    said = json.loads(workspace.scenario_path("co-do", 1).with_name("about.json").read_text(encoding="utf-8"))
    assert said["title"] == "Cờ Đỏ"
    assert said["when"].endswith("Z")
    assert said["digest"] == planner.digest(scenario)
