"""Each rule of the whole model: a plan that keeps it to the last unit stands, one unit more is caught."""

from dataclasses import replace

import numpy as np
import pytest

from optimization import verify
from optimization.instance import Kind, Objective
from optimization.rules import (
    Capacity,
    Cluster,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Rule,
)
from optimization.solution import Level
from tests.optimization.rollouts import (
    ALL,
    ARCS,
    PARENT,
    TREATMENT,
    VOLUNTARY,
    F,
    Q,
    R,
    amounts,
    codes,
    mask,
    network,
    plan,
)
from text import LANGS

EDGES: dict[str, tuple[Rule, Rule, tuple[float, float]]] = {
    "pinned": (
        Pinned(id="r", scope=mask(Q), stage=0),
        Pinned(id="r", scope=mask(R), stage=0),
        (0, 1),
    ),
    "pinned, several": (
        Pinned(id="r", scope=mask(TREATMENT, Q, R), stage=0, count=2),
        Pinned(id="r", scope=mask(TREATMENT, Q, R), stage=0, count=3),
        (2, 3),
    ),
    "forbidden": (
        Forbidden(id="r", scope=mask(Q), stages=(1,)),
        Forbidden(id="r", scope=mask(Q), stages=(0, 1)),
        (1, 0),
    ),
    "cluster": (Cluster(id="r", scope=mask(Q)), Cluster(id="r", scope=mask(Q, R)), (2, 1)),
    "cluster with what stands": (
        Cluster(id="r", scope=mask(TREATMENT, VOLUNTARY)),
        Cluster(id="r", scope=mask(TREATMENT, Q)),
        (2, 1),
    ),
    "capacity": (
        Capacity(id="r", **amounts(10, 20, 30)),
        Capacity(id="r", **amounts(10, 19, 30)),
        (20, 19),
    ),
    "capacity by a hair": (
        Capacity(id="r", **amounts(10, 20 - 1e-6, 30)),
        Capacity(id="r", **amounts(10, 20 - 1e-4, 30)),
        (20, 20 - 1e-4),
    ),
    "caseload": (
        MinimumCaseload(id="r", scope=mask(Q, R), amount=20),
        MinimumCaseload(id="r", scope=mask(Q, R), amount=21),
        (20, 21),
    ),
    "caseload in a long first stage": (
        MinimumCaseload(id="r", scope=mask(R), amount=30),
        MinimumCaseload(id="r", scope=mask(R), amount=31),
        (30, 31),
    ),
    "parent": (
        ParentWithinReach(id="r", **PARENT),
        ParentWithinReach(id="r", **(PARENT | {"minutes": 44.9999})),
        (1, 2),
    ),
    "parent of several": (
        ParentWithinReach(id="r", **PARENT, most=2),
        ParentWithinReach(id="r", **PARENT, most=1),
        (1, 2),
    ),
    "target": (
        CoverageTarget(id="r", service=0, stage=0, share=30 / 60, communes=ALL),
        CoverageTarget(id="r", service=0, stage=0, share=31 / 60, communes=ALL),
        (30, 31),
    ),
    "community": (
        CommunityShare(
            id="r", community=mask(Q, R), everywhere=mask(TREATMENT, Q, R), stage=0, share=20 / 30
        ),
        CommunityShare(
            id="r", community=mask(Q, R), everywhere=mask(TREATMENT, Q, R), stage=0, share=21 / 30
        ),
        (20, 21),
    ),
    "community, with others elsewhere": (
        CommunityShare(
            id="r", community=mask(Q), everywhere=mask(TREATMENT, Q), stage=0, share=0.5, elsewhere=10
        ),
        CommunityShare(
            id="r", community=mask(Q), everywhere=mask(TREATMENT, Q), stage=0, share=0.5, elsewhere=12
        ),
        (20, 21),
    ),
    "floor": (
        GroupFloor(id="r", service=0, stage=1, share=1.0),
        GroupFloor(id="r", service=0, stage=0, share=0.1),
        (0, 3),
    ),
}


