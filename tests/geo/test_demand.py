import itertools
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import DataError
from geo.demand import largest_remainder, project, split_totals

WEIGHTS = {"Phường": 16_900, "Thị trấn": 10_100, "Xã": 7_000}


def communes(*rows):
    """Rows of (code, type, district code)."""
    frame = pd.DataFrame(rows, columns=["commune_code", "commune_type", "district_code"])
    return frame.assign(district="Huyện " + frame["district_code"])


FOUR = communes(("1", "Phường", "A"), ("2", "Xã", "A"), ("3", "Xã", "A"), ("4", "Thị trấn", "B"))


def test_a_total_is_shared_out_by_type():
    split = split_totals({"A": 309, "B": 5}, FOUR, WEIGHTS)
    assert split.to_dict("list") == {
        "commune_code": ["1", "2", "3", "4"],
        "persons": [169, 70, 70, 5],
        "estimated": [True, True, True, False],
    }
    assert split["persons"].dtype == "int64"


def test_equal_remainders_go_to_the_lower_code():
    frame = communes(("3", "Xã", "A"), ("1", "Xã", "A"), ("2", "Xã", "A"))
    assert list(split_totals({"A": 5}, frame, WEIGHTS)["persons"]) == [2, 2, 1]


def test_nobody_is_no_estimate():
    split = split_totals({"A": 0, "B": 0}, FOUR, WEIGHTS)
    assert split["persons"].sum() == 0
    assert not split["estimated"].any()


def test_groups_need_not_be_districts():
    frame = FOUR.assign(area=["N", "S", "S", "N"])
    split = split_totals({"N": 27, "S": 2}, frame, WEIGHTS, group="area")
    assert list(split["persons"]) == [17, 1, 1, 10]


@pytest.mark.parametrize("totals", [pd.Series({"A": 10, "B": 3}), {"A": 10.0, "B": np.int64(3)}])
def test_totals_may_be_a_series_or_whole_floats(totals):
    assert split_totals(totals, FOUR, WEIGHTS)["persons"].sum() == 13


def test_a_type_may_weigh_nothing_where_another_weighs_something():
    split = split_totals({"A": 10, "B": 3}, FOUR, WEIGHTS | {"Phường": 0})
    assert list(split["persons"]) == [0, 5, 5, 3]


kinds = st.sampled_from(sorted(WEIGHTS))
places = st.lists(st.tuples(kinds, st.sampled_from("ABC")), min_size=1, max_size=25)
weight = st.floats(0.001, 1e6)


@given(places, st.fixed_dictionaries(dict.fromkeys(WEIGHTS, weight)), st.data())
def test_a_split_adds_up_and_order_does_not_matter(places, weights, data):
    frame = communes(*((f"{n:05d}", kind, group) for n, (kind, group) in enumerate(places)))
    totals = {group: data.draw(st.integers(0, 5000)) for group in sorted(set(frame["district_code"]))}
    split = split_totals(totals, frame, weights)
    assert split["persons"].min() >= 0
    joined = frame.merge(split, on="commune_code", validate="1:1")
    assert joined.groupby("district_code")["persons"].sum().to_dict() == totals
    share = joined["commune_type"].map(weights)
    exact = (
        share * joined["district_code"].map(totals) / share.groupby(joined["district_code"]).transform("sum")
    )
    assert (abs(joined["persons"] - exact) < 1 + 1e-6).all()
    for _, members in joined.groupby(["district_code", "commune_type"]):
        assert members["persons"].is_monotonic_decreasing  # equals: the lower code first
        assert members["persons"].max() - members["persons"].min() <= 1
    order = data.draw(st.permutations(range(len(frame))))
    shuffled = split_totals(
        dict(reversed(totals.items())), frame.iloc[order], dict(reversed(weights.items()))
    )
    pd.testing.assert_frame_equal(shuffled, split)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 10**5), min_size=1, max_size=12))
