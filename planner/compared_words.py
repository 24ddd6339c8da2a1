"""What one plan opens elsewhere, or in another stage, than another plan of the same place, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from optimization.exchange import Key, pairs
from planner.comparing import figures, group_name
from planner.plan import Plan
from planner.wording import stage_name
from tables import records
from text import Text, both, inline


class Moved(NamedTuple):
    """What B does otherwise than A: `number` points of a kind that move alike.

    Stages, groups and premises are None where a plan does not open them ("" is premises in no group).
    """

    kind: str
    number: int
    a_stage: str | None
    b_stage: str | None
    a_group: str | None
    b_group: str | None
    a_premises: str | None
    b_premises: str | None
    text: Text


class _Opening(NamedTuple):
    """Where and when a point opens, with the plan that opens it."""

    stage: str
    facility: str
    group: str
    premises: Text


_Step = tuple[_Opening | None, _Opening | None]
"""The same point in A and in B; None where a plan does not open it."""


def moves(a: Plan, b: Plan) -> Iterator[Moved]:
    """The fewest steps from A to B, by kind; what only one of them opens comes last.

    Where the plans have different stages, only where points open is compared, not when.
    """
    alike = list(a.scenario.stages) == list(b.scenario.stages)
    order = {stage: n if alike else 0 for n, stage in enumerate(a.scenario.stages)}
    for kind in dict.fromkeys([*a.scenario.kinds, *b.scenario.kinds]):
        theirs, ours = _openings(a, kind), _openings(b, kind)
        number = {name: n for n, name in enumerate(sorted({o.facility for o in (*theirs, *ours)}))}
        groups = {number[o.facility]: o.group for o in (*theirs, *ours)}
        at, before = _keyed(theirs, number, order)
        then, after = _keyed(ours, number, order)
        found = pairs(before, after, [groups[n] for n in range(len(groups))])
        steps = Counter((x and at[x], y and then[y]) for x, y in found)
        for step, n in sorted(steps.items(), key=lambda each: sum(half is None for half in each[0])):
            yield _moved(a, b, kind, step, n)


def _keyed(
    openings: Counter[_Opening], number: dict[str, int], order: dict[str, int]
) -> tuple[dict[Key, _Opening], Counter[Key]]:
    """Openings by number of facility and stage, and how many each is."""
    at: dict[Key, _Opening] = {}
    counts: Counter[Key] = Counter()
    for opening, n in openings.items():
        key = number[opening.facility], order.get(opening.stage, 0)
        at[key] = opening
        counts[key] += n
    return at, counts


def _openings(plan: Plan, kind: str) -> Counter[_Opening]:
    mine = plan.openings[plan.openings["kind"] == kind]
    return Counter(
        {
            _Opening(row["stage"], row["facility"], row["group"], _place(row)): int(row["opened"])
            for row in records(mine)
        }
    )


def _place(row: dict[str, str]) -> Text:
    name, commune = row["premises_name"], row["commune"]
    known = commune in name
    return both("evaluation.premises_named" if known else "evaluation.premises", name=name, commune=commune)


def _moved(a: Plan, b: Plan, kind: str, step: _Step, n: int) -> Moved:
    was, now = step
    return Moved(
        kind=kind,
        number=n,
        a_stage=was.stage if was else None,
        b_stage=now.stage if now else None,
        a_group=was.group if was else None,
        b_group=now.group if now else None,
        a_premises=was.facility.rpartition(":")[0] if was else None,
        b_premises=now.facility.rpartition(":")[0] if now else None,
        text=_words(a, b, kind, step, n),
    )


def _words(a: Plan, b: Plan, kind: str, step: _Step, n: int) -> Text:
    was, now = step
    scenario = (a if was else b).scenario
    short = inline(scenario.kinds[kind].short.text)
    several = "_several" if n > 1 else ""
    stage_a = stage_name(a.scenario, was.stage) if was else None
    stage_b = stage_name(b.scenario, now.stage) if now else None
    if was and now and was.group != now.group:
        where = figures(f"evaluation.anywhere{several}", kind=short, n=n)
        return both(
            "compare.move.other_group", where=where, a=stage_a, b=stage_b,
            a_group=group_name(a.scenario, was.group), b_group=group_name(b.scenario, now.group),
        )  # fmt: skip
    [group] = {o.group for o in (was, now) if o}
    where = figures(f"evaluation.at{several}", group=group_name(scenario, group), kind=short, n=n)
    if not (was and now):
        one = now or was
        assert one is not None
        key = "compare.move.only_b" if now else "compare.move.only_a"
        return both(key, where=where, stage=stage_b or stage_a, place=one.premises)
    order = list(a.scenario.stages)
    places = {"a": was.premises, "b": now.premises}
    if order != list(b.scenario.stages) or was.stage == now.stage:
        return both("compare.move.elsewhere", where=where, **places)
    key = "earlier" if order.index(now.stage) < order.index(was.stage) else "later"
    moved = both(f"compare.move.{key}", where=where, a=stage_a, b=stage_b)
    if was.facility == now.facility:
        return moved
    return both("compare.move.other_premises", moved=moved, **places)
