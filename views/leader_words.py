"""What the leaders' view says, from the shared edition alone."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from exports.contents import Contents
from exports.proposal import wording
from planner.plan import Facts
from tables import records
from text import Text, inline, million, number, percent, say
from views.markup import Head, Raw, bar, icon, joined, table, tag

MOST_GOALS = 7
"""Targets that are listed one by one; of more, how many are met."""


def head(contents: Contents, title: str, about: str) -> Raw:
    """Title, what was asked, how good the answer is, and which edition this is."""
    summary = dict(contents.summary)
    answer = summary.get(say("exports.summary.answer", contents.lang), "")
    asked = summary.get(say("exports.summary.asked", contents.lang), "")
    lines = [tag("h1", title), tag("p", asked, cls="lt-leader-asked")]
    told = [part for part in (answer, about, contents.mark) if part]
    lines.append(tag("p", joined((tag("span", part) for part in told), " · "), cls="lt-small"))
    return tag("div", *lines, cls="lt-leader-head")


# --- figures -------------------------------------------------------------------------------------


def figures(contents: Contents, stage: str, service: str) -> Raw:
    """Three or four figures that can be read from the back of a room."""
    return tag("div", *_cells(contents, stage, service), cls="lt-leader-figures")


def _cells(contents: Contents, stage: str, service: str) -> Iterator[Raw]:
    lang, name = contents.lang, contents.stage(stage)
    at = inline(Text(name, name)).say(lang)
    row = _coverage(contents, stage, service)
    share = row["share"]
    yield _cell(
        percent(share, lang, 0) if wording.known(share) else "–",
        say("leader.served", lang, stage=at),
        say("leader.served.of", lang, served=wording.persons(row["served"], lang),
            demand=wording.persons(row["demand"], lang), service=contents.words["service"][service]),
        share=float(share) if wording.known(share) else None,
    )  # fmt: skip
    kinds = {name for name, sign in contents.signs.items() if sign.service == service}
    counts = contents.tables["counts"]
    mine = counts[(counts["stage"] == stage) & counts["kind"].isin(kinds)]
    opened = int(contents.tables["stages"].set_index("stage").loc[stage, "opened"])
    yield _cell(
        number(int(mine["open"].sum()), lang),
        say("leader.points", lang, stage=at),
        say("leader.points.opened", lang, opened=number(opened, lang)),
    )
    yield _cell(
        wording.persons(row["out_of_reach"], lang),
        say("leader.out", lang),
        say("leader.out.full", lang, full=wording.persons(row["no_capacity"], lang)),
    )
    yield from _money(contents)


def _money(contents: Contents) -> Iterator[Raw]:
    stages = contents.tables["stages"]
    if stages["cost_vnd"].isna().all():
        return
    cost, budget = float(stages["cost_vnd"].sum()), stages["budget_vnd"]
    told = ""
    if budget.notna().all():
        told = say("leader.money.of", contents.lang, budget=million(float(budget.sum()), contents.lang))
    yield _cell(million(cost, contents.lang), say("leader.money", contents.lang), told)


def _cell(figure: str, label: str, more: str, *, share: float | None = None) -> Raw:
    inside = [tag("b", figure), tag("span", label)]
    if share is not None:
        inside.append(bar(share))
    return tag("div", *inside, tag("small", more), cls="lt-leader-figure")


def _coverage(contents: Contents, stage: str, service: str) -> pd.Series:
    cover = contents.tables["coverage"]
    return cover[(cover["stage"] == stage) & (cover["service"] == service)].iloc[0]


# --- tables --------------------------------------------------------------------------------------


def stages(contents: Contents, stage: str, service: str) -> Raw:
    """A row a stage: points that open, share served, cost and budget in millions."""
    lang = contents.lang
    rows = records(contents.tables["stages"])
    priced = any(wording.known(row["cost_vnd"]) for row in rows)
    heads = [Head(say("app.stage", lang)), Head(say("leader.column.opened", lang), figure=True),
             Head(say("leader.column.share", lang), figure=True)]  # fmt: skip
    if priced:
        heads += [Head(say(f"leader.column.{name}", lang), figure=True) for name in ("cost", "budget")]
    body = []
    for row in rows:
        share = _coverage(contents, row["stage"], service)["share"]
        cells: list[object] = [contents.stage(row["stage"]), number(row["opened"], lang),
                               percent(share, lang, 0) if wording.known(share) else "–"]  # fmt: skip
        if priced:
            cells += [_millions(row["cost_vnd"], contents), _millions(row["budget_vnd"], contents)]
        body.append([tag("b", cell) for cell in cells] if row["stage"] == stage else cells)
    caption = say("leader.stages", lang)
    return tag("div", tag("h3", caption), table(heads, body, caption=caption))


def _millions(amount: float, contents: Contents) -> str:
    return number(amount / 1e6, contents.lang, 1) if wording.known(amount) else "–"


def goals(contents: Contents) -> Raw:
    """Targets, met or not; the targets of single groups are counted."""
    if "targets" not in contents.tables:
        return tag("p", say("leader.no_targets", contents.lang), cls="lt-small")
    lang, frame = contents.lang, contents.tables["targets"]
    whole = frame[frame["group"] == ""] if "group" in frame else frame
    items = [tag("li", *_goal(row, contents)) for row in records(whole.head(MOST_GOALS))]
    rest = frame.drop(index=whole.head(MOST_GOALS).index)
    if len(rest):
        met = rest["met"]
        values = {"n": len(rest), "met": int(met.eq(True).sum()), "unknown": int(met.isna().sum())}
        key = "untold" if values["unknown"] == len(rest) else "rest"  # "0 of 252 met" would be untrue
        items.append(tag("li", say(f"leader.goals.{key}", lang, **values)))
    return tag("div", tag("h3", say("leader.goals", lang)), tag("ul", *items, cls="lt-leader-goals"))


def _goal(row: dict[str, object], contents: Contents) -> tuple[object, ...]:
    met = row["met"]
    sign = "help" if met is None or met is pd.NA else "check_circle" if met else "cancel"
    told = say(f"leader.goal.{'unknown' if sign == 'help' else 'met' if met else 'missed'}", contents.lang)
    stage = contents.stage(str(row["stage"]))
    return icon(sign), row["target"], " ", tag("span", f"{stage}: {told}", cls="lt-about")


def foot(contents: Contents, facts: Facts) -> Raw:
    """What a reader has to know, and how much is estimated or open."""
    lang = contents.lang
    counted = say("leader.uncertain", lang, estimates=len(facts.assumptions), issues=len(facts.known_issues))
    if contents.edition == "shared":
        counted = f"{say('leader.rounded', lang)} {counted}"
    return tag("div", tag("p", counted), *(tag("p", note) for note in contents.notes), cls="lt-leader-foot")
