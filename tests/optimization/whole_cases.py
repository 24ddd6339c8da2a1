"""Small random instances, a kind for each rule and objective of the whole model."""

from dataclasses import replace

import numpy as np

from optimization.instance import Kind, Objective, Service
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
    Quota,
    StageBudget,
    Upgrade,
)
from tests.optimization.instances import MINUTES_A_KM, make

COVER, TRAVEL, SHORT = (Objective(name, 0) for name in ("max_cover", "min_travel", "min_shortfall"))
WORST, LONGEST = Objective("max_worst_group", 0), Objective("min_max_travel", 0)
FEW, CHEAP = Objective("min_facilities", 0), Objective("min_cost", 0)


def small(rng, *, stages: int = 2, communes: int = 5, sites: int = 3, **changes):
    """Two kinds of one service: k0 at every premises, k1 at the first; few may open."""
    people, places = rng.uniform(0, 20, (communes, 2)), rng.uniform(0, 20, (sites, 2))
    minutes = MINUTES_A_KM * np.hypot(*(people[:, None] - places[None]).transpose(2, 0, 1))
    between = MINUTES_A_KM * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    site, kind = np.array([*range(sites), 0]), np.array([0] * sites + [1])
    n = sites + 1
    every = np.ones(n, dtype=bool)
    arrays = {
        "kinds": (Kind("k0", 0, 22.0, 169, 112), Kind("k1", 0, 28.0, 90, 51)),
        "services": (Service("s", 12.0),),
        "groups": ("g0", "g1"),
        "commune_group": rng.integers(0, 2, communes),
        "site_group": rng.integers(0, 2, sites),
        "years": rng.integers(1, 3, stages),
        "weight": rng.integers(1, 3, communes),
        "site": site,
        "kind": kind,
        "existing": (rng.random(n) < 0.25).astype(int),
        "limit": np.where(rng.random(n) < 0.2, 2, 1),
        "ready": rng.choice([0, 0, 0, 1], n),
        "offered": rng.random(n) < 0.95,
        "between": between,
        "objectives": (COVER, TRAVEL),
        "rules": (
            Quota(id="a_year", part="0", scope=every, stages=(0,), hi=int(rng.integers(1, 3))),
            StageBudget(id="money", scope=every, stages=(0,), amount=int(rng.integers(150, 900))),
        ),
    }
    persons = rng.integers(0, 40, (communes, stages)) * rng.choice([1, 0.37])
    return make(minutes, persons, stages=stages, **(arrays | changes))


def with_rules(it, *rules, **changes):
    numbered = (replace(rule, id=f"{rule.id}{len(it.rules)}") for rule in rules)
    return replace(it, rules=(*it.rules, *numbered), **changes)


def pinned(rng, it):
    return with_rules(it, Pinned(id="r", scope=rng.random(4) < 0.6, stage=int(rng.integers(2)), count=1))


def forbidden(rng, it):
    stages = ((0,), (1,), (0, 1))[rng.integers(3)]
    return with_rules(it, Forbidden(id="r", scope=rng.random(4) < 0.4, stages=stages))


def cluster(rng, it):
    quota = Quota(id="some", scope=np.ones(4, dtype=bool), stages=(1,), count="open", lo=2)
    return with_rules(it, Cluster(id="r", scope=rng.random(4) < 0.6), quota)


def upgrade(rng, it):
    """k1 takes the place of k0 at the first premises, whatever else may stand there."""
    before, after = np.arange(4) == 0, np.arange(4) == 3
    must = Quota(id="must", scope=after, stages=(0, 1), lo=int(rng.integers(2)))
    every = np.ones(4, dtype=bool)
    money = StageBudget(id="all", scope=every, stages=(0, 1), amount=int(rng.integers(300, 1500)))
    rules = (Upgrade(id="r", before=before, after=after), must, money)
    return with_rules(it, *rules, existing=np.where(after, 0, it.existing), objectives=(COVER, CHEAP))


def capacity(rng, it):
    amount = rng.integers(5, 60, 4).astype(float)
    return with_rules(it, Capacity(id="r", scope=rng.random(4) < 0.8, amount=amount))


def caseload(rng, it):
    rule = MinimumCaseload(id="r", scope=rng.random(4) < 0.8, amount=float(rng.integers(1, 40)))
    return with_rules(it, rule, Quota(id="some", scope=np.ones(4, dtype=bool), stages=(0,), lo=1))


