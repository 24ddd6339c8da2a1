"""Rules, groups, stages and kinds of an instance in the scenario's terms."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from optimization.instance import Instance
from planner import wording
from planner.plan import ClashingRule
from planner.rows import IMPLIED, implied_id
from scenarios.schema import Scenario
from text import Text, both, inline


class Naming:
    """Names what a diagnosis of `instance`, made from `scenario`, speaks of by index."""

    def __init__(self, scenario: Scenario, communes: pd.DataFrame, instance: Instance) -> None:
        self.scenario, self.communes, self.instance = scenario, communes, instance

    @cached_property
    def worded(self) -> dict[str, wording.Worded]:
        """Every rule by id."""
        return wording.worded(self.scenario)

    @cached_property
    def implied(self) -> dict[str, str]:
        """Kinds by the id of the rules that their figures imply."""
        return {implied_id(figure, kind): kind for kind in self.scenario.kinds for figure in IMPLIED}

    def rule(self, name: str, part: str) -> ClashingRule:
        """A rule, or a row of it, with its source."""
        text, source = self.worded[name]
        if part:
            where = wording.part_name(self.scenario, self.communes, name, part)
            text = both("plan.rule.part", rule=text, part=where)
        return ClashingRule(name, part, text, source)

    def group(self, g: int) -> Text:
        """The name of a group as it stands inside a sentence; −1 is no group."""
        if g < 0:
            return both("plan.no_group")
        name = self.scenario.registered_persons.by_group[self.instance.groups[g]].name
        return Text(inline(Text(name, name)).vi, name)

    def stage(self, t: int) -> Text:
        """The label of a stage."""
        return wording.stage_name(self.scenario, self.instance.stages[t])

    def kind(self, k: int) -> Text:
        """The label of a kind as it stands inside a sentence."""
        return inline(self.scenario.kinds[self.instance.kinds[k].id].label.text)
