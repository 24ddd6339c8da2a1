"""A map of one stage: the communes in bands, borders, sites with their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import PathPatch
from matplotlib.text import Text as Words
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from exports.contents import Sign
from exports.figures import labels
from exports.figures.land import Land
from exports.figures.paper import FAINT, INK, OUTLINES, PIXEL, SMALL, TINY, Sheet, wrapped
from exports.figures.stage import EXISTING, NOT_TOLD, NOW, Site, Stage
from geo.maps import BAND_COLOURS

Floats = NDArray[np.float64]

MARGIN = 0.35
"""Centimetres of paper around the province."""
STEP = 0.34
"""Centimetres between the centres of two symbols that would overlap."""
CLEAR = 0.19
"""Centimetres around a symbol's centre that no word may cover."""
NAME_WIDTH = 20
"""Characters in a line of a site's name."""
UNTOLD = {"facecolor": "#ffffff", "hatch": "/////", "edgecolor": "#b9b4bd"}
_HALO = [effects.withStroke(linewidth=1.8, foreground="white")]


class Drawn(NamedTuple):
    """What a map came to: the words on it, which of them cover something, and the names behind the numbers
    where there was no room for the names (premises in order of the numbers).
    """

    words: tuple[Words, ...]
    covering: tuple[Words, ...]
    numbered: tuple[Site, ...]


def height_of(land: Land, width: float) -> float:
    """How high the map of `land` is when it is `width` wide, centimetres."""
    west, south, east, north = land.box
    return (width - 2 * MARGIN) * (north - south) / (east - west) + 2 * MARGIN


def scale_of(land: Land, width: float, height: float) -> float:
    """Metres of a centimetre of a map of this size."""
    west, south, east, north = land.box
    return max((east - west) / (width - 2 * MARGIN), (north - south) / (height - 2 * MARGIN))


def draw(
    sheet: Sheet, axes: Axes, land: Land, stage: Stage, signs: dict[str, Sign], *, small: bool = False
) -> Drawn:
    """Draw `stage` on `axes` (in centimetres, see `Sheet.area`); `small` leaves the sites' names away."""
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    metres = scale_of(land, width, height)
    west, south, east, north = land.box
    centre = np.array([(west + east) / 2, (south + north) / 2])
    middle = np.array([width / 2, height / 2])

    def on_paper(xy: Floats) -> Floats:
        return (xy - centre) / metres + middle

    to_paper = Affine2D().translate(*-centre).scale(1 / metres).translate(*middle)
    _ground(axes, land, stage, to_paper)
    sites = sorted(stage.sites, key=lambda s: s.state)
    at = _at(sites, land)
    homes = on_paper(at) if sites else np.empty((0, 2))
    places = _places(sites, homes, small=small)
    for site, home, place in zip(sites, homes, places, strict=True):
        if np.hypot(*(place - home)) > STEP * 0.6:
            axes.plot(*np.stack([home, place]).T, color=INK, lw=0.5, zorder=4)
            axes.plot(*home, marker="o", ms=1.4, color=INK, zorder=4, mew=0)
        symbol(axes, place, signs[site.kind], site.state, number=site.number, small=small)
    return _write(sheet, axes, land, sites, places, on_paper, small=small)


def _ground(axes: Axes, land: Land, stage: Stage, to_paper: Affine2D) -> None:
    where = to_paper + axes.transData
    line = {"linewidths": 0.3, "edgecolors": "#b9b4bd"}
    tones = np.array(stage.tones)
    told = [n for n in range(len(tones)) if tones[n] != NOT_TOLD]
    shapes = [land.communes[n] for n in told]
    colours = [BAND_COLOURS[tones[n]] for n in told]
    axes.add_collection(
        PathCollection(shapes, facecolors=colours, transform=where, zorder=1, **line), autolim=False
    )
    for n in np.flatnonzero(tones == NOT_TOLD):
        axes.add_patch(PathPatch(land.communes[n], transform=where, lw=0.3, zorder=1, **UNTOLD))
    for outline in land.groups:
        axes.add_patch(PathPatch(outline, transform=where, fill=False, ec="#5f5a66", lw=0.9, zorder=2))


