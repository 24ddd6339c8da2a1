"""A graph of roads or a table of minutes that an office brings: looked at, kept, taken into a scenario."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from errors import DataError, Problem
from geo.roads import fetch, files, kept, table
from planner import road_check
from planner.road_check import Check
from scenarios.figures import FILE
from scenarios.schema import Scenario
from text import fold, tidy

Figures = Mapping[str, float | None]
"""Figures of the block `roads` (``road_check.FIGURES``); None leaves the scenario's own."""

TABLES: tuple[str, ...] = tuple(table.SUFFIXES)
"""Endings of a table of minutes; every other file is taken for one of roads."""


def is_table(file: Path) -> bool:
    """Whether a file is a table of minutes by its ending."""
    return file.suffix.lower() in TABLES


def looked_at(
    scenario: Scenario, file: Path, *, figures: Figures, missing: str = "refuse", source: str = "user"
) -> Check:
    """What `file` would mean for `scenario`; nothing is kept.

    Raises:
        DataError, ScenarioError: the file, or the figures beside it, cannot be used.
    """
    if is_table(file):
        new = road_check.with_table(scenario, kept_name(file), missing=missing, source=source)
        return road_check.check_table(new, file.name, _bytes(file))
    return road_check.check_graph(road_check.with_roads(scenario, None, figures), file)


def taken(
    scenario: Scenario, file: Path, *, figures: Figures, missing: str = "refuse", source: str = "user"
) -> tuple[str, dict[str, Any]]:
    """Keep `file` on this machine; its name there, and the patch that has `scenario` go by it.

    Raises:
        DataError, ScenarioError: it cannot be read or kept, or a figure is missing.
    """
    if is_table(file):
        name = _keep_table(file)
        return name, road_check.table_patch(name, missing=missing, source=source)
    patch = road_check.roads_patch(scenario, None, figures)
    name = _keep_roads(file)
    patch["travel"]["roads"]["file"] = name
    return name, patch


def kept_name(file: Path, suffix: str | None = None) -> str:
    """A name for what is kept: the file's, without marks, and the start of its checksum."""
    stem = "_".join(filter(None, (fold(word) for word in re.split(r"[\W_]+", file.name.split(".")[0]))))
    checksum = hashlib.sha256(_bytes(file)).hexdigest()[:12]
    made = f"{stem[:60] or 'file'}_{checksum}{suffix or file.suffix.lower()}"
    assert re.fullmatch(FILE, made)
    return made


def _keep_table(file: Path) -> str:
    name = kept_name(file)
    if kept.put(name, _bytes(file)) is None:
        values = {"file": name, "folder": str(kept.folders()[0])}
        raise DataError(Problem("travel.not_kept", file.name, values))
    return name


def _keep_roads(file: Path) -> str:
    name = file.name if file.name.endswith(files.KEPT) else kept_name(file, files.KEPT)
    found = files.roads(file)
    for n, folder in enumerate(fetch.folders()):
        try:
            files.keep(found, folder / name)
            return name
        except DataError:
            if n + 1 == len(fetch.folders()):
                raise
    raise AssertionError("there is always a folder")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as why:
        values = {"file": tidy(file.name), "why": tidy(why.strerror or type(why).__name__)}
        raise DataError(Problem("travel.unreadable", tidy(file.name), values)) from why
