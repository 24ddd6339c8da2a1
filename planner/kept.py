"""Plans that are known already, brought back without a search: kept in a file, or made by another method.

A plan is what opens where and when; all its tables follow from that and the scenario.  So a plan is kept as
its openings and what was proved of it, and whoever brings it back computes every figure afresh and has it
verified like a new one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from errors import DataError, Problem
from optimization.instance import Instance
from optimization.rules import IntArray
from optimization.solution import Level, Solution, Status
from optimization.variants import settled
from planner import geography, report, translate
from planner.plan import GIVEN, Plan
from planner.run import facts
from scenarios.schema import Scenario
from tables import records

SAME = 1e-6
"""Relative difference at which a figure brought back counts as the one that was kept."""


class Known(NamedTuple):
    """What is kept of a plan.

    Attributes:
        opened: number of facilities that open, by facility id (``premises:kind``) and stage.
        status: what was proved; `Status.OPTIMAL` or `Status.FEASIBLE`.
        levels: objectives in order, each with value, bound and gap; empty where nothing was proved.
        seconds: what it took to find.
        solver: name and version.
        way: how it came about, as in `SolveReport`.
    """

    opened: Mapping[str, Mapping[str, int]]
    status: Status = Status.FEASIBLE
    levels: tuple[Level, ...] = ()
    seconds: Mapping[str, float] = {}
    solver: str = ""
    way: str = ""


def known(plan: Plan) -> Known:
    """What to keep of `plan`."""
    opened: dict[str, dict[str, int]] = {}
    for row in records(plan.openings):
        opened.setdefault(row["facility"], {})[row["stage"]] = row["opened"]
    report_ = plan.report
    return Known(opened, report_.status, report_.levels, report_.seconds, report_.solver, report_.way)


def brought_back(scenario: Scenario, kept: Known) -> Plan:
    """The plan of `scenario` that opens what `kept` says, every figure computed afresh.

    Status, bounds and gaps are those that were kept, as long as the objectives come out as they were.  Who
    goes where may differ from before where a service is steered by capacities: several ways are as good.

    Raises:
        DataError: ``kept.unknown_facility`` (it, or its stage, is not in the scenario), ``kept.other_value``
            (an objective comes out otherwise: the data behind the plan have changed).
        ScenarioError, SolverError: the openings break a rule of the scenario.
    """
    places = geography.places(scenario)
    instance = translate.instance(scenario, places)
    found = solution(scenario, instance, kept)
    plan = report.plan(facts(scenario, places), places, instance, found, gap=_loosest(found))
    way = kept.way or ("" if kept.levels else GIVEN)
    return replace(plan, report=plan.report._replace(way=way))


def solution(scenario: Scenario, instance: Instance, kept: Known) -> Solution:
    """What was kept, as the answer to `instance`, the arrays of `scenario`.

    Raises:
        DataError, SolverError: as in `brought_back`.
    """
    bound = kept.levels[0].bound if kept.levels else None
    found = settled(instance, with_openings(scenario, instance, kept.opened), first_bound=bound)
    if not kept.levels:
        return found
    for before, now in zip(kept.levels, found.levels, strict=True):
        if not math.isclose(before.value, now.value, rel_tol=SAME, abs_tol=SAME):
            values = {"objective": now.name, "kept": before.value, "now": now.value}
            raise DataError(Problem("kept.other_value", scenario.id, values))
    return replace(
        found, status=kept.status, levels=kept.levels, seconds=dict(kept.seconds), solver=kept.solver
    )


def with_openings(
    scenario: Scenario, instance: Instance, opened: Mapping[str, Mapping[str, int]]
) -> IntArray:
    """`opened` as z, shape (F, T).

    Raises:
        DataError: ``kept.unknown_facility``.
    """
    number = {report.facility_id(instance, f): f for f in range(len(instance.site))}
    z = np.zeros((len(instance.site), len(instance.stages)), dtype=np.int64)
    strangers = []
    for facility, stages in opened.items():
        for stage, count in stages.items():
            if facility in number and stage in instance.stages:
                z[number[facility], instance.stages.index(stage)] = count
            else:
                values = {"facility": facility, "stage": stage}
                strangers.append(Problem("kept.unknown_facility", scenario.id, values))
    if strangers:
        raise DataError(strangers)
    return z


def _loosest(solution: Solution) -> float:
    return max((level.gap for level in solution.levels), default=0.0)
