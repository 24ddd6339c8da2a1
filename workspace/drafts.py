"""Drafts: what a session is working on, kept under a token that nobody can guess, for a month."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from errors import DataError, Problem
from scenarios import reading
from scenarios.schema import Scenario
from workspace import folder

DAYS = 30
"""Drafts that nobody has touched for so long are cleared away."""

_TOKEN = re.compile(r"[0-9a-f]{24}")
_DRAFT = "draft.json"


def new_token() -> str:
    """A token that nobody can guess (96 bits)."""
    return secrets.token_hex(12)


def is_token(token: str) -> bool:
    """Whether `new_token` could have given it."""
    return bool(_TOKEN.fullmatch(token))


def _home(token: str) -> Path:
    if not is_token(token):
        raise DataError(Problem("workspace.not_a_name", ascii(token)[:40]))
    return folder.root() / "drafts" / token


def keep_draft(token: str, content: Mapping[str, Any]) -> None:
    """Keep `content` (plain data) as the draft of a session, in place of a former one.

    Raises:
        DataError: ``workspace.not_a_name``, ``workspace.not_writable``.
    """
    folder.replace(_home(token) / _DRAFT, folder.json_text(content))


def draft(token: str) -> dict[str, Any] | None:
    """The draft of a session; None where there is none.

    Raises:
        DataError: ``workspace.not_a_name``, ``workspace.unreadable``, ``workspace.newer``.
    """
    path = _home(token) / _DRAFT
    return folder.json_at(path) if path.is_file() else None


def keep_upload(token: str, name: str, scenario: Scenario) -> Path:
    """Keep a scenario that somebody brought as a file, for this session; where it is kept.

    Raises:
        DataError: ``workspace.not_a_name``, ``workspace.no_name``, ``workspace.not_writable``.
    """
    path = _home(token) / f"{folder.slug(Path(name).stem)}.yaml"
    folder.replace(path, reading.written(scenario))
    return path


def uploads(token: str) -> tuple[Path, ...]:
    """The scenarios that `keep_upload` has kept for this session."""
    return tuple(sorted(_home(token).glob("*.yaml")))


def copied(old: str, new: str) -> None:
    """Give session `new` a copy of what `old` works on."""
    if _home(old).is_dir():
        for path in _home(old).iterdir():
            if not path.name.startswith(".") and path.is_file():
                folder.replace(_home(new) / path.name, folder.text_at(path))


def clear_drafts(days: float = DAYS) -> int:
    """Clear away the drafts that nobody has touched for so many days; how many."""
    home, cleared = folder.root() / "drafts", 0
    for path in home.iterdir() if home.is_dir() else ():
        if not (is_token(path.name) and path.is_dir() and not path.is_symlink()):
            continue
        ages = [file.stat().st_mtime for file in path.iterdir()] or [path.stat().st_mtime]
        if time.time() - max(ages) > days * 86_400:
            shutil.rmtree(path, ignore_errors=True)
            cleared += 1
    return cleared
