"""Relaxations as changes of a scenario: for each way in which something gives way, the words and the patch.

A patch merged over the scenario (`scenarios.reading.changed`) says at least as much as the relaxation of the
arrays does; figures are rounded to the gentler side, so that a planner can read them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from optimization import rules
from optimization.changes import Change, Way
from planner.naming import Naming
from scenarios.rules import (
    Bounds,
    Cluster,
    CommunityShare,
    CoverageTarget,
    GroupFloor,
    ParentWithinReach,
    Pinned,
    Quota,
    StageBudget,
)
from scenarios.schema import Scenario
from scenarios.supply import Kind
from text import Text, both, number, percent

Said = tuple[Text, dict[str, Any]]
"""A change in words, and as a patch."""

MINUTE_DIGITS, SHARE_DIGITS = 1, 4


def said(names: Naming, change: Change, scenario: Scenario) -> Said | None:
    """`change` as a patch of `scenario`, which earlier changes may have altered; None where it has no words
    for it.
    """
    return SAYINGS[change.way](names, change, scenario)


# --- what opens ----------------------------------------------------------------------------------


def _new(names: Naming, change: Change, _: Scenario) -> Said | None:
    """So many new ones of a kind in a group, offered there and no more than these."""
    assert change.kind is not None
    assert change.group is not None
    if change.group < 0:
        return None
    it, n = names.instance, int(change.amount)
    kind, group = it.kinds[change.kind].id, it.groups[change.group]
    stage = len(it.stages) - 1 if change.stage is None else change.stage
    text = both(
        "plan.remedy.new_host",
        n=Text(f"{n:02d}", str(n)),
        kind=names.kind(change.kind),
        group=names.group(change.group),
        stage=names.stage(stage),
    )
    limit = {
        "rule": "quota",
        "text": _words(text),
        "kinds": [kind],
        "groups": [group],
        "opened_by": it.stages[-1],
        "at_most": n,
        **_by_user(),
    }
    return text, {
        "kinds": {kind: {"offered": {group: _by_user()}}},
        "rules": {_id("new", kind, group): limit},
    }


def _earlier(names: Naming, change: Change, scenario: Scenario) -> Said | None:
    assert change.kind is not None
    assert change.group is not None
    assert change.stage is not None
    kind, stage = names.instance.kinds[change.kind].id, names.instance.stages[change.stage]
    spoken = {"kind": names.kind(change.kind), "stage": names.stage(change.stage)}
    offer = {"from_stage": stage, **_by_user()}
    if scenario.kinds[kind].offered_everywhere:
        text = both("plan.remedy.earlier_everywhere", **spoken)
        return text, {"kinds": {kind: {"offered_everywhere": offer}}}
    if change.group < 0:
        return None
    text = both("plan.remedy.earlier", group=names.group(change.group), **spoken)
    return text, {"kinds": {kind: {"offered": {names.instance.groups[change.group]: offer}}}}


# --- numbers of facilities -----------------------------------------------------------------------


def _quota(names: Naming, change: Change, scenario: Scenario) -> Said:
    name, part = change.key
    rule = scenario.rules[name]
    assert isinstance(rule, Quota)
    assert change.limit is not None
    limit = int(change.limit)
    lo, hi = rule.limits(part)
    lo, hi = (limit, hi) if change.side == "lo" else (lo, limit)
    text = both(f"plan.remedy.quota_{change.side}", rule=names.rule(name, part).text, limit=limit)
    limits: dict[str, Any] = {"exactly": lo} if lo == hi else {"at_least": lo, "at_most": hi}
    limits = {k: v for k, v in limits.items() if v is not None}
    old = dict.fromkeys(_limits_of(rule.exceptions.get(part) if part else rule))
    changed = old | limits | _instead_of(names, name)
    return text, {"rules": {name: {"exceptions": {part: changed}} if part else changed}}


def _pin(names: Naming, change: Change, scenario: Scenario) -> Said:
    name, part = change.key
    rule = scenario.rules[name]
    assert isinstance(rule, Pinned)
    if change.limit:
        limit = int(change.limit)
        text = both("plan.remedy.pin_fewer", rule=names.rule(name, part).text, limit=limit)
        return text, {"rules": {name: {"at_least": limit, **_instead_of(names, name)}}}
    text = both("plan.remedy.drop", rule=names.rule(name, part).text)
    field = "premises" if rule.premises else "groups"
    others = [place for place in rule.premises or rule.groups or () if place != part]
    if not part or not others:
        return text, {"rules": {name: None}}
    return text, {"rules": {name: {field: others, **_instead_of(names, name)}}}


def _ban(names: Naming, change: Change, _: Scenario) -> Said:
    return both("plan.remedy.drop", rule=names.rule(*change.key).text), {"rules": {change.key[0]: None}}


def _cluster(names: Naming, change: Change, scenario: Scenario) -> Said:
    """The cluster leaves its rule, and its premises get a limit of their own."""
    name, part = change.key
    rule = scenario.rules[name]
    assert isinstance(rule, Cluster)
    assert change.limit is not None
    it, limit = names.instance, int(change.limit)
    text = both("plan.remedy.cluster", rule=names.rule(name, part).text, limit=limit)
    rows = (row for row in it.rules if isinstance(row, rules.Cluster))
    row = next(row for row in rows if (row.id, row.part) == change.key)
    at = sorted({it.premises[j] for j in it.site[row.scope].tolist()})
    quota = {
        "rule": "quota",
        "text": _words(text),
        "kinds": list(rule.kinds),
        "premises": at,
        "open_at": it.stages[-1],
        "at_most": limit,
        **_instead_of(names, name),
    }
    left = len(rule.named) > 1
    rest = {"clusters": {part: None}, **_instead_of(names, name)} if left else None
    return text, {"rules": {name: rest, _id("more", name, part): quota}}


# --- persons, minutes, money ---------------------------------------------------------------------


def _capacity(names: Naming, change: Change, scenario: Scenario) -> Said:
    """So much more for the kind, and for premises with figures of their own."""
    name = _kind_of(names, change)
    kind, more = scenario.kinds[name], int(change.amount)
    spoken = {"kind": kind.label.text, "amount": more}
    patch: dict[str, Any] = {}
    text = both("plan.remedy.capacity_each", **spoken)
    if kind.capacity:
        value = kind.capacity.value + more
        patch["kinds"] = {name: {"capacity": {"value": value, **_instead(kind.capacity.source)}}}
    if change.limit is not None:
        text = both("plan.remedy.capacity", limit=int(change.limit), **spoken)
    own = {
        key: {"capacity": {name: {"value": figure.value + more, **_instead(figure.source)}}}
        for key, place in scenario.premises.named.items()
        if (figure := place.capacity.get(name))
    }
    if own:
        patch["premises"] = {"named": own}
    return text, patch


def _caseload(names: Naming, change: Change, scenario: Scenario) -> Said:
    name = _kind_of(names, change)
    least = scenario.kinds[name].minimum_caseload
    assert least is not None
    limit = int(change.limit or 0)
    text = both("plan.remedy.caseload", kind=scenario.kinds[name].label.text, limit=limit)
    return text, {"kinds": {name: {"minimum_caseload": {"value": limit, **_instead(least.source)}}}}


def _satellites(names: Naming, change: Change, scenario: Scenario) -> Said:
    name = change.key[0]
    assert isinstance(scenario.rules[name], ParentWithinReach)
    limit = int(change.limit or 0)
    text = both("plan.remedy.satellites", rule=names.rule(*change.key).text, limit=limit)
    return text, {"rules": {name: {"most": limit, **_instead_of(names, name)}}}


def _reach(names: Naming, change: Change, _: Scenario) -> Said:
    name, minutes = change.key[0], _up(change.limit, MINUTE_DIGITS)
    text = both("plan.remedy.reach", rule=names.rule(*change.key).text, limit=_minutes(minutes))
    return text, {"rules": {name: {"minutes": minutes, **_instead_of(names, name)}}}


def _standard(names: Naming, change: Change, scenario: Scenario) -> Said:
    """A standard that has reached the outer minutes leaves no room for a gradual cover."""
    assert change.kind is not None
    name, minutes = names.instance.kinds[change.kind].id, _up(change.limit, MINUTE_DIGITS)
    kind: Kind = scenario.kinds[name]
    assert kind.standard_minutes is not None
    text = both("plan.remedy.standard", kind=kind.label.text, limit=_minutes(minutes))
    figure: dict[str, Any] = {"value": minutes, **_instead(kind.standard_minutes.source)}
    patch: dict[str, Any] = {"standard_minutes": figure}
    if kind.outer_minutes and kind.outer_minutes.value <= minutes:
        patch["outer_minutes"] = None
    return text, {"kinds": {name: patch}}


def _budget(names: Naming, change: Change, scenario: Scenario) -> Said:
    """The rule's own amount grows; money that earlier stages left over is no part of it."""
    name, more = change.key[0], int(change.amount)
    rule = scenario.rules[name]
    assert isinstance(rule, StageBudget)
    amount = Text(number(more, "vi"), number(more, "en"))
    text = both("plan.remedy.budget", rule=rule.text.text, amount=amount)
    return text, {"rules": {name: {"amount_vnd": rule.amount_vnd + more, **_instead_of(names, name)}}}


