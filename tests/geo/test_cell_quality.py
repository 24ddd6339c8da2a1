"""How good approximate cells are: measured against the real communes of three provinces.

Reference polygons are kept outside the project, because their licences forbid passing them on.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from geo.boundaries import draw

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"


# Reached when this was written: median IoU 0.711 / 0.690 / 0.658, misassigned 17.8 / 17.9 / 21.7 %.  The
# bounds are a little wider, for another version of GEOS or of the package.  From the true boxes and centroids
# the same recipe draws 0.733 / 0.698 / 0.684 and 14.4 / 16.7 / 17.7 %: the rest no box tells.
@pytest.mark.parametrize(
    ("province", "name", "least_iou", "most_misassigned"),
    [("92", "can_tho", 0.695, 0.185), ("75", "dong_nai", 0.68, 0.185), ("08", "tuyen_quang", 0.65, 0.225)],
)
def test_cells_resemble_the_real_communes(province, name, least_iou, most_misassigned):
    path = REFERENCE / f"{name}_communes_2024.geojson"
    if not path.exists():
        pytest.skip(f"no reference polygons at {path}")
    zone = "EPSG:32648"
    real = gpd.read_file(path).to_crs(zone).set_index("commune_code").geometry
    cells = draw(province).to_crs(zone).set_index("commune_code").geometry
    assert set(real.index) == set(cells.index)
    cells = cells.reindex(real.index)
    shared = cells.intersection(real).area
    iou = float(np.median(shared / (cells.area + real.area - shared)))
    misassigned = float(1 - shared.sum() / real.area.sum())
    print(f"{name}: median IoU {iou:.3f}, misassigned {misassigned:.1%}")
    assert iou > least_iou
    assert misassigned < most_misassigned
