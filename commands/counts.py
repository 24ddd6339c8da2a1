"""Counts by commune: check a file, put it into a scenario, hand out a template."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, get_args

import click

import exports
from commands.common import (
    BAD_INPUT,
    SCENARIO,
    content_of,
    lang_option,
    province_code,
    refusals,
    see_to,
    together,
)
from errors import DataError, Problem
from geo import units
from geo.intake import counts, template
from geo.intake.count_words import lines
from geo.intake.layout import ROLES
from geo.intake.mapping import SavedMapping, mapping_from
from geo.intake.matching import MatchReport
from geo.intake.patching import Totals, patch
from geo.units import Vintage
from planner import geography
from planner.trend_changes import growth_patch, suited_patch
from scenarios.reading import changed, load, merged, written
from scenarios.schema import Scenario
from text import Lang, both, fold, say, tidy

_province = click.option("--province", help="name of the province, or its code, such as 92")
_vintage = click.option(
    "--vintage", type=click.Choice(get_args(Vintage)),
    help="2025-01: early 2025, with districts (default); 2025-07: since 1 July 2025",
)  # fmt: skip
_scenario = click.option(
    "--scenario", type=click.Path(path_type=Path), help="of whose province and list of communes it is"
)


_reading = together(
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--sheet", help="which sheet, where several have counts"),
    click.option("--column", "columns", multiple=True, metavar="ROLE=COLUMN",
                 help=f"{', '.join(ROLES)} = heading, letter or number; repeatable"),
    click.option("--year", help="which year of several; else the latest"),
    click.option("--mapping", type=click.Path(path_type=Path), help="names joined by hand (.json)"),
    click.option("--missing", type=click.Choice(["unknown", "zero"]), default="unknown",
                 show_default=True, help="what communes without a count have"),
    lang_option,
)  # fmt: skip
"""The file and what it may not tell by itself."""


@click.group("counts", help="Counts by commune: check a file, import it into a scenario, make a template.")
def group() -> None:
    """Put the commands together."""


@group.command(help="Say what a file of counts holds, how its rows were joined, and what is wrong with it.")
@_reading
@_province
@_vintage
@_scenario
@click.option("--save-mapping", type=click.Path(path_type=Path), help="write --mapping and --join together")
@click.option("--join", "joins", multiple=True, metavar="ROW=CODE",
              help="join a row that has no commune; ROW= leaves it out; may be repeated")  # fmt: skip
def check(
    *,
    file: Path, province: str | None, vintage: Vintage | None, scenario: Path | None,
    joins: tuple[str, ...], save_mapping: Path | None, lang: Lang, **choices: Any,
) -> None:  # fmt: skip
    """Print the report; exit 2 where the counts cannot be used."""
    with refusals(lang):
        code, list_ = _place(province, vintage, scenario)
        report = _read(file, code, list_, **choices)
        if joins:
            mapping = _joined(report, joins, file)
            report = _read(file, code, list_, more=mapping, **choices)
        if save_mapping and report.mapping:
            exports.write_text(save_mapping, report.mapping.written())
        _tell(report, lang)
        if not report.persons:
            raise DataError(Problem("counts.nothing", report.sheet.file))
    click.echo(say("counts.report.usable", lang))


@group.command("import", help="Write a scenario with the counts of a file.")
@_reading
@click.option("--scenario", type=click.Path(path_type=Path), required=True, help="the scenario to change")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the new scenario"
)
@click.option("--totals", type=click.Choice(get_args(Totals)), default="check", show_default=True,
              help="hold the stated totals against the communes, or take them from the communes")  # fmt: skip
@click.option(
    "--source", default="user", show_default=True, help="source of the counts, as scenarios write it"
)
@click.option("--growth", is_flag=True, help="take the yearly growth from the sheet's years as well")
@click.option("--opioid", metavar="SERVICE",
              help="take this service's suited share from the sheet's substances as well")  # fmt: skip
def import_(
    *,
    file: Path, scenario: Path, out: Path, totals: Totals, source: str, growth: bool, opioid: str | None,
    lang: Lang, **choices: Any,
) -> None:  # fmt: skip
    """Write the whole scenario, checked with its places first; a file that exists is left alone."""
    with refusals(lang):
        see_to(out, *SCENARIO)
        asked = load(scenario)
        report = _read(file, _province_of(asked), asked.place.vintage, **choices)
        _tell(report, lang)
        persons = asked.registered_persons
        listed = geography.places(asked).communes
        groups = dict(zip(listed["commune_code"], listed["group"], strict=True))
        change = patch(
            report,
            groups=groups,
            by_group={code: one.persons for code, one in persons.by_group.items()},
            total=persons.total.value,
            totals=totals,
            source=source,
        )
        told = [both("counts.import.note", file=report.sheet.file)._asdict()]
        if growth:
            change = merged(change, growth_patch(asked, report, source=source), keep_null=True)
            told.append(change["registered_persons"]["growth"]["note"])
        if opioid is not None:
            more = suited_patch(asked, report, groups, service=opioid, source=source)
            change = merged(change, more, keep_null=True)
            told.append(change["services"][opioid]["suited_share"]["note"])
        about = {"id": _id(out, asked), "changes": [*asked.data.get("changes", ()), *told]}
        new = changed(asked, about | change)
        geography.places(new)
        exports.write_text(out, written(new))
    click.echo(say("counts.written", lang, path=out))


@group.command("template", help="Write a workbook with the province's communes and an empty count each.")
@_province
@_vintage
@_scenario
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the .xlsx to write"
)
@lang_option
def template_(
    province: str | None, vintage: Vintage | None, scenario: Path | None, out: Path, lang: Lang
) -> None:
    """Make the template; a file that exists, which may be filled in, is left alone."""
    with refusals(lang):
        see_to(out, ".xlsx")
        communes = units.communes(*_place(province, vintage, scenario))
        exports.write_bytes(out, template.xlsx(communes, lang=lang))
    click.echo(say("counts.written", lang, path=out))


def _place(province: str | None, vintage: Vintage | None, scenario: Path | None) -> tuple[str, Vintage]:
    """Province and list, as named or as a scenario has them."""
    if (scenario is None) == (province is None) or (scenario is not None and vintage is not None):
        raise DataError(Problem("cli.which_place", "--province, --scenario"))
    if scenario is not None:
        asked = load(scenario)
        return _province_of(asked), asked.place.vintage
    assert province is not None
    list_ = vintage or "2025-01"
    return province_code(province, list_), list_


def _read(
    file: Path, province: str, vintage: Vintage, *, sheet: str | None, columns: tuple[str, ...],
    year: str | None, mapping: Path | None, missing: str, more: SavedMapping | None = None,
) -> MatchReport:  # fmt: skip
    communes = units.communes(province, vintage)
    names = dict(zip(communes["commune_code"], communes["commune"], strict=True))
    saved = more
    if mapping is not None:
        text = content_of(mapping).decode("utf-8", errors="replace")
        saved = mapping_from(text, where=mapping.name, names=names, province=province, vintage=vintage)
        saved = saved.with_rows(more.rows) if more else saved
    return counts.read(
        file.name, content_of(file), communes, vintage=vintage, sheet=sheet, columns=_columns(columns),
        year=year, mapping=saved, missing_is_zero=missing == "zero",
    )  # fmt: skip


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [one.partition("=") for one in given]
    if bad := [one for one, pair in zip(given, pairs, strict=True) if not (pair[0] and pair[2])]:
        raise DataError([Problem("counts.bad_column", "--column", {"given": tidy(one)}) for one in bad])
    return {role.strip(): column for role, _, column in pairs}


def _joined(report: MatchReport, joins: tuple[str, ...], file: Path) -> SavedMapping:
    """What --join says: a row's number and the code it belongs to."""
    rows = {str(row.number): n for n, row in enumerate(report.rows)}
    problems, codes = [], {}
    for join in joins:
        row, _, code = join.partition("=")
        if row not in rows or (code and code not in report.names):
            problems.append(Problem("counts.bad_join", file.name, {"given": tidy(join)}))
        else:
            codes[rows[row]] = code
    if problems:
        raise DataError(problems)
    return counts.with_codes(report, codes)


def _tell(report: MatchReport, lang: Lang) -> None:
    """Print the report; end with its problems where it has any."""
    click.echo("\n".join(lines(report, lang)))
    if report.problems:
        click.echo(say("counts.report.refused", lang), err=True)
        click.echo("\n".join(problem.say(lang) for problem in report.problems), err=True)
        sys.exit(BAD_INPUT)


def _province_of(scenario: Scenario) -> str:
    if scenario.place.province is None:
        raise DataError(Problem("counts.no_province", scenario.where("place")))
    return scenario.place.province


def _id(out: Path, scenario: Scenario) -> str:
    """An id for the new scenario after its file's name."""
    stem = "_".join(filter(None, (fold(word) for word in re.split(r"[\W_]+", out.stem))))
    made = stem if re.match(r"[a-z]", stem) else f"{scenario.id}_{stem}".rstrip("_")
    return made[:60] if made != scenario.id else f"{made[:54]}_counts"
