"""The folder behind the workspace: names that every system takes, entries that appear whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import planner
from errors import DataError, Problem
from scenarios import reading
from scenarios.schema import Scenario
from text import tidy

VARIABLE = "LO_TRINH_WORKSPACE"
"""Environment variable that names the folder."""
DEFAULT = Path(__file__).parent.parent / "workspace_data"
LONGEST_NAME, LONGEST_TEXT = 60, 500
"""Characters of a folder's name (paths on Windows end at 260), and of what people write."""
LARGEST = 20_000_000
"""Bytes of a file that is read; what the program writes here is far smaller."""
STALE = 86_400.0
"""Seconds after which what an interrupted save left behind is cleared away."""
FORMAT = 1
"""Of the JSON files."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{n}{i}" for n in ("com", "lpt") for i in range(10)}

Entry = TypeVar("Entry")


class Listing(NamedTuple, Generic[Entry]):
    """What is in the folder, and what in it cannot be used: a message for each, naming the file."""

    found: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def root() -> Path:
    """The workspace folder; it may not exist yet."""
    return Path(os.environ.get(VARIABLE) or DEFAULT)


def now() -> str:
    """The time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).strftime(_TIME)


def is_time(text: str) -> bool:
    """Whether `now` could have given it."""
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC) is not None
    except ValueError:
        return False


# --- names ---------------------------------------------------------------------------------------


def slug(title: str) -> str:
    """A folder name from a title: ``Kịch bản Cờ Đỏ (2)`` gives ``kich-ban-co-do-2``.

    Lower-case ASCII, at most `LONGEST_NAME` characters, never a name that Windows keeps for itself.

    Raises:
        DataError: ``workspace.no_name``, nothing of the title can stand in a name.
    """
    base = unicodedata.normalize("NFD", title.casefold().replace("đ", "d").replace("ð", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in base if not unicodedata.combining(c)))
    name = "-".join(words)[:LONGEST_NAME].rstrip("-")
    if not name:
        raise DataError(Problem("workspace.no_name", tidy(title)[:LONGEST_TEXT]))
    return f"{name}-1" if name in _RESERVED else name


def is_name(name: str) -> bool:
    """Whether `slug` could have given this name: no other is ever looked for."""
    return bool(_NAME.fullmatch(name)) and len(name) <= LONGEST_NAME + 8 and name not in _RESERVED


def checked(name: str) -> str:
    """`name`, if it is one.

    Raises:
        DataError: ``workspace.not_a_name``.
    """
    if not is_name(name):
        raise DataError(Problem("workspace.not_a_name", tidy(name)[:LONGEST_TEXT]))
    return name


def written_by(**said: str) -> dict[str, str]:
    """What people wrote, tidied.

    Raises:
        DataError: ``workspace.nothing_said`` or ``workspace.said_too_much``, for each.
    """
    given = {name: tidy(text) for name, text in said.items()}
    problems = [Problem(f"workspace.nothing_said.{name}", "–") for name, text in given.items() if not text]
    problems += [
        Problem("workspace.said_too_much", f"{text[:40]}…", {"most": LONGEST_TEXT})
        for text in given.values()
        if len(text) > LONGEST_TEXT
    ]
    if problems:
        raise DataError(problems)
    return given


# --- writing -------------------------------------------------------------------------------------


@contextmanager
def _saying_why(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as why:
        values = {"why": why.strerror or type(why).__name__}
        raise DataError(Problem("workspace.not_writable", str(path), values)) from why


def place_new(folder: Path, files: Mapping[str, str]) -> bool:
    """Write `files` into the new `folder`, which appears with all of them at once; False where it is taken.

    Raises:
        DataError: ``workspace.not_writable``.
    """
    with _saying_why(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_left(folder.parent)
        draft = folder.parent / f".{secrets.token_hex(8)}"
        draft.mkdir()
        try:
            for name, text in files.items():
                _write(draft / name, text)
            return _moved(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _moved(draft: Path, folder: Path) -> bool:
    try:
        draft.rename(folder)  # onto a folder that holds files this fails, on every system
    except OSError:
        if folder.exists():
            return False
        raise
    return True


def replace(path: Path, text: str) -> None:
    """Put `text` at `path`; a former file is replaced at once or not at all.

    Raises:
        DataError: ``workspace.not_writable``.
    """
    with _saying_why(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{secrets.token_hex(8)}")
        try:
            _write(draft, text)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # a machine that loses power must not keep the name without the text


def _clear_left(folder: Path) -> None:
    """Take away what saves left behind that were cut short."""
    for left in folder.glob(".*"):
        with suppress(FileNotFoundError):  # a save that ended just now
            if left.is_dir() and time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


# --- reading -------------------------------------------------------------------------------------


def shown(path: Path) -> str:
    """A path as messages name it: from the workspace folder on."""
    return tidy(path.relative_to(root()).as_posix() if path.is_relative_to(root()) else path.name)


def text_at(path: Path) -> str:
    """The text of a file.

    Raises:
        DataError: ``workspace.unreadable``.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(Problem("workspace.unreadable", shown(path)))
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise DataError(Problem("workspace.unreadable", shown(path))) from why


def json_at(path: Path) -> dict[str, Any]:
    """The JSON object that the program wrote at `path`.

    Raises:
        DataError: ``workspace.unreadable``, ``workspace.newer`` (a later version of the program wrote it).
    """
    try:
        found = json.loads(text_at(path))
    except (ValueError, RecursionError) as why:
        raise DataError(Problem("workspace.unreadable", shown(path))) from why
    if not isinstance(found, dict):
        raise DataError(Problem("workspace.unreadable", shown(path)))
    if isinstance(found.get("format"), int) and found["format"] > FORMAT:
        raise DataError(Problem("workspace.newer", shown(path)))
    return found


def about(path: Path, said: Mapping[str, Any], names: Sequence[str]) -> tuple[str, ...]:
    """The texts called `names` (``when`` among them) of `said`, the JSON object at `path`; tidied.

    Raises:
        DataError: ``workspace.unreadable``, one is missing, no text, or no time.
    """
    found = [said.get(name) for name in names]
    if not (all(isinstance(text, str) for text in found) and is_time(said["when"])):
        raise DataError(Problem("workspace.unreadable", shown(path)))
    return tuple(tidy(str(text)) for text in found)


def scenario_at(path: Path, digest: str) -> Scenario:
    """The scenario that was kept at `path`.

    Args:
        path: of the YAML file.
        digest: its `planner.digest` when it was kept.

    Raises:
        DataError: ``workspace.changed_outside``, the file says something else by now.
        ScenarioError: this version of the program cannot use it.
    """
    scenario = reading.load(path)
    if planner.digest(scenario) != digest:
        raise DataError(Problem("workspace.changed_outside", shown(path)))
    return scenario


def json_text(content: Mapping[str, Any]) -> str:
    """`content` as the program writes it."""
    return json.dumps({"format": FORMAT, **content}, ensure_ascii=False, indent=1) + "\n"


def entries(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The folders in `folder`, and a message for everything else that stands there."""
    found, problems = [], []
    try:
        listed = sorted(folder.iterdir(), key=lambda path: path.name)
    except FileNotFoundError:
        return [], []
    except OSError:
        return [], [Problem("workspace.unreadable", shown(folder))]
    for path in listed:
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink() and is_name(path.name):
            found.append(path)
        else:
            problems.append(Problem("workspace.foreign", shown(path)))
    return found, problems
