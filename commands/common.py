"""What every command shares: its options, its exit codes, how it says that the input is bad."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

import exports
from errors import DataError, PlanningError, Problem
from geo import units
from geo.intake import uploads
from geo.units import Vintage
from planner.exploring import RulesClashError
from planner.options import answers, chosen
from planner.run import NoPlanInTimeError
from scenarios.reading import load
from scenarios.schema import Scenario
from text import LANGS, Lang, fold, say, tidy

SCENARIO = (".yaml", ".yml")
"""Endings of a scenario file."""

BAD_INPUT, INFEASIBLE, NO_PLAN = 2, 3, 4
"""Exit codes besides 0: bad input; no plan keeps all rules; no plan within the time."""

scenario_argument = click.argument("scenario", type=click.Path(path_type=Path))
scenario_option = click.option(
    "--scenario", "scenario_path", type=click.Path(path_type=Path), required=True, help="the scenario file"
)
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
edition_option = click.option(
    "--edition",
    type=click.Choice(exports.EDITIONS),
    default="shared",
    show_default=True,
    help="shared: counts of 1 to 10 hidden; internal: exact",
)
limit_option = click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), help="seconds for the search"
)

Decorator = Callable[[Any], Any]


def together(*options: Decorator) -> Decorator:
    """Options that several commands take, as one decorator; help shows them in this order."""

    def put(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return put


def asked_for(path: Path, choices: tuple[str, ...]) -> Scenario:
    """The scenario of a file with other answers to its open questions.

    Raises:
        ScenarioError: the file or an answer cannot be used.
    """
    return chosen(load(path), answers(choices))


def province_code(asked: str, vintage: Vintage) -> str:
    """The code of a province given by code or by name, with or without its type and marks.

    Raises:
        DataError: ``cli.no_province``, ``cli.many_provinces``.
    """
    listed = units.provinces(vintage)
    codes: dict[str, str] = dict(zip(listed["province_code"], listed["province"], strict=True))
    if asked in codes:
        return asked
    wanted = _bare(asked)
    found = [code for code, name in codes.items() if _bare(name) == wanted]
    if len(found) == 1:
        return found[0]
    values = {"name": tidy(asked), "vintage": vintage}
    if found:
        shown = ", ".join(f"{codes[code]} ({code})" for code in found)
        raise DataError(Problem("cli.many_provinces", "--province", values | {"found": shown}))
    names = {_bare(name): f"{name} ({code})" for code, name in codes.items()}
    near = ", ".join(names[n] for n in get_close_matches(wanted, list(names), n=3)) or "–"
    raise DataError(Problem("cli.no_province", "--province", values | {"near": near}))


def _bare(name: str) -> str:
    """A name without its type: "Tỉnh Lâm Đồng", "tp. Huế" and "TP Huế" are "lamdong", "hue" and "hue"."""
    words = [fold(word) for word in name.split()]
    for kind in (["tinh"], ["thanh", "pho"], ["tp"]):
        if words[: len(kind)] == kind and len(words) > len(kind):
            words = words[len(kind) :]
            break
    return "".join(words)


@contextmanager
def refusals(lang: Lang) -> Iterator[None]:
    """Say in `lang` why nothing comes of what is tried here, and end with the exit code that tells it."""
    try:
        yield
    except NoPlanInTimeError as why:
        click.echo(say("cli.no_plan", lang, seconds=f"{why.seconds:.0f}"), err=True)
        sys.exit(NO_PLAN)
    except RulesClashError as why:
        click.echo(why.say(lang), err=True)
        sys.exit(INFEASIBLE)
    except PlanningError as why:
        click.echo(why.say(lang), err=True)
        sys.exit(BAD_INPUT)


def content_of(file: Path) -> bytes:
    """A file that somebody brings, but not one that is far too large to be taken.

    Raises:
        DataError: ``cli.no_file``, ``cli.folder``, ``cli.unreadable``, ``upload.too_large``.
    """
    if file.is_dir():
        raise DataError(Problem("cli.folder", str(file)))
    try:
        size, most = file.stat().st_size, max(uploads.MOST_BYTES.values())
        if size > most:
            sizes = {"megabytes": f"{size / uploads.MEGABYTE:.1f}", "most": f"{most / uploads.MEGABYTE:.0f}"}
            raise DataError(Problem("upload.too_large", file.name, sizes))
        return file.read_bytes()
    except FileNotFoundError as why:
        raise DataError(Problem("cli.no_file", str(file))) from why
    except (OSError, ValueError) as why:  # a name with a zero byte in it is a ValueError
        reason = why.strerror if isinstance(why, OSError) else str(why)
        raise DataError(Problem("cli.unreadable", str(file), {"why": tidy(str(reason))})) from why


def see_to(out: Path, *endings: str) -> None:
    """See that `out` may be written: it has one of the endings, and no such file stands there.

    Raises:
        DataError: ``cli.ending``, ``cli.exists``.
    """
    if out.suffix.casefold() not in endings:
        raise DataError(Problem("cli.ending", str(out), {"endings": ", ".join(endings)}))
    if out.exists():
        raise DataError(Problem("cli.exists", str(out)))


def write_json(content: dict[str, Any], out: Path | None, name: str) -> None:
    """Write `content` to OUT/`name`, whole or not at all; nothing where no folder was named."""
    if out is not None:
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        exports.write_text(out / name, text)
