"""What rules, kinds, stages and parts of rules are called: one place for tables, diagnoses and files."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from geo.premises import station_name
from planner.rows import implied_id
from scenarios.references import STATION
from scenarios.rules import Upgrade
from scenarios.schema import Scenario
from scenarios.supply import Kind
from text import Lang, Text, both, catalogue, inline, say


class Worded(NamedTuple):
    """A rule in words, with its source."""

    text: Text
    source: str


def worded(scenario: Scenario) -> dict[str, Worded]:
    """The rules of the scenario by id, then those that figures of its kinds imply."""
    found = {name: Worded(rule.text.text, rule.source) for name, rule in scenario.rules.items()}
    for name, kind in scenario.kinds.items():
        found |= _implied(scenario, name, kind)
    return found


def kept_by_every_plan(scenario: Scenario) -> dict[str, Worded]:
    """What no scenario has to ask for."""
    existing = {p.source for p in scenario.premises.named.values() if p.existing}
    upgraded = any(isinstance(rule, Upgrade) for rule in scenario.rules.values())
    stay = both("plan.rule.stay_or_upgrade" if upgraded else "plan.rule.stay_open")
    keep = Worded(both("plan.rule.keep_existing"), ", ".join(sorted(existing)))
    return {"stay_open": Worded(stay, ""), "keep_existing": keep}


def standards(scenario: Scenario) -> list[Worded]:
    """The service standard of each kind that has one."""
    return [_standard(kind) for kind in scenario.kinds.values() if kind.standard_minutes is not None]


def part_name(scenario: Scenario, communes: pd.DataFrame, rule: str, part: str) -> Text:
    """What the part of a rule is called: a group, premises or a cluster."""
    groups, named = scenario.registered_persons.by_group, scenario.premises.named
    if part in groups:
        return Text(groups[part].name, groups[part].name)
    if part in named:
        return Text(named[part].name, named[part].name)
    names = dict(zip(communes["commune_code"], communes["commune"], strict=True))
    if part.startswith(STATION):
        name = station_name(names.get(part.removeprefix(STATION), part))
        return Text(name, name)
    clusters = getattr(scenario.rules.get(rule), "named", {})
    return both(
        "plan.cluster",
        name=part,
        communes=", ".join(names.get(code, code) for code in clusters.get(part, ())),
    )


def of_places(scenario: Scenario, key: str, lang: Lang, /, **values: object) -> str:
    """The sentence `key`; where the places are provinces, its wording under ``nation.``, if there is one."""
    ours = f"nation.{key}"
    return say(ours if scenario.place.province is None and ours in catalogue() else key, lang, **values)


def stage_name(scenario: Scenario, stage: str) -> Text:
    """The label of a stage, or its name."""
    label = scenario.stages[stage].label
    return label.text if label else Text(stage, stage)


def kinds_named(scenario: Scenario, kinds: tuple[str, ...]) -> Text:
    """Labels of kinds as they stand inside a sentence."""
    labels = [inline(scenario.kinds[k].label.text) for k in kinds]
    return Text(", ".join(t.vi for t in labels), ", ".join(t.en for t in labels))


def _implied(scenario: Scenario, name: str, kind: Kind) -> dict[str, Worded]:
    found: dict[str, Worded] = {}
    own = {p.capacity[name].source: None for p in scenario.premises.named.values() if name in p.capacity}
    label = kind.label.text
    if kind.capacity:
        key = "plan.rule.capacity_some" if own else "plan.rule.capacity"
        text = both(key, kind=label, persons=kind.capacity.value)
        found[implied_id("capacity", name)] = Worded(text, ", ".join({kind.capacity.source: None} | own))
    elif own:
        text = both("plan.rule.capacity_named", kind=label)
        found[implied_id("capacity", name)] = Worded(text, ", ".join(own))
    if least := kind.minimum_caseload:
        text = both("plan.rule.minimum_caseload", kind=label, persons=least.value)
        found[implied_id("minimum_caseload", name)] = Worded(text, least.source)
    return found


def _standard(kind: Kind) -> Worded:
    standard, outer = kind.standard_minutes, kind.outer_minutes
    assert standard is not None
    minutes = f"{standard.value:g}"
    if outer is None:
        text = both("plan.rule.standard", kind=kind.label.text, minutes=minutes)
        return Worded(text, standard.source)
    text = both("plan.rule.gradual", kind=kind.label.text, minutes=minutes, outer=f"{outer.value:g}")
    return Worded(text, ", ".join({standard.source: None, outer.source: None}))
