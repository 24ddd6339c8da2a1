"""The seven annexes of the proposal, as data."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.contents import Contents
from exports.proposal.annex import Annex, Column, Part, Value
from exports.proposal.annexes_data import data
from exports.proposal.annexes_sites import criteria, sites
from exports.proposal.wording import group_head, is_year, of_words, sections, source, stages
from tables import records
from text import say

__all__ = ["annexes"]


def annexes(contents: Contents) -> tuple[Annex, ...]:
    """Annexes 01 to 07."""
    return (
        sites(contents),
        cover(contents),
        money(contents),
        staff(contents),
        criteria(contents),
        maps(contents),
        data(contents),
    )


def value(cell: Any) -> Value:
    """A cell of a table; what is missing is None, whole tens of a shared edition are numbers."""
    if isinstance(cell, str):
        return int(cell) if cell.isdecimal() else cell or None
    return None if pd.isna(cell) else cell.item() if hasattr(cell, "item") else cell


# --- 02: cover before and after ------------------------------------------------------------------

COVER = ("demand", "served", "share", "no_capacity", "out_of_reach")


def cover(contents: Contents) -> Annex:
    """Of each service before the plan and at the end of each stage, and by group."""
    notes = [say("proposal.note.denominator", contents.lang)]
    if contents.edition == "shared":
        notes.append(say("proposal.note.tens", contents.lang))
    parts = [_cover_by_stage(contents)]
    parts += [_cover_by_group(contents, name) for name in contents.dossier.counted]
    return Annex(
        code="02",
        title=say("proposal.annex.02", contents.lang),
        parts=tuple(parts),
        notes=(*notes, *_not_counted(contents)),
    )


def _not_counted(contents: Contents) -> list[str]:
    names = [contents.words["service"].get(name, name) for name in contents.dossier.uncounted]
    return [say("exports.note.uncounted", contents.lang, services="; ".join(names))] if names else []


def _cover_by_stage(contents: Contents) -> Part:
    lang = contents.lang
    before, after = contents.tables.get("before_coverage"), contents.tables["coverage"]
    rows: list[tuple[Value, ...]] = []
    for name in contents.dossier.counted:
        label = contents.words["service"].get(name, name)
        if before is not None:
            rows += [
                (label, say("proposal.before", lang), *(value(row[c]) for c in COVER))
                for row in _rows(before, name)
            ]
        rows += [
            (label, contents.stage(row["stage"]), *(value(row[c]) for c in COVER))
            for row in _rows(after, name)
        ]
    columns = (
        Column("service", contents.heading("service"), width=3.2),
        Column("stage", _when(contents), width=1.8),
        *_cover_columns(contents, COVER),
    )
    return Part(
        name="stages", title=say("proposal.part.cover_stages", lang), columns=columns, rows=tuple(rows)
    )


def _cover_columns(contents: Contents, names: tuple[str, ...]) -> list[Column]:
    lang = contents.lang
    return [
        Column(name, say(f"proposal.head.{name}", lang), "share" if name == "share" else "persons", 1.2)
        for name in names
    ]


def _cover_by_group(contents: Contents, service: str) -> Part:
    """Each group before the plan and at its end; the last row is that of the coverage, not a sum."""
    lang, last = contents.lang, stages(contents)[-1]
    after = _rows(contents.tables["group_coverage"], service, last)
    before = {row["group"]: row for row in _rows(contents.tables.get("before_groups"), service)}
    nothing: dict[str, Any] = {}
    rows: list[tuple[Value, ...]] = [
        (
            n,
            row["group_name"],
            *(value(before.get(row["group"], nothing).get(c)) for c in ("demand", "served", "share")),
            *(value(row[c]) for c in ("demand", "served", "share", "out_of_reach")),
            value(row["points"]),
        )
        for n, row in enumerate(after, 1)
    ]
    whole, then = (
        _rows(contents.tables.get("before_coverage"), service),
        _rows(contents.tables["coverage"], service, last),
    )
    totals: tuple[Value, ...] = (
        None,
        say("proposal.total", lang),
        *(value(whole[0][c]) if whole else None for c in ("demand", "served", "share")),
        *(value(then[0][c]) for c in ("demand", "served", "share", "out_of_reach")),
        sum(int(row["points"]) for row in after),
    )
    at_first, at_last = say("proposal.head.first", lang), contents.stage(last)
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("group", group_head(contents), width=2.4),
        *(
            Column(f"before_{c}", f"{say(f'proposal.head.{c}', lang)} – {at_first}", _kind(c), 1.2)
            for c in ("demand", "served", "share")
        ),
        *(
            Column(f"after_{c}", f"{say(f'proposal.head.{c}', lang)} – {at_last}", _kind(c), 1.2)
            for c in ("demand", "served", "share", "out_of_reach")
        ),
        Column("points", say("proposal.head.points", lang), "points", 0.8),
    )
    label = contents.words["service"].get(service, service)
    return Part(
        name=f"groups_{service}",
        title=say("proposal.part.cover_groups", lang, service=label),
        columns=columns,
        rows=tuple(rows),
        totals=totals,
    )


def _kind(column: str) -> Any:
    return "share" if column == "share" else "persons"


def _rows(frame: pd.DataFrame | None, service: str, stage: str | None = None) -> list[dict[str, Any]]:
    if frame is None:
        return []
    mine = frame[frame["service"] == service]
    return records(mine if stage is None else mine[mine["stage"] == stage])


def _when(contents: Contents) -> str:
    years = all(is_year(contents.stage(code)) for code in stages(contents))
    return say("proposal.head.year" if years else "proposal.head.stage", contents.lang)


# --- 03: money -----------------------------------------------------------------------------------


def money(contents: Contents) -> Annex:
    """Cost and budget by stage, and the price of a point; a sentence where nobody states any money."""
    lang, frame = contents.lang, contents.tables["stages"]
    title = say("proposal.annex.03", contents.lang)
    costs, budgets = frame["cost_vnd"].notna().any(), frame["budget_vnd"].notna().any()
    notes = []
    if contents.dossier.funding:
        told = contents.dossier.funding
        notes.append(
            say("proposal.money.source", lang, text=of_words(told.text), source=source(contents, told.source))
        )
    if not costs and not budgets:
        return Annex(code="03", title=title, notes=(say("proposal.money.unknown", lang), *notes))
    rows: list[tuple[Value, ...]] = []
    for n, row in enumerate(records(frame), 1):
        cost, budget = value(row["cost_vnd"]), value(row["budget_vnd"])
        left = None if cost is None or budget is None else int(budget) - int(cost)
        rows.append((n, contents.stage(row["stage"]), int(row["opened"]), _vnd(cost), _vnd(budget), left))
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("stage", _when(contents), width=1.6),
        Column("opened", say("proposal.head.opened", lang), "points", 1.2, summed=True),
        Column("cost_vnd", say("proposal.head.cost", lang), "money", 2, summed=bool(costs)),
        Column("budget_vnd", say("proposal.head.budget", lang), "money", 2, summed=bool(budgets)),
        Column("left_vnd", say("proposal.head.left", lang), "money", 2, summed=bool(costs and budgets)),
    )
    totals = (None, say("proposal.total", lang), *(_summed(rows, c, columns) for c in range(2, 6)))
    parts = [
        Part(
            name="stages", title=say("proposal.part.money_stages", lang), columns=columns, rows=tuple(rows),
            totals=totals,
        )
    ]  # fmt: skip
    if contents.dossier.prices:
        parts.append(_prices(contents))
        priced = [contents.words["kind"].get(p.kind, p.kind) for p in contents.dossier.prices]
        if len(priced) < contents.tables["counts"]["kind"].nunique():
            notes.insert(0, say("proposal.money.only", lang, kinds="; ".join(priced)))
    return Annex(code="03", title=title, parts=tuple(parts), notes=tuple(notes))


def _vnd(amount: Value) -> Value:
    return None if amount is None else int(amount)


def _summed(rows: list[tuple[Value, ...]], column: int, columns: tuple[Column, ...]) -> Value:
    if not columns[column].summed:
        return None
    return sum(int(row[column] or 0) for row in rows)


def _prices(contents: Contents) -> Part:
    lang = contents.lang
    rows = tuple(
        (
            contents.words["kind"].get(p.kind, p.kind),
            p.first_year,
            p.later_year,
            "; ".join(dict.fromkeys(source(contents, s) for s in p.sources)),
            sections(p.note, lang) or None,
        )
        for p in contents.dossier.prices
    )
    columns = (
        Column("kind", contents.heading("kind"), width=2.2),
        Column("first_year_vnd", say("proposal.head.first_year", lang), "money", 1.5),
        Column("later_year_vnd", say("proposal.head.later_year", lang), "money", 1.5),
        Column("source", say("proposal.head.source", lang), width=1.5),
        Column("note", say("proposal.head.note", lang), width=3.5),
    )
    return Part(name="prices", title=say("proposal.part.prices", lang), columns=columns, rows=rows)


# --- 04: staff -----------------------------------------------------------------------------------


def staff(contents: Contents) -> Annex:
    """Posts at the points that work at the end of each stage."""
    lang, frame = contents.lang, contents.tables.get("staffing")
    title = say("proposal.annex.04", contents.lang)
    if frame is None:
        return Annex(code="04", title=title, notes=(say("proposal.staff.unknown", lang),))
    codes = stages(contents)
    needed = frame.set_index(["kind", "post", "stage"])["staff"]
    rows: list[tuple[Value, ...]] = []
    for n, row in enumerate(records(frame.drop_duplicates(["kind", "post"])), 1):
        at = [int(needed.get((row["kind"], row["post"], code), 0)) for code in codes]
        kind = contents.words["kind"].get(row["kind"], row["kind"])
        rows.append((n, kind, row["post"], int(row["each"]), *at, source(contents, row["source"])))
    columns = (
        Column("order", say("proposal.head.order", lang), "order", 0.6),
        Column("kind", contents.heading("kind"), width=2.2),
        Column("post", say("table.post", lang), width=3.2),
        Column("each", say("table.each", lang), "points", 0.9),
        *(Column(f"staff_{code}", contents.stage(code), "points", 0.9, summed=True) for code in codes),
        Column("source", say("proposal.head.source", lang), width=1.9),
    )
    totals: tuple[Value, ...] = (
        None,
        say("proposal.total", lang),
        None,
        None,
        *(_summed(rows, c, columns) for c in range(4, 4 + len(codes))),
        None,
    )
    part = Part(name="posts", title="", columns=columns, rows=tuple(rows), totals=totals)
    return Annex(code="04", title=title, parts=(part,), notes=(say("proposal.staff.note", lang),))


# --- 06: maps ------------------------------------------------------------------------------------


def maps(contents: Contents) -> Annex:
    """Today and each stage for the service that is optimised first, the last stage for the others."""
    counted, codes = list(contents.dossier.counted), stages(contents)
    first = contents.dossier.first_service if contents.dossier.first_service in counted else counted[0]
    shown: list[tuple[str | None, str]] = [(None, first)] if "before" in contents.tables else []
    shown += [(code, first) for code in codes]
    shown += [(codes[-1], name) for name in counted if name != first]
    return Annex(
        code="06",
        title=say("proposal.annex.06", contents.lang),
        maps=tuple(shown),
        notes=(say(f"{contents.scope}proposal.note.maps", contents.lang),),
    )
