"""``cli.py new``: a scenario file to start from, for any province."""

from __future__ import annotations

from pathlib import Path

import click

import exports
from commands.common import SCENARIO, lang_option, province_code, refusals, see_to
from geo import units
from geo.units import Vintage
from planner.draft import draft
from scenarios.reading import load
from text import Lang, say


@click.command(help="Write a new scenario for a province, its communes and groups filled in.")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--province", required=True, help="name or code of the province")
@click.option(
    "--vintage",
    type=click.Choice(["2025-01", "2025-07"]),
    default="2025-07",
    show_default=True,
    help="list of communes: with districts, or as it is since July 2025",
)
@click.option("--from", "first_year", type=click.IntRange(1990, 2100), required=True, help="first year")
@click.option("--years", type=click.IntRange(1, 20), default=3, show_default=True, help="number of years")
@click.option(
    "--each-year", type=click.IntRange(1), default=2, show_default=True, help="points a year, at most"
)
@click.option("--total", type=click.IntRange(1), help="registered persons in all")
@lang_option
def new(
    *,
    out: Path,
    province: str,
    vintage: Vintage,
    first_year: int,
    years: int,
    each_year: int,
    total: int | None,
    lang: Lang,
) -> None:
    """Write the draft; a file that exists is left alone."""
    with refusals(lang):
        see_to(out, *SCENARIO)
        text = draft(
            province_code(province, vintage),
            vintage,
            first_year=first_year,
            years=years,
            each_year=each_year,
            total=total,
        )
        exports.write_text(out, text)
        written = load(out)
    place, groups = written.place, written.registered_persons.by_group
    count = len(units.communes(str(place.province), vintage))
    click.echo(say("cli.new.written", lang, path=out, communes=count, groups=len(groups)))
