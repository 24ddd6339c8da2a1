"""Premises: check an office's table or layer, take it into a scenario, write a template to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import exports
from commands.common import (
    SCENARIO,
    content_of,
    lang_option,
    refusals,
    scenario_option,
    see_to,
    together,
)
from errors import DataError, Problem
from geo import boundaries, downloads, health_places
from geo.intake import premises_files, premises_rows, premises_table, premises_words
from geo.intake.grids import letter
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, say, tidy

_file_options = together(
    click.argument("file", type=click.Path(path_type=Path)),
    scenario_option,
    click.option("--layer", help="which layer, where a file of points has several"),
    click.option("--column", "columns", multiple=True, metavar="ROLE=COLUMN",
                 help="what a column is, by its letter or heading, such as name=C; may be repeated"),
    click.option("--type", "types", multiple=True, metavar="WORD=TYPE",
                 help='what a word for a kind of host means: "Phòng khám=hospital"; may be repeated'),
    lang_option,
)  # fmt: skip
"""A table or layer, the scenario, and what the file may not tell by itself."""


@click.group("premises", help="Host premises: check a table or a point layer, import it, write a template.")
def group() -> None:
    """Put the commands together."""


@group.command(help="Say what a table or layer of premises holds and what is wrong with it.")
@_file_options
def check(file: Path, scenario_path: Path, lang: Lang, **given: Any) -> None:
    """Read without writing anything."""
    with refusals(lang):
        scenario = reading.load(scenario_path)
        change = _read(scenario, file, lang, **given)
        reading.changed(scenario, change.patch)
    click.echo(say("premises.cli.usable", lang))


@group.command("import", help="Take a table or layer of premises into a scenario; writes a new file.")
@_file_options
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the new scenario file"
)
def import_(file: Path, scenario_path: Path, out: Path, lang: Lang, **given: Any) -> None:
    """Write the scenario with the premises of the file; a file that exists is left alone."""
    with refusals(lang):
        see_to(out, *SCENARIO)
        scenario = reading.load(scenario_path)
        change = _read(scenario, file, lang, **given)
        exports.write_text(out, reading.written(reading.changed(scenario, change.patch)))
    click.echo(say("premises.cli.written", lang, file=out))


@group.command(help="Write an XLSX with the scenario's premises, to correct and to add to.")
@scenario_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the XLSX")
@lang_option
def template(scenario_path: Path, out: Path, lang: Lang) -> None:
    """Write the template; a file that exists, which may be filled in, is left alone."""
    with refusals(lang):
        see_to(out, ".xlsx")
        content = premises_rows.template(reading.load(scenario_path), lang)
        exports.write_bytes(out, content)
    click.echo(say("premises.cli.written", lang, file=out))


@group.command(help="Fetch hospitals, clinics and health stations from OpenStreetMap into a layer to check.")
@scenario_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the .geojson to write"
)
@lang_option
def download(scenario_path: Path, out: Path, lang: Lang) -> None:
    """Ask OpenStreetMap, on this request alone."""
    with refusals(lang):
        see_to(out, ".geojson", ".json")
        place = reading.load(scenario_path).place
        if place.province is None:
            raise DataError(Problem("premises.no_province", str(scenario_path.name)))
        source = downloads.source_of(health_places.SOURCE)
        click.echo(say("premises.cli.asking", lang, host=downloads.host(source.id)), err=True)
        found = health_places.fetch(place.province, place.vintage)
        exports.write_text(out, found.to_json(drop_id=True, ensure_ascii=False, na="drop"))
    values = {"licence": source.licence, "attribution": source.attribution}
    click.echo(say("premises.cli.fetched", lang, places=len(found), file=out, **values))


def _read(
    scenario: Scenario,
    file: Path,
    lang: Lang,
    *,
    layer: str | None,
    columns: tuple[str, ...],
    types: tuple[str, ...],
) -> premises_rows.Change:
    """What the file changes; tells what was understood."""
    meant = _pairs(types, "premises.bad_meaning", ", ".join(premises_words.types(scenario)))
    wanted = _pairs(columns, "premises.bad_column", ", ".join(premises_words.roles(scenario)))
    place = scenario.place
    grid, found = premises_table.find(premises_files.read(file.name, content_of(file), layer=layer), scenario)
    found = premises_table.chosen(found, wanted, scenario, file.name)
    outlines = boundaries.outlines(place.province, place.vintage) if place.province else None
    understood = premises_table.read(
        grid, found, scenario, communes=premises_table.listed(scenario), types=meant,
        polygons=outlines.frame if outlines else None, approximate=outlines.approximate if outlines else True,
    )  # fmt: skip
    change = premises_rows.change(scenario, understood.rows)
    values = {"new": len(change.new), "altered": len(change.altered), "untouched": len(change.untouched)}
    click.echo(say("premises.cli.read", lang, file=tidy(file.name), rows=len(understood.rows), **values))
    for role, n in understood.columns.of.items():
        heading = f'{letter(n)} "{understood.columns.headings[n]}"'
        role_name = premises_words.heading_of(role, scenario).say(lang)
        click.echo(say("premises.cli.column", lang, column=heading, role=role_name))
    for where, note in understood.notes:
        click.echo(say("premises.cli.note", lang, where=where, note=note))
    return change


def _pairs(given: tuple[str, ...], code: str, known: str) -> dict[str, str]:
    parted = [text.rpartition("=") if code.endswith("meaning") else text.partition("=") for text in given]
    bad = [Problem(code, "--", {"given": tidy(text), "known": known})
           for text, (left, sign, right) in zip(given, parted, strict=True)
           if not (left and sign and (right or code.endswith("meaning")))]  # fmt: skip
    if bad:
        raise DataError(bad)
    return {tidy(left): tidy(right) for left, _, right in parted}