def _target(names: Naming, change: Change, scenario: Scenario) -> Said:
    name, part = change.key
    rule = scenario.rules[name]
    assert isinstance(rule, CoverageTarget | GroupFloor | CommunityShare)
    share = math.floor((change.limit or 0.0) * 10.0**SHARE_DIGITS) / 10.0**SHARE_DIGITS
    spoken = {
        "rule": names.rule(name, part).text,
        "limit": Text(percent(share, "vi", 2), percent(share, "en", 2)),
    }
    lower = {"share": share, **_instead_of(names, name)}
    if not isinstance(rule, CoverageTarget):
        return both("plan.remedy.share", **spoken), {"rules": {name: lower}}
    persons = Text(number(change.amount, "vi", 1), number(change.amount, "en", 1))
    text = both("plan.remedy.target", persons=persons, **spoken)
    return text, {"rules": {name: {"exceptions": {part: lower}} if part else lower}}


def _exception(names: Naming, change: Change, scenario: Scenario) -> Said | None:
    if change.group is None or change.group < 0:
        return None
    name, group = change.key[0], names.instance.groups[change.group]
    text = both("plan.remedy.exception", rule=scenario.rules[name].text.text, group=names.group(change.group))
    return text, {"rules": {name: {"exceptions": {group: _by_user()}}}}


