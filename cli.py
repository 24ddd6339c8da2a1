"""The command line: check a scenario, solve it, score the plan that was published.

Exit codes: 0 a plan, 2 bad input, 3 no plan keeps all rules (the diagnosis is printed and written), 4 no plan
within the time.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Literal

import click

import exports
import planner
from commands import boundaries, counts, premises
from commands.common import (
    INFEASIBLE,
    asked_for,
    choice_option,
    edition_option,
    lang_option,
    limit_option,
    out_option,
    refusals,
    scenario_argument,
    write_json,
)
from commands.compare import compare
from commands.export import export
from commands.meter import Meter
from commands.new import new
from commands.reform import reform
from commands.reproduce import reproduce
from commands.travel import group as travel
from exports import console, console_evaluation, exploration, record
from exports.contents import Edition
from planner.exploring import QUESTIONS, Asked, ask
from planner.options import check
from planner.plan import Diagnosis, Plan
from text import Lang, say


@click.group(help="Lộ Trình: where, and in which year, to open treatment points.")
def main() -> None:
    """Make any console take Vietnamese: Windows still opens some in a code page without it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


@main.command(help="Check a scenario and its places without solving it.")
@scenario_argument
@choice_option
@lang_option
def validate(scenario: Path, choices: tuple[str, ...], lang: Lang) -> None:
    """Say what is wrong with a scenario, or that nothing is."""
    with refusals(lang):
        asked = asked_for(scenario, choices)
        check(asked)
        facts = planner.facts(asked)
    click.echo(console.overview(facts, lang))


@main.command(help="Solve a scenario; prints the rollout and writes OUT/plan.json.")
@scenario_argument
@choice_option
@out_option
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(sorted(exports.WRITERS)),
    help="write the plan in this format too; may be repeated",
)
@edition_option
@limit_option
@click.option(
    "--gap", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="relative gap to prove"
)
@lang_option
def solve(
    *,
    scenario: Path,
    choices: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    edition: Edition,
    time_limit: float | None,
    gap: float,
    lang: Lang,
) -> None:
    """Find the best plan, or say why there is none."""
    if formats and out is None:
        raise click.UsageError(say("cli.format_needs_out", lang))
    with refusals(lang):
        asked = asked_for(scenario, choices)
        try:
            with Meter(lang) as meter:
                result = planner.run(
                    asked, gap=gap, time_limit=time_limit, progress=meter.progress, step=meter.step
                )
                meter.step("write")
                _write_result(result, out, formats, edition, lang)
        except planner.NoPlanInTimeError:
            write_json(record.no_plan_record(planner.facts(asked)), out, "plan.json")
            raise
    if isinstance(result, Diagnosis):
        click.echo(console.diagnosis(result, lang))
        sys.exit(INFEASIBLE)
    click.echo(console.plan(result, lang))


@main.command(help="Score a plan that somebody made; writes OUT/evaluation.json.")
@scenario_argument
@choice_option
@click.option(
    "--plan",
    "name",
    type=click.Choice(["official"]),
    default="official",
    show_default=True,
    help="the plan as it was published",
)
@out_option
@limit_option
@lang_option
def evaluate(
    *,
    scenario: Path,
    choices: tuple[str, ...],
    name: Literal["official"],
    out: Path | None,
    time_limit: float | None,
    lang: Lang,
) -> None:
    """Score the published plan beside the best one under the same rules."""
    with refusals(lang):
        asked = asked_for(scenario, choices)
        with Meter(lang) as meter:
            found = planner.evaluate(
                asked, name, time_limit=time_limit, progress=meter.progress, step=meter.step
            )
        write_json(record.evaluation_record(found), out, "evaluation.json")
    click.echo(console_evaluation.evaluation(found, lang))
    if found.diagnosis is not None:
        click.echo("\n" + console.diagnosis(found.diagnosis, lang))
        sys.exit(INFEASIBLE)


@main.command(help="Ask a question about the best plan; writes OUT/explore.json.")
@scenario_argument
@choice_option
@click.option(
    "--what",
    "question",
    type=click.Choice(list(QUESTIONS)),
    required=True,
    help="why here and then; alternatives; curve: how many points; front: cover against cost; "
    "path to a target; cut of the budgets; baselines: simpler ways of choosing; "
    "ranking: where one more point does most; options: other answers to the open questions",
)
@click.option("--target", type=click.FloatRange(0, 1), default=0.9, show_default=True, help="share, for path")
@click.option("--cut", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="share, for cut")
@out_option
@limit_option
@lang_option
def explore(
    *,
    scenario: Path,
    choices: tuple[str, ...],
    question: str,
    target: float,
    cut: float,
    out: Path | None,
    time_limit: float | None,
    lang: Lang,
) -> None:
    """Answer one question, each by re-solving from the best plan."""
    with refusals(lang):
        asked = asked_for(scenario, choices)
        with Meter(lang) as meter:
            numbers = Asked(target=target, cut=cut, time_limit=time_limit, progress=meter.progress)
            sheet = ask(asked, question, numbers)
        write_json(exploration.record(sheet), out, "explore.json")
    click.echo(exploration.lines(sheet, lang))


main.add_command(boundaries.group)
main.add_command(compare)
main.add_command(counts.group)
main.add_command(export)
main.add_command(new)
main.add_command(premises.group)
main.add_command(reform)
main.add_command(reproduce)
main.add_command(travel)


def _write_result(
    result: Plan | Diagnosis, out: Path | None, formats: tuple[str, ...], edition: Edition, lang: Lang
) -> None:
    if isinstance(result, Diagnosis):
        write_json(record.diagnosis_record(result), out, "plan.json")
        return
    write_json(record.plan_record(result), out, "plan.json")
    for suffix in formats:
        assert out is not None
        exports.write(result, out / f"{result.scenario.id}{suffix}", edition=edition, lang=lang)


if __name__ == "__main__":
    main()
