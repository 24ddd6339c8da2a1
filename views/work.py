"""Calculations that take seconds: each in a thread of its own, kept for whoever asks for the same again.

The threads never draw; pages look at a `Job` and say how far it is.  Who asks for what is under way already
joins it.  An answer that is finished is kept; a search that was being looked at and that nobody looks at any
more is stopped, so that it does not hold up the others in line.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import streamlit as st
from geopandas import GeoDataFrame

import planner
from geo import downloads
from geo import health_places as places_of_health
from geo.boundaries import Outlines
from geo.roads import fetch
from geo.units import Vintage
from planner import resuming
from planner import why as reasons
from planner.plan import Diagnosis, Evaluation, Plan
from planner.why import Why
from scenarios.schema import Scenario

Answer = TypeVar("Answer")

KEPT = 16
"""Answers kept for the whole server, the oldest unused one leaving first."""
AT_ONCE = 2
"""Calculations that run side by side; others wait in line."""
UNSEEN = 20.0
"""Seconds after which who has not looked at a search counts as gone."""
HIDDEN = 90.0
"""The same while the page is still connected: browsers let a page in the background ask once a minute."""


class Told(NamedTuple):
    """How far a search is: seconds, best value and bound so far, gap, the objective that is searched."""

    seconds: float
    value: float | None
    bound: float | None
    gap: float | None
    level: str


class Looker(NamedTuple):
    """Somebody who waits for an answer: when last seen, and whether their page is still connected."""

    seen: float
    connected: Callable[[], bool]

    def gone(self) -> bool:
        """Whether nobody is there any more."""
        unseen = time.monotonic() - self.seen
        return unseen > HIDDEN or (unseen > UNSEEN and not self.connected())


class Stop:
    """Whether a search is to stop: somebody said so, or all who looked at it are gone."""

    def __init__(self) -> None:
        self._event, self._lock = threading.Event(), threading.Lock()
        self._lookers: dict[str, Looker] = {}
        self.abandoned = False

    def set(self) -> None:
        """Stop, whoever looks."""
        self._event.set()

    def is_set(self) -> bool:
        """Asked from the search several times a second (``optimization.search.Cancel``)."""
        with self._lock:
            if not self._event.is_set() and self._lookers and all(x.gone() for x in self._lookers.values()):
                self.abandoned = True
                self._event.set()
        return self._event.is_set()

    def look(self, who: str, connected: Callable[[], bool]) -> None:
        """`who` is here and waits."""
        with self._lock:
            self._lookers[who] = Looker(time.monotonic(), connected)

    def leave(self, who: str) -> bool:
        """`who` no longer waits; the search stops when nobody else does.  Whether it does."""
        with self._lock:
            self._lookers.pop(who, None)
            if all(x.gone() for x in self._lookers.values()):
                self._event.set()
        return self._event.is_set()

    def others(self, who: str) -> int:
        """How many wait besides `who`."""
        with self._lock:
            return sum(name != who and not x.gone() for name, x in self._lookers.items())


class Line:
    """Who computes and who waits: in the order they came, what nobody is waiting to see after the rest."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once, self._running = at_once, 0
        self._waiting: list[Job[Any]] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, job: Job[Any]) -> Iterator[bool]:
        """Wait for a turn and hold it; False, and no turn, where the job is cancelled first."""
        with self._changed:
            self._waiting.append(job)
            self._waiting.sort(key=lambda waiting: waiting.later)
            while not (stopped := job.cancelled.is_set()) and not self._next(job):
                self._changed.wait(0.2)
            self._waiting.remove(job)
            self._running += not stopped
            self._changed.notify_all()
        try:
            yield not stopped
        finally:
            with self._changed:
                self._running -= not stopped
                self._changed.notify_all()

    def _next(self, job: Job[Any]) -> bool:
        return self._running < self._at_once and self._waiting[0] is job

    def place(self, job: Job[Any]) -> int:
        """1 for who comes next; 0 for who is not waiting."""
        with self._changed:
            return self._waiting.index(job) + 1 if job in self._waiting else 0


