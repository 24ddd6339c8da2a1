"""What goes into a file, whatever its format: the tables of a plan in one edition and one language.

A writer is handed `Contents` and never the plan, so that no format can let out more than ``geo.privacy`` lets
pass, and none can name a column otherwise than ``tables`` does.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from exports import contents_words, document, options
from exports.contents_words import Edition, Words, text_of
from exports.dossier import Dossier, dossier
from geo import privacy
from planner.plan import Evaluation, Plan, SolveReport
from planner.run import asked_data
from planner.variants import Variant
from scenarios.rules import CoverageTarget
from tables import COLUMNS, Column
from text import Lang, catalogue, say

__all__ = [
    "ALONE", "Beside", "Contents", "Edition", "Sign", "Words", "column_of", "contents_of", "text_of",
]  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Beside:
    """What a dossier says beside the plan itself.

    Attributes:
        evaluation: the published plan beside the best one; None where the scenario has none.
        options: other plans of the same scenario, the plan itself not among them.
        by: who hands the file out; "" where nobody said.
    """

    evaluation: Evaluation | None = None
    options: tuple[Variant, ...] = ()
    by: str = ""


ALONE = Beside()
BESIDE_ANOTHER = frozenset({"of_best", "presence_share"})
"""Shares of another plan, not of those in need."""


class Sign(NamedTuple):
    """How a kind of facility is drawn, and how far it reaches (None: no standard)."""

    label: str
    short: str
    service: str
    colour: str
    symbol: str
    standard_minutes: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Contents:
    """What a writer writes.

    Attributes:
        edition, lang: as asked.
        scenario: its id.
        nation: whether the places are provinces.
        title: the scenario's title.
        mark: which edition this is, to stand on every page and layer.
        notes: what a reader has to know: what was coarsened, estimated, assumed, drawn by the program.
        summary: (label, text) pairs that say what was asked and how good the answer is.
        tables: by name, as ``geo.privacy.shared`` takes and gives them; `communes` is a GeoDataFrame of
            polygons in EPSG:4326.
        words: what codes in a column are called in `lang`.
        signs: how each kind of facility is drawn, in the scenario's order.
        credit: whom to name for the boundaries; that they are approximate, where the program drew them.
        dossier: what a proposal says that no table holds.
        written: the day of writing, ISO 8601.
        by: who hands the file out; "" where nobody said.
        asked: the scenario as plain data, to solve it again; None in the shared edition, for it holds counts.
    """

    edition: Edition
    lang: Lang
    scenario: str
    nation: bool
    title: str
    mark: str
    notes: tuple[str, ...]
    summary: tuple[tuple[str, str], ...]
    tables: Mapping[str, pd.DataFrame]
    words: Words
    signs: Mapping[str, Sign]
    credit: str
    dossier: Dossier
    written: str
    by: str = ""
    asked: Mapping[str, Any] | None = None

    @property
    def scope(self) -> str:
        """What begins the keys of words that are said otherwise of the nation."""
        return "nation." if self.nation else ""

    def spoken(self, table: str) -> pd.DataFrame:
        """The table with labels in place of codes; behind the labels of the provenance their codes."""
        frame = self.tables[table]
        if table == "provenance":
            said = zip(frame["item"], frame["value"], strict=True)
            frame = frame.assign(value=[contents_words.entry(*pair, self.lang) for pair in said])
        known = {c: self.words[c] for c in frame.columns if c in self.words}
        return frame.assign(**{c: frame[c].map(lambda v, w=w: w.get(v, v)) for c, w in known.items()})

    def stage(self, code: str) -> str:
        """What the stage is called."""
        return self.words["stage"].get(code, code)

    def heading(self, column: str) -> str:
        """What the column is called, with its unit where the name does not tell it."""
        found = column_of(column)
        told = found.unit in ("VND", "share") and column not in BESIDE_ANOTHER
        unit = f" ({self.unit(column)})" if told else ""
        label = f"nation.table.{found.name}"
        if self.nation and label in catalogue():
            return say(label, self.lang) + unit
        return found.label.say(self.lang) + unit

    def name(self, table: str) -> str:
        """What the table is called."""
        key = f"nation.exports.table.{table}"
        known = self.nation and key in catalogue()
        return say(key if known else f"exports.table.{table}", self.lang)

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


def contents_of(plan: Plan, *, edition: Edition, lang: Lang, beside: Beside = ALONE) -> Contents:
    """What a file about `plan` holds."""
    if edition == "shared":
        plan = replace(plan, report=_told(plan.report))
    exact, facts = _tables(plan, edition, lang) | _beside(plan, beside, lang), plan.facts
    if edition == "internal":
        tables = _without_helpers(exact)
    else:
        tables = privacy.shared(exact, own_shares=_own_shares(plan))
    for name in ("access", "allocation", "before"):
        if name in tables:
            tables[name] = _with_names(tables[name], facts.communes)
    for name in ("access", "before"):
        if name in tables:
            tables[name] = tables[name].rename(columns={"facility": "nearest"})
    return Contents(
        edition=edition,
        lang=lang,
        scenario=plan.scenario.id,
        nation=plan.scenario.place.province is None,
        title=plan.scenario.title.text.say(lang),
        mark=say(f"exports.mark.{edition}", lang),
        notes=tuple(contents_words.notes(plan, edition, lang)),
        summary=tuple(contents_words.summary(plan, edition, lang)),
        tables=tables,
        words=contents_words.words(plan, lang, [item for item, _ in _flat(_origin(plan, "shared"))]),
        signs=_signs(plan, lang),
        credit=facts.boundaries_credit.say(lang),
        dossier=dossier(plan, lang, shared=edition == "shared"),
        written=dt.datetime.now().astimezone().date().isoformat(),
        by=beside.by,
        asked=asked_data(plan.scenario) if edition == "internal" else None,
    )


def _told(report: SolveReport) -> SolveReport:
    """Without the gaps of a plan that the search did not find: each is a ratio of two sums of exact counts.

    The gap of a search that was stopped stays, rounded up: how far an answer may be from the best is never
    kept from its readers.
    """
    if not report.way:
        return report
    return report._replace(levels=tuple(replace(level, gap=math.nan) for level in report.levels))


def _tables(plan: Plan, edition: Edition, lang: Lang) -> dict[str, pd.DataFrame]:
    facts = plan.facts
    counted = plan.facilities["service"].isin(plan.coverage["service"])
    issues = [(words.say(lang), source) for words, source in facts.known_issues]
    report = plan.report
    return {
        "facilities": plan.facilities.assign(caseload=plan.facilities["caseload"].where(counted)),
        "communes": facts.communes.assign(boundary_approximate=facts.boundaries_approximate),
        "access": options.reached(plan.scenario, plan.access),
        "coverage": plan.coverage,
        "group_coverage": plan.group_coverage,
        "stages": plan.stages if contents_words.priced(plan) else plan.stages.assign(cost_vnd=np.nan),
        "counts": plan.counts,
        "rules": plan.rules.drop(columns="text_en" if lang == "vi" else "text_vi"),
        "objectives": pd.DataFrame(
            [
                (v.name, wanted.service, v.value, v.bound, v.gap)
                for v, wanted in zip(report.levels, plan.scenario.objectives, strict=False)
            ],
            columns=["objective", "service", "value", "bound", "gap"],
        ).astype({"objective": "str", "service": "str"}),
        **_of_the_document(plan, lang),
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


def _own_shares(plan: Plan) -> dict[tuple[str, str], float]:
    """Suited shares by service and group, where a group has one of its own."""
    services = plan.scenario.services.items()
    return {(name, group): one.value for name, s in services for group, one in s.suited_by_group.items()}


def _of_the_document(plan: Plan, lang: Lang) -> dict[str, pd.DataFrame]:
    """Openings, and what the scenario has of targets, balance, criteria, indicators, reality, questions."""
    at = plan.facilities.drop_duplicates("premises").set_index("premises")[["lat", "lon"]]
    now = {document.NOW: say("balance.now", lang)}
    found = document.tables(plan, lang)
    indicators = found["indicators"]
    spoken = indicators["stage"].where(indicators["amount"].isna(), indicators["stage"].replace(now))
    percents = indicators["amount"].where(
        indicators["unit"] != "share", (100 * indicators["amount"]).round(9)
    )
    tables = found | {
        "openings": plan.openings.drop(
            columns=SAME_IN_A_NATION if plan.scenario.place.province is None else []
        ).join(at, on="premises"),
        "targets": _targets(plan, lang),
        "balance": _balance(plan).assign(stage=plan.balance["stage"].replace(now)),
        "indicators": indicators.assign(stage=spoken, amount=percents),
    }
    return {name: frame for name, frame in tables.items() if len(frame)}


SAME_IN_A_NATION = ["premises_name", "commune_code", "commune"]
"""Columns that say no more than `group_name` where a province, its one host and its name are the same."""
HELPERS = frozenset({"of", "whole", "besides"})
"""Columns of `targets` and `balance` that only ``geo.privacy`` needs."""


def _without_helpers(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {
        name: frame.drop(columns=[c for c in frame if c in HELPERS])
        for name, frame in tables.items()
        if name not in options.HELPERS
    }


def _beside(plan: Plan, beside: Beside, lang: Lang) -> dict[str, pd.DataFrame]:
    return options.tables(plan, beside.evaluation, beside.options, lang)


def _targets(plan: Plan, lang: Lang) -> pd.DataFrame:
    """The targets in words, each with whose demand it is about."""
    frame, rules = plan.targets, plan.scenario.rules

    def of(rule: str, group: str) -> str:
        given = rules[rule]
        if group:
            return "group"
        return "all" if isinstance(given, CoverageTarget) and given.groups is None else ""

    words = [rules[rule].text.text.say(lang) for rule in frame["rule"]]
    about = [of(*pair) for pair in zip(frame["rule"], frame["group"], strict=True)]
    return frame.assign(of=about).pipe(
        lambda f: pd.concat([pd.Series(words, name="target", dtype="str"), f], axis=1)
    )


def _balance(plan: Plan) -> pd.DataFrame:
    """The balance with the registered persons of each stage before those of other services are taken off."""
    frame, asked = plan.balance, plan.scenario.balance
    besides = asked.besides if asked else ()
    taken = plan.coverage[plan.coverage["service"].isin(besides)].groupby("stage")["served"].sum()
    whole = frame["registered"] + [float(taken.get(stage, 0.0)) for stage in frame["stage"]]
    return frame.assign(whole=whole.where(frame["stage"] != ""), besides=", ".join(besides))


def _with_names(frame: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """`frame` with the commune's name and group after its code."""
    names = communes.set_index("commune_code")[["commune", "group_name"]]
    found = pd.DataFrame(frame[["commune_code"]]).join(names, on="commune_code")
    return pd.concat([found, frame.drop(columns="commune_code")], axis=1)


def _origin(plan: Plan, edition: Edition) -> dict[str, Any]:
    """What it takes to get the same answer again."""
    report = plan.report
    counts = plan.scenario.registered_persons.by_commune
    return {
        **({privacy.BY_COMMUNE: len(counts.persons)} if counts else {}),
        "edition": edition,
        "scenario": plan.scenario.id,
        "status": report.status.value,
        **({"way": report.way} if report.way else {}),
        "solver": report.solver,
        "seconds": {name: round(value, 3) for name, value in report.seconds.items()},
        **plan.facts.provenance,
    }


def _signs(plan: Plan, lang: Lang) -> dict[str, Sign]:
    return {
        name: Sign(
            label=kind.label.text.say(lang),
            short=kind.short.text.say(lang),
            service=kind.service,
            colour=kind.colour,
            symbol=kind.symbol,
            standard_minutes=None if kind.standard_minutes is None else float(kind.standard_minutes.value),
        )
        for name, kind in plan.scenario.kinds.items()
    }


def _flat(entries: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    for key, value in entries.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{within}{key}.")
        else:
            yield f"{within}{key}", str(value)
