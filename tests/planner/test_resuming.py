"""A search taken up again goes on from the plan it had, and never hands back a worse one."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

import planner
from optimization.solution import Level, Status
from planner import resuming
from planner.plan import Plan
from scenarios.reading import SHOWN_FIRST, load


@pytest.fixture(scope="module")
def best() -> Plan:
    found = planner.run(load(SHOWN_FIRST))
    assert isinstance(found, Plan)
    return found


@pytest.fixture(scope="module")
def stopped(best: Plan) -> Plan:
    """The same openings, the proof still to come."""
    levels = tuple(Level(x.name, x.value, x.value * 1.1, 0.1) for x in best.report.levels)
    return replace(best, report=best.report._replace(status=Status.FEASIBLE, levels=levels))


def test_it_goes_on_to_the_proof(best: Plan, stopped: Plan):
    steps: list[str] = []
    found = resuming.resumed(stopped, step=steps.append)
    assert isinstance(found, Plan)
    assert found.report.status is Status.OPTIMAL
    assert [x.value for x in found.report.levels] == [x.value for x in best.report.levels]
    assert found.openings.equals(best.openings)
    assert steps == ["places", "model", "polygons"]


def test_stopped_at_once_it_gives_back_what_it_had(stopped: Plan):
    stop = threading.Event()
    stop.set()
    assert resuming.resumed(stopped, cancel=stop) is stopped
