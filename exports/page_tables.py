"""The sections of the page that stand still: figures by stage, sites, targets, what has to be known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from exports import lines
from exports.contents import Contents, text_of
from exports.markup import Raw, joined, tag
from exports.shown import services, stages, told_number, when
from tables import records
from text import Lang, capital, million, number, percent, say

FEW = 12
"""Groups up to which each has a row among the targets."""

Rows = Sequence[Sequence[object]]


def section(title: str, *inside: object, name: str = "") -> Raw:
    """A part of the page under its heading."""
    attributes: dict[str, Any] = {"id": name} if name else {}
    return tag("section", tag("h2", title), *inside, **attributes)


def table(heads: Sequence[str], rows: Rows, *, figures: Sequence[int] = (), marks: Sequence[int] = ()) -> Raw:
    """A table that can be pushed aside on a phone; columns `figures` are set to the right.

    `marks` are numbers of stages that the page's script shades the rows by; -1 for none.
    """
    kinds = ["figure" if n in figures else "" for n in range(len(heads))]
    top = tag(
        "tr", *(tag("th", head, scope="col", cls=kind) for head, kind in zip(heads, kinds, strict=True))
    )
    body = []
    for n, row in enumerate(rows):
        cells = (tag("td", cell, cls=kind) for cell, kind in zip(row, kinds, strict=True))
        mark: dict[str, Any] = {"data_stage": marks[n]} if marks else {}
        body.append(tag("tr", *cells, **mark))
    return tag("div", tag("table", tag("thead", top), tag("tbody", *body)), cls="wide")


# --- figures -------------------------------------------------------------------------------------


def share(value: float, contents: Contents) -> str:
    """A share in per cent; with a decimal only where the figures are exact."""
    if pd.isna(value):
        return "–"
    return percent(value, contents.lang, int(contents.edition == "internal"))


def cover_rows(contents: Contents, service: str) -> list[dict[str, Any]]:
    """The rows of coverage of a service, that of the time before the plan first; `stage` is None there."""
    found: list[dict[str, Any]] = []
    if "before_coverage" in contents.tables:
        before = contents.tables["before_coverage"]
        found += [row | {"stage": None} for row in records(before[before["service"] == service])]
    cover = contents.tables["coverage"]
    return found + records(cover[cover["service"] == service])


def cover(contents: Contents) -> Raw:
    """Who is served at the end of each stage, by service."""
    lang = contents.lang
    heads = [say("page.time", lang), *(say(f"map.{n}", lang) for n in PARTS), say("page.share", lang)]
    parts = []
    for service in services(contents):
        rows = [
            (
                capital(when(contents, row["stage"])),
                *(told_number(row[name], contents) for name in PARTS),
                share(row["share"], contents),
            )
            for row in cover_rows(contents, service)
        ]
        parts += [
            tag("h3", contents.words["service"].get(service, service)),
            table(heads, rows, figures=(1, 2, 3, 4, 5)),
        ]
    return section(contents.name("coverage"), *parts)


PARTS = ("demand", "served", "no_capacity", "out_of_reach")


def money(contents: Contents) -> Raw:
    """Openings, cost and budget by stage."""
    lang, rows = contents.lang, records(contents.tables["stages"])
    priced = any(row["cost_vnd"] and not pd.isna(row["cost_vnd"]) for row in rows)
    budgeted = any(not pd.isna(row["budget_vnd"]) for row in rows)
    names = [*(["cost_vnd"] if priced else []), *(["budget_vnd"] if budgeted else [])]
    heads = [say("page.time", lang), say("page.opened", lang)]
    heads += [say(f"figures.{n.removesuffix('_vnd')}", lang) for n in names]
    body = [
        (
            contents.stage(row["stage"]),
            number(row["opened"], lang),
            *("–" if pd.isna(row[n]) else million(float(row[n]), lang) for n in names),
        )
        for row in rows
    ]
    title = contents.name("stages") if names else say("page.rollout", lang)
    return section(title, table(heads, body, figures=range(1, len(heads))))


# --- sites and targets ---------------------------------------------------------------------------


def sites(contents: Contents) -> Raw:
    """All that opens, by stage, then what existed; the script shades what opens in the stage shown."""
    lang, order = contents.lang, stages(contents)
    frame = contents.tables["facilities"].set_index("facility")
    rows, marks = [], []
    openings = records(contents.tables["openings"]) if "openings" in contents.tables else []
    for row in openings:
        place = frame.loc[row["facility"]] if row["facility"] in frame.index else None
        name = row.get("premises_name", row["group_name"])
        sign = contents.signs[row["kind"]]
        many = f" × {number(row['opened'], lang)}" if row["opened"] > 1 else ""
        where = ", ".join(dict.fromkeys(filter(None, (row.get("commune", ""), row["group_name"]))))
        assumed = tag("small", say("map.assumed", lang)) if row["assumed"] else ""
        served = "–" if place is None else told_number(place["caseload"] or "–", contents)
        rows.append(
            (contents.stage(row["stage"]), joined([name, assumed], " "), sign.label + many, where, served)
        )
        marks.append(order.index(row["stage"]))
    for row in records(contents.tables["facilities"]):
        if row["existing"] and not (contents.nation and row["facility"] in {o["facility"] for o in openings}):
            where = ", ".join(dict.fromkeys(filter(None, (row["commune"], row["group_name"]))))
            label = contents.signs[row["kind"]].label
            rows.append((say("page.existing", lang), row["premises_name"], label, where,
                         told_number(row["caseload"] or "–", contents)))  # fmt: skip
            marks.append(-1)
    heads = [say(f"page.sites.{n}", lang) for n in ("opens", "name", "kind", "where", "persons")]
    return section(say("page.sites", lang), table(heads, rows, figures=(4,), marks=marks), name="sites")


def targets(contents: Contents) -> Raw | None:
    """The targets, each group's apart up to `FEW` of them."""
    if "targets" not in contents.tables:
        return None
    lang, frame = contents.lang, contents.tables["targets"]
    rows: list[tuple[object, ...]] = []
    for (_, stage), mine in frame.groupby(["rule", "stage"], sort=False):
        words, label = mine["target"].iloc[0], contents.stage(str(stage))
        if len(mine) > FEW:
            rows.append((words, label, say("page.groups", lang, n=len(mine)), _span(mine["goal"], contents),
                         _span(mine["reached"], contents), _met_of(mine, lang)))  # fmt: skip
            continue
        rows += [
            (
                words,
                label,
                row["group_name"] or say("page.all", lang),
                share(row["goal"], contents),
                share(row["reached"], contents),
                _met(row["met"], lang),
            )
            for row in records(mine)
        ]
    heads = [
        say(f"page.targets.{n}", lang) for n in ("target", "stage", "where", "goal", "reached", "result")
    ]
    return tag("div", section(contents.name("targets"), table(heads, rows, figures=(3, 4))), cls="prose")


