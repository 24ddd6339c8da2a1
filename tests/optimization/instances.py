"""Instances to test with: hand-made, random, and of a province's size."""

from typing import Any

import numpy as np

from optimization.instance import Instance, Kind, Objective, Service
from optimization.rules import Colocated, Quota, Rule, StageBudget

MINUTES_A_KM = 2.0

# The plan of Cần Thơ: registered persons by district, the order it opens them in, costs and budgets in VND.
PERSONS = [825, 222, 160, 271, 544, 154, 147, 97, 210]
OFFICIAL = ((3, 4), (0, 1, 2, 8, 5, 6), (7,))
FIRST, LATER = 169_000_000, 111_600_000
BUDGETS = (338_000_000, 1_237_200_000, 1_061_800_000)


def make(minutes, persons, *, stages: int = 1, **changes) -> Instance:
    """One kind of facility at every premises; `minutes` (I, J), `persons` (I,) or (I, T)."""
    minutes = np.asarray(minutes, dtype=float)
    n, m = minutes.shape
    persons = np.asarray(persons, dtype=float)
    if persons.ndim == 1:
        persons = np.repeat(persons[:, None], stages, axis=1)
    facilities = len(changes.get("site", range(m)))
    arrays: dict[str, Any] = {
        "communes": tuple(f"c{i}" for i in range(n)),
        "premises": tuple(f"p{j}" for j in range(m)),
        "groups": (),
        "services": (Service("s"),),
        "kinds": (Kind("k", 0, 30.0, 169_000_000, 111_600_000),),
        "stages": tuple(str(2018 + t) for t in range(stages)),
        "years": [1] * stages,
        "demand": persons[None],
        "minutes": minutes,
        "weight": [1] * n,
        "commune_group": [-1] * n,
        "site_group": [-1] * m,
        "site": np.arange(m),
        "kind": [0] * facilities,
        "existing": [0] * facilities,
        "limit": [1] * facilities,
        "ready": [0] * facilities,
        "offered": [True] * facilities,
        "objectives": (Objective("max_cover", 0),),
    }
    return Instance(**(arrays | changes))


def opening(scope, stage: int, count: int, name: str = "a_year") -> Quota:
    """Exactly `count` of `scope` open in `stage`."""
    return Quota(id=name, part=str(stage), scope=np.asarray(scope), stages=(stage,), lo=count, hi=count)


def nine_districts(**changes) -> Instance:
    """Nine places, each reached only by its own people, 2 + 6 + 1 to open under the plan's budgets."""
    every = np.ones(9, dtype=bool)
    rules: list[Rule] = [opening(every, t, n) for t, n in enumerate((2, 6, 1))]
    rules += [
        StageBudget(id="money", part=str(t), scope=every, stages=(t,), amount=amount)
        for t, amount in enumerate(BUDGETS)
    ]
    minutes = np.where(np.eye(9, dtype=bool), 0, np.inf)
    return make(minutes, PERSONS, stages=3, **({"rules": tuple(rules)} | changes))


def toy() -> Instance:
    """Three villages and two stations over two stages; methadone (f 0, 1) and counselling beside it (f 2, 3).

    Methadone stands at the first station already.  Villages b and c are on the boundary of the second one's
    standard; a has nobody to counsel in the second stage.
    """
    every = np.ones(4, dtype=bool)
    counselling = np.array([False, False, True, True])
    return make(
        [[0, 40], [20, 30], [90, 30]],
        [10, 20, 30],
        stages=2,
        groups=("north", "south"),
        services=(Service("methadone", 365.0), Service("counselling", 12.0)),
        kinds=(Kind("dispensing", 0, 30.0, 0, 0), Kind("counselling", 1, 30.0, 169_000_000, 111_600_000)),
        years=[1, 2],
        demand=[[[5, 5], [10, 10], [15, 15]], [[10, 0], [20, 22], [30, 33]]],
        weight=[1, 2, 1],
        commune_group=[0, 0, 1],
        site_group=[0, 1],
        site=[0, 1, 0, 1],
        kind=[0, 0, 1, 1],
        existing=[1, 0, 0, 0],
        limit=[1, 2, 1, 1],
        ready=[0, 0, 0, 1],
        offered=[True] * 4,
        rules=(
            Quota(id="each", part="south", scope=np.arange(4) == 3, stages=(0, 1), lo=1, hi=1),
            Quota(id="at_most", scope=counselling, stages=(0, 1), count="open", hi=2),
            Colocated(id="beside", scope=counselling, hosts=~counselling),
            StageBudget(id="money", part="2018", scope=every, stages=(0,), amount=338_000_000),
            StageBudget(id="money", part="all", scope=every, stages=(0, 1), amount=900_000_001),
        ),
        objectives=(Objective("max_cover", 1),),
    )


