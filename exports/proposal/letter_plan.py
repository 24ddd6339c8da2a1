"""Sections III and IV of the letter: what the plan goes by, and what it opens where."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pandas as pd

from exports.contents import Contents
from exports.proposal import annex
from exports.proposal.annex import Value
from exports.proposal.annexes_sites import sites
from exports.proposal.blocks import Align, Block, Bullets, Column, Heading, Paragraph, Picture, Table
from exports.proposal.wording import (
    WHOLE,
    count,
    ended,
    kind,
    kinds_counted,
    known,
    listed,
    nobody,
    of_words,
    persons,
    place,
    rule,
    share,
    source,
    span,
    stage,
    stages,
)
from tables import records
from text import capital, number, percent, say

MOST_SITES = 40
"""Sites of which the letter has a table of its own; of more, the annex has it."""
STANDARD = "cover_within_standard"
"""The travel standards among the rules; a sentence of their own tells them."""
SHOWN = ("order", "stage", "group", "premises", "kind", "parent", "persons", "criteria")
"""Columns of annex 01 that the letter repeats."""
WIDTHS = {"order": 0.5, "stage": 1.1, "premises": 2.6, "persons": 1.0}
"""Their shares of the width, where not 1.5."""


def principles(contents: Contents) -> list[Block]:
    """III: the rules, what is wanted first, what counts as within reach, and the criteria."""
    lang = contents.lang
    rules = [
        say("proposal.sourced", lang, text=rule(contents, row), source=source(contents, row["source"]))
        for row in records(contents.tables["rules"])
        if row["source"] and row["rule"] != STANDARD
    ]
    blocks: list[Block] = [Heading(say("proposal.section.principles", lang))]
    blocks.append(Paragraph(say("proposal.rules" if rules else "proposal.rules.none", lang)))
    if rules:
        blocks.append(Bullets(ended(dict.fromkeys(rules))))
    return [*blocks, *_wanted(contents), *_reach(contents), *_criteria(contents)]


def _wanted(contents: Contents) -> list[Block]:
    lang = contents.lang
    rows = records(contents.spoken("objectives"))
    if not rows:
        return []
    several = len({row["service"] for row in rows}) > 1
    told = [
        say("proposal.wanted.of", lang, objective=row["objective"], service=of_words(row["service"]))
        if several
        else row["objective"]
        for row in rows
    ]
    if len(told) == 1:
        return [Paragraph(say("proposal.wanted.one", lang, objective=of_words(told[0])))]
    numbered = tuple(f"({n}) {of_words(text)}" for n, text in enumerate(told, 1))
    return [Paragraph(say("proposal.wanted", lang, objectives=listed(numbered, lang)))]


def _reach(contents: Contents) -> list[Block]:
    """The travel standard of each kind."""
    lang = contents.lang
    by_minutes: dict[float, list[str]] = {}
    for name, sign in contents.signs.items():
        if sign.standard_minutes is not None:
            by_minutes.setdefault(sign.standard_minutes, []).append(kind(contents, name))
    if not by_minutes:
        return []
    told = [
        say("proposal.reach.kind", lang, kinds=listed(kinds, lang), minutes=number(minutes, lang))
        for minutes, kinds in by_minutes.items()
    ]
    text = say("proposal.reach", lang, standards="; ".join(told))
    notes = contents.tables["assumptions"]
    assumed = notes["field"].str.endswith(".standard_minutes").any()
    return [Paragraph(text + (" " + say("proposal.reach.assumed", lang) if assumed else ""))]


def _criteria(contents: Contents) -> list[Block]:
    lang, frame = contents.lang, contents.tables.get("criteria")
    if frame is None:
        return [Paragraph(say("proposal.criteria.none", lang))]
    told = []
    for row in records(frame.drop_duplicates("criterion")):
        text = say("proposal.sourced", lang, text=row["criterion"], source=source(contents, row["source"]))
        told.append(say("proposal.criteria.decides", lang, text=text) if row["decides"] else text)
    counts = frame.loc[frame["place"] != "", "answer"].value_counts()
    n = {name: int(counts.get(name, 0)) for name in ("met", "not_met", "not_checked")}
    key = "unchecked" if n["met"] + n["not_met"] == 0 else "checked" if n["not_checked"] == 0 else "partly"
    summary = say(f"proposal.criteria.{key}", lang, **n)
    return [Paragraph(say("proposal.criteria", lang)), Bullets(ended(told)), Paragraph(summary)]


# --- IV ------------------------------------------------------------------------------------------


def proposed(contents: Contents) -> list[Block]:
    """IV: what opens by stage, where, and what comes of it."""
    lang, opened = contents.lang, contents.tables.get("openings")
    blocks: list[Block] = [Heading(say("proposal.section.plan", lang))]
    if opened is None or opened.empty:
        blocks.append(Paragraph(say("proposal.sites.none", lang)))
    else:
        blocks += _rollout(contents, opened)
    blocks += _changes(contents)
    return [*blocks, *_outcome(contents), *_targets(contents), *_checked(contents)]


def _rollout(contents: Contents, opened: pd.DataFrame) -> list[Block]:
    from exports import figures

    lang = contents.lang
    counts = contents.tables["counts"]
    sums = counts.groupby("kind", sort=False)["opened"].sum()
    whole = kinds_counted(contents, [(str(k), int(n)) for k, n in sums.items()])
    blocks: list[Block] = [Paragraph(say("proposal.plan.all", lang, points=whole, when=span(contents)))]
    bullets = tuple(_in_stage(contents, code, opened, counts) for code in stages(contents))
    blocks.append(Bullets(bullets))
    listed_sites = sites(contents)
    part = listed_sites.parts[0]
    if contents.nation or len(part.rows) > MOST_SITES:
        blocks.append(Paragraph(say("proposal.plan.see", lang)))
    else:
        blocks.append(_table(contents))
    blocks.append(
        Picture(
            caption=say("proposal.plan.rollout", lang),
            draw=cache(lambda: figures.rollout_chart(contents)),
            alternative=" ".join(bullets),
        )
    )
    return blocks


def _in_stage(contents: Contents, code: str, opened: pd.DataFrame, counts: pd.DataFrame) -> str:
    """What opens in a stage, and in which groups."""
    lang = contents.lang
    mine = opened[opened["stage"] == code]
    n_of = counts[counts["stage"] == code].set_index("kind")["opened"]
    when = capital(stage(contents, code))
    if mine.empty:
        return say("proposal.plan.none_in", lang, when=when)
    parts = []
    for name, rows in mine.groupby("kind", sort=False):
        points = kinds_counted(contents, [(str(name), int(n_of.get(name, 0)))])
        if contents.nation:
            places = rows["group_name"].nunique()
            parts.append(say("proposal.plan.in_provinces", lang, points=points, n=count(places, lang)))
            continue
        at = rows["group_name"].where(rows["group_name"] != "", rows["premises_name"])
        named = [
            place(str(name_), lang)
            if n == 1
            else say("proposal.plan.times", lang, place=place(str(name_), lang), n=count(int(n), lang))
            for name_, n in rows.groupby(at, sort=False)["opened"].sum().items()
        ]
        parts.append(say("proposal.plan.at", lang, points=points, places=listed(named, lang)))
    return say("proposal.plan.stage", lang, when=when, points="; ".join(parts))


def _table(contents: Contents) -> Table:
    """The sites, in fewer columns than the annex has."""
    lang = contents.lang
    listed_sites = sites(contents)
    part = listed_sites.parts[0]
    empty = {c.name for n, c in enumerate(part.columns) if all(row[n] is None for row in part.rows)}
    chosen = [
        next(n for n, c in enumerate(part.columns) if c.name == name)
        for name in SHOWN
        if any(c.name == name for c in part.columns) and name not in empty
    ]
    aligns: dict[str, Align] = {"text": "left", "order": "center", "points": "center"}
    no_parent = say("proposal.note.no_parent", lang)
    return Table(
        caption=say("proposal.plan.table", lang),
        columns=tuple(
            Column(
                part.columns[n].head,
                WIDTHS.get(part.columns[n].name, 1.5),
                aligns.get(part.columns[n].kind, "right"),
            )
            for n in chosen
        ),
        rows=[tuple(_short(contents, row[n], part.columns[n]) for n in chosen) for row in part.rows],
        notes=tuple(note for note in listed_sites.notes if "parent" not in empty or note != no_parent),
    )


def _short(contents: Contents, value: Value, column: annex.Column) -> str:
    """A cell, kinds by their short name."""
    if column.name == "kind":
        short = {sign.label: sign.short for sign in contents.signs.values()}
        return short.get(str(value), str(value))
    return annex.spoken(value, column.kind, contents.lang)


def _changes(contents: Contents) -> list[Block]:
    changes = contents.dossier.changes
    if not changes:
        return []
    strong = say("proposal.plan.changes", contents.lang)
    return [Paragraph(" ".join(changes), strong=strong)]


def _outcome(contents: Contents) -> list[Block]:
    """The share served at the end of each stage, beside that before the plan."""
    lang = contents.lang
    told = []
    for name in contents.dossier.counted:
        sentence = _service(contents, name)
        if sentence:
            told.append(sentence)
    if not told:
        return []
    return [Paragraph(say("proposal.plan.outcome", lang)), Bullets(tuple(told))]


def _service(contents: Contents, name: str) -> str:
    lang = contents.lang
    mine = contents.tables["coverage"].query("service == @name")
    last = records(mine)[-1]
    if nobody(last["demand"]):
        return ""
    before = contents.tables.get("before_coverage")
    then = records(before[before["service"] == name]) if before is not None else []
    facts = {key: persons(last[key], lang) for key in ("served", "demand", "out_of_reach", "no_capacity")}
    label = contents.words["service"].get(name, name)
    when = stage(contents, last["stage"])
    told = say(
        "proposal.plan.served", lang, service=label, when=when, served=facts["served"], demand=facts["demand"]
    )
    if known(last["share"]):
        told += say("proposal.plan.share", lang, share=share(float(last["share"]), contents))
    if then and known(then[0]["share"]):
        told += say("proposal.plan.from", lang, share=share(float(then[0]["share"]), contents))
    left = [key for key in ("no_capacity", "out_of_reach") if not nobody(last[key])]
    parts = [say(f"proposal.plan.left.{key}", lang, n=facts[key]) for key in left]
    return told + (say("proposal.plan.left", lang, parts=listed(parts, lang)) if parts else "") + "."


def _targets(contents: Contents) -> list[Block]:
    """Targets that are about the whole, and how many of those by group are reached."""
    frame, lang = contents.tables.get("targets"), contents.lang
    if frame is None:
        return []
    told = [_target(contents, row) for row in records(frame[frame["group"] == ""])]
    for target, rows in frame[frame["group"] != ""].groupby("target", sort=False):
        if rows["met"].isna().any():
            told.append(say("proposal.plan.target.untold", lang, target=target))
        else:
            n, of = int(rows["met"].sum()), len(rows)
            told.append(say("proposal.plan.target.groups", lang, target=target, n=n, of=of))
    return [Paragraph(say("proposal.plan.targets", lang)), Bullets(tuple(told))]


def _target(contents: Contents, row: dict[str, Any]) -> str:
    lang = contents.lang
    facts = {"target": row["target"], "goal": _goal(float(row["goal"]), contents)}
    if math.isnan(float(row["reached"])):
        return say("proposal.plan.target.open", lang, **facts)
    reached = share(float(row["reached"]), contents)
    key = "soft" if pd.isna(row["met"]) else "met" if row["met"] else "missed"
    return say(f"proposal.plan.target.{key}", lang, **facts, reached=reached)


def _goal(share: float, contents: Contents) -> str:
    """A goal as exactly as what is reached is told, and never less exactly than it was set."""
    whole = contents.edition == "shared" and abs(100 * share - round(100 * share)) < WHOLE
    return percent(share, contents.lang, 0 if whole else 1)


def _checked(contents: Contents) -> list[Block]:
    """That a second computation confirms that the rules are kept."""
    rules = contents.tables["rules"]
    kept = rules["kept"].dropna().astype(bool)
    broken, n = int((~kept).sum()), len(kept)
    key = "but" if broken else "binding" if len(kept) < len(rules) else "all"
    facts = {"n": count(n, contents.lang), "kept": count(n - broken, contents.lang)}
    return [Paragraph(say(f"proposal.plan.kept.{key}", contents.lang, **facts))]
