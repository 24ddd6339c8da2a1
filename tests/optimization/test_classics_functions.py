"""The classics on arrays: as spopt has them, as every subset has them, and refused where data are bad."""

import itertools
import math
import warnings

import numpy as np
import pulp
import pytest
from scipy.sparse import csr_array

from errors import DataError
from optimization import classics, classics_more, median, solve, sparse, verify
from optimization.instance import Kind, Objective
from optimization.solution import Status
from tests.optimization.instances import make, opening

# spopt speaks to an older PuLP; what it warns of is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    locate = pytest.importorskip("spopt.locate", reason="spopt is not installed")

SEEDS = range(6)


def points(seed: int, clients: int = 70, sites: int = 50):
    """Distances (clients, sites) and weights."""
    rng = np.random.default_rng(seed)
    here, there = rng.uniform(0, 60, (clients, 2)), rng.uniform(0, 60, (sites, 2))
    return np.hypot(*(here[:, None] - there[None]).transpose(2, 0, 1)), rng.integers(1, 100, clients)


def theirs(problem) -> float:
    return float(problem.solve(pulp.HiGHS(msg=False)).problem.objective.value())


def proved(answer, value: float) -> None:
    assert answer.status is Status.OPTIMAL
    assert answer.value == pytest.approx(value, rel=1e-6)
    assert answer.bound == pytest.approx(value, rel=1e-5)
    assert answer.gap <= 1e-6


# --- spopt ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_lscp_agrees_with_spopt(seed):
    d, _ = points(seed)
    radius = max(10.0, float(d.min(axis=1).max()))
    answer = classics.lscp(d, radius)
    proved(answer, theirs(locate.LSCP.from_cost_matrix(d, radius)))
    assert (d[:, answer.sites].min(axis=1) <= radius).all()
    assert len(answer.sites) == answer.value


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [1, 4, 9])
def test_mclp_agrees_with_spopt(seed, p):
    d, w = points(seed)
    answer = classics.mclp(d, w, 9.0, p)
    proved(answer, theirs(locate.MCLP.from_cost_matrix(d, w, 9.0, p)))
    assert len(answer.sites) == p
    covered = d[:, answer.sites].min(axis=1) <= 9
    assert w[covered].sum() == answer.value
    assert ((answer.assignment >= 0) == covered).all()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [1, 4, 9])
def test_p_median_agrees_with_spopt(seed, p):
    d, w = points(seed)
    answer = classics.p_median(d, p, weights=w)
    proved(answer, theirs(locate.PMedian.from_cost_matrix(d, w, p_facilities=p)))
    assert len(answer.sites) == p
    assert (w * d[np.arange(len(d)), answer.assignment]).sum() == pytest.approx(answer.value)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("p", [1, 4])
def test_p_center_agrees_with_spopt(seed, p):
    d, _ = points(seed, 30, 20)
    answer = classics.p_center(d, p)
    proved(answer, theirs(locate.PCenter.from_cost_matrix(d, p)))
    assert len(answer.sites) == p
    assert d[:, answer.sites].min(axis=1).max() == answer.value


# --- the general model ---------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_the_general_model_gives_the_same(seed):
    """Arrays straight into HiGHS, and an `Instance` in PuLP: the same optimum."""
    d, w = points(seed, 40, 25)
    rule = opening(np.ones(25, dtype=bool), 0, 4)
    it = make(d, w, kinds=(Kind("k", 0, 12.0),), rules=(rule,))
    assert classics.mclp(d, w, 12.0, 4).value == pytest.approx(solve.solve(it).levels[0].value)
    levels = (Objective("max_cover", 0), Objective("min_travel", 0))
    it = make(d, w, kinds=(Kind("k", 0, np.inf),), rules=(rule,), objectives=levels)
    assert 2 * classics.p_median(d, 4, weights=w).value == pytest.approx(solve.solve(it).levels[1].value)


# --- every subset --------------------------------------------------------------------------------


def small(seed: int, clients: int = 9, sites: int = 7):
    rng = np.random.default_rng(seed)
    d = rng.integers(1, 30, (clients, sites)).astype(float)
    d[rng.random(d.shape) < 0.15] = np.inf
    d[~np.isfinite(d).any(axis=1), 0] = 12
    return d, rng.integers(0, 20, clients) + (np.arange(clients) == 0)


def subsets(sites: int, p: int):
    return (list(chosen) for chosen in itertools.combinations(range(sites), p))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("p", [1, 2, 3, 7])
def test_median_and_center_are_the_least_of_all_subsets(seed, p):
    """With missing ways too: where no p sites reach everybody, that is said."""
    d, w = small(seed)
    with np.errstate(invalid="ignore"):
        cost = np.where(np.isfinite(d), w[:, None] * d, np.inf)
    total = min(cost[:, chosen].min(axis=1).sum() for chosen in subsets(7, p))
    farthest = min(d[:, chosen].min(axis=1).max() for chosen in subsets(7, p))
    for answer, value in ((classics.p_median(d, p, weights=w), total), (classics.p_center(d, p), farthest)):
        if math.isinf(value):
            assert answer.status is Status.INFEASIBLE
            assert answer.value is None
        else:
            proved(answer, value)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("p", [1, 3, 6])
