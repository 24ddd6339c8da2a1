"""The Tuyên Quang file says what the plan of 2020 says, and its answers stand still: cover and travel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import planner
from optimization.solution import Status
from planner import geography
from planner.exploring import Asked, ask
from planner.plan import Evaluation, Plan
from scenarios.figures import AskedOf
from scenarios.reading import FOLDER, changed, load, written
from scenarios.rules import ParentWithinReach, Quota
from scenarios.schema import ASSUMED, Scenario

ASKED = load(FOLDER / "tuyen_quang_2020.yaml")
DISTRICTS = {"070", "071", "072", "073", "074", "075", "076"}
COVERED = (225, 290, 352, 406, 456, 498)
"""Of 1,000 registered persons (by the estimate) within 30 minutes of methadone with 0 to 5 further points."""

ANSWERS = {
    ("how_many", "none"): 225,
    ("how_many", "five"): 498,
    ("standard", "minutes_45"): 467,
    ("standard", "minutes_60"): 618,
    ("existing", "city_only"): 245,
    ("existing", "chiem_hoa_too"): 345,
    ("opioid_share", "half"): 290,
    ("take_home", "three_days"): 290,
}
"""Of 1,000 registered persons within reach, by question and answer."""


def answered(question: str, option: str) -> Scenario:
    return changed(ASKED, ASKED.questions[question].options[option].patch)


def planned(scenario: Scenario) -> Plan:
    found = planner.run(scenario)
    assert isinstance(found, Plan)
    assert found.report.status is Status.OPTIMAL
    return found


def within_reach(plan: Plan) -> float:
    """Registered persons within reach of methadone, of 1,000."""
    methadone = plan.coverage[plan.coverage["service"] == "methadone"]
    return 1000 * float(methadone["served"].sum()) / float(methadone["demand"].sum())


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planned(ASKED)


# --- what the document says ----------------------------------------------------------------------


def test_no_count_is_claimed() -> None:
    persons = ASKED.registered_persons
    assert persons.by_group.keys() == DISTRICTS
    assert {group.persons for group in persons.by_group.values()} == {None}
    assert (persons.total.value, persons.total.source) == (1000, "estimate")
    assert isinstance(persons.missing_counts, AskedOf)
    paths = {a.path for a in ASKED.assumptions()}
    assert {("registered_persons", "total"), ("registered_persons", "missing_counts")} <= paths


def test_what_exists_is_marked_as_assumed() -> None:
    places = ASKED.premises.named
    assert places["methadone_city"].source in ASSUMED
    assert places["methadone_son_duong"].source in ASSUMED
    assert all("giả định" in places[key].name for key in ("methadone_city", "methadone_son_duong"))
    assert places["provincial_facility"].source == "tuyen_quang_2020 §II.2"
    assert places["provincial_facility"].commune_source == "estimate"


def test_two_satellites_of_the_provincial_facility() -> None:
    two, parent = ASKED.rules["two_satellites"], ASKED.rules["satellites_of_facility"]
    assert isinstance(two, Quota)
    assert isinstance(parent, ParentWithinReach)
    assert (two.kinds, two.opened_in, two.exactly) == (("satellite",), "2020", 2)
    assert (parent.kind, parent.parents) == ("satellite", ("centre",))
    assert ASKED.premises.named["provincial_facility"].existing == ("centre",)


def test_zero_to_five_further_points_are_a_question() -> None:
    rule = ASKED.rules["further_points"]
    assert isinstance(rule, Quota)
    options = [
        answered("how_many", name).rules["further_points"] for name in ASKED.questions["how_many"].options
    ]
    assert sorted({rule.at_most, *(o.at_most for o in options if isinstance(o, Quota))}, key=int) == [
        *range(6)
    ]


def test_conditions_of_the_document_decide_by_premises() -> None:
    deciding = {name for name, c in ASKED.criteria.items() if c.decides}
    assert deciding == {"conditions_met", "secure_storage"}
    assert all(not c.answers for c in ASKED.criteria.values())
    assert all(ASKED.criteria[name].concerns == "premises" for name in deciding)


def test_everybody_is_to_be_treated_and_nobody_takes_doses_home() -> None:
    assert ASKED.balance is not None
    assert ASKED.balance.goals["2020"].treated_share == 1
    visits = ASKED.services["methadone"].visits_per_year
    assert visits is not None
    assert visits.value == 365


def test_reports_are_due_twice_a_year() -> None:
    assert ASKED.proposal is not None
    due = [r.due.vi for r in ASKED.proposal.reports.values() if r.due]
    assert due == ["Trước ngày 20 tháng 6", "Trước ngày 20 tháng 12"]
    assert len(ASKED.proposal.recipients) == 10


def test_known_issues_are_carried() -> None:
    assert {
        "annex_rows_lost",
        "point_level_not_stated",
        "existing_not_named",
        "persons_and_episodes",
        "no_counts",
    } <= set(ASKED.known_issues)


def test_every_figure_stands_beside_its_source() -> None:
    def unsourced(value: Any, path: tuple[Any, ...] = (), sourced: bool = False) -> list[tuple[Any, ...]]:
        if isinstance(value, dict):
            inside = sourced or "source" in value
            return [p for key, inner in value.items() for p in unsourced(inner, (*path, key), inside)]
        if isinstance(value, list):
            return [p for n, inner in enumerate(value) for p in unsourced(inner, (*path, n), sourced)]
        return (
            [path] if isinstance(value, int | float) and not isinstance(value, bool) and not sourced else []
        )

    assert unsourced(ASKED.data) == []


def test_the_written_file_is_the_same_scenario(tmp_path: Any) -> None:
    path = tmp_path / "written.yaml"
    path.write_text(written(ASKED), encoding="utf-8")
    assert load(path).model_dump() == ASKED.model_dump()


@pytest.mark.parametrize(
    ("question", "option"),
    [(q, o) for q, question in ASKED.questions.items() for o in question.options],
)
def test_every_answer_gives_a_scenario(question: str, option: str) -> None:
    assert answered(question, option) != ASKED


# --- golden figures ------------------------------------------------------------------------------


def test_no_trip_lies_on_the_edge_of_a_standard() -> None:
    """So that no rounding of another machine moves a commune in or out of reach."""
    minutes = geography.places(ASKED).minutes
    standards = {k.standard_minutes.value for k in ASKED.kinds.values() if k.standard_minutes} | {45.0}
    assert min(float(np.abs(minutes - s).min()) for s in standards) > 1e-5


def test_the_curve_from_zero_to_five_points() -> None:
    sheet = ask(ASKED, "curve", Asked())
    at = {name: n for n, name in enumerate(sheet.columns)}
    first = sheet.rows[: len(COVERED)]
    assert [row[at["points"]] for row in first] == list(range(len(COVERED)))
    assert [round(1000 * float(str(row[at["share"]]))) for row in first] == list(COVERED)
    assert {row[at["status"]] for row in first} == {"optimal"}
    assert all(row[at["instead"]] for row in first[1:])  # where each next point goes is said
    assert float(str(sheet.rows[-1][at["share"]])) == pytest.approx(1.0)


@pytest.mark.parametrize(("question", "option"), ANSWERS)
def test_each_answer_reaches_so_many(question: str, option: str) -> None:
    assert within_reach(planned(answered(question, option))) == pytest.approx(ANSWERS[question, option])


def test_the_plan_reaches_so_many_in_such_trips(plan: Plan) -> None:
    assert within_reach(plan) == pytest.approx(COVERED[1])
    cover, near, travel = plan.report.levels
    assert cover.value == pytest.approx(COVERED[1] * 0.842)
    assert near.value == pytest.approx(642)
    assert travel.value / (cover.value * 365 * 2) == pytest.approx(13.1, abs=0.05)  # minutes a trip


def test_the_satellites_hang_on_the_provincial_facility(plan: Plan) -> None:
    satellites = plan.facilities[plan.facilities["kind"] == "satellite"]
    assert len(satellites) == 2
    assert all("provincial_facility" in parent for parent in satellites["parent"])


def test_the_document_leaves_the_best_plan_open() -> None:
    found = planner.evaluate(ASKED)
    assert isinstance(found, Evaluation)
    assert found.ratio == pytest.approx(1.0)


def test_the_ranking_of_districts() -> None:
    """Gains of one point in each district, of 1,000 registered persons; places by name are not held fast."""
    sheet = ask(ASKED, "ranking", Asked())
    districts = sheet.rows[: len(DISTRICTS)]
    gains = [round(1000 * float(str(row[sheet.columns.index("share")]))) for row in districts]
    assert gains == [65, 62, 58, 52, 50, 35, 30]
