"""What ``plan.json`` says of a document beside its rules."""

from __future__ import annotations

import json

import planner
from exports.record import diagnosis_record, no_plan_record, plan_record
from scenarios.reading import FOLDER, load
from tests.exports.plans import plan

DOCUMENT = ("criteria", "indicators", "observed", "questions")


def test_the_document_stands_in_the_plan_with_every_entry():
    found = plan()
    s, told = found.scenario, json.loads(json.dumps(plan_record(found), allow_nan=False))
    assert [c["criterion"] for c in told["criteria"]] == list(s.criteria)
    assert [i["indicator"] for i in told["indicators"]] == list(s.indicators)
    assert [o["observation"] for o in told["observed"]] == list(s.observed)
    assert {q["question"]: [o["option"] for o in q["options"]] for q in told["questions"]} == {
        name: list(q.options) for name, q in s.questions.items()
    }
    first = next(iter(s.indicators.values()))
    assert told["indicators"][0]["now"] == first.now
    assert told["observed"][0]["persons"] == next(iter(s.observed.values())).persons
    assert [row["registered"] for row in told["balance"]] == found.balance["registered"].tolist()
    assert told["balance"][0]["missing"] is None
    assert [v["service"] for v in told["objectives"]] == [o.service for o in s.objectives][:2]
    assert [a["field"] for a in told["estimates"]] == [a.field for a in found.facts.assumptions]


def test_it_stands_there_without_a_plan_too():
    scenario = load(FOLDER / "can_tho_2018_2020_as_written.yaml")
    found = planner.run(scenario)
    for told in (diagnosis_record(found), no_plan_record(found.facts)):
        assert [len(told[name]) for name in DOCUMENT] == [
            len(scenario.criteria), len(scenario.indicators), len(scenario.observed), len(scenario.questions)
        ]  # fmt: skip
        assert all(c["places"] == [] for c in told["criteria"]), "nothing opens, nobody has answered"
        assert told["balance"] == []
