"""Quick levers: what planners try first, each a click; what they set stands in the fields below."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from scenarios import reading
from scenarios.rules import Quota
from scenarios.schema import Scenario
from text import Lang, Text, both, inline, percent
from views import scenario_keep
from views.markup import tag
from views.scenario_edits import Edit, at, edit
from views.scenario_fields import fields

BUDGETS, GROWTH, MINUTES, POINTS, DAYS = (-0.2, -0.1, 0.1, 0.2), (0.03, 0.05, 0.08), 15, 0.1, (2, 3, 7)
"""Steps to try, in the planners' own questions; none is a figure of a plan."""
DAILY = 180
"""From so many visits a year on a service is one of daily doses."""
MOST_QUOTAS = 6

Make = Callable[[Scenario, Scenario], Edit]


class Try(NamedTuple):
    """One thing to try: what the button says, and what it makes."""

    label: Text
    make: Make
    on: bool = False


class Lever(NamedTuple):
    """A question with its tries."""

    key: str
    label: Text
    tries: Sequence[Try]


def show(path: Path, now: Scenario, plan: Scenario, lang: Lang) -> None:
    """Draw the levers that the scenario has a use for."""
    found = list(levers(now, plan))
    columns = st.columns(2, gap="medium")
    for n, lever in enumerate(found):
        with columns[n % 2]:
            label, tries = st.columns((1, 1), vertical_alignment="center", gap="small")
        with label:
            st.html(tag("div", lever.label.say(lang), cls="lt-field"))
        with tries, st.container(horizontal=True, horizontal_alignment="right", gap="xxsmall"):
            for m, one in enumerate(lever.tries):
                st.button(
                    one.label.say(lang), key=f"lever_{path.stem}_{lever.key}_{m}",
                    type="primary" if one.on else "secondary",
                    on_click=scenario_keep.apply, args=(path, f"lever.{lever.key}", one.make),
                )  # fmt: skip
    for lever in found:
        if (why := scenario_keep.refused(path).get(f"lever.{lever.key}")) is not None:
            st.html(
                tag("div", lever.label.say(lang), ": ", why.why.say(lang), cls="lt-refused", role="alert")
            )


def levers(now: Scenario, plan: Scenario) -> Iterator[Lever]:
    """Money, growth, minutes, shares, doses, and a point more or less in a stage."""
    budgets = [f for f in fields(plan) if f.path[-1] == "amount_vnd" and f.path[1] in now.rules]
    if budgets:
        held = {f.name: f.value for f in fields(now)}
        tries = [_budget(share, [(f.name, f.value) for f in budgets], held) for share in BUDGETS]
        yield Lever("budget", both("scenario_page.lever.budget"), tries)
    yield Lever(
        "growth", both("scenario_page.lever.growth"), [*map(_growth(now), GROWTH), _own_growth(now, plan)]
    )
    offered = [
        name
        for name, kind in now.kinds.items()
        if kind.standard_minutes and (kind.offered or kind.offered_everywhere)
    ]
    if offered:
        tries = [_standard(offered, by) for by in (-MINUTES, MINUTES)]
        yield Lever("standard", both("scenario_page.lever.standard"), tries)
    for name, service in now.services.items():
        share = getattr(service.suited_share, "value", None)
        if share is not None and (share < 1 or name in _estimated(plan)):
            label = both("scenario_page.lever.suited", service=inline(service.label.text))
            wanted = dict.fromkeys(min(1.0, max(0.0, round(share + by, 6))) for by in (-POINTS, POINTS))
            yield Lever(f"suited_{name}", label, [_suited(name, one) for one in wanted if one != share])
        if service.visits_per_year and service.visits_per_year.value >= DAILY:
            label = both("scenario_page.lever.take_home", service=inline(service.label.text))
            yield Lever(f"doses_{name}", label, [_doses(now, name, days) for days in (None, *DAYS)])
    quotas = [
        (name, rule)
        for name, rule in now.rules.items()
        if isinstance(rule, Quota) and (rule.opened_in or rule.opened_by) and not rule.each
    ]
    for name, rule in quotas[:MOST_QUOTAS]:
        text = Text(**at(plan.data, ("rules", name, "text"))) if name in plan.rules else rule.text.text
        yield Lever(f"points_{name}", text, [_points(name, by) for by in (-1, 1)])


def _estimated(plan: Scenario) -> set[str]:
    return {name for name, s in plan.services.items() if getattr(s.suited_share, "source", "") == "estimate"}


