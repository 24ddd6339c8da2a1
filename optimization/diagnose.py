"""Why there is no plan: the rules that clash, the facts behind it, and relaxations that are shown to work."""

from __future__ import annotations

from dataclasses import dataclass

from optimization.changes import Change, Way, apply
from optimization.clash import Clash, clash
from optimization.facts import Fact, FactKind, facts
from optimization.feasibility import Feasibility
from optimization.instance import Instance
from optimization.model import Key
from optimization.relax import Relaxation, relaxations

__all__ = [
    "Change",
    "Clash",
    "Diagnosis",
    "Fact",
    "FactKind",
    "Relaxation",
    "Way",
    "apply",
    "clash",
    "diagnose",
    "facts",
    "relaxations",
]


@dataclass(frozen=True, eq=False, slots=True)
class Diagnosis:
    """Why there is no plan.

    Attributes:
        clashes: no two share a row; the one with the fewest rules and rows comes first.
        relaxations: best first, each proved to lead to a plan of the whole instance.
    """

    clashes: tuple[Clash, ...]
    relaxations: tuple[Relaxation, ...]


def diagnose(instance: Instance, *, most_clashes: int = 5, most: int = 3) -> Diagnosis:
    """At most `most_clashes` clashes of `instance`, and what resolves them all; see `relaxations`.

    A feasible instance has neither.

    Raises:
        SolverError: it could not be decided whether some of the rules can be kept.
    """
    found: list[Clash] = []
    omit: frozenset[Key] = frozenset()
    judge = Feasibility(instance)
    while len(found) < most_clashes and (keys := clash(instance, judge, omit=omit)):
        found.append(Clash(keys, facts(instance, keys)))
        omit |= frozenset(keys)
    found.sort(key=lambda c: (len({rule for rule, _ in c.keys}), len(c.keys)))
    return Diagnosis(
        tuple(found), relaxations(instance, found[0].keys, most=most, judge=judge) if found else ()
    )
