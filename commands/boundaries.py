"""Boundaries: check a file, keep it, download others, see what is kept, forget it."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path
from typing import get_args

import click

from commands.common import BAD_INPUT, content_of, lang_option, province_code, refusals, together
from errors import DataError
from geo import boundaries, downloads
from geo.intake import outlines
from geo.intake.outline_words import lines
from geo.units import Vintage
from text import Lang, Text, number, say, tidy

province_option = click.option(
    "--province", required=True, help="name of the province, or its code, such as 92"
)
vintage_option = click.option(
    "--vintage", type=click.Choice(get_args(Vintage)), required=True,
    help="2025-01: early 2025, with districts; 2025-07: since 1 July 2025",
)  # fmt: skip


_file_options = together(
    click.argument("file", type=click.Path(path_type=Path)),
    province_option,
    vintage_option,
    click.option("--layer", help="which layer, where there are several"),
    click.option("--code", help="column of the communes' codes"),
    click.option("--name", help="column of the communes' names"),
    click.option("--district", help="column of the districts' names or codes"),
    click.option("--crs", help="coordinate system, where the file states none, such as EPSG:9210"),
    lang_option,
)  # fmt: skip
"""A file of shapes and what it may not tell by itself."""


@click.group("boundaries", help="Boundaries of communes: check, import, download, list, forget.")
def group() -> None:
    """Put the commands together."""


@group.command(help="Say what a file of shapes holds and what is wrong with it; nothing is kept.")
@_file_options
def check(file: Path, province: str, vintage: Vintage, lang: Lang, **choices: str | None) -> None:
    """Read, join and mend without keeping."""
    began = time.perf_counter()
    with refusals(lang):
        province = province_code(province, vintage)
        frame, report = outlines.read(
            file.name,
            content_of(file),
            province=province,
            vintage=vintage,
            choices=outlines.Choices(**choices),
        )
    click.echo("\n".join(lines(report, lang)))
    seconds = number(time.perf_counter() - began, lang, 1)
    click.echo(say("boundaries.usable", lang, communes=len(frame), seconds=seconds))


@group.command("import", help="Check a file of shapes and keep it; maps and files use it from now on.")
@_file_options
@click.option("--title", help="what to call it wherever it is shown; the file's name if not given")
@click.option("--licence", default="", help="licence, to be shown with it")
@click.option("--attribution", default="", help="whom to name, to be shown with it")
def import_(
    *,
    file: Path,
    province: str,
    vintage: Vintage,
    lang: Lang,
    title: str | None,
    licence: str,
    attribution: str,
    **choices: str | None,
) -> None:
    """Keep the office's own boundaries."""
    with refusals(lang):
        province = province_code(province, vintage)
        content = content_of(file)
        frame, report = outlines.read(
            file.name, content, province=province, vintage=vintage, choices=outlines.Choices(**choices)
        )
        found = boundaries.Outlines(
            frame=frame, origin="own", title=tidy(title or file.name), licence=tidy(licence),
            attribution=tidy(attribution), retrieved=boundaries.today(),
            checksum=hashlib.sha256(content).hexdigest(), crs=report.crs,
            report=tuple(map(Text, lines(report, "vi"), lines(report, "en"))),
        )  # fmt: skip
        path = boundaries.keep(found, province, vintage)
    click.echo("\n".join(lines(report, lang)))
    click.echo(say("boundaries.kept", lang, path=path))


@group.command(help="Download boundaries from OpenStreetMap or an open source, check and keep them.")
@province_option
@vintage_option
@click.option("--from", "source", required=True, help="osm, or the name of a source that list shows")
@lang_option
def download(province: str, vintage: Vintage, source: str, lang: Lang) -> None:
    """Fetch, on this request alone."""
    with refusals(lang):
        province = province_code(province, vintage)
        click.echo(say("boundaries.downloading", lang, host=downloads.host(source)), err=True)
        found = downloads.fetch(source, province, vintage)
        path = boundaries.keep(found, province, vintage)
    click.echo("\n".join(line.say(lang) for line in found.report))
    click.echo(say("boundaries.kept", lang, path=path))
    click.echo(found.credit.say(lang))
    if any(k.origin == "own" and (k.province, k.vintage) == (province, vintage) for k in boundaries.kept()):
        click.echo(say("boundaries.already", lang))


@group.command("list", help="What is kept, and what can be downloaded.")
@lang_option
def list_(lang: Lang) -> None:
    """Kept boundaries with their credits, then the table of sources."""
    entries = list(boundaries.kept())
    for entry in entries:
        values: dict[str, object] = {
            "province": entry.province, "vintage": entry.vintage,
            "origin": say(f"boundaries.origin.{entry.origin}", lang),
        }  # fmt: skip
        if entry.about is None:
            click.echo(say("boundaries.entry_damaged", lang, path=entry.path, **values))
            continue
        about = entry.about
        click.echo(
            say("boundaries.entry", lang, credit=about.credit, retrieved=about.retrieved,
                checksum=about.checksum[:12], **values)
        )  # fmt: skip
    if not entries:
        click.echo(say("boundaries.none", lang))
    click.echo(say("boundaries.sources", lang))
    for source in downloads.sources().values():
        click.echo(
            say("boundaries.source", lang, id=source.id, vintages=", ".join(source.vintages),
                title=source.title, licence=source.licence, attribution=source.attribution, note=source.note)
        )  # fmt: skip
    click.echo(say("boundaries.not_offered", lang))
    for other in downloads.not_offered():
        click.echo(
            say("boundaries.not_offered_entry", lang, title=other.title, licence=other.licence,
                reason=other.reason)
        )  # fmt: skip


@group.command(help="Remove the kept boundaries of a province; maps show approximate ones again.")
@province_option
@click.option("--vintage", type=click.Choice(get_args(Vintage)), help="of this list only")
@lang_option
def forget(province: str, vintage: Vintage | None, lang: Lang) -> None:
    """Remove own and downloaded boundaries, never the user's file itself."""
    lists: tuple[Vintage, ...] = (vintage,) if vintage else get_args(Vintage)
    gone = [path for one in lists for path in boundaries.forget(_code(province, one), one)]
    for path in gone:
        click.echo(say("boundaries.forgotten", lang, path=path))
    if not gone:
        click.echo(say("boundaries.nothing_to_forget", lang, province=tidy(province)), err=True)
        sys.exit(BAD_INPUT)


def _code(province: str, vintage: Vintage) -> str:
    """The code of a province, or what was given where the list has none such: a name of another list."""
    try:
        return province_code(province, vintage)
    except DataError:
        return province
