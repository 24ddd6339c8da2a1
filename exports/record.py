"""The plan, the diagnosis and the evaluation as plain data: what ``plan.json`` and ``evaluation.json`` hold.

These files are the command line's contract (README, "Files"): keys are added, never renamed.  Where
`priority` names somebody, the value of ``max_cover`` counts them by their weight; served and demand are
persons throughout.
"""

from __future__ import annotations

import math
from typing import Any

from exports import origin
from exports.contents import Edition, contents_of
from exports.document import checklist
from optimization.solution import Level
from planner.plan import (
    ClashingRule,
    Diagnosis,
    Evaluation,
    Exchange,
    Facts,
    FreePhasing,
    Gain,
    Plan,
    Seen,
)
from planner.wording import worded
from tables import records
from text import Text

EDITION: Edition = "internal"
"""These files hold exact sums and stay in the office; what is shared goes through ``exports.write``."""


def plan_record(plan: Plan) -> dict[str, Any]:
    """What ``plan.json`` says of a plan."""
    levels = [_level(level) for level in plan.report.levels]
    return {
        "edition": EDITION,
        "scenario": plan.scenario.id,
        "status": plan.report.status.value,
        "objective": levels[0],
        "objectives": [
            {**level, "service": wanted.service}
            for level, wanted in zip(levels, plan.scenario.objectives, strict=False)
        ],
        "stages": [_stage(plan, str(stage)) for stage in plan.stages["stage"]],
        "targets": [_target(row) for row in records(plan.targets)],
        "balance": [
            {name: _number(value) if isinstance(value, float) else value for name, value in row.items()}
            for row in records(plan.balance)
        ],
        "priority": {
            name: {"weight": p.weight, "groups": p.groups, "communes": p.communes, "source": p.source}
            for name, p in plan.scenario.registered_persons.priority.items()
        },
        "rules": records(plan.rules),
        **_document(plan.facts, plan),
        "travel": _travel(plan.facts),
        "journeys": {
            name: [
                {key: _number(value) if isinstance(value, float) else value for key, value in row.items()}
                for row in records(frame)
            ]
            for name, frame in (
                ("bands", plan.travel_bands),
                ("hours", plan.travel_hours),
                ("longest", plan.longest_trips),
            )
        },
        **_uncertain(plan.facts),
        "diagnosis": None,
        "provenance": {
            **plan.facts.provenance,
            "solver": plan.report.solver,
            "gap": levels[0]["gap"],
            "seconds": {name: round(value, 3) for name, value in plan.report.seconds.items()},
        },
        "origin": origin.as_data(origin.stamp(contents_of(plan, edition=EDITION, lang="vi"))),
    }


def diagnosis_record(diagnosis: Diagnosis) -> dict[str, Any]:
    """What ``plan.json`` says where no plan keeps all rules."""
    return _without_plan(diagnosis.facts, "infeasible") | {
        "rules": [
            {"rule": name, "text_vi": words.vi, "text_en": words.en, "source": source, "kept": None}
            for name, (words, source) in worded(diagnosis.scenario).items()
        ],
        "diagnosis": {
            "clash": [_clashing(rule) for rule in diagnosis.clash],
            "because": [_text(text) for text in diagnosis.because],
            "further_clashes": [[_clashing(rule) for rule in clash] for clash in diagnosis.further],
            "relaxations": [
                {**_text(r.text), "patch": r.patch, "objective": r.objective, "value": r.value}
                for r in diagnosis.remedies
            ],
        },
    }


def no_plan_record(facts: Facts) -> dict[str, Any]:
    """What ``plan.json`` says where the time ran out with nothing found and nothing proved."""
    return _without_plan(facts, "no_solution")


def evaluation_record(evaluation: Evaluation) -> dict[str, Any]:
    """What ``evaluation.json`` holds.  Presence counts person-years of groups that have a point."""
    optimum = evaluation.optimum
    return {
        "edition": EDITION,
        "plan": evaluation.plan,
        "scenario": evaluation.facts.scenario.id,
        "objective": evaluation.objective,
        "score": {"worst": evaluation.worst, "mean": evaluation.mean, "best": evaluation.best},
        "method": _text(evaluation.method),
        "optimum": None if optimum is None else {k: v for k, v in _level(optimum).items() if k != "name"},
        "ratio": evaluation.ratio,
        "group_presence": {
            "official": evaluation.presence_official,
            "best": evaluation.presence_best,
            "ratio": evaluation.presence_ratio,
        },
        "cost_vnd": evaluation.cost_vnd,
        "exchanges": [_told(x) for x in evaluation.exchanges],
        "gains": [_told(gain) for gain in evaluation.gains],
        "silence": None if evaluation.silence is None else _text(evaluation.silence),
        "free_phasing": None if evaluation.free is None else _free(evaluation.free),
        "hindcast": [_told(seen) for seen in evaluation.hindcast],
        **_uncertain(evaluation.facts),
        "provenance": evaluation.facts.provenance,
    }


def _free(free: FreePhasing) -> dict[str, Any]:
    return {
        **{k: v for k, v in _level(free.level).items() if k != "name"},
        "ratio": free.ratio,
        "cost_vnd": free.cost_vnd,
        "freed": [_text(text) for text in free.freed],
        "schedule": [_text(text) for text in free.schedule],
        "openings": [
            dict(zip(("stage", "kind", "group", "premises", "number"), opening, strict=True))
            for opening in free.openings
        ],
    }