@pytest.mark.parametrize("what", EDGES)
def test_a_rule_kept_to_the_last_unit_stands_and_one_more_is_caught(what):
    kept, broken, (found, limit) = EDGES[what]
    assert verify.verify(network(kept), plan()) == ()
    assert verify.kept(network(kept), plan()) == {("r", ""): True}
    assert verify.kept(network(broken), plan()) == {("r", ""): False}
    (finding,) = verify.verify(network(broken), plan())
    assert (finding.code, finding.where) == ("verify.rule", "r")
    assert finding.values == {"found": pytest.approx(found), "limit": pytest.approx(limit)}
    assert all(finding.say(lang) for lang in LANGS)


def test_every_rule_has_its_edge_here_or_beside():
    beside = {"Quota", "Colocated", "StageBudget", "Upgrade"}  # test_verify, and below
    assert {type(rule).__name__ for rule, _, _ in EDGES.values()} | beside == {
        rule.__name__ for rule in verify.CHECKS
    }


MUTATIONS = {
    "a site swapped": (plan((Q, 0, 0), (R, 0, 1), (R, 1, 0)), {"rule", "closed"}),
    "a site closed": (plan((Q, 0, 0)), {"rule", "closed"}),
    "an allocation dropped": (plan(arcs=ARCS[:-1]), {"rule"}),
    "one person turned away": (plan(share=[1, 1, 1, 1, 29 / 30]), {"rule"}),
    "one more than there is": (plan(share=[1, 1, 1, 21 / 20, 1]), {"rule", "share", "over_assigned"}),
}


@pytest.mark.parametrize("what", MUTATIONS)
def test_each_mutation_of_a_plan_with_every_kind_of_rule_is_caught(what):
    rules = [replace(kept, id=str(n)) for n, (kept, _, _) in enumerate(EDGES.values())]
    rules += [CoverageTarget(id="all", service=0, stage=1, share=1.0, communes=ALL)]
    assert codes(network(*rules), plan()) == set()
    solution, expected = MUTATIONS[what]
    assert codes(network(*rules), solution) == expected


def test_a_soft_target_may_be_missed():
    rule = CoverageTarget(id="r", service=0, stage=0, share=1.0, communes=ALL, hard=False)
    assert verify.verify(network(rule), plan()) == ()


def test_a_target_speaks_of_its_communes_only():
    rule = CoverageTarget(id="r", service=0, stage=0, share=1.0, communes=np.array([True, True, False]))
    assert verify.verify(network(rule), plan()) == ()
    assert codes(network(replace(rule, communes=np.array([False, False, True]))), plan()) == {"rule"}


def test_a_caseload_is_not_asked_in_a_first_stage_of_one_year():
    rule = MinimumCaseload(id="r", scope=mask(R), amount=31)
    assert verify.verify(network(rule, years=[1, 1]), plan()) == ()
    assert codes(network(rule, years=[1, 2]), plan()) == {"rule"}
    assert verify.verify(network(replace(rule, scope=mask(TREATMENT))), plan()) == (), "it is not new"


def test_groups_without_demand_have_no_floor():
    demand = np.array(network().demand)
    demand[:, 2] = 0
    assert (
        verify.verify(network(GroupFloor(id="r", service=0, stage=0, share=1.0), demand=demand), plan()) == ()
    )


# --- who may be turned away ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ((), {"refused"}),
        ((Capacity(id="r", **amounts(10, 20, 30)),), set()),
        ((Capacity(id="r", scope=mask(VOLUNTARY), amount=np.full(F, 9.0)),), {"refused"}),
        ((MinimumCaseload(id="r", scope=mask(Q), amount=1),), {"refused"}),
    ],
)
def test_people_are_turned_away_only_where_something_limits_their_service(rules, refused):
    assert codes(network(*rules), plan(arcs=ARCS[:-1])) == refused


