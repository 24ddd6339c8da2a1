"""What stands around the map: money, proof, comparison, rules, and what is uncertain."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from exports import lines
from exports.document import objective_services
from exports.lines import FIELDS, named_fields
from optimization.solution import Status
from planner.plan import Assumption, Diagnosis, Facts, Plan
from scenarios.schema import Scenario
from text import Lang, Text, catalogue, number, percent, say
from views.markup import Head, Raw, bar, icon, table, tag

PROVED = 5e-5
"""Gap below which a percentage of one decimal would read 0,0: the plan is called optimal."""


def source_words(source: str, lang: Lang) -> str:
    """A source as people read it: ``estimate`` in words, a section of a document as it stands."""
    key = f"app.source.{source}"
    return say(key, lang) if key in catalogue() else source


def strip(answer: Plan | Diagnosis, lang: Lang) -> Raw:
    """One line that is always in view: proof, rules, estimates, open points, and whose screen this is."""
    parts: list[tuple[str, str, str]] = []
    if isinstance(answer, Plan):
        parts.append(("verified", _proof(answer, lang), "proof"))
        parts.append(("rule", _rules_kept(answer, lang), "rules"))
        parts += [("flag_circle", words, "targets") for words in _targets_met(answer, lang)]
        parts += [("payments", words, "money") for words in _spent(answer, lang)]
    parts += [
        ("edit_note", say("app.strip.estimates", lang, n=len(answer.facts.assumptions)), "estimates"),
        ("flag", say("app.strip.issues", lang, n=len(answer.facts.known_issues)), "issues"),
        ("lock", say("app.internal", lang), ""),
    ]
    return tag("div", *(_leads(icon(name), words, to) for name, words, to in parts), cls="lt-strip")


def _leads(symbol: Raw, words: str, to: str) -> Raw:
    """Words that lead to a part of the page (``views.picking``)."""
    if not to:
        return tag("span", symbol, words)
    return tag("span", symbol, words, cls="lt-go", data_go=to, tabindex=0, role="link")


def _targets_met(plan: Plan, lang: Lang) -> list[str]:
    if plan.targets.empty:
        return []
    return [say("strip.targets", lang, met=int(plan.targets["met"].sum()), n=len(plan.targets))]


def _spent(plan: Plan, lang: Lang) -> list[str]:
    """Cost against budget over all stages, where both are known."""
    cost, budget = plan.stages["cost_vnd"].sum(), plan.stages["budget_vnd"]
    if budget.isna().any():
        return []
    return [say("strip.money", lang, cost=millions(cost, lang), budget=millions(budget.sum(), lang))]


def _rules_kept(plan: Plan, lang: Lang) -> str:
    """How many rules are not kept; a soft target that is missed is told as what it is."""
    soft = set(plan.targets.loc[~plan.targets["hard"], "rule"])
    missed = list(plan.rules.loc[~plan.rules["kept"], "rule"])
    broken = [rule for rule in missed if rule not in soft]
    if missed and not broken:
        return say("app.strip.soft", lang, n=len(missed))
    return say("app.strip.broken" if broken else "app.strip.rules", lang, n=len(broken) or len(plan.rules))


# --- money ---------------------------------------------------------------------------------------


def money(plan: Plan, lang: Lang) -> None:
    """Cost against budget, stage by stage; nothing where neither is known."""
    priced = any(kind.cost for kind in plan.scenario.kinds.values())
    if not priced and plan.stages["budget_vnd"].isna().all():
        return
    st.subheader(say("app.money", lang))
    st.html(
        tag(
            "div",
            _money(plan.stages, plan.scenario, lang),
            tag("p", say("app.money.unit", lang), cls="lt-small"),
        )
    )


def _money(stages: pd.DataFrame, scenario: Scenario, lang: Lang) -> Raw:
    heads = [Head(say("app.stage", lang)), Head(say("app.money.cost", lang), figure=True),
             Head(say("app.money.budget", lang), figure=True), Head(say("app.money.used", lang))]  # fmt: skip
    most = max(stages["cost_vnd"].max(), stages["budget_vnd"].max(), 1)
    rows = []
    for row in stages.itertuples():
        label = scenario.stages[row.stage].label
        used = _used(row.cost_vnd, row.budget_vnd, most, lang)
        rows.append((label.text.say(lang) if label else row.stage, millions(row.cost_vnd, lang),
                     millions(row.budget_vnd, lang), used))  # fmt: skip
    if len(stages) > 1:
        budget = stages["budget_vnd"].sum() if stages["budget_vnd"].notna().all() else math.nan
        total = (
            say("app.money.total", lang),
            millions(stages["cost_vnd"].sum(), lang),
            millions(budget, lang),
        )
        rows.append((*(tag("b", cell) for cell in total), _left(stages["cost_vnd"].sum(), budget, lang)))
    return table(heads, rows, caption=say("app.money", lang))


def millions(amount: float, lang: Lang) -> str:
    """VND as millions, without the unit."""
    return "–" if math.isnan(amount) else number(amount / 1e6, lang, 1)


def _used(cost: float, budget: float, most: float, lang: Lang) -> Raw:
    mark = None if math.isnan(budget) else budget / most
    return tag("div", bar(cost / most, mark=mark), _left(cost, budget, lang), cls="lt-used")


def _left(cost: float, budget: float, lang: Lang) -> Raw:
    if math.isnan(budget):
        return Raw("")
    left = budget - cost
    words = (
        say("app.money.even", lang)
        if left == 0
        else say("app.money.exact", lang, amount=millions(left, lang))
    )
    return tag("span", words, cls="lt-small")


# --- proof ---------------------------------------------------------------------------------------


def proof(plan: Plan, lang: Lang) -> None:
    """The solver's answer in words, each objective with its bound and gap."""
    st.subheader(say("app.proof", lang))
    heads = [Head(say("app.proof.level", lang))]
    heads += [Head(say(f"app.proof.{h}", lang), figure=True) for h in ("value", "bound", "gap")]
    rows = [
        (_level_name(level.name, service, lang),
         *objective_words(level.name, level.value, level.bound, lang)[1:], percent(level.gap, lang, 2))
        for level, service in zip(plan.report.levels, objective_services(plan.scenario), strict=False)
    ]  # fmt: skip
    seconds = number(sum(plan.report.seconds.values()), lang, 1)
    foot = say("app.proof.foot", lang, solver=plan.report.solver, seconds=seconds)
    st.html(
        tag("div", tag("p", icon("verified"), tag("b", _proof(plan, lang)), cls="lt-proof"),
            table(heads, rows, caption=say("app.proof", lang)), *_weights(plan, lang),
            tag("p", foot, cls="lt-small"))
    )  # fmt: skip