def _span(values: pd.Series, contents: Contents) -> str:
    low, high = share(values.min(), contents), share(values.max(), contents)
    return low if low == high else f"{low} – {high}"


def _met(value: Any, lang: Lang) -> str:
    if pd.isna(value):
        return "–"
    return say("cli.met" if value else "cli.missed", lang)


def _met_of(rows: pd.DataFrame, lang: Lang) -> str:
    if rows["met"].isna().any():
        return "–"
    return say("page.met_of", lang, met=int(rows["met"].sum()), n=len(rows))


# --- what has to be known ------------------------------------------------------------------------


def known(contents: Contents) -> Iterator[Raw]:
    """Notes, estimates, contradictions of the document, and where the file comes from."""
    lang = contents.lang
    yield section(say("page.notes", lang), _list(contents.notes))
    assumptions = contents.spoken("assumptions")
    if len(assumptions):
        rows = [(row["note"], text_of(row["value"], lang), row["source"]) for row in records(assumptions)]
        heads = [contents.heading(name) for name in ("note", "value", "source")]
        yield _folded(contents.name("assumptions"), table(heads, rows))
    issues = contents.tables["known_issues"]
    if len(issues):
        yield _folded(
            contents.name("known_issues"),
            _list(f"{row['issue']} ({row['source']})" for row in records(issues)),
        )
    origin = [(say("page.written", lang), lines.day(contents.written, lang))]
    origin += [(say("page.by", lang), contents.by)] if contents.by else []
    origin += [(row["item"], row["value"]) for row in records(contents.spoken("provenance"))]
    yield _folded(contents.name("provenance"), pairs(origin))


def pairs(content: Sequence[tuple[str, str]]) -> Raw:
    """Labels and what belongs to them."""
    return tag("dl", *(joined([tag("dt", label), tag("dd", value)]) for label, value in content))


def _folded(title: str, inside: Raw) -> Raw:
    return tag("details", tag("summary", tag("h2", title)), inside, cls="prose")


def _list(items: Any) -> Raw:
    return tag("ul", *(tag("li", item) for item in items))
