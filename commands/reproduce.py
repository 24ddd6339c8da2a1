"""``reproduce``: whether the plan of a file comes out again."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

import planner
from commands.common import asked_for, choice_option, lang_option, limit_option, refusals
from commands.meter import Meter
from errors import DataError, Problem
from exports import origin
from exports.contents import Contents, contents_of
from planner.kept import brought_back
from planner.plan import Diagnosis, Plan
from planner.reproduce import Claim, Difference, differences, known, same
from scenarios.reading import from_data
from scenarios.schema import Scenario
from text import Lang, catalogue, say

DIFFERS = 1
"""Exit code where another plan comes out, or the file's question was another."""


@click.command(
    help="Solve the scenario of a file again and say whether its plan comes out. Exit code 1 where not."
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    help="the scenario; a shared file does not carry it, as it holds counts",
)
@choice_option
@click.option(
    "--gap", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="relative gap to prove"
)
@limit_option
@lang_option
def reproduce(
    *,
    file: Path,
    scenario: Path | None,
    choices: tuple[str, ...],
    gap: float,
    time_limit: float | None,
    lang: Lang,
) -> None:
    """Compare the file's stamp with that of a plan found anew.

    A plan that no search found cannot be found anew: its points are taken from the file, and every figure of
    it is computed again.
    """
    with refusals(lang):
        claim = origin.read(file)
        asked = _asked(claim, file, scenario, choices)
        way = claim.provenance.get("way", "")
        with Meter(lang) as meter:
            result: Plan | Diagnosis
            if way:
                result = brought_back(asked, known(claim))
            else:
                result = planner.run(
                    asked, gap=gap, time_limit=time_limit, progress=meter.progress, step=meter.step
                )
    for line in _about(claim, file, lang):
        click.echo(line)
    if way:
        click.echo(say("reproduce.given", lang))
    if isinstance(result, Diagnosis):
        click.echo(say("reproduce.infeasible", lang))
        sys.exit(DIFFERS)
    contents = contents_of(result, edition=claim.edition, lang=claim.lang)
    found = differences(claim, origin.stamp(contents))
    told = "reproduce.same" if claim.edition == "internal" else "reproduce.same_shared"
    click.echo(say(told if same(found) else "reproduce.differs", lang))
    for difference in found:
        click.echo(f"  - {_spoken(difference, contents, lang)}")
    if not same(found) and claim.status == "feasible" and not way:
        click.echo(say("reproduce.not_proved", lang))
    sys.exit(0 if same(found) else DIFFERS)


def _asked(claim: Claim, file: Path, scenario: Path | None, choices: tuple[str, ...]) -> Scenario:
    """The scenario that was named, else the one that the file carries."""
    if scenario is not None:
        return asked_for(scenario, choices)
    if choices:
        raise click.UsageError("--option needs --scenario")
    if claim.asked is None:
        raise DataError(Problem("reproduce.needs_scenario", file.name, {"scenario": claim.scenario}))
    return from_data(dict(claim.asked))


def _about(claim: Claim, file: Path, lang: Lang) -> Iterator[str]:
    by = say("reproduce.by", lang, by=claim.by) if claim.by else ""
    told = {"edition": say(f"dossier.name.{claim.edition}", lang), "written": claim.written or "–", "by": by}
    yield say("reproduce.file", lang, file=file.name, scenario=claim.scenario, **told)


def _spoken(difference: Difference, contents: Contents, lang: Lang) -> str:
    """A difference in words; names as the file has them."""
    kind, name = difference.kind, difference.name
    told = {"before": difference.before or "–", "now": difference.now or "–"}
    if kind == "asked" and not name:
        return say("reproduce.asked", lang)
    if kind == "asked":
        return say("reproduce.entry", lang, name=name, **told)
    if kind == "table":
        return say("reproduce.table", lang, name=replace(contents, lang=lang).name(name))
    if kind == "objective":
        key = f"exports.objective.{name}"
        name = say(key, lang) if key in catalogue() else name
    return say(f"reproduce.{kind}", lang, name=name, **told)
