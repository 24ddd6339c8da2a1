"""``compare``: any two plans of a place side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import click

import planner
from commands.common import (
    INFEASIBLE,
    asked_for,
    choice_option,
    lang_option,
    limit_option,
    out_option,
    refusals,
    scenario_argument,
    write_json,
)
from commands.meter import Meter
from errors import DataError, Problem
from exports import console, console_compare, origin
from planner import variants
from planner.compared import compare as set_beside
from planner.kept import Known, brought_back
from planner.plan import Diagnosis, Plan
from scenarios.reading import from_data
from scenarios.schema import Scenario
from text import Lang, Text, both, tidy

BEST = "best"
NAMES = ", ".join((BEST, *variants.NAMES))


class Side(NamedTuple):
    """A plan and what it is called."""

    label: Text
    plan: Plan


@click.command(
    help="Compare two plans of a place; prints differences and figures, writes OUT/compare.json.\n\n"
    f"A and B are each one of {NAMES}, or a plan.json that solve has written."
)
@scenario_argument
@click.argument("a")
@click.argument("b")
@choice_option
@out_option
@limit_option
@lang_option
def compare(
    *,
    scenario: Path,
    a: str,
    b: str,
    choices: tuple[str, ...],
    out: Path | None,
    time_limit: float | None,
    lang: Lang,
) -> None:
    """Find or bring back both plans and say what tells them apart."""
    with refusals(lang):
        asked = asked_for(scenario, choices)
        kept = {name: _kept(Path(name), asked) for name in {a, b} if not _is_variant(name)}
        with Meter(lang) as meter:
            solved = _solved(asked, [name for name in (a, b) if _is_variant(name)], time_limit, meter)
            if isinstance(solved, Diagnosis):
                click.echo(console.diagnosis(solved, lang))
                sys.exit(INFEASIBLE)
            one, other = ((kept | solved)[name] for name in (a, b))
            found = set_beside(one.plan, other.plan)
        write_json(console_compare.record(found, one.label, other.label), out, "compare.json")
    click.echo(console_compare.comparison(found, one.label, other.label, lang))


def _is_variant(name: str) -> bool:
    return name == BEST or name in variants.NAMES


def _kept(file: Path, asked: Scenario) -> Side:
    """The plan of a file, every figure computed afresh, under the scenario that the file carries.

    Raises:
        DataError: ``compare.no_such_plan``, or the file is not one of ours.
        ScenarioError, SolverError: see ``planner.kept.brought_back``.
    """
    if not file.suffix and not file.exists():
        raise DataError(Problem("compare.no_such_plan", tidy(str(file)), {"known": NAMES}))
    claim = origin.read(file)
    own = asked if claim.asked is None else from_data(dict(claim.asked))
    name = tidy(file.name)
    known = Known(claim.openings, way=claim.provenance.get("way", ""))
    return Side(Text(name, name), brought_back(own, known))


def _solved(
    asked: Scenario, names: list[str], time_limit: float | None, meter: Meter
) -> dict[str, Side] | Diagnosis:
    """The best plan and variants of it, by name.

    Raises:
        DataError: ``compare.left_out``: there is no such plan of this scenario.
        NoPlanInTimeError: stopped before the best plan was found.
    """
    if not names:
        return {}
    best = planner.run(asked, time_limit=time_limit, progress=meter.progress, step=meter.step)
    if isinstance(best, Diagnosis):
        return best
    wanted = [name for name in dict.fromkeys(names) if name != BEST]
    found = variants.found(asked, wanted, optimum=best, time_limit=time_limit, progress=meter.progress)
    problems = [
        Problem("compare.left_out", asked.id, {"plan": variants.label(name), "why": why})
        for name, why in found.left_out.items()
    ]
    if problems:
        raise DataError(problems)
    sides = {variant.name: Side(variant.label, variant.plan) for variant in found.variants}
    return sides | {BEST: Side(both("compare.choice.best"), best)}
