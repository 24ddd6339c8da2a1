"""A map of one stage: the communes in bands, borders, sites with their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.patheffects as effects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text as Words
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from exports.contents import Sign
from exports.figures import labels
from exports.figures.land import Land
from exports.figures.paper import INK, OUTLINES, PIXEL, SMALL, SOFT, TINY, Sheet, wrapped
from exports.shown import EXISTING, NOT_TOLD, NOW, Site, Stage
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


class Homes(NamedTuple):
    """The groups on paper, for whoever writes their names.

    Attributes:
        names: (name, x, y), first those of the groups, in order.
        outlines: of each group that is named.
        to_paper: takes the plane to paper.
        islands: (x, y) of islands so small that a word would hide them, in the plane.
        size: of the type, 1 on a sheet of its own.
    """

    names: tuple[tuple[str, float, float], ...]
    outlines: tuple[Path, ...]
    to_paper: Affine2D
    islands: Floats
    size: float

    def holds(self, n: int, spots: Floats) -> NDArray[np.bool_]:
        """Which of `spots` lie in the group of the name `n`; all where it has none."""
        if n >= len(self.outlines):
            return np.ones(len(spots), dtype=bool)
        return self.outlines[n].contains_points(self.to_paper.inverted().transform(spots))


def height_of(land: Land, width: float) -> float:
    """How high the map of `land` is when it is `width` wide, centimetres."""
    west, south, east, north = land.box
    return (width - 2 * MARGIN) * (north - south) / (east - west) + 2 * MARGIN


def scale_of(land: Land, width: float, height: float) -> float:
    """Metres of a centimetre of a map of this size."""
    west, south, east, north = land.box
    return max((east - west) / (width - 2 * MARGIN), (north - south) / (height - 2 * MARGIN))


def draw(
    sheet: Sheet,
    axes: Axes,
    land: Land,
    stage: Stage,
    signs: Mapping[str, Sign],
    *,
    size: float = 1.0,
    named: bool = True,
) -> Drawn:
    """Draw `stage` on `axes` (in centimetres, see `Sheet.area`).

    Args:
        sheet: where `axes` are.
        axes: the map's.
        land: the ground.
        stage: what is shown.
        signs: how each kind is drawn.
        size: of symbols and type; 1 on a sheet of its own.
        named: whether to name the sites that open in the stage.
    """
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    metres = scale_of(land, width, height)
    west, south, east, north = land.box
    to_paper = (
        Affine2D()
        .translate(-(west + east) / 2, -(south + north) / 2)
        .scale(1 / metres)
        .translate(width / 2, height / 2)
    )
    _ground(axes, land, stage, to_paper)
    sites = sorted(stage.sites, key=lambda s: s.state)
    homes = np.asarray(to_paper.transform(_at(sites, land)), dtype=np.float64)
    places = _places(sites, homes, size)
    for site, home, place in zip(sites, homes, places, strict=True):
        if np.hypot(*(place - home)) > STEP * size * 0.6:
            axes.plot(*np.stack([home, place]).T, color=INK, lw=0.5, zorder=4)
            axes.plot(*home, marker="o", ms=1.4, color=INK, zorder=4, mew=0)
        symbol(axes, place, signs[site.kind], site.state, number=site.number, size=size)
    on_paper = to_paper.transform(np.array([at for _, *at in land.names]).reshape(-1, 2))
    names = tuple((name, float(x), float(y)) for (name, *_), (x, y) in zip(land.names, on_paper, strict=True))
    outlines = land.groups if len(names) >= len(land.groups) else ()
    homes_ = Homes(names, outlines, to_paper, land.islands, size)
    new = _new(sites, places) if named and not any(site.number for site in sites) else []
    return _write(sheet, axes, homes_, new, places)


def _ground(axes: Axes, land: Land, stage: Stage, to_paper: Affine2D) -> None:
    where = to_paper + axes.transData
    tones = np.array(stage.tones)
    told = [n for n in range(len(tones)) if tones[n] != NOT_TOLD]
    shapes = [land.communes[n] for n in told]
    colours = [BAND_COLOURS[tones[n]] for n in told]
    axes.add_collection(
        PathCollection(
            shapes, facecolors=colours, transform=where, zorder=1, linewidths=0.35, edgecolors="#a19ba7"
        ),
        autolim=False,
    )
    for n in np.flatnonzero(tones == NOT_TOLD):
        axes.add_patch(PathPatch(land.communes[n], transform=where, lw=0.35, zorder=1, **UNTOLD))
    # a border of each commune must be seen on the darkest tone
    alone = len(land.groups) == len(land.communes)
    border = {"ec": "#37323f", "lw": 0.45} if alone else {"ec": "#5f5a66", "lw": 0.9}
    for outline in land.groups:
        axes.add_patch(PathPatch(outline, transform=where, fill=False, zorder=2, **border))


def _at(sites: Sequence[Site], land: Land) -> Floats:
    lonlat = np.array([(s.lon, s.lat) for s in sites]).reshape(-1, 2)
    return np.stack(land.to_plane.transform(lonlat[:, 0], lonlat[:, 1]), axis=1)


def _places(sites: Sequence[Site], homes: Floats, size: float) -> Floats:
    """Where the symbols stand: those of one premises side by side, none over another."""
    step = STEP * size
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
    size: float = 1.0,
    zorder: float = 5,
) -> None:
    """A site's symbol: filled when new, hollow when existing, ringed when of this stage; a disc with their
    number where it stands for several points.
    """
    pixel = PIXEL * size
    if number is not None:
        _disc(axes, at, sign, (state, number), size)
        return
    place = Affine2D().scale(pixel).translate(*at) + axes.transData
    outline = OUTLINES[sign.symbol]
    if state == NOW:
        ring = Affine2D().scale(pixel * 10.5).translate(*at) + axes.transData
        style = {"fc": "white", "ec": INK, "lw": 0.9 * size}
        axes.add_patch(PathPatch(_CIRCLE, transform=ring, zorder=zorder, **style))
    axes.add_patch(PathPatch(outline, transform=place, fc="white", ec="white", lw=2.2 * size, zorder=zorder))
    fill = "white" if state == EXISTING else sign.colour
    axes.add_patch(
        PathPatch(outline, transform=place, fc=fill, ec=sign.colour, lw=1.1 * size, zorder=zorder + 0.1)
    )


def _disc(axes: Axes, at: Floats, sign: Sign, what: tuple[int, int], size: float) -> None:
    state, number = what
    radius = 0.17 * size * (1 + 0.12 * (number > 9))
    place = Affine2D().scale(radius).translate(*at) + axes.transData
    fill, ink = ("white", sign.colour) if state == EXISTING else (sign.colour, "white")
    edge = INK if state == NOW else sign.colour
    axes.add_patch(PathPatch(_CIRCLE, transform=place, fc=fill, ec=edge, lw=0.8 * size, zorder=5))
    x, y = at
    axes.text(x, y - 0.01, str(number), color=ink, size=5.2 * size, weight="bold", ha="center",
              va="center_baseline", zorder=6)  # fmt: skip


_CIRCLE = OUTLINES["circle"].transformed(Affine2D().scale(1 / 6))


# --- words ---------------------------------------------------------------------------------------


class _Words(NamedTuple):
    """Texts with the spots that they may stand at."""

    texts: tuple[Words, ...]
    labels: tuple[labels.Label, ...]


def _write(
    sheet: Sheet, axes: Axes, homes: Homes, new: Sequence[tuple[Site, Floats]], places: Floats
) -> Drawn:
    """Names of the groups, and of the places `new` where something opens: names, else numbers."""
    (_, width), (_, height) = axes.get_xlim(), axes.get_ylim()
    islands = np.asarray(homes.to_paper.transform(homes.islands), dtype=np.float64)
    taken = np.concatenate([_around(places, CLEAR * homes.size), _around(islands, 0.06)])
    groups = _group_names(sheet, axes, homes)
    words = _Words((), ())
    placed = labels.place(groups.labels, taken, width=width, height=height)
    numbered = False
    for numbered in (False, True) if new else (False,):
        words = _site_names(sheet, axes, new, places, numbered=numbered)
        placed = labels.place([*groups.labels, *words.labels], taken, width=width, height=height)
        if numbered or not placed.covering[len(groups.texts) :].any():
            break
        for text in words.texts:
            text.remove()
    texts = (*groups.texts, *words.texts)
    for text, centre in zip(texts, placed.centres, strict=True):
        text.set_position((float(centre[0]), float(centre[1])))
    leads = [at for _, *at in homes.names] + [at for _, at in new]
    boxes = [label.size for label in (*groups.labels, *words.labels)]
    for n, (at, centre, size) in enumerate(zip(leads, placed.centres, boxes, strict=True)):
        if n >= len(groups.texts):
            _lead(axes, np.array(at), centre, size)
        elif not homes.holds(n, placed.centres[n : n + 1])[0]:
            _lead(axes, np.array(at), centre, size, clear=0.0)
    covering = tuple(text for text, covers in zip(texts, placed.covering, strict=True) if covers)
    return Drawn(texts, covering, tuple(site for site, _ in new) if new and numbered else ())


def _around(points: Floats, room: float) -> Floats:
    """Boxes around points, (n, 4)."""
    return np.concatenate([points - room, points + room], axis=1).reshape(-1, 4)


def _group_names(sheet: Sheet, axes: Axes, homes: Homes) -> _Words:
    """Each name inside its own group where there is room, else outside all of them with a line to its own."""
    texts, wanted = [], []
    reach = np.linspace(-1.0, 1.0, 31) * 2.6 * homes.size
    steps = np.stack(np.meshgrid(reach, reach), axis=-1).reshape(-1, 2)
    for n, (name, *at) in enumerate(homes.names):
        text = axes.text(
            0, 0, wrapped(name, 18 if n < len(homes.outlines) else 12), size=max(SMALL * homes.size, 4.0),
            weight="bold",
            color="#5a5562", ha="center", va="center", path_effects=_HALO, zorder=7, linespacing=1.0,
        )  # fmt: skip
        size = _padded(sheet.extent(text))
        spots = np.array(at) + steps
        own = homes.holds(n, spots)
        elsewhere = np.any([homes.holds(m, spots) for m in range(len(homes.outlines)) if m != n], axis=0)
        costs = 3 * np.hypot(steps[:, 0], steps[:, 1]) + np.where(own, 0.0, np.where(elsewhere, 30.0, 6.0))
        texts.append(text)
        wanted.append(labels.Label(size, spots, costs))
    return _Words(tuple(texts), tuple(wanted))


def _site_names(
    sheet: Sheet, axes: Axes, new: Sequence[tuple[Site, Floats]], places: Floats, *, numbered: bool
) -> _Words:
    texts, wanted = [], []
    for n, (site, at) in enumerate(new):
        words, size, weight = (
            (str(n + 1), SMALL, "bold") if numbered else (wrapped(site.name, NAME_WIDTH), TINY, "normal")
        )
        text = axes.text(
            0, 0, words, size=size, weight=weight, color=INK, ha="center", va="center", path_effects=_HALO,
            zorder=8, linespacing=1.0,
        )  # fmt: skip
        extent = _padded(sheet.extent(text))
        spots, costs = labels.around(at, extent, apart=0.24, most=2.0)
        texts.append(text)
        wanted.append(labels.Label(extent, spots, costs + 4 * _crossed(at, spots, extent, places)))
    return _Words(tuple(texts), tuple(wanted))


def _padded(size: tuple[float, float]) -> tuple[float, float]:
    return size[0] + 0.06, size[1] + 0.04


def _crossed(at: Floats, spots: Floats, size: tuple[float, float], places: Floats) -> Floats:
    """Over how many other symbols a line from `at` to a text at each spot would lead."""
    half = np.array(size) / 2
    ends = np.clip(at, spots - half, spots + half)
    others = places[np.hypot(*(places - at).T) > STEP]
    along = ends - at
    length = np.maximum((along**2).sum(axis=1), 1e-9)[:, None]
    share = np.clip(((others - at)[None] * along[:, None]).sum(axis=2) / length, 0, 1)
    apart = at + share[..., None] * along[:, None] - others[None]
    covered: Floats = (np.hypot(apart[..., 0], apart[..., 1]) < CLEAR).sum(axis=1).astype(np.float64)
    return covered


def _new(sites: Sequence[Site], places: Floats) -> list[tuple[Site, Floats]]:
    """Places where something opens in this stage, north to south, each with the middle of its symbols."""
    of: dict[str, list[int]] = {}
    for n, site in enumerate(sites):
        if site.state == NOW:
            of.setdefault(site.premises, []).append(n)
    found = [(sites[mine[0]], places[mine].mean(axis=0)) for mine in of.values()]
    return sorted(found, key=lambda pair: (-float(pair[1][1]), float(pair[1][0])))


def _lead(
    axes: Axes, at: Floats, centre: Floats, size: tuple[float, float], *, clear: float = 0.2
) -> None:  # fmt: skip
    """A line from a name that stands away to its place."""
    half = np.array(size) / 2
    near = np.clip(at, centre - half, centre + half)
    apart = near - at
    distance = float(np.hypot(*apart))
    if distance > 2.1 * clear:
        axes.plot(*np.stack([at + apart / distance * clear, near]).T, color=SOFT, lw=0.5, zorder=4.5)
