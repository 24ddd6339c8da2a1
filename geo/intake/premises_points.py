"""Where points lie: in which commune, and how far from the one that is stated."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.cells import metric_zone

FAR_KM = 5.0
"""A point this far from every commune of the province is no point of the province."""


class Surroundings:
    """The communes around points: polygons where there are any, else the communes' own points.

    `communes` has commune_code, lat, lon; `polygons` commune_code and geometry (EPSG:4326).
    """

    def __init__(
        self, communes: pd.DataFrame, polygons: gpd.GeoDataFrame | None, *, approximate: bool = True
    ) -> None:
        self.approximate = approximate or polygons is None
        lon, lat = communes["lon"].to_numpy(float), communes["lat"].to_numpy(float)
        zone = metric_zone(lon)
        self._metres = pyproj.Transformer.from_crs(4326, zone, always_xy=True)
        if polygons is None:
            self._codes = communes["commune_code"].to_numpy(str)
            self._shapes = shapely.points(*self._metres.transform(lon, lat))
            self._reach = np.inf
        else:
            self._codes = polygons["commune_code"].to_numpy(str)
            self._shapes = np.asarray(polygons.to_crs(zone).geometry.array)
            self._reach = 1000 * FAR_KM

    def commune_at(self, lat: float, lon: float) -> tuple[str | None, float]:
        """The commune that a point lies in, else the nearest (None where none is near), and km from it."""
        away = shapely.distance(self._shapes, self._at(lat, lon))
        nearest = int(np.argmin(away))
        code = str(self._codes[nearest]) if away[nearest] <= self._reach else None
        return code, float(away[nearest]) / 1000

    def km_outside(self, lat: float, lon: float, code: str) -> float:
        """How far from the commune `code` a point lies, in km; 0 inside."""
        mine = self._shapes[self._codes == code]
        return float(shapely.distance(mine, self._at(lat, lon)).min()) / 1000 if len(mine) else 0.0

    def _at(self, lat: float, lon: float) -> shapely.Point:
        return shapely.Point(*self._metres.transform(lon, lat))
