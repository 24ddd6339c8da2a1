"""From tables to a folium map; the screen and an HTML file share it.

The places are drawn once and the stage is patched in: `places` is the geometry, to be loaded once;
`base_map` the empty map that draws it; `stage_layer` the few kilobytes of one stage, as a layer that
recolours the communes and draws sites and links on top.  ``static/map/map.js`` does the drawing.

A name can run code: branca compiles what it has rendered as a Jinja template again, and a browser executes
markup.  So nothing of the data goes into a template but through `encoded`, and map.js writes text as text.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from folium.elements import JSCSSMixin
from folium.template import Template
from numpy.typing import ArrayLike, NDArray

from geo import coarse, privacy
from scenarios.supply import Kind
from text import Lang, Text, inline, say

BAND_COLOURS = ("#fbfaf7", "#e5e1e6", "#c9c3cf", "#a8a0b4", "#857c97", "#615877")
"""One for each of `privacy.BANDS`, light to dark in one muted hue: told apart by lightness alone, and none
of them says "bad"."""

SYMBOLS: dict[str, str] = {
    "circle": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z",
    "square": "M-5.3 -5.3h10.6v10.6h-10.6z",
    "diamond": "M0 -7.2L7.2 0L0 7.2L-7.2 0z",
    "triangle": "M0 -7L6.6 5L-6.6 5z",
    "cross": "M-2.3 -6.5h4.6v4.2h4.2v4.6h-4.2v4.2h-4.6v-4.2h-4.2v-4.6h4.2z",
    "star": "M0 -7.5L2.2 -2.6L7.4 -2.2L3.4 1.2L4.7 6.5L0 3.6L-4.7 6.5L-3.4 1.2L-7.4 -2.2L-2.2 -2.6z",
}
"""Outline of each symbol, as an SVG path around (0, 0), about 13 pixels wide."""

DRAWING = Path(__file__).parent.parent / "static" / "map"
DEGREES = 1e-4
"""Grid of the coordinates that are drawn, about 11 m."""
MANY = 1_500
"""Communes above which the browser draws on a canvas."""
MOST_GROUP_NAMES = 40
"""Groups above which their names would cover the map."""
_T = TypeVar("_T")


# --- safety --------------------------------------------------------------------------------------

# Letters, digits and the few signs that names need; all else is written as \uXXXX.  The underscore is left
# out because streamlit-folium rewrites whatever looks like one of its own variables.
_UNSAFE = re.compile(r"[^\w .,;:()+=/–≤≥·-]|_")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def encoded(value: object) -> str:
    r"""`value` as JSON that no template engine, HTML parser or script takes for its own.

    In text only letters, digits and harmless signs stay; the rest, ``{ } % # < > &``, quotes, backtick and
    ``$`` among it, becomes ``\uXXXX``, so that it arrives as it was and does nothing on the way.

    >>> encoded({"xã": ["<b>", 1.5, None]})
    '{"xã":["\\u003cb\\u003e",1.5,null]}'
    """
    # Written as a whole, then each string in it anew: a national map holds half a million numbers.
    written = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return _STRING.sub(_harmless, written)


def _harmless(match: re.Match[str]) -> str:
    string = match[0]
    if _UNSAFE.search(string, 1, len(string) - 1) is None:  # most names: nothing in it is escaped either
        return string
    return '"' + _UNSAFE.sub(_escaped, json.loads(string)) + '"'


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(units[::2], units[1::2], strict=True))


# --- places --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """The geometry of a map, ready to be loaded by a browser.

    Attributes:
        codes: commune codes in the order of drawing; a stage colours them in this order.
        script: a JavaScript that keeps the geometry for map.js: boundaries and names, never counts.
        digest: first 16 hex digits of the script's SHA-256.
    """

    codes: tuple[str, ...]
    script: str
    digest: str


def places(communes: gpd.GeoDataFrame, *, labels: Sequence[tuple[str, float, float]] = ()) -> Places:
    """Simplify and encode `communes`.

    Shared borders stay shared (`shapely.coverage_simplify`); the tolerance is half a pixel of a map that is
    1,200 pixels wide.

    Args:
        communes: commune_code, commune, group, group_name, lat, lon, and geometry in EPSG:4326.
        labels: names to write at positions (lat, lon) beside those of the groups.
    """
    west, south, east, north = communes.total_bounds
    tolerance = max(east - west, north - south) / 2400
    shapes = shapely.coverage_simplify(communes.geometry.to_numpy(), tolerance)
    of_group, groups = pd.factorize(communes["group"])
    outlines = np.array([shapely.coverage_union_all(shapes[of_group == n]) for n in range(len(groups))])
    names = communes.drop_duplicates("group")["group_name"]
    inside = shapely.get_point(shapely.maximum_inscribed_circle(outlines, tolerance * 20), 0)
    lat, lon = shapely.get_y(inside), shapely.get_x(inside)
    drawn = (communes["commune"], of_group.tolist(), _degrees(communes["lat"]), _degrees(communes["lon"]))
    content = {
        "communes": list(zip(*drawn, all_rings(shapes), strict=True)),
        "groups": list(zip(names, _degrees(lat), _degrees(lon), all_rings(outlines), strict=True)),
        "labels": [[text, *_degrees(at)] for text, *at in labels],
        "named": len(groups) <= MOST_GROUP_NAMES,
        "grid": DEGREES,
    }
    script = f"window.loTrinhPlaces = {encoded(content)};\n"
    return Places(
        codes=tuple(communes["commune_code"]),
        script=script,
        digest=hashlib.sha256(script.encode()).hexdigest()[:16],
    )


def _degrees(values: ArrayLike) -> list[int]:
    return [int(x) for x in np.rint(np.asarray(values, dtype=float) / DEGREES).tolist()]


def rings(shape: shapely.Geometry) -> list[list[int]]:
    """Rings on the grid, each flat: lat, lon of the first vertex, then steps.

    Holes become rings like any other, which is what the even-odd rule of drawing asks for.
    """
    return all_rings([shape])[0]


def all_rings(shapes: Sequence[shapely.Geometry] | NDArray[np.object_]) -> list[list[list[int]]]:
    """`rings` of each shape, the vertices of all of them in one array: ten thousand one by one take long."""
    parts, of_part = shapely.get_parts(shapes, return_index=True)
    found, of_ring = shapely.get_rings(parts, return_index=True)
    degrees, ring = shapely.get_coordinates(found, return_index=True)
    begins, ends = np.diff(ring, prepend=-1) != 0, np.diff(ring, append=-1) != 0
    grid = np.rint(degrees[:, ::-1] / DEGREES).astype(int)
    steps = np.where(begins[:, None], grid, np.diff(grid, axis=0, prepend=grid[:1]))
    moves = (steps != 0).any(axis=1) & ~ends  # a ring's last vertex is its first
    written = _cut(steps[moves].ravel().tolist(), 2 * np.bincount(ring[moves], minlength=len(found)))
    return _cut(written, np.bincount(of_part[of_ring], minlength=len(shapes)))


def _cut(values: list[_T], lengths: NDArray[np.int_]) -> list[list[_T]]:
    """`values` cut into pieces of these lengths."""
    ends = np.cumsum(lengths).tolist()
    return [values[begin:end] for begin, end in itertools.pairwise([0, *ends])]


# --- the map -------------------------------------------------------------------------------------


class _Drawn(JSCSSMixin):
    """Draws the places on the map it is added to."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this.script }}"
        "loTrinh.draw({{ this._parent.get_name() }}, '{{ this.digest }}');{% endmacro %}"
    )

    def __init__(
        self, digest: str, script: str, js: Sequence[tuple[str, str]], css: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self.digest, self.script = "Drawn", digest, script
        self.default_js, self.default_css = list(js), list(css)


def base_map(
    drawn: Places, *, static: str, places_url: str | None = None, working: bool = False
) -> folium.Map:
    """The map without a stage.

    Args:
        drawn: what to draw.
        static: address of the folder ``static`` as seen from the page that holds the map.
        places_url: address of `drawn.script`; None writes it into the map.
        working: stages carry what ``geo.workplace`` tells.
    """
    canvas = folium.Map(
        tiles=None, zoom_control=False, prefer_canvas=len(drawn.codes) > MANY, zoom_snap=0.1, zoom_delta=0.5,
        attribution_control=False, fade_animation=False, font_size="12px",
    )  # fmt: skip
    canvas.default_js = [("leaflet", f"{static}/vendor/leaflet/leaflet.js")]
    canvas.default_css = [("leaflet_css", f"{static}/vendor/leaflet/leaflet.css")]
    js = [("lo_trinh_map", f"{static}/map/map.js?{_version()}")]
    js += [("lo_trinh_work", f"{static}/map/work.js?{_version()}")] if working else []
    js += [("lo_trinh_places", places_url)] if places_url else []
    css = [("lo_trinh_map_css", f"{static}/map/map.css?{_version()}")]
    canvas.add_child(_Drawn(drawn.digest, "" if places_url else drawn.script, js, css))
    return canvas


@cache
def _version() -> str:
    """Changes with the drawing scripts, lest a browser keep those of last year's program."""
    content = b"".join((DRAWING / name).read_bytes() for name in ("map.js", "work.js", "map.css"))
    return hashlib.sha256(content).hexdigest()[:8]


class _Shown(folium.MacroElement):
    """Puts a stage on the map; what it adds lives in the feature group it is added to."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "loTrinh.show({{ this._parent.get_name() }}, {{ this.stage }});{% endmacro %}"
    )

    def __init__(self, stage: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self.stage = "Shown", stage


def stage_layer(stage: Mapping[str, object]) -> folium.FeatureGroup:
    """One stage (see `stage_data`) as a layer for a map or streamlit-folium's ``feature_group_to_add``."""
    layer = folium.FeatureGroup(control=False)
    layer.add_child(_Shown(encoded(stage)))
    return layer


# --- a stage -------------------------------------------------------------------------------------


def band_digits(persons: pd.Series) -> str:
    """The band of each number of persons (`privacy.BANDS`), a digit each."""
    least = [first for first, _ in privacy.BANDS[1:]]
    return "".join(map(str, np.searchsorted(least, coarse.to_whole(persons.to_numpy(float)), side="right")))


def stage_data(
    *,
    codes: Sequence[str],
    communes: pd.DataFrame,
    facilities: pd.DataFrame,
    access: pd.DataFrame,
    allocation: pd.DataFrame,
    kinds: Mapping[str, Kind],
    stages: Mapping[str, str],
    stage: str,
    service: str,
    lang: Lang,
    links: bool,
    approximate: bool,
    credit: str = "",
) -> dict[str, Any]:
    """What map.js needs to show `stage`: bands, hover figures, sites, links, words.

    Args:
        codes: communes in the order of `Places.codes`.
        communes, facilities, access, allocation: tables of a plan (``tables.TABLES``).
        kinds: the scenario's kinds of facility.
        stages: label of each stage by its id, in order.
        stage: id of the stage.
        service: whose access is shown.
        links: whether to draw who goes where.
        approximate: the boundaries were drawn by the program.
        credit: whom to name where they were not.
    """
    order = list(stages)
    mine = access[(access["stage"] == stage) & (access["service"] == service)]
    mine = mine.set_index("commune_code").reindex(list(codes))
    people = communes.set_index("commune_code").loc[list(codes)]
    opened = facilities["opened_stage"].map({s: n for n, s in enumerate(order)})
    there = facilities[facilities["existing"] | (opened <= order.index(stage))].reset_index(drop=True)
    number = {facility: n for n, facility in enumerate(there["facility"])}
    went = allocation[(allocation["stage"] == stage) & allocation["facility"].isin(number)]
    caseload = went.groupby("facility")["persons"].sum()
    full = bool((access.loc[access["service"] == service, "no_capacity"] > 0).any())
    estimated = bool(people["persons_estimated"].any())
    kind_ids = list(dict.fromkeys(there["kind"]))
    return {
        "bands": band_digits(mine["out_of_reach"].fillna(0) + mine["no_capacity"].fillna(0)),
        "estimated": "".join("1" if e else "0" for e in people["persons_estimated"]),
        "figures": [
            list(row)
            for row in zip(
                *(_counts(mine[name]) for name in FIGURES),
                [number.get(facility, -1) for facility in mine["facility"]],
                strict=True,
            )
        ],
        "sites": list(_sites(there, kind_ids, stages, stage, caseload)),
        "links": _links(went, codes, number) if links else [],
        "kinds": [
            [kinds[k].label.text.say(lang), kinds[k].colour, SYMBOLS[kinds[k].symbol]] for k in kind_ids
        ],
        "colours": list(BAND_COLOURS),
        "labels": [name for _, name in privacy.BANDS],
        "words": words(
            lang, stage=stages[stage], full=full, approximate=approximate, estimated=estimated, credit=credit
        ),
    }


FIGURES = ("demand", "served", "no_capacity", "out_of_reach", "minutes")
"""What is told of a commune, in this order; then comes the position of its nearest site, -1 for none."""


def _sites(
    there: pd.DataFrame, kind_ids: list[str], stages: Mapping[str, str], stage: str, caseload: pd.Series
) -> Iterator[list[object]]:
    """A row a site; its state is 0 existing, 1 opened in an earlier stage, 2 opened in this one."""
    premises = {p: n for n, p in enumerate(dict.fromkeys(there["premises"]))}
    for row in there.to_dict("records"):
        yield [
            round(row["lat"], 5),
            round(row["lon"], 5),
            kind_ids.index(row["kind"]),
            0 if row["existing"] else 1 + int(row["opened_stage"] == stage),
            premises[row["premises"]],
            row["premises_name"],
            row["commune"],
            row["group_name"],
            stages.get(row["opened_stage"], ""),
            _count(caseload.get(row["facility"], math.nan)),
            int(row["assumed"]),
        ]


def _links(went: pd.DataFrame, codes: Sequence[str], number: Mapping[str, int]) -> list[list[int]]:
    at = {code: n for n, code in enumerate(codes)}
    pairs = zip(went["commune_code"], went["facility"], strict=True)
    return [[at[commune], number[facility]] for commune, facility in pairs]


def _counts(values: pd.Series) -> list[int | None]:
    """Each value as a whole number, half to even; None for NaN."""
    whole = np.rint(values.to_numpy(dtype=float))
    return [None if math.isnan(x) else int(x) for x in whole.tolist()]


def _count(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


WORDS = (
    "demand", "served", "no_capacity", "out_of_reach", "nearest", "minutes", "none_near", "estimated",
    "existing", "opened", "caseload", "assumed", "legend_new", "legend_existing", "legend_now", "home",
    "zoom_in", "zoom_out", "legend",
)  # fmt: skip


def words(
    lang: Lang, *, stage: str, full: bool, approximate: bool, estimated: bool, credit: str = ""
) -> dict[str, str]:
    """The words of the map in `lang`; `full`: persons stay unserved for want of places, too; `credit`: of the
    boundaries.
    """
    said = inline(Text(stage, stage)).say(lang)
    spoken = {key: say(f"map.{key}", lang, stage=said) for key in WORDS}
    notes = [say(f"map.{key}_note", lang) for key, on in
             (("approximate", approximate), ("estimated", estimated)) if on]  # fmt: skip
    spoken["note"] = " · ".join([*([credit] if credit else []), *notes])
    spoken["shade"] = say("map.shade_unserved" if full else "map.shade_out_of_reach", lang)
    spoken["thousands"] = "." if lang == "vi" else ","
    return spoken
