"""Names in a scenario that must stand elsewhere in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from scenarios.schema import Scenario
from scenarios.strict_yaml import Path_

Finding = tuple[Path_, str, dict[str, object]]
"""Where, the message's code, and what the message names."""

STATION = "tyt-"
"""Before a commune's code: the id of the health station that the commune is taken to have."""

MOST_SHOWN = 20
"""More possible names than these are not listed in a message."""

_TITLES = {"groups": "registered_persons.by_group", "at": "kinds.*.at", "premises": "premises.named"}


def known(path: Path_, name: str | None, what: str, s: Scenario) -> Iterator[Finding]:
    """Nothing if `name` stands under `what`, a block of the scenario."""
    blocks: dict[str, Iterable[str]] = {
        "services": s.services,
        "stages": s.stages,
        "kinds": s.kinds,
        "groups": s.registered_persons.by_group,
        "at": dict.fromkeys(t for kind in s.kinds.values() for t in kind.at),
        "premises": s.premises.named,
    }
    assumed = what == "premises" and s.premises.health_stations and (name or "").startswith(STATION)
    if name is not None and not assumed:  # whether the station's commune exists is seen with the places
        yield from among(path, name, _TITLES.get(what, what), blocks[what])


def each_known(path: Path_, names: Iterable[str] | None, what: str, s: Scenario) -> Iterator[Finding]:
    """`known` for several names."""
    for name in names or ():
        yield from known(path, name, what, s)


def among(path: Path_, name: str, what: str, allowed: Iterable[str]) -> Iterator[Finding]:
    """Nothing if `name` is one of those `allowed`, which stand under `what`."""
    names = list(allowed)
    if name in names:
        return
    if len(names) > MOST_SHOWN:
        names = [*(get_close_matches(name, names, n=5) or names[:MOST_SHOWN]), "…"]
    yield path, "scenario.unknown_reference", {"name": name, "what": what, "known": ", ".join(names) or "–"}
