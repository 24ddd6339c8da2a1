"""Calculations that take seconds: each in a thread of its own, kept for whoever asks for the same again.

The threads never speak to Streamlit; pages look at a `Job` and say how far it is.  A reader who goes away
loses nothing: the calculation goes on and its answer is kept.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import streamlit as st
from geopandas import GeoDataFrame

import planner
from geo import downloads
from geo import health_places as places_of_health
from geo.boundaries import Outlines
from geo.units import Vintage
from planner.plan import Diagnosis, Evaluation, Plan
from scenarios.schema import Scenario

Answer = TypeVar("Answer")

KEPT = 16
"""Answers kept for the whole server, the oldest unused one leaving first."""
AT_ONCE = threading.Semaphore(2)
"""Calculations that run side by side; others wait in line."""


class Told(NamedTuple):
    """How far a search is: seconds, best value and bound so far, gap, the objective that is searched."""

    seconds: float
    value: float | None
    bound: float | None
    gap: float | None
    level: str


class Job(Generic[Answer]):
    """A calculation under way, or its answer."""

    def __init__(self, task: Callable[[Job[Answer]], Answer]) -> None:
        self._task, self._over = task, threading.Event()
        self.cancelled = threading.Event()
        self.told: Told | None = None
        self._answer: Answer | None = None
        self._error: BaseException | None = None
        self.step = "queue"
        self.began = time.monotonic()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with AT_ONCE:
            try:
                self._answer = self._task(self)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the page that asked has to hear of it
                self._error = error
            finally:
                self._over.set()

    def begin(self, step: str) -> None:
        """A step of the calculation begins."""
        self.step = step

    def progress(
        self, seconds: float, value: float | None, bound: float | None, gap: float | None, level: str, /
    ) -> None:
        """How a search goes (``optimization.search.Progress``)."""
        self.told = Told(seconds, value, bound, gap, level)

    def cancel(self) -> None:
        """Stop the search; what it has found so far becomes the answer."""
        self.cancelled.set()

    @property
    def over(self) -> bool:
        """Whether there is an answer, or an error."""
        return self._over.is_set()

    @property
    def failed(self) -> bool:
        """Whether it ended in an error."""
        return self._error is not None

    @property
    def seconds(self) -> float:
        """Since it was asked for."""
        return time.monotonic() - self.began

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it is over."""
        return self._over.wait(seconds)

    def answer(self) -> Answer:
        """The answer; raises what the calculation raised."""
        assert self.over
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]


class _Shelf:
    def __init__(self) -> None:
        self.jobs: OrderedDict[tuple[str, ...], Job[Any]] = OrderedDict()
        self.lock = threading.Lock()

    def job(self, key: tuple[str, ...], task: Callable[[Job[Any]], Any]) -> Job[Any]:
        with self.lock:
            if key not in self.jobs:
                self.jobs[key] = Job(task)
            self.jobs.move_to_end(key)
            while len(self.jobs) > KEPT:
                self.jobs.popitem(last=False)
            return self.jobs[key]

    def drop(self, scenario: str) -> None:
        with self.lock:
            for key in [key for key in self.jobs if key[1] == scenario]:
                del self.jobs[key]


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()


def plan(scenario: Scenario) -> Job[Plan | Diagnosis]:
    """The plan of `scenario`, or why there is none."""
    return _shelf().job(("plan", planner.digest(scenario)), _planning(scenario))


def _planning(scenario: Scenario) -> Callable[[Job[Plan | Diagnosis]], Plan | Diagnosis]:
    return lambda job: planner.run(scenario, step=job.begin, progress=job.progress, cancel=job.cancelled)


def evaluation(scenario: Scenario) -> Job[Evaluation]:
    """The scenario's official plan beside the best one."""
    return _shelf().job(
        ("evaluation", planner.digest(scenario)),
        lambda job: planner.evaluate(scenario, step=job.begin, progress=job.progress, cancel=job.cancelled),
    )


def forget(scenario: Scenario) -> None:
    """Calculate anew when somebody asks next: what went wrong may have been mended."""
    _shelf().drop(planner.digest(scenario))


def forget_all() -> None:
    """Calculate everything anew when somebody asks next: boundaries that many plans show have changed."""
    shelf = _shelf()
    with shelf.lock:
        for key in [key for key in shelf.jobs if key[0] != "download"]:
            del shelf.jobs[key]


def download(source: str, province: str, vintage: Vintage) -> Job[Outlines]:
    """Boundaries from an open source, because somebody asked for them."""
    return _shelf().job(
        ("download", source, province, vintage), lambda _: downloads.fetch(source, province, vintage)
    )


def health_places(province: str, vintage: Vintage) -> Job[GeoDataFrame]:
    """What OpenStreetMap has of hospitals and clinics, because somebody asked for it."""
    key = ("download", "health", province, vintage)
    return _shelf().job(key, lambda _: places_of_health.fetch(province, vintage))


def running(*key: str) -> Job[Any] | None:
    """The job of this key, if somebody asked for it and nobody has taken its answer yet."""
    return _shelf().jobs.get(key)


def drop(*key: str) -> None:
    """The answer of a job has been taken."""
    _shelf().jobs.pop(key, None)
