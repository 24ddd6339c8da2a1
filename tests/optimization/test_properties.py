"""What must hold on any instance."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimization import model, search, solve, verify
from optimization.instance import Instance, Kind, Objective
from optimization.rules import (
    Capacity,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from optimization.solution import Status
from tests.optimization.instances import scattered

COVER, TRAVEL = Objective("max_cover", 0), Objective("min_travel", 0)
seeds = st.integers(0, 10_000)
some = settings(max_examples=20, deadline=None)


def instance(seed: int, **changes) -> Instance:
    """A random instance that has a plan."""
    it = scattered(np.random.default_rng(seed), facilities=7, **changes)
    assume(solve.is_feasible(it))
    return it


def values(it: Instance) -> list[float]:
    """The optimum of each level."""
    found = solve.solve(it)
    assert found.status is Status.OPTIMAL
    assert verify.verify(it, found) == ()
    return [level.value for level in found.levels]


def at_least(more: list[float], than: list[float]) -> bool:
    return more[0] >= than[0] * (1 - 2e-6)


@given(seeds)
@some
def test_more_points_never_lower_the_cover(seed):
    it = instance(seed)
    before = values(it)
    rules = [replace(r, hi=r.hi + 1) if isinstance(r, Quota) and r.hi else r for r in it.rules]
    assert at_least(values(replace(it, rules=rules)), before)
    assert at_least(values(replace(it, offered=np.ones(7, dtype=bool))), before)
    assert at_least(values(replace(it, ready=np.zeros(7))), before)


@given(seeds, st.integers(1, 500))
@some
def test_more_money_never_lowers_the_cover(seed, more):
    it = instance(seed)
    rules = [replace(r, amount=r.amount + more) if isinstance(r, StageBudget) else r for r in it.rules]
    assert at_least(values(replace(it, rules=rules)), values(it))


@given(seeds, st.floats(0, 20))
@some
def test_a_wider_standard_never_lowers_the_cover(seed, more):
    it = instance(seed)
    kinds = [replace(kind, standard=kind.standard + more) for kind in it.kinds]
    assert at_least(values(replace(it, kinds=tuple(kinds))), values(it))


@given(seeds)
@some
def test_a_rule_less_never_lowers_the_cover(seed):
    it = instance(seed)
    before = values(it)
    for n in range(len(it.rules)):
        assert at_least(values(replace(it, rules=it.rules[:n] + it.rules[n + 1 :])), before)


@given(seeds)
@some
def test_a_commune_without_demand_changes_nothing(seed):
    it = instance(seed, objectives=(COVER, TRAVEL))
    more = replace(
        it,
        communes=(*it.communes, "empty"),
        demand=np.concatenate([it.demand, np.zeros((1, 1, len(it.stages)))], axis=1),
        minutes=np.concatenate([it.minutes, np.zeros((1, len(it.premises)))]),
        weight=[*it.weight, 3],
        commune_group=[*it.commune_group, 0],
    )
    with_it, without = solve.solve(more), solve.solve(it)
    assert (with_it.opened == without.opened).all()
    assert with_it.levels == without.levels


@given(seeds, st.randoms(use_true_random=False))
@some
def test_shuffling_and_renaming_change_no_value(seed, random):
    it = instance(seed, objectives=(COVER, TRAVEL))
    i, f, j = (random.sample(range(n), n) for n in (len(it.communes), len(it.site), len(it.premises)))
    home = np.argsort(j)  # where each premises went
    rules = []
    for rule in random.sample(it.rules, len(it.rules)):
        masks = {"scope": rule.scope[f]} | ({"hosts": rule.hosts[f]} if isinstance(rule, Colocated) else {})
        rules.append(replace(rule, **masks, id=f"{rule.id} đổi tên"))
    shuffled = replace(
        it,
        communes=tuple(f"Xã {n}" for n in i),
        premises=tuple(f"Trạm y tế {n}" for n in j),
        demand=it.demand[:, i],
        weight=it.weight[i],
        commune_group=it.commune_group[i],
        site_group=it.site_group[j],
        minutes=it.minutes[np.ix_(i, j)],
        site=home[it.site[f]],
        rules=tuple(rules),
        **{name: getattr(it, name)[f] for name in ("kind", "existing", "limit", "ready", "offered")},
    )
    assert values(shuffled) == pytest.approx(values(it), rel=2e-6)


@given(seeds)
@some
def test_what_is_opened_stays_open_and_what_stands_is_kept(seed):
    it = instance(seed)
    found = solve.solve(it)
    assert (np.diff(found.open, axis=1) >= 0).all()
    assert (found.open[:, 0] >= it.existing).all()
    assert (found.open <= it.limit[:, None]).all()


@given(seeds, st.sampled_from(["max_cover", "max_worst_group", "min_shortfall"]), st.booleans())
@some
def test_the_compact_and_the_allocating_form_agree(seed, name, with_targets):
    it = instance(seed, objectives=(Objective(name, 0),))
    target = CoverageTarget(id="target", service=0, stage=2, share=0.9, communes=np.arange(8) < 5, hard=False)
    floor = GroupFloor(id="floor", service=0, stage=1, share=0.2)
    it = replace(it, rules=(*it.rules, target, *((floor,) if with_targets else ())))
    assume(solve.is_feasible(it))
    totals = []
    for allocate in ((), (0,)):
        programme = model.build(it, allocate=allocate)
        assert bool(programme.variables.x) == bool(allocate)
        names = [row.name for row in programme.problem.constraints()]
        assert any(name.startswith("cover_within_standard") for name in names) != bool(allocate)
        goal = search.goals_of(programme)[0]
        found = search.Search(programme).best(goal, search.Watch(0.0))
        assert found.proved
        totals.append(found.total(goal))
        assert search.value_of(programme, goal, found.opened) == pytest.approx(totals[-1])
    assert totals[0] == pytest.approx(totals[1])


@given(seeds)
@some
def test_travel_after_cover_costs_no_cover(seed):
    it = instance(seed)
    assert values(replace(it, objectives=(COVER, TRAVEL)))[0] == pytest.approx(values(it)[0], rel=2e-6)


@given(seeds, st.floats(0, 0.3))
@some
def test_a_loss_is_kept_to_and_never_costs_travel(seed, loss):
    it = instance(seed, objectives=(COVER, TRAVEL))
    strict, lax = values(it), values(replace(it, objectives=(Objective("max_cover", 0, loss), TRAVEL)))
    assert lax[0] >= strict[0] * (1 - loss) - 2e-6 * strict[0]
    assert lax[1] <= strict[1] * (1 + 2e-6)


@given(seeds)
@some
def test_a_second_solve_gives_the_same_plan(seed):
    it = instance(seed, objectives=(COVER, TRAVEL))
    assert (solve.solve(it).opened == solve.solve(it).opened).all()


# --- the whole model -----------------------------------------------------------------------------


def limited(seed: int, **changes) -> tuple[Instance, Capacity]:
    """A random instance whose facilities can take only so many, and that rule."""
    rng = np.random.default_rng(seed)
    room = Capacity(id="room", scope=rng.random(7) < 0.8, amount=rng.integers(1, 80, 7).astype(float))
    it = scattered(rng, facilities=7, **changes)
    it = replace(it, rules=(*it.rules, room))
    assume(solve.is_feasible(it))
    return it, room


def instead(it: Instance, rule, other) -> Instance:
    return replace(it, rules=tuple(other if r is rule else r for r in it.rules))


@given(seeds, st.floats(0, 50))
@some
def test_more_capacity_never_lowers_the_cover(seed, more):
    it, room = limited(seed)
    before = values(it)
    assert at_least(values(instead(it, room, replace(room, amount=room.amount + more))), before)
    without = values(replace(it, rules=tuple(r for r in it.rules if r is not room)))
    assert at_least(without, before)


@given(seeds)
@some
def test_a_capacity_that_never_binds_changes_no_value(seed):
    """The allocation comes from a linear programme there, and from the nearest point here."""
    it = instance(seed, objectives=(COVER, TRAVEL))
    ample = Capacity(id="room", scope=np.ones(7, dtype=bool), amount=np.full(7, 1e5))
    steered = replace(it, rules=(*it.rules, ample))
    assert model.build(steered).forms.steered == {0}
    assert values(steered) == pytest.approx(values(it), rel=3e-5)


@given(seeds, st.floats(0, 30))
@some
def test_a_smaller_caseload_never_lowers_the_cover(seed, less):
    it = instance(seed)
    load = MinimumCaseload(id="load", scope=np.ones(7, dtype=bool), amount=30.0)
    strict = replace(it, rules=(*it.rules, load))
    assume(solve.is_feasible(strict))
    before = values(strict)
    assert at_least(values(instead(strict, load, replace(load, amount=30.0 - less))), before)
    assert at_least(values(it), before)


@given(seeds, st.floats(0, 40), st.integers(1, 3))
@some
def test_a_longer_reach_of_parents_never_lowers_the_cover(seed, minutes, most):
    rng = np.random.default_rng(seed)
    between = rng.uniform(0, 60, (4, 4))
    it = scattered(rng, facilities=7, between=between, existing=np.zeros(7))
    parent = ParentWithinReach(
        id="parent", scope=it.kind == 0, parents=it.kind == 1, minutes=minutes, most=most
    )
    rules = tuple(r for r in it.rules if isinstance(r, StageBudget))
    strict = replace(it, rules=(*rules, parent))
    before = values(strict)
    assert at_least(values(instead(strict, parent, replace(parent, minutes=minutes + 10))), before)
    assert at_least(values(instead(strict, parent, replace(parent, most=None))), before)
    assert at_least(values(replace(it, rules=rules)), before)


@given(seeds, st.floats(0, 20))
@some
def test_a_longer_outer_standard_never_lowers_the_cover(seed, more):
    it = instance(seed)
    plain = tuple(Kind(k.id, 0, k.standard, k.first_year, k.later_year) for k in it.kinds)
    faded = tuple(replace(k, outer=k.standard + 10) for k in plain)
    longer = tuple(replace(k, outer=k.standard + 10 + more) for k in plain)
    totals = [values(replace(it, kinds=kinds)) for kinds in (plain, faded, longer)]
    assert at_least(totals[1], totals[0])
    assert at_least(totals[2], totals[1])


@given(seeds, st.floats(0.05, 1))
@some
def test_a_target_asks_for_no_more_than_its_share(seed, share):
    """Hard and feasible, it costs cover elsewhere at most; the shortfall of a soft one is what is missing."""
    it = instance(seed)
    communes = np.arange(8) < 4
    hard = CoverageTarget(id="target", service=0, stage=2, share=share, communes=communes)
    strict, soft = (replace(it, rules=(*it.rules, replace(hard, hard=h))) for h in (True, False))
    shortfall = Objective("min_shortfall", 0)
    (short,) = values(replace(soft, objectives=(shortfall,)))
    assert solve.is_feasible(strict) == (short <= 1e-6)
    if short <= 1e-6:
        assert at_least(values(it), values(strict))
        assert values(replace(soft, objectives=(shortfall, COVER)))[1] == pytest.approx(values(strict)[0])


@given(seeds, st.floats(0, 1))
@some
def test_the_worst_group_is_what_a_floor_can_reach(seed, share):
    it = instance(seed, stages=1, objectives=(Objective("max_worst_group", 0),))
    years = float(it.years[0])
    (worst,) = values(it)
    grouped = (it.demand[0, it.commune_group >= 0, 0] > 0).any()
    assume(grouped and abs(share - worst / years) > 1e-4)
    floor = GroupFloor(id="floor", service=0, stage=0, share=share)
    assert solve.is_feasible(replace(it, rules=(*it.rules, floor))) == (share < worst / years)


@given(seeds)
@some
def test_the_longest_trip_is_no_longer_than_with_travel_alone(seed):
    it = instance(seed, stages=1, objectives=(COVER, Objective("min_max_travel", 0)))
    longest = values(it)[1]
    found = solve.solve(replace(it, objectives=(COVER, TRAVEL)))
    trips = it.minutes[found.allocation.commune, it.site[found.allocation.facility]]
    assert longest <= float(it.years[0]) * trips.max(initial=0.0) * (1 + 1e-6)


@given(seeds, st.integers(0, 6))
@some
def test_pins_bans_and_clusters_only_ever_cost_cover(seed, f):
    it = instance(seed)
    one = np.arange(7) == f
    rules = (
        Pinned(id="pin", scope=one, stage=1),
        Forbidden(id="ban", scope=one, stages=(0, 1, 2)),
        Cluster(id="cluster", scope=np.arange(7) <= f),
    )
    free = values(it)
    for rule in rules:
        strict = replace(it, rules=(*it.rules, rule))
        if solve.is_feasible(strict):
            assert at_least(free, values(strict))
    with_and_without = [replace(it, rules=(*it.rules, rule)) for rule in rules[:2]]
    totals = [values(each)[0] for each in with_and_without if solve.is_feasible(each)]
    assert not totals or it.existing[f] or max(totals) <= free[0] * (1 + 2e-6)


@given(seeds)
@some
def test_an_upgrade_closes_one_for_each_it_opens(seed):
    it = instance(seed)
    pairs = [j for j in range(4) if {0, 1} <= set(it.kind[it.site == j].tolist())]
    assume(pairs)
    before = (it.kind == 0) & np.isin(it.site, pairs)
    after = (it.kind == 1) & np.isin(it.site, pairs)
    rules = tuple(r for r in it.rules if not isinstance(r, Colocated))
    upgrading = replace(it, rules=(*rules, Upgrade(id="up", before=before, after=after)))
    found = solve.solve(upgrading)
    assume(found.opened is not None)
    assert verify.verify(upgrading, found) == ()
    assert (found.upgraded[before].sum(axis=0) == found.opened[after].sum(axis=0)).all()
    assert (found.open >= 0).all()
    assert found.open.sum() == (it.existing[:, None] + found.opened.cumsum(axis=1)).sum() - (
        found.upgraded.cumsum(axis=1).sum()
    )


@given(seeds)
@some
def test_a_second_solve_sends_everybody_the_same_way(seed):
    it, _ = limited(seed, objectives=(COVER, TRAVEL))
    share = CommunityShare(
        id="share", community=it.kind == 0, everywhere=np.ones(7, dtype=bool), stage=1, share=0.3
    )
    it = replace(it, rules=(*it.rules, share))
    once, again = solve.solve(it), solve.solve(it)
    assume(once.opened is not None)
    assert (once.opened == again.opened).all()
    assert all((a == b).all() for a, b in zip(once.allocation, again.allocation, strict=True))
