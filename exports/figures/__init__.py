"""Maps and charts at print quality, drawn from `Contents` and so as discreet as its edition."""

from __future__ import annotations

from exports.contents import Contents
from exports.figures import charts, sheets

__all__ = ["cover_chart", "coverage_map", "money_chart", "options_chart", "rollout_chart"]


def coverage_map(contents: Contents, *, stage: str | None, service: str, width_cm: float = 16.0) -> bytes:
    """A map of what `service` does not reach at the end of `stage`, as a PNG of 250 dots an inch.

    Args:
        contents: what may be shown.
        stage: id of the stage; None before the plan.
        service: id of a service whose persons are counted.
        width_cm: width on paper.
    """
    return sheets.map_sheet(contents, stage=stage, service=service, width=width_cm).png()


def rollout_chart(contents: Contents, *, width_cm: float = 16.0) -> bytes:
    """Points that open and points that run, by kind and stage."""
    return charts.rollout(contents, width=width_cm).png()


def cover_chart(contents: Contents, *, service: str, width_cm: float = 16.0) -> bytes:
    """Persons served, without a place and out of reach by stage, and the targets of the service."""
    return charts.cover(contents, service=service, width=width_cm).png()


def money_chart(contents: Contents, *, width_cm: float = 16.0) -> bytes | None:
    """Cost beside budget by stage; None where the scenario has neither."""
    sheet = charts.money(contents, width=width_cm)
    return None if sheet is None else sheet.png()


def options_chart(contents: Contents, *, width_cm: float = 16.0) -> bytes | None:
    """The plan beside other plans; None where there are none."""
    sheet = charts.options(contents, width=width_cm)
    return None if sheet is None else sheet.png()