def _told(row: Exchange | Gain | Seen) -> dict[str, Any]:
    """A row with its words in both languages."""
    return {k: v for k, v in row._asdict().items() if k != "text"} | _text(row.text)


def _without_plan(facts: Facts, status: str) -> dict[str, Any]:
    return {
        "edition": EDITION,
        "scenario": facts.scenario.id,
        "status": status,
        "objective": None,
        "objectives": [],
        "stages": [],
        "targets": [],
        "balance": [],
        "rules": [],
        **_document(facts, None),
        "travel": _travel(facts),
        **_uncertain(facts),
        "diagnosis": None,
        "provenance": facts.provenance,
    }


def _travel(facts: Facts) -> dict[str, Any]:
    """How the minutes were found, and every place that did not go by the method that was asked for."""
    found = facts.travel
    others = found.places[found.places["reason"] != ""]
    return {
        "method": found.method,
        "used": found.used,
        "title": found.title,
        "attribution": found.attribution,
        "retrieved": found.retrieved,
        "extent": found.extent,
        "checksum": found.checksum,
        "limit_minutes": found.limit,
        "pairs": dict(found.pairs),
        "communes": found.communes(),
        "fallbacks": [row | {"metres": _number(float(row["metres"]))} for row in records(others)],
        "warnings": [_text(warning) for warning in found.warnings],
    }


def _stage(plan: Plan, stage: str) -> dict[str, Any]:
    row = next(r for r in records(plan.stages) if r["stage"] == stage)
    counts = plan.counts[plan.counts["stage"] == stage]
    opened = plan.openings[plan.openings["stage"] == stage]
    coverage = plan.coverage[plan.coverage["stage"] == stage].set_index("service")
    return {
        "id": stage,
        "opened": [
            {
                "premises": f["premises"],
                "name": f["premises_name"],
                "commune_code": f["commune_code"],
                "group": f["group"],
                "kind": f["kind"],
                **({"upgraded_from": f["upgraded_from"]} if f["upgraded_from"] else {}),
            }
            for f in records(opened)
            for _ in range(f["opened"])
        ],
        "open": dict(zip(counts["kind"], (int(n) for n in counts["open"]), strict=True)),
        "cost_vnd": int(row["cost_vnd"]),
        "budget_vnd": None if math.isnan(row["budget_vnd"]) else int(row["budget_vnd"]),
        "services": {
            str(service): {
                name: _number(float(values[name]))
                for name in ("demand", "served", "no_capacity", "out_of_reach", "share")
            }
            for service, values in coverage.iterrows()
        },
    }


def _target(row: dict[str, Any]) -> dict[str, Any]:
    """A target's row; `reached` is null where there is nobody to reach."""
    return {**row, "group": row["group"] or None, "reached": _number(float(row["reached"]))}


def _document(facts: Facts, plan: Plan | None) -> dict[str, Any]:
    """What the document holds beside its rules: answers to criteria, indicators, reality, open questions."""
    s = facts.scenario
    return {
        "criteria": [
            {
                "criterion": check.id,
                **_text(check.criterion.text.text),
                "concerns": check.criterion.concerns,
                "kinds": None if check.criterion.kinds is None else list(check.criterion.kinds),
                "decides": check.criterion.decides,
                "source": check.criterion.source,
                "places": [
                    {"place": place.id, "name": place.name, "answer": verdict}
                    for place, verdict in check.places
                ],
            }
            for check in checklist(facts, plan)
        ],
        "indicators": [
            {
                "indicator": name,
                **_text(wanted.text.text),
                "unit": wanted.unit,
                "now": wanted.now,
                "goals": wanted.goals,
                "source": wanted.source,
            }
            for name, wanted in s.indicators.items()
        ],
        "observed": [
            {
                "observation": name,
                **_text(seen.text.text),
                "stage": seen.stage,
                "kind": seen.kind,
                "group": seen.group,
                "points": seen.points,
                "persons": seen.persons,
                "source": seen.source,
            }
            for name, seen in s.observed.items()
        ],
        "questions": [
            {
                "question": name,
                **_text(question.text.text),
                "as_it_is": _text(question.as_it_is.text),
                "source": question.source,
                "options": [
                    {"option": code, **_text(option.label.text)} for code, option in question.options.items()
                ],
            }
            for name, question in s.questions.items()
        ],
    }


def _uncertain(facts: Facts) -> dict[str, Any]:
    return {
        "estimates": [
            {"field": a.field, "value": a.value, "source": a.source, "note": _text(a.note)}
            for a in facts.assumptions
        ],
        "known_issues": [{**_text(text), "source": source} for text, source in facts.known_issues],
    }


def _level(level: Level) -> dict[str, Any]:
    return {
        "name": level.name,
        "value": level.value,
        "bound": _number(level.bound),
        "gap": _number(level.gap),
    }


def _clashing(rule: ClashingRule) -> dict[str, Any]:
    return {"rule": rule.rule, "part": rule.part, **_text(rule.text), "source": rule.source}


def _text(text: Text) -> dict[str, str]:
    return {"text_vi": text.vi, "text_en": text.en}


def _number(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if math.isfinite(value) else None