SAYINGS: dict[Way, Callable[[Naming, Change, Scenario], Said | None]] = {
    Way.NEW_HOST: _new,
    Way.NEW_PARENT: _new,
    Way.NEW_PLACE: _new,
    Way.EARLIER: _earlier,
    Way.QUOTA: _quota,
    Way.PIN: _pin,
    Way.BAN: _ban,
    Way.CLUSTER: _cluster,
    Way.CAPACITY: _capacity,
    Way.SATELLITES: _satellites,
    Way.REACH: _reach,
    Way.BUDGET: _budget,
    Way.CASELOAD: _caseload,
    Way.TARGET: _target,
    Way.STANDARD: _standard,
    Way.EXCEPTION: _exception,
}
"""How each way is said; a way without words is a KeyError in the tests, not a remedy that is missing."""


# --- helpers -------------------------------------------------------------------------------------


def _kind_of(names: Naming, change: Change) -> str:
    """The kind whose figure the implied rule of the change is."""
    return names.implied[change.key[0]]


def _up(value: float | None, digits: int) -> float:
    """`value` rounded up, but for what is only the last bits of a float."""
    assert value is not None
    return math.ceil(value * 10.0**digits - 1e-9) / 10.0**digits


def _minutes(value: float) -> Text:
    return Text(number(value, "vi", MINUTE_DIGITS), number(value, "en", MINUTE_DIGITS))


def _limits_of(bounds: Quota | Bounds | None) -> list[str]:
    """The limits that stand there now, and make way for new ones."""
    return [name for name in ("exactly", "at_least", "at_most") if getattr(bounds, name, None) is not None]


def _by_user() -> dict[str, Any]:
    return {"source": "user", "note": _words(both("plan.remedy.note"))}


def _instead_of(names: Naming, rule: str) -> dict[str, Any]:
    """Source and note that keep the source of the rule that was changed."""
    return _instead(names.scenario.rules[rule].source)


def _instead(source: str) -> dict[str, Any]:
    return {"source": "user", "note": _words(both("plan.remedy.note_instead", source=source))}


def _id(*parts: str) -> str:
    """An id that a scenario takes, whatever a group's code looks like."""
    return re.sub(r"[^a-z0-9]+", "_", "_".join(part for part in parts if part).lower())[:60]


def _words(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
