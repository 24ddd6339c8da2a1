"""Matrices that were computed once, kept by what they come from.

The name of a file is the checksum of everything that its minutes depend on: the graph, the points of all
places, the parameters.  What a scenario says of rules, counts or budgets is not among it, so that a changed
plan finds its minutes; a point that moved, another graph or another speed does not.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent.parent.parent / "data" / "travel"
ELSEWHERE = "LO_TRINH_TRAVEL"
"""Environment variable that names another folder, such as one that several offices share."""

_FORM = 1
"""Raised whenever the same input would give other minutes, or another file."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept:
    """What is kept: arrays by name, and what to say of them."""

    arrays: Mapping[str, npt.NDArray[np.generic]]
    about: Mapping[str, object]


def folders(folder: Path | None = None) -> list[Path]:
    """Where files are looked for and kept, first choice first."""
    if folder is not None:
        return [folder]
    if elsewhere := os.environ.get(ELSEWHERE):
        return [Path(elsewhere)]
    local = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    root = Path(local) if local and Path(local).is_absolute() else Path.home() / ".cache"
    return [FOLDER, root / "lo-trinh" / "travel"]


def key(graph: str, points: Mapping[str, Floats], terms: Mapping[str, object]) -> str:
    """The checksum of what minutes depend on.

    Args:
        graph: checksum of the graph.
        points: longitudes and latitudes of places, in order, (n, 2) each.
        terms: parameters.
    """
    whole = hashlib.sha256(json.dumps([_FORM, graph, dict(terms)], sort_keys=True).encode())
    for name, values in sorted(points.items()):
        array = np.ascontiguousarray(values, dtype=np.float64)
        whole.update(f"{name}{array.shape}".encode() + array.tobytes())
    return whole.hexdigest()


def read(name: str, folder: Path | None = None) -> Kept | None:
    """What was kept as `name`; None where nothing was, or the file is damaged (it is then computed again)."""
    for place in folders(folder):
        try:
            content = (place / f"{name}.npz").read_bytes()
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                arrays = {part: stored[part] for part in stored.files if part != "about"}
                about = json.loads(str(stored["about"]))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
            continue
        return Kept(arrays=arrays, about=about)
    return None


def write(name: str, kept: Kept, folder: Path | None = None) -> bool:
    """Keep it, whole or not at all, whoever else writes there; whether that worked."""
    content: dict[str, Any] = {
        **kept.arrays, "about": np.array(json.dumps(dict(kept.about), ensure_ascii=False)),
    }  # fmt: skip
    for place in folders(folder):
        draft = place / f".{name}.{secrets.token_hex(4)}.npz"
        try:
            place.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.savez_compressed(file, **content)
            draft.replace(place / f"{name}.npz")
        except OSError:
            continue  # a folder that cannot be written: the next one, or not kept
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return True
    return False


# --- tables of the planner's own ----------------------------------------------------------------------


def put(name: str, content: bytes, folder: Path | None = None) -> Path | None:
    """Keep a file that came in under `name`, whole or not at all; where it is, None where it cannot be."""
    for place in folders(folder):
        draft = place / f".{name}.{secrets.token_hex(4)}"
        try:
            place.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(place / name)
        except OSError:
            continue
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
        return place / name
    return None


def find(name: str, folder: Path | None = None) -> Path | None:
    """Where the file called `name` is kept."""
    return next((place / name for place in folders(folder) if (place / name).is_file()), None)


def tables(folder: Path | None = None) -> list[Path]:
    """Tables that are kept, by name."""
    found = {
        path.name: path
        for place in reversed(folders(folder))
        for path in place.glob("*.*")
        if path.suffix != ".npz" and path.name != "README.md" and not path.name.startswith(".")
    }
    return [found[name] for name in sorted(found)]