def _at(sites: Sequence[Site], land: Land) -> Floats:
    lonlat = np.array([(s.lon, s.lat) for s in sites]).reshape(-1, 2)
    return np.stack(land.to_plane.transform(lonlat[:, 0], lonlat[:, 1]), axis=1)


def _places(sites: Sequence[Site], homes: Floats, *, small: bool) -> Floats:
    """Where the symbols stand: those of one premises side by side, none over another."""
    if small and len(sites) > 60:
        return homes
    step = STEP * (0.62 if small else 1.0)
    starts, beside = homes.copy(), {s.premises: [t.premises for t in sites].count(s.premises) for s in sites}
    seen: dict[str, int] = {}
    for n, site in enumerate(sites):
        starts[n, 0] += (seen.get(site.premises, 0) - (beside[site.premises] - 1) / 2) * step
        seen[site.premises] = seen.get(site.premises, 0) + 1
    return labels.spread(starts, step=step)


def symbol(
    axes: Axes,
    at: Floats,
    sign: Sign,
    state: int,
    *,
    number: int | None = None,
    small: bool = False,
    zorder: float = 5,
) -> None:
    """A site's symbol: filled when new, hollow when existing, ringed when of this stage; a disc with their
    number where it stands for several points.
    """
    pixel = PIXEL * (0.62 if small else 1.0)
    if number is not None:
        _disc(axes, at, sign, state, number, small=small)
        return
    place = Affine2D().scale(pixel).translate(*at) + axes.transData
    outline = OUTLINES[sign.symbol]
    if state == NOW:
        ring = Affine2D().scale(pixel * 10.5).translate(*at) + axes.transData
        style = {"fc": "white", "ec": INK, "lw": 0.9 if not small else 0.6}
        axes.add_patch(PathPatch(_CIRCLE, transform=ring, zorder=zorder, **style))
    axes.add_patch(PathPatch(outline, transform=place, fc="white", ec="white", lw=2.2, zorder=zorder))
    fill = "white" if state == EXISTING else sign.colour
    width = 1.1 if not small else 0.8
    axes.add_patch(
        PathPatch(outline, transform=place, fc=fill, ec=sign.colour, lw=width, zorder=zorder + 0.1)
    )


def _disc(axes: Axes, at: Floats, sign: Sign, state: int, number: int, *, small: bool) -> None:
    radius = (0.115 if small else 0.17) * (1 + 0.12 * (number > 9))
    place = Affine2D().scale(radius).translate(*at) + axes.transData
    fill, ink = ("white", sign.colour) if state == EXISTING else (sign.colour, "white")
    edge = INK if state == NOW else sign.colour
    axes.add_patch(PathPatch(_CIRCLE, transform=place, fc=fill, ec=edge, lw=0.8, zorder=5))
    size = 3.4 if small else 5.2
    axes.text(*at, str(number), color=ink, size=size, weight="bold", ha="center", va="center_baseline",
              zorder=6)  # fmt: skip


_CIRCLE = OUTLINES["circle"].transformed(Affine2D().scale(1 / 6))


# --- words ---------------------------------------------------------------------------------------


