"""A search that is stopped while HiGHS is busy: its best plan so far is taken as it was told."""

from __future__ import annotations

import math
import threading
import time

import highspy
import numpy as np
import pytest

from optimization import search, solve, verify
from optimization.solution import Status
from tests.optimization.instances import province


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch):
    """HiGHS finds what it finds and then hears nothing for a long time; `until` lets it end."""
    until, found, real = threading.Event(), threading.Event(), highspy.Highs.run

    def run(self: highspy.Highs):
        status = real(self)
        found.set()
        until.wait(20)
        return status

    monkeypatch.setattr(highspy.Highs, "run", run)
    monkeypatch.setattr(search, "PATIENCE", 0.05)
    yield found
    until.set()


def _once_deaf(deaf: threading.Event, stop: threading.Event) -> None:
    deaf.wait(20)
    stop.set()


def test_a_solver_that_does_not_hear_keeps_nobody_waiting(deaf: threading.Event):
    it, stop = province(np.random.default_rng(3)), threading.Event()
    threading.Thread(target=_once_deaf, args=(deaf, stop), daemon=True).start()
    began = time.perf_counter()
    found = solve.solve(it, cancel=stop)
    assert time.perf_counter() - began < 10
    assert found.status is Status.FEASIBLE, "nothing is proved that HiGHS did not end with"
    assert found.opened is not None
    assert verify.verify(it, found) == ()


def test_what_it_told_is_as_good_as_what_it_would_have_ended_with(deaf: threading.Event, monkeypatch):
    it, stop = province(np.random.default_rng(3)), threading.Event()
    threading.Thread(target=_once_deaf, args=(deaf, stop), daemon=True).start()
    told = solve.solve(it, cancel=stop)
    monkeypatch.undo()
    best = solve.solve(it)
    assert math.isclose(told.levels[0].value, best.levels[0].value, rel_tol=1e-6)
    assert told.levels[0].bound >= best.levels[0].value - 1e-6


def test_with_nothing_told_there_is_no_plan_and_no_claim(monkeypatch: pytest.MonkeyPatch):
    until = threading.Event()
    monkeypatch.setattr(highspy.Highs, "run", lambda _: until.wait(20))
    monkeypatch.setattr(search, "PATIENCE", 0.05)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    found = solve.solve(province(np.random.default_rng(3)), cancel=stop)
    until.set()
    assert (found.status, found.opened) == (Status.NO_SOLUTION, None)
