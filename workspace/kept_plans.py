"""Plans that people keep: the scenario and the openings, with who, when and why.

Every figure is computed afresh when a plan is opened (`planner.kept.brought_back`), so none is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import planner
from errors import DataError, Problem
from optimization.solution import Level, Status
from planner.kept import Known, known
from planner.plan import Plan
from scenarios import reading
from scenarios.schema import Scenario
from text import tidy
from workspace import folder
from workspace.folder import Listing

PLAN = "plan.json"
TRIES = 50
"""Names that are tried when others keep plans of the same title."""

_STATUS = (Status.OPTIMAL, Status.FEASIBLE)


class KeptPlan(NamedTuple):
    """A kept plan: name of its folder, title, who kept it, why, when (UTC, ISO 8601), and of which scenario.

    `scenario` is the scenario's id, `digest` its `planner.digest`.
    """

    name: str
    title: str
    who: str
    why: str
    when: str
    scenario: str
    digest: str


def _home(name: str = "") -> Path:
    return folder.root() / "plans" / (folder.checked(name) if name else "")


def plans() -> Listing[KeptPlan]:
    """Every kept plan, newest first; messages for what cannot be used."""
    found: list[KeptPlan] = []
    folders, problems = folder.entries(_home())
    for path in folders:
        try:
            found.append(_about(path.name, folder.json_at(path / PLAN)))
        except DataError as why:
            problems += why.problems
    return Listing(tuple(sorted(found, key=lambda p: (p.when, p.name), reverse=True)), tuple(problems))


def save_plan(plan: Plan, *, name: str, who: str, why: str) -> KeptPlan:
    """Keep `plan` under `name`, a title; a title in use gets a number.

    Raises:
        DataError: ``workspace.nothing_said``, ``workspace.no_name``, ``workspace.not_writable``.
    """
    said = folder.written_by(title=name, who=who, why=why)
    base = folder.slug(said["title"])
    for number in range(1, TRIES):
        place = base if number == 1 else f"{base}-{number}"
        title = said["title"] if number == 1 else f"{said['title']} ({number})"
        kept = KeptPlan(
            place, title, said["who"], said["why"], folder.now(), plan.scenario.id,
            planner.digest(plan.scenario),
        )  # fmt: skip
        content = {**kept._asdict(), "known": _plain(known(plan))}
        files = {f"{base}.yaml": reading.written(plan.scenario), PLAN: folder.json_text(content)}
        if not _home(place).exists() and folder.place_new(_home(place), files):
            return kept
    raise DataError(Problem("workspace.name_taken", said["title"]))


def load_plan(name: str) -> tuple[Scenario, Known, KeptPlan]:
    """A kept plan, for `planner.kept.brought_back`.

    Raises:
        DataError: ``workspace.not_a_name``, ``workspace.gone``, ``workspace.unreadable``,
            ``workspace.changed_outside``.
        ScenarioError: this version of the program cannot use the scenario.
    """
    home = _home(name)
    if not home.is_dir():
        raise DataError(Problem("workspace.gone", name))
    said = folder.json_at(home / PLAN)
    about = _about(name, said)
    files = sorted(home.glob("*.yaml"))
    if len(files) != 1:
        raise DataError(Problem("workspace.unreadable", folder.shown(home)))
    scenario = folder.scenario_at(files[0], about.digest)
    try:
        return scenario, _known(said["known"]), about
    except (KeyError, TypeError, ValueError, AttributeError) as why:
        raise DataError(Problem("workspace.unreadable", folder.shown(home / PLAN))) from why


def plan_digest(plan: Plan) -> str:
    """What tells two plans apart: scenario and openings."""
    opened = sorted((f, sorted(stages.items())) for f, stages in known(plan).opened.items())
    return f"{planner.digest(plan.scenario)}:{opened}"


def _about(name: str, said: Mapping[str, Any]) -> KeptPlan:
    return KeptPlan(name, *folder.about(_home(name) / PLAN, said, KeptPlan._fields[1:]))


# --- as JSON -------------------------------------------------------------------------------------


def _plain(it: Known) -> dict[str, Any]:
    return {
        "opened": {facility: dict(stages) for facility, stages in it.opened.items()},
        "status": it.status.value,
        "levels": [
            {"name": x.name, "value": x.value, "bound": x.bound, "gap": x.gap} for x in it.levels
        ],
        "seconds": dict(it.seconds),
        "solver": it.solver,
        "way": it.way,
    }  # fmt: skip


def _known(said: Mapping[str, Any]) -> Known:
    """Raises KeyError, TypeError, ValueError or AttributeError where it is not what `_plain` gives."""
    opened = {
        str(facility): {str(stage): _whole(n) for stage, n in stages.items()}
        for facility, stages in said["opened"].items()
    }
    status = Status(said["status"])
    if status not in _STATUS:
        raise ValueError(status)
    levels = tuple(
        Level(str(x["name"]), float(x["value"]), float(x["bound"]), float(x["gap"])) for x in said["levels"]
    )
    seconds = {str(name): float(value) for name, value in said["seconds"].items()}
    return Known(opened, status, levels, seconds, tidy(str(said["solver"])), tidy(str(said.get("way", ""))))


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value
