"""`verify` accepts what is right and catches each way of being wrong."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimization import constraints, objectives, verify
from optimization.instance import Instance, Kind, Objective, Service
from optimization.rules import Colocated, Quota, StageBudget
from optimization.solution import Allocation, Level, Solution, Status
from text import LANGS

EVERY = np.ones(6, dtype=bool)
METHADONE, COUNSELLING = np.arange(6) < 3, np.arange(6) >= 3


def small(**changes) -> Instance:
    """Three villages, three stations: methadone (f 0-2; 0 is open already), counselling (f 3-5) beside it."""
    arrays: dict[str, Any] = {
        "communes": ("a", "b", "c"),
        "premises": ("p", "q", "r"),
        "groups": ("north", "south"),
        "services": (Service("methadone", 365.0), Service("counselling", 12.0)),
        "kinds": (Kind("dispensing", 0, 30.0, 0, 0), Kind("counselling", 1, 30.0, 100, 60)),
        "stages": ("2018", "2019"),
        "years": [1, 2],
        "demand": [[[10, 10], [20, 20], [30, 30]], [[10, 11], [20, 22], [30, 33]]],
        "minutes": [[0, 30, 90], [30, 0, 60], [90, 45, 0]],
        "weight": [1, 2, 1],
        "commune_group": [0, 0, 1],
        "site_group": [0, 0, 1],
        "site": [0, 1, 2, 0, 1, 2],
        "kind": [0, 0, 0, 1, 1, 1],
        "existing": [1, 0, 0, 0, 0, 0],
        "limit": [1] * 6,
        "ready": [0, 0, 1, 0, 0, 1],
        "offered": [True] * 6,
        "rules": (
            Quota(
                id="one_each", part="north", scope=np.arange(6) == 3, stages=(1,), count="open", lo=1, hi=1
            ),
            Quota(id="a_year", part="2018", scope=COUNSELLING, stages=(0,), lo=1, hi=1),
            Quota(id="a_year", part="2019", scope=COUNSELLING, stages=(1,), lo=1, hi=1),
            Colocated(id="beside", scope=COUNSELLING, hosts=METHADONE),
            StageBudget(id="money", part="2018", scope=EVERY, stages=(0,), amount=100),
            StageBudget(id="money", part="2019", scope=EVERY, stages=(1,), amount=280),
        ),
        "objectives": (Objective("max_cover", 1), Objective("min_travel", 1)),
    }
    return Instance(**(arrays | changes))


# Both services: p serves a and b (b lies exactly on the 30 minutes), from 2019 r serves c.
METHADONE_ARCS = [(0, 0, 0), (1, 0, 0), (0, 0, 1), (1, 0, 1), (2, 2, 1)]
ARCS = [*METHADONE_ARCS, (0, 3, 0), (1, 3, 0), (0, 3, 1), (1, 3, 1), (2, 5, 1)]
COVER = 1 * (10 + 2 * 20) + 2 * (11 + 2 * 22 + 33)
TRAVEL = 12 * 2 * 30 * (1 * 20 + 2 * 22)


def plan(
    opened=((0, 0), (0, 0), (0, 1), (1, 0), (0, 0), (0, 1)), arcs=ARCS, share=None, levels=None, **changes
):
    """The right plan, or one changed as told."""
    columns = np.array(arcs, dtype=np.int64).reshape(-1, 3).T
    shares = np.ones(len(arcs)) if share is None else np.array(share, dtype=float)
    reported = levels or (Level("max_cover", COVER, COVER, 0.0), Level("min_travel", TRAVEL, TRAVEL, 0.0))
    fields: dict[str, Any] = {
        "status": Status.OPTIMAL,
        "opened": np.array(opened, dtype=np.int64),
        "existing": np.array([1, 0, 0, 0, 0, 0]),
        "allocation": Allocation(columns[0], columns[1], columns[2], shares),
        "levels": reported,
        "seconds": {},
        "solver": "none",
    }
    return Solution(**(fields | changes))


def codes(instance, solution) -> set[str]:
    """Codes of all findings; each finding can be said in both languages."""
    findings = verify.verify(instance, solution)
    assert all(finding.say(lang) for finding in findings for lang in LANGS)
    return {finding.code.removeprefix("verify.") for finding in findings}


def test_right_plan_stands():
    assert verify.verify(small(), plan()) == ()


def test_every_rule_and_objective_of_the_model_has_its_check():
    assert set(verify.CHECKS) == set(constraints.RULES)
    assert set(verify.VALUES) == set(objectives.OBJECTIVES)


CAUGHT_AS = {
    "stay_open": {"negative"},
    "keep_existing": {"existing"},
    "eligible": {"limit", "not_ready", "not_offered"},
    "cover_within_standard": {"too_far", "closed", "value"},
    "assign_demand": {"over_assigned", "twice"},
    "open_before_allocate": {"closed"},
    "serve_within_reach": {"refused"},
}


def test_every_constraint_of_every_instance_has_its_check():
    """A new constraint needs a line above, and a mutation below that breaks it."""
    assert set(CAUGHT_AS) == {function.__name__ for function in constraints.STRUCTURE}
    assert set().union(*CAUGHT_AS.values()) <= set().union(*(found for *_, found in MUTATIONS.values()))


def opened_with(*changes):
    opened = np.array([[0, 0], [0, 0], [0, 1], [1, 0], [0, 0], [0, 1]])
    for f, t, n in changes:
        opened[f, t] = n
    return opened


MUTATIONS = {
    "a site swapped": (plan(opened_with((5, 1, 0), (4, 1, 1))), {"closed", "rule"}),
    "a facility closed": (plan(opened_with((5, 1, 0))), {"closed", "rule"}),
    "a negative opening": (plan(opened_with((0, 1, -1))), {"negative", "closed", "rule"}),
    "opened twice": (plan(opened_with((3, 1, 1), (5, 1, 0))), {"limit", "closed", "rule"}),
    "opened before ready": (plan(opened_with((2, 0, 1), (2, 1, 0))), {"not_ready", "refused"}),
    "opened where none is offered": (plan(), {"not_offered"}),
    "host missing": (plan(opened_with((2, 1, 0))), {"closed", "rule"}),
    "existing left out": (plan(existing=np.array([0, 0, 0, 0, 0, 0])), {"existing"}),
    "allocation dropped": (plan(arcs=ARCS[:-1]), {"refused", "value"}),
    "allocation halved": (plan(share=[*[1] * 9, 0.5]), {"refused", "value"}),
    "served twice": (plan(arcs=[*ARCS, ARCS[-1]]), {"twice", "over_assigned", "value"}),
    "more than all": (plan(share=[*[1] * 9, 1.01]), {"share", "over_assigned", "value"}),
    "nobody on an arc": (plan(arcs=[*ARCS, (2, 5, 0)], share=[*[1] * 10, 0]), {"share", "closed"}),
    "too far": (plan(arcs=[*ARCS[:-2], (1, 5, 1), ARCS[-1]]), {"too_far", "value"}),
    "no such commune": (plan(arcs=[*ARCS, (3, 3, 0)]), {"index"}),
    "wrong shape": (plan(opened=np.zeros((5, 2), dtype=int)), {"shape"}),
    "wrong cover": (
        plan(levels=(Level("max_cover", 227, 227, 0), Level("min_travel", TRAVEL, TRAVEL, 0))),
        {"value"},
    ),
    "levels in another order": (plan(levels=plan().levels[::-1]), {"levels"}),
    "a level kept back": (plan(levels=plan().levels[:1]), {"levels"}),
    "bound below a maximum": (
        plan(levels=(Level("max_cover", COVER, COVER - 1, 0.0), plan().levels[1])),
        {"bound"},
    ),
    "bound above a minimum": (
        plan(levels=(plan().levels[0], Level("min_travel", TRAVEL, TRAVEL + 1, 0.0))),
        {"bound"},
    ),
    "gap hidden": (plan(levels=(Level("max_cover", COVER, COVER + 50, 0.0), plan().levels[1])), {"gap"}),
    "gap too large to be optimal": (
        plan(levels=(Level("max_cover", COVER, COVER * 1.1, 0.1), plan().levels[1])),
        {"gap"},
    ),
    "infeasible with a plan": (plan(status=Status.INFEASIBLE), {"status"}),
}


MUTATED_INSTANCE = {"opened where none is offered": {"offered": [True] * 5 + [False]}}


@pytest.mark.parametrize("what", MUTATIONS)
def test_each_mutation_is_caught(what):
    solution, expected = MUTATIONS[what]
    assert codes(small(**MUTATED_INSTANCE.get(what, {})), solution) == expected


def test_fractional_openings_are_caught():
    assert codes(small(), replace(plan(), opened=opened_with() / 2)) == {"shape"}


def test_an_answer_without_a_plan():
    nothing = Solution(
        status=Status.INFEASIBLE,
        opened=None,
        existing=np.array([1, 0, 0, 0, 0, 0]),
        allocation=None,
        levels=(),
        seconds={},
        solver="none",
    )
    assert verify.verify(small(), nothing) == ()
    assert codes(small(), replace(nothing, status=Status.OPTIMAL)) == {"status"}
    for read in (verify.figures, verify.kept):
        with pytest.raises(ValueError, match="no plan"):
            read(small(), nothing)


def test_a_gap_may_be_asked_for():
    loose = plan(levels=(Level("max_cover", COVER, COVER * 1.1, 0.1), plan().levels[1]))
    assert verify.verify(small(), loose, gap=0.1) == ()
    assert verify.verify(small(), replace(loose, status=Status.FEASIBLE)) == ()


@pytest.mark.parametrize(("minutes", "stands"), [(30.0, True), (30.0 + 1e-7, True), (30.0001, False)])
def test_the_edge_of_the_standard(minutes, stands):
    trip = np.array(small().minutes)
    trip[1, 0] = minutes
    assert ("too_far" not in codes(small(minutes=trip), plan())) == stands


def test_no_way_is_too_far_even_without_a_standard():
    trip = np.array(small().minutes)
    trip[1, 0] = np.inf
    kinds = tuple(replace(kind, standard=np.inf) for kind in small().kinds)
    assert "too_far" in codes(small(minutes=trip, kinds=kinds), plan())


def rules_with(key, **changes: Any):
    return tuple(replace(r, **changes) if (r.id, r.part) == key else r for r in small().rules)


@pytest.mark.parametrize(("part", "amount"), [("2018", 99), ("2019", 279)])
def test_one_dong_over_the_budget_is_caught(part, amount):
    """2018: one point 100; 2019 (two years): a new one 100 + 60 and two more years of the first 120."""
    rules = rules_with(("money", part), amount=amount)
    (finding,) = verify.verify(small(rules=rules), plan())
    assert (finding.code, finding.where) == ("verify.rule", f"money[{part}]")
    assert finding.values == {"found": amount + 1, "limit": amount}
    assert verify.kept(small(rules=rules), plan()) == {
        (rule.id, rule.part): (rule.id, rule.part) != ("money", part) for rule in rules
    }


@pytest.mark.parametrize("limits", [{"lo": 2, "hi": None}, {"lo": 0, "hi": 0}])
def test_quota_broken_by_one_is_caught(limits):
    rules = rules_with(("a_year", "2019"), **limits)
    (finding,) = verify.verify(small(rules=rules), plan())
    assert finding.where == "a_year[2019]"


def test_open_counts_what_already_stands():
    rule = Quota(id="all", scope=METHADONE, stages=(0, 1), count="open", lo=2, hi=2)
    assert verify.verify(small(rules=(rule,)), plan()) == ()
    assert codes(small(rules=(replace(rule, lo=3, hi=None),)), plan()) == {"rule"}


def test_a_facility_not_offered_may_stand_but_not_open():
    assert codes(small(offered=[False, True, True, True, True, True]), plan()) == set()
    assert codes(small(offered=[True, True, True, True, True, False]), plan()) == {"not_offered"}


def test_every_objective_is_recomputed():
    """Two points opened for counselling; 100 in 2018, 100 + 60 + 120 in 2019."""
    right = {"max_cover": COVER, "min_travel": TRAVEL, "min_facilities": 2, "min_cost": 380}
    instance = small(objectives=tuple(Objective(name, 1) for name in right))
    reported = [Level(name, value, value, 0.0) for name, value in right.items()]
    assert verify.verify(instance, plan(levels=tuple(reported))) == ()
    for n, (name, value) in enumerate(right.items()):
        wrong = [*reported[:n], Level(name, value + 1, value + 1, 0.0), *reported[n + 1 :]]
        (finding,) = verify.verify(instance, plan(levels=tuple(wrong)))
        assert (finding.code, finding.where) == ("verify.value", f"solution.levels.{name}")


def test_what_already_stands_is_no_part_of_the_cost_of_the_plan():
    kinds = (Kind("dispensing", 0, 30.0, 500, 7), Kind("counselling", 1, 30.0, 100, 60))
    it = verify.figures(small(kinds=kinds), plan())
    assert it.cost.tolist() == [100 + 7, 280 + 2 * 7 + 507]
    assert it.spent_on_new.tolist() == [[0, 507], [100, 280]]


def test_figures():
    it = verify.figures(small(), plan())
    assert it.cost.tolist() == [100, 280]
    assert verify.cost(small(), plan().opened, scope=METHADONE).tolist() == [0, 0]
    assert it.demand[1].sum(axis=0).tolist() == [60, 66]
    assert it.served[1].sum(axis=0).tolist() == [30, 66]
    assert it.no_capacity[1].sum(axis=0).tolist() == [0, 0]
    assert it.out_of_reach[1].sum(axis=0).tolist() == [30, 0]
    assert it.caseload[3].tolist() == [30, 33]
    assert it.caseload[5].tolist() == [0, 33]
    assert it.travel[1].tolist() == [20 * 60 * 12, 22 * 60 * 12]
    assert it.served[0].sum(axis=0).tolist() == [30, 60]


def test_within_reach_and_not_served_is_counted_apart():
    """Methadone stands within reach of a and b from 2018 and of c from 2019, but nobody is sent there."""
    it = verify.figures(small(), plan(arcs=ARCS[5:]))
    assert it.served[0].sum() == 0
    assert it.no_capacity[0].sum(axis=0).tolist() == [30, 60]
    assert it.out_of_reach[0].sum(axis=0).tolist() == [30, 0]


# --- random plans, judged by brute force ---------------------------------------------------------


def keeps_all(instance, opened) -> bool:
    """The rules once more, unit by unit, as slowly as can be."""
    n_f, n_t = opened.shape
    there = [[int(instance.existing[f]) + sum(opened[f, : t + 1]) for t in range(n_t)] for f in range(n_f)]
    for f in range(n_f):
        for t in range(n_t):
            if opened[f, t] and (t < instance.ready[f] or not instance.offered[f]):
                return False
        if there[f][-1] > instance.limit[f]:
            return False
    return all(keeps(instance, rule, opened, there) for rule in instance.rules)


def keeps(instance, rule, opened, there) -> bool:
    f_in = [f for f in range(len(instance.site)) if rule.scope[f]]
    n_t = len(instance.stages)
    if isinstance(rule, Quota):
        new = sum(int(opened[f, t]) for f in f_in for t in rule.stages)
        n = new if rule.count == "opened" else sum(there[f][rule.stages[-1]] for f in f_in)
        return rule.lo <= n and (rule.hi is None or n <= rule.hi)
    if isinstance(rule, Colocated):
        hosts = [h for h in range(len(instance.site)) if rule.hosts[h]]
        beside = {f: [h for h in hosts if instance.site[h] == instance.site[f]] for f in f_in}
        return all(there[f][t] <= sum(there[h][t] for h in beside[f]) for f in f_in for t in range(n_t))
    spent = 0
    for f in f_in:
        kind = instance.kinds[instance.kind[f]]
        for year_stage in rule.stages:
            length = int(instance.years[year_stage])
            before = there[f][year_stage] - int(opened[f, year_stage])
            for year in range(length):
                spent += before * kind.later_year
                spent += int(opened[f, year_stage]) * (kind.first_year if year == 0 else kind.later_year)
    return spent <= rule.amount


def serve_nearest(instance, opened):
    """Everybody goes to the nearest open facility of the service; the levels follow from it, arc by arc."""
    arcs, cover, travel = [], 0.0, 0.0
    for s, i, t in np.ndindex(*instance.demand.shape):
        trips = [
            (instance.minutes[i, instance.site[f]], f)
            for f in range(len(instance.site))
            if instance.kinds[instance.kind[f]].service == s
            and instance.existing[f] + opened[f, : t + 1].sum() > 0
        ]
        minutes, f = min(trips, default=(np.inf, -1))
        if minutes <= instance.kinds[instance.kind[f]].standard:
            arcs.append((i, f, t))
            if s == 1:
                persons = instance.demand[s, i, t] * int(instance.years[t])
                cover += persons * instance.weight[i]
                travel += persons * 2 * minutes * instance.services[s].visits
    levels = (Level("max_cover", cover, cover, 0.0), Level("min_travel", travel, travel, 0.0))
    return plan(opened, arcs, levels=levels, existing=instance.existing)


def test_all_plans_of_a_small_instance_are_judged_as_by_brute_force():
    """Each facility opens in the first stage, the second, or never: 3⁵ plans beside the existing one."""
    good = 0
    for when in itertools.product(((0, 0), (1, 0), (0, 1)), repeat=5):
        opened = np.array([(0, 0), *when])
        right = keeps_all(small(), opened)
        good += right
        assert (verify.verify(small(), serve_nearest(small(), opened)) == ()) == right, opened
    assert good == 4 + 3 + 2  # p then q, p then r, q then p, each with the hosts that may stand beside


def random_rules(lo, hi, count, amount):
    return (
        Quota(id="quota", scope=COUNSELLING, stages=(0, 1), count=count, lo=lo, hi=hi),
        Colocated(id="beside", scope=COUNSELLING, hosts=METHADONE),
        StageBudget(id="money", scope=EVERY, stages=(0,), amount=amount // 2),
        StageBudget(id="money", part="all", scope=EVERY, stages=(0, 1), amount=amount),
    )


@settings(max_examples=150, deadline=None)
@given(
    opened=hnp.arrays(np.int64, (6, 2), elements=st.sampled_from([0, 0, 0, 1])),
    minutes=hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 60)),
    ready=hnp.arrays(np.int64, 6, elements=st.sampled_from([0, 0, 0, 1, 2])),
    offered=hnp.arrays(np.bool_, 6, elements=st.sampled_from([True, True, True, False])),
    rules=st.builds(
        random_rules,
        lo=st.integers(0, 2),
        hi=st.one_of(st.none(), st.integers(1, 3)),
        count=st.sampled_from(["opened", "open"]),
        amount=st.integers(0, 500),
    ),
)
def test_random_plans_are_judged_as_by_brute_force(opened, minutes, ready, offered, rules):
    instance = small(minutes=minutes, ready=ready, offered=offered, rules=rules)
    solution = serve_nearest(instance, opened)
    assert (verify.verify(instance, solution) == ()) == keeps_all(instance, opened)
    for rule in rules:
        there = solution.open.tolist()
        assert verify.kept(instance, solution)[rule.id, rule.part] == keeps(instance, rule, opened, there)
    it = verify.figures(instance, solution)
    np.testing.assert_allclose(it.served + it.no_capacity + it.out_of_reach, it.demand)
    np.testing.assert_allclose(it.caseload.sum(), it.served.sum())
    assert (it.no_capacity == 0).all()  # nobody within reach is left out where nothing is full
