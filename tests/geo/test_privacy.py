"""What a shared file may say of small counts: bands, the release, and what can be worked out from it."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import product

import numpy as np
import pandas as pd
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exports import contents
from geo import coarse, privacy
from geo.privacy import HIDDEN, SMALL, band, release, rounded
from tests.exports.plans import plan


@pytest.mark.parametrize(
    ("persons", "name"),
    [(0, "0"), (1e-9, "0"), (0.2, "≤10"), (1, "≤10"), (10, "≤10"), (10.4, "≤10"), (10.6, "11–24"),
     (24, "11–24"), (25, "25–49"), (49.4, "25–49"), (50, "50–99"), (99, "50–99"), (100, "≥100"),
     (1e6, "≥100"), (math.nan, "")],
)  # fmt: skip
def test_bands(persons, name):
    assert band(persons) == name


@pytest.mark.parametrize(
    ("persons", "shown"),
    [(0, "0"), (0.3, "≤10"), (10, "≤10"), (11, "20"), (24, "20"), (25, "30"), (97, "100"), (2630, "2630")],
)
def test_numbers_of_districts_are_rounded(persons, shown):
    assert rounded(persons) == shown


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((90, 0, 0), ("90", "90", "0", "0", 1.0)),
        ((97, 0, 2), ("100", "90", "0", "≤10", 0.9)),
        ((0, 0, 40), ("40", "0", "0", "40", 0.0)),
        ((5, 0, 0), ("≤10", "≤10", "0", "0", 1.0)),
        ((5, 0, 60), ("70", "≤10", "0", "60", None)),
        ((13, 0, 1), ("20", "20", "0", "≤10", None)),
        ((0, 0, 0), ("0", "0", "0", "0", None)),
        ((60, 25, 15), ("100", "60", "30", "20", 0.6)),
    ],
)
def test_a_row_of_coverage_never_claims_more_than_it_knows(parts, shown):
    found = coarse.shown(*parts)
    assert found[:4] == shown[:4]
    assert math.isnan(found.share) if shown[4] is None else found.share == shown[4]


# --- the release ---------------------------------------------------------------------------------

groups_of_counts = st.lists(
    st.lists(st.one_of(st.integers(0, 12), st.integers(0, 300)), min_size=1, max_size=12),
    min_size=1,
    max_size=6,
)


def frame(groups: list[list[int]]) -> tuple[pd.Series, pd.Series]:
    counts = pd.Series([float(n) for g in groups for n in g])
    return counts, pd.Series([f"g{k}" for k, g in enumerate(groups) for _ in g], dtype="str")


@given(groups_of_counts)
def test_estimates_lie_in_their_class_and_keep_totals(groups):
    counts, codes = frame(groups)
    released = release(counts, codes)
    assert (released["estimate"] >= released["low"] - 1e-9).all()
    assert (released["estimate"] <= released["high"] + 1e-9).all()
    assert released["estimate"].sum() == pytest.approx(counts.sum())
    classed = released["classed"]
    assert (counts[classed] >= released["low"][classed]).all()
    assert (counts[classed] <= released["high"][classed]).all()
    assert [band(n) for n in counts[classed]] == [band(n) for n in released["low"][classed]]
    totals = counts.groupby(codes).sum()
    if not totals.between(1, SMALL).any():
        assert released["estimate"].groupby(codes).sum().to_numpy() == pytest.approx(totals.to_numpy())


@settings(max_examples=40, deadline=None)
@given(groups_of_counts)
def test_no_small_count_can_be_narrowed_down(groups):
    """By linear programming, for somebody who knows the classes and every group's total."""
    counts, codes = frame(groups)
    released = release(counts, codes)
    for code in codes.unique():
        mine = codes == code
        if counts[mine].sum() > SMALL:
            for n in np.flatnonzero(mine & (counts >= 1) & (counts <= SMALL)):
                least, most = feasible(released[mine], counts[mine].sum(), n)
                assert least <= 1
                assert most >= SMALL


