"""One table of bad input: a case for every message about scenario files."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import ScenarioError
from scenarios import strict_yaml
from scenarios.reading import load
from tests.scenarios.bad_blocks import DISAGREEMENTS
from tests.scenarios.bad_documents import DOCUMENTS
from tests.scenarios.bad_files import FILES, SMALL, TEXTS, VALUES
from tests.scenarios.bad_travel import TRAVEL
from text import LANGS, catalogue

CASES = FILES + VALUES + TEXTS + DISAGREEMENTS + DOCUMENTS + TRAVEL


@pytest.fixture
def folder(tmp_path):
    """A folder with the small scenario, and one that extends it."""
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "middle.yaml").write_text("extends: small.yaml\nid: middle\n", encoding="utf-8")
    return tmp_path


def refused(path: Path) -> ScenarioError:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return caught.value


def test_the_unspoilt_scenario_is_accepted(folder):
    assert load(folder / "small.yaml").id == "small"
    assert load(folder / "middle.yaml").id == "middle"


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.code}" for n, case in enumerate(CASES)])
def test_bad_input_is_refused_with_line_and_remedy(folder, case):
    (folder / "case.yaml").write_text(case.text, encoding="utf-8")
    error = refused(folder / "case.yaml")
    assert {p.code for p in error.problems} == {case.code}, error
    places = [p.where.split(" ")[0] for p in error.problems]
    assert ("case.yaml" if case.line is None else f"case.yaml:{case.line}") in places
    said = [error.say(lang) for lang in LANGS]
    assert case.shown in said[0]
    assert case.shown in said[1]
    assert said[0] != said[1]


def test_bad_files_are_refused(folder):
    """What cannot be written into the table as text."""
    assert [p.code for p in refused(folder / "nowhere.yaml").problems] == ["yaml.no_file"]
    assert [p.code for p in refused(folder).problems] == ["yaml.unreadable"]
    (folder / "old.yaml").write_bytes("id: small\ntitle: Kế hoạch\n".encode("utf-16"))
    (folder / "worse.yaml").write_bytes(b"id: small\ntitle: \xcb\xe1\n")
    assert [(p.code, p.where) for p in refused(folder / "old.yaml").problems] == [
        ("yaml.not_utf8", "old.yaml:1")
    ]
    assert [(p.code, p.where) for p in refused(folder / "worse.yaml").problems] == [
        ("yaml.not_utf8", "worse.yaml:2")
    ]


def test_every_message_has_a_case():
    told = {
        key.removeprefix("error.")
        for key in catalogue()
        if key.startswith(("error.yaml.", "error.scenario."))
    }
    elsewhere = {"yaml.no_file", "yaml.unreadable", "yaml.not_utf8"}  # test_bad_files_are_refused
    assert {case.code for case in CASES} | elsewhere == {
        code for code in told if not code.endswith(".remedy")
    }


def test_all_problems_are_told_at_once(folder):
    text = SMALL.replace('province: "92"', "province: 92").replace("persons: 10", "persons: -1")
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    assert [p.code for p in refused(folder / "case.yaml").problems] == [
        "scenario.not_quoted",
        "scenario.out_of_range",
    ]


@pytest.mark.parametrize("name", ["50 % số xã", "Xã 'Một' & \"Hai\"", "Phường 1; số 5", "Ấp Đ’Ran / B’Lao"])
def test_honest_punctuation_is_fine(folder, name):
    quoted = strict_yaml.write({"name": name}).removeprefix("name: ").strip()
    (folder / "case.yaml").write_text(SMALL.replace("Huyện Một", quoted, 1), encoding="utf-8")
    assert load(folder / "case.yaml").registered_persons.by_group["916"].name == name
