"""A search that was stopped, taken up again from the best plan it had found."""

from __future__ import annotations

from optimization.search import Cancel, Progress
from optimization.solution import Status
from optimization.solve import solve
from planner import geography, kept, translate
from planner.plan import Diagnosis, Plan
from planner.run import Step, answer


def resumed(
    plan: Plan,
    *,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    step: Step = lambda _: None,
) -> Plan | Diagnosis:
    """The best plan of the scenario of `plan`, searched from there; `plan` itself where nothing new is known.

    Args:
        time_limit: seconds for the search.
        progress, cancel: see ``optimization.solve.solve``.
        step: told what begins.

    Raises:
        ScenarioError, DataError: the data behind the plan have changed and cannot be used.
        SolverError: the answer does not stand up to verification.
    """
    scenario = plan.scenario
    step("places")
    places = geography.places(scenario)
    step("model")
    instance = translate.instance(scenario, places)
    start = kept.with_openings(scenario, instance, kept.known(plan).opened)
    solution = solve(instance, time_limit=time_limit, progress=progress, cancel=cancel, start=start)
    if solution.status is Status.NO_SOLUTION:  # stopped before the solver had taken the start in
        return plan
    return answer(scenario, places, instance, solution, step=step)
