"""Every element of the four plans has a place in a scenario or in the program, or a reason why it has none.

``scenarios/plan_elements.csv`` says where, a line a place: ``scenario FILE: path.in.it``, ``program:
module.name`` or ``report: key``; a line ``not`` gives the reason in both languages.  The list of elements
itself is no part of the project.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from scenarios.reading import FOLDER, load
from text import catalogue, is_tidy

LIST = Path(__file__).parents[3] / "shared" / "sources" / "plan_elements.csv"
USES = {"data", "rule", "target", "objective", "indicator", "report", "not"}
NUMBER = {"DN": 53, "TQ": 27, "NA": 35, "CT": 38}
DOCUMENTS = {
    "DN": {"dong_nai_to_2020"},
    "TQ": {"tuyen_quang_2020"},
    "NA": {"national_2012_2015"},
    "CT": {"can_tho_2018_2020"},
}


def lines() -> list[dict[str, str]]:
    with (FOLDER / "plan_elements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


LINES = lines()
PLACES = sorted({line["where"] for line in LINES if line["where"]})


@cache
def data(name: str) -> dict[str, object]:
    return load(FOLDER / f"{name}.yaml").data


def in_scenario(name: str, path: str) -> object:
    """What stands at `path` of the scenario; a list is entered by number."""
    value: object = data(name)
    for step in path.split("."):
        value = value[step] if isinstance(value, dict) else value[int(step)]
    return value


def resolved(place: str) -> object:
    kind, _, what = place.partition(": ")
    if kind == "program":
        module, _, name = what.rpartition(".")
        return getattr(import_module(module), name)
    if kind == "report":
        return catalogue()[what]
    return in_scenario(kind.removeprefix("scenario "), what)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_is_there(place: str) -> None:
    assert resolved(place) not in (None, "", {}, [], ())


@pytest.mark.parametrize("place", ["scenario tuyen_quang_2020: rules.nowhere", "program: text.nowhere"])
def test_a_place_that_is_not_there_is_seen(place: str) -> None:
    with pytest.raises((KeyError, AttributeError)):
        resolved(place)


def test_each_line_is_a_place_or_a_reason() -> None:
    for line in LINES:
        reason = bool(line["vi"] and line["en"])
        assert line["as"] in USES, line
        assert (line["as"] == "not") == reason != bool(line["where"]), line
        assert all(is_tidy(text) for text in line.values()), line
    assert len({tuple(line.values()) for line in LINES}) == len(LINES)


def test_every_row_of_the_four_plans_is_there() -> None:
    rows: dict[str, set[str]] = defaultdict(set)
    for line in LINES:
        rows[line["row"][:2]].add(line["row"])
    assert {plan: len(found) for plan, found in rows.items()} == NUMBER
    assert sum(NUMBER.values()) == 153


def test_a_row_is_found_in_its_own_plan() -> None:
    """What stands in another plan's file stands in its own too, or cannot (a district in a nation)."""
    for line in LINES:
        kind, _, _ = line["where"].partition(": ")
        if kind.startswith("scenario ") and line["row"] != "NA-30":
            assert kind.removeprefix("scenario ") in DOCUMENTS[line["row"][:2]], line


def test_the_list_of_elements_is_complete() -> None:
    if not LIST.is_file():
        pytest.skip(f"the list of plan elements is not beside the project: {LIST.parent.name}/{LIST.name}")
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        wanted = [row["id"] for row in csv.DictReader(file)]
    assert sorted(wanted) == sorted({line["row"] for line in LINES})
