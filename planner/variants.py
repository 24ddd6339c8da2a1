"""Plans that stand beside the best one: the published order, what simpler methods give, near-equals."""

from __future__ import annotations

from typing import NamedTuple

from planner.plan import Plan
from text import Text


class Variant(NamedTuple):
    """A plan of the same scenario by another way.

    `name` is "official", "greedy", "myopic", "network_first" or "alternative_<n>"; `note` says what is
    special about it.
    """

    name: str
    label: Text
    plan: Plan
    note: Text | None = None
