"""The small plan of ``tiny.yaml``, to which tests add a rule at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import planner
from planner.plan import Diagnosis, Plan
from scenarios.reading import changed, load
from scenarios.schema import Scenario

SOURCE = {"source": "mau_2018 §III"}
TINY = load(Path(__file__).parent / "tiny.yaml")
HOSPITALS = {"dispensing": {"offered": {"925": SOURCE, "927": SOURCE}}}


def rule(name: str, /, **fields: Any) -> dict[str, Any]:
    """A rule with words and a source of its own."""
    words = {"vi": f"Quy tắc {name} đang thử", "en": f"The rule {name} on trial"}
    return {"rule": name, "text": words, **SOURCE, **fields}


def figure(value: float) -> dict[str, Any]:
    return {"value": value, **SOURCE}


def wanted(*names: str, service: str = "counselling") -> list[dict[str, Any]]:
    return [{"objective": name, "service": service, **SOURCE} for name in names]


def scenario(**blocks: Any) -> Scenario:
    return changed(TINY, blocks)


def planned(**blocks: Any) -> Plan:
    """The plan of the small scenario with these blocks merged over it."""
    found = planner.run(scenario(**blocks))
    assert isinstance(found, Plan)
    return found


def diagnosed(**blocks: Any) -> Diagnosis:
    found = planner.run(scenario(**blocks))
    assert isinstance(found, Diagnosis)
    return found
