"""The nation as places of demand: its provinces, each standing for all of its communes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from errors import DataError, Problem
from geo.units import Vintage, everywhere


def places(vintage: Vintage, *, weights: Mapping[str, float]) -> pd.DataFrame:
    """The provinces in the columns of ``geo.units.communes``, each as one place, sorted by code.

    Its point is that of the commune nearest to the mean of all, which lies inside whatever the shape of the
    province; its weight in a split is the sum over its communes of the `weights` of their types, so that
    shares follow the expected population.

    Raises:
        DataError: a type of commune without a weight.
    """
    listed = everywhere(vintage)
    missing = sorted(set(listed["commune_type"]) - set(weights))
    if missing:
        raise DataError([Problem("geo.type_without_weight", kind, {"type": kind}) for kind in missing])
    weighed = listed.assign(weight=listed["commune_type"].map(dict(weights)).astype(float))
    codes = weighed.groupby("province_code")
    # A degree of longitude is shorter than one of latitude, by a few per cent only as far south as here.
    north, east = (weighed[axis] - codes[axis].transform("mean") for axis in ("lat", "lon"))
    middle = (north**2 + east**2).groupby(weighed["province_code"]).idxmin()
    found = weighed.loc[middle, ["province_code", "province", "lat", "lon"]].reset_index(drop=True)
    found["weight"] = codes["weight"].sum().to_numpy()
    return pd.DataFrame(
        {
            "commune_code": found["province_code"],
            "commune": found["province"],
            "commune_type": "Tỉnh, thành phố",
            "district_code": found["province_code"],
            "district": found["province"],
            "province_code": found["province_code"],
            "province": found["province"],
            "lat": found["lat"],
            "lon": found["lon"],
            "weight": found["weight"],
        }
    )
