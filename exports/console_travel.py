"""What the commands about travel print: a graph or a table held against a scenario, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.roads.graph import RoadGraph
from planner.road_check import Check, fallen_back
from text import Lang, number, say


def lines(check: Check, lang: Lang) -> list[str]:
    """What a graph or table holds, whom it reaches, and how it compares with the straight line."""
    told = list(_graph(check.graph, lang)) if check.graph is not None else []
    if check.metres:
        metres = np.array(check.metres)
        values = {"middle": number(float(np.median(metres)), lang), "most": number(metres.max(), lang)}
        told.append(say("travel.check.snapped", lang, **values))
    told += [note.say(lang) for note in check.travelling.facts.notes]
    pairs = check.travelling.facts.pairs
    ways = ", ".join(f"{say(f'travel.way.{way}', lang)}: {number(n, lang)}" for way, n in pairs.items())
    told.append(say("travel.check.pairs", lang, n=number(sum(pairs.values()), lang), ways=ways))
    whole = {(r.commune, r.premises_name) for r in fallen_back(check).itertuples()}
    told.append(say("travel.check.fallen_back", lang, n=number(len(whole), lang)))
    return [*told, *_compared(check, lang)]


def _graph(graph: RoadGraph, lang: Lang) -> Iterator[str]:
    ends = np.sort(np.stack([graph.tail, graph.head]), axis=0)
    _, once = np.unique(ends, axis=1, return_index=True)  # a two-way road has two edges and one length
    km = graph.metres[once].sum() / 1000
    ferry = graph.metres[once][graph.ferry[once]].sum() / 1000
    yield say(
        "travel.check.graph", lang, nodes=number(len(graph.lon), lang), edges=number(len(graph.tail), lang),
        km=number(km, lang), mode=say(f"travel.mode.{graph.mode}", lang),
    )  # fmt: skip
    if ferry:
        yield say("travel.check.ferry", lang, km=number(ferry, lang, 1))
    largest = float((graph.component == 0).mean())
    islands = number(int(graph.component.max()), lang)
    yield say("travel.check.parts", lang, share=number(100 * largest, lang, 1), islands=islands)
    west, south, east, north = (number(value, lang, 3) for value in graph.extent)
    yield say("travel.check.extent", lang, west=west, south=south, east=east, north=north)
    if graph.attribution or graph.retrieved:
        said = ", ".join(filter(None, (graph.attribution, graph.retrieved)))
        yield say("travel.check.credit", lang, attribution=said)


def _compared(check: Check, lang: Lang) -> Iterator[str]:
    if check.ratio is None:
        yield say("travel.check.nothing_to_compare", lang)
        return
    low, middle, high = (number(value, lang, 2) for value in check.ratio)
    pairs = number(check.compared, lang)
    yield say("travel.check.ratio", lang, low=low, middle=middle, high=high, pairs=pairs)
    way, fits = check.scenario.travel, check.calibration
    assert way.detour_factor is not None
    assert way.speed_kmh is not None
    if fits is not None:
        yield say(
            "travel.check.calibration", lang, pairs=number(fits.pairs, lang),
            detour=number(fits.detour_factor, lang, 2), speed=number(fits.speed_kmh, lang, 1),
            own_detour=number(way.detour_factor.value, lang, 2),
            own_speed=number(way.speed_kmh.value, lang, 1),
            low=number(fits.minutes_middle[0], lang, 2), high=number(fits.minutes_middle[1], lang, 2),
        )  # fmt: skip
