"""From files and patches to a checked `Scenario`.

A scenario may name one parent (``extends:``) whose data it changes; one level, so that a reader has at most
two files to open.  Mappings merge key by key, ``null`` takes a key away, and everything else (a list, a
figure with its source) is replaced as a whole, so that no new value stands beside an old source.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from errors import Problem, ScenarioError
from scenarios import figures, strict_yaml
from scenarios.checks import problems_between
from scenarios.references import Finding
from scenarios.schema import Scenario, field_names
from scenarios.strict_yaml import Lines, Path_
from text import is_tidy, tidy

FOLDER = Path(__file__).parent
SHOWN_FIRST = FOLDER / "can_tho_2018_2020.yaml"
"""The scenario that the app opens with."""


def load(path: Path | str) -> Scenario:
    """Read a scenario file, and the parent it extends.

    Raises:
        ScenarioError: every problem at once, each with file and line, what is wrong and what to do.
    """
    path = Path(path)
    data, lines = strict_yaml.read(path)
    if "extends" in data:
        parent, parent_lines = _parent(path, data["extends"], lines.where(("extends",)))
        if "id" not in data or data["id"] == parent.get("id"):
            raise ScenarioError(Problem("scenario.same_id", lines.where(("id",))))
        _raise(_unfit_changes(parent, data, (), None), lines)
        lines = lines.over(parent_lines, _replaced(parent, data))
        data = merged(parent, data)
    return from_data(data, lines)


def from_data(data: dict[str, Any], lines: Lines | None = None) -> Scenario:
    """Check plain data and freeze it; `lines` is where messages say each value stands.

    Raises:
        ScenarioError: every problem at once.
    """
    lines = lines or Lines()
    _raise(_unfit(data, ()), lines)
    try:
        # By way of JSON, where a list is the one spelling of a tuple and nothing is taken for another type.
        scenario = Scenario.model_validate_json(json.dumps(data), context=(data, lines))
    except ValidationError as why:
        raise ScenarioError([_problem(e, data, lines) for e in why.errors(include_url=False)]) from why
    _raise(problems_between(scenario), lines)
    return scenario


def changed(scenario: Scenario, patch: dict[str, Any]) -> Scenario:
    """`scenario` with `patch` merged over it, checked as a whole; to remove what is not there is no error.

    Raises:
        ScenarioError: it does not hold together, or a new value stands beside an old source.
    """
    found = _unfit_changes(scenario.data, patch, (), None)
    _raise((f for f in found if f[1] != "scenario.nothing_to_remove"), scenario.lines)
    return from_data(merged(scenario.data, patch), scenario.lines)


def written(scenario: Scenario) -> str:
    """The whole scenario as YAML, parent merged in, such that `load` takes it back."""
    return strict_yaml.write({k: v for k, v in scenario.data.items() if k != "extends"})


# --- merging -------------------------------------------------------------------------------------


def merged(parent: dict[str, Any], child: dict[str, Any], *, keep_null: bool = False) -> dict[str, Any]:
    """`child` over `parent`, as the module says; neither is changed.

    With `keep_null` a ``null`` stays in the result, which makes one patch of two.
    """
    out = copy.deepcopy(parent)
    for key, value in child.items():
        if _merges(value, out.get(key)):
            out[key] = merged(out[key], value, keep_null=keep_null)
        elif value is None and not keep_null:
            out.pop(key, None)
        else:
            out[key] = copy.deepcopy(value)
    return out


def _merges(value: object, old: object) -> bool:
    """Whether `value` goes into `old` key by key; a figure never does."""
    return isinstance(value, dict) and isinstance(old, dict) and not {"value", "required"} & value.keys()


def _replaced(parent: dict[str, Any], child: dict[str, Any], path: Path_ = ()) -> Iterator[Path_]:
    """Paths at which nothing of the parent is left."""
    for key, value in child.items():
        if _merges(value, parent.get(key)):
            yield from _replaced(parent[key], value, (*path, key))
        else:
            yield (*path, key)


_WORDING = ("note", "text", "label", "name", "source", "commune_source")
"""Keys of a part with a source that may change while the source stays."""


def _unfit_changes(
    old: dict[str, Any], new: dict[str, Any], path: Path_, source: str | None
) -> Iterator[Finding]:
    """What `new` removes that is not there, and values that change while their `source` stays."""
    for key, value in new.items():
        here = (*path, key)
        if value is None and key not in old:
            yield here, "scenario.nothing_to_remove", {"name": key}
        elif key == "answers":  # are the user's, whoever states the criterion
            continue
        elif _merges(value, old.get(key)):
            inner = old[key]
            stays = source if "source" not in inner else None if "source" in value else inner["source"]
            yield from _unfit_changes(inner, value, here, stays)
        elif key == "commune":  # where premises stand has a source of its own
            if "commune_source" not in new and value != old.get(key):
                yield here, "scenario.source_stays", {"name": key, "source": old.get("commune_source")}
        elif source and key not in _WORDING and not isinstance(value, dict) and value != old.get(key):
            yield here, "scenario.source_stays", {"name": key, "source": source}


def _parent(path: Path, name: object, where: str) -> tuple[dict[str, Any], Lines]:
    """Data of the file that the one at `path` extends."""
    shown = tidy(str(name))
    if name == path.name:
        raise ScenarioError(Problem("scenario.extends_itself", where))
    beside = next((file for file in path.parent.iterdir() if file.name == name and file.is_file()), None)
    if beside is None:
        values = {"parent": shown, "folder": path.resolve().parent.name}
        raise ScenarioError(Problem("scenario.no_parent", where, values))
    parent, lines = strict_yaml.read(beside)
    if "extends" in parent:
        raise ScenarioError(Problem("scenario.two_levels", where, {"parent": shown}))
    return parent, lines


# --- what is wrong, in our words -----------------------------------------------------------------


def _raise(findings: Iterator[Finding], lines: Lines) -> None:
    if problems := [Problem(code, lines.where(path), values) for path, code, values in findings]:
        raise ScenarioError(problems)


def _unfit(value: object, path: Path_) -> Iterator[Finding]:
    """Entries left empty, and text that a web page or a map could take for code."""
    if value is None and "patch" not in path:  # there it takes an entry away
        yield path, "scenario.empty", {"name": path[-1]}
    elif isinstance(value, str) and not is_tidy(value):
        yield path, "scenario.unsafe_text", {"given": ascii(value)}
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str) and not is_tidy(key):
                yield (*path, key), "scenario.unsafe_text", {"given": ascii(key)}
            yield from _unfit(inner, (*path, key))


_CODES = {
    "missing": "scenario.missing",
    "union_tag_not_found": "scenario.missing",
    "extra_forbidden": "scenario.unknown_key",
    "value_error": "scenario.needs_note",
    "literal_error": "scenario.not_allowed",
    "union_tag_invalid": "scenario.not_allowed",
    "greater_than": "scenario.out_of_range",
    "greater_than_equal": "scenario.out_of_range",
    "less_than": "scenario.out_of_range",
    "less_than_equal": "scenario.out_of_range",
    "string_too_short": "scenario.text_length",
    "string_too_long": "scenario.text_length",
    "too_short": "scenario.empty_list",
}
_FORMS = {
    figures.ID: "scenario.not_an_id",
    figures.CODE: "scenario.not_a_code",
    figures.PREMISES: "scenario.not_an_id",
    figures.SOURCE: "scenario.not_a_source",
    figures.COLOUR: "scenario.not_a_colour",
    figures.FILE: "scenario.not_a_file_name",
}
_SAMPLES = {
    "int": "1234",
    "float": "12.5",
    "finite": "12.5",
    "bool": "true",
    "dict": "{a: …, b: …}",
    "tuple": "[a, b]",
}
_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}


def _problem(error: ErrorDetails, data: dict[str, Any], lines: Lines) -> Problem:
    """One of pydantic's errors in our words, at its line."""
    kind, ctx, given = error["type"], error.get("ctx", {}), error["input"]
    path = _in_data(error["loc"], data)
    if kind == "missing":
        path = (*path, error["loc"][-1])
    elif kind in ("union_tag_not_found", "union_tag_invalid"):
        path = (*path, ctx["discriminator"].strip("'"))
    code = _CODES.get(kind, "scenario.wrong_type")
    if kind == "string_pattern_mismatch":
        code = _FORMS[ctx["pattern"]]
    elif kind == "string_type" and not isinstance(given, dict | list):
        code = "scenario.not_quoted"
    elif code == "scenario.out_of_range" and ctx.get("le") == 1.0 and isinstance(given, int | float):
        code = "scenario.not_a_share"
    name = str(path[-1]) if path else ""
    scalar = None if isinstance(given, dict | list) else given
    allowed = str(ctx.get("expected") or ctx.get("expected_tags") or "")
    values = {
        "name": name,
        "given": ctx.get("tag") or ("…" if scalar is None else scalar),
        "json": "…" if scalar is None else json.dumps(scalar, ensure_ascii=False),
        "close": ", ".join(get_close_matches(name, field_names(), n=3)) or "–",
        "allowed": allowed.replace(" or ", ", ").replace("'", "").replace("True", "true"),
        "limit": ", ".join(f"{sign} {ctx[key]:g}" for key, sign in _SIGNS.items() if key in ctx),
        "expected": _sample(kind, ctx),
    }
    return Problem(code, lines.where(path), values)


def _in_data(loc: tuple[str | int, ...], data: Any) -> Path_:
    """A location of pydantic's without the names of union members, which no user wrote."""
    path: Path_ = ()
    for step in loc:
        if isinstance(data, dict) and step in data:
            path, data = (*path, step), data[step]
        if isinstance(data, list) and isinstance(step, int):
            path, data = (*path, step), data[step]
    return path


def _parts() -> dict[str, type[figures.Part]]:
    """Every part that a scenario may hold, by the name of its class."""

    def below(model: type[figures.Part]) -> Iterator[type[figures.Part]]:
        for child in model.__subclasses__():
            yield child
            yield from below(child)

    return {part.__name__: part for part in below(figures.Part)}


def _sample(kind: str, ctx: dict[str, Any]) -> str:
    """How a value of the wanted type is written."""
    part = _parts().get(ctx.get("class_name", ""))
    if part is None:
        return _SAMPLES.get(kind.split("_", maxsplit=1)[0], "abc")
    needed = [name for name, field in part.model_fields.items() if field.is_required()]
    return "{" + ", ".join(f"{name}: …" for name in sorted(needed, key=lambda n: n == "source")) + "}"
