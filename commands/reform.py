"""``cli.py reform``: a scenario, and a plan of it, on the communes since July 2025."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

import click

import exports
import planner
from commands.common import (
    INFEASIBLE,
    SCENARIO,
    lang_option,
    limit_option,
    refusals,
    scenario_argument,
    see_to,
)
from exports import console
from planner.plan import Diagnosis
from planner.reform import SECTIONS, Reformed, reformed
from planner.reform_plan import Shown, shown
from scenarios.reading import load, written
from tables import records
from text import Lang, number, percent, say


@click.command(help="Carry a scenario to the communes since July 2025; prints what changes.")
@scenario_argument
@click.option(
    "--to",
    "vintage",
    type=click.Choice(["2025-07"]),
    default="2025-07",
    show_default=True,
    help="list of communes",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="file for the new scenario")
@click.option(
    "--plan",
    "with_plan",
    is_flag=True,
    help="solve the scenario as it is, and show that plan on the new communes",
)
@limit_option
@lang_option
def reform(
    *, scenario: Path, vintage: str, out: Path | None, with_plan: bool, time_limit: float | None, lang: Lang
) -> None:
    """Carry, write and check a scenario; a file that exists is left alone."""
    del vintage  # one choice so far
    with refusals(lang):
        if out is not None:
            see_to(out, *SCENARIO)
        asked = load(scenario)
        found = reformed(asked)
        planner.facts(found.scenario)  # refuses what cannot be planned before anything is written
        result = planner.run(asked, time_limit=time_limit) if with_plan else None
        if out is not None:
            exports.write_text(out, written(found.scenario))
    click.echo(report(found, lang))
    if isinstance(result, Diagnosis):
        click.echo(console.diagnosis(result, lang))
        sys.exit(INFEASIBLE)
    if result is not None:
        click.echo("\n" + on_communes(shown(result), lang))
    if out is not None:
        click.echo("\n" + say("reform.written", lang, path=out))


def report(found: Reformed, lang: Lang) -> str:
    """What changed, section by section."""
    lines = [console.title(found.scenario, lang)]
    for section, changes in groupby(found.changes, key=lambda change: change.section):
        assert section in SECTIONS
        lines += ["", say(f"reform.section.{section}", lang) + ":"]
        lines += [f"  • {change.text.say(lang)}" for change in changes]
    return "\n".join(lines)


def on_communes(found: Shown, lang: Lang) -> str:
    """The plan on the new communes: what opens where, and who is served at the end of the last stage."""
    kinds = found.scenario.kinds
    head = [say(f"reform.column.{c}", lang) for c in ("stage", "kind", "premises", "was", "commune")]
    rows = [
        [r["stage"], kinds[r["kind"]].short.text.say(lang), r["premises_name"], r["was"], r["commune"]]
        for r in records(found.openings)
    ]
    lines = [say("reform.plan", lang), *console.table([head, *rows])]
    stage = list(found.scenario.stages)[-1]
    head = [
        say(f"reform.column.{c}", lang) for c in ("commune", "area", "points", "demand", "served", "share")
    ]
    for service, cover in found.cover[found.cover["stage"] == stage].groupby("service", sort=False):
        rows = [
            [
                r["commune"], r["area"], str(r["points"] or "–"), number(r["demand"], lang),
                number(r["served"], lang), percent(r["share"], lang, 0),
            ]
            for r in records(cover.sort_values(["area", "commune_code"]))
        ]  # fmt: skip
        label = found.scenario.services[str(service)].label.text.say(lang)
        lines += ["", say("reform.cover", lang, service=label, stage=stage),
                  *console.table([head, *rows], right=range(2, 6))]  # fmt: skip
    return "\n".join(lines)
