"""What a file says in words: labels of codes, what a reader has to know, what was asked and answered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import numpy as np

from exports import console, document, lines
from geo import trips
from planner import variants
from planner.plan import GIVEN, Plan
from text import Lang, Text, catalogue, million, number, say

Edition = Literal["internal", "shared"]
Words = Mapping[str, Mapping[str, str]]

CODED = {
    "edition": "proposal.edition",
    "status": "proposal.status",
    "boundaries.origin": "boundaries.origin",
    "travel.method": "travel.way",
    "travel.used": "travel.way",
}
"""Entries of the provenance that are codes, and where the catalogue says them in words."""
MOST_WARNINGS = 5
"""More places that no road reaches are only counted in the notes; the table `travel` names them all."""


def priced(plan: Plan) -> bool:
    """Whether any kind has a cost."""
    return any(kind.cost for kind in plan.scenario.kinds.values())


def words(plan: Plan, lang: Lang, items: Iterable[str]) -> Words:
    """What codes in a column are called; `items` are the entries of the provenance."""
    scenario = plan.scenario
    kinds = {name: kind.label.text.say(lang) for name, kind in scenario.kinds.items()}
    stages = {name: s.label.text.say(lang) for name, s in scenario.stages.items() if s.label is not None}
    labels = dict(zip(plan.facilities["facility"], plan.facilities["premises_name"], strict=True))
    return {
        "kind": kinds,
        "host_kind": kinds,
        "upgraded_from": kinds,
        "unit": {name: say(f"exports.amount.{name}", lang) for name in ("share", "persons", "places")},
        "concerns": {name: say(f"exports.concerns.{name}", lang) for name in ("group", "premises")},
        "answer": {name: say(f"document.{name}", lang) for name in document.VERDICTS},
        "service": {name: service.label.text.say(lang) for name, service in scenario.services.items()},
        "stage": stages,
        "opened_stage": stages,
        "parent": labels,
        "nearest": labels,
        "premises_type": _spoken_ids(plan.facilities["premises_type"], "exports.premises_type", lang),
        "objective": _spoken_ids((level.name for level in plan.report.levels), "exports.objective", lang),
        "way": _spoken_ids(plan.travel["way"], "travel.way", lang),
        "reason": _spoken_ids(plan.travel["reason"], "travel.reason", lang),
        "band": {name: trips.spoken(name).say(lang) for name in trips.band_names()},
        "dosing": _spoken_ids(("daily", "stated", "take_home"), "travel.dosing", lang),
        "direction": {name: say(f"dossier.direction.{name}", lang) for name in ("more", "less")},
        "status": _spoken_ids(("optimal", "feasible"), "proposal.status", lang) | _spoken_ways(lang),
        "item": {item: _item(item, lang) for item in items},
        "source": _spoken_ids(("inferred", "estimate", "user", "required"), "source", lang),
    }


def _spoken_ids(ids: Any, prefix: str, lang: Lang) -> dict[str, str]:
    """What the catalogue calls them; a scenario may know types that it does not."""
    return {name: say(f"{prefix}.{name}", lang) for name in set(ids) if f"{prefix}.{name}" in catalogue()}


def _spoken_ways(lang: Lang) -> dict[str, str]:
    """What is said of plans that the search did not find, in place of a status: nobody looked for better."""
    return dict.fromkeys((*variants.NAMES, GIVEN), say("proposal.status.feasible", lang))


def _item(item: str, lang: Lang) -> str:
    """An entry of the provenance: its first word in words, what follows as it is."""
    if f"exports.item.{item}" in catalogue():
        return say(f"exports.item.{item}", lang)
    first, *rest = item.split(".", 1)
    key = f"exports.item.{first}"
    return " · ".join((say(key, lang) if key in catalogue() else first, *rest))


def entry(item: str, value: str, lang: Lang) -> str:
    """A value of the provenance in words, its code behind them: "chia sẻ (shared)"; numbers as written.

    Names, versions and checksums are said as they stand.
    """
    if item.startswith("seconds."):
        return number(float(value), lang, 3)
    prefix = CODED.get(item)
    if item == "way":
        words = lines.way(value, lang)
    elif prefix and f"{prefix}.{value}" in catalogue():
        words = say(f"{prefix}.{value}", lang)
    else:
        return value
    return words if words == value else f"{words} ({value})"


def notes(plan: Plan, edition: Edition, lang: Lang) -> Iterator[str]:
    """What was coarsened, estimated, assumed, drawn by the program."""
    yield say(f"exports.note.{edition}", lang)
    if plan.facts.boundaries_approximate:
        nation = "nation." if plan.scenario.place.province is None else ""
        yield say(f"{nation}exports.note.approximate", lang)
    else:
        yield plan.facts.boundaries_credit.say(lang) + "."
    travel = plan.facts.travel
    told = travel.notes if len(travel.warnings) <= MOST_WARNINGS else travel.summary
    yield from (text.say(lang) for text in told)
    if plan.facts.communes["persons_estimated"].any():
        yield say("exports.note.estimated", lang)
    if plan.facilities["assumed"].any():
        yield say("exports.note.assumed", lang)
    if edition == "shared" and not plan.targets["hard"].all():
        yield say("exports.note.targets", lang)
    uncounted = [
        service.label.text.say(lang)
        for name, service in plan.scenario.services.items()
        if name not in set(plan.coverage["service"])
    ]
    if uncounted:
        yield say("exports.note.uncounted", lang, services="; ".join(uncounted))


def summary(plan: Plan, edition: Edition, lang: Lang) -> Iterator[tuple[str, str]]:
    """(label, text) pairs: what was asked and how good the answer is."""
    scenario, report = plan.scenario, plan.report

    def line(key: str, text: str | Text) -> tuple[str, str]:
        return say(f"exports.summary.{key}", lang), text if isinstance(text, str) else text.say(lang)

    yield line("scenario", scenario.title.text)
    yield line("asked", scenario.summary.text)
    for change in scenario.changes:
        yield line("change", change.text)
    yield line("answer", console.proof(report, lang))
    if edition == "internal":
        for level, service in zip(report.levels, document.objective_services(scenario), strict=False):
            yield line("objective", console.objective(level, lang, service))
    soft = plan.rules["rule"].isin(plan.targets.loc[~plan.targets["hard"], "rule"])
    told = plan.rules[~soft] if edition == "shared" else plan.rules
    key = "binding_kept" if len(told) < len(plan.rules) else "rules_kept"
    kept = int(told["kept"].sum())
    yield line("rules", say(f"exports.summary.{key}", lang, kept=kept, rules=len(told)))
    if priced(plan):
        yield line("cost", million(float(plan.stages["cost_vnd"].sum()), lang))
    if plan.stages["budget_vnd"].notna().any():
        yield line("budget", million(float(np.nansum(plan.stages["budget_vnd"])), lang))
    yield line("solver", f"{report.solver}, {number(sum(report.seconds.values()), lang, 1)} s")


def text_of(value: Any, lang: Lang) -> str:
    """An assumption's value in words: a figure, a code, a list of figures, or nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {text_of(v, lang)}" for key, v in value.items())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return number(value, lang) if float(value).is_integer() else number(value, lang, 3).rstrip("0")
