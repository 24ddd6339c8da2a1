"""From files and patches to a checked `Scenario`.

A scenario may name one parent (``extends:``) whose data it changes; one level, so that a reader has at most two files
to open.  Mappings merge key by key, ``null`` takes a key away, and everything else (a list, a figure with its source)
is replaced as a whole, so that no new value stands beside an old source.
"""

from __future__ import annotations

import copy
import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from errors import Problem, ScenarioError
from scenarios import strict_yaml
from scenarios.checks import problems_between
from scenarios.schema import Scenario, field_names
from scenarios.strict_yaml import Lines, Path_

FOLDER = Path(__file__).parent
SHOWN_FIRST = FOLDER / "can_tho_2018_2020.yaml"
"""The scenario that the app opens with."""


def load(path: Path | str) -> Scenario:
    """Read a scenario file, and the parent it extends.

    Raises:
        ScenarioError: every problem of the file at once, each with file and line, what is wrong and what to do.
    """
    path = Path(path)
    data, lines = strict_yaml.read(path)
    if isinstance(parent_name := data.get("extends"), str):
        parent_path = path.parent / Path(parent_name).name
        if not parent_path.is_file():
            values = {"parent": parent_name, "folder": path.parent.name}
            raise ScenarioError(Problem("scenario.no_parent", lines.where(("extends",)), values))
        parent, parent_lines = strict_yaml.read(parent_path)
        if "extends" in parent:
            raise ScenarioError(Problem("scenario.two_levels", lines.where(("extends",)), {"parent": parent_name}))
        data, lines = merged(parent, data), lines.over(parent_lines)
    return from_data(data, lines)


def from_data(data: dict[str, Any], lines: Lines | None = None) -> Scenario:
    """Check plain data and freeze it; `lines` is where messages say each value stands.

    Raises:
        ScenarioError: every problem at once.
    """
    lines = lines or Lines()
    try:
        # By way of JSON, where a list is the one spelling of a tuple and nothing else is taken for another type.
        scenario = Scenario.model_validate_json(json.dumps(data))
    except ValidationError as why:
        raise ScenarioError([_problem(e, data, lines) for e in why.errors(include_url=False)]) from why
    if problems := problems_between(scenario, lines):
        raise ScenarioError(problems)
    scenario._data, scenario._lines = data, lines
    return scenario


def changed(scenario: Scenario, patch: dict[str, Any]) -> Scenario:
    """`scenario` with `patch` merged over it, checked as a whole.

    Raises:
        ScenarioError: the patched scenario does not hold together.
    """
    return from_data(merged(scenario.data, patch), scenario._lines)


def written(scenario: Scenario) -> str:
    """The whole scenario as YAML, parent merged in, such that `load` takes it back."""
    return strict_yaml.write({k: v for k, v in scenario.data.items() if k != "extends"})


def merged(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """`child` over `parent`, as the module says; neither is changed."""
    out = copy.deepcopy(parent)
    for key, value in child.items():
        old = out.get(key)
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict) and isinstance(old, dict) and not _is_figure(value):
            out[key] = merged(old, value)
        else:
            out[key] = copy.deepcopy(value)
    return out


def _is_figure(value: dict[str, Any]) -> bool:
    return "value" in value or "required" in value


def _problem(error: ErrorDetails, data: dict[str, Any], lines: Lines) -> Problem:
    """One of pydantic's errors in our words, at its line."""
    path = _in_data(error["loc"], data)
    where, kind, ctx = lines.where(path), error["type"], error.get("ctx", {})
    name = str(path[-1]) if path else ""
    given = error["input"] if isinstance(error["input"], str | int | float | bool) else "…"
    if kind == "missing":
        return Problem("scenario.missing", where, {"name": name})
    if kind == "extra_forbidden":
        close = get_close_matches(name, field_names(), n=3) or ["-"]
        return Problem("scenario.unknown_key", where, {"name": name, "close": ", ".join(close)})
    if kind == "value_error" and "needs_note" in str(ctx.get("error")):
        return Problem("scenario.needs_note", where)
    if kind == "string_type" and not isinstance(error["input"], dict | list):
        return Problem("scenario.not_quoted", where, {"given": given})
    if kind.startswith("string_pattern") or kind.startswith("string_too"):
        return Problem("scenario.pattern", where, {"given": given, "pattern": ctx.get("pattern", "1–400")})
    if kind in ("literal_error", "union_tag_invalid"):
        allowed = ctx.get("expected") or ctx.get("expected_tags")
        return Problem("scenario.not_allowed", where, {"given": given, "allowed": allowed})
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        sign = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}[kind]
        return Problem("scenario.out_of_range", where, {"given": given, "limit": f"{sign} {next(iter(ctx.values()))}"})
    return Problem("scenario.wrong_type", where, {"given": given, "expected": _expected(kind)})


def _in_data(loc: tuple[str | int, ...], data: Any) -> Path_:
    """pydantic's location without the names of union members, which no user wrote."""
    path: Path_ = ()
    for n, step in enumerate(loc):
        inside = (isinstance(data, dict) and step in data) or (isinstance(data, list) and isinstance(step, int))
        if inside:
            data = data[step]
        if inside or n == len(loc) - 1:
            path += (step,)
    return path


def _expected(kind: str) -> str:
    names = {"int": "1234", "float": "12.5", "bool": "true / false", "dict": "{key: value}", "tuple": "[a, b]"}
    names |= {"model": "{key: value}", "list": "[a, b]", "too": "≥ 1"}
    return names.get(kind.split("_")[0], kind)
