"""What a plan comes to beside the targets: targets met or missed, places needed, openings, indicators."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from exports.console_document import balance_cell, balance_columns
from exports.document import NOW, indicators, value_in
from exports.lines import stage_label
from exports.targets import TargetRow, result, shares, target_rows, where
from planner.plan import Plan
from scenarios.schema import Scenario
from tables import records
from text import Lang, inline, number, say
from views.markup import Head, Raw, icon, joined, table, tag
from views.plan_words import source_words


def show(plan: Plan, lang: Lang) -> None:
    """Targets and the balance of places, where the scenario has any."""
    if not plan.targets.empty:
        st.subheader(say("surfaces.targets", lang))
        st.html(_targets(plan, lang))
    if plan.scenario.balance is not None:
        st.subheader(say("surfaces.balance", lang))
        st.html(_balance(plan, lang))


# --- targets -------------------------------------------------------------------------------------


def _targets(plan: Plan, lang: Lang) -> Raw:
    s = plan.scenario
    heads = [Head(say("cli.column.target", lang)), Head(say("cli.column.goal", lang), figure=True),
             Head(say("cli.column.reached", lang), figure=True),
             Head(say("cli.column.missing", lang), figure=True), Head("")]  # fmt: skip
    rows = [_target(row, s, lang) for row in target_rows(plan)]
    return table(heads, rows, caption=say("surfaces.targets", lang))


def _target(row: TargetRow, s: Scenario, lang: Lang) -> tuple[object, ...]:
    rule = s.rules[row.rule]
    about = f"{stage_label(s, row.stage, lang)} · {where(row, s, lang)}"
    words = tag("div", rule.text.text.say(lang), " ", tag("span", about, cls="lt-about"))
    missing = number(row.missing, lang) if row.missing > 0 else "–"
    told = tag("span", icon("check" if row.met else "close"), result(row, s, lang))
    return words, shares(row.goal, lang), shares(row.reached, lang), missing, told


# --- balance -------------------------------------------------------------------------------------


def _balance(plan: Plan, lang: Lang) -> Raw:
    """Places needed outside compulsory centres: a row a figure, a column a time."""
    s = plan.scenario
    assert s.balance is not None
    times = records(plan.balance)
    columns = balance_columns(plan)
    labels = [balance_cell(s, row, "stage", lang) for row in times]
    heads = [Head(""), *(Head(label, figure=True) for label in labels)]
    rows = [
        (say(f"balance.column.{name}", lang), *(balance_cell(s, row, name, lang) for row in times))
        for name in columns
        if name != "stage"
    ]
    services = "; ".join(s.services[name].label.text.say(lang) for name in s.balance.services)
    sources = [(s.balance.goals[stage].source) for stage in s.balance.goals]
    sources = [*([s.balance.now.source] if s.balance.now else []), *sources]
    note = tag(
        "p", say("surfaces.balance.of", lang, services=services), " ", say("balance.note", lang), " ",
        *(tag("span", source_words(name, lang), cls="lt-source") for name in dict.fromkeys(sources)),
        cls="lt-small",
    )  # fmt: skip
    return tag("div", table(heads, rows, caption=say("surfaces.balance", lang)), note)


# --- openings ------------------------------------------------------------------------------------


def openings(plan: Plan, lang: Lang) -> None:
    """What opens in every stage, in one list."""
    n = int(plan.openings["opened"].sum())
    with st.expander(say("surfaces.openings", lang, n=number(n, lang)), icon=":material/event:"):
        if plan.openings.empty:
            st.html(tag("p", say("console.nothing_opens", lang)))
        elif plan.scenario.place.province is None:
            st.html(_by_province(plan, lang))
        else:
            st.html(_by_stage(plan, lang))


def _by_stage(plan: Plan, lang: Lang) -> Raw:
    s, order = plan.scenario, list(plan.scenario.kinds)
    rows: list[tuple[object, ...]] = []
    for stage in s.stages:
        mine = records(plan.openings[plan.openings["stage"] == stage])
        rows += [
            (stage_label(s, stage, lang), _kind(s, row, lang), row["premises_name"],
             ", ".join(filter(None, (row["commune"], row["group_name"]))))
            for row in sorted(mine, key=lambda r: order.index(r["kind"]))
        ]  # fmt: skip
    names = ("stage", "kind", "premises", "commune")
    heads = [Head(say(f"cli.column.{name}", lang)) for name in names]
    note = tag("p", say("surfaces.assumed_places", lang), cls="lt-small")
    found = table(heads, rows, caption=say("cli.openings", lang))
    return joined([found, note]) if plan.openings["assumed"].any() else found


def _kind(s: Scenario, row: dict[str, object], lang: Lang) -> str:
    label = s.kinds[str(row["kind"])].label.text.say(lang)
    if row["opened"] != 1:
        label = say("cli.several", lang, n=row["opened"], kind=inline(s.kinds[str(row["kind"])].label.text))
    if not row["upgraded_from"]:
        return label
    before = inline(s.kinds[str(row["upgraded_from"])].label.text)
    return say("cli.upgraded", lang, kind=label, before=before)


def _by_province(plan: Plan, lang: Lang) -> Raw:
    opened, s = plan.openings, plan.scenario
    counts = opened.pivot_table(index="premises", columns="stage", values="opened", aggfunc="sum").fillna(0)
    stages = [stage for stage in s.stages if stage in counts]
    names = dict(zip(opened["premises"], opened["premises_name"], strict=True))
    heads = [Head(say("console.column.province", lang))]
    heads += [Head(stage_label(s, stage, lang), figure=True) for stage in stages]
    heads.append(Head(say("console.column.total", lang), figure=True))

    def row(name: object, numbers: list[float]) -> tuple[object, ...]:
        return name, *(number(n, lang) if n else "–" for n in (*numbers, sum(numbers)))

    whole = row(tag("b", say("console.all_provinces", lang)), [float(counts[t].sum()) for t in stages])
    rows = [
        row(names[p], [float(counts.loc[p, t]) for t in stages])
        for p in dict.fromkeys(opened.sort_values("commune_code")["premises"])
    ]
    return table(heads, [whole, *rows], caption=say("cli.openings", lang))


# --- indicators ----------------------------------------------------------------------------------


def figures(s: Scenario, lang: Lang) -> None:
    """Targets that sites do not decide; only reported."""
    if not s.indicators:
        return
    with st.expander(say("surfaces.indicators", lang, n=len(s.indicators)), icon=":material/monitoring:"):
        st.html(tag("p", say("surfaces.indicators.lead", lang)) + _indicators(s, lang))


def _indicators(s: Scenario, lang: Lang) -> Raw:
    found = {
        name: {f.stage: f.value for f in rows if f.value is not None}
        for name, rows in groupby(indicators(s), key=lambda f: f.indicator)
    }
    times = [t for t in (NOW, *s.stages) if any(t in values for values in found.values())]
    heads = [Head(say("surfaces.indicator", lang))]
    heads += [
        Head(stage_label(s, t, lang) if t != NOW else say("balance.now", lang), figure=True) for t in times
    ]
    rows = []
    for name, values in found.items():
        wanted = s.indicators[name]
        note = [" ", tag("span", wanted.note.text.say(lang), cls="lt-about")] if wanted.note else []
        words = tag(
            "div", wanted.text.text.say(lang), *note, " ",
            tag("span", source_words(wanted.source, lang), cls="lt-source"),
        )  # fmt: skip
        rows.append((words, *(_amount(wanted.unit, values.get(t), lang) for t in times)))
    return table(heads, rows, caption=say("surfaces.indicator", lang))


def _amount(unit: str, value: float | None, lang: Lang) -> str:
    """A value with its unit."""
    told = value_in(unit, value, lang)
    return told if value is None or unit == "share" else say(f"surfaces.unit.{unit}", lang, n=told)
