"""Why here, and why then: what is lost if one point never opens, opens later, or moves; who depends on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from errors import DataError, Problem
from optimization import explore
from optimization.search import Cancel, Progress
from optimization.solution import Status
from optimization.variants import settled
from planner import geography, kept, report, translate
from planner.plan import Plan

SECONDS = 60.0
"""For all hypotheses together; one that is cut short says so."""


class Hypothesis(NamedTuple):
    """What becomes of the first objective if one thing is otherwise.

    Attributes:
        loss: by how much the plan found is worse; None where none was found.
        least: what is lost at least, proved; below `loss` where the search was cut short.
        status: of the search.
    """

    loss: float | None
    least: float | None
    status: Status

    @property
    def proved(self) -> bool:
        """Whether the loss is the least there is, or it is proved that there is no plan."""
        return self.status in (Status.OPTIMAL, Status.INFEASIBLE)


class Why(NamedTuple):
    """The answer for one point; `later` is None where it opens in the last stage.

    Attributes:
        objective: the first objective, whose losses these are, and its value in the plan.
        value: of the plan.
        forbidden, later, moved: see `Hypothesis`.
        moved_to: name of the premises that take its place, and their commune; "" where none do.
        alone: names of the communes that only this point reaches.
        persons: those of them who need the service, in the last stage.
    """

    objective: str
    value: float
    forbidden: Hypothesis
    later: Hypothesis | None
    moved: Hypothesis
    moved_to: str
    alone: tuple[str, ...]
    persons: float


def why(
    plan: Plan,
    facility: str,
    *,
    time_limit: float = SECONDS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Why:
    """Why `plan` opens `facility` (id), by re-solving without it; the plan itself is not searched again.

    Raises:
        DataError: the plan does not open it.
        ScenarioError, SolverError: see ``planner.kept.brought_back``.
    """
    s = plan.scenario
    places = geography.places(s)
    it = translate.instance(s, places)
    number = {report.facility_id(it, f): f for f in range(len(it.site))}
    if facility not in number:
        raise DataError(Problem("explore.not_opened", s.id, {"facility": facility}))
    opened = kept.with_openings(s, it, kept.known(plan).opened)
    levels = plan.report.levels
    solution = settled(it, opened, first_bound=levels[0].bound if levels else None)
    found = explore.why_here(
        it, solution, number[facility], time_limit=time_limit, progress=progress, cancel=cancel
    )
    communes, hosts = places.communes["commune"], places.premises
    moved_to = ""
    if found.moved_to is not None:
        there = hosts.iloc[int(it.site[found.moved_to])]
        moved_to = f"{there['premises_name']} ({there['commune']})"
    return Why(
        objective=solution.levels[0].name,
        value=solution.levels[0].value,
        forbidden=_hypothesis(found.forbidden),
        later=_hypothesis(found.later) if found.later else None,
        moved=_hypothesis(found.moved),
        moved_to=moved_to,
        alone=tuple(str(communes.iloc[i]) for i in np.asarray(found.dependents, dtype=int)),
        persons=found.persons,
    )


def _hypothesis(change: explore.Change) -> Hypothesis:
    return Hypothesis(change.loss, change.least_loss, change.solution.status)
