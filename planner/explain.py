"""Why there is no plan, in the scenario's words, and changes of the scenario that give it one."""

from __future__ import annotations

import re
import time
from typing import Any

from optimization.diagnose import Fact, diagnose
from optimization.instance import Instance
from optimization.relax import Change, Relaxation, Way
from optimization.solve import solve
from planner import geography, translate
from planner.plan import ClashingRule, Diagnosis, Facts, Remedy
from scenarios.reading import changed, merged
from scenarios.rules import Bounds, Quota
from scenarios.schema import Scenario
from text import Text, both, inline, million, number

MOST_REMEDIES = 6
"""More than these nobody reads."""


def diagnosis(facts: Facts, instance: Instance) -> Diagnosis:
    """The diagnosis of an `instance` without a plan; every remedy is applied to the scenario and solved."""
    began = time.perf_counter()
    found = diagnose(instance)
    words = _Words(facts.scenario, instance)
    remedies = (words.remedy(relaxation) for relaxation in found.relaxations[:MOST_REMEDIES])
    first = found.clashes[0]
    return Diagnosis(
        facts=facts,
        clash=tuple(words.rule(*key) for key in first.keys),
        because=tuple(words.fact(fact) for fact in first.facts),
        further=tuple(tuple(words.rule(*key) for key in clash.keys) for clash in found.clashes[1:]),
        remedies=tuple(r for r in remedies if r is not None),
        seconds={"diagnosis": time.perf_counter() - began},
    )