def test_cover_and_backup_are_the_most_of_all_subsets(seed, p):
    d, w = small(seed)
    times = {tuple(chosen): (d[:, chosen] <= 8).sum(axis=1) for chosen in subsets(7, p)}
    proved(classics.mclp(d, w, 8, p), max(w[n >= 1].sum() for n in times.values()))
    both = max(0.7 * w[n >= 1].sum() + 0.3 * w[n >= 2].sum() for n in times.values())
    proved(classics_more.backup_mclp(d, w, 8, p, backup=0.3), both)


@pytest.mark.parametrize("seed", range(25))
def test_set_cover_is_the_fewest_of_all_subsets(seed):
    d, _ = small(seed)
    radius = float(d.min(axis=1).max())
    fewest = next(
        p for p in range(1, 8) if any((d[:, chosen].min(axis=1) <= radius).all() for chosen in subsets(7, p))
    )
    proved(classics.lscp(d, radius), fewest)


@pytest.mark.parametrize("seed", range(12))
def test_stages_are_the_best_of_all_schedules(seed):
    rng = np.random.default_rng(seed)
    d, w = rng.integers(1, 30, (8, 5)).astype(float), rng.integers(1, 20, (8, 2))
    best = 0
    for first in itertools.combinations(range(5), 1):
        for then in itertools.combinations(sorted(set(range(5)) - set(first)), 2):
            early, late = (d[:, list(s)].min(axis=1) <= 9 for s in (first, first + then))
            best = max(best, w[early, 0].sum() + w[late, 1].sum())
    answer = classics_more.multi_period_mclp(d, w, 9, [1, 2])
    proved(answer, best)
    assert sorted(answer.stages) == [0, 1, 1]


@pytest.mark.parametrize("seed", range(12))
def test_capacities_are_the_least_of_all_subsets_and_assignments(seed):
    """Single source by every assignment; CFLP by every set of open sites and a transport problem."""
    rng = np.random.default_rng(seed)
    cost, demand = rng.integers(1, 30, (5, 4)).astype(float), rng.integers(1, 9, 5)
    capacity, fixed = rng.integers(6, 22, 4), rng.integers(1, 40, 4)
    least = math.inf
    for assigned in itertools.product(range(4), repeat=5):
        used = np.bincount(assigned, demand, 4)
        if (used <= capacity).all() and len(set(assigned)) <= 2:
            least = min(least, cost[range(5), assigned].sum())
    answer = classics_more.capacitated_p_median(cost, 2, capacity, demand)
    if math.isinf(least):
        assert answer.status is Status.INFEASIBLE
    else:
        proved(answer, least)
    total = min(
        (
            fixed[chosen].sum() + transport(cost[:, chosen], capacity[chosen], demand)
            for chosen in open_sets(4)
        ),
        default=math.inf,
    )
    answer = classics_more.capacitated_facility_location(cost, fixed, capacity, demand)
    if math.isinf(total):
        assert answer.status is Status.INFEASIBLE
    else:
        proved(answer, total)


def open_sets(sites: int):
    return (list(c) for p in range(1, sites + 1) for c in itertools.combinations(range(sites), p))


def transport(cost, capacity, demand) -> float:
    """The least cost of serving all from these sites, by another solver."""
    from scipy.optimize import linprog

    k, n = cost.shape
    once = np.kron(np.eye(k), np.ones(n))
    load = np.kron(demand, np.eye(n))
    found = linprog(cost.ravel(), load, capacity, once, np.ones(k), method="highs-ds")
    return found.fun if found.status == 0 else math.inf


# --- the parts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_the_lagrangian_never_passes_the_optimum(seed):
    d, w = points(seed, 25, 12)
    cost = d * w[:, None]
    least = min(cost[:, chosen].min(axis=1).sum() for chosen in subsets(12, 3))
    root = median.Part(cost, np.arange(12), np.zeros(12, dtype=bool), np.partition(cost, 1, axis=1)[:, 1])
    dual = median._raised(root, 3, least, 0.0, effort=median.ROOT, deadline=math.inf)
    assert 0.9 * least < dual.bound <= least + 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_reductions_keep_the_optimum(seed):
    rng = np.random.default_rng(seed)
    cover = rng.random((12, 9)) < 0.3
    cover[~cover.any(axis=1), 0] = True
    clients, sites = sparse.reduced(csr_array(cover))
    assert len(clients) < 12 or len(sites) < 9

    def fewest(matrix):
        n = matrix.shape[1]
        return next(p for p in range(1, n + 1) if any(matrix[:, c].any(axis=1).all() for c in subsets(n, p)))

    assert fewest(cover) == fewest(cover[np.ix_(clients, sites)])


