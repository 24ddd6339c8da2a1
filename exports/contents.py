"""What goes into a file, whatever its format: the tables of a plan in one edition and one language.

A writer is handed `Contents` and never the plan, so that no format can let out more than ``geo.privacy`` lets
pass, and none can name a column otherwise than ``tables`` does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from exports import console
from geo import privacy, trips
from planner.plan import Plan
from tables import COLUMNS, Column
from text import Lang, Text, catalogue, million, number, say

Edition = Literal["internal", "shared"]
Words = Mapping[str, Mapping[str, str]]

REACH = 1e-9
"""Minutes by which a trip may seem to miss a standard that it keeps."""


MOST_WARNINGS = 5
"""More places that no road reaches are only counted in the notes; the table `travel` names them all."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Contents:
    """What a writer writes.

    Attributes:
        edition, lang: as asked.
        scenario: its id.
        title: the scenario's title.
        mark: which edition this is, to stand on every page and layer.
        notes: what a reader has to know: what was coarsened, estimated, assumed, drawn by the program.
        summary: (label, text) pairs that say what was asked and how good the answer is.
        tables: by name, as ``geo.privacy.shared`` takes and gives them; `communes` is a GeoDataFrame of
            polygons in EPSG:4326.
        words: what codes in a column are called in `lang`.
    """

    edition: Edition
    lang: Lang
    scenario: str
    title: str
    mark: str
    notes: tuple[str, ...]
    summary: tuple[tuple[str, str], ...]
    tables: Mapping[str, pd.DataFrame]
    words: Words

    def spoken(self, table: str) -> pd.DataFrame:
        """The table with labels in place of codes."""
        frame = self.tables[table]
        known = {c: self.words[c] for c in frame.columns if c in self.words}
        return frame.assign(**{c: frame[c].map(lambda v, w=w: w.get(v, v)) for c, w in known.items()})

    def stage(self, code: str) -> str:
        """What the stage is called."""
        return self.words["stage"].get(code, code)

    def heading(self, column: str) -> str:
        """What the column is called, with its unit where the name does not tell it."""
        found = column_of(column)
        unit = f" ({self.unit(column)})" if found.unit in ("VND", "share") else ""
        return found.label.say(self.lang) + unit

    def unit(self, column: str) -> str:
        """The unit of the column, in words."""
        unit = column_of(column).unit
        return say(f"exports.unit.{unit}", self.lang) if f"exports.unit.{unit}" in catalogue() else unit

    def dictionary(self, further: tuple[str, ...] = ()) -> pd.DataFrame:
        """Column, heading, unit, description: a row a column of the tables, and of those `further`."""
        named = [str(name) for frame in self.tables.values() for name in frame if name != "geometry"]
        columns = [column_of(name) for name in dict.fromkeys((*named, *further))]
        rows = [
            (c.name, self.heading(c.name), self.unit(c.name), c.description.say(self.lang)) for c in columns
        ]
        return pd.DataFrame(rows, columns=["column", "heading", "unit", "description"], dtype="str")


def column_of(name: str) -> Column:
    """The entry of the data dictionary; a column that only files have is text without a unit."""
    return COLUMNS.get(name, Column(name, "str"))


def contents_of(plan: Plan, *, edition: Edition, lang: Lang) -> Contents:
    """What a file about `plan` holds."""
    exact, facts = _tables(plan, edition, lang), plan.facts
    tables = dict(exact if edition == "internal" else privacy.shared(exact))
    for name in ("access", "allocation"):
        if name in tables:
            tables[name] = _with_names(tables[name], facts.communes)
    tables["access"] = tables["access"].rename(columns={"facility": "nearest"})
    return Contents(
        edition=edition,
        lang=lang,
        scenario=plan.scenario.id,
        title=plan.scenario.title.text.say(lang),
        mark=say(f"exports.mark.{edition}", lang),
        notes=tuple(_notes(plan, edition, lang)),
        summary=tuple(_summary(plan, edition, lang)),
        tables=tables,
        words=_words(plan, lang),
    )


def _tables(plan: Plan, edition: Edition, lang: Lang) -> dict[str, pd.DataFrame]:
    facts = plan.facts
    counted = plan.facilities["service"].isin(plan.coverage["service"])
    issues = [(words.say(lang), source) for words, source in facts.known_issues]
    report = plan.report
    return {
        "facilities": plan.facilities.assign(caseload=plan.facilities["caseload"].where(counted)),
        "communes": facts.communes.assign(boundary_approximate=facts.boundaries_approximate),
        "access": plan.access.assign(within_reach=_within_reach(plan)),
        "coverage": plan.coverage,
        "group_coverage": plan.group_coverage,
        "stages": plan.stages,
        "counts": plan.counts,
        "rules": plan.rules.drop(columns="text_en" if lang == "vi" else "text_vi"),
        "objectives": pd.DataFrame(
            [(v.name, v.value, v.bound, v.gap) for v in report.levels],
            columns=["objective", "value", "bound", "gap"],
        ).astype({"objective": "str"}),
        "assumptions": pd.DataFrame(
            [(a.field, a.value, a.source, a.note.say(lang)) for a in facts.assumptions],
            columns=["field", "value", "source", "note"],
        ).astype({"field": "str", "value": object, "source": "str", "note": "str"}),
        "known_issues": pd.DataFrame(issues, columns=["issue", "source"], dtype="str"),
        "travel": plan.travel.drop(columns="commune_code"),
        "travel_bands": plan.travel_bands,
        "travel_hours": plan.travel_hours,
        "longest_trips": plan.longest_trips.drop(columns="commune_code"),
        "allocation": plan.allocation,
        "provenance": pd.DataFrame(_flat(_origin(plan, edition)), columns=["item", "value"], dtype="str"),
    }


