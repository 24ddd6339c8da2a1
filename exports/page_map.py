"""What the page's map shows: the places once, and each stage of each service as static/map/map.js takes it.

Everything comes from `Contents`: in the shared edition no number of persons of a commune is in it but the
band that its table has too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np

from exports import shown as seen
from exports.contents import Contents
from geo import maps, nation_map
from tables import records
from text import say

UNTOLD = "#f1e6cf"
"""Colour of communes that nothing is said about; none of the bands'."""


def places(contents: Contents) -> maps.Places:
    """The geometry."""
    labels = (
        [(say(a.label, contents.lang), *a.at) for a in nation_map.ARCHIPELAGOS] if contents.nation else []
    )
    communes = contents.tables["communes"]
    assert isinstance(communes, gpd.GeoDataFrame)
    return maps.places(communes, labels=labels)


def times(contents: Contents) -> list[str | None]:
    """What the slider stands at: before the plan (None) where that is known, then each stage."""
    return [*([None] if "before" in contents.tables else []), *seen.stages(contents)]


def shown(contents: Contents, *, stage: str | None, service: str) -> dict[str, Any]:
    """One stage of one service for ``loTrinh.show`` (see ``geo.maps.stage_data``)."""
    one = seen.stage_of(contents, stage=stage, service=service)
    rows = records(seen.access(contents, stage, service).reset_index())
    kinds = list(dict.fromkeys(site.kind for site in one.sites))
    number = {site.facility: n for n, site in enumerate(one.sites)}
    estimated = contents.tables["communes"]["persons_estimated"]
    untold = seen.NOT_TOLD in one.tones
    colours, labels = list(maps.BAND_COLOURS), list(one.bands)
    if untold:
        colours.append(UNTOLD)
        labels.append(say("figures.untold", contents.lang))
    tones = [tone if tone != seen.NOT_TOLD else len(one.bands) for tone in one.tones]
    counts = _caseloads(contents, stage)
    return {
        "bands": "".join(map(str, tones)),
        "estimated": "".join("1" if e else "0" for e in estimated),
        "figures": list(map(list, _figures(contents, rows, number))),
        "sites": [_site(contents, site, kinds, counts) for site in one.sites],
        "links": [],
        "kinds": [_kind(contents, kind) for kind in kinds],
        "colours": colours,
        "labels": labels,
        "words": _words(contents, one, stage),
    }


def _kind(contents: Contents, kind: str) -> list[str]:
    sign = contents.signs[kind]
    return [sign.label, sign.colour, maps.SYMBOLS[sign.symbol]]


def _figures(
    contents: Contents, rows: Sequence[Mapping[str, Any]], number: Mapping[str, int]
) -> list[list[object]]:  # fmt: skip
    """Of each commune: in need, served, without a place, out of reach, minutes, the nearest site's position.

    The shared edition tells the band of those registered and the minutes.
    """
    if contents.edition == "internal":
        names = ("demand", "served", "no_capacity", "out_of_reach")
        persons = [[_whole(row[name]) for name in names] for row in rows]
    else:
        bands = contents.tables["communes"]["persons"]
        persons = [[band, None, None, None] for band in bands]
    nearest = [-1 if contents.nation else number.get(row["nearest"], -1) for row in rows]
    return [
        [*figures, _whole(row["minutes"]), site]
        for figures, row, site in zip(persons, rows, nearest, strict=True)
    ]


def _whole(value: float) -> int | None:
    return round(value) if np.isfinite(value) else None


def _caseloads(contents: Contents, stage: str | None) -> Mapping[str, object]:
    """Persons that each facility serves in the stage, as far as the edition tells them."""
    tables = contents.tables
    if "allocation" in tables:
        went = tables["allocation"]
        there = went[went["stage"] == (stage or "")].groupby("facility")["persons"].sum()
        return {str(facility): round(persons) for facility, persons in there.items()}
    if stage == seen.stages(contents)[-1]:
        frame = tables["facilities"]
        return dict(zip(frame["facility"], frame["caseload"], strict=True))
    return {}


def _site(
    contents: Contents, site: seen.Site, kinds: list[str], counts: Mapping[str, object]
) -> list[object]:  # fmt: skip
    """As ``geo.maps`` has it: a site's row, with its number of points where it stands for several."""
    premises = sorted({*contents.tables["facilities"]["premises"]})
    opened = contents.stage(site.opened_stage) if site.opened_stage else ""
    caseload = counts.get(site.facility)
    row: list[object] = [
        round(site.lat, 5), round(site.lon, 5), kinds.index(site.kind), site.state,
        premises.index(site.premises), site.name, "" if contents.nation else site.commune,
        "" if contents.nation else site.group_name, opened, caseload if caseload != "" else None,
        int(site.assumed),
    ]  # fmt: skip
    return row if site.number is None else [*row, site.number]


def _words(contents: Contents, one: seen.Stage, stage: str | None) -> dict[str, str]:
    lang = contents.lang
    approximate = bool(contents.tables["communes"]["boundary_approximate"].any())
    words = maps.words(
        lang, stage=contents.stage(stage) if stage else "", full=False, approximate=approximate,
        estimated=False, credit="" if approximate else contents.credit,
    )  # fmt: skip
    words |= {
        "shade": one.shade,
        "legend_existing": say("figures.legend_existing", lang),
        "legend_new": say("figures.legend_new", lang),
        "legend_now": say("figures.legend_now", lang),
        "note": " · ".join([words["note"], *one.notes]),
    }
    if contents.nation:
        words |= {"home": say("nation.home", lang), "none_near": ""}
    if contents.edition == "shared":
        words["demand"] = say("page.registered", lang)
    return words
