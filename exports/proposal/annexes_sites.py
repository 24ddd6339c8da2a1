"""Annexes 01 and 05: what opens where, and which conditions have been checked."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from exports.contents import Contents
from exports.proposal.annex import Annex, Column, Part, Value
from exports.proposal.wording import count, group_head, group_word, is_year, source, stages
from tables import records
from text import capital, say

VERDICTS = ("met", "not_met", "not_checked")
"""Answers to a condition, in the order in which a form has them."""
MOST_GROUPS = 3
"""More groups that a point serves are only counted."""
MOST_NAMED = 4
"""Of more places that all have the same answer, their number is said."""


def sites(contents: Contents) -> Annex:
    """01: the places that open, in the order of stages."""
    lang, opened = contents.lang, contents.tables.get("openings")
    title = say("proposal.annex.01", lang)
    if opened is None or opened.empty:
        return Annex(code="01", title=title, notes=(say("proposal.sites.none", lang),))
    notes = [say("proposal.note.caseload", lang, stage=contents.stage(stages(contents)[-1]))]
    if contents.nation:
        return Annex(code="01", title=title, parts=(_by_province(contents, opened),), notes=tuple(notes))
    part, further = _one_by_one(contents, opened)
    return Annex(code="01", title=title, parts=(part,), notes=(*notes, *further))


def _one_by_one(contents: Contents, opened: pd.DataFrame) -> tuple[Part, list[str]]:
    lang = contents.lang
    order = {code: n for n, code in enumerate(stages(contents))}
    at = opened.assign(n=opened["stage"].map(order)).sort_values("n", kind="stable")
    facts = contents.tables["facilities"].set_index("facility")
    scope, answers = _scopes(contents), _answers(contents)
    several = bool((opened["opened"] > 1).any())
    rows: list[tuple[Value, ...]] = []
    for n, row in enumerate(records(at), 1):
        known = facts.loc[row["facility"]] if row["facility"] in facts.index else None
        rows.append(
            (
                n,
                row["group_name"] or None,
                row["commune"],
                row["premises_name"] + (" (*)" if row["assumed"] else ""),
                _kind(contents, row),
                *((int(row["opened"]),) if several else ()),
                contents.stage(row["stage"]),
                _parent(contents, known),
                scope.get(row["facility"]),
                _caseload(known),
                _checked(contents, answers, row),
            )
        )
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("group", group_head(contents), width=1.7),
        Column("commune", contents.heading("commune"), width=1.7),
        Column("premises", say("proposal.head.host", lang), width=2.4),
        Column("kind", say("proposal.head.kind", lang), width=2.2),
        *((Column("opened", say("proposal.head.points", lang), "points", 0.7),) if several else ()),
        Column("stage", _when(contents), width=1.0),
        Column("parent", say("proposal.head.parent", lang), width=1.6),
        Column("scope", say("proposal.head.scope", lang), width=2.6),
        Column("persons", say("proposal.head.expected", lang), "persons", 1.1),
        Column("criteria", say("proposal.head.criteria", lang), width=1.9),
    )
    notes = []
    if opened["assumed"].any():
        notes.append(say("proposal.note.assumed", lang))
    if any(row[columns.index(_column(columns, "parent"))] is None for row in rows):
        notes.append(say("proposal.note.no_parent", lang))
    if contents.edition == "shared":
        notes.append(say("proposal.note.bands", lang))
    return Part(name="sites", title="", columns=columns, rows=tuple(rows)), notes


def _column(columns: tuple[Column, ...], name: str) -> Column:
    return next(column for column in columns if column.name == name)


def _when(contents: Contents) -> str:
    years = all(is_year(contents.stage(code)) for code in stages(contents))
    return say("proposal.head.year" if years else "proposal.head.stage", contents.lang)


def _kind(contents: Contents, row: dict[str, Any]) -> str:
    name = contents.words["kind"].get(row["kind"], str(row["kind"]))
    if not row["upgraded_from"]:
        return name
    return say(
        "proposal.upgraded", contents.lang, kind=name, before=contents.words["kind"][row["upgraded_from"]]
    )


def _parent(contents: Contents, known: pd.Series | None) -> Value:
    if known is None or not known["parent"]:
        return None
    names = contents.words["parent"]
    return "; ".join(dict.fromkeys(names.get(p, p) for p in str(known["parent"]).split(", ")))


def _caseload(known: pd.Series | None) -> Value:
    """Persons at the end of the plan, or a band of them."""
    if known is None:
        return None
    given = known["caseload"]
    if isinstance(given, str):
        return given or None
    return None if math.isnan(given) else float(round(given))


def _scopes(contents: Contents) -> dict[str, str]:
    """Which communes have each facility as their nearest within the standard at the end, in words."""
    access = contents.tables["access"]
    mine = access[(access["stage"] == stages(contents)[-1]) & access["within_reach"]]
    found = {}
    for facility, rows in mine.groupby("nearest", sort=False):
        groups = rows["group_name"].value_counts(sort=False)
        found[str(facility)] = _scope(contents, {str(k): int(v) for k, v in groups.items()})
    return found


def _scope(contents: Contents, groups: dict[str, int]) -> str:
    lang = contents.lang
    if len(groups) > MOST_GROUPS:
        unit = group_word(contents)
        return say("proposal.scope.many", lang, n=sum(groups.values()), groups=len(groups), unit=unit)
    most_first = sorted(groups.items(), key=lambda each: -each[1])
    return "; ".join(say("proposal.scope.group", lang, group=g or "–", n=n) for g, n in most_first)


# --- criteria ------------------------------------------------------------------------------------


def _answers(contents: Contents) -> list[dict[str, Any]]:
    frame = contents.tables.get("criteria")
    return [] if frame is None else records(frame)


def _checked(contents: Contents, answers: list[dict[str, Any]], row: dict[str, Any]) -> Value:
    """How many conditions are met, are not, and have not been checked at a place and for its kind."""
    verdicts = verdicts_of(contents, answers, row)
    if not verdicts:
        return None
    lang = contents.lang
    told = [
        say(f"proposal.verdict.{name}", lang, n=count(verdicts.count(name), lang))
        for name in VERDICTS
        if name in verdicts
    ]
    return "; ".join(told)


def verdicts_of(contents: Contents, answers: list[dict[str, Any]], row: dict[str, Any]) -> list[str]:
    """The answers to every condition that is about a place that opens."""
    asked = contents.dossier.kinds_asked
    return [
        str(a["answer"])
        for a in answers
        if a["place"] == (row["group_name"] if a["concerns"] == "group" else row.get("premises_name"))
        and row["kind"] in asked.get(a["criterion"], (row["kind"],))
        and a["place"]
    ]


def criteria(contents: Contents) -> Annex:
    """05: each condition, and where it is met, is not, and has not been checked."""
    lang, answers = contents.lang, _answers(contents)
    title = say("proposal.annex.05", lang)
    if not answers:
        return Annex(code="05", title=title, notes=(say("proposal.criteria.none", lang),))
    rows: list[tuple[Value, ...]] = []
    for n, criterion in enumerate(dict.fromkeys(a["criterion"] for a in answers), 1):
        mine = [a for a in answers if a["criterion"] == criterion]
        decides = say("exports.yes" if mine[0]["decides"] else "exports.no", lang)
        at = [_places(contents, mine, verdict) for verdict in VERDICTS]
        rows.append((n, criterion, *at, decides, source(contents, mine[0]["source"])))
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("criterion", say("proposal.head.criterion", lang), width=3.4),
        *(Column(name, capital(contents.words["answer"][name]), width=2.2) for name in VERDICTS),
        Column("decides", say("proposal.head.decides", lang), width=1.1),
        Column("source", say("proposal.head.source", lang), width=1.7),
    )
    part = Part(name="criteria", title="", columns=columns, rows=tuple(rows))
    return Annex(code="05", title=title, parts=(part,), notes=(say("proposal.criteria.note", lang),))


def _places(contents: Contents, answers: list[dict[str, Any]], verdict: str) -> Value:
    """The places that an answer is given of; many are only counted, where it is given of all."""
    places = dict.fromkeys(a["place"] for a in answers if a["place"])
    mine = dict.fromkeys(a["place"] for a in answers if a["answer"] == verdict and a["place"])
    if len(mine) < len(places) or len(mine) <= MOST_NAMED:
        return "; ".join(mine) or None
    unit = group_word(contents) if answers[0]["concerns"] == "group" else ""
    key = "proposal.criteria.all" if unit else "proposal.criteria.all_premises"
    return say(key, contents.lang, n=count(len(mine), contents.lang), unit=unit)


# --- a nation ------------------------------------------------------------------------------------


def _by_province(contents: Contents, opened: pd.DataFrame) -> Part:
    """A row a province with what opens in each stage: a province is its own place and host."""
    lang, codes = contents.lang, stages(contents)
    kinds = list(dict.fromkeys(opened["kind"]))
    n_of = opened.groupby(["kind", "group_name", "stage"])["opened"].sum()
    load = contents.tables["facilities"].set_index(["kind", "group_name"])["caseload"]
    rows: list[tuple[Value, ...]] = []
    for kind in kinds:
        for place in dict.fromkeys(opened.loc[opened["kind"] == kind, "group_name"]):
            at = [int(n_of.get((kind, place, code), 0)) for code in codes]
            given = load.get((kind, place))
            expected = _caseload(pd.Series({"caseload": given})) if given is not None else None
            label = contents.words["kind"].get(kind, kind)
            rows.append((len(rows) + 1, place, label, *at, sum(at), expected))
    totals: tuple[Value, ...] = (
        None,
        say("proposal.total", lang),
        None,
        *(sum(int(row[3 + n] or 0) for row in rows) for n in range(len(codes) + 1)),
        sum(float(row[-1] or 0) for row in rows) if contents.edition == "internal" else None,
    )
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("group", group_head(contents), width=2.6),
        Column("kind", say("proposal.head.kind", lang), width=2.4),
        *(Column(f"opened_{code}", contents.stage(code), "points", 0.9, summed=True) for code in codes),
        Column("opened", say("proposal.head.all_stages", lang), "points", 1.0, summed=True),
        Column(
            "persons", say("proposal.head.expected", lang), "persons", 1.6,
            summed=contents.edition == "internal",
        ),
    )  # fmt: skip
    return Part(name="sites", title="", columns=columns, rows=tuple(rows), totals=totals)
