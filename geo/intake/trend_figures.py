"""From the growth and the opioid share of a sheet to a change of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from geo.intake.trends import Growth, Opioids, Portion
from text import LANGS, both, percent


def growth_figure(found: Growth, *, file: str, source: str, outflow: float = 0.0) -> dict[str, Any]:
    """``registered_persons.growth`` of a scenario, to a tenth of a percent.

    Registers tell growth less those who left; where the scenario counts an `outflow` of its own, that is
    added back, for (1 + growth − outflow) has to give what was counted.
    """
    values = {"first": found.first, "last": found.last, "communes": found.communes, "file": file}
    note = both("trends.note.growth_outflow" if outflow else "trends.note.growth", **values)
    return {"value": round(found.rate + outflow, 3), "source": source, "note": note._asdict()}


def suited_figures(found: Opioids, *, file: str, source: str, replaced: Iterable[str] = ()) -> dict[str, Any]:
    """``suited_share`` and ``suited_by_group`` of a service, to a percent; shares of groups `replaced` go.

    The notes tell no persons: they go along in shared files.
    """
    of_all = both("trends.note.opioid", communes=found.communes, file=file)
    of_group = both("trends.note.opioid_group", file=file)

    def figure(portion: Portion, note: dict[str, str]) -> dict[str, Any]:
        return {"value": round(portion.share, 2), "source": source, "note": note}

    own: dict[str, Any] = dict.fromkeys(replaced)
    own |= {group: figure(one, of_group._asdict()) for group, one in found.own.items()}
    out = {"suited_share": figure(found.every, of_all._asdict())}
    return out | ({"suited_by_group": own} if own else {})


def questions(
    asked: Mapping[str, Any], path: tuple[str, ...], figure: Mapping[str, Any], *, own: Iterable[str] = ()
) -> dict[str, Any]:
    """What changes in a scenario's `questions` when the figure at `path` comes from a sheet.

    `as_it_is` of a question whose options set that figure tells the new one.  An option that sets the share
    of all sets that of each group with its `own` as well, or it would change nothing there.
    """
    out: dict[str, Any] = {}
    for name, question in asked.items():
        options = question["options"].items()
        setting = {key: _at(option["patch"], path) for key, option in options}
        setting = {key: given for key, given in setting.items() if given is not None}
        if not setting:
            continue
        words = {lang: f"{percent(figure['value'], lang)}: {figure['note'][lang]}" for lang in LANGS}
        out[name] = {"as_it_is": words, "source": figure["source"]}
        if groups := list(own):
            out[name]["options"] = {
                key: {"patch": _below(path[:-1], {"suited_by_group": dict.fromkeys(groups, given)})}
                for key, given in setting.items()
            }
    return out


def _at(patch: Any, path: tuple[str, ...]) -> Any:
    """What a patch sets at `path`; None for nothing."""
    for key in path:
        patch = patch.get(key) if isinstance(patch, Mapping) else None
    return patch


def _below(path: tuple[str, ...], value: dict[str, Any]) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value