def _level_name(name: str, service: Text | None, lang: Lang) -> Raw:
    """An objective, with its service where there are several."""
    words = objective_words(name, 0, 0, lang)[0]
    about = [" ", tag("span", service.say(lang), cls="lt-about")] if service else []
    return tag("div", words, *about)


def _weights(plan: Plan, lang: Lang) -> list[Raw]:
    """That persons of priority areas count by their weight, where they do."""
    weights = {p.weight for p in plan.scenario.registered_persons.priority.values()}
    if not weights or all(level.name != "max_cover" for level in plan.report.levels):
        return []
    shown = ", ".join(number(w, lang, 2) for w in sorted(weights))
    return [tag("p", say("cli.weighted", lang, weights=shown), cls="lt-small")]


def _proof(plan: Plan, lang: Lang) -> str:
    if plan.report.way:
        return lines.proof(plan.report, lang)
    worst = max((level.gap for level in plan.report.levels), default=0.0)
    if plan.report.status is Status.OPTIMAL and worst < PROVED:
        return say("app.proof.optimal", lang)
    return say("app.proof.within", lang, gap=percent(math.ceil(worst * 1000) / 1000, lang))


def objective_words(name: str, value: float, bound: float, lang: Lang) -> tuple[str, str, str]:
    """An objective's name with its unit, and its value and bound in that unit."""
    base = next((known for known in _UNITS if name.startswith(known)), "")
    divisor, decimals = _UNITS.get(base, (1.0, 2))
    spoken = say(f"app.objective.{base}", lang) if base else name
    return spoken, number(value / divisor, lang, decimals), number(bound / divisor, lang, decimals)


# What a figure is divided by, and its decimals: person-minutes are shown as thousand hours, VND as millions.
_UNITS = {
    "max_cover": (1.0, 0),
    "min_travel": (60_000.0, 1),
    "min_facilities": (1.0, 0),
    "min_cost": (1e6, 1),
    "min_shortfall": (1.0, 1),
    "max_worst_group": (1.0, 3),
    "min_max_travel": (1.0, 1),
}


# --- rules and notes -----------------------------------------------------------------------------


