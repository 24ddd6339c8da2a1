"""The ground of a map: communes and groups of a plan on a plane, in metres true to the map's middle."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from matplotlib.path import Path
from numpy.typing import NDArray

from exports.contents import Contents
from geo import nation_map
from geo.maps import MOST_GROUP_NAMES
from text import say

Floats = NDArray[np.float64]

FINENESS = 1500
"""Parts of the map's longer side that borders are drawn in: a tenth of a millimetre on paper."""


class Land(NamedTuple):
    """What lies under the sites.

    Attributes:
        communes: outline of each commune, in the order of the table.
        groups: outline of each group.
        names: (name, x, y) of each group or archipelago.
        box: west, south, east, north.
        islands: (x, y) of the islands of the archipelagos, (n, 2).
        to_plane: takes (longitude, latitude) to (x, y).
    """

    communes: tuple[Path, ...]
    groups: tuple[Path, ...]
    names: tuple[tuple[str, float, float], ...]
    box: tuple[float, float, float, float]
    islands: Floats
    to_plane: pyproj.Transformer


@lru_cache(maxsize=2)  # a dossier draws many maps of one plan
def land(contents: Contents) -> Land:
    """The ground of a plan's maps, in metres.

    The projection is that of UTM and VN-2000 (transverse Mercator) about the map's own middle, where scale
    and north are then true; 100 km away lengths are off by 0.01 %, at the ends of the country by 0.4 %.
    """
    communes = contents.tables["communes"]
    shapes = communes.geometry.to_numpy()
    west, south, east, north = shapely.total_bounds(shapes)
    about = f"+proj=tmerc +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +k=1 +ellps=WGS84 +units=m"
    to_plane = pyproj.Transformer.from_crs("EPSG:4326", about, always_xy=True)
    flat = shapely.transform(shapes, lambda xy: np.stack(to_plane.transform(xy[:, 0], xy[:, 1]), axis=1))
    box = shapely.total_bounds(flat)
    fine = shapely.coverage_simplify(flat, max(box[2] - box[0], box[3] - box[1]) / FINENESS)
    groups = list(dict.fromkeys(communes["group"]))
    outlines = [shapely.coverage_union_all(fine[(communes["group"] == g).to_numpy()]) for g in groups]
    labels = communes.drop_duplicates("group").set_index("group")["group_name"]
    names: list[tuple[str, float, float]] = []
    if len(groups) <= MOST_GROUP_NAMES:
        for group, outline in zip(groups, outlines, strict=True):
            circle = shapely.maximum_inscribed_circle(outline, (box[2] - box[0]) / 200)
            x, y = shapely.get_coordinates(circle)[0]
            names.append((str(labels[group]), float(x), float(y)))
    islands = []
    if contents.nation:
        for archipelago in nation_map.ARCHIPELAGOS:
            lat, lon = archipelago.at
            x, y = to_plane.transform(lon, lat)
            names.append((say(archipelago.label, contents.lang), x, y))
            islands += [to_plane.transform(lon, lat) for lat, lon in archipelago.islands]
    return Land(
        communes=tuple(map(_path, fine)),
        groups=tuple(map(_path, outlines)),
        names=tuple(names),
        box=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
        islands=np.array(islands, dtype=np.float64).reshape(-1, 2),
        to_plane=to_plane,
    )


def _path(shape: shapely.Geometry) -> Path:
    """All rings of a shape, holes wound the other way than what they are in."""
    parts = shapely.orient_polygons(shapely.get_parts(shape))
    rings = [Path(shapely.get_coordinates(r), closed=True) for r in shapely.get_rings(parts)]
    return Path.make_compound_path(*rings)
