"""The drawing of approximate cells, on squares whose borders are known."""

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from errors import DataError
from geo.cells import approximate_cells, metric_zone
from geo.sites import Recipe, prepare, settle, voronoi_areas

WEST, SOUTH, SIDE = 105.5, 10.0, 0.04  # degrees; squares of about 4.4 km


def squares(columns=4, rows=3, west=WEST, south=SOUTH, side=SIDE, first=1):
    """Communes that are squares, the point in the middle, the box the commune itself."""
    column, row = (values.ravel() for values in np.meshgrid(np.arange(columns), np.arange(rows)))
    frame = pd.DataFrame({"west": west + side * column, "south": south + side * row})
    frame = frame.assign(east=frame["west"] + side, north=frame["south"] + side)
    frame = frame.assign(lon=frame["west"] + side / 2, lat=frame["south"] + side / 2, district_code="001")
    frame.insert(0, "commune_code", [f"{first + n:05d}" for n in range(len(frame))])
    return frame


def truth(frame):
    return shapely.box(frame["west"], frame["south"], frame["east"], frame["north"])


def overlap(one, other):
    return shapely.area(shapely.intersection(one, other)) / shapely.area(shapely.union(one, other))


def shapes(cells):
    return np.asarray(cells.geometry.array)


def assert_sound(cells, communes):
    """One non-empty, valid polygon for each commune, in order, without gaps or overlaps."""
    assert list(cells["commune_code"]) == list(communes["commune_code"])
    assert list(cells.columns) == ["commune_code", "geometry"]
    assert cells.crs.to_epsg() == 4326
    assert shapely.is_valid(shapes(cells)).all()
    assert not shapely.is_empty(shapes(cells)).any()
    assert shapely.coverage_is_valid(shapes(cells))


NONE = squares().head(0)


def test_squares_are_found_again():
    communes = squares()
    cells = approximate_cells(communes, NONE)
    assert_sound(cells, communes)
    assert overlap(shapes(cells), truth(communes)).min() > 0.9
    assert len(shapely.get_parts(shapely.union_all(shapes(cells)))) == 1
    assert len(shapely.get_rings(shapely.union_all(shapes(cells)))) == 1  # no gaps inside


def test_neighbours_hold_the_border_and_are_not_drawn():
    everyone = squares(4, 3)
    mine, neighbours = everyone.iloc[[0, 1, 4, 5, 8, 9]], everyone.iloc[[2, 3, 6, 7, 10, 11]]
    wide = mine.assign(east=mine["east"] + SIDE)  # claims what belongs to the neighbour
    cells = approximate_cells(wide, neighbours)
    assert_sound(cells, mine)
    border = WEST + 2 * SIDE
    beyond = shapely.intersection(shapes(cells), shapely.box(border, SOUTH, border + SIDE, SOUTH + 3 * SIDE))
    alone = approximate_cells(wide, NONE)
    beyond_alone = shapely.intersection(shapes(alone), shapely.box(border, SOUTH, 107, SOUTH + 3 * SIDE))
    assert shapely.area(beyond).sum() < 0.5 * shapely.area(beyond_alone).sum()


def test_the_same_input_gives_the_same_cells():
    communes = squares()
    one, other = approximate_cells(communes, NONE), approximate_cells(communes, NONE)
    assert (shapely.to_wkb(shapes(one)) == shapely.to_wkb(shapes(other))).all()


def test_the_order_of_rows_changes_nothing():
    everyone = squares()
    communes, neighbours = everyone.iloc[:8], everyone.iloc[8:]
    unions = unions_of(everyone, {0: [0, 1, 2], 1: [4, 5], 2: [8, 9]}, {0: 55.0, 1: 40.0, 2: 38.0})
    one = approximate_cells(communes, neighbours, unions).set_index("commune_code")
    shuffled = [frame.sample(frac=1, random_state=7) for frame in (communes, neighbours, unions)]
    other = approximate_cells(*shuffled)
    assert list(other["commune_code"]) == list(shuffled[0]["commune_code"])
    other = other.set_index("commune_code").loc[one.index]
    assert (shapely.to_wkb(shapes(one)) == shapely.to_wkb(shapes(other))).all()


