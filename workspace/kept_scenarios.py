"""Scenarios that people keep: each save is a version of its own, with who, when and why."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import planner
from errors import DataError, Problem
from scenarios import reading
from scenarios.schema import Scenario
from workspace import folder
from workspace.folder import Listing

ABOUT = "about.json"
TRIES = 50
"""Numbers that are tried when others keep saving at the same moment."""

_VERSION = re.compile(r"[0-9]{4}")


class KeptScenario(NamedTuple):
    """A version of a kept scenario.

    Attributes:
        name: of the folder, from the first title.
        version: 1 for the first.
        title, who, why: as people wrote them.
        when: UTC, ISO 8601.
        digest: SHA-256 of what the scenario says (`planner.digest`).
        based_on: what it was made from: a scenario file, or ``name/version`` of a kept one.
        origin: the scenario file of the plan at the beginning of that chain ("" where there is none).
    """

    name: str
    version: int
    title: str
    who: str
    why: str
    when: str
    digest: str
    based_on: str
    origin: str


def _home(name: str = "") -> Path:
    return folder.root() / "scenarios" / (folder.checked(name) if name else "")


def scenario_path(name: str, version: int) -> Path:
    """The YAML file of a version."""
    return _home(name) / f"{version:04d}" / f"{name}.yaml"


def kept_at(path: Path) -> tuple[str, int] | None:
    """Name and version of the kept scenario whose file this is; None for any other file."""
    number = path.parent.name
    if not (_VERSION.fullmatch(number) and folder.is_name(path.stem)):
        return None
    return (path.stem, int(number)) if path == scenario_path(path.stem, int(number)) else None


def scenarios() -> Listing[KeptScenario]:
    """The newest usable version of every kept scenario, by title; messages for what cannot be used."""
    found: list[KeptScenario] = []
    folders, problems = folder.entries(_home())
    for path in folders:
        listed = versions(path.name)
        problems += listed.problems
        found += listed.found[-1:]
    return Listing(tuple(sorted(found, key=lambda s: (s.title.casefold(), s.name))), tuple(problems))


def versions(name: str) -> Listing[KeptScenario]:
    """The versions of a kept scenario, oldest first; messages for those that cannot be used."""
    found: list[KeptScenario] = []
    problems: list[Problem] = []
    for number in _numbers(name):
        try:
            found.append(_about(name, number))
        except DataError as why:
            problems += why.problems
    return Listing(tuple(found), tuple(problems))


def _numbers(name: str) -> list[int]:
    home = _home(name)
    listed = home.iterdir() if home.is_dir() else ()
    return sorted(int(path.name) for path in listed if path.is_dir() and _VERSION.fullmatch(path.name))


def _about(name: str, version: int) -> KeptScenario:
    path = scenario_path(name, version).with_name(ABOUT)
    texts = folder.about(path, folder.json_at(path), KeptScenario._fields[2:])
    if not path.with_name(f"{name}.yaml").is_file():
        raise DataError(Problem("workspace.unreadable", folder.shown(path)))
    return KeptScenario(name, version, *texts)


def load_scenario(name: str, version: int | None = None) -> tuple[Scenario, KeptScenario]:
    """A kept scenario, the newest version unless another is asked for.

    Raises:
        DataError: ``workspace.not_a_name``, ``workspace.gone``, ``workspace.unreadable``,
            ``workspace.changed_outside`` (the file is no longer what was kept).
        ScenarioError: this version of the program cannot use the scenario.
    """
    numbers = _numbers(name)
    if not numbers or (version is not None and version not in numbers):
        raise DataError(Problem("workspace.gone", name))
    about = _about(name, version or numbers[-1])
    return folder.scenario_at(scenario_path(name, about.version), about.digest), about


def save_scenario(
    scenario: Scenario,
    *,
    title: str,
    who: str,
    why: str,
    name: str | None = None,
    known: int | None = None,
    anyway: bool = False,
    based_on: str = "",
    origin: str = "",
) -> KeptScenario:
    """Keep `scenario`: under a new name made from `title`, or as a new version of `name`.

    Args:
        known: the newest version that whoever saves has seen.
        anyway: add a version even if somebody else has saved one since.
        based_on, origin: see `KeptScenario`.

    Raises:
        DataError: ``workspace.nothing_said``, ``workspace.no_name``, ``workspace.name_taken`` (a new name
            that is in use), ``workspace.saved_meanwhile``, ``workspace.not_writable``.
    """
    said = folder.written_by(title=title, who=who, why=why)
    new = name is None
    name = folder.slug(said["title"]) if name is None else folder.checked(name)
    for _ in range(TRIES):
        last = max(_numbers(name), default=0)
        if new and last:
            raise DataError(Problem("workspace.name_taken", said["title"]))
        if not new and not anyway and last != (known or 0):
            raise _meanwhile(name, last)
        kept = KeptScenario(
            name, last + 1, said["title"], said["who"], said["why"], folder.now(),
            planner.digest(scenario), based_on, origin,
        )  # fmt: skip
        if folder.place_new(scenario_path(name, kept.version).parent, _files(kept, scenario)):
            return kept
    raise DataError(Problem("workspace.not_writable", name, {"why": f"{TRIES}"}))


def _files(kept: KeptScenario, scenario: Scenario) -> dict[str, str]:
    about = {key: value for key, value in kept._asdict().items() if key not in ("name", "version")}
    return {f"{kept.name}.yaml": reading.written(scenario), ABOUT: folder.json_text(about)}


def _meanwhile(name: str, last: int) -> DataError:
    try:
        other = _about(name, last)
        values: dict[str, object] = {"version": last, "who": other.who, "when": other.when}
    except DataError:
        values = {"version": last, "who": "?", "when": "?"}
    return DataError(Problem("workspace.saved_meanwhile", name, values))
