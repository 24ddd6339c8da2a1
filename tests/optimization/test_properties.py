"""What must hold on any instance."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimization import model, search, solve, verify
from optimization.instance import Instance, Objective
from optimization.rules import Colocated, Quota, StageBudget
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


@given(seeds)
@some
def test_the_compact_and_the_allocating_form_agree(seed):
    it = instance(seed)
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