def test_input_is_left_as_it_was():
    communes = squares()
    before = communes.copy()
    approximate_cells(communes, communes.head(0))
    pd.testing.assert_frame_equal(communes, before)


@pytest.mark.parametrize("count", [1, 2])
def test_few_communes(count):
    communes = squares(count, 1)
    cells = approximate_cells(communes, NONE)
    assert_sound(cells, communes)
    assert overlap(shapes(cells), truth(communes)).min() > 0.85


def broken(frame, which, **box):
    frame = frame.copy()
    for side, value in box.items():
        frame.loc[which, side] = value
    return frame


UNKNOWN = {"west": np.nan, "east": np.nan, "south": np.nan, "north": np.nan}
DISTRICT = {"west": WEST, "east": WEST + 4 * SIDE, "south": SOUTH, "north": SOUTH + 3 * SIDE}
HOUSE = {
    "west": WEST + SIDE * 1.5,
    "east": WEST + SIDE * 1.501,
    "south": SOUTH + SIDE,
    "north": SOUTH + 1.001 * SIDE,
}


@pytest.mark.parametrize("box", [UNKNOWN, DISTRICT, HOUSE], ids=["unknown", "the district's", "a house's"])
def test_a_broken_box_is_replaced(box):
    communes = squares()
    cells = approximate_cells(broken(communes, 5, **box), NONE)
    assert_sound(cells, communes)
    good = overlap(shapes(cells), truth(communes))
    assert good[5] > 0.6
    assert good.min() > 0.6


def test_no_box_is_known():
    communes = squares()
    cells = approximate_cells(broken(communes, communes.index, **UNKNOWN), NONE)
    assert_sound(cells, communes)
    good = overlap(shapes(cells), truth(communes))
    assert good[[5, 6]].min() > 0.8  # those inside; at the rim nothing says where they end
    assert good.min() > 0.3


def test_points_and_boxes_that_are_the_same():
    communes = squares()
    for column in ("lon", "lat", "west", "east", "south", "north"):
        communes.loc[6, column] = communes.loc[5, column]
    assert_sound(approximate_cells(communes, NONE), communes)


def test_points_that_are_the_same_and_boxes_that_are_the_districts():
    communes = broken(squares(), [1, 5, 6], **DISTRICT)
    communes.loc[[1, 6], ["lon", "lat"]] = communes.loc[5, ["lon", "lat"]].to_numpy()
    cells = approximate_cells(communes, NONE)
    assert_sound(cells, communes)
    area = shapely.area(shapes(cells))
    assert area[[1, 5, 6]].min() > 0.1 * area.max()  # each gets land, not a scrap


def with_town(side):
    """A commune and, in its middle, a town that is `side` times as wide."""
    communes = squares(1, 1)
    half = side * SIDE / 2
    middle = {"lon": WEST + SIDE / 2, "lat": SOUTH + SIDE / 2}
    box = {"west": middle["lon"] - half, "east": middle["lon"] + half}
    box |= {"south": middle["lat"] - half, "north": middle["lat"] + half}
    return pd.concat([communes, communes.assign(commune_code="00002", **box)], ignore_index=True)


def test_a_town_within_a_commune_stays():
    communes = with_town(0.5)
    cells = approximate_cells(communes, NONE)
    assert_sound(cells, communes)
    assert overlap(shapes(cells)[1], truth(communes)[1]) > 0.7


def test_a_town_that_would_lose_everywhere_gets_what_it_cannot_do_without():
    communes = with_town(0.3)

    def share(need_limit):
        recipe = Recipe(broken_share=(0.0, 12.0), size_weight=0.0, need_limit=need_limit)
        cells = approximate_cells(communes, NONE, recipe=recipe)
        assert_sound(cells, communes)
        return shapely.area(shapes(cells)[1]) / shapely.area(truth(communes)[1])

    assert share(0.0) < 0.05
    assert share(1.0) > 0.1