def test_nobody_left_out_is_counted_twice():
    """r has room for 25 of 30; in the first stage nothing is open for c."""
    it = network(Capacity(id="r", **amounts(10, 20, 25)))
    figures = verify.figures(it, plan(share=[1, 1, 1, 1, 25 / 30]))
    assert figures.no_capacity[0].tolist() == [[0, 0], [0, 0], [0, pytest.approx(5)]]
    assert figures.out_of_reach[0].tolist() == [[0, 0], [0, 0], [30, pytest.approx(0)]]


# --- gradual cover and values --------------------------------------------------------------------

GRADUAL = (
    Kind("treatment", 0, 30.0, 500, 400, outer=60.0),
    Kind("dispensing", 0, 30.0, 100, 60, outer=60.0),
    Kind("voluntary", 1, 30.0),
)


def test_gradual_cover_counts_persons_by_the_cover_of_their_trip():
    """c goes 45 minutes to q in the first stage: half covered; b at 30 minutes is covered in full."""
    solution = plan(arcs=(*ARCS, (2, Q, 0)))
    it = network(kinds=GRADUAL)
    assert codes(it, solution) == set()
    assert codes(it, plan()) == {"refused"}
    assert codes(network(), solution) == {"too_far"}
    figures = verify.figures(it, solution)
    assert figures.served[0].tolist() == [[10, 10], [20, 20], [15, 30]]
    assert figures.out_of_reach[0].tolist() == [[0, 0], [0, 0], [15, 0]]
    assert figures.no_capacity.sum() == 0
    assert figures.caseload[Q].tolist() == [50, 20]
    assert figures.longest[0].tolist() == [45, 0]


@pytest.mark.parametrize(("minutes", "stands"), [(60.0, True), (60.0 + 1e-7, True), (60.0001, False)])
def test_the_edge_of_the_outer_standard(minutes, stands):
    trip = np.array(network().minutes)
    trip[2, 1] = minutes
    solution = plan(arcs=(*ARCS, (2, Q, 0)))
    assert ("too_far" not in codes(network(kinds=GRADUAL, minutes=trip), solution)) == stands


def test_every_value_is_recomputed():
    """Soft targets: all of the first stage's 60 (30 served), all of the second's (60 served)."""
    rules = [
        CoverageTarget(id="soft", part=str(t), service=0, stage=t, share=1.0, communes=ALL, hard=False)
        for t in (0, 1)
    ]
    arcs = ((0, TREATMENT, 0), (1, TREATMENT, 0), *ARCS[2:])
    right = {
        "min_shortfall": 30.0,
        "max_cover": 30 * 1 + 60 * 2.0,
        "min_travel": 20 * 2 * 30 * 365.0,
        "max_worst_group": 0 * 1 + 1.0 * 2,
        "min_max_travel": 30 * 1 + 0 * 2.0,
        "min_facilities": 2.0,
        "min_cost": 100 + 2 * 60 + 100 + 60.0,
    }
    assert set(right) == set(verify.VALUES)
    it = network(*rules, objectives=tuple(Objective(name, 0) for name in right))
    levels = [Level(name, value, value, 0.0) for name, value in right.items()]
    assert verify.verify(it, plan(arcs=arcs, levels=levels)) == ()
    for n, (name, value) in enumerate(right.items()):
        wrong = [*levels[:n], Level(name, value + 1, value + 1, 0.0), *levels[n + 1 :]]
        (finding,) = verify.verify(it, plan(arcs=arcs, levels=wrong))
        assert (finding.code, finding.where) == ("verify.value", f"solution.levels.{name}")
        assert finding.values == {"got": value + 1, "want": pytest.approx(value)}


def test_rules_about_persons_cannot_be_judged_without_them():
    rule = EDGES["target"][0]
    with pytest.raises(ValueError, match="who goes where"):
        verify.breach(network(rule), rule, plan().opened)