def test_a_heavier_weight_never_gets_less(total, weights):
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    ranked = sorted(zip(weights, parts, strict=True))
    for (light, few), (heavy, many) in itertools.pairwise(ranked):
        assert few <= many or light == heavy


@given(st.integers(0, 10**5), st.lists(st.integers(1, 10**4), min_size=1, max_size=12), st.integers(2, 9))
def test_a_common_factor_of_the_weights_changes_nothing(total, weights, factor):
    assert largest_remainder(total, weights) == largest_remainder(total, [w * factor for w in weights])


def test_growth_is_compound_and_never_rounded():
    grown = project([100, 7], 0.05, [0, 1, 2.5])
    np.testing.assert_allclose(grown, [[100, 105, 100 * 1.05**2.5], [7, 7.35, 7 * 1.05**2.5]])
    np.testing.assert_allclose(project([100, 7], 0.05, 1), [105, 7.35])
    np.testing.assert_allclose(project([100], -0.5, [2]), [[25]])
    np.testing.assert_array_equal(project([3, 4], 0, [0, 9]), [[3, 3], [4, 4]])


GOOD = {"A": 10, "B": 3}
BAD = {
    "negative": (GOOD | {"A": -1}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "fraction": (GOOD | {"A": 1.5}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "not a number": (GOOD | {"A": np.nan}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "infinite": (GOOD | {"A": np.inf}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "text": (GOOD | {"A": "10"}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "truth": (GOOD | {"A": True}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "nothing": (GOOD | {"A": None}, FOUR, WEIGHTS, ["geo.not_a_count"]),
    "foreign group": (GOOD | {"C": 4}, FOUR, WEIGHTS, ["geo.group_without_communes"]),
    "no total": ({"A": 10}, FOUR, WEIGHTS, ["geo.group_without_total"]),
    "no weight": (GOOD, FOUR, {"Phường": 1, "Xã": 1}, ["geo.type_without_weight"]),
    "bad weight": (GOOD, FOUR, WEIGHTS | {"Xã": -1}, ["geo.weight"]),
    "weight no number": (GOOD, FOUR, WEIGHTS | {"Xã": np.nan}, ["geo.weight"]),
    "all zero": (GOOD, FOUR, WEIGHTS | {"Thị trấn": 0}, ["geo.weights_all_zero"]),
    "twice": (GOOD, pd.concat([FOUR, FOUR.tail(1)]), WEIGHTS, ["geo.code_twice"]),
    "all at once": ({"A": -1, "C": 2}, FOUR, {"Phường": -5, "Xã": 1},
                    ["geo.not_a_count", "geo.group_without_communes", "geo.group_without_total",
                     "geo.type_without_weight", "geo.weight"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_split_is_refused(case):
    totals, frame, weights, codes = BAD[case]
    with pytest.raises(DataError) as error:
        split_totals(totals, frame, weights)
    assert Counter(problem.code for problem in error.value.problems) == Counter(codes)
    assert error.value.say("vi") != error.value.say("en")


def test_a_name_in_place_of_a_code_gets_a_hint():
    with pytest.raises(DataError) as error:
        split_totals(GOOD | {"huyen a": 1}, FOUR, WEIGHTS)
    assert error.value.problems[0].values["near"].startswith("A Huyện A")


@pytest.mark.parametrize(
    ("growth", "years", "code"),
    [
        (-1, [1], "geo.growth"),
        (np.nan, [1], "geo.growth"),
        (np.inf, 1, "geo.growth"),
        (0.1, [-1], "geo.years"),
        (0.1, [0, np.nan], "geo.years"),
    ],
)
def test_growth_that_cannot_be_is_refused(growth, years, code):
    with pytest.raises(DataError) as error:
        project([1.0], growth, years)
    assert [problem.code for problem in error.value.problems] == [code]
    assert error.value.say("vi") != error.value.say("en")