def parent(rng, it, **options):
    parents = np.arange(4) == 3 if rng.random() < 0.5 else np.arange(4) % 2 == 1
    most = (None, 1, 2)[rng.integers(3)]
    minutes = float(rng.uniform(0, 40))
    rule = ParentWithinReach(id="r", scope=~parents, parents=parents, minutes=minutes, most=most)
    more = Capacity(id="c", scope=parents, amount=rng.integers(20, 90, 4).astype(float), **options)
    rules = (rule, more) if options else (rule,)
    return with_rules(it, *rules, limit=np.ones(4, dtype=int))


def satellites(rng, it):
    return parent(rng, it, counts_satellites=True)


def target(rng, it):
    communes = rng.random(5) < 0.7
    rule = CoverageTarget(id="r", service=0, stage=1, share=float(rng.uniform(0.2, 1)), communes=communes)
    return with_rules(it, rule, objectives=(FEW, COVER))


def soft_target(rng, it):
    rules = [
        CoverageTarget(
            id="r", part=str(t), service=0, stage=t, share=0.95, communes=rng.random(5) < 0.7, hard=False
        )
        for t in range(2)
    ]
    return with_rules(it, *rules, objectives=(SHORT, COVER))


def soft_target_under_capacity(rng, it):
    return capacity(rng, soft_target(rng, it))


def community(rng, it):
    inside, share = np.arange(4) != int(rng.integers(4)), float(rng.uniform(0.2, 0.9))
    rule = CommunityShare(
        id="r", community=inside, everywhere=np.ones(4, dtype=bool), stage=1, share=share, elsewhere=7.0
    )
    return with_rules(it, rule)


def community_under_capacity(rng, it):
    return capacity(rng, community(rng, it))


def floor(rng, it):
    return with_rules(it, GroupFloor(id="r", service=0, stage=1, share=float(rng.uniform(0.1, 0.9))))


def worst_group(rng, it):
    del rng
    return replace(it, objectives=(WORST, COVER))


def worst_group_under_capacity(rng, it):
    return replace(capacity(rng, it), objectives=(WORST, COVER))


def longest(rng, it):
    del rng
    return replace(it, objectives=(COVER, LONGEST, CHEAP))


def gradual(rng, it):
    """One kind fades, so that openings say who goes where; with two it is a matter of weighing."""
    kinds = (Kind("k0", 0, 8.0, 169, 112, outer=25.0), Kind("k1", 0, 8.0, 90, 51, outer=25.0))
    if rng.random() < 0.5:
        kinds = (kinds[0], Kind("k1", 0, 20.0, 90, 51))
    return replace(it, kinds=kinds)


def gradual_with_loss(rng, it):
    return replace(gradual(rng, it), objectives=(replace(COVER, loss=0.1), TRAVEL))


def gradual_under_capacity(rng, it):
    return capacity(rng, gradual(rng, it))


def capacity_with_loss(rng, it):
    return replace(capacity(rng, it), objectives=(replace(COVER, loss=0.1), TRAVEL))


def longest_under_capacity(rng, it):
    """One stage, so that the longest trip can be found by trying each length."""
    one = replace(
        it, stages=("1",), years=[2], demand=it.demand[:, :, :1], ready=np.zeros(4), rules=it.rules[1:]
    )
    return replace(capacity(rng, one), objectives=(COVER, LONGEST, FEW))


def several(rng, it):
    """Several points at one place, each with its capacity and its caseload."""
    quota = Quota(id="some", scope=np.arange(4) == 0, stages=(0, 1), lo=1)
    return caseload(rng, capacity(rng, with_rules(it, quota, limit=[2, 1, 1, 2], existing=[0, 0, 1, 1])))


CASES = (
    pinned,
    forbidden,
    cluster,
    upgrade,
    capacity,
    caseload,
    parent,
    satellites,
    target,
    soft_target,
    soft_target_under_capacity,
    community,
    community_under_capacity,
    floor,
    worst_group,
    worst_group_under_capacity,
    longest,
    gradual,
    gradual_with_loss,
    gradual_under_capacity,
    capacity_with_loss,
    longest_under_capacity,
    several,
)
