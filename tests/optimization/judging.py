"""What every diagnosis must stand up to."""

from dataclasses import replace

import numpy as np

from optimization import solve, verify
from optimization.diagnose import Change, Diagnosis, Way, apply
from optimization.feasibility import Feasibility
from optimization.instance import Instance
from optimization.rules import CoverageTarget, Upgrade
from optimization.solution import Status


def check(instance: Instance, result: Diagnosis) -> None:
    """Clashes are minimal; relaxations need each of their changes, and their plans stand up to `verify`."""
    binding = [r for r in instance.rules if not isinstance(r, Upgrade)]
    every = frozenset((rule.id, rule.part) for rule in binding)
    for found in result.clashes:
        assert not solve.is_feasible(instance, omit=every.difference(found.keys))
        for key in found.keys:
            assert solve.is_feasible(instance, omit=every.difference(found.keys) | {key})
    for relaxation in result.relaxations:
        plan = solve.solve(relaxation.instance)
        assert plan.status is Status.OPTIMAL
        assert verify.verify(relaxation.instance, plan) == ()
        assert all(change.amount > 0 for change in relaxation.changes)
        for change in relaxation.changes:
            others = [other for other in relaxation.changes if other is not change]
            assert not solve.is_feasible(apply(instance, others)), "a change that is not needed"
            if not others and (less := gentler(instance, change)):
                assert not solve.is_feasible(apply(instance, [less])), f"more than the least: {change}"


def gentler(instance: Instance, change: Change) -> Change | None:
    """The change by one unit less: a facility, a person, a đồng, a stage, a thousandth, a moment."""
    if change.way is Way.BAN:
        return None
    if change.way in (Way.NEW_HOST, Way.NEW_PARENT, Way.NEW_PLACE, Way.EXCEPTION):
        return replace(change, amount=change.amount - 1) if change.amount > 1 else None
    if change.way is Way.EARLIER:
        return replace(change, stage=change.stage + 1)
    if change.way is Way.CAPACITY:
        return replace(change, amount=change.amount - 1)
    return replace(change, limit=_tighter(instance, change))


def _tighter(instance: Instance, change: Change) -> float:
    limit = change.limit
    if change.way in (Way.REACH, Way.STANDARD):
        return limit - 1e-4
    if change.way is Way.TARGET and change.service is None:
        return limit + 1e-3
    if change.way is Way.TARGET:
        (rule,) = (r for r in instance.rules if (r.id, r.part) == change.key)
        assert isinstance(rule, CoverageTarget)
        persons = instance.demand[rule.service, rule.communes, rule.stage].sum()
        return min(1.0, limit + 1 / persons)
    up = change.way in (Way.PIN, Way.CASELOAD) or change.side == "lo"
    return limit + 1 if up else limit - 1


def answers_like_the_model(instance: Instance, rng: np.random.Generator, questions: int = 4) -> None:
    """`Feasibility` says the same as `solve.is_feasible`, whatever is left out and in whatever order."""
    judge = Feasibility(instance)
    keys = [(r.id, r.part) for r in instance.rules if not isinstance(r, Upgrade)]
    for _ in range(questions):
        omit = frozenset(key for key in keys if rng.random() < 0.4)
        assert judge(instance, omit=omit) == solve.is_feasible(instance, omit=omit), omit
