"""What the command line prints: the plan and the diagnosis as plain text in one language."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from exports import console_document as document
from exports.document import objective_services
from exports.lines import DECIMALS, objective, objective_value, proof, stage_label, table, title
from geo import trips
from optimization.objectives import OBJECTIVES
from planner.plan import ClashingRule, Diagnosis, Facts, Plan
from planner.wording import of_places
from scenarios.schema import Scenario
from tables import records
from text import Lang, inline, million, number, percent, say

__all__ = [
    "DECIMALS", "diagnosis", "objective", "objective_value", "overview", "plan", "progress", "proof",
    "stage_label", "table", "title",
]  # fmt: skip

ROWS = 20
"""Facilities whose load is told one by one; of more, their sums."""

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
    lines = [
        title(s, lang),
        of_places(s, "cli.read", lang, stages=len(s.stages), rules=len(s.rules), **values),
    ]
    lines += [*_ways(facts, lang), *document.uncertain(facts, lang), *document.questions(s, lang)]
    return "\n".join(lines)


def plan(found: Plan, lang: Lang) -> str:
    """The rollout: a line a stage for each service, what opens where, and what the document holds beside."""
    s = found.scenario
    lines = [title(s, lang), proof(found.report, lang)]
    services = objective_services(s)
    lines += [objective(v, lang, of) for v, of in zip(found.report.levels, services, strict=False)]
    lines += [*_weights(found, lang), *_stages(found, lang), *_openings(found, lang), *_loads(found, lang)]
    lines += [*document.targets(found, lang), *document.balance(found, lang), *_journeys(found, lang)]
    kept = int(found.rules["kept"].sum())
    lines += ["", say("cli.rules_kept", lang, kept=kept, all=len(found.rules))]
    return "\n".join([*lines, *_ways(found.facts, lang), *_beside(found.facts, found, lang)])


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
    return "\n".join([*lines, *_beside(found.facts, None, lang)])


def progress(level: str, incumbent: float | None, bound: float | None, gap: float | None, lang: Lang) -> str:
    """The best so far, the bound and the gap."""
    key = f"objective.{level}" if level in OBJECTIVES else "objective.step"
    words = say(key, lang, value="…" if incumbent is None else number(incumbent, lang))
    if bound is not None and math.isfinite(bound):
        words += f", {say('cli.bound', lang, bound=number(bound, lang))}"
    if gap is not None and math.isfinite(gap):
        words += f", {say('cli.gap', lang, gap=percent(gap, lang, 2))}"
    return words


# --- stages --------------------------------------------------------------------------------------


def _stages(found: Plan, lang: Lang) -> list[str]:
    """A table a service, with cost and budget beside the only one; else, they have a table of their own."""
    s = found.scenario
    services = list(found.coverage["service"].unique())
    known = _money_is_known(found)
    beside = known and len(services) == 1
    lines: list[str] = []
    for service in services:
        of_service = found.coverage[found.coverage["service"] == service].set_index("stage")
        columns = ["stage", "opened", "served", "no_capacity", "out_of_reach"]
        rows = []
        for stage in records(found.stages):
            cover = of_service.loc[stage["stage"]]
            row = [
                stage_label(s, stage["stage"], lang),
                _opened(found, stage["stage"], service, lang) or "–",
                f"{number(cover['served'], lang)} ({percent(cover['share'], lang)})",
                number(cover["no_capacity"], lang),
                number(cover["out_of_reach"], lang),
            ]
            rows.append([*row, *_money(found, stage, lang)] if beside else row)
        columns += ["cost", "budget"] if beside else []
        head = [say(f"cli.column.{c}", lang) for c in columns]
        demand = number(float(of_service["demand"].iloc[-1]), lang)
        label = s.services[service].label.text.say(lang)
        title_ = say("cli.cover_of", lang, service=label, demand=demand)
        lines += ["", title_, *table([head, *rows], right=range(2, len(columns)))]
    lines += _uncounted(found, lang)
    if not known:
        return [*lines, "", say("console.no_cost", lang)]
    if beside:
        return lines
    head = [say(f"cli.column.{c}", lang) for c in ("stage", "cost", "budget")]
    rows = [[stage_label(s, r["stage"], lang), *_money(found, r, lang)] for r in records(found.stages)]
    return [*lines, "", say("console.money", lang), *table([head, *rows], right=(1, 2))]


def _money_is_known(found: Plan) -> bool:
    return any(kind.cost for kind in found.scenario.kinds.values()) or bool(
        found.stages["budget_vnd"].notna().any()
    )


def _money(found: Plan, stage: dict[str, Any], lang: Lang) -> list[str]:
    """Cost and budget of a stage, "–" for what nobody states."""
    priced = any(kind.cost for kind in found.scenario.kinds.values())
    cost = million(stage["cost_vnd"], lang) if priced else "–"
    return [cost, "–" if math.isnan(stage["budget_vnd"]) else million(stage["budget_vnd"], lang)]


def _opened(found: Plan, stage: str, service: str, lang: Lang) -> str:
    """How many of each kind of a service open in a stage."""
    kinds = found.scenario.kinds
    counts = found.counts[(found.counts["stage"] == stage) & (found.counts["opened"] > 0)]
    return ", ".join(
        f"{n} {inline(kinds[k].short.text).say(lang)}"
        for k, n in zip(counts["kind"], counts["opened"], strict=True)
        if kinds[k].service == service
    )


def _uncounted(found: Plan, lang: Lang) -> Iterator[str]:
    """What opens for services whose persons are not counted, as nobody has said how many need them."""
    s = found.scenario
    counted = set(found.coverage["service"])
    for name in (name for name in s.services if name not in counted):
        opened = [(stage_label(s, t, lang), _opened(found, t, name, lang)) for t in s.stages]
        told = "; ".join(f"{stage}: {what}" for stage, what in opened if what)
        if told:
            label = s.services[name].label.text.say(lang)
            yield from ("", say("console.uncounted", lang, service=label, opened=told))


# --- openings ------------------------------------------------------------------------------------


def _openings(found: Plan, lang: Lang) -> list[str]:
    """What opens where; a row a province, with a column a stage, where the places are provinces."""
    s, opened = found.scenario, found.openings
    if opened.empty:
        return ["", say("cli.openings", lang), say("console.nothing_opens", lang)]
    if s.place.province is None:
        return ["", say("console.openings_by_province", lang), *_by_province(found, lang)]
    order = opened.assign(n=opened["stage"].map(list(s.stages).index)).sort_values(["n", "kind", "group"])
    head = [say(f"cli.column.{c}", lang) for c in ("stage", "kind", "group", "premises", "commune")]
    rows = [
        [
            stage_label(s, f["stage"], lang),
            _what_opens(s, f, lang),
            f["group_name"] or "–",
            _assumed(f["premises_name"], f["assumed"]),
            f["commune"],
        ]
        for f in records(order)
    ]
    lines = ["", say("cli.openings", lang), *table([head, *rows])]
    return [*lines, say("cli.assumed", lang)] if opened["assumed"].any() else lines


def _by_province(found: Plan, lang: Lang) -> list[str]:
    s, opened = found.scenario, found.openings
    stages = [stage for stage in s.stages if (opened["stage"] == stage).any()]
    kinds = list(dict.fromkeys(opened["kind"]))
    number_of = opened.groupby(["kind", "premises", "stage"])["opened"].sum().to_dict()
    places = dict(zip(opened["premises"], opened["premises_name"], strict=True))
    order = [p for p in s.premises.named if p in places] + [p for p in places if p not in s.premises.named]
    rows = []
    for kind in kinds:
        label = s.kinds[kind].short.text.say(lang)
        counts = {p: [int(number_of.get((kind, p, stage), 0)) for stage in stages] for p in order}
        sums = [sum(column) for column in zip(*counts.values(), strict=True)]
        for name, row in (
            (say("console.all_provinces", lang), sums),
            *((places[p], counts[p]) for p in order if any(counts[p])),
        ):
            cells = [str(n) if n else "–" for n in (*row, sum(row))]
            rows.append([name, *([label] if len(kinds) > 1 else []), *cells])
    kind_column = [say("cli.column.kind", lang)] if len(kinds) > 1 else []
    labels = [stage_label(s, stage, lang) for stage in stages]
    head = [say("console.column.province", lang), *kind_column, *labels, say("console.column.total", lang)]
    return table([head, *rows], right=range(1 + len(kind_column), len(head)))


def _what_opens(s: Scenario, opening: dict[str, Any], lang: Lang) -> str:
    """The kind, how many of it where more than one, and what it is upgraded from."""
    kind = s.kinds[opening["kind"]].short.text.say(lang)
    if opening["opened"] > 1:
        kind = say("cli.several", lang, n=opening["opened"], kind=inline(s.kinds[opening["kind"]].short.text))
    if not opening["upgraded_from"]:
        return kind
    before = inline(s.kinds[opening["upgraded_from"]].short.text)
    return say("cli.upgraded", lang, kind=kind, before=before)


def _assumed(name: str, assumed: bool) -> str:
    return f"{name} *" if assumed else name


# --- loads, and what stands beside the plan ------------------------------------------------------


def _loads(found: Plan, lang: Lang) -> list[str]:
    """Who is fed by whom, and how full what has a limit is; nothing where no rule speaks of it."""
    all_ = found.facilities
    limited = all_[all_["capacity"].notna() | (all_["parent"] != "")]
    if limited.empty:
        return []
    if len(limited) > ROWS and (limited["parent"] == "").all():
        full = int((limited["caseload"] > limited["capacity"] - 0.5).sum())
        sums = {name: number(float(limited[name].sum()), lang) for name in ("caseload", "capacity")}
        return ["", say("console.loads_summed", lang, n=len(limited), full=full, **sums)]
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


def _weights(found: Plan, lang: Lang) -> list[str]:
    """That the value of max_cover is weighted, where it is."""
    if not any(level.name == "max_cover" for level in found.report.levels):
        return []
    weights = {p.weight for p in found.scenario.registered_persons.priority.values()}
    shown = ", ".join(number(w, lang, 2) for w in sorted(weights))
    return [say("cli.weighted", lang, weights=shown)] if weights else []


def _beside(facts: Facts, found: Plan | None, lang: Lang) -> list[str]:
    """What the document holds beside its rules, what it leaves open, and what is uncertain."""
    s = facts.scenario
    return [
        *document.criteria(facts, found, lang),
        *document.figures(s, lang),
        *document.observed(s, lang),
        *document.questions(s, lang),
        *document.uncertain(facts, lang),
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


def _rules(rules: Sequence[ClashingRule], lang: Lang) -> list[str]:
    return [f"  • {rule.text.say(lang)}  [{rule.source}]" for rule in rules]
