"""What can go wrong, said once: where, what, and the remedy, in Vietnamese and English.

A `Problem` names a catalogue entry ``error.<code>`` (what is wrong) and ``error.<code>.remedy``
(what to do).  Readers collect all problems of a file and raise them together, so that nobody mends
a sheet one message at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from text import Lang, both


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `where` is a place the user can go to: ``file.yaml:12 stages.2018``, ``counts.xlsx row 7 "Số người"``.
    """

    code: str
    where: str
    values: dict[str, Any] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """``where: what. remedy`` in `lang`."""
        what = both(f"error.{self.code}", **self.values)
        remedy = both(f"error.{self.code}.remedy", **self.values)
        return f"{self.where}: {what.say(lang)} {remedy.say(lang)}"


class PlanningError(Exception):
    """Base of every error that a user can mend."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.say("en"))

    def say(self, lang: Lang) -> str:
        """All problems, a line each."""
        return "\n".join(p.say(lang) for p in self.problems)


class ScenarioError(PlanningError):
    """The scenario file cannot be used as it stands."""


class DataError(PlanningError):
    """Counts, places, premises, boundaries or travel times cannot be used as they stand."""


class SolverError(PlanningError):
    """The solver failed, or returned something that does not stand up to verification."""
