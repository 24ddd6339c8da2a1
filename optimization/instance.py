"""What is solved: an `Instance` of frozen arrays, checked once when it is made.

Symbols follow the literature (Daskin 2013; Nickel & Saldanha-da-Gama 2019): i demand points, j premises,
k kinds of facility, t stages, s services, g groups.  A *facility* f is one admissible pair (j, k), which
keeps the model sparse: ``site[f]`` is its j and ``kind[f]`` its k.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from errors import DataError, Problem
from optimization.rule_checks import rule_problems, twice
from optimization.rules import BoolArray, FloatArray, IntArray, Rule, Upgrade

EDGE_MINUTES = 1e-6
"""A trip this much above the standard still counts as on the boundary (rounding), and so as inside."""

NO_GROUP = -1
"""Group index of a demand point or premises that belongs to none."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a person comes for.  `visits` is the number of return trips a person makes in a year."""

    id: str
    visits: float = 1.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of facility k, which provides one service.

    `service` is the index s(k); `standard` the one-way minutes S_k within which a person counts as served
    (``inf``: any distance); `first_year` F_k and `later_year` R_k are VND for one facility.  Where `outer` is
    more than the standard, cover is gradual: its share a_ijk falls in a straight line from 1 at the
    standard to 0 at `outer` (Drezner et al. 2019).
    """

    id: str
    service: int
    standard: float = np.inf
    first_year: int = 0
    later_year: int = 0
    outer: float | None = None


@dataclass(frozen=True, slots=True)
class Objective:
    """One level of the lexicographic list.

    `name` is a key of ``objectives.OBJECTIVES``; `service` the index it speaks of; `loss` the share of its
    optimum that later levels may give up (0: none).
    """

    name: str
    service: int
    loss: float = 0.0


def _frozen(values: ArrayLike, dtype: type) -> np.ndarray:
    array: np.ndarray = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """The problem in arrays; sizes I, J, K, S, T, F as in the module's docstring.

    Attributes:
        communes: ids of the demand points, (I,).
        premises: ids of the premises, (J,).
        groups: ids of the groups (districts, service areas), (G,).
        services, kinds: (S,) and (K,).
        stages: ids, (T,); `years` their lengths L_t in years, (T,).
        demand: h_ist in persons, (S, I, T).
        weight: w_i ≥ 1, (I,).
        minutes: one-way τ_ij, (I, J); ``inf`` where there is no way.
        commune_group, site_group: index into `groups` or `NO_GROUP`, (I,) and (J,).
        between: one-way minutes between premises, (J, J), for satellites and their parents; None where no
            rule needs it.
        site, kind: j and k of each facility, (F,).
        existing: facilities already open before the first stage, (F,), at most `limit`.
        limit: U_jk, how many of the kind the premises may hold, (F,).
        ready: first stage in which it may open, (F,); T means never.
        offered: False for a pair that suits the kind but that the scenario does not offer, (F,).  It
            cannot open; only the search for relaxations looks at it.
        rules: what must be kept; (id, part) names one rule only.
        objectives: what is wanted, most important first.

    Raises:
        DataError: shapes that do not fit, NaN or negative numbers, duplicate ids, indices out of range.
    """

    communes: tuple[str, ...]
    premises: tuple[str, ...]
    groups: tuple[str, ...]
    services: tuple[Service, ...]
    kinds: tuple[Kind, ...]
    stages: tuple[str, ...]
    years: IntArray
    demand: FloatArray
    minutes: FloatArray
    weight: FloatArray
    commune_group: IntArray
    site_group: IntArray
    site: IntArray
    kind: IntArray
    existing: IntArray
    limit: IntArray
    ready: IntArray
    offered: BoolArray
    rules: tuple[Rule, ...] = ()
    objectives: tuple[Objective, ...] = field(default=())
    between: FloatArray | None = None

    def __post_init__(self) -> None:
        for name in ("demand", "minutes", "weight"):
            object.__setattr__(self, name, _frozen(getattr(self, name), np.float64))
        for name in ("years", "commune_group", "site_group", "site", "kind", "existing", "limit", "ready"):
            object.__setattr__(self, name, _frozen(getattr(self, name), np.int64))
        object.__setattr__(self, "offered", _frozen(self.offered, np.bool_))
        if self.between is not None:
            object.__setattr__(self, "between", _frozen(self.between, np.float64))
        problems = list(_problems(self))
        if problems:
            raise DataError(problems)

    @property
    def facility_service(self) -> IntArray:
        """The service s(k) of each facility, (F,)."""
        return np.array([k.service for k in self.kinds], dtype=np.int64)[self.kind]

    @property
    def standard(self) -> FloatArray:
        """The standard S_k of each facility in minutes, (F,)."""
        return np.array([k.standard for k in self.kinds], dtype=np.float64)[self.kind]

    @property
    def outer(self) -> FloatArray:
        """The minutes up to which each facility covers anybody at all, (F,): `outer`, or the standard."""
        ends = [k.standard if k.outer is None else max(k.standard, k.outer) for k in self.kinds]
        return np.array(ends, dtype=np.float64)[self.kind]

    @property
    def upgrades(self) -> IntArray:
        """Pairs (before, after) of facilities at one place: opening the second closes the first, (n, 2)."""
        pairs = []
        for rule in self.rules:
            if isinstance(rule, Upgrade):
                at = {int(self.site[f]): f for f in np.flatnonzero(rule.before).tolist()}
                found = ((at.get(int(self.site[f])), f) for f in np.flatnonzero(rule.after).tolist())
                pairs += [(before, after) for before, after in found if before is not None]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def upgraded(self, opened: IntArray) -> IntArray:
        """How many of each facility an upgrade closes in each stage when z = `opened`, (F, T)."""
        closed = np.zeros_like(opened)
        for before, after in self.upgrades.tolist():
            closed[before] += opened[after]
        return closed

    def standing(self, opened: IntArray) -> IntArray:
        """How many of each facility are open in each stage when z = `opened`: y, (F, T)."""
        change = opened - self.upgraded(opened)
        return np.asarray(self.existing[:, None] + np.cumsum(change, axis=1), dtype=np.int64)

    def reach(self, service: int) -> tuple[IntArray, IntArray]:
        """The arcs of `service`: pairs (i, f) with any cover, sorted by i, then by minutes, then by f.

        Those are the pairs within the standard or, where cover is gradual, within the outer one.  Where there
        is no way there is no arc, whatever the standard.
        """
        f = np.flatnonzero(self.facility_service == service)
        trip = self.minutes[:, self.site[f]]
        i, n = np.nonzero(np.isfinite(trip) & (trip <= self.outer[f] + EDGE_MINUTES))
        order = np.lexsort((f[n], trip[i, n], i))
        return i[order], f[n][order]

    def cover(self, points: IntArray, facilities: IntArray) -> FloatArray:
        """The cover a of arcs (i, f): 1 within the standard, then falling in a straight line to 0 at `outer`.

        Drezner et al. (2019).
        """
        trip = self.minutes[points, self.site[facilities]]
        standard, outer = self.standard[facilities], self.outer[facilities]
        share = np.where(trip <= standard + EDGE_MINUTES, 1.0, 0.0)
        part = (share == 0) & (trip < outer)
        share[part] = (outer[part] - trip[part]) / (outer[part] - standard[part])
        return share

    def price(self, scope: BoolArray, stages: Collection[int]) -> IntArray:
        """VND that opening one f in stage t adds to the cost of `scope` (F,) over `stages`, (F, T).

        An upgrade saves what the facility that it closes would have cost from that stage on.
        """
        price = np.zeros((len(self.site), len(self.stages)), dtype=np.int64)
        for opened_in in range(len(self.stages)):
            for t in stages:
                price[:, opened_in] += np.where(scope, self.cost(t, opened_in), 0)
        for before, after in self.upgrades.tolist():
            for opened_in in range(len(self.stages)) if scope[before] else ():
                saved = (self.cost(t, -1)[before] for t in stages if t >= opened_in)
                price[after, opened_in] -= sum(map(int, saved))
        return price

    def cost(self, stage: int, opened_in: int) -> IntArray:
        """VND that one f costs in `stage` if it opened in `opened_in` (−1: existing), for each f, (F,).

        A facility opened in a stage of L years works from its first year: F + (L − 1) R; later L R.
        """
        first = np.array([k.first_year for k in self.kinds], dtype=np.int64)[self.kind]
        later = np.array([k.later_year for k in self.kinds], dtype=np.int64)[self.kind]
        length = int(self.years[stage])
        if opened_in > stage:
            return np.zeros_like(first)
        return first + (length - 1) * later if opened_in == stage else length * later


def _problems(it: Instance) -> list[Problem]:
    """Everything that is wrong with the arrays, all at once."""
    sizes = {"S": len(it.services), "I": len(it.communes), "J": len(it.premises), "K": len(it.kinds)}
    sizes |= {"T": len(it.stages), "F": len(it.site), "G": len(it.groups)}
    shapes = {"demand": "SIT", "minutes": "IJ", "weight": "I", "years": "T", "commune_group": "I"}
    shapes |= dict.fromkeys(("kind", "existing", "limit", "ready", "offered"), "F") | {"site_group": "J"}
    shapes |= {} if it.between is None else {"between": "JJ"}
    found = []
    for name, shape in shapes.items():
        got, want = getattr(it, name).shape, tuple(sizes[c] for c in shape)
        if got != want:
            found.append(Problem("instance.shape", f"instance.{name}", {"got": got, "want": want}))
    if found:
        return found
    for name in ("communes", "premises", "groups", "stages"):
        found += twice(name, getattr(it, name))
    found += twice("site", [f"({j}, {k})" for j, k in zip(it.site, it.kind, strict=True)])
    for name, code, wrong in _wrong(it, sizes):
        if wrong.any():
            first = tuple(int(n) for n in np.argwhere(wrong)[0])
            values = {"n": int(wrong.sum()), "first": first}
            found.append(Problem(f"instance.{code}", f"instance.{name}", values))
    found += rule_problems(it.rules, sizes, site=it.site, has_between=it.between is not None)
    for n, level in enumerate(it.objectives):
        if not (0 <= level.service < sizes["S"] and 0 <= level.loss < 1):
            where = f"instance.objectives[{n}]"
            found.append(Problem("instance.out_of_range", where, {"n": 1, "first": level}))
    return found


def _wrong(it: Instance, sizes: dict[str, int]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """The name of an array, a code, and where in the array that is the matter."""
    yield "demand", "not_finite", ~np.isfinite(it.demand)
    yield "demand", "negative", it.demand < 0
    yield "minutes", "not_finite", np.isnan(it.minutes)
    yield "minutes", "negative", it.minutes < 0
    if it.between is not None:
        yield "between", "not_finite", np.isnan(it.between)
        yield "between", "negative", it.between < 0
    outer = np.array([k.standard if k.outer is None else k.outer for k in it.kinds], dtype=np.float64)
    given = np.array([k.outer is not None for k in it.kinds], dtype=np.bool_)
    yield "kinds", "not_finite", ~np.isfinite(outer) & given
    yield (
        "kinds",
        "out_of_range",
        np.array([k.service not in range(sizes["S"]) for k in it.kinds], dtype=bool),
    )
    yield "weight", "weight", ~(np.isfinite(it.weight) & (it.weight >= 1))
    yield "years", "out_of_range", it.years < 1
    yield "existing", "out_of_range", (it.existing < 0) | (it.existing > it.limit)
    yield "ready", "out_of_range", (it.ready < 0) | (it.ready > sizes["T"])
    for name, top in (("site", sizes["J"]), ("kind", sizes["K"])):
        yield name, "out_of_range", (getattr(it, name) < 0) | (getattr(it, name) >= top)
    for name in ("commune_group", "site_group"):
        index = getattr(it, name)
        yield name, "out_of_range", (index < NO_GROUP) | (index >= sizes["G"])
