"""The constraints of the model, by name.

A constraint that every instance keeps is a function ``(instance, variables)`` in `structure`, listed in
`STRUCTURE`.  A constraint that a scenario asks for is a dataclass in `rules` and a function ``(instance,
variables, rule, name, slack)`` in `siting` or `serving`, listed under the rule's class in `RULES`; adding one
means those, golden rows in the tests and a check in `checks`.  Every function yields named rows and yields
nothing where its data are absent.

``slack(side)`` returns what a row may be exceeded by on that side: nothing, unless somebody asks how far
the rule would have to give way (`model.build` with ``elastic``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimization.instance import Instance
from optimization.rules import (
    Capacity,
    Cluster,
    Colocated,
    CommunityShare,
    CoverageTarget,
    Forbidden,
    GroupFloor,
    MinimumCaseload,
    ParentWithinReach,
    Pinned,
    Quota,
    Rule,
    StageBudget,
    Upgrade,
)
from optimization.serving import (
    capacity,
    community_share,
    coverage_target,
    group_floor,
    minimum_caseload,
    parent_within_reach,
)
from optimization.siting import cluster, colocated, forbidden, pinned, quota, stage_budget, upgrade
from optimization.structure import (
    assign_demand,
    cover_within_standard,
    eligible,
    keep_existing,
    longest_trip,
    open_before_allocate,
    serve_within_reach,
    stay_open,
    worst_group,
)
from optimization.variables import Rows, Slack, Variables

STRUCTURE: tuple[Callable[[Instance, Variables], Rows], ...] = (
    stay_open,
    keep_existing,
    eligible,
    cover_within_standard,
    assign_demand,
    open_before_allocate,
    serve_within_reach,
)
"""Constraints of every instance."""

SUPPORT: tuple[Callable[[Instance, Variables], Rows], ...] = (worst_group, longest_trip)
"""What an objective leans on: rows that say what its variables mean."""

RULES: dict[type[Rule], Callable[[Instance, Variables, Any, str, Slack], Rows]] = {
    Quota: quota,
    Colocated: colocated,
    StageBudget: stage_budget,
    Pinned: pinned,
    Forbidden: forbidden,
    Cluster: cluster,
    Upgrade: upgrade,
    Capacity: capacity,
    MinimumCaseload: minimum_caseload,
    ParentWithinReach: parent_within_reach,
    CoverageTarget: coverage_target,
    CommunityShare: community_share,
    GroupFloor: group_floor,
}
"""Constraints that a scenario asks for, by the class of their rule."""

CONSTRAINTS: dict[str, Callable[..., Rows]] = {
    **{write.__name__: write for write in (*STRUCTURE, *SUPPORT)},
    **{write.__name__: write for write in RULES.values()},
}
"""Every constraint by name; each has golden rows in the tests and a check in `verify`."""
