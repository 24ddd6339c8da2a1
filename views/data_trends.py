"""What a sheet of counts tells besides: growth by its years, the share of opioids by its substances."""

from __future__ import annotations

from typing import Any, NamedTuple

import streamlit as st

from errors import DataError
from geo.intake import trends
from geo.intake.matching import MatchReport
from planner.trend_changes import growth_patch, suited_patch
from scenarios.reading import merged
from text import percent
from views.data_place import Place

GROWTH, OPIOID = "counts_growth", "counts_opioid"
"""Keys of the two offers' widgets."""


class Offer(NamedTuple):
    """What the sheet tells, as shares; None where it does not."""

    growth: trends.Growth | None
    opioids: trends.Opioids | None


def offered(place: Place, report: MatchReport) -> Offer:
    """Growth and opioid share of the sheet, where it tells them soundly."""
    return Offer(_told(trends.growth, report), _told(trends.opioids, report, _groups(place)))


def _told(read: Any, *given: Any) -> Any:
    try:
        return read(*given)
    except DataError:
        return None  # the report says what the sheet tells; here only what can be taken is offered


def show(place: Place, report: MatchReport) -> None:
    """Draw an offer for each; nothing is taken that nobody asked for."""
    found = offered(place, report)
    if found.growth is not None:
        values = {"share": percent(found.growth.rate, place.lang), "first": found.growth.first,
                  "last": found.growth.last}  # fmt: skip
        st.toggle(place.say("trends.growth", **values), key=GROWTH, help=place.say("trends.growth.help"))
    if found.opioids is not None:
        services = place.scenario.services
        values = {"share": percent(found.opioids.every.share, place.lang, 0)}
        st.selectbox(
            place.say("trends.opioid", **values), list(services), index=None, key=OPIOID,
            format_func=lambda name: services[name].label.text.say(place.lang),
            placeholder=place.say("trends.opioid.none"), help=place.say("trends.opioid.help"),
        )  # fmt: skip


def with_trends(place: Place, report: MatchReport, patch: dict[str, Any]) -> dict[str, Any]:
    """`patch` with what was asked for besides.

    Raises:
        DataError: the sheet does not tell it after all.
    """
    if st.session_state.get(GROWTH):
        patch = merged(patch, growth_patch(place.scenario, report), keep_null=True)
    if service := st.session_state.get(OPIOID):
        more = suited_patch(place.scenario, report, _groups(place), service=service)
        patch = merged(patch, more, keep_null=True)
    return patch


def _groups(place: Place) -> dict[str, str]:
    communes = place.places.communes
    return dict(zip(communes["commune_code"], communes["group"], strict=True))