def rules(plan: Plan, lang: Lang) -> None:
    """Every rule with its source, kept or not."""
    spoken = plan.rules["text_vi" if lang == "vi" else "text_en"]
    rows = [
        (icon("check" if kept else "close"), words, tag("span", source_words(source, lang), cls="lt-source"),
         say("app.rules.kept" if kept else "app.rules.broken", lang))
        for kept, words, source in zip(plan.rules["kept"], spoken, plan.rules["source"], strict=True)
    ]  # fmt: skip
    title = say("app.rules", lang, n=len(rows))
    with st.expander(title, icon=":material/rule:", key="rules"):
        heads = [
            Head(""),
            Head(say("app.rules.rule", lang)),
            Head(say("app.estimates.source", lang)),
            Head(""),
        ]
        st.html(table(heads, rows, caption=title))


def notes(facts: Facts, lang: Lang) -> None:
    """What is uncertain: contradictions of the plan, figures not in it, criteria to be weighed."""
    scenario = facts.scenario
    if scenario.changes:
        lines = (tag("li", change.text.say(lang)) for change in scenario.changes)
        st.html(tag("div", tag("b", say("app.changes", lang)), tag("ul", *lines), cls="lt-changes"))
    title = say("app.issues", lang, n=len(facts.known_issues))
    with st.expander(title, icon=":material/flag:", key="issues"):
        st.html(_sourced([(text.say(lang), source) for text, source in facts.known_issues], lang))
    title = say("app.estimates", lang, n=len(facts.assumptions))
    with st.expander(title, icon=":material/edit_note:", key="estimates"):
        st.html(tag("p", say("app.estimates.lead", lang)) + _assumptions(facts, lang))


def _sourced(lines: Iterable[tuple[str, str]], lang: Lang) -> Raw:
    items = (tag("li", words, tag("span", source_words(s, lang), cls="lt-source")) for words, s in lines)
    return tag("ol", *items, cls="lt-sourced")


def _assumptions(facts: Facts, lang: Lang) -> Raw:
    """A row a figure; many that share source and reason in one row, with their number."""
    heads = [Head(say(f"app.estimates.{h}", lang)) for h in ("what", "value", "source")]
    rows: list[tuple[object, ...]] = []
    for _, group in groupby(facts.assumptions, key=lambda a: (a.source, a.note)):
        alike = list(group)
        if len(alike) <= FIELDS:
            rows += [
                (_figure(a, facts.scenario, lang), _value(a, facts, lang), source_words(a.source, lang))
                for a in alike
            ]
            continue
        names = named_fields([a.field for a in alike], lang)
        words = tag("div", alike[0].note.say(lang), tag("code", names))
        values = ", ".join(_value(a, facts, lang) for a in alike[: FIELDS - 1]) + " …"
        told = say("surfaces.several_values", lang, n=len(alike), values=values)
        rows.append((words, told, source_words(alike[0].source, lang)))
    return table(heads, rows, caption=say("app.estimates.lead", lang), cls="lt-assumptions")


def _figure(a: Assumption, scenario: Scenario, lang: Lang) -> Raw:
    return tag("div", tag("b", _about(a.field, scenario, lang)), " ", a.note.say(lang), tag("code", a.field))


def _about(field: str, scenario: Scenario, lang: Lang) -> str:
    """Whom or what a figure at ``kinds.counselling.…`` is about, in words: "Community counselling point."."""
    part, _, rest = field.partition(".")
    name = rest.partition(".")[0]
    if part == "premises":
        place = scenario.premises.named.get(rest.split(".")[1]) if rest.startswith("named.") else None
        return f"{place.name}." if place else ""
    if part == "rules" and name in scenario.rules:
        return f"{scenario.rules[name].text.text.say(lang)}."
    if part == "objectives" and name.isdigit():
        return f"{say(f'app.objective.{scenario.objectives[int(name)].objective}', lang)}."
    parts: dict[str, Any] = {"kinds": scenario.kinds, "services": scenario.services}
    named = parts.get(part, {}).get(name)
    return f"{named.label.text.say(lang)}." if named else ""


def _value(assumption: Assumption, facts: Facts, lang: Lang) -> str:
    """A figure as people read it: a commune by its name, no code word of the scenario file."""
    value = assumption.value
    if isinstance(value, bool) or value is None:
        return "–"
    if isinstance(value, int | float):
        return number(value, lang, 0 if float(value).is_integer() else 1)
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {_value(assumption._replace(value=v), facts, lang)}" for key, v in value.items()
        )
    if assumption.field.endswith(".commune"):
        names = facts.communes.set_index("commune_code")["commune"]
        return str(names.get(str(value), value))
    return "–" if assumption.field.startswith("objectives") else str(value)