def test_a_commune_smaller_than_a_grid_cell_stays():
    communes = squares()
    tiny = communes.iloc[[5]].assign(commune_code="00099")
    tiny[["west", "east", "south", "north"]] = [WEST + 0.06, WEST + 0.0601, SOUTH + 0.06, SOUTH + 0.0601]
    everyone = pd.concat([communes, tiny], ignore_index=True)
    recipe = Recipe(broken_side_m=0, broken_share=(0, 12))  # so that the tiny box stands
    assert_sound(approximate_cells(everyone, NONE, recipe=recipe), everyone)


def test_islands_keep_their_distance_and_the_sea_is_nobodys():
    here, there = squares(2, 1), squares(1, 1, west=WEST + 0.5, first=9)
    communes = pd.concat([here, there], ignore_index=True)
    cells = approximate_cells(communes, NONE)
    assert_sound(cells, communes)
    assert len(shapely.get_parts(shapely.union_all(shapes(cells)))) == 2
    assert overlap(shapes(cells), truth(communes)).min() > 0.85


def test_a_hole_between_boxes_is_land():
    ring = squares(3, 3).drop(index=4).reset_index(drop=True)
    cells = approximate_cells(ring, NONE)
    assert_sound(cells, ring)
    middle = shapely.Point(WEST + 1.5 * SIDE, SOUTH + 1.5 * SIDE)
    assert shapely.union_all(shapes(cells)).contains(middle)


def unions_of(frame, groups, areas):
    """One union a group; the centroid that of the squares."""
    rows = []
    for name, members in groups.items():
        part = frame.loc[members]
        rows += [
            (code, name, len(members), areas[name], part["lat"].mean(), part["lon"].mean())
            for code in part["commune_code"]
        ]
    return pd.DataFrame(rows, columns=["commune_code", "union", "members", "area_km2", "lat", "lon"])


def test_a_known_area_moves_the_border():
    communes = squares(4, 1)
    communes["west"] -= 0.5 * SIDE  # boxes that overlap leave the border open
    communes["east"] += 0.5 * SIDE
    groups = {0: [0, 1], 1: [2, 3]}
    zone = metric_zone(communes["lon"].to_numpy())

    def area(first, second):
        unions = unions_of(communes, groups, {0: first, 1: second})
        recipe = Recipe(credible_area=(5.0, 5.0), credible_centroid=(2.0, 2.0))
        cells = approximate_cells(communes, NONE, unions, recipe)
        return cells.to_crs(zone).area.to_numpy()[:2].sum() / 1e6

    known = approximate_cells(communes, NONE).to_crs(zone).area.to_numpy().sum() / 1e6
    assert area(0.6 * known, 0.4 * known) > area(0.5 * known, 0.5 * known) + 0.5
    assert area(0.4 * known, 0.6 * known) < area(0.5 * known, 0.5 * known) - 0.5


def test_an_area_and_a_centroid_that_cannot_be_right_are_not_used():
    communes = squares()
    unions = unions_of(communes, {0: [0, 1], 1: [2, 3]}, {0: 900.0, 1: 1.0})
    unions["lat"] += 2 * SIDE
    with_them, without = approximate_cells(communes, NONE, unions), approximate_cells(communes, NONE)
    assert (shapely.to_wkb(shapes(with_them)) == shapely.to_wkb(shapes(without))).all()


def test_a_commune_whose_box_is_broken_takes_its_published_area_and_centre():
    communes = squares()
    lost = broken(communes, 5, **UNKNOWN)
    lost.loc[5, ["lon", "lat"]] = [WEST + 1.05 * SIDE, SOUTH + 1.05 * SIDE]  # in a corner of its own
    unions = unions_of(communes, {0: [5]}, {0: 19.4})
    better = overlap(shapes(approximate_cells(lost, NONE, unions)), truth(communes))[5]
    assert better > overlap(shapes(approximate_cells(lost, NONE)), truth(communes))[5]
    assert better > 0.7


TO_METRES = pyproj.Transformer.from_crs(4326, "EPSG:32648", always_xy=True)


