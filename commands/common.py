"""What every command shares: its options, its exit codes, how it says that the input is bad."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

import exports
from errors import PlanningError
from planner.options import answers, chosen
from scenarios.reading import load
from scenarios.schema import Scenario
from text import LANGS, Lang

BAD_INPUT, INFEASIBLE, NO_PLAN = 2, 3, 4
"""Exit codes besides 0: bad input; no plan keeps all rules; no plan within the time."""

scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))
lang_option = click.option("--lang", type=click.Choice(LANGS), default="vi", show_default=True, help="vi, en")
out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="folder for the files"
)
choice_option = click.option(
    "--option",
    "choices",
    multiple=True,
    metavar="QUESTION=ANSWER",
    help="answer an open question of the scenario otherwise; may be repeated",
)
limit_option = click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), help="seconds for the search"
)


def asked_for(path: Path, choices: tuple[str, ...]) -> Scenario:
    """The scenario of a file with other answers to its open questions.

    Raises:
        ScenarioError: the file or an answer cannot be used.
    """
    return chosen(load(path), answers(choices))


def bad_input(why: PlanningError, lang: Lang) -> NoReturn:
    """Say what is wrong, where and what to do, and end."""
    click.echo(why.say(lang), err=True)
    sys.exit(BAD_INPUT)


def write_json(content: dict[str, Any], out: Path | None, name: str) -> None:
    """Write `content` to OUT/`name`, whole or not at all; nothing where no folder was named."""
    if out is not None:
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        exports.write_text(out / name, text)
