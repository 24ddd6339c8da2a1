"""What becomes of an edit: kept as one change of the session, or refused with the reason beside its field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from errors import ScenarioError
from scenarios import reading
from scenarios.schema import Scenario
from text import Lang, Text, both, capital
from views import asked
from views.scenario_added import is_added
from views.scenario_edits import Edit, bounds, edit, moved, put_back, standing, switched_off, switched_on
from views.scenario_fields import Field, fields
from views.scenario_numbers import read

REFUSED = "scenario_refused"
"""Session state: by scenario and field, what was typed last and why it was not taken."""


SEEN = "scenario_seen"
"""Session state: what was `Seen` of each widget, by its key."""


class Seen(NamedTuple):
    """What a widget held when it was last looked at, and what takes up what is given in it."""

    held: Any
    take: Callable[[], None]


class Refused(NamedTuple):
    """What was typed, and why it was not taken."""

    typed: str
    why: Text


def refused(path: Path) -> dict[str, Refused]:
    """Refusals by the name of the field."""
    found: dict[str, Refused] = st.session_state.setdefault(REFUSED, {}).setdefault(path.name, {})
    return found


def apply(path: Path, name: str, make: Callable[[Scenario, Scenario], Edit | None], typed: str = "") -> None:
    """Keep what `make` makes of the scenario and its plan; nothing where it changes nothing.

    What does not hold together is refused under `name`, and everything stays as it was.
    """
    now, plan = asked.scenario(path), asked.plan_of(path)
    refused(path).pop(name, None)
    try:
        made = make(now, plan)
        if made is None:
            return
        then = reading.changed(now, made.patch)
    except ScenarioError as why:
        refused(path)[name] = Refused(typed, reason(why))
        return
    if then.data != now.data:
        asked.change(path, made.text, made.patch)


def reason(why: ScenarioError) -> Text:
    """The problems without their places in a file, which nobody sees here."""
    told = [both(f"error.{problem.code}", **problem.values) for problem in why.problems]
    return Text(*(" ".join(capital(t.say(lang)) for t in told) for lang in ("vi", "en")))


# --- callbacks -----------------------------------------------------------------------------------


def show(key: str, holds: Any, take: Callable[[], None]) -> None:
    """Have the widget `key` show what `holds`; what was given in it is taken up first, by `take`.

    Whoever gives two values in quick succession has the callback of the first (`heard`) cut short by the
    second: Streamlit stops whatever runs then.  So what stands in a widget and was not seen yet is looked at
    here.
    """
    if _missed(key):
        heard(key)
        st.rerun()
    if st.session_state.get(key) != holds:
        st.session_state[key] = holds
    st.session_state.setdefault(SEEN, {})[key] = Seen(holds, take)


def heard(key: str) -> None:
    """Something was given in the widget `key`."""
    seen: Seen = st.session_state[SEEN][key]
    held = st.session_state[key]
    seen.take()
    st.session_state[SEEN][key] = seen._replace(held=held)


def take_up() -> None:
    """Look at every widget that was drawn before, also at those of the language that was just left.

    A click on the other language follows upon the last thing given, whose callback it cuts short.
    """
    for key in list(st.session_state.get(SEEN, {})):
        if _missed(key):
            heard(key)


def _missed(key: str) -> bool:
    """Whether the widget holds what nobody has looked at."""
    held, seen = st.session_state.get(key), st.session_state.get(SEEN, {}).get(key)
    return held is not None and seen is not None and held != seen.held


def given(path: Path, name: str, key: str, lang: Lang) -> None:
    """A value was given in the widget `key`, which was drawn in `lang`."""
    value: Any = st.session_state[key]
    field = _field(asked.scenario(path), name)
    if field is not None and field.form.kind in ("number", "whole"):
        _typed(path, field, str(value), lang)
    elif field is not None and (value or None) != (field.value or None):
        chosen = None if value == "" else value
        apply(path, name, lambda now, plan: edit(now, plan, field, chosen))


def _typed(path: Path, field: Field, words: str, lang: Lang) -> None:
    try:
        value = read(words, field.form, lang)
    except ValueError as why:
        refused(path)[field.name] = Refused(words, why.args[0])
        return
    if value == field.value:
        refused(path).pop(field.name, None)
        return
    apply(path, field.name, lambda now, plan: edit(now, plan, field, value), words)


def bound(path: Path, part: tuple[str | int, ...], key: str) -> None:
    """A quota is to be kept exactly, at least or at most."""
    form = str(st.session_state[key])
    quota = standing(asked.scenario(path), part)
    if quota is not None and getattr(quota, form) is None:
        apply(path, key, lambda now, plan: bounds(now, plan, part, form))


def restore(path: Path, name: str) -> None:
    """Put one value back."""
    field = _field(asked.scenario(path), name)
    if field is not None:
        apply(path, name, lambda now, plan: put_back(now, plan, field))


def rank(path: Path, n: int, by: int) -> None:
    """Give an objective another rank."""
    apply(path, f"objectives.{n}.loss", lambda now, _: moved(now, n, by))


def switch(path: Path, rule: str, key: str) -> None:
    """Switch a rule off, or on again."""
    if st.session_state[key]:
        data = former(path).get(rule)
        apply(path, f"rules.{rule}", lambda now, plan: switched_on(now, plan, rule, data) if data else None)
    else:
        apply(
            path,
            f"rules.{rule}",
            lambda now, plan: switched_off(now, plan, rule) if rule in now.rules else None,
        )


def former(path: Path) -> dict[str, dict[str, Any]]:
    """Rules that were switched off, as they stood before; an addition that was taken out is gone."""
    rules: dict[str, dict[str, Any]] = asked.as_filed(path).data.get("rules", {})
    seen = {**asked.plan_of(path).data.get("rules", {}), **rules}
    for change in asked.changes(path):
        if patch := change.patch.get("rules"):
            rules = reading.merged(rules, patch)
            seen |= rules
    now = asked.scenario(path).rules
    return {rule: told for rule, told in seen.items() if rule not in now and not is_added(rule)}


def _field(s: Scenario, name: str) -> Field | None:
    return next((field for field in fields(s) if field.name == name), None)