def _write(
    sheet: Sheet, axes: Axes, land: Land, sites: Sequence[Site], places: Floats, on_paper, *, small: bool
) -> Drawn:
    """Names of the groups, and of the places where something opens in this stage: names, else numbers."""
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    room = CLEAR * (0.6 if small else 1.0)
    taken = np.concatenate([places - room, places + room], axis=1).reshape(-1, 4)
    groups = [_group_name(axes, name, small=small) for name, *_ in land.names]
    spots = [_near(on_paper(np.array(at)), sheet.extent(w), small=small) for (_, *at), w in
             zip(land.names, groups, strict=True)]  # fmt: skip
    new = [] if small or any(s.number is not None for s in sites) else _new(sites, places)
    for numbered in (False, True) if new else (False,):
        words = [_site_name(axes, n + 1 if numbered else site.name) for n, (site, _) in enumerate(new)]
        wanted = [*map(_label, groups, [sheet.extent(w) for w in groups], spots)]
        for text, (_, at) in zip(words, new, strict=True):
            size = _padded(sheet.extent(text))
            wanted.append(labels.Label(size, *labels.around(at, size, apart=0.24, most=1.6)))
        placed = labels.place(wanted, taken, width=width, height=height)
        covering = placed.covering[len(groups) :]
        if not covering.any() or numbered:
            break
        for text in words:
            text.remove()
    for text, centre in zip([*groups, *words], placed.centres, strict=True):
        text.set_position(tuple(centre))
    for text, (_, at), centre in zip(words, new, placed.centres[len(groups) :], strict=True):
        _lead(axes, at, centre, sheet.extent(text))
    covers = tuple(t for t, c in zip([*groups, *words], placed.covering, strict=True) if c)
    listed = tuple(site for site, _ in new) if new and numbered else ()
    return Drawn((*groups, *words), covers, listed)


def _label(text: Words, size: tuple[float, float], near: tuple[Floats, Floats]) -> labels.Label:
    return labels.Label(_padded(size), *near)


def _padded(size: tuple[float, float]) -> tuple[float, float]:
    return size[0] + 0.06, size[1] + 0.04


def _new(sites: Sequence[Site], places: Floats) -> list[tuple[Site, Floats]]:
    """The places where something opens in this stage, from north to south, with the middle of their symbols."""
    now = [n for n, s in enumerate(sites) if s.state == NOW]
    of: dict[str, list[int]] = {}
    for n in now:
        of.setdefault(sites[n].premises, []).append(n)
    found = [(sites[mine[0]], places[mine].mean(axis=0)) for mine in of.values()]
    return sorted(found, key=lambda pair: (-pair[1][1], pair[1][0]))


def _group_name(axes: Axes, name: str, *, small: bool) -> Words:
    size = 4.4 if small else SMALL
    return axes.text(0, 0, wrapped(name, 16 if small else 24), size=size, weight="bold", color="#5a5562", ha="center",
                     va="center", path_effects=_HALO, zorder=7, linespacing=1.0)  # fmt: skip


def _site_name(axes: Axes, name: str | int) -> Words:
    text = str(name) if isinstance(name, int) else wrapped(name, NAME_WIDTH)
    weight = "bold" if isinstance(name, int) else "normal"
    return axes.text(0, 0, text, size=SMALL if isinstance(name, int) else TINY, weight=weight, color=INK, ha="center", va="center",
                     path_effects=_HALO, zorder=8, linespacing=1.0)  # fmt: skip


def _near(at: Floats, size: tuple[float, float], *, small: bool) -> tuple[Floats, Floats]:
    """Spots around where a group's name would stand best."""
    reach = 0.7 if small else 1.4
    x, y = np.meshgrid(np.linspace(-reach, reach, 15), np.linspace(-reach, reach, 15))
    steps = np.stack([x.ravel(), y.ravel()], axis=1)
    return at + steps, np.hypot(steps[:, 0], steps[:, 1]) * 3


def _lead(axes: Axes, at: Floats, centre: Floats, size: tuple[float, float]) -> None:
    """A line from a name that stands away to its symbol."""
    half = np.array(size) / 2
    near = np.clip(at, centre - half, centre + half)
    apart = near - at
    distance = float(np.hypot(*apart))
    if distance > 0.42:
        start = at + apart / distance * 0.2
        axes.plot(*np.stack([start, near]).T, color=FAINT, lw=0.5, zorder=4.5)
