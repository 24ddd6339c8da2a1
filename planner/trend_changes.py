"""What the years and the substances of a sheet of counts change in a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errors import DataError, Problem
from geo.intake import trend_figures, trends
from geo.intake.matching import MatchReport
from scenarios.schema import Scenario
from text import tidy


def growth_patch(scenario: Scenario, report: MatchReport, *, source: str = "user") -> dict[str, Any]:
    """The change that the sheet's years make in the yearly growth.

    Raises:
        DataError: ``trends.*`` the sheet does not tell it.
    """
    outflow = scenario.registered_persons.outflow
    figure = trend_figures.growth_figure(
        trends.growth(report),
        file=report.sheet.file,
        source=source,
        outflow=outflow.value if outflow else 0.0,
    )
    path = ("registered_persons", "growth")
    told = trend_figures.questions(scenario.data.get("questions", {}), path, figure)
    return {"registered_persons": {"growth": figure}} | ({"questions": told} if told else {})


def suited_patch(
    scenario: Scenario,
    report: MatchReport,
    groups: Mapping[str, str],
    *,
    service: str,
    source: str = "user",
    where: str = "--opioid",
) -> dict[str, Any]:
    """The change that the sheet's substances make in the suited share of `service`.

    Args:
        groups: group of each commune by its code.
        where: what a message about an unknown service names.

    Raises:
        DataError: ``trends.*`` there is no such service, or the sheet does not tell its share.
    """
    if service not in scenario.services:
        values = {"service": tidy(service), "services": ", ".join(scenario.services)}
        raise DataError(Problem("trends.no_service", where, values))
    found = trends.opioids(report, groups)
    old = scenario.services[service].suited_by_group
    figures = trend_figures.suited_figures(found, file=report.sheet.file, source=source, replaced=old)
    path = ("services", service, "suited_share")
    told = trend_figures.questions(
        scenario.data.get("questions", {}), path, figures["suited_share"], own=found.own
    )
    return {"services": {service: figures}} | ({"questions": told} if told else {})
