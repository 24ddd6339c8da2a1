"""What goes into a classic model, checked before anything is solved, and what comes out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from errors import DataError, Problem
from optimization.rules import BoolArray, FloatArray, IntArray
from optimization.solution import Status

NAMED = 5
"""How many clients or sites a message names at most."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """The answer to a classic problem.

    Attributes:
        status: OPTIMAL (proved to the gap asked for), FEASIBLE, INFEASIBLE or NO_SOLUTION.
        sites: columns that open, ascending; empty without a solution.
        assignment: for each client the column that serves it, or most of it; −1 if none does.
        value: of the solution; None without one.
        bound: what no solution can better; None where that is proved to be infeasible.
        gap: (bound − value) / value, ≥ 0; None without a solution.
        seconds: wall-clock time.
        shares: who is served where, (I, J), where clients may be split; else None.
        stages: for each of `sites` the stage it opens in, in models of several stages; else None.
    """

    status: Status
    sites: IntArray
    assignment: IntArray
    value: float | None
    bound: float | None
    gap: float | None
    seconds: float
    shares: FloatArray | None = None
    stages: IntArray | None = None


def answer(
    clients: int,
    sites: IntArray | None,
    *,
    value: float,
    bound: float,
    proved: bool,
    began: float,
    assignment: IntArray | None = None,
    shares: FloatArray | None = None,
    stages: IntArray | None = None,
) -> Answer:
    """An honest `Answer`: the gap follows from value and bound, the status from the proof."""
    seconds = time.perf_counter() - began
    nobody = np.full(clients, -1, dtype=np.int64)
    if sites is None:
        status = Status.INFEASIBLE if proved else Status.NO_SOLUTION
        left = float(bound) if not proved and np.isfinite(bound) else None
        return Answer(
            status=status,
            sites=np.zeros(0, dtype=np.int64),
            assignment=nobody,
            value=None,
            bound=left,
            gap=None,
            seconds=seconds,
        )
    room = abs(bound - value) / max(abs(value), 1e-9)
    gap = 0.0 if room <= 1e-6 else float(room)  # what a solver calls equal
    return Answer(
        status=Status.OPTIMAL if proved else Status.FEASIBLE,
        sites=np.asarray(sites, dtype=np.int64),
        assignment=nobody if assignment is None else assignment,
        value=float(value),
        bound=float(value) if gap == 0 else float(bound),
        gap=gap,
        seconds=seconds,
        shares=shares,
        stages=stages,
    )


@dataclass(slots=True)
class Checks:
    """Collects everything that is wrong with the arrays of a classic, so that it is said at once."""

    clients: Sequence[str] | None = None
    sites: Sequence[str] | None = None
    problems: list[Problem] = field(default_factory=list)

    def matrix(self, name: str, values: ArrayLike, *, finite: bool = False) -> FloatArray:
        """A matrix (I, J), clients by sites: no NaN, nothing negative; ``inf`` means no way.

        Raises:
            DataError: it is not a matrix, or is empty; nothing else can then be checked.
        """
        array = np.array(values, dtype=np.float64)
        if array.ndim != 2 or 0 in array.shape:
            raise DataError(Problem("classic.shape", name, {"got": array.shape, "want": "(I, J)"}))
        for kind, axis in (("clients", 0), ("sites", 1)):
            self._names(kind, array.shape[axis])
        self._numbers(name, array, finite=finite)
        return array

    def connected(self, name: str, array: FloatArray) -> None:
        """Every client has some way to some site."""
        alone = ~np.isfinite(array).any(axis=1) & ~np.isnan(array).any(axis=1)
        self._refuse("classic.disconnected", name, np.asarray(alone))

    def coverable(self, name: str, array: FloatArray, radius: float) -> None:
        """Every client has a site within the radius."""
        alone = ~(array <= radius).any(axis=1) & np.isfinite(array).any(axis=1)
        self._refuse("classic.uncoverable", name, np.asarray(alone), radius=radius)

    def vector(
        self, name: str, values: ArrayLike, length: int, *, of: str, demand: bool = False
    ) -> FloatArray:
        """A vector over the clients or sites (`of`): finite, not negative; as a demand, not all zero."""
        array = np.array(values, dtype=np.float64)
        if array.shape != (length,):
            self.problems.append(Problem("classic.shape", name, {"got": array.shape, "want": (length,)}))
            return np.zeros(length)
        self._numbers(name, array, finite=True, of=of)
        if demand and not array.any():
            self.problems.append(Problem("classic.no_demand", name, {"n": length}))
        return array

    def number(self, name: str, value: float, low: float, high: float) -> None:
        """A number between two others."""
        if not low <= value <= high:
            values = {"value": value, "low": low, "high": high}
            self.problems.append(Problem("classic.number", name, values))

    def done(self) -> None:
        """Raises DataError if anything was wrong."""
        if self.problems:
            raise DataError(self.problems)

    def _names(self, kind: str, length: int) -> None:
        names = getattr(self, kind)
        if names is None:
            return
        if len(names) != length:
            self.problems.append(Problem("classic.shape", kind, {"got": (len(names),), "want": (length,)}))
            setattr(self, kind, None)
            return
        twice = [name for name, n in Counter(names).items() if n > 1]
        if twice:
            self.problems.append(Problem("classic.duplicate", kind, {"n": len(twice), "first": twice[0]}))

    def _numbers(self, name: str, array: FloatArray, *, finite: bool, of: str = "clients") -> None:
        faults = {"classic.not_a_number": np.isnan(array), "classic.negative": array < 0}
        if finite:
            faults["classic.not_finite"] = np.isinf(array) & (array > 0)
        for code, wrong in faults.items():
            if wrong.any():
                first = np.argwhere(wrong)[0].tolist()
                where = [self._name(k, n) for k, n in zip((of, "sites"), first, strict=False)]
                values = {"n": int(wrong.sum()), "first": ", ".join(where)}
                self.problems.append(Problem(code, name, values))

    def _refuse(self, code: str, name: str, who: BoolArray, **values: object) -> None:
        if who.any():
            names = [self._name("clients", int(i)) for i in np.flatnonzero(who)]
            more = ", …" if len(names) > NAMED else ""
            first = ", ".join(names[:NAMED]) + more
            self.problems.append(Problem(code, name, {"n": len(names), "first": first, **values}))

    def _name(self, kind: str, n: int) -> str:
        names = getattr(self, kind)
        return str(n) if names is None else str(names[n])
