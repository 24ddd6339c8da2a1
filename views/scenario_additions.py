"""What a planner may add to a scenario, and what becomes of it: one change, or a message at each field.

Offered is only what the schema knows, the model keeps and this scenario has the figures for: a budget where
unit costs are known, a target for a service whose demand can be counted, a number of points for kinds that
may open.  Nothing here draws.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from scenarios import reading
from scenarios.rule_checks import can_be_counted
from scenarios.rules import StageBudget
from scenarios.schema import Scenario
from text import LANGS, Lang, Text, both, inline, tidy
from views.scenario_added import is_added, new_id, new_stage_words, told
from views.scenario_edits import Edit, edit, nested, plain_title, shortfall_heeded, spoken
from views.scenario_fields import YEARS, Field, Form, fields
from views.scenario_numbers import read

What = Literal["budget", "cost", "target", "quota", "offer", "stage", "figure"]
SECTIONS: dict[str, tuple[What, ...]] = {
    "people": ("figure",),
    "places": ("figure",),
    "openings": ("quota", "offer", "stage"),
    "money": ("budget", "cost"),
    "targets": ("target",),
}
"""What can be added in which part of the page."""
MOST_REASON = 250
"""Letters of a reason; with the words before it a note still fits."""
TIMES = ("opened_in", "opened_by", "open_at")
PLACES = ("all", "each", "some")
FORMS = {
    "amount": Form("whole", "million", 1, 10**15),
    "first": Form("whole", "million", 0, 10**15),
    "later": Form("whole", "million", 0, 10**15),
    "points": Form("whole", "points", 0, 10**6),
    "share": Form("number", "percent", 0, 1, above=True),
    "years": Form("whole", "years", 1, 30),
}
"""How the numbers of an addition are given; that of a figure follows from the figure."""


class WrongError(Exception):
    """What was given cannot be taken; `at` says by field why, all at once."""

    def __init__(self, at: dict[str, Text]) -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True)
class Given:
    """What stands in the fields of an addition; numbers as they were typed, in the language of `langs`."""

    values: Mapping[str, Any]
    langs: Mapping[str, Lang]

    def chosen(self, name: str) -> list[str]:
        """What was chosen of several."""
        return list(self.values.get(name) or ())

    def one(self, name: str) -> str:
        """What was chosen or typed, "" for nothing."""
        return str(self.values.get(name) or "")


# --- what there is to add ------------------------------------------------------------------------


def choices(s: Scenario, section: str) -> list[What]:
    """What can be added in a part of the page, in the order of `SECTIONS`."""
    possible = {
        "budget": bool(priced(s)),
        "cost": bool(unpriced(s)),
        "target": bool(countable(s)),
        "quota": bool(openable(s)),
        "offer": bool(offerable(s)),
        "stage": next_stage(s, 1) is not None,
        "figure": bool(missing(s, section)),
    }
    return [what for what in SECTIONS.get(section, ()) if possible[what]]


def priced(s: Scenario) -> list[str]:
    """Kinds with a unit cost: those that a budget can be for."""
    return [name for name, kind in s.kinds.items() if kind.cost is not None]


def unpriced(s: Scenario) -> list[str]:
    """Kinds without a unit cost."""
    return [name for name, kind in s.kinds.items() if kind.cost is None]


def countable(s: Scenario) -> list[str]:
    """Services with a demand, a kind and a standard: those that a target can be for."""
    return [name for name in s.services if not list(can_be_counted(s, name, ()))]


def openable(s: Scenario) -> list[str]:
    """Kinds of which new points may open."""
    return [name for name, kind in s.kinds.items() if kind.offered or kind.offered_everywhere]


def offerable(s: Scenario) -> list[str]:
    """Kinds that may not yet open in every area, and fit some premises."""
    groups = set(s.registered_persons.by_group)
    return [
        name
        for name, kind in s.kinds.items()
        if kind.at and not kind.offered_everywhere and groups - set(kind.offered)
    ]


def missing(s: Scenario, section: str) -> list[Field]:
    """Figures that this part of the scenario could have, has not, and would answer to."""
    return [
        f
        for f in fields(s)
        if f.section == section
        and f.value is None
        and f.path[-1] == "value"
        and not (f.asked or f.why_not)
        and _matters(s, f)
    ]


def _matters(s: Scenario, figure: Field) -> bool:
    """Whether the answer would change by a figure of a kind; other figures do in any case."""
    if figure.path[0] != "kinds":
        return True
    name, which = str(figure.path[1]), figure.path[2]
    kind = s.kinds[name]
    if which in ("standard_minutes", "outer_minutes"):
        timed = s.travel.method != "within_group"
        return timed and (which == "standard_minutes" or kind.standard_minutes is not None)
    counted = s.services[kind.service].demand_share is not None
    return counted and (which != "minimum_caseload" or name in openable(s))


def next_stage(s: Scenario, years: int) -> str | None:
    """The name of a stage of so many years after the last; None where stages are not named by years."""
    last = list(s.stages)[-1]
    if re.fullmatch(YEARS, last) is None:
        return None
    first = int(last[:4]) + s.stages[last].years
    return str(first) if years == 1 else f"{first}-{first + years - 1}"


def has_standing(s: Scenario, kinds: Sequence[str]) -> bool:
    """Whether points of these kinds stand today: their running costs count in a budget."""
    return any(kind in place.existing for place in s.premises.named.values() for kind in kinds)


# --- what becomes of it --------------------------------------------------------------------------


def made(now: Scenario, plan: Scenario, what: What, given: Given) -> Edit:
    """The addition as one change in words.

    Raises:
        WrongError: by field, why it cannot be taken.
    """
    work = _Work(now, plan, given)
    patch, words = MAKERS[what](work)
    work.stop_if_wrong()
    return Edit(both("scenario_add.change", what=words), patch)


class _Work:
    """One addition in the making, with what is wrong about it so far."""

    def __init__(self, now: Scenario, plan: Scenario, given: Given) -> None:
        self.now, self.plan, self.given = now, plan, given
        self.wrong: dict[str, Text] = {}
        self.why = tidy(given.one("reason"))
        if not self.why:
            self.wrong["reason"] = both("scenario_add.wrong.reason")
        elif len(self.why) > MOST_REASON:
            self.wrong["reason"] = both("scenario_add.wrong.reason_long", n=MOST_REASON, given=len(self.why))

    def stop_if_wrong(self) -> None:
        """Raises WrongError where something is."""
        if self.wrong:
            raise WrongError(self.wrong)

    def number(self, name: str, form: Form | None = None) -> Any:
        """A number as it is kept, in any case one; what is no such number is noted."""
        try:
            return read(self.given.one(name), form or FORMS[name], self.given.langs.get(name, LANGS[0]))
        except ValueError as why:
            self.wrong[name] = why.args[0]
            return 1

    def several(self, name: str, allowed: Sequence[str], otherwise: str) -> list[str]:
        """What was chosen of `allowed`, in its order; noted where it is nothing."""
        chosen = [one for one in allowed if one in self.given.chosen(name)]
        if not chosen:
            self.wrong[name] = both(f"scenario_add.wrong.{otherwise}")
        return chosen

    def one(self, name: str, allowed: Sequence[str]) -> str:
        """What was chosen; noted where `allowed` has it no longer."""
        chosen = self.given.one(name)
        if chosen not in allowed:
            self.wrong[name] = both("scenario_add.wrong.choose")
            return next(iter(allowed), "")
        return chosen

    def where(self) -> dict[str, Any]:
        """The place that a rule is about, as the schema says it."""
        place = self.given.one("where") or PLACES[0]
        if place == "each":
            return {"each": "group"}
        if place == "some":
            groups = list(self.now.registered_persons.by_group)
            return {"groups": self.several("groups", groups, "places")}
        return {}

    @property
    def by_user(self) -> dict[str, Any]:
        """The user as source, with the reason as note."""
        note = both("scenario_add.note", reason=self.why)
        return {"source": "user", "note": {"vi": note.vi, "en": note.en}}

    def rule(self, what: str, data: dict[str, Any]) -> tuple[dict[str, Any], Text]:
        """A new rule with words that follow from its figures."""
        self.stop_if_wrong()
        name = new_id(self.now, what)
        bare = {**data, "text": {"vi": "…", "en": "…"}, **self.by_user}
        patch = shortfall_heeded(self.now, self.plan, {"rules": {name: bare}})
        words = told(reading.changed(self.now, patch), name)
        assert words is not None
        text = {"rules": {name: {"text": {"vi": words.vi, "en": words.en}}}}
        return reading.merged(patch, text, keep_null=True), words


def _budget(work: _Work) -> tuple[dict[str, Any], Text]:
    """Money for kinds in one stage, or in several together."""
    now = work.now
    stages = work.several("stages", list(now.stages), "stages")
    kinds = work.several("kinds", priced(now), "kinds")
    amount = work.number("amount")
    for name, rule in now.rules.items():
        same = isinstance(rule, StageBudget) and set(rule.kinds) == set(kinds)
        if same and set(getattr(rule, "over", ())) == set(stages):
            key = "scenario_add.wrong.budget_added" if is_added(name) else "scenario_add.wrong.budget"
            work.wrong["stages"] = both(key, rule=rule.text.text)
    over = {"stage": stages[0]} if len(stages) == 1 else {"stages": stages}
    data = {"rule": "stage_budget", "kinds": kinds, **over, "amount_vnd": amount}
    patch, words = work.rule("budget", data)
    money = spoken(now, FORMS["amount"], amount)
    return patch, Text(f"{words.vi}: {money.vi}", f"{words.en}: {money.en}")


def _cost(work: _Work) -> tuple[dict[str, Any], Text]:
    """What a point costs in its first year and in each later one."""
    kind = work.one("kind", unpriced(work.now))
    first, later = work.number("first"), work.number("later")
    figures = {"first_year_vnd": first, "later_year_vnd": later}
    cost = {name: {"value": value, **work.by_user} for name, value in figures.items()}
    label = inline(work.now.kinds[kind].label.text) if kind else Text("", "")
    told_by = {
        "first": spoken(work.now, FORMS["first"], first),
        "later": spoken(work.now, FORMS["later"], later),
    }
    return nested(("kinds", kind, "cost"), cost), both("scenario_add.cost.told", kind=label, **told_by)


def _target(work: _Work) -> tuple[dict[str, Any], Text]:
    """A share of the demand for a service that is to be served at the end of a stage."""
    data = {
        "rule": "coverage_target",
        "service": work.one("service", countable(work.now)),
        "stage": work.one("stage", list(work.now.stages)),
        "share": work.number("share"),
        "hard": work.given.one("strength") != "soft",
        **work.where(),
    }
    return work.rule("target", data)


def _quota(work: _Work) -> tuple[dict[str, Any], Text]:
    """So many points exactly, at least or at most."""
    form = work.one("bound", ("at_most", "at_least", "exactly"))
    number = work.number("points")
    if form == "at_least" and number == 0 and "points" not in work.wrong:
        work.wrong["points"] = both("scenario_add.wrong.at_least_none")
    data = {
        "rule": "quota",
        "kinds": work.several("kinds", openable(work.now), "kinds"),
        work.one("time", TIMES): work.one("stage", list(work.now.stages)),
        form: number,
        **work.where(),
    }
    return work.rule("quota", data)


def _offer(work: _Work) -> tuple[dict[str, Any], Text]:
    """A kind may open in areas where it could not, and no more of it than was said.

    Without the limit a kind that costs nothing would open wherever it helps a little.
    """
    now = work.now
    kind = work.one("kind", offerable(now))
    free = [code for code in now.registered_persons.by_group if kind and code not in now.kinds[kind].offered]
    groups = work.several("groups", free, "places")
    begin = work.given.one("from_stage")
    number = work.number("points")
    if number == 0 and "points" not in work.wrong:
        work.wrong["points"] = both("scenario_add.wrong.at_least_none")
    limit = {
        "rule": "quota", "kinds": [kind], "groups": groups, "opened_by": list(now.stages)[-1],
        "at_most": number,
    }  # fmt: skip
    patch, words = work.rule("offer", limit)
    offer = {**({"from_stage": begin} if begin in now.stages else {}), **work.by_user}
    offers = nested(("kinds", kind, "offered"), {code: dict(offer) for code in groups})
    return reading.merged(patch, offers, keep_null=True), both("scenario_add.offer.told", limit=words)


def _stage(work: _Work) -> tuple[dict[str, Any], Text]:
    """One more stage after the last."""
    years = work.number("years")
    name = next_stage(work.now, years) or ""
    if work.now.registered_persons.growth is None:
        work.wrong["years"] = both("scenario_add.wrong.growth")
    work.stop_if_wrong()
    patch = nested(("stages", name), {"years": years, **work.by_user})
    return patch, new_stage_words(reading.changed(work.now, patch), name)


def _figure(work: _Work) -> tuple[dict[str, Any], Text]:
    """A figure that the scenario could have and has not."""
    held = {f.name: f for f in fields(work.now)}
    name = work.given.one("figure")
    field = held.get(name)
    if field is None or field.value is not None:
        raise WrongError(work.wrong | {"figure": both("scenario_add.wrong.choose")})
    form = replace(field.form, optional=False)
    value = work.number("value", form)
    patch = edit(work.now, work.plan, field, value).patch
    patch = reading.merged(patch, nested(field.path[:-1], {"value": value, **work.by_user}))
    title, figure = plain_title(work.now, work.plan, field), spoken(work.now, form, value)
    return patch, Text(f"{title.vi}: {figure.vi}", f"{title.en}: {figure.en}")


MAKERS: dict[What, Callable[[_Work], tuple[dict[str, Any], Text]]] = {
    "budget": _budget,
    "cost": _cost,
    "target": _target,
    "quota": _quota,
    "offer": _offer,
    "stage": _stage,
    "figure": _figure,
}
