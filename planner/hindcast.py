"""A look back: what the plan said, what the best plan would have done, and what is known of what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from optimization.instance import Instance
from optimization.openings import Opening
from optimization.solution import Solution
from planner.plan import Plan, Seen
from scenarios.document import Observed
from scenarios.schema import Scenario
from tables import records
from text import Text

NOTHING = Text("", "")


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """One of the two plans: what opens, and its tables; either may be missing where it breaks a rule."""

    solution: Solution | None
    plan: Plan | None


def rows(
    scenario: Scenario,
    instance: Instance,
    openings: Sequence[Opening],
    *,
    official: Answer,
    optimal: Answer,
) -> Iterator[Seen]:
    """Plan, optimum and reality side by side; nothing where the scenario knows nothing of reality.

    Points of a kind are those that stand at the end of a stage: every stage for the kinds that the plan or an
    observation speaks of, and the groups that one speaks of.  Persons are those whom the service of the kind
    serves in the stage.  What is known without figures comes last.
    """
    if not scenario.observed:
        return
    spoken_of = {instance.kinds[o.kind].id for o in openings} | {o.kind for o in scenario.observed.values()}
    counted = {_key(o): o for o in scenario.observed.values() if o.points is not None and o.kind and o.stage}
    whole = {(k, t, "") for k in scenario.kinds if k in spoken_of for t in instance.stages}
    for kind, stage, group in sorted(whole | counted.keys(), key=_order(scenario)):
        seen = counted.get((kind, stage, group))
        theirs = _points(instance, official.solution, kind, stage, group)
        if theirs is None and not group:
            theirs = _stated(instance, openings, kind, stage)
        yield Seen(
            what="points",
            kind=kind,
            stage=stage,
            group=group,
            official=theirs,
            optimal=_points(instance, optimal.solution, kind, stage, group),
            observed=None if seen is None or seen.points is None else float(seen.points),
            text=seen.text.text if seen else NOTHING,
            source=seen.source if seen else "",
        )
    for o in scenario.observed.values():
        if o.persons is not None:
            yield _row(o, "persons", _served(scenario, official.plan, o), _served(scenario, optimal.plan, o))
        elif o not in counted.values():
            yield _row(o, "points", None, None)


def _key(o: Observed) -> tuple[str, str, str]:
    return o.kind or "", o.stage or "", o.group or ""


def _order(scenario: Scenario) -> Callable[[tuple[str, str, str]], tuple[int, int, int]]:
    kinds, stages = list(scenario.kinds), list(scenario.stages)
    groups = ["", *scenario.registered_persons.by_group]
    return lambda key: (kinds.index(key[0]), stages.index(key[1]), groups.index(key[2]))


def _row(o: Observed, what: str, official: float | None, optimal: float | None) -> Seen:
    value = o.persons if what == "persons" else o.points
    return Seen(
        what="persons" if what == "persons" else "points",
        kind=o.kind or "",
        stage=o.stage or "",
        group=o.group or "",
        official=official,
        optimal=optimal,
        observed=None if value is None else float(value),
        text=o.text.text,
        source=o.source,
    )


def _points(instance: Instance, plan: Solution | None, kind: str, stage: str, group: str) -> float | None:
    """How many stand at the end of the stage."""
    if plan is None or plan.opened is None:
        return None
    mine = [instance.kinds[k].id == kind for k in instance.kind]
    for f, site in enumerate(instance.site.tolist()):
        g = int(instance.site_group[site])
        if group and (g < 0 or instance.groups[g] != group):
            mine[f] = False
    return float(plan.open[mine, instance.stages.index(stage)].sum())


def _stated(instance: Instance, openings: Sequence[Opening], kind: str, stage: str) -> float:
    """What stood before and what the plan says it opens, whether or not it keeps the rules."""
    k, t = [it.id for it in instance.kinds].index(kind), instance.stages.index(stage)
    before = int(instance.existing[instance.kind == k].sum())
    return float(before + sum(o.count for o in openings if o.kind == k and o.stage <= t))


def _served(scenario: Scenario, plan: Plan | None, o: Observed) -> float | None:
    """Persons served in the stage by the service of the kind; None where nobody can say."""
    if plan is None or not o.kind or not o.stage:
        return None
    service = scenario.kinds[o.kind].service
    table = plan.group_coverage if o.group else plan.coverage
    found = [
        float(row["served"])
        for row in records(table)
        if (row["service"], row["stage"], row.get("group", "")) == (service, o.stage, o.group or "")
    ]
    return found[0] if found else None
