"""What the command line prints of a published plan that was scored, as plain text in one language."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exports.console import DECIMALS, objective, stage_label, table, title
from exports.lines import beside_best
from planner.comparing import group_name
from planner.plan import Evaluation, FreePhasing, Seen
from scenarios.schema import Scenario
from text import Lang, number, percent, say


def evaluation(found: Evaluation, lang: Lang) -> str:
    """The published plan beside the best one under the same quotas, with free phasing, and beside reality."""
    s = found.facts.scenario
    lines = [title(s, lang), "", *_presence(found, lang), *_score(found, lang), *_costs(found, lang)]
    if found.moved:
        lines += ["", say("cli.eval.moves", lang), *(f"  • {x.text.say(lang)}" for x in found.moved)]
    elif found.official is not None:
        lines += ["", say("cli.eval.same", lang)]
    if found.official is not None and found.silence:
        lines.append(f"  {found.silence.say(lang)}")
    if found.gains:
        service = s.services[s.objectives[0].service].label.text.say(lang)
        lines += ["", say("cli.eval.gains", lang, service=service)]
        lines += [f"  • {gain.text.say(lang)}" for gain in found.gains]
    if found.free is not None:
        lines += ["", *_free(s, found.free, lang)]
    if found.hindcast:
        lines += ["", *_hindcast(s, found.hindcast, lang)]
    return "\n".join(lines)


def _presence(found: Evaluation, lang: Lang) -> list[str]:
    official = number(found.presence_official, lang)
    if found.presence_best is None:
        return [say("cli.presence_only", lang, official=official)]
    ratio = percent(found.presence_ratio or math.nan, lang)
    best = number(found.presence_best, lang)
    lines = [say("cli.presence", lang, official=official, best=best, ratio=ratio)]
    return [*lines, say("cli.eval.presence_mean", lang)] if found.presence_drawn else lines


def _score(found: Evaluation, lang: Lang) -> list[str]:
    if found.best is None or found.worst is None or found.mean is None or found.optimum is None:
        return []
    digits = DECIMALS.get(found.objective, 0)
    scores = {"worst": found.worst, "mean": found.mean, "best": found.best}
    shown = {name: number(value, lang, digits) for name, value in scores.items()}
    beside = say("cli.score", lang, **shown, optimum=number(found.optimum.value, lang, digits))
    lines = [say(f"objective.{found.objective}", lang, value=beside)]
    method = found.method.say(lang)
    if found.ratio is None:
        return [*lines, method]
    return [*lines, say("cli.score_method", lang, method=method, beside=beside_best(found.ratio, lang))]


def _costs(found: Evaluation, lang: Lang) -> list[str]:
    s = found.facts.scenario
    if not any(found.cost_vnd.values()):
        return ["", say("cli.eval.no_cost", lang)]
    lines = ["", say("cli.official_cost", lang)]
    plan = found.official or found.optimal
    budgets = {} if plan is None else dict(zip(plan.stages["stage"], plan.stages["budget_vnd"], strict=True))
    for stage, cost in found.cost_vnd.items():
        budget = budgets.get(stage, math.nan)
        beside = "" if math.isnan(budget) else say("cli.of_budget", lang, budget=number(budget, lang))
        lines.append(f"  {stage_label(s, stage, lang)}: {number(cost, lang)} {beside}".rstrip())
    return lines


def _free(s: Scenario, free: FreePhasing, lang: Lang) -> list[str]:
    value = objective(free.level, lang)
    lines = [say("cli.eval.free", lang)]
    if free.ratio is not None:
        value = say("cli.eval.free_value", lang, value=value, beside=beside_best(free.ratio, lang))
    lines += [f"  {value}", *(f"  {text.say(lang)}" for text in free.freed)]
    lines += [f"  • {text.say(lang)}" for text in free.schedule]
    if any(free.cost_vnd.values()):
        costs = "; ".join(
            f"{stage_label(s, stage, lang)}: {number(cost, lang)}" for stage, cost in free.cost_vnd.items()
        )
        total = number(sum(free.cost_vnd.values()), lang)
        lines.append("  " + say("cli.eval.free_cost", lang, costs=costs, total=total))
    return lines


def _hindcast(s: Scenario, seen: Sequence[Seen], lang: Lang) -> list[str]:
    """A table of figures, and below it everything that is known, with its source."""
    columns = ("figure", "stage", "group", "official", "optimal", "observed")
    rows = [[say(f"evaluation.column.{c}", lang) for c in columns]]
    rows += [
        [
            seen_figure(s, x, lang),
            stage_label(s, x.stage, lang) if x.stage else "–",
            group_name(s, x.group).say(lang) if x.group else say("evaluation.whole", lang),
            *("–" if v is None else number(v, lang) for v in (x.official, x.optimal, x.observed)),
        ]
        for x in seen
        if x.kind or x.observed is not None
    ]
    known = dict.fromkeys(f"  • {x.text.say(lang)}  [{x.source}]" for x in seen if x.source)
    title_ = say("cli.eval.hindcast", lang)
    if len(rows) == 1:
        return [title_, *known]
    lines = [title_, *table(rows, right=(3, 4, 5)), say("cli.eval.hindcast_note", lang)]
    return [*lines, say("evaluation.known", lang), *known]


def seen_figure(s: Scenario, x: Seen, lang: Lang) -> str:
    """What a row of the look back counts: points of a kind, persons, or what its own words say."""
    if not x.kind:
        return x.text.say(lang)
    return say(f"evaluation.{x.what}", lang, kind=s.kinds[x.kind].short.text.say(lang))
