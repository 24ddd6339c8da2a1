"""Pieces of what the command line prints: aligned tables, titles, objectives, the proof of an answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from optimization.solution import Level
from planner.plan import GIVEN, SolveReport
from planner.variants import ALTERNATIVE
from scenarios.schema import Scenario
from text import Lang, Text, catalogue, inline, number, percent, say

DECIMALS = {"min_shortfall": 1, "max_worst_group": 3, "min_max_travel": 1}
"""Objectives of which whole numbers would say too little."""
TOO_FAR = 0.5
"""A gap that says nothing of how good a plan is."""
FIELDS = 4
"""Fields of a scenario that are named one by one; of more, how many."""


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


def title(s: Scenario, lang: Lang) -> str:
    """What the scenario is called, and what it changes of the document."""
    changes = "".join(f"\n{say('cli.change', lang)}: {c.text.say(lang)}" for c in s.changes)
    return f"{s.title.text.say(lang)}  ({s.id}){changes}"


def stage_label(s: Scenario, stage: str, lang: Lang) -> str:
    """The label of a stage, or its name."""
    label = s.stages[stage].label
    return label.text.say(lang) if label else stage


def source(name: str, lang: Lang) -> str:
    """A source as people read it: ``estimate`` in words, a section of a document as it stands."""
    return say(f"source.{name}", lang) if f"source.{name}" in catalogue() else name


def named_fields(names: Sequence[str], lang: Lang) -> str:
    """Fields of a scenario; the first ones and how many more there are, where there are many."""
    if len(names) <= FIELDS:
        return ", ".join(names)
    return say("lines.more", lang, names=", ".join(names[: FIELDS - 1]), n=len(names) - FIELDS + 1)


def proof(report: SolveReport, lang: Lang) -> str:
    """How far the answer is proved, in words; a time-limited answer is never called optimal.

    Names no value: this stands in shared files too.  Of a plan that the search did not find only the first
    objective has a bound that tells something (``planner.kept``), and shared files do not know it.
    """
    level = report.loosest
    if report.way:
        first = report.levels[0].gap if report.levels else math.inf
        return f"{way(report.way, lang)}; {_beside_optimum(first, lang)}."
    if not level.gap <= TOO_FAR:
        return say("status.open", lang)
    values = {"gap": percent(level.gap, lang, 2), "n": report.levels.index(level) + 1}
    return say(f"status.{report.status.value}", lang, **values)


def day(written: str, lang: Lang) -> str:
    """A day (ISO 8601) as it is written: "05/12/2018"; in English as it stands, for there it could be May."""
    return "/".join(reversed(written.split("-"))) if lang == "vi" else written


def way(name: str, lang: Lang) -> str:
    """How a plan came about that the search did not find: "Phương án theo văn bản"."""
    name = name.split("_", maxsplit=1)[0] if name.startswith(ALTERNATIVE) else name
    return say(f"way.{name}" if f"way.{name}" in catalogue() else f"way.{GIVEN}", lang)


def _beside_optimum(gap: float, lang: Lang) -> str:
    if not gap <= TOO_FAR:
        return say("way.open", lang)
    return say("way.reaches" if gap == 0 else "way.within", lang, gap=percent(gap, lang, 2))


def objective(level: Level, lang: Lang, service: Text | None = None) -> str:
    """An objective with its value and, where it is not proved, its bound; named after `service` if given."""
    line = objective_value(level.name, level.value, lang)
    if service is not None:
        label = service.say(lang)
        line = f"{label}: {inline(Text(line, line)).say(lang)}"
    bound = number(level.bound, lang, DECIMALS.get(level.name, 0))
    return line if level.gap == 0 else f"{line} ({say('cli.bound', lang, bound=bound)})"


def objective_value(name: str, value: float, lang: Lang) -> str:
    """A value of the objective `name`, in words."""
    return say(f"objective.{name}", lang, value=number(value, lang, DECIMALS.get(name, 0)))


def beside_best(ratio: float, lang: Lang) -> str:
    """How a plan stands beside the best one: "91,5 % of it", or "12 % above it" where less is better.

    `ratio` is the plan's value over that of the best plan, so above 1 only where the objective is minimised.
    """
    above = ratio > 1
    share = percent(ratio - 1 if above else ratio, lang)
    return say("evaluation.above_best" if above else "evaluation.of_best", lang, share=share)
