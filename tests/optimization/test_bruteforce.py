"""On instances small enough to try every schedule, the model finds the best, or that there is none."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from optimization import solve, verify
from optimization.instance import Objective
from optimization.rules import Colocated, Quota, StageBudget
from optimization.solution import Status
from tests.optimization.instances import scattered

LEVELS = {
    "cover": (Objective("max_cover", 0),),
    "travel": (Objective("max_cover", 0), Objective("min_travel", 0)),
    "few": (Objective("max_cover", 0), Objective("min_facilities", 0)),
    "cheap": (Objective("max_cover", 0), Objective("min_cost", 0), Objective("min_travel", 0)),
}


SEEDS = 30


def schedules(it):
    """Every plan (F, T) of facilities that open as often as there is room, and no earlier than they may."""
    choices = []
    for f in range(len(it.site)):
        stages = range(it.ready[f], len(it.stages))
        room = it.limit[f] - it.existing[f] if it.offered[f] else 0
        ways = (itertools.combinations_with_replacement(stages, n) for n in range(room + 1))
        choices.append(list(itertools.chain(*ways)))
    for chosen in itertools.product(*choices):
        plan = np.zeros((len(it.site), len(it.stages)), dtype=np.int64)
        for f, stages in enumerate(chosen):
            for t in stages:
                plan[f, t] += 1
        yield plan


def keeps(it, plan) -> bool:
    """All rules, in plain loops."""
    standing = it.existing[:, None] + plan.cumsum(axis=1)
    for rule in it.rules:
        members = [f for f in range(len(it.site)) if rule.scope[f]]
        if isinstance(rule, Quota):
            n = sum(plan[f, t] for f in members for t in rule.stages)
            if rule.count == "open":
                n = sum(standing[f, max(rule.stages)] for f in members)
            if n < rule.lo or (rule.hi is not None and n > rule.hi):
                return False
        elif isinstance(rule, Colocated):
            for f, t in itertools.product(members, range(len(it.stages))):
                hosts = [h for h in range(len(it.site)) if rule.hosts[h] and it.site[h] == it.site[f]]
                if standing[f, t] > sum(standing[h, t] for h in hosts):
                    return False
        elif (
            isinstance(rule, StageBudget) and cost(it, plan, members, rule.stages, running=True) > rule.amount
        ):
            return False
    return True


def cost(it, plan, members, stages, *, running: bool) -> int:
    """VND over `stages`; `running` counts what stood before the first stage."""
    total = 0
    for f, t in itertools.product(members, stages):
        kind, years = it.kinds[it.kind[f]], int(it.years[t])
        since = [0] * int(it.existing[f] if running else 0)
        since += [1] * int(plan[f, :t].sum())
        total += len(since) * years * kind.later_year
        total += int(plan[f, t]) * (kind.first_year + (years - 1) * kind.later_year)
    return total


def worth(it, plan) -> dict[str, float]:
    """Every objective of service 0."""
    standing = it.existing[:, None] + plan.cumsum(axis=1)
    cover = travel = 0.0
    for i, t in itertools.product(range(len(it.communes)), range(len(it.stages))):
        trips = [
            it.minutes[i, it.site[f]]
            for f in range(len(it.site))
            if standing[f, t] and it.minutes[i, it.site[f]] <= it.kinds[it.kind[f]].standard
        ]
        if trips:
            persons = it.years[t] * it.demand[0, i, t]
            cover += it.weight[i] * persons
            travel += persons * 2 * min(trips) * it.services[0].visits
    opening = cost(it, plan, range(len(it.site)), range(len(it.stages)), running=False)
    few = float(plan.sum())
    return {"max_cover": cover, "min_travel": travel, "min_facilities": few, "min_cost": float(opening)}


def best(it) -> list[float] | None:
    """The lexicographic optimum: one value a level."""
    ranked = (
        [-w[o.name] if o.name.startswith("max") else w[o.name] for o in it.objectives]
        for w in (worth(it, plan) for plan in schedules(it) if keeps(it, plan))
    )
    least: list[float] | None = None
    for values in ranked:
        close = least is not None and all(
            math.isclose(a, b, rel_tol=1e-9) for a, b in zip(values, least, strict=True)
        )
        if least is None or (not close and lower(values, least)):
            least = values
    return None if least is None else [abs(v) for v in least]


def lower(values, than) -> bool:
    for a, b in zip(values, than, strict=True):
        if not math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9):
            return a < b
    return False


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_model_finds_the_best_of_all_schedules(seed, levels):
    it = scattered(np.random.default_rng(seed), objectives=LEVELS[levels])
    wanted, found = best(it), solve.solve(it)
    if wanted is None:
        assert found.status is Status.INFEASIBLE
        assert not solve.is_feasible(it)
        return
    assert found.status is Status.OPTIMAL
    assert [level.value for level in found.levels] == pytest.approx(wanted, rel=2e-6)
    assert [level.bound for level in found.levels] == pytest.approx(wanted, rel=2e-6)
    assert keeps(it, found.opened)
    assert verify.verify(it, found) == ()
    assert solve.is_feasible(it)


def preference(it, plan) -> tuple[float, float]:
    """What decides between plans of equal worth."""
    standing = it.existing[:, None] + plan.cumsum(axis=1)
    return plan.sum(), math.fsum(math.sqrt(1 + f) * n for (f, _), n in np.ndenumerate(standing))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_of_equals_the_preferred_one_is_returned(seed):
    it = scattered(np.random.default_rng(seed))
    wanted, found = best(it), solve.solve(it)
    if wanted is None:
        assert found.opened is None
        return
    equal = [
        plan
        for plan in schedules(it)
        if keeps(it, plan) and math.isclose(worth(it, plan)["max_cover"], wanted[0], rel_tol=1e-9)
    ]
    fewest, order = min(preference(it, plan) for plan in equal)
    count, roots = preference(it, found.opened)
    assert count == fewest
    assert roots == pytest.approx(order, rel=1e-6)


def test_the_seeds_above_hold_both_answers():
    """A test over instances that are all feasible, or all not, would prove half of what it says."""
    feasible = [best(scattered(np.random.default_rng(seed))) is not None for seed in range(SEEDS)]
    assert SEEDS / 3 < sum(feasible) < SEEDS * 0.9


def test_leaving_one_rule_out_agrees_too():
    for seed in range(SEEDS):
        it = scattered(np.random.default_rng(seed), facilities=5)
        plans = list(schedules(it))
        for key in [(rule.id, rule.part) for rule in it.rules]:
            without = replace(it, rules=[rule for rule in it.rules if (rule.id, rule.part) != key])
            assert solve.is_feasible(it, omit={key}) is any(keeps(without, plan) for plan in plans)


def test_the_least_that_gives_way_agrees_too():
    """One quota elastic: the slack is what the plan that breaks it least is short of."""
    seen = 0
    for seed in range(SEEDS):
        it = scattered(np.random.default_rng(seed))
        end = next(rule for rule in it.rules if isinstance(rule, Quota) and rule.id == "end")
        more = replace(end, lo=end.lo + 3, hi=None)
        asked = replace(it, rules=[more if rule is end else rule for rule in it.rules])
        others = replace(it, rules=[rule for rule in it.rules if rule is not end])
        standing = [
            (it.existing + plan.sum(axis=1))[end.scope].sum() for plan in schedules(it) if keeps(others, plan)
        ]
        found = solve.least(asked, elastic={("end", "")})
        if not standing:
            assert found is None
            continue
        short = max(0, more.lo - max(standing))
        seen += short > 0
        assert found.amounts == ({("end", ""): {"lo": short}} if short else {})
        assert found.total == short
    assert seen > SEEDS / 4