def test_a_cut_search_says_so():
    """With no time there is no proof: a bound that holds, a gap, and no word of "optimal"."""
    d, w = points(0, 300, 300)
    answer = classics.p_median(d, 20, weights=w, time_limit=0.0)
    assert answer.status is Status.FEASIBLE
    full = classics.p_median(d, 20, weights=w)
    assert answer.bound <= full.value <= answer.value
    assert answer.gap == pytest.approx((answer.value - answer.bound) / answer.value)
    assert classics.lscp(d, 7.0, time_limit=0.0).status in (Status.NO_SOLUTION, Status.FEASIBLE)


# --- bad data ------------------------------------------------------------------------------------

GOOD = np.array([[1.0, 5.0, 9.0], [4.0, 2.0, 8.0]])
NAMES = ("Tân Lập", "Tân Lộc")


def changed(*places, to):
    d = GOOD.copy()
    for place in places:
        d[place] = to
    return d


BAD = {
    "shape": (lambda: classics.lscp([1.0, 2.0], 5), "classic.shape", "(2,)"),
    "empty": (lambda: classics.p_center(np.zeros((0, 3)), 1), "classic.shape", "(0, 3)"),
    "NaN": (
        lambda: classics.lscp(changed((1, 2), to=np.nan), 5, clients=NAMES),
        "classic.not_a_number",
        "Tân Lộc, 2",
    ),
    "negative": (
        lambda: classics.p_median(changed((0, 1), (1, 1), to=-1), 1),
        "classic.negative",
        "2 values",
    ),
    "infinite": (lambda: classics.mclp(GOOD, [1, np.inf], 5, 1), "classic.not_finite", "first at 1"),
    "duplicate": (lambda: classics.lscp(GOOD, 5, clients=("Tân Lập",) * 2), "classic.duplicate", "Tân Lập"),
    "names": (lambda: classics.lscp(GOOD, 5, sites=NAMES), "classic.shape", "(2,)"),
    "disconnected": (
        lambda: classics.p_median(changed((1, 0), (1, 1), (1, 2), to=np.inf), 1, clients=NAMES),
        "classic.disconnected",
        "1 clients have no way to any site: Tân Lộc",
    ),
    "uncoverable": (lambda: classics.lscp(GOOD, 1.5, clients=NAMES), "classic.uncoverable", "1.5: Tân Lộc"),
    "no demand": (lambda: classics.mclp(GOOD, [0, 0], 5, 1), "classic.no_demand", "all 2 clients"),
    "weights": (lambda: classics.mclp(GOOD, [1, 2, 3], 5, 1), "classic.shape", "(3,)"),
    "p": (lambda: classics.p_median(GOOD, 4), "classic.number", "4 is not between 1 and 3"),
    "no p": (lambda: classics.p_center(GOOD, 0), "classic.number", "0 is not between 1 and 3"),
    "radius": (lambda: classics.mclp(GOOD, [1, 1], -1, 1), "classic.number", "-1"),
    "NaN radius": (lambda: classics.mclp(GOOD, [1, 1], np.nan, 1), "classic.number", "nan"),
    "backup": (lambda: classics_more.backup_mclp(GOOD, [1, 1], 5, 1, backup=2), "classic.number", "2"),
    "capacity": (
        lambda: classics_more.capacitated_p_median(GOOD, 1, [1, -1, 2], [1, 1], sites=("a", "b", "c")),
        "classic.negative",
        "the first at b",
    ),
    "fixed": (
        lambda: classics_more.capacitated_facility_location(GOOD, [1, 1], [1, 1, 2], [1, 1]),
        "classic.shape",
        "(2,)",
    ),
    "stages": (
        lambda: classics_more.multi_period_mclp(GOOD, [[1], [1]], 5, [1, 1]),
        "classic.shape",
        "(2, 1)",
    ),
    "openings": (
        lambda: classics_more.multi_period_mclp(GOOD, [[1, 1], [1, 1]], 5, [2, 2]),
        "classic.number",
        "4",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_data_are_refused_with_counts_and_names(case):
    call, code, words = BAD[case]
    with pytest.raises(DataError) as caught:
        call()
    assert [p.code for p in caught.value.problems] == [code]
    assert words in caught.value.say("en")
    assert caught.value.say("vi") != caught.value.say("en")


def test_everything_wrong_is_said_at_once():
    with pytest.raises(DataError) as caught:
        classics.mclp(changed((0, 0), to=np.nan), [1, -1], -2, 9)
    codes = [p.code for p in caught.value.problems]
    assert codes == ["classic.not_a_number", "classic.negative", "classic.number", "classic.number"]


def test_multi_period_answer_stands_up_to_verify():
    d, _ = points(1, 30, 15)
    w = np.random.default_rng(1).integers(1, 50, (30, 3)).astype(float)
    it = classics_more._staged(d, w, 10.0, [2, 1, 1])
    assert verify.verify(it, solve.solve(it)) == ()
