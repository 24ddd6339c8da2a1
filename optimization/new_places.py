"""Relaxations that open what the scenario does not offer, or have it ready earlier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from optimization import solve
from optimization.changes import NEW, Change, Way, apply, mask
from optimization.feasibility import Feasibility
from optimization.instance import EDGE_MINUTES, Instance
from optimization.model import Key, key_of
from optimization.rules import (
    BoolArray,
    Colocated,
    CoverageTarget,
    GroupFloor,
    IntArray,
    ParentWithinReach,
    Rule,
)


@dataclass(frozen=True, eq=False, slots=True)
class Case:
    """What is to be resolved: the clash `keys` of `instance`, the rules of `omit` left aside.

    `judge` knows whether a plan exists; `most` is how many new places are listed where one suffices.
    """

    instance: Instance
    keys: tuple[Key, ...]
    omit: frozenset[Key]
    judge: Feasibility
    most: int = 1

    @property
    def rules(self) -> list[Rule]:
        """The rules of the clash."""
        return [rule for rule in self.instance.rules if key_of(rule) in self.keys]

    def works(self, *changes: Change, ready: IntArray | None = None) -> bool:
        """Whether there is a plan once these changes are made, nothing opening before it is `ready` (F,)."""
        changed = apply(self.instance, changes)
        if ready is not None:
            changed = replace(changed, ready=np.maximum(changed.ready, ready))
        return self.judge(changed, omit=self.omit)


class _Place(NamedTuple):
    """Where something new may open: facilities of one kind in one group, and the row they serve."""

    way: Way
    kind: int
    group: int
    key: Key
    facilities: tuple[int, ...]

    def change(self, amount: int, stage: int | None = None) -> Change:
        return Change(
            way=self.way,
            key=self.key,
            amount=amount,
            group=self.group,
            kind=self.kind,
            stage=stage,
            choices=self.facilities,
        )


def new_places(case: Case) -> Iterator[tuple[Change, ...]]:
    """One new facility for the clash where one suffices; otherwise the fewest for it, or for all its kin."""
    for way in NEW:
        found = 0
        for place in _places(case, way, case.keys):
            if found < case.most and case.works(place.change(1)):
                found += 1
                yield _dated(case, {place: 1})
        mine = _places(case, way, case.keys)
        every = tuple(key_of(r) for r in case.instance.rules if key_of(r) not in case.omit)
        for keys in (case.keys, every):
            if mine and not found and (counts := _fewest(case, _places(case, way, keys))):
                found += 1
                yield _dated(case, counts)


def _fewest(case: Case, places: Sequence[_Place]) -> Counter[_Place]:
    """How many new facilities each place needs if together they are to be the fewest; empty if none do."""
    it = case.instance
    usable = mask(it, (f for place in places for f in place.facilities))
    if not case.judge(replace(it, offered=it.offered | usable), omit=case.omit):
        return Counter()  # not even with all of them
    ready = np.where(it.offered | usable, it.ready, len(it.stages))
    least = solve.least(replace(it, ready=ready), elastic=frozenset(), omit=case.omit, latent=True)
    at = {f: place for place in places for f in place.facilities}
    counts = Counter(at[f] for f, _ in least.latent) if least else Counter()
    return counts if case.works(*(place.change(n) for place, n in counts.items())) else Counter()


def _places(case: Case, way: Way, keys: Sequence[Key]) -> list[_Place]:
    """Facilities that are not offered and may serve rows of `keys`; cheap kinds first."""
    it = case.instance
    group = it.site_group[it.site]
    placed: dict[tuple[int, int], _Place] = {}
    for rule in it.rules:
        useful = _useful(it, rule) if key_of(rule) in keys else None
        if useful is None or useful[0] is not way:
            continue
        latent: BoolArray = useful[1] & ~it.offered & (it.limit > it.existing) & (it.ready < len(it.stages))
        for k, g in sorted({(int(it.kind[f]), int(group[f])) for f in np.flatnonzero(latent)}):
            inside = np.flatnonzero(latent & (it.kind == k) & (group == g)).tolist()
            before = placed[k, g].facilities if (k, g) in placed else ()
            placed[k, g] = _Place(way, k, g, key_of(rule), tuple(sorted({*before, *inside})))
    return sorted(placed.values(), key=lambda p: (it.kinds[p.kind].first_year, p.kind, p.group))


def _useful(it: Instance, rule: Rule) -> tuple[Way, BoolArray] | None:
    """What could help the rule if it were offered: hosts, parents, places within reach of its people."""
    if isinstance(rule, Colocated):
        guests = np.unique(it.site[rule.scope & (it.offered | (it.existing > 0))])
        return Way.NEW_HOST, rule.hosts & np.isin(it.site, guests)
    if isinstance(rule, ParentWithinReach):
        assert it.between is not None
        guests = np.unique(it.site[rule.scope & (it.offered | (it.existing > 0))])
        near = np.asarray((it.between[guests] <= rule.minutes + EDGE_MINUTES).any(axis=0))
        return Way.NEW_PARENT, rule.parents & near[it.site]
    if isinstance(rule, CoverageTarget | GroupFloor):
        spoken = rule.communes if isinstance(rule, CoverageTarget) else it.commune_group >= 0
        communes = np.flatnonzero(spoken & (it.demand[rule.service, :, rule.stage] > 0))
        near = np.asarray((it.minutes[communes][:, it.site] <= it.outer + EDGE_MINUTES).any(axis=0))
        return Way.NEW_PLACE, (it.facility_service == rule.service) & near
    return None


def _dated(case: Case, counts: Mapping[_Place, int]) -> tuple[Change, ...]:
    """What is new, each with the latest stage by which it must stand, those before it standing so late."""
    ready = np.array(case.instance.ready)
    dates: dict[_Place, int] = {}
    changes = [place.change(n) for place, n in counts.items()]
    for place in counts:
        inside = mask(case.instance, place.facilities)
        for stage in reversed(range(len(case.instance.stages))):
            later = np.where(inside, np.maximum(ready, stage), ready)
            if stage == 0 or case.works(*changes, ready=later):
                ready, dates[place] = later, stage
                break
    return tuple(place.change(n, dates[place]) for place, n in counts.items())


def earlier(case: Case) -> Iterator[tuple[Change, ...]]:
    """What the clash speaks of and is ready some time, ready earlier: one kind in one group."""
    it = case.instance
    group, found = it.site_group[it.site], 0
    late: BoolArray = it.offered & (it.limit > it.existing) & (it.ready > 0) & (it.ready < len(it.stages))
    tried: set[tuple[int, int]] = set()
    for rule in case.rules:
        masks = (getattr(rule, name, None) for name in ("scope", "hosts", "parents"))
        spoken = np.zeros_like(late)
        for mine in masks:
            spoken = spoken if mine is None else spoken | mine
        if isinstance(rule, CoverageTarget | GroupFloor):
            spoken = it.facility_service == rule.service
        for k, g in sorted({(int(it.kind[f]), int(group[f])) for f in np.flatnonzero(late & spoken)} - tried):
            tried.add((k, g))
            choices = tuple(np.flatnonzero(late & (it.kind == k) & (group == g)).tolist())
            latest = int(it.ready[list(choices)].max())
            for stage in reversed(range(latest)) if found < case.most else ():
                change = Change(
                    way=Way.EARLIER,
                    key=key_of(rule),
                    amount=latest - stage,
                    group=g,
                    kind=k,
                    stage=stage,
                    choices=choices,
                )
                if case.works(change):
                    found += 1
                    yield (change,)
                    break
