"""The published plan beside the best one: measures, what differs, free phasing, and what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import streamlit as st

from exports.console_evaluation import seen_figure
from exports.lines import beside_best
from planner.comparing import group_name
from planner.plan import Evaluation, Exchange, FreePhasing, Gain, Seen
from planner.wording import of_places, stage_name
from scenarios.schema import Scenario
from text import Lang, Text, catalogue, number, say
from views.markup import Head, Raw, bar, folded_list, joined, table, tag
from views.plan_words import millions, objective_words, source_words

SHOWN = 8
"""Rows of a list that are shown at once; the rest folds away."""


def show(found: Evaluation, lang: Lang) -> None:
    """Draw the comparison."""
    scenario = found.facts.scenario
    st.html(tag("div", *_measures(found, lang), cls="lt-measures"))
    if found.official is None:
        st.html(tag("p", say("app.compare.broken", lang), cls="lt-lead"))
    costs = say("cli.eval.no_cost", lang)
    if any(found.cost_vnd.values()):
        costs = joined([say("app.compare.cost", lang), ": ", _costs(found.cost_vnd, scenario, lang)])
    differs: list[Raw] = []
    if found.official is not None:
        differs = [tag("h3", say("app.compare.exchanges", lang)), _moves(found.moved, found.silence, lang)]
    st.html(
        tag("div", *differs, *_gains(found.gains, lang),
            tag("p", costs, cls="lt-small"),
            tag("p", say("app.compare.readiness", lang), cls="lt-small") if scenario.criteria else "")
    )  # fmt: skip
    if found.free is not None:
        with st.expander(say("app.compare.free.title", lang), icon=":material/event_repeat:"):
            st.html(_free(found.free, scenario, lang))
    if found.hindcast:
        with st.expander(say("app.compare.hindcast", lang), icon=":material/history:", expanded=True):
            st.html(_hindcast(found.hindcast, scenario, lang))


class _Row(NamedTuple):
    """A bar: what it is about, its value, and whether it is the published plan's."""

    label: str
    value: float
    theirs: bool = False


def _measures(found: Evaluation, lang: Lang) -> Iterable[Raw]:
    ours, theirs = say("app.compare.ours", lang), say("app.compare.theirs", lang)
    if found.presence_best is not None:
        rows = [_Row(ours, found.presence_best), _Row(theirs, found.presence_official, theirs=True)]
        yield _measure(
            of_places(found.facts.scenario, "app.compare.presence", lang), rows, found.presence_ratio, lang
        )
    name = found.objective
    key = f"app.compare.objective.{name}"
    title = say(key, lang) if key in catalogue() else objective_words(name, 0, 0, lang)[0]
    scored = {"best": found.best, "mean": found.mean, "worst": found.worst}
    rows = [] if found.optimum is None else [_Row(ours, found.optimum.value)]
    rows += [
        _Row(say(f"app.compare.theirs.{k}", lang), v, theirs=True) for k, v in scored.items() if v is not None
    ]
    if found.free is not None:
        rows.append(_Row(say("app.compare.free", lang), found.free.level.value))
    if rows:
        yield _measure(title, rows, found.ratio, lang, name=name, foot=found.method.say(lang))


def _measure(
    title: str,
    rows: list[_Row],
    ratio: float | None,
    lang: Lang,
    *,
    name: str = "max_cover",
    foot: str = "",
) -> Raw:
    """Bars of one figure; those of the published plan in a colour of their own."""
    most = max((row.value for row in rows), default=1.0) or 1.0
    lines = [
        tag("div", tag("span", row.label), bar(row.value / most, cls="lt-theirs" if row.theirs else ""),
            tag("b", objective_words(name, row.value, row.value, lang)[1]), cls="lt-line")
        for row in rows
    ]  # fmt: skip
    words = beside_best(ratio, lang) if ratio else ""
    head = tag(
        "div", tag("b", title), tag("span", words, cls="lt-reach") if words else "", cls="lt-measure-head"
    )
    return tag("div", head, *lines, tag("p", foot, cls="lt-small") if foot else "", cls="lt-measure")


def _moves(moves: Sequence[Exchange], silence: Text | None, lang: Lang) -> Raw:
    note = tag("p", silence.say(lang), cls="lt-small") if silence else Raw("")
    if not moves:
        same = say("cli.eval.same" if silence else "app.compare.same", lang)
        return joined([tag("p", same), note])
    return joined([folded_list([x.text.say(lang) for x in moves]), note])


def _gains(gains: Sequence[Gain], lang: Lang) -> Iterable[Raw]:
    if gains:
        yield tag("h3", say("app.compare.gains", lang))
        yield folded_list([gain.text.say(lang) for gain in gains])


def _free(free: FreePhasing, scenario: Scenario, lang: Lang) -> Raw:
    """What was dropped, what opens when, and what it costs."""
    parts = [tag("ul", *(tag("li", line.say(lang)) for line in free.schedule), cls="lt-exchanges")]
    if free.ratio is not None:
        beside = beside_best(free.ratio, lang)
        parts.insert(0, tag("p", say("app.compare.free.reach", lang, beside=beside)))
    if any(free.cost_vnd.values()):
        costs = _costs(free.cost_vnd, scenario, lang)
        parts.append(tag("p", say("app.compare.free.cost", lang), ": ", costs, cls="lt-small"))
    parts.append(tag("p", say("app.compare.free.freed", lang), cls="lt-small"))
    parts.append(tag("ul", *(tag("li", line.say(lang)) for line in free.freed), cls="lt-exchanges lt-small"))
    return tag("div", *parts)


def _costs(costs: dict[str, int], scenario: Scenario, lang: Lang) -> Raw:
    parts = (f"{stage_name(scenario, s).say(lang)}: {millions(c, lang)}" for s, c in costs.items())
    return joined([joined(parts, " · "), " ", say("app.money.in_millions", lang)])


def _hindcast(seen: Sequence[Seen], scenario: Scenario, lang: Lang) -> Raw:
    """Plan, optimum and reality, a row a figure; what is known stands below, with its source."""
    heads = [Head(say(f"evaluation.column.{c}", lang)) for c in ("figure", "stage", "group")]
    heads += [
        Head(say(f"evaluation.column.{c}", lang), figure=True) for c in ("official", "optimal", "observed")
    ]
    rows = [
        (
            seen_figure(scenario, x, lang),
            stage_name(scenario, x.stage).say(lang) if x.stage else "–",
            group_name(scenario, x.group).say(lang) if x.group else say("evaluation.whole", lang),
            *("–" if v is None else number(v, lang) for v in (x.official, x.optimal, x.observed)),
        )
        for x in seen
        if x.kind or x.observed is not None
    ]
    known = dict.fromkeys(
        tag("li", x.text.say(lang), tag("span", source_words(x.source, lang), cls="lt-source"))
        for x in seen
        if x.source
    )
    caption = say("app.compare.hindcast", lang)
    note = tag("p", say("cli.eval.hindcast_note", lang), cls="lt-small")
    return tag("div", table(heads, rows, caption=caption), note, tag("ol", *known, cls="lt-sourced"))
