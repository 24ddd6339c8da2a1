"""Travel times: look at a graph of roads or a table of minutes, take it into a scenario, download roads."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
import shapely

import exports
from commands.common import lang_option, refusals, scenario_option, see_to, together
from errors import DataError, Problem
from exports import console_travel
from geo import downloads
from geo.roads import areas, fetch, files, kept
from planner import by_road, road_check, travel_kept
from planner.road_check import Check
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, both, number, say, tidy

_figures = together(
    click.option("--wet-season-factor", type=float, help="what is left of the speed on unpaved roads"),
    click.option("--snap-metres", type=float, help="farther from a road than this: by the straight line"),
    click.option("--walking-kmh", type=float, help="speed from a place to the road"),
)  # fmt: skip
"""The figures of the block `roads`, where the scenario has none or others are meant."""


_file_options = together(
    click.argument("file", type=click.Path(path_type=Path)),
    scenario_option,
    _figures,
    click.option("--missing", type=click.Choice(["refuse", "straight_line"]), default="refuse",
                 show_default=True, help="what becomes of pairs that a table lacks"),
    click.option("--source", default="user", show_default=True, help="where a table comes from"),
    lang_option,
)  # fmt: skip
"""A graph of roads or a table of minutes, the scenario, and what the file cannot tell."""


@click.group("travel", help="Travel times: check or import roads or a table, download roads, draw areas.")
def group() -> None:
    """Put the commands together."""


@group.command(help="Say what a graph or a table holds, whom it reaches, how it compares; keeps nothing.")
@_file_options
def check(file: Path, scenario_path: Path, lang: Lang, **given: Any) -> None:
    """Read without writing anything."""
    with refusals(lang):
        found = _looked_at(reading.load(scenario_path), file, **given)
    click.echo("\n".join(console_travel.lines(found, lang)))


@group.command("import", help="Keep a graph or a table and write a scenario that goes by it.")
@_file_options
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the new scenario file"
)
def import_(file: Path, scenario_path: Path, out: Path, lang: Lang, **given: Any) -> None:
    """Check, keep, write."""
    with refusals(lang):
        see_to(out, ".yaml", ".yml")
        scenario = reading.load(scenario_path)
        found = _looked_at(scenario, file, **given)
        click.echo("\n".join(console_travel.lines(found, lang)))
        name, patch = travel_kept.taken(scenario, file, **_beside(given))
        said = both("travel.import.note", file=name)._asdict()
        new = reading.changed(scenario, patch | {"changes": [*scenario.data.get("changes", ()), said]})
        exports.write_text(out, reading.written(new))
    click.echo(say("travel.import.written", lang, path=out, file=name))


@group.command(help="Download the roads of the scenario's province from OpenStreetMap (ODbL) and keep them.")
@scenario_option
@lang_option
def download(scenario_path: Path, lang: Lang) -> None:
    """Fetch, with the host named before anything is asked of it."""
    with refusals(lang):
        place = reading.load(scenario_path).place
        if place.province is None:
            raise DataError(Problem("travel.no_province", scenario_path.name))
        click.echo(say("travel.download.asks", lang, host=downloads.host("osm")), err=True)

        def progress(done: int, of: int) -> None:
            click.echo(say("travel.download.progress", lang, done=done, of=of), err=True)

        began = time.perf_counter()
        path = fetch.fetch(place.province, place.vintage, progress=progress)
    seconds = number(time.perf_counter() - began, lang)
    click.echo(say("travel.download.kept", lang, path=path, seconds=seconds))


@group.command("list", help="Which roads and tables are kept, and where.")
@lang_option
def list_(lang: Lang) -> None:
    """One line a file."""
    shown = []
    for path in (p for place in fetch.folders() for p in sorted(place.glob(f"*{files.KEPT}"))):
        try:
            roads = files.roads(path)
        except DataError as why:
            shown.append(why.say(lang))
            continue
        said = ", ".join(filter(None, (roads.attribution, roads.retrieved)))
        km = number(roads.metres.sum() / 1000, lang)
        shown.append(say("travel.list.roads", lang, file=path.name, km=km, credit=said or "–"))
    shown += [
        say("travel.list.table", lang, file=path.name, kilobytes=number(path.stat().st_size / 1000, lang))
        for path in kept.tables()
    ]
    click.echo("\n".join(shown) if shown else say("travel.list.nothing", lang))


@group.command(help="Draw the land from which premises are reached in some minutes; writes a GeoJSON.")
@scenario_option
@click.option("--premises", "premises_id", required=True, help="id of the premises, such as tyt-31117")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True, max=1440), required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the .geojson")
@_figures
@lang_option
def area(
    scenario_path: Path, premises_id: str, minutes: float, out: Path, lang: Lang, **figures: float | None
) -> None:
    """By the roads that the scenario goes by; there is none without them."""
    with refusals(lang):
        see_to(out, ".geojson", ".json")
        asked = reading.load(scenario_path)
        file = asked.travel.roads.file if asked.travel.roads else None
        scenario = road_check.with_roads(asked, file, figures)
        hosts = road_check.places(scenario).premises
        site = hosts[hosts["premises"] == premises_id]
        if site.empty:
            raise DataError(Problem("travel.no_premises", "--premises", {"given": tidy(premises_id)}))
        path = by_road.kept_graph(scenario)
        if path is None:
            raise DataError(Problem("travel.no_roads", scenario_path.name))
        graph = by_road.open_graph(scenario, path)
        name = str(site["premises_name"].iloc[0])
        shape = areas.service_area(graph, by_road.snapped(scenario, graph, site, [name]), minutes=minutes)
        properties = {
            "premises": premises_id, "name": name, "minutes": minutes, "mode": graph.mode,
            "source": graph.source, "attribution": graph.attribution, "retrieved": graph.retrieved,
        }  # fmt: skip
        feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
        content = {"type": "FeatureCollection", "features": [feature]}
        exports.write_text(out, json.dumps(content, ensure_ascii=False) + "\n")
    click.echo(say("travel.area.written", lang, path=out, name=name, minutes=f"{minutes:g}"))


# --- files ---------------------------------------------------------------------------------------


def _looked_at(scenario: Scenario, file: Path, **given: Any) -> Check:
    if not file.exists():
        raise DataError(Problem("cli.no_file", str(file)))
    return travel_kept.looked_at(scenario, file, **_beside(given))


def _beside(given: dict[str, Any]) -> dict[str, Any]:
    """What the file cannot tell."""
    figures = {name: given[name] for name in road_check.FIGURES}
    return {"figures": figures, "missing": given["missing"], "source": given["source"]}