class Job(Generic[Answer]):
    """A calculation under way, or its answer; `later` ones let the others in line pass."""

    def __init__(
        self, task: Callable[[Job[Answer]], Answer], line: Line | None = None, *, later: bool = False
    ) -> None:
        self._task, self._over = task, threading.Event()
        self._line, self.later = line or Line(), later
        self.cancelled = Stop()
        self.told: Told | None = None
        self._answer: Answer  # from the end on, unless there is an error
        self._error: BaseException | None = None
        self.step = "queue"
        self.began, self._ended = time.monotonic(), 0.0
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self._line.turn(self) as mine:
            try:
                if not mine:
                    raise planner.NoPlanInTimeError(self.seconds)
                self._answer = self._task(self)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the page that asked has to hear of it
                self._error = error
            finally:
                self._ended = time.monotonic()
                self._over.set()

    def begin(self, step: str) -> None:
        """A step of the calculation begins."""
        self.step = step

    def progress(
        self, seconds: float, value: float | None, bound: float | None, gap: float | None, level: str, /
    ) -> None:
        """How a search goes (``optimization.search.Progress``)."""
        self.told = Told(seconds, value, bound, gap, level)

    def look(self, who: str, connected: Callable[[], bool] = lambda: False) -> None:
        """`who` waits for the answer, until they leave or are not seen for `UNSEEN` seconds."""
        self.cancelled.look(who, connected)

    def leave(self, who: str) -> bool:
        """`who` waits no longer: the search stops and keeps its best, unless somebody else waits.

        Whether it stops.
        """
        return self.cancelled.leave(who)

    def cancel(self) -> None:
        """Stop the search, whoever looks; what it has found so far becomes the answer."""
        self.cancelled.set()

    @property
    def place(self) -> int:
        """Place in line, 1 for who comes next; 0 where it has begun."""
        return self._line.place(self)

    @property
    def over(self) -> bool:
        """Whether there is an answer, or an error."""
        return self._over.is_set()

    @property
    def failed(self) -> bool:
        """Whether it ended in an error."""
        return self._error is not None

    @property
    def stopped(self) -> bool:
        """Whether it was told to stop before its end."""
        return self.over and self.cancelled.is_set()

    @property
    def in_vain(self) -> bool:
        """Whether nobody wanted it any more and it has nothing to keep: who asks again begins anew.

        Of those that let the others pass nothing is kept that was not brought to its end.
        """
        return self.cancelled.is_set() if self.later else self.failed and self.cancelled.abandoned

    @property
    def seconds(self) -> float:
        """Since it was asked for, until its end."""
        return (self._ended or time.monotonic()) - self.began

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it is over."""
        return self._over.wait(seconds)

    def answer(self) -> Answer:
        """The answer; raises what the calculation raised."""
        assert self.over
        if self._error is not None:
            raise self._error
        return self._answer


class _Shelf:
    def __init__(self) -> None:
        self.jobs: OrderedDict[tuple[str, ...], Job[Any]] = OrderedDict()
        self.lock = threading.Lock()
        self.line = Line()

    def job(
        self,
        key: tuple[str, ...],
        task: Callable[[Job[Any]], Any],
        *,
        later: bool = False,
        apart: bool = False,
    ) -> Job[Any]:
        """The job of this key; `apart` from the line is what waits for another machine."""
        with self.lock:
            known = self.jobs.get(key)
            if known is None or known.in_vain:
                self.jobs[key] = Job(task, None if apart else self.line, later=later)
            self.jobs.move_to_end(key)
            for old in [k for k, job in self.jobs.items() if job.over][: max(0, len(self.jobs) - KEPT)]:
                del self.jobs[old]
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


def go_on(plan: Plan) -> Job[Plan | Diagnosis]:
    """Search on from a plan whose search was stopped; to whoever asks, this is now the search."""
    shelf, key = _shelf(), ("plan", planner.digest(plan.scenario))

    def task(job: Job[Any]) -> Plan | Diagnosis:
        return resuming.resumed(plan, step=job.begin, progress=job.progress, cancel=job.cancelled)

    with shelf.lock:
        known = shelf.jobs.get(key)
        if known is None or known.over:
            shelf.jobs[key] = Job(task, shelf.line)
        return shelf.jobs[key]


def evaluation(scenario: Scenario) -> Job[Evaluation]:
    """The scenario's official plan beside the best one; the plans that people wait for go first."""

    def task(job: Job[Evaluation]) -> Evaluation:
        found = planner.evaluate(
            scenario,
            optimum=_solved(scenario),
            step=job.begin,
            progress=job.progress,
            cancel=job.cancelled,
        )
        if job.cancelled.is_set():  # half of a comparison is none
            raise planner.NoPlanInTimeError(job.seconds)
        return found

    return _shelf().job(("evaluation", planner.digest(scenario)), task, later=True)


def _solved(scenario: Scenario) -> Plan | None:
    """The best plan where a search here has found it, so that nobody searches for it again."""
    known = running("plan", planner.digest(scenario))
    found = known.answer() if known is not None and known.over and not known.failed else None
    return found if isinstance(found, Plan) else None


def why(plan: Plan, facility: str) -> Job[Why]:
    """Why `plan` opens `facility`: what is lost otherwise."""
    key = ("why", planner.digest(plan.scenario), facility, str(plan.report.levels))
    return _shelf().job(
        key, lambda job: reasons.why(plan, facility, progress=job.progress, cancel=job.cancelled)
    )


def job(key: tuple[str, ...], task: Callable[[Job[Any]], Any]) -> Job[Any]:
    """A page's own calculation; `key` is what it is, the scenario's digest, and what else tells it apart."""
    return _shelf().job(key, task)


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
        ("download", source, province, vintage),
        lambda _: downloads.fetch(source, province, vintage),
        apart=True,
    )


def health_places(province: str, vintage: Vintage) -> Job[GeoDataFrame]:
    """What OpenStreetMap has of hospitals and clinics, because somebody asked for it."""
    key = ("download", "health", province, vintage)
    return _shelf().job(key, lambda _: places_of_health.fetch(province, vintage), apart=True)


def roads(province: str, vintage: Vintage) -> Job[Path]:
    """Roads from OpenStreetMap, because somebody asked for them; `Job.step` tells how many parts came."""

    def task(job: Job[Path]) -> Path:
        return fetch.fetch(province, vintage, progress=lambda done, of: job.begin(f"{done}/{of}"))

    return _shelf().job(("download", "roads", province, vintage), task, apart=True)


def running(*key: str) -> Job[Any] | None:
    """The job of this key, if somebody asked for it and nobody has taken its answer yet."""
    return _shelf().jobs.get(key)


def drop(*key: str) -> None:
    """The answer of a job has been taken."""
    _shelf().jobs.pop(key, None)
