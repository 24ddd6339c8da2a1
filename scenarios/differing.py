"""What to change in one scenario to get another."""

from __future__ import annotations

import copy
from typing import Any

_APART = ("extends",)
"""Keys that say nothing about what is asked."""


def patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What `scenarios.reading.changed` has to merge over `old` to give `new`; {} where they agree."""
    return {key: value for key, value in _patch(old, new).items() if key not in _APART}


def _patch(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if before == value:
            continue
        if isinstance(value, dict) and isinstance(before, dict) and not {"value", "required"} & value.keys():
            out[key] = _patch(before, value)
        else:  # a figure with its source is one thing
            out[key] = copy.deepcopy(value)
    return out
