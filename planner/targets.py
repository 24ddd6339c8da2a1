"""How far a plan gets with each target of the scenario: the rows of the table `targets`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimization.figures import Figures
from optimization.instance import Instance
from optimization.rules import BoolArray, CommunityShare, CoverageTarget, GroupFloor
from scenarios.schema import Scenario

PERSONS = 1e-6
"""How far persons may miss a goal, relative to it or to one person, and still count as having met it: the
precision of the solver, as ``optimization.checks`` has it.
"""

Target = CoverageTarget | GroupFloor | CommunityShare


@dataclass(frozen=True, eq=False, kw_only=True)
class Targets:
    """What `sums`, the figures of a plan of `instance`, come to beside the targets of `scenario`."""

    scenario: Scenario
    instance: Instance
    sums: Figures

    def rows(self) -> Iterator[dict[str, object]]:
        """Rows of ``tables.TABLES["targets"]``: coverage targets, floors of groups, community shares.

        What speaks of each group has a row for every group with demand.  The share reached of a community
        share is that of all who are treated, those treated outside of the model included.
        """
        for rule in self.instance.rules:
            if isinstance(rule, CoverageTarget):
                yield from self._covered(rule, rule.communes, rule.part)
            elif isinstance(rule, GroupFloor):
                for g, group in enumerate(self.instance.groups):
                    yield from self._covered(rule, self.instance.commune_group == g, group)
            elif isinstance(rule, CommunityShare):
                yield self._in_community(rule)

    def missed(self) -> frozenset[str]:
        """Ids of the rules of which some row is not met; in a verified plan only soft targets are."""
        return frozenset(str(row["rule"]) for row in self.rows() if not row["met"])

    def _covered(
        self, rule: CoverageTarget | GroupFloor, communes: BoolArray, group: str
    ) -> Iterator[dict[str, object]]:
        demand = float(self.sums.demand[rule.service, communes, rule.stage].sum())
        served = float(self.sums.served[rule.service, communes, rule.stage].sum())
        if demand > 0 or not group:
            yield self._row(rule, {rule.service}, reached=served, whole=demand) | self._where(group)

    def _in_community(self, rule: CommunityShare) -> dict[str, object]:
        caseload, services = self.sums.caseload[:, rule.stage], self.instance.facility_service
        return self._row(
            rule,
            set(services[rule.everywhere].tolist()),
            reached=float(caseload[rule.community].sum()),
            whole=float(caseload[rule.everywhere].sum()) + rule.elsewhere,
        ) | self._where("")

    def _row(self, rule: Target, services: set[int], *, reached: float, whole: float) -> dict[str, object]:
        goal = rule.share * whole
        met = reached >= goal - PERSONS * max(1.0, goal)
        return {
            "rule": rule.id,
            "service": self.instance.services[services.pop()].id if len(services) == 1 else "",
            "stage": self.instance.stages[rule.stage],
            "goal": rule.share,
            "reached": reached / whole if whole > 0 else np.nan,
            "missing": 0.0 if met else goal - reached,
            "met": met,
            "hard": not isinstance(rule, CoverageTarget) or rule.hard,
        }

    def _where(self, group: str) -> dict[str, object]:
        named = self.scenario.registered_persons.by_group
        return {"group": group, "group_name": named[group].name if group else ""}
