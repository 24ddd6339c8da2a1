"""One pass through the house: a scenario goes in, a plan or a diagnosis comes out."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pandas as pd

from geo import boundaries, units
from geo.boundaries import Outlines
from optimization.instance import Instance
from optimization.search import Cancel, Progress
from optimization.solution import Solution, Status
from optimization.solve import solve
from planner import explain, geography, report, translate
from planner.geography import Geography
from planner.plan import Assumption, Diagnosis, Facts, Plan
from scenarios.schema import Scenario

VERSION = "0.1.0"
LIBRARIES = ("highspy", "pulp", "numpy", "pandas", "geopandas", "shapely")

Step = Callable[[str], None]
"""Told the name of each step as it begins: "places", "model", "polygons", "diagnosis"."""


class NoPlanInTimeError(Exception):
    """The time ran out, or the search was cancelled, before a first plan was found; nothing is proved."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"no plan after {seconds:.1f} s")


def run(
    scenario: Scenario,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    step: Step = lambda _: None,
) -> Plan | Diagnosis:
    """The best plan of `scenario`, or why there is none.

    Args:
        gap: relative gap at which the answer counts as proved.
        time_limit: seconds for the search; a plan found by then is returned with its bound and gap.
        progress, cancel: see ``optimization.solve.solve``.
        step: told what begins.

    Raises:
        ScenarioError, DataError: the input cannot be used.
        NoPlanInTimeError: stopped with nothing in hand.
        SolverError: the answer does not stand up to verification.
    """
    step("places")
    places = geography.places(scenario)
    step("model")
    instance = translate.instance(scenario, places)
    solution = solve(instance, gap=gap, time_limit=time_limit, progress=progress, cancel=cancel)
    return answer(scenario, places, instance, solution, gap=gap, step=step)


def answer(
    scenario: Scenario,
    places: Geography,
    instance: Instance,
    solution: Solution,
    *,
    gap: float = 0.0,
    step: Step = lambda _: None,
) -> Plan | Diagnosis:
    """What `solution` says about `scenario`, in words and tables."""
    if solution.status is Status.NO_SOLUTION:
        raise NoPlanInTimeError(solution.seconds["solve"])
    step("polygons")
    found = facts(scenario, places)
    if solution.status is Status.INFEASIBLE:
        step("diagnosis")
        return explain.diagnosis(found, instance)
    return report.plan(found, places, instance, solution, gap=gap)


def facts(scenario: Scenario, places: Geography | None = None) -> Facts:
    """What holds of `scenario` before anything is solved."""
    places = places or geography.places(scenario)
    outlines = geography.outlines(scenario)
    return Facts(
        scenario=scenario,
        communes=geography.with_polygons(places.communes, outlines),
        boundaries_approximate=outlines.approximate,
        boundaries_credit=outlines.credit,
        assumptions=tuple(
            Assumption(".".join(str(p) for p in a.path), a.value, a.source, a.note)
            for a in scenario.assumptions()
        ),
        provenance=provenance(scenario, places, outlines),
        travel=places.travel,
    )


def provenance(scenario: Scenario, places: Geography, outlines: Outlines) -> dict[str, object]:
    """What it takes to get the same answer again: hashes of what went in, versions of what worked on it.

    The boundaries bear on what maps show, and on no figure.
    """
    known = {
        name: value
        for name in ("origin", "title", "licence", "attribution", "retrieved", "address", "checksum")
        if (value := getattr(outlines, name))
    }
    return {
        "program": VERSION,
        "scenario_sha256": digest(scenario),
        "asked_sha256": digest_without_counts(scenario),
        "data_sha256": {
            "communes": _checksum(places.communes),
            "places": _checksum(places.communes.drop(columns=["persons", "persons_estimated"])),
            "premises": _checksum(places.premises),
            "boundaries": boundaries.checksum(outlines.frame),
        },
        "boundaries": known,
        "travel": _roads(places),
        "communes_list": units.list_version(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def _roads(places: Geography) -> dict[str, object]:
    """Of the graph or table behind the minutes; empty entries left out."""
    known = {"method": places.travel.method, "used": places.travel.used}
    for name in ("title", "attribution", "retrieved", "checksum"):
        if value := getattr(places.travel, name):
            known[name] = value
    return dict(known)


def digest(scenario: Scenario) -> str:
    """SHA-256 of what the scenario says, whatever the file is called and however it is laid out."""
    return _hashed(asked_data(scenario))


def asked_data(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, parent merged in: what ``scenarios.reading.from_data`` takes back."""
    return {k: v for k, v in scenario.data.items() if k != "extends"}


WITHOUT_COUNTS = ("place", "stages", "kinds", "premises", "travel", "rules", "criteria", "objectives")
"""Blocks of a scenario that bear on its plan and hold no number of persons but `COUNTED`."""
COUNTED = frozenset({"elsewhere"})
"""Keys within them that do."""
PROSE = frozenset({"text", "label", "short", "note", "source", "commune_source"})
"""Keys that bear on no plan; their words may tell numbers."""


def digest_without_counts(scenario: Scenario) -> str:
    """SHA-256 of what the scenario asks apart from how many persons there are, and apart from its prose.

    Whoever holds a file that hides counts could test guesses of them against a digest that covers them.  So
    a shared file carries this one: it tells a changed budget or quota, and nothing about persons.
    """
    return _hashed({name: _bare(scenario.data.get(name)) for name in WITHOUT_COUNTS})


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if k not in COUNTED | PROSE}
    return [_bare(v) for v in value] if isinstance(value, list) else value


def _hashed(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(frame: pd.DataFrame) -> str:
    return hashlib.sha256(frame.to_csv(index=False, float_format="%.9g").encode()).hexdigest()
