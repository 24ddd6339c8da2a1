"""What the command line prints: the plan and the diagnosis as plain text in one language."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from geo import trips
from optimization.objectives import OBJECTIVES
from optimization.solution import Level
from planner.plan import ClashingRule, Diagnosis, Facts, Plan, SolveReport
from scenarios.schema import Scenario
from tables import TABLES, records
from text import Lang, catalogue, inline, million, number, percent, say

MOST_NOTES = 12
"""Notes about travel that are printed; ``plan.json`` has all."""


def overview(facts: Facts, lang: Lang) -> str:
    """What was read, when nothing is wrong with it."""
    s = facts.scenario
    persons = number(s.registered_persons.total.value, lang)
    values = {
        "communes": len(facts.communes),
        "groups": len(s.registered_persons.by_group),
        "persons": persons,
    }
    lines = [title(s, lang), say("cli.read", lang, stages=len(s.stages), rules=len(s.rules), **values)]
    return "\n".join([*lines, *_ways(facts, lang), *_uncertain(facts, lang), *_questions(s, lang)])


def plan(found: Plan, lang: Lang) -> str:
    """The rollout as a table: a line a stage, then what opens where."""
    s = found.scenario
    names = {stage: stage_label(s, stage, lang) for stage in s.stages}
    priced = any(kind.cost for kind in s.kinds.values())
    head = [
        say(f"cli.column.{c}", lang)
        for c in ("stage", "opened", "served", "no_capacity", "out_of_reach", "cost", "budget")
    ]
    lines = [title(s, lang), proof(found.report, lang)]
    lines += [objective(level, lang) for level in found.report.levels]
    lines += _weights(found, lang)
    for service in found.coverage["service"].unique():
        of_service = found.coverage[found.coverage["service"] == service].set_index("stage")
        rows = []
        for stage in records(found.stages):
            cover = of_service.loc[stage["stage"]]
            rows.append(
                [
                    names[stage["stage"]],
                    _opened(found, stage["stage"], lang),
                    f"{number(cover['served'], lang)} ({percent(cover['share'], lang)})",
                    number(cover["no_capacity"], lang),
                    number(cover["out_of_reach"], lang),
                    million(stage["cost_vnd"], lang) if priced else "–",
                    "–" if math.isnan(stage["budget_vnd"]) else million(stage["budget_vnd"], lang),
                ]
            )
        demand = number(float(of_service["demand"].iloc[-1]), lang)
        label = s.services[service].label.text.say(lang)
        lines += [
            "",
            say("cli.cover_of", lang, service=label, demand=demand),
            *table([head, *rows], right=range(2, 7)),
        ]
    opened = found.openings
    order = opened.assign(n=opened["stage"].map(list(s.stages).index)).sort_values(["n", "kind", "group"])
    head = [say(f"cli.column.{c}", lang) for c in ("stage", "kind", "group", "premises", "commune")]
    rows = [
        [
            names[f["stage"]],
            _what_opens(s, f, lang),
            f["group_name"],
            _assumed(f["premises_name"], f["assumed"]),
            f["commune"],
        ]
        for f in records(order)
    ]
    lines += ["", say("cli.openings", lang), *table([head, *rows])]
    if opened["assumed"].any():
        lines.append(say("cli.assumed", lang))
    lines += [*_loads(found, lang), *_targets(found, lang), *_balance(found, lang), *_journeys(found, lang)]
    kept = int(found.rules["kept"].sum())
    lines += ["", say("cli.rules_kept", lang, kept=kept, all=len(found.rules))]
    return "\n".join([*lines, *_ways(found.facts, lang), *_uncertain(found.facts, lang)])


def diagnosis(found: Diagnosis, lang: Lang) -> str:
    """Which rules clash, why, and what was tried and works."""
    lines = [title(found.scenario, lang), say("cli.infeasible", lang), ""]
    alone = len(found.clash) == 1
    lines += [
        say("cli.clash_one" if alone else "cli.clash", lang, n=len(found.clash)),
        *_rules(found.clash, lang),
    ]
    lines += [f"  → {fact.say(lang)}" for fact in found.because]
    for clash in found.further:
        lines += [say("cli.further_clash", lang, n=len(clash)), *_rules(clash, lang)]
    lines += ["", say("cli.remedies" if found.remedies else "cli.no_remedies", lang)]
    for n, remedy in enumerate(found.remedies, 1):
        value = objective_value(remedy.objective, remedy.value, lang)
        lines.append(f"  {n}. {remedy.text.say(lang)}  ({value})")
    return "\n".join([*lines, *_uncertain(found.facts, lang)])


def proof(report: SolveReport, lang: Lang) -> str:
    """How far the answer is proved, in words; a time-limited answer is never called optimal.

    Names no value: this stands in shared files too.
    """
    level = report.loosest
    values = {"gap": percent(level.gap, lang, 2), "n": report.levels.index(level) + 1}
    return say(f"status.{report.status.value}", lang, **values)


def objective(level: Level, lang: Lang) -> str:
    """An objective with its value and, where it is not proved, its bound."""
    line = objective_value(level.name, level.value, lang)
    bound = number(level.bound, lang, DECIMALS.get(level.name, 0))
    return line if level.gap == 0 else f"{line} ({say('cli.bound', lang, bound=bound)})"


DECIMALS = {"min_shortfall": 1, "max_worst_group": 3, "min_max_travel": 1}
"""Objectives of which whole numbers would say too little."""


def objective_value(name: str, value: float, lang: Lang) -> str:
    """A value of the objective `name`, in words."""
    return say(f"objective.{name}", lang, value=number(value, lang, DECIMALS.get(name, 0)))


def progress(level: str, incumbent: float | None, bound: float | None, gap: float | None, lang: Lang) -> str:
    """The best so far, the bound and the gap."""
    key = f"objective.{level}" if level in OBJECTIVES else "objective.step"
    words = say(key, lang, value="…" if incumbent is None else number(incumbent, lang))
    if bound is not None and math.isfinite(bound):
        words += f", {say('cli.bound', lang, bound=number(bound, lang))}"
    if gap is not None and math.isfinite(gap):
        words += f", {say('cli.gap', lang, gap=percent(gap, lang, 2))}"
    return words


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Rows, the first of them the head, in aligned columns."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    flush_right = set(right)
    lines = [
        "  ".join(
            v.rjust(w) if c in flush_right else v.ljust(w)
            for c, (v, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return [lines[0].rstrip(), "  ".join("─" * w for w in widths), *(line.rstrip() for line in lines[1:])]


def _opened(found: Plan, stage: str, lang: Lang) -> str:
    """How many of each kind open in a stage."""
    counts = found.counts[(found.counts["stage"] == stage) & (found.counts["opened"] > 0)]
    kinds = found.scenario.kinds
    return ", ".join(
        f"{n} {inline(kinds[k].short.text).say(lang)}"
        for k, n in zip(counts["kind"], counts["opened"], strict=True)
    )


def _what_opens(s: Scenario, opening: dict[str, Any], lang: Lang) -> str:
    """The kind, how many of it where more than one, and what it is upgraded from."""
    kind = s.kinds[opening["kind"]].short.text.say(lang)
    if opening["opened"] > 1:
        kind = say("cli.several", lang, n=opening["opened"], kind=inline(s.kinds[opening["kind"]].short.text))
    if not opening["upgraded_from"]:
        return kind
    before = inline(s.kinds[opening["upgraded_from"]].short.text)
    return say("cli.upgraded", lang, kind=kind, before=before)


def _weights(found: Plan, lang: Lang) -> list[str]:
    """That the value of max_cover is weighted, where it is."""
    if not any(level.name == "max_cover" for level in found.report.levels):
        return []
    weights = {p.weight for p in found.scenario.registered_persons.priority.values()}
    shown = ", ".join(number(w, lang, 2) for w in sorted(weights))
    return [say("cli.weighted", lang, weights=shown)] if weights else []


def _loads(found: Plan, lang: Lang) -> list[str]:
    """Who is fed by whom, and how full what has a limit is; nothing where no rule speaks of it."""
    all_ = found.facilities
    limited = all_[all_["capacity"].notna() | (all_["parent"] != "")]
    if limited.empty:
        return []
    names = dict(zip(all_["facility"], all_["premises_name"], strict=True))
    head = [say(f"cli.column.{c}", lang) for c in ("kind", "premises", "caseload", "capacity", "parent")]
    rows = [
        [
            found.scenario.kinds[f["kind"]].short.text.say(lang),
            f["premises_name"],
            number(f["caseload"], lang),
            "–" if math.isnan(f["capacity"]) else number(f["capacity"], lang),
            ", ".join(names.get(p, p) for p in f["parent"].split(", ") if p) or "–",
        ]
        for f in records(limited)
    ]
    return ["", say("cli.loads", lang), *table([head, *rows], right=(2, 3))]


def _targets(found: Plan, lang: Lang) -> list[str]:
    """How far the plan gets with each target."""
    if found.targets.empty:
        return []
    s = found.scenario
    columns = ("target", "stage", "group", "goal", "reached", "missing", "met")
    rows = [
        [
            s.rules[t["rule"]].text.text.say(lang),
            stage_label(s, t["stage"], lang),
            t["group_name"] or say("cli.whole", lang),
            percent(t["goal"], lang),
            "–" if math.isnan(t["reached"]) else percent(t["reached"], lang),
            number(t["missing"], lang, 1) if t["missing"] > 0 else "–",
            say("cli.met" if t["met"] else "cli.missed", lang),
        ]
        for t in records(found.targets)
    ]
    head = [say(f"cli.column.{c}", lang) for c in columns]
    return ["", say("cli.targets", lang), *table([head, *rows], right=(3, 4, 5))]


def _balance(found: Plan, lang: Lang) -> list[str]:
    """Places that the targets need outside compulsory centres, beside those that the plan opens."""
    s = found.scenario
    if s.balance is None:
        return []
    always = ("stage", "places", "missing")
    columns = [c for c in TABLES["balance"] if c in always or not found.balance[c].isna().all()]

    def cell(row: dict[str, Any], name: str) -> str:
        if name == "stage":
            return stage_label(s, row["stage"], lang) if row["stage"] else say("balance.now", lang)
        if not math.isnan(row[name]):
            return number(row[name], lang)
        unknown = name in ("places", "served", "missing") and row["stage"]
        return say("balance.unknown", lang) if unknown else "–"

    head = [say(f"balance.column.{name}", lang) for name in columns]
    rows = [[cell(row, name) for name in columns] for row in records(found.balance)]
    services = "; ".join(s.services[name].label.text.say(lang) for name in s.balance.services)
    return [
        "",
        say("balance.title", lang, services=services),
        *table([head, *rows], right=range(1, len(columns))),
        say("balance.note", lang),
    ]


def _journeys(found: Plan, lang: Lang) -> list[str]:
    """Minutes to the nearest open point, hours of travel a month and the longest trips, stage by stage."""
    if found.travel_bands.empty:
        return []
    s = found.scenario
    bands, hours, longest = found.travel_bands, found.travel_hours, found.longest_trips
    shown = [name for name in trips.band_names() if (bands["band"] == name).any()]
    ways = list(dict.fromkeys(hours["dosing"]))
    lines: list[str] = []
    for service in bands["service"].unique():
        rows = [
            [say("travel.console.stage", lang), *(trips.spoken(name).say(lang) for name in shown),
             *(say(f"travel.console.hours.{way}", lang) for way in ways), say("travel.console.longest", lang)]
        ]  # fmt: skip
        for stage in s.stages:
            mine = bands[(bands["service"] == service) & (bands["stage"] == stage)].set_index("band")[
                "of_all"
            ]
            spent = hours[(hours["service"] == service) & (hours["stage"] == stage)].set_index("dosing")
            far = longest[(longest["service"] == service) & (longest["stage"] == stage)].head(1)
            rows.append([
                stage_label(s, stage, lang),
                *(percent(share, lang) if (share := float(mine.get(name, 0))) > 0 else "–" for name in shown),
                *(number(spent.loc[way, "hours_month"], lang) if way in spent.index else "–" for way in ways),
                *(f"{name}, {number(minutes, lang)}" for name, minutes in zip(far["commune"], far["minutes"],
                                                                              strict=True)),
                *([] if len(far) else ["–"]),
            ])  # fmt: skip
        label = s.services[str(service)].label.text.say(lang)
        right = range(1, len(rows[0]) - 1)
        lines += ["", say("travel.console.title", lang, service=label), *table(rows, right=right)]
    return lines


def _ways(facts: Facts, lang: Lang) -> list[str]:
    """How the minutes were found, and for whom otherwise."""
    first, *further = facts.travel.notes
    lines = ["", first.say(lang), *(f"  • {note.say(lang)}" for note in further[:MOST_NOTES])]
    if left := len(further[MOST_NOTES:]):
        lines.append(f"  • {say('travel.console.more', lang, n=left)}")
    return lines


def _questions(s: Scenario, lang: Lang) -> list[str]:
    """What is left open, the answer the scenario takes, and the others as they are asked for."""
    if not s.questions:
        return []
    lines = ["", say("options.questions", lang, n=len(s.questions))]
    for name, question in s.questions.items():
        asked, taken = question.text.text.say(lang), question.as_it_is.text.say(lang)
        lines.append(f"  • {asked} {taken}  [{_source(question.source, lang)}]")
        lines += [
            f"      {name}={option}: {given.label.text.say(lang)}"
            for option, given in question.options.items()
        ]
    return lines


def _source(source: str, lang: Lang) -> str:
    return say(f"source.{source}", lang) if f"source.{source}" in catalogue() else source


def title(s: Scenario, lang: Lang) -> str:
    """What the scenario is called, and what it changes of the document."""
    changes = "".join(f"\n{say('cli.change', lang)}: {c.text.say(lang)}" for c in s.changes)
    return f"{s.title.text.say(lang)}  ({s.id}){changes}"


def stage_label(s: Scenario, stage: str, lang: Lang) -> str:
    """The label of a stage, or its name."""
    label = s.stages[stage].label
    return label.text.say(lang) if label else stage


def _assumed(name: str, assumed: bool) -> str:
    return f"{name} *" if assumed else name


def _rules(rules: Sequence[ClashingRule], lang: Lang) -> list[str]:
    return [f"  • {rule.text.say(lang)}  [{rule.source}]" for rule in rules]


def _uncertain(facts: Facts, lang: Lang) -> list[str]:
    lines = ["", say("cli.estimates", lang, n=len(facts.assumptions))]
    for (source, note), fields in groupby(facts.assumptions, key=lambda a: (a.source, a.note)):
        names = ", ".join(a.field for a in fields)
        lines.append(f"  • {note.say(lang)}  [{say(f'source.{source}', lang)}: {names}]")
    if facts.known_issues:
        lines += ["", say("cli.known_issues", lang, n=len(facts.known_issues))]
        lines += [f"  • {text.say(lang)}  [{source}]" for text, source in facts.known_issues]
    return lines
