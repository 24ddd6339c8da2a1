"""The openings of a plan that somebody made, as far as it says where, and the ways in which they can be read.

A plan may name a premises, a group, several of either of which so many are chosen, or nothing but a number.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance
from optimization.rules import BoolArray, Colocated, Forbidden, IntArray, Quota, Rule, Upgrade
from optimization.variables import can_open, can_stand

OFFICIAL = "official"
"""Id of the rules that fix the openings of the plan that is scored."""

MOST_UNIONS = 2_000
"""Unions of overlapping places that one kind and stage may make; each is a row."""

Sites = tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """`count` facilities of `kind` open in `stage` at some of `sites` (all indices).

    `apart` are disjoint parts of `sites` of which each takes one of them at most: "two of these four
    districts".  Without it they may stand anywhere in `sites`, as many at a place as it holds.
    """

    kind: int
    stage: int
    count: int
    sites: Sites
    apart: tuple[Sites, ...] = ()


# --- as rules ------------------------------------------------------------------------------------


def with_openings(instance: Instance, openings: Sequence[Opening], *, rule: str = OFFICIAL) -> Instance:
    """The same instance with the openings of the kinds in `openings` fixed as far as they say where.

    Of those kinds nothing else opens; other kinds stay free.  Openings of one kind and stage may overlap:
    z can then be shared out among them just where every union U of overlapping ones has

        Σ_{f in U} z_ft ≥ Σ count of the openings within U     (Hall 1935, as a flow)

    Raises:
        DataError: an opening of an unknown kind, site or stage, or openings that overlap in a way that no
            rows over facilities can tell apart.
    """
    _check(instance, openings)
    rules: list[Rule] = []
    for kind in sorted({o.kind for o in openings}):
        for stage in range(len(instance.stages)):
            here = [o for o in openings if (o.kind, o.stage) == (kind, stage) and o.count]
            part = f"{instance.kinds[kind].id}/{instance.stages[stage]}"
            for n, (sites, lo, hi) in enumerate(_rows(instance, here, part)):
                scope = (instance.kind == kind) & np.isin(instance.site, list(sites))
                rules.append(Quota(id=rule, part=f"{part}/{n}", scope=scope, stages=(stage,), lo=lo, hi=hi))
            total = sum(o.count for o in here)
            scope = instance.kind == kind
            rules.append(Quota(id=rule, part=part, scope=scope, stages=(stage,), lo=total, hi=total))
    return replace(instance, rules=(*instance.rules, *rules))


def _rows(
    instance: Instance, openings: Sequence[Opening], where: str
) -> Iterator[tuple[frozenset[int], int, int | None]]:
    """(sites, lo, hi) of the openings of one kind in one stage."""
    family: Counter[frozenset[int]] = Counter()
    parts: list[frozenset[int]] = []
    for o in openings:
        apart = [frozenset(sites) for sites in _apart(instance, o)]
        if apart and len(apart) == o.count:
            family.update(apart)  # one in each
            continue
        family[frozenset(o.sites)] += o.count
        others = (other for other in openings if other is not o)
        if apart and any(not set(o.sites).isdisjoint(other.sites) for other in others):
            raise DataError(Problem("score.tangled", where, {"opening": str(o)}))
        parts += apart
    for sites in _unions(family, where):
        lo = sum(n for inner, n in family.items() if inner <= sites)
        alone = all(inner <= sites or not inner & sites for inner in family)
        yield sites, lo, lo if alone else None
    for sites in parts:
        yield sites, 0, 1


def _apart(instance: Instance, o: Opening) -> tuple[Sites, ...]:
    """The parts of an opening that the room of its places does not keep apart already."""
    room = _room(instance)[(instance.kind == o.kind) & np.isin(instance.site, o.sites)]
    single = all(len(part) == 1 for part in o.apart)
    return () if single and (room <= 1).all() else o.apart


def _unions(family: Counter[frozenset[int]], where: str) -> list[frozenset[int]]:
    """The sets of the family and all unions of those that overlap, in a fixed order."""
    found, fresh = set(family), set(family)
    while fresh:
        fresh = {a | b for a in fresh for b in family if a & b and not b <= a} - found
        found |= fresh
        if len(found) > MOST_UNIONS:
            raise DataError(Problem("score.tangled", where, {"opening": f"{len(family)} × {OFFICIAL}"}))
    return sorted(found, key=lambda sites: (len(sites), sorted(sites)))


def _check(instance: Instance, openings: Sequence[Opening]) -> None:
    problems = [
        Problem("score.opening", f"openings[{n}]", {"opening": str(o)})
        for n, o in enumerate(openings)
        if not 0 <= o.kind < len(instance.kinds)
        or not 0 <= o.stage < len(instance.stages)
        or not all(0 <= j < len(instance.premises) for j in o.sites)
        or o.count < 0
        or not set().union(*o.apart) <= set(o.sites)
        or sum(map(len, o.apart)) > len(set().union(*o.apart))
    ]
    if problems:
        raise DataError(problems)


# --- as choices ----------------------------------------------------------------------------------


class Choices:
    """The ways to choose a place for each opening, each with its weight: z of the kinds spoken of, (F, T).

    The openings take their places one after the other (those with the fewest to choose from first), every
    free place being as likely as any other; of parts kept apart every one.  Which choices keep the rules is
    not asked here, but that a host can stand there by then.
    """

    def __init__(self, instance: Instance, openings: Sequence[Opening]) -> None:
        possible = possible_openings(instance)
        self._shape = possible.shape
        self._room = _room(instance)
        pools: dict[Opening, list[IntArray]] = {}
        for o in openings:
            fits = (instance.kind == o.kind) & possible[:, o.stage]
            parts = _apart(instance, o) or (o.sites,)
            pools[o] = [np.flatnonzero(fits & np.isin(instance.site, part)) for part in parts]
        self._pools = [(o, pools[o], bool(_apart(instance, o))) for o in openings if o.count]
        self._pools.sort(key=lambda each: sum(int(self._room[pool].sum()) for pool in each[1]))

    def fewer_than(self, most: int) -> bool:
        """Whether there are at most `most` ways, places that one opening takes from another not deducted."""
        ways = 1
        for o, pools, apart in self._pools:
            ways *= _ways([self._room[pool] for pool in pools], o.count, apart=apart)
            if ways > most:
                return False
        return True

    def every(self) -> Iterator[tuple[IntArray, float]]:
        """Every way, with its probability; two ways may come to the same z."""
        return self._below(0, np.zeros(self._shape, dtype=np.int64), self._room.copy(), 1.0)

    def _below(
        self, n: int, opened: IntArray, room: IntArray, weight: float
    ) -> Iterator[tuple[IntArray, float]]:
        if n == len(self._pools):
            yield opened.copy(), weight
            return
        o, pools, apart = self._pools[n]
        for taken, share in _every_way(pools, o.count, room, apart=apart):
            for f, k in taken.items():
                opened[f, o.stage] += k
                room[f] -= k
            yield from self._below(n + 1, opened, room, weight * share)
            for f, k in taken.items():
                opened[f, o.stage] -= k
                room[f] += k

    def drawn(self, n: int, seed: int) -> Iterator[IntArray]:
        """As many as `n` random ways, the same for a seed everywhere; fewer where places run out."""
        rng = np.random.default_rng(seed)
        for _ in range(n):
            opened, room = np.zeros(self._shape, dtype=np.int64), self._room.copy()
            for o, pools, apart in self._pools:
                shares = [(pools[0], o.count)]
                if apart:
                    free = [pool for pool in pools if room[pool].sum() > 0]
                    if len(free) < o.count:
                        break
                    chosen = np.sort(rng.choice(len(free), o.count, replace=False))
                    shares = [(free[m], 1) for m in chosen.tolist()]
                if any(room[pool].sum() < k for pool, k in shares):
                    break
                for pool, k in shares:
                    ends = np.cumsum(room[pool])
                    places = rng.choice(int(ends[-1]), k, replace=False)
                    taken = np.bincount(np.searchsorted(ends, places, side="right"), minlength=len(pool))
                    opened[pool, o.stage] += taken
                    room[pool] -= taken
            else:
                yield opened

    def walk(
        self, start: IntArray, possible: Callable[[IntArray], bool], *, steps: int, seed: int
    ) -> Iterator[IntArray]:
        """Random ways that are `possible`, without end, where few of those drawn are; none without a start.

        From `start` one opening at a time gives up a place and takes any free one (Gibbs sampling), `steps`
        times between two of them; what is not possible is not entered.  In the long run the possible ways
        come as often as if they had been drawn, where openings have the same places to choose from or none in
        common; neighbours in the sequence are alike.
        """
        held = self._shared_out(start)
        if held is None:
            return
        rng = np.random.default_rng(seed)
        opened, room = start.copy(), self._room - start.sum(axis=1)
        counts = np.cumsum([o.count for o, _, _ in self._pools])
        while True:
            for _ in range(steps):
                n = int(np.searchsorted(counts, rng.integers(counts[-1]), side="right"))
                o, pools, apart = self._pools[n]
                old = _place(held[n], rng)
                held[n][old] -= 1
                room[old] += 1
                new = _place(_free(pools, room, held[n], rng, apart=apart), rng)
                opened[old, o.stage] -= 1
                opened[new, o.stage] += 1
                if old != new and not possible(opened):
                    opened[old, o.stage] += 1
                    opened[new, o.stage] -= 1
                    new = old
                held[n][new] += 1
                room[new] -= 1
            yield opened.copy()

    def _shared_out(self, opened: IntArray) -> list[IntArray] | None:
        """Which opening holds what of z, (F,) each; None where serving one after the other does not say."""
        left, held = opened.copy(), []
        for o, pools, apart in self._pools:
            mine = np.zeros(len(left), dtype=np.int64)
            for pool in pools:
                for f in pool.tolist():
                    most = 1 - int(mine[pool].sum()) if apart else o.count
                    n = min(int(left[f, o.stage]), most, o.count - int(mine.sum()))
                    mine[f] += n
                    left[f, o.stage] -= n
            if mine.sum() < o.count:
                return None
            held.append(mine)
        return held if self._pools else None


def _place(places: IntArray, rng: np.random.Generator) -> int:
    """A facility, drawn by how many `places` (F,) there are at it."""
    ends = np.cumsum(places)
    return int(np.searchsorted(ends, rng.integers(ends[-1]), side="right"))


def _free(
    pools: Sequence[IntArray], room: IntArray, held: IntArray, rng: np.random.Generator, *, apart: bool
) -> IntArray:
    """The places that an opening which holds `held` may take next, (F,); apart: those of one part."""
    if apart:
        parts = [pool for pool in pools if not held[pool].any() and room[pool].any()]
        pools = [parts[int(rng.integers(len(parts)))]]
    free = np.zeros_like(room)
    free[pools[0]] = room[pools[0]]
    return free


def _every_way(
    pools: Sequence[IntArray], count: int, room: IntArray, *, apart: bool
) -> Iterator[tuple[dict[int, int], float]]:
    """Every way in which one opening takes its places, with its probability."""
    if not apart:
        yield from _from_pool(pools[0].tolist(), count, room)
        return
    free = [pool for pool in pools if room[pool].sum() > 0]
    for chosen in combinations(free, count):
        yield from _one_of_each(chosen, room, {}, 1 / math.comb(len(free), count))


def _one_of_each(
    pools: Sequence[IntArray], room: IntArray, taken: dict[int, int], weight: float
) -> Iterator[tuple[dict[int, int], float]]:
    if not pools:
        yield taken, weight
        return
    total = int(room[pools[0]].sum())
    for f in pools[0].tolist():
        if room[f] > 0:
            yield from _one_of_each(pools[1:], room, {**taken, f: 1}, weight * int(room[f]) / total)


def _from_pool(pool: Sequence[int], count: int, room: IntArray) -> Iterator[tuple[dict[int, int], float]]:
    """Every way to put `count` at facilities of one pool; all free places are equally likely."""
    left = [int(room[f]) for f in pool]
    total = math.comb(sum(left), count)

    def below(n: int, count: int, taken: dict[int, int], ways: int) -> Iterator[tuple[dict[int, int], float]]:
        if count == 0:
            yield taken, ways / total
        elif n < len(pool):
            for k in range(min(count, left[n]) + 1):
                more = {**taken, pool[n]: k} if k else taken
                yield from below(n + 1, count - k, more, ways * math.comb(left[n], k))

    return below(0, count, {}, 1)


def _ways(rooms: Sequence[IntArray], count: int, *, apart: bool) -> int:
    """How many ways there are to put `count` into pools with so much room a facility."""
    if apart:
        sizes = [int((room > 0).sum()) for room in rooms]
        ways = [1] + [0] * count  # the elementary symmetric polynomials of the sizes
        for size in sizes:
            for k in range(count, 0, -1):
                ways[k] += size * ways[k - 1]
        return ways[count]
    ways = [1] + [0] * count
    for most in rooms[0].tolist():
        ways = [sum(ways[max(0, k - most) : k + 1]) for k in range(count + 1)]
    return ways[count]


def _room(instance: Instance) -> IntArray:
    """How many more each facility may hold, (F,)."""
    return np.asarray(instance.limit - instance.existing, dtype=np.int64)


def possible_openings(instance: Instance) -> BoolArray:
    """Openings (F, T) that no rule about a place alone rules out.

    It is not forbidden there, a host stands there or can by then, and so does what is to be upgraded.
    """
    possible, hosted = can_open(instance), can_stand(instance)
    before = np.concatenate([(instance.existing > 0)[:, None], hosted[:, :-1]], axis=1)
    for rule in instance.rules:
        if isinstance(rule, Colocated):
            possible &= ~rule.scope[:, None] | _at_site(instance, hosted, rule.hosts)
        elif isinstance(rule, Upgrade):
            possible &= ~rule.after[:, None] | _at_site(instance, before, rule.before)
        elif isinstance(rule, Forbidden):
            possible[np.ix_(np.flatnonzero(rule.scope), np.array(rule.stages, dtype=np.int64))] = False
    return possible


def _at_site(instance: Instance, standing: BoolArray, scope: BoolArray) -> BoolArray:
    """Whether any facility of `scope` is `standing` (F, T) at the site of each facility, (F, T)."""
    at = np.zeros((len(instance.premises), len(instance.stages)), dtype=np.bool_)
    np.logical_or.at(at, instance.site[scope], standing[scope])
    return np.asarray(at[instance.site], dtype=np.bool_)


def at_groups(instance: Instance, groups: Sequence[int]) -> tuple[Sites, ...]:
    """The sites of each of `groups` (indices)."""
    by_group: defaultdict[int, list[int]] = defaultdict(list)
    for j, g in enumerate(instance.site_group.tolist()):
        by_group[g].append(j)
    return tuple(tuple(by_group[g]) for g in groups)