def _with_names(frame: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the commune's name and group after its code."""
    names = communes.set_index("commune_code")[["commune", "group_name"]]
    found = pd.DataFrame(frame[["commune_code"]]).join(names, on="commune_code")
    return pd.concat([found, frame.drop(columns="commune_code")], axis=1)


def _within_reach(plan: Plan) -> pd.Series:
    """Whether those of a commune who need the service are within the standard of an open point.

    Where nobody needs it, whether the nearest point is.
    """
    standards = {
        name: math.inf if kind.standard_minutes is None else kind.standard_minutes.value
        for name, kind in plan.scenario.kinds.items()
    }
    access, kinds = plan.access, plan.facilities.set_index("facility")["kind"]
    standard = access["facility"].map(kinds).map(standards).astype(float)
    near = np.isfinite(access["minutes"]) & (access["minutes"] <= standard + REACH)
    reached = access["served"] + access["no_capacity"] > privacy.TINY
    return reached.where(access["demand"] > privacy.TINY, near).astype(bool)


def _origin(plan: Plan, edition: Edition) -> dict[str, Any]:
    """What it takes to get the same answer again."""
    report = plan.report
    counts = plan.scenario.registered_persons.by_commune
    return {
        **({privacy.BY_COMMUNE: len(counts.persons)} if counts else {}),
        "edition": edition,
        "scenario": plan.scenario.id,
        "status": report.status.value,
        "solver": report.solver,
        "seconds": {name: round(value, 3) for name, value in report.seconds.items()},
        **plan.facts.provenance,
    }


def _flat(entries: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    for key, value in entries.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", str(value)


# --- words ---------------------------------------------------------------------------------------


def _words(plan: Plan, lang: Lang) -> Words:
    scenario = plan.scenario
    kinds = {name: kind.label.text.say(lang) for name, kind in scenario.kinds.items()}
    stages = {name: s.label.text.say(lang) for name, s in scenario.stages.items() if s.label is not None}
    labels = dict(zip(plan.facilities["facility"], plan.facilities["premises_name"], strict=True))
    return {
        "kind": kinds,
        "host_kind": kinds,
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
        "item": {item: _item(item, lang) for item, _ in _flat(_origin(plan, "shared"))},
        "source": _spoken_ids(("inferred", "estimate", "user", "required"), "source", lang),
    }


def _spoken_ids(ids: Any, prefix: str, lang: Lang) -> dict[str, str]:
    """What the catalogue calls them; a scenario may know types that it does not."""
    return {name: say(f"{prefix}.{name}", lang) for name in set(ids) if f"{prefix}.{name}" in catalogue()}


def _item(item: str, lang: Lang) -> str:
    """An entry of the provenance: its first word in words, what follows as it is."""
    first, *rest = item.split(".", 1)
    key = f"exports.item.{first}"
    return " · ".join((say(key, lang) if key in catalogue() else first, *rest))


def _notes(plan: Plan, edition: Edition, lang: Lang) -> Iterator[str]:
    yield say(f"exports.note.{edition}", lang)
    if plan.facts.boundaries_approximate:
        yield say("exports.note.approximate", lang)
    else:
        yield plan.facts.boundaries_credit.say(lang) + "."
    travel = plan.facts.travel
    told = travel.notes if len(travel.warnings) <= MOST_WARNINGS else travel.summary
    yield from (text.say(lang) for text in told)
    if plan.facts.communes["persons_estimated"].any():
        yield say("exports.note.estimated", lang)
    if plan.facilities["assumed"].any():
        yield say("exports.note.assumed", lang)
    uncounted = [
        service.label.text.say(lang)
        for name, service in plan.scenario.services.items()
        if name not in set(plan.coverage["service"])
    ]
    if uncounted:
        yield say("exports.note.uncounted", lang, services="; ".join(uncounted))


def _summary(plan: Plan, edition: Edition, lang: Lang) -> Iterator[tuple[str, str]]:
    scenario, report = plan.scenario, plan.report

    def line(key: str, text: str | Text) -> tuple[str, str]:
        return say(f"exports.summary.{key}", lang), text if isinstance(text, str) else text.say(lang)

    yield line("scenario", scenario.title.text)
    yield line("asked", scenario.summary.text)
    for change in scenario.changes:
        yield line("change", change.text)
    yield line("answer", console.proof(report, lang))
    if edition == "internal":
        for level in report.levels:
            yield line("objective", console.objective(level, lang))
    kept, rules = int(plan.rules["kept"].sum()), len(plan.rules)
    yield line("rules", say("exports.summary.rules_kept", lang, kept=kept, rules=rules))
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
