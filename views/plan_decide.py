"""Decisions about single places: kept as one change each and solved at once, or refused with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from errors import ScenarioError
from planner import pins
from planner.plan import Plan
from scenarios import reading
from text import Lang, Text, say
from views import plan_choice
from views.markup import Raw, tag

Apply = Callable[[Text, dict[str, Any]], None]
"""Keeps a change of the scenario, in words and as a patch."""
_REFUSED = "pin_refused"
"""Session state: why the last decision does not hold together with the scenario."""


def decide(plan: Plan, change: pins.Change, apply: Apply) -> bool:
    """Keep the decision and have the page solved anew; False where the scenario would not hold together.

    The page is told first: Streamlit may stop a callback anywhere, and what is kept has to be seen.
    """
    text, patch = change
    try:
        reading.changed(plan.scenario, patch)
    except ScenarioError as why:
        st.session_state[_REFUSED] = why
        return False
    st.session_state[plan_choice.SOLVE] = True
    apply(text, patch)
    return True


def refusal(lang: Lang) -> Raw | None:
    """Why the last decision was refused, once; None where it was not."""
    why: ScenarioError | None = st.session_state.pop(_REFUSED, None)
    if why is None:
        return None
    lines = (tag("li", line) for line in why.say(lang).splitlines())
    return tag("div", tag("p", say("panel.refused", lang)), tag("ol", *lines, cls="lt-problems"))