def together(now: Scenario, plan: Scenario, text: Text, steps: Sequence[tuple[str, Any]]) -> Edit:
    """Several values as one change."""
    s, patch = now, dict[str, Any]()
    for name, value in steps:
        field = next((field for field in fields(s) if field.name == name), None)
        if field is not None:
            one = edit(s, plan, field, value).patch
            s = reading.changed(s, one)
            patch = reading.merged(patch, one, keep_null=True)
    return Edit(text, patch)


def _signed(share: float) -> Text:
    sign = "+" if share > 0 else "−"
    return Text(f"{sign}{percent(abs(share), 'vi', 0)}", f"{sign}{percent(abs(share), 'en', 0)}")


def _budget(share: float, amounts: list[tuple[str, Any]], held: dict[str, Any]) -> Try:
    wanted = [(name, round(value * (1 + share))) for name, value in amounts]
    text = both("scenario_page.lever.budget.done", share=_signed(share))
    on = all(held.get(name) == value for name, value in wanted)
    return Try(_signed(share), lambda now, plan: together(now, plan, text, wanted), on)


def _growth(now: Scenario) -> Callable[[float], Try]:
    register = now.registered_persons

    def one(share: float) -> Try:
        words = Text(percent(share, "vi", 0), percent(share, "en", 0))
        key = "scenario_page.lever.growth.instead" if register.forecast else "scenario_page.lever.growth.done"
        text = both(key, share=words)

        def make(now: Scenario, plan: Scenario) -> Edit:
            done = together(now, plan, text, [("registered_persons.growth.value", share)])
            if now.registered_persons.forecast:
                done.patch["registered_persons"]["forecast"] = None
            return done

        held = register.growth is not None and register.growth.value == share and not register.forecast
        return Try(words, make, held)

    return one


def _own_growth(now: Scenario, plan: Scenario) -> Try:
    """Growth and forecast as the plan has them."""
    names = ("growth", "forecast")
    filed = {name: copy.deepcopy(at(plan.data, ("registered_persons", name))) for name in names}
    on = all(at(now.data, ("registered_persons", name)) == filed[name] for name in names)
    text = both("scenario_page.lever.growth.own.done")
    return Try(
        both("scenario_page.lever.growth.own"), lambda *_: Edit(text, {"registered_persons": filed}), on
    )


def _standard(kinds: Sequence[str], by: int) -> Try:
    sign = "+" if by > 0 else "−"
    text = both("scenario_page.lever.standard.done", by=f"{sign}{abs(by)}")

    def make(now: Scenario, plan: Scenario) -> Edit:
        steps = [
            (f"kinds.{kind}.standard_minutes.value", figure.value + by)
            for kind in kinds
            if (figure := now.kinds[kind].standard_minutes)
        ]
        return together(now, plan, text, steps)

    return Try(both("scenario_page.lever.standard.by", by=f"{sign}{abs(by)}"), make)


def _suited(service: str, share: float) -> Try:
    words = Text(percent(share, "vi"), percent(share, "en"))

    def make(now: Scenario, plan: Scenario) -> Edit:
        label = inline(now.services[service].label.text)
        text = both("scenario_page.lever.suited.done", service=label, share=words)
        return together(now, plan, text, [(f"services.{service}.suited_share.value", share)])

    return Try(words, make)


def _doses(now: Scenario, service: str, days: int | None) -> Try:
    given = now.services[service].take_home_days
    label = (
        both("scenario_page.lever.take_home.none")
        if days is None
        else both("scenario_page.lever.days", n=days)
    )

    def make(now: Scenario, plan: Scenario) -> Edit:
        text = both(
            "scenario_page.lever.take_home.done", service=inline(now.services[service].label.text), days=label
        )
        return together(now, plan, text, [(f"services.{service}.take_home_days.value", days)])

    return Try(label, make, (given.value if given else None) == days)


def _points(rule: str, by: int) -> Try:
    sign = "+1" if by > 0 else "−1"

    def make(now: Scenario, plan: Scenario) -> Edit:
        quota = now.rules[rule]
        assert isinstance(quota, Quota)
        filed = at(plan.data, ("rules", rule, "text"))
        text = both(
            "scenario_page.lever.points.done", rule=Text(**filed) if filed else quota.text.text, by=sign
        )
        steps = [
            (f"rules.{rule}.{name}", max(0, value + by))
            for name in ("exactly", "at_least", "at_most")
            if (value := getattr(quota, name)) is not None
        ]
        return together(now, plan, text, steps)

    return Try(Text(sign, sign), make)