class _Words:
    """Speaks of rules, facts and changes in the scenario's terms."""

    def __init__(self, scenario: Scenario, instance: Instance) -> None:
        self.scenario, self.instance = scenario, instance

    def rule(self, name: str, part: str) -> ClashingRule:
        rule = self.scenario.rules[name]
        text = rule.text.text
        if part:
            text = both(
                "plan.rule.part", rule=text, part=self.scenario.registered_persons.by_group[part].name
            )
        return ClashingRule(name, part, text, rule.source)

    def group(self, code: str) -> Text:
        name = self.scenario.registered_persons.by_group[code].name
        return Text(inline(Text(name, name)).vi, name)

    def stage(self, t: int) -> Text:
        name = self.instance.stages[t]
        label = self.scenario.stages[name].label
        return label.text if label else Text(name, name)

    def kind(self, k: int) -> Text:
        return inline(self.scenario.kinds[self.instance.kinds[k].id].label.text)

    def fact(self, fact: Fact) -> Text:
        rule = self.scenario.rules[fact.key[0]]
        values: dict[str, object] = {"rule": rule.text.text}
        if fact.group is not None:
            where = self.instance.groups[fact.group] if fact.group >= 0 else ""
            values["group"] = self.group(where) if where else both("plan.no_group")
        if fact.stage is not None:
            values["stage"] = self.stage(fact.stage)
        if fact.count is not None:
            values["count"] = fact.count
            values["amount"] = Text(million(fact.count, "vi"), million(fact.count, "en"))
        hosts = getattr(rule, "hosts", ())
        labels = [inline(self.scenario.kinds[h].label.text) for h in hosts]
        values["hosts"] = Text(", ".join(t.vi for t in labels), ", ".join(t.en for t in labels))
        words = both(f"plan.fact.{fact.kind.value}", **values)
        return Text(words.vi[:1].upper() + words.vi[1:], words.en)

    def remedy(self, relaxation: Relaxation) -> Remedy | None:
        """The relaxation as a change of the scenario, solved; None where a scenario cannot say it."""
        patch: dict[str, Any] = {}
        texts: list[Text] = []
        for change in relaxation.changes:
            done = self.change(change, changed(self.scenario, patch) if patch else self.scenario)
            if done is None:
                return None
            texts.append(done[0])
            patch = merged(patch, done[1], keep_null=True)
        text = Text("; ".join(t.vi for t in texts), "; ".join(t.en for t in texts))
        relaxed = changed(self.scenario, patch)
        solution = solve(translate.instance(relaxed, geography.places(relaxed)))
        if solution.opened is None:
            return None
        return Remedy(text, patch, solution.levels[0].name, solution.levels[0].value)

    def change(self, change: Change, scenario: Scenario) -> tuple[Text, dict[str, Any]] | None:
        if change.way is Way.NEW_HOST:
            return self.new_host(change)
        if change.way is Way.EXCEPTION:
            return self.exception(change)
        if change.way is Way.BUDGET:
            return self.budget(change)
        return self.quota(change, scenario)

    def new_host(self, change: Change) -> tuple[Text, dict[str, Any]] | None:
        assert change.kind is not None
        assert change.group is not None
        if change.group < 0:
            return None
        kind, group = self.instance.kinds[change.kind].id, self.instance.groups[change.group]
        stage = self.instance.stages[-1 if change.stage is None else change.stage]
        text = both(
            "plan.remedy.new_host",
            n=Text(f"{change.amount:02d}", str(change.amount)),
            kind=self.kind(change.kind),
            group=self.group(group),
            stage=self.stage(self.instance.stages.index(stage)),
        )
        by_user = {"source": "user", "note": _words(both("plan.remedy.note"))}
        limit = {
            "rule": "quota",
            "text": _words(text),
            "kinds": [kind],
            "groups": [group],
            "opened_by": self.instance.stages[-1],
            "at_most": change.amount,
            **by_user,
        }
        return text, {
            "kinds": {kind: {"offered": {group: by_user}}},
            "rules": {_id("new", kind, group): limit},
        }

    def exception(self, change: Change) -> tuple[Text, dict[str, Any]] | None:
        if change.group is None or change.group < 0:
            return None
        name, group = change.key[0], self.instance.groups[change.group]
        text = both(
            "plan.remedy.exception", rule=self.scenario.rules[name].text.text, group=self.group(group)
        )
        by_user = {"source": "user", "note": _words(both("plan.remedy.note"))}
        return text, {"rules": {name: {"exceptions": {group: by_user}}}}

    def budget(self, change: Change) -> tuple[Text, dict[str, Any]]:
        name, rule = change.key[0], self.scenario.rules[change.key[0]]
        amount = Text(number(change.amount, "vi"), number(change.amount, "en"))
        text = both("plan.remedy.budget", rule=rule.text.text, amount=amount)
        return text, {
            "rules": {name: {"amount_vnd": change.limit, "source": "user", "note": self.instead_of(name)}}
        }

    def quota(self, change: Change, scenario: Scenario) -> tuple[Text, dict[str, Any]]:
        name, part = change.key
        rule = scenario.rules[name]
        assert isinstance(rule, Quota)
        assert change.limit is not None
        lo, hi = rule.limits(part)
        lo, hi = (change.limit, hi) if change.side == "lo" else (lo, change.limit)
        words = self.rule(name, part).text
        text = both(f"plan.remedy.quota_{change.side}", rule=words, limit=change.limit)
        limits: dict[str, Any] = {"exactly": lo} if lo == hi else {"at_least": lo, "at_most": hi}
        limits = {k: v for k, v in limits.items() if v is not None}
        by_user: dict[str, Any] = {"source": "user", "note": self.instead_of(name)}
        changed_limits = (
            dict.fromkeys(_limits_of(rule.exceptions.get(part) if part else rule)) | limits | by_user
        )
        return text, {"rules": {name: {"exceptions": {part: changed_limits}} if part else changed_limits}}

    def instead_of(self, name: str) -> dict[str, str]:
        """A note that keeps the source of the rule that was changed."""
        return _words(both("plan.remedy.note_instead", source=self.scenario.rules[name].source))


def _limits_of(bounds: Quota | Bounds | None) -> list[str]:
    """The limits that stand there now, and make way for new ones."""
    return [name for name in ("exactly", "at_least", "at_most") if getattr(bounds, name, None) is not None]


def _id(*parts: str) -> str:
    """An id that a scenario takes, whatever a group's code looks like."""
    return re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower())[:60]


def _words(text: Text) -> dict[str, str]:
    return {"vi": text.vi, "en": text.en}
