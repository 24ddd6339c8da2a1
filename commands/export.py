"""``export``: the full set of files about a plan, in a folder of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import click

import exports
import planner
from commands.common import (
    INFEASIBLE,
    asked_for,
    choice_option,
    edition_option,
    lang_option,
    limit_option,
    refusals,
    scenario_argument,
)
from commands.meter import Meter
from exports import console, full_set, origin
from exports.contents import Beside, Edition
from planner import reproduce, variants
from planner.kept import brought_back
from planner.plan import Diagnosis, Plan
from scenarios.schema import Scenario
from text import Lang, number, say, tidy


@click.command(help="Write the proposal and every other format about a plan into the new folder OUT.")
@scenario_argument
@choice_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="a new or empty folder"
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(sorted(exports.WRITERS)),
    help="only this format; may be repeated",
)
@edition_option
@click.option(
    "--plan",
    "known",
    type=click.Path(path_type=Path),
    help="plan.json, or another internal file, with the plan to write; without it the scenario is solved",
)
@click.option("--by", default="", help="who hands the files out; stands in each of them")
@click.option("--alone", is_flag=True, help="do not compare with the published order and other plans")
@limit_option
@lang_option
def export(
    *,
    scenario: Path,
    choices: tuple[str, ...],
    out: Path,
    formats: tuple[str, ...],
    edition: Edition,
    known: Path | None,
    by: str,
    alone: bool,
    time_limit: float | None,
    lang: Lang,
) -> None:
    """Solve, or bring a plan back, compare it, and write the files."""
    with refusals(lang):
        full_set.check(out)
        asked = asked_for(scenario, choices)
        with Meter(lang) as meter:
            plan = _plan(asked, known, time_limit, meter)
            if isinstance(plan, Diagnosis):
                click.echo(console.diagnosis(plan, lang))
                sys.exit(INFEASIBLE)
            beside = Beside(by=tidy(by))
            if not alone:
                beside = _beside(plan, tidy(by), time_limit, meter, solved=known is None)
        files = full_set.write_all(
            plan, out, edition=edition, lang=lang, beside=beside, wanted=formats or None,
            progress=lambda done, of, name: _told(done, of, name, lang),
        )  # fmt: skip
    for file in files:
        click.echo(f"{number(file.stat().st_size / 1024, lang):>8} KB  {file}")


def _plan(asked: Scenario, known: Path | None, time_limit: float | None, meter: Meter) -> Plan | Diagnosis:
    """The plan of a file, every figure computed afresh; without a file the best one."""
    if known is None:
        return planner.run(asked, time_limit=time_limit, progress=meter.progress, step=meter.step)
    return brought_back(asked, reproduce.known(origin.read(known)))


def _beside(plan: Plan, by: str, time_limit: float | None, meter: Meter, *, solved: bool) -> Beside:
    """The published order and other plans; nothing that the time does not suffice for."""
    meter.step("official" if plan.scenario.official is not None else "variants")
    try:
        evaluation, others = variants.compared(
            plan, proved=solved, time_limit=time_limit, progress=meter.progress
        )
    except planner.NoPlanInTimeError:
        return Beside(by=by)
    return Beside(evaluation=evaluation, options=others.variants, by=by)


def _told(done: int, of: int, name: str, lang: Lang) -> None:
    if name:
        click.echo(say("export.writing", lang, n=done + 1, of=of, name=name), err=True)
