"""What the rules of a scenario must agree on with its other blocks: one function a rule, in `CHECKS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from scenarios.references import Finding, each_known, known
from scenarios.rules import (
    Bounds,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    ParentWithinReach,
    Pinned,
    Quota,
    StageBudget,
    Upgrade,
)
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_

IMPLIED = ("capacity", "minimum_caseload")
"""Figures of a kind that are rules as well; their ids are the figure's name and the kind's."""


def problems(s: Scenario) -> Iterator[Finding]:
    """Every disagreement of a rule."""
    implied = {f"{name}_{kind}" for kind in s.kinds for name in IMPLIED}
    for name, rule in s.rules.items():
        path: Path_ = ("rules", name)
        if name in implied:
            yield path, "scenario.reserved_id", {"name": name}
        yield from CHECKS[type(rule)](s, rule, path)
    yield from _budgets(s)
    yield from _upgrades(s)
    yield from _soft(s)


def one_of(path: Path_, **given: object) -> Iterator[Finding]:
    """Nothing if exactly one of these is given."""
    if sum(value is not None for value in given.values()) != 1:
        yield path, "scenario.one_of", {"names": ", ".join(given)}


def can_be_counted(s: Scenario, service_id: str, path: Path_, *, kind_path: bool = True) -> Iterator[Finding]:
    """Whether there is a demand for the service, a kind that serves it, and a standard for each kind.

    Where travel takes no time (``within_group``) there is nothing for a standard to limit.
    """
    service = s.services[service_id]
    label: dict[str, object] = {"service": service.label.text}
    kinds = {k: kind for k, kind in s.kinds.items() if kind.service == service_id}
    if not kinds:
        yield path, "scenario.no_kind", label
    if service.demand_share is None:
        yield path, "scenario.asked_of_user", label
        return
    timed = kind_path and s.travel.method != "within_group"
    for name, kind in kinds.items() if timed else ():
        if kind.standard_minutes is None:
            yield ("kinds", name), "scenario.no_standard", {"kind": name, **label}


def _quota(s: Scenario, rule: Quota, path: Path_) -> Iterator[Finding]:
    yield from each_known((*path, "kinds"), rule.kinds, "kinds", s)
    times = {"opened_in": rule.opened_in, "opened_by": rule.opened_by, "open_at": rule.open_at}
    yield from one_of(path, **times)
    for name, stage in times.items():
        yield from known((*path, name), stage, "stages", s)
    yield from each_known((*path, "groups"), rule.groups, "groups", s)
    yield from each_known((*path, "premises"), rule.premises, "premises", s)
    if rule.groups and rule.premises:
        yield (*path, "premises"), "scenario.groups_and_premises", {}
    if rule.groups and rule.each:
        yield (*path, "groups"), "scenario.each_and_groups", {}
    if rule.exceptions and rule.each is None:
        yield (*path, "exceptions"), "scenario.exceptions_without_each", {}
    yield from _limits(rule, path)
    for group, bounds in rule.exceptions.items():
        yield from known((*path, "exceptions", group), group, "groups", s)
        yield from _limits(bounds, (*path, "exceptions", group))


def _limits(rule: Quota | Bounds, path: Path_) -> Iterator[Finding]:
    at_least, at_most = rule.at_least, rule.at_most
    if rule.exactly is None and at_least is None and at_most is None:
        yield path, "scenario.no_limit", {}
    if rule.exactly is not None and (at_least is not None or at_most is not None):
        yield (*path, "exactly"), "scenario.exactly_and_more", {}
    if at_least is not None and at_most is not None and at_least > at_most:
        yield (*path, "at_least"), "scenario.limits_cross", {"lo": at_least, "hi": at_most}


def _colocated(s: Scenario, rule: Colocated, path: Path_) -> Iterator[Finding]:
    yield from known((*path, "kind"), rule.kind, "kinds", s)
    yield from each_known((*path, "hosts"), rule.hosts, "kinds", s)
    for group in rule.exceptions:
        yield from known((*path, "exceptions", group), group, "groups", s)
    if rule.kind in rule.hosts:
        yield (*path, "hosts"), "scenario.itself", {"kind": rule.kind, "name": "hosts"}


def _budget(s: Scenario, rule: StageBudget, path: Path_) -> Iterator[Finding]:
    yield from one_of(path, stage=rule.stage, stages=rule.stages)
    yield from known((*path, "stage"), rule.stage, "stages", s)
    yield from each_known((*path, "stages"), rule.stages, "stages", s)
    yield from each_known((*path, "kinds"), rule.kinds, "kinds", s)
    for kind in rule.kinds:
        if kind in s.kinds and s.kinds[kind].cost is None:
            yield (*path, "kinds"), "scenario.no_cost", {"kind": kind}


def _budgets(s: Scenario) -> Iterator[Finding]:
    """Budgets for the same thing, and money carried over from nowhere."""
    seen: dict[tuple[frozenset[str], frozenset[str]], str] = {}
    budgets = {name: rule for name, rule in s.rules.items() if isinstance(rule, StageBudget)}
    for name, rule in budgets.items():
        key = frozenset(rule.over), frozenset(rule.kinds)
        if rule.over and (other := seen.setdefault(key, name)) != name:
            values: dict[str, object] = {"stage": ", ".join(rule.over), "other": other}
            yield ("rules", name), "scenario.budget_twice", values
        if rule.carry_over and set(rule.over) <= set(s.stages) and not s.carried(rule):
            yield ("rules", name, "carry_over"), "scenario.nothing_to_carry", {}


def _pinned(s: Scenario, rule: Pinned | Forbidden, path: Path_) -> Iterator[Finding]:
    yield from known((*path, "kind"), rule.kind, "kinds", s)
    yield from one_of(path, premises=rule.premises, groups=rule.groups)
    yield from each_known((*path, "premises"), rule.premises, "premises", s)
    yield from each_known((*path, "groups"), rule.groups, "groups", s)
    if isinstance(rule, Pinned):
        yield from known((*path, "from_stage"), rule.from_stage, "stages", s)
    else:
        yield from each_known((*path, "stages"), rule.stages, "stages", s)


def _cluster(s: Scenario, rule: Cluster, path: Path_) -> Iterator[Finding]:
    yield from each_known((*path, "kinds"), rule.kinds, "kinds", s)
    yield from one_of(path, communes=rule.communes, clusters=rule.clusters)


def _upgrade(s: Scenario, rule: Upgrade, path: Path_) -> Iterator[Finding]:
    yield from known((*path, "from_kind"), rule.from_kind, "kinds", s)
    yield from known((*path, "to_kind"), rule.to_kind, "kinds", s)
    yield from each_known((*path, "premises"), rule.premises, "premises", s)
    if rule.from_kind == rule.to_kind:
        yield (*path, "to_kind"), "scenario.itself", {"kind": rule.to_kind, "name": "to_kind"}


def _upgrades(s: Scenario) -> Iterator[Finding]:
    """Two rules about the same upgraded facility would each close something for it."""
    upgrades = [(name, rule) for name, rule in s.rules.items() if isinstance(rule, Upgrade)]
    for n, (name, rule) in enumerate(upgrades):
        for other, before in upgrades[:n]:
            apart = rule.premises and before.premises and not set(rule.premises) & set(before.premises)
            if rule.to_kind == before.to_kind and not apart:
                yield ("rules", name), "scenario.upgraded_twice", {"kind": rule.to_kind, "other": other}


def _parent(s: Scenario, rule: ParentWithinReach, path: Path_) -> Iterator[Finding]:
    yield from known((*path, "kind"), rule.kind, "kinds", s)
    yield from each_known((*path, "parents"), rule.parents, "kinds", s)
    if rule.kind in rule.parents:
        yield (*path, "parents"), "scenario.itself", {"kind": rule.kind, "name": "parents"}
    limited = any(p not in s.kinds or s.kinds[p].capacity for p in rule.parents)
    limited |= any(p in place.capacity for place in s.premises.named.values() for p in rule.parents)
    if rule.counts_load and not limited:
        yield (*path, "counts_load"), "scenario.load_without_capacity", {"kinds": ", ".join(rule.parents)}


def _target(s: Scenario, rule: CoverageTarget | GroupFloor, path: Path_) -> Iterator[Finding]:
    yield from known((*path, "stage"), rule.stage, "stages", s)
    yield from known((*path, "service"), rule.service, "services", s)
    if rule.service in s.services:
        yield from can_be_counted(s, rule.service, (*path, "service"))
    if isinstance(rule, CoverageTarget):
        yield from each_known((*path, "groups"), rule.groups, "groups", s)
        if rule.groups and rule.each:
            yield (*path, "groups"), "scenario.each_and_groups", {}
        yield from each_known((*path, "exceptions"), rule.exceptions, "groups", s)
        if rule.exceptions and rule.each is None:
            yield (*path, "exceptions"), "scenario.exceptions_without_each", {}


def _community(s: Scenario, rule: CommunityShare, path: Path_) -> Iterator[Finding]:
    yield from each_known((*path, "community"), rule.community, "kinds", s)
    yield from one_of(path, service=rule.service, kinds=rule.kinds)
    yield from each_known((*path, "kinds"), rule.kinds, "kinds", s)
    yield from known((*path, "service"), rule.service, "services", s)
    yield from known((*path, "stage"), rule.stage, "stages", s)
    services = {s.kinds[k].service for k in (*rule.community, *(rule.kinds or ())) if k in s.kinds}
    services |= {rule.service} if rule.service else set()
    for service in sorted(services & s.services.keys()):
        yield from can_be_counted(s, service, path, kind_path=False)


def _soft(s: Scenario) -> Iterator[Finding]:
    """Soft targets and the objective that minds them go together."""
    soft = {r.service for r in s.rules.values() if isinstance(r, CoverageTarget) and not r.hard}
    minded = {o.service for o in s.objectives if o.objective == "min_shortfall"}
    for name, rule in s.rules.items():
        if isinstance(rule, CoverageTarget) and not rule.hard and rule.service not in minded:
            yield ("rules", name, "hard"), "scenario.soft_without_shortfall", {"service": rule.service}
    for n, wanted in enumerate(s.objectives):
        if wanted.objective == "min_shortfall" and wanted.service not in soft:
            yield ("objectives", n), "scenario.nothing_soft", {"service": wanted.service}


CHECKS: dict[type[Any], Callable[[Scenario, Any, Path_], Iterator[Finding]]] = {
    Quota: _quota,
    Colocated: _colocated,
    StageBudget: _budget,
    Pinned: _pinned,
    Forbidden: _pinned,
    Cluster: _cluster,
    Upgrade: _upgrade,
    ParentWithinReach: _parent,
    CoverageTarget: _target,
    CommunityShare: _community,
    GroupFloor: _target,
}
