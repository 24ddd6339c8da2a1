"""The two Cần Thơ scenarios, solved once for all tests of the planner."""

from __future__ import annotations

import pytest

import planner
from planner.plan import Diagnosis, Evaluation, Plan
from scenarios.reading import FOLDER, load


@pytest.fixture(scope="session")
def plan() -> Plan:
    found = planner.run(load(FOLDER / "can_tho_2018_2020.yaml"))
    assert isinstance(found, Plan)
    return found


@pytest.fixture(scope="session")
def diagnosis() -> Diagnosis:
    found = planner.run(load(FOLDER / "can_tho_2018_2020_as_written.yaml"))
    assert isinstance(found, Diagnosis)
    return found


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    return planner.evaluate(load(FOLDER / "can_tho_2018_2020.yaml"))
