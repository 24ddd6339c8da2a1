"""What the command line prints of a published plan that was scored, as plain text in one language."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exports.console import DECIMALS, objective, stage_label, table, title
from planner.comparing import group_name
from planner.plan import Evaluation, FreePhasing, Seen
from scenarios.schema import Scenario
from text import Lang, number, percent, say


def evaluation(found: Evaluation, lang: Lang) -> str:
    """The published plan beside the best one under the same quotas, with free phasing, and beside reality."""
    s = found.facts.scenario
    lines = [title(s, lang), "", *_presence(found, lang), *_score(found, lang), *_costs(found, lang)]
    moves = [x for x in found.exchanges if _moves(x.official_stage, x.optimal_stage, x.official_premises)]
    if moves:
        lines += ["", say("cli.eval.moves", lang), *(f"  • {x.text.say(lang)}" for x in moves)]
        lines += [f"  {found.silence.say(lang)}"] if found.silence else []
    if found.gains:
        service = s.services[s.objectives[0].service].label.text.say(lang)
        lines += ["", say("cli.eval.gains", lang, service=service)]
        lines += [f"  • {gain.text.say(lang)}" for gain in found.gains]
    if found.free is not None:
        lines += ["", *_free(s, found.free, lang)]
    if found.hindcast:
        lines += ["", *_hindcast(s, found.hindcast, lang)]
    return "\n".join(lines)


def _moves(official: str | None, optimal: str | None, premises: str | None) -> bool:
    return official != optimal or premises is not None


def _presence(found: Evaluation, lang: Lang) -> list[str]:
    official = number(found.presence_official, lang)
    if found.presence_best is None:
        return [say("cli.presence_only", lang, official=official)]
    ratio = percent(found.presence_ratio or math.nan, lang)
    best = number(found.presence_best, lang)
    return [say("cli.presence", lang, official=official, best=best, ratio=ratio)]


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
    return [*lines, say("cli.score_method", lang, method=method, ratio=percent(found.ratio, lang))]


def _costs(found: Evaluation, lang: Lang) -> list[str]:
    s = found.facts.scenario
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
        value = say("cli.eval.free_value", lang, value=value, ratio=percent(free.ratio, lang))
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
    columns = ("figure", "stage", "group", "official", "optimal", "observed", "source")
    rows = [[say(f"evaluation.column.{c}", lang) for c in columns]]
    for x in seen:
        kind = s.kinds[x.kind].short.text.say(lang) if x.kind else ""
        rows.append(
            [
                say(f"evaluation.{x.what}", lang, kind=kind) if kind else "–",
                stage_label(s, x.stage, lang) if x.stage else "–",
                group_name(s, x.group).say(lang) if x.group else say("cli.whole", lang),
                *("–" if v is None else number(v, lang) for v in (x.official, x.optimal, x.observed)),
                f"{x.text.say(lang)}  [{x.source}]" if x.source else "",
            ]
        )
    head, *body = table(rows, right=(3, 4, 5))
    return [say("cli.eval.hindcast", lang), head, *body, say("cli.eval.hindcast_note", lang)]