def feasible(released: pd.DataFrame, total: float, index: int) -> tuple[float, float]:
    """Between which numbers the count at `index` lies."""
    ends = []
    for sense in (pulp.LpMinimize, pulp.LpMaximize):
        problem = pulp.LpProblem("attack", sense)
        n = {r.Index: problem.add_variable(f"n{r.Index}", r.low, r.high) for r in released.itertuples()}
        problem += n[index]
        problem += pulp.lpSum(n.values()) == total
        problem.solve(pulp.HiGHS(msg=False))
        assert problem.sol_status == pulp.LpSolutionOptimal
        ends.append(pulp.value(n[index]))
    return ends[0], ends[1]


@pytest.mark.parametrize(
    ("counts", "classed"),
    [
        ((10, 10, 10), False),  # three tens make 30: each must be 10
        ((1, 1, 9), False),  # 11 among three: nobody can be 10
        ((5, 6, 7), True),
        ((7, 91), False),  # 98 less the class 90–99 leaves 8 at most
        ((7, 91, 41, 55), True),
        ((3, 4), False),
        ((0, 0, 50), True),
        ((40,), True),
        ((9,), False),
    ],
)
def test_classes_are_released_only_where_they_give_nothing_away(counts, classed):
    assert release(*frame([list(counts)]))["classed"].eq(classed).all()


def test_knowing_the_rule_helps_little():
    """All ways to spread a total over small groups: what is released leaves nearly every number open."""
    cases = [
        c for k, most in ((2, 130), (3, 36)) for c in product(range(most), repeat=k) if SMALL < sum(c) < most
    ]
    counts, codes = frame([list(c) for c in cases])
    released = release(counts, codes)
    boxes = released[["classed", "low", "high"]].to_numpy().tolist()
    possible: dict[object, list[set[int]]] = defaultdict(lambda: [set() for _ in range(3)])
    start = 0
    for case in cases:
        seen = (sum(case), tuple(map(tuple, boxes[start : start + len(case)])))
        for n, count in enumerate(case):
            possible[seen][n].add(count)
        start += len(case)
    small = [{n for n in open_ if 1 <= n <= SMALL} for case in possible.values() for open_ in case]
    assert min(len(numbers) for numbers in small if numbers) >= SMALL - 1


def test_a_small_total_among_groups_is_hidden():
    few = release(*frame([[2, 3], [40, 55], [60, 70]]))
    others = release(*frame([[4, 4], [40, 52], [60, 70]]))
    assert not few["classed"].any()
    pd.testing.assert_frame_equal(few, others)


def test_a_table_that_nobody_decided_about_does_not_pass():
    tables = contents._tables(plan(), "shared", "vi")
    with pytest.raises(KeyError):
        privacy.shared({**tables, "patients": tables["stages"]})


# --- shares of groups ------------------------------------------------------------------------------


@pytest.mark.parametrize("persons", [*range(21, 130), 250, 997])
def test_a_share_of_a_group_leaves_small_parts_open(persons):
    """Whoever knows the group's total learns of 1 to 10 suited, or not suited, that they are so many."""
    for parts in (range(1, SMALL + 1), range(persons - SMALL, persons)):
        for digits in (4, 15):
            given = [round(k / persons, digits) for k in parts]
            assert len({privacy.coarse_share(share, persons) for share in given}) == 1
            assert len({privacy.told_share(share, persons) for share in given}) == 1


@pytest.mark.parametrize("persons", range(1, 21))
def test_a_share_of_a_small_group_says_nothing(persons):
    given = [k / persons for k in range(1, persons)]
    assert {privacy.coarse_share(share, persons) for share in given} <= {0.5}
    assert {privacy.told_share(share, persons) for share in given} <= {HIDDEN}


@given(st.integers(0, 3000), st.floats(0, 1))
def test_coarse_shares_are_shares_near_the_exact_one(persons, share):
    found = privacy.coarse_share(share, persons)
    assert 0 <= found <= 1
    assert abs(found - share) * persons <= SMALL + 0.5
    told = privacy.told_share(share, persons)
    assert told == HIDDEN if persons < privacy.LARGE else 0.1 <= told <= 0.9


@pytest.mark.parametrize(
    ("share", "persons", "told"),
    [(0.97, 97, HIDDEN), (0.62, 825, 0.6), (0.97, 825, 0.9), (0.004, 825, 0.1), (0.5, 99, HIDDEN)],
)
def test_the_share_of_a_group_is_told_in_tenths_if_it_is_large(share, persons, told):
    assert privacy.told_share(share, persons) == told
