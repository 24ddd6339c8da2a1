"""The guide for writing a scenario speaks of everything a scenario may hold, and its examples work."""

from __future__ import annotations

import re
import shutil
from typing import get_args

import pytest
from pydantic import BaseModel

from scenarios import figures, strict_yaml
from scenarios.figures import AskedOf
from scenarios.persons import RegisteredPersons
from scenarios.reading import FOLDER, load
from scenarios.rules import RULES
from scenarios.schema import ASSUMED, Objective, Scenario
from scenarios.supply import Kind, Premises
from scenarios.travel import Roads, Travel, TravelTable

README = (FOLDER / "README.md").read_text(encoding="utf-8")
HALVES = dict(zip(("vi", "en"), README.split("\n# English\n"), strict=True))
EXAMPLES = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


def choices(model: type[BaseModel], name: str) -> tuple[str, ...]:
    """What the field `name` may be, where it is a choice."""
    return get_args(model.model_fields[name].annotation)


UNTOLD = ("rule", "text", "source", "note", "label", "short", "colour", "symbol", "name")
"""Fields that say what they are."""

EXPLAINED = [
    *Scenario.model_fields,
    *(kind for rule in RULES for kind in choices(rule, "rule")),
    *{name: None for rule in RULES for name in rule.model_fields if name not in UNTOLD},
    *(
        name
        for part in (RegisteredPersons, Kind, Premises, Travel, Roads, TravelTable)
        for name in part.model_fields
        if name not in UNTOLD
    ),
    *choices(Objective, "objective"),
    *(f"method: {method}" for method in choices(Travel, "method")),
    *choices(Travel, "mode"),
    "take_home_days",
    *sorted(ASSUMED),
]


@pytest.mark.parametrize("lang", HALVES)
@pytest.mark.parametrize("name", EXPLAINED)
def test_everything_is_explained(lang, name):
    assert re.search(rf"`{name}\b", HALVES[lang]), name


def test_examples_are_valid(tmp_path):
    asked, child = EXAMPLES
    given, _ = strict_yaml.parse(asked, "README.md")
    assert AskedOf.model_validate(given["suited_share"]).required == "user"
    for path in FOLDER.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "example.yaml").write_text(child, encoding="utf-8")
    scenario = load(tmp_path / "example.yaml")
    assert scenario.kinds["counselling"].standard_minutes.value == 40
    assert list(scenario.rules["at_methadone_site"].exceptions) == ["925"]


def test_the_vocabulary_of_sources_is_the_one_that_is_accepted():
    said = re.findall(r"^\| `\"?([^`\"]+)\"?` \|", HALVES["en"].split("## Sources")[1], re.MULTILINE)
    assert len(said) == 6
    for source in said[1:]:  # the first is the table's head
        assert re.search(figures.SOURCE, source), source