def test_areas_and_centroids_of_unions_are_judged_apart():
    communes = squares(3, 2)
    square = 19.4 * Recipe().box_fill  # what a box of this size suggests, km²
    unions = unions_of(
        communes, {0: [0, 3], 1: [1, 4], 2: [2, 5]}, {0: 2 * square, 1: 5 * square, 2: 2 * square}
    )
    unions.loc[unions["union"] == 2, "lat"] += SIDE
    sites = prepare(communes, len(communes), TO_METRES, unions, Recipe())
    assert sites.area_known[sites.union].tolist() == [True, False, True] * 2
    assert sites.centroid_known[sites.union].tolist() == [True, True, False] * 2


def test_a_commune_whose_box_is_broken_settles_in_the_gap():
    communes = squares(5, 5)
    x, y = TO_METRES.transform(communes["lon"].to_numpy(), communes["lat"].to_numpy())
    truth_, side = np.stack([x, y], axis=1), SIDE * 109_600
    point = truth_.copy()
    point[12] += [0.5 * side, 0.3 * side]  # at the border of a neighbour whose box is sound
    box = np.stack([point - side / 2, point + side / 2], axis=2).reshape(-1, 4)
    broken = np.arange(25) == 12
    settled = settle(box, point, broken, 25, Recipe())
    np.testing.assert_array_equal(settled[~broken], point[~broken])
    off = np.hypot(*(settled - truth_)[12])
    assert off < 0.5 * np.hypot(*(point - truth_)[12])


def test_a_stray_point_does_not_keep_its_union_from_being_believed():
    communes = broken(squares(6, 6), 0, **UNKNOWN)
    communes.loc[0, ["lon", "lat"]] = [WEST + 5.5 * SIDE, SOUTH + 5.5 * SIDE]  # the far corner
    unions = unions_of(squares(6, 6), {0: [0, 1, 6]}, {0: 3 * 19.4 * Recipe().box_fill})
    sites = prepare(communes, 36, TO_METRES, unions, Recipe())
    home = np.array(TO_METRES.transform(WEST + SIDE / 2, SOUTH + SIDE / 2))
    assert np.hypot(*(sites.point[0] - home)) < 0.5 * SIDE * 109_600
    without = prepare(communes, 36, TO_METRES, None, Recipe())
    assert np.hypot(*(without.point[0] - home)) > 5 * SIDE * 109_600


def test_voronoi_cells_end_at_the_coast():
    point = np.array([[0.0, 0.0], [6000.0, 0.0], [6000.0, 0.0]])
    box = np.array([[-2000.0, 2000.0, -2000.0, 2000.0], [4000.0, 8000.0, -2000.0, 2000.0], [np.nan] * 4])
    narrow, wide = voronoi_areas(point, box, 500.0)
    np.testing.assert_allclose(narrow, np.array([32, 40, 40]) * 1e6)  # a square of 5 km around the last
    assert narrow[1] == narrow[2]  # shared between points in one place
    np.testing.assert_allclose(wide, np.array([80, 40, 40]) * 1e6)


@pytest.mark.parametrize(("lon", "zone"), [([105.0, 107.0], "EPSG:32648"), ([108.5, 109.0], "EPSG:32649")])
def test_the_metric_zone_follows_longitude(lon, zone):
    assert metric_zone(np.array(lon)) == zone


def test_coverage_holds_far_in_the_east():
    communes = squares(3, 3, west=109.0, south=12.2)
    assert_sound(approximate_cells(communes, NONE), communes)


def test_boxes_that_stand_are_not_touched():
    communes = squares()
    sites = prepare(communes, len(communes), TO_METRES, None, Recipe())
    assert not sites.broken.any()
    assert not sites.area_known.any()
    np.testing.assert_allclose(sites.box[:, 1] - sites.box[:, 0], SIDE * 109_600, rtol=0.01)


@pytest.mark.parametrize(
    ("communes", "neighbours", "codes"),
    [
        (NONE, squares(), ["geo.no_communes"]),
        (squares(1, 1), squares(1, 1), ["geo.code_twice"]),
        (pd.concat([squares(2, 1)] * 2), NONE, ["geo.code_twice"] * 2),
    ],
)
def test_what_cannot_be_drawn_is_refused(communes, neighbours, codes):
    with pytest.raises(DataError) as error:
        approximate_cells(communes, neighbours)
    assert [problem.code for problem in error.value.problems] == codes
    assert error.value.say("vi") != error.value.say("en")