def scattered(
    rng: np.random.Generator,
    *,
    communes: int = 8,
    sites: int = 4,
    facilities: int = 6,
    stages: int = 3,
    groups: int = 2,
    objectives: tuple[Objective, ...] = (Objective("max_cover", 0),),
    **changes,
) -> Instance:
    """A random small instance with quotas, budgets, and a second kind that stands beside the first."""
    people, places = rng.uniform(0, 30, (communes, 2)), rng.uniform(0, 30, (sites, 2))
    minutes = MINUTES_A_KM * np.hypot(*(people[:, None] - places[None]).transpose(2, 0, 1))
    both = rng.permutation(np.stack([np.tile(np.arange(sites), 2), np.repeat([0, 1], sites)], axis=1))
    site, kind = np.array(sorted(both[:facilities].tolist(), key=lambda pair: pair[::-1])).T
    n = facilities
    arrays: dict[str, Any] = {
        "groups": tuple(f"g{g}" for g in range(groups)),
        "kinds": (Kind("k", 0, 25.0, 169, 112), Kind("k2", 0, 35.0, 90, 51)),
        "years": rng.integers(1, 3, stages),
        "weight": rng.integers(1, 4, communes),
        "commune_group": rng.integers(-1, groups, communes),
        "site_group": rng.integers(-1, groups, sites),
        "site": site,
        "kind": kind,
        "existing": ((rng.random(n) < 0.2) & (kind == 0)).astype(int),
        "limit": np.where(rng.random(n) < 0.15, 2, 1),
        "ready": rng.choice(stages + 1, n, p=[0.7, *[0.3 / stages] * stages]),
        "offered": rng.random(n) < 0.9,
        "rules": tuple(_random_rules(rng, n, kind, site, stages)),
        "objectives": objectives,
    }
    persons = rng.integers(0, 40, (communes, stages)) * rng.choice([1, 0.37])
    return make(minutes, persons, stages=stages, **(arrays | changes))


def _random_rules(rng, n: int, kind, site, stages: int) -> list[Rule]:
    every = np.ones(n, dtype=bool)
    pooled = tuple(range(stages))
    rules: list[Rule] = [
        Quota(id="a_year", part=str(t), scope=every, stages=(t,), lo=int(rng.integers(0, 2)), hi=2)
        for t in pooled
    ]
    rules += [
        Quota(
            id="end", scope=kind == 1, stages=(stages - 1,), count="open", lo=int(rng.integers(0, 3)), hi=3
        ),
        Quota(id="place", scope=site == site[0], stages=pooled, hi=1),
        Colocated(id="beside", scope=kind == 1, hosts=kind == 0),
        StageBudget(id="money", part="0", scope=every, stages=(0,), amount=int(rng.integers(200, 900))),
        StageBudget(id="money", part="all", scope=every, stages=pooled, amount=int(rng.integers(1000, 3500))),
    ]
    return rules


def province(
    rng: np.random.Generator,
    *,
    communes: int = 80,
    sites: int = 90,
    districts: int = 9,
    quota: tuple[int, ...] = (2, 6, 1),
    standard: float = 30.0,
    objectives: tuple[Objective, ...] = (Objective("max_cover", 1), Objective("min_travel", 1)),
    **changes,
) -> Instance:
    """A province like Cần Thơ: ten methadone sites stand, counselling opens beside them, one a district."""
    stages = len(quota)
    people = rng.uniform(0, 50, (communes, 2))
    places = np.concatenate([people, rng.uniform(0, 50, (max(0, sites - communes), 2))])[:sites]
    seats = rng.uniform(5, 45, (districts, 2))
    minutes = MINUTES_A_KM * np.hypot(*(people[:, None] - places[None]).transpose(2, 0, 1))

    def near(points):
        return np.hypot(*(points[:, None] - seats[None]).transpose(2, 0, 1)).argmin(axis=1)

    site_group = near(places)
    site, kind = np.tile(np.arange(sites), 2), np.repeat([0, 1], sites)
    methadone, counselling = kind == 0, kind == 1
    existing = np.zeros(2 * sites, dtype=int)
    for g in range(districts):
        existing[np.flatnonzero(site_group == g)[: 2 if g == 0 else 1]] = 1
    offered = counselling | (existing > 0) | (site_group[site] == districts - 1)
    every = tuple(range(stages))
    rules: list[Rule] = [opening(counselling, t, n) for t, n in enumerate(quota)]
    for g in range(districts):
        scope = counselling & (site_group[site] == g)
        rules.append(Quota(id="each_district", part=f"g{g}", scope=scope, stages=every, lo=1, hi=1))
    rules.append(Quota(id="dispensing", scope=methadone, stages=every, hi=1))
    rules.append(Colocated(id="beside", scope=counselling, hosts=methadone))
    standing = np.cumsum(quota) - quota
    for t, n in enumerate(quota):
        amount = int(n * 169_000_000 + standing[t] * 111_600_000)
        rules.append(StageBudget(id="money", part=str(t), scope=counselling, stages=(t,), amount=amount))
    persons = rng.integers(3, 80, communes)
    arrays: dict[str, Any] = {
        "groups": tuple(f"g{g}" for g in range(districts)),
        "services": (Service("methadone", 365.0), Service("counselling", 12.0)),
        "kinds": (
            Kind("dispensing", 0, standard),
            Kind("counselling", 1, standard, 169_000_000, 111_600_000),
        ),
        "demand": np.stack([np.repeat(persons[:, None] * share, stages, axis=1) for share in (0.8, 1.0)]),
        "commune_group": near(people),
        "site_group": site_group,
        "site": site,
        "kind": kind,
        "existing": existing,
        "limit": np.ones(2 * sites, dtype=int),
        "ready": np.zeros(2 * sites, dtype=int),
        "offered": offered,
        "rules": tuple(rules),
        "objectives": objectives,
    }
    return make(minutes, persons, stages=stages, **(arrays | changes))
