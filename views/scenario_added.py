"""What a planner added to a scenario: how it is known again, what it is called, how it is taken out.

A rule that was added bears an id that begins with `PREFIX`, so that it is known in a kept version and in a
file as well.  Its words follow from its figures (`told`), whoever changes these: the page, a remedy of a
clash, a quick try.  Nothing here draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from planner.wording import kinds_named, stage_name
from scenarios import reading
from scenarios.rules import CoverageTarget, Quota, StageBudget
from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_
from text import Text, both, inline, percent, sentence
from views.scenario_edits import BOUNDS, Edit, nested, shortfall_heeded

PREFIX = "added_"
OFFER = f"{PREFIX}offer_"
"""Before the number of a rule that limits what an offer lets open; the two come and go together."""
MOST_NAMED = 5
"""More places than these are counted, not named."""


def is_added(rule: str) -> bool:
    """Whether the rule of this id was added on the page."""
    return rule.startswith(PREFIX)


def new_id(s: Scenario, what: str, taken: Iterable[str] = ()) -> str:
    """An id for the next rule of this sort, not one of `taken`."""
    used = {*s.rules, *taken}
    return next(name for n in range(1, len(used) + 2) if (name := f"{PREFIX}{what}_{n}") not in used)


# --- words ---------------------------------------------------------------------------------------


def stage_words(s: Scenario, stage: str) -> Text:
    """A stage inside a sentence: ``năm 2019``, ``giai đoạn 2016-2020``."""
    year = re.fullmatch(r"[0-9]{4}", stage) and s.stages[stage].label is None
    return both("scenario_add.year" if year else "scenario_add.span", stage=stage_name(s, stage))


def new_stage_words(s: Scenario, stage: str) -> Text:
    """What a stage that was added is called."""
    return both("scenario_add.stage", stage=stage_name(s, stage))


def listed(words: Iterable[Text]) -> Text:
    """Several words, with commas."""
    found = list(words)
    return Text(", ".join(t.vi for t in found), ", ".join(t.en for t in found))


def places_named(s: Scenario, groups: Iterable[str]) -> Text:
    """Names of groups; of many the first ones and how many more."""
    by_group = s.registered_persons.by_group
    names = [by_group[code].name if code in by_group else code for code in groups]
    shown = ", ".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return Text(shown, shown)
    return both("scenario_add.more_places", places=shown, n=len(names) - MOST_NAMED)


def told(s: Scenario, name: str) -> Text | None:
    """What the added rule `name` of `s` is called; None for a rule that has words of its own."""
    rule = s.rules.get(name)
    if not is_added(name) or rule is None:
        return None
    if isinstance(rule, StageBudget):
        kinds = kinds_named(s, rule.kinds)
        if len(rule.over) == 1:
            return both("scenario_add.budget", stage=stage_words(s, rule.over[0]), kinds=kinds)
        stages = listed(stage_name(s, stage) for stage in rule.over)
        return both("scenario_add.budget.together", stages=stages, kinds=kinds)
    if isinstance(rule, Quota):
        return _quota(s, rule)
    if isinstance(rule, CoverageTarget):
        share = Text(percent(rule.share, "vi"), percent(rule.share, "en"))
        return both(
            "scenario_add.target.hard" if rule.hard else "scenario_add.target.soft",
            stage=stage_words(s, rule.stage), share=share, where=_where(s, rule),
            service=inline(s.services[rule.service].label.text),
        )  # fmt: skip
    return None


def _quota(s: Scenario, rule: Quota) -> Text:
    limits = [(form, value) for form in BOUNDS if (value := getattr(rule, form)) is not None]
    how = listed(
        both(f"scenario_add.quota.{form}", n=Text(f"{n:02d}" if n else "0", str(n))) for form, n in limits
    )
    when = next(time for time in ("opened_in", "opened_by", "open_at") if getattr(rule, time))
    return both(
        f"scenario_add.quota.{when}",
        how=sentence(how),
        kinds=kinds_named(s, rule.kinds), stage=stage_words(s, getattr(rule, when)), where=_where(s, rule),
    )  # fmt: skip


def _where(s: Scenario, rule: Quota | CoverageTarget) -> Text:
    if rule.each:
        return both("scenario_add.where.each")
    if not rule.groups:
        return Text("", "")
    return both("scenario_add.where.named", places=places_named(s, rule.groups))


def retold(now: Scenario, patch: dict[str, Any]) -> dict[str, Any]:
    """`patch` with the words that added rules have once it is merged over `now`.

    Raises:
        ScenarioError: as `scenarios.reading.changed`.
    """
    changed = [name for name, rule in (patch.get("rules") or {}).items() if is_added(name) and rule]
    if not changed:
        return patch
    then = reading.changed(now, patch)
    for name in changed:
        if (words := told(then, name)) is not None:
            text = {"rules": {name: {"text": {"vi": words.vi, "en": words.en}}}}
            patch = reading.merged(patch, text, keep_null=True)
    return patch


# --- taking out ----------------------------------------------------------------------------------


class Own(NamedTuple):
    """Something that was added and is no rule: where it stands, what it is called, why."""

    path: Path_
    text: Text
    note: Text | None


def own(now: Scenario, plan: Scenario) -> Iterator[Own]:
    """Stages and unit costs that the plan does not have; rules are known by their ids."""
    for name, stage in now.stages.items():
        if name not in plan.stages:
            yield Own(("stages", name), sentence(new_stage_words(now, name)), stage.note and stage.note.text)
    for name, kind in now.kinds.items():
        if kind.cost is not None and name in plan.kinds and plan.kinds[name].cost is None:
            note = kind.cost.first_year_vnd.note
            yield Own(("kinds", name, "cost"), _cost_words(now, name), note and note.text)


def in_the_way(now: Scenario, path: Path_) -> list[Text]:
    """Rules that speak of what stands at `path`, and would have nothing to speak of without it."""
    if path[0] == "stages":
        return [rule.text.text for rule in now.rules.values() if path[1] in _stages_of(rule)]
    if path[0] == "kinds" and path[-1] == "cost":
        budgets = [rule for rule in now.rules.values() if isinstance(rule, StageBudget)]
        return [rule.text.text for rule in budgets if path[1] in rule.kinds]
    return []


def _stages_of(rule: Any) -> set[str]:
    """Stages that a rule names."""
    one = {getattr(rule, name, None) for name in ("stage", "opened_in", "opened_by", "open_at", "from_stage")}
    return {*one, *(getattr(rule, "stages", None) or ())} - {None}


def taken_out(now: Scenario, plan: Scenario, path: Path_) -> Edit:
    """What was added at `path` goes; with the limit of an offer the offer itself."""
    if path[0] != "rules":
        staged = path[0] == "stages"
        words = new_stage_words(now, str(path[1])) if staged else _cost_words(now, str(path[1]))
        return Edit(both("scenario_add.taken_out", what=words), nested(path, None))
    name = str(path[1])
    rule = now.rules[name]
    patch: dict[str, Any] = {"rules": {name: None}}
    if name.startswith(OFFER) and isinstance(rule, Quota):
        offered = {
            kind: {"offered": dict.fromkeys(_offered_by(now, kind, rule))}
            for kind in rule.kinds
            if kind in now.kinds
        }
        patch["kinds"] = offered
    return Edit(both("scenario_add.taken_out", what=rule.text.text), shortfall_heeded(now, plan, patch))


def _offered_by(now: Scenario, kind: str, rule: Quota) -> list[str]:
    """Groups of the rule where the user, and no document, offers the kind."""
    offered = now.kinds[kind].offered
    return [code for code in rule.groups or () if code in offered and offered[code].source == "user"]


def _cost_words(now: Scenario, kind: str) -> Text:
    return both("scenario_add.cost.of", kind=inline(now.kinds[kind].label.text))
