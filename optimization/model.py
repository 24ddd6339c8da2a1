"""An `Instance` as a mixed-integer programme in PuLP."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from pulp import LpAffineExpression, LpContinuous, LpInteger, LpMinimize, LpProblem, LpVariable

from optimization import objectives
from optimization.constraints import RULES, STRUCTURE, SUPPORT
from optimization.forms import Forms, forms
from optimization.instance import Instance
from optimization.rules import Rule
from optimization.variables import Pairs, Slack, Variables, create

Key = tuple[str, str]
"""A rule's (id, part)."""


@dataclass(frozen=True, eq=False, slots=True)
class Model:
    """The programme and the handles to read and drive it by.

    Attributes:
        instance: what is solved, without the rules that were left out.
        problem: rows and bounds; its objective is empty, the levels stand apart.
        variables: the unknowns.
        levels: terms of each of the instance's objectives, in order.
        slacks: how far each elastic rule gives way, by rule and side, see `solve.Slacks`; budgets are counted
            in million VND.
    """

    instance: Instance
    problem: LpProblem
    variables: Variables
    levels: tuple[Pairs, ...]
    slacks: dict[Key, dict[str, LpVariable]]

    @property
    def forms(self) -> Forms:
        """The form of each service."""
        return self.variables.forms

    @property
    def allocating(self) -> frozenset[int]:
        """Services in the allocating form."""
        return self.forms.allocating

    @property
    def latent(self) -> dict[tuple[int, int], LpVariable]:
        """Openings (f, t) at facilities that the scenario does not offer."""
        return self.variables.latent


def build(
    instance: Instance,
    *,
    omit: Collection[Key] = frozenset(),
    elastic: Collection[Key] = frozenset(),
    latent: bool = False,
    allocate: Collection[int] = frozenset(),
) -> Model:
    """The programme of `instance`.

    Args:
        instance: what is solved.
        omit: rules, by (id, part), that are left out.
        elastic: rules that may give way, see `Model.slacks`.
        latent: let facilities open that the scenario does not offer, see `Model.latent`.
        allocate: services to put in the allocating form although no objective needs it.

    Raises:
        DataError: an objective that does not exist or cannot stand alone.
    """
    objectives.check(instance.objectives)
    if omit:
        instance = replace(instance, rules=tuple(r for r in instance.rules if key_of(r) not in omit))
    levels = instance.objectives
    problem = LpProblem("lo_trinh", LpMinimize)
    problem.setObjective(LpAffineExpression())
    form = forms(instance, levels, allocate=allocate)
    variables = create(problem, instance, forms=form, levels=levels, latent=latent)
    for constraint in (*STRUCTURE, *SUPPORT):
        for row in constraint(instance, variables):
            problem.addConstraint(row)

    slacks: dict[Key, dict[str, LpVariable]] = {}
    for n, rule in enumerate(instance.rules):
        key = key_of(rule)
        sides: dict[str, LpVariable] | None = slacks.setdefault(key, {}) if key in elastic else None
        write = RULES[type(rule)]
        name = f"{write.__name__}_{n}"
        for row in write(instance, variables, rule, name, _slack(problem, n, sides)):
            problem.addConstraint(row)

    terms = tuple(objectives.OBJECTIVES[o.name].terms(instance, variables, o.service) for o in levels)
    return Model(instance, problem, variables, terms, slacks)


def key_of(rule: Rule) -> Key:
    """What `omit` and `elastic` know a rule by."""
    return rule.id, rule.part


def _slack(problem: LpProblem, n: int, sides: dict[str, LpVariable] | None) -> Slack:
    """The slack function of rule number `n`: gives nothing where the rule is not elastic."""

    def slack(side: str, *, most: int | None = None, unit: float = 1, whole: bool = True) -> Pairs:
        if sides is None:
            return []
        kind = LpInteger if whole else LpContinuous
        sides[side] = problem.add_variable(f"slack_{n}_{side}", 0, most, kind)
        return [(sides[side], unit)]

    return slack
