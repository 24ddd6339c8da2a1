"""The national file says what the plan of 2012–2015 says, and its answer stays what it is."""

from __future__ import annotations

import math

import numpy as np
import pytest

import planner
from geo import units
from optimization.solution import Status
from planner.plan import Plan
from scenarios.reading import FOLDER, changed, load
from scenarios.schema import ASSUMED
from tests.scenarios.test_can_tho import numbers

NATION = load(FOLDER / "national_2012_2015.yaml")
STAGES = ("2012", "2013", "2014", "2015")
PATIENTS = {"2012": 23750, "2013": 42500, "2014": 61250, "2015": 80000}
OPTIONS = [(q, o) for q, question in NATION.questions.items() for o in question.options]


def variant(question, option):
    return changed(NATION, NATION.questions[question].options[option].patch)


# --- what the document says ------------------------------------------------------------------------


def test_registered_persons_and_forecast():
    persons = NATION.registered_persons
    assert persons.total.value == 149_900
    assert {s: n.value for s, n in persons.forecast.items()} == {
        "2012": 165_000, "2013": 173_000, "2014": 181_000, "2015": 190_000,
    }  # fmt: skip
    assert persons.missing_counts is not None, "shares by province are the user's to give"
    assert all(group.persons is None for group in persons.by_group.values())


def test_each_of_the_63_provinces_is_a_place_with_room_for_many_points():
    listed: dict[str, str] = dict(units.provinces("2025-01").itertuples(index=False))
    assert {code: group.name for code, group in NATION.registered_persons.by_group.items()} == listed
    assert {place.commune: place.name for place in NATION.premises.named.values()} == listed
    assert len(listed) == 63
    assert all(NATION.premises.room(key, "treatment") == 100 for key in NATION.premises.named)


def test_thirty_sites_in_nine_provinces_of_which_nobody_claims_to_know_the_names():
    standing = [place for place in NATION.premises.named.values() if place.standing("treatment")]
    assert len(standing) == 9
    assert sum(place.standing("treatment") for place in standing) == 30
    assert {place.existing_points["treatment"].source for place in standing} == {"estimate"}
    assumed = {a.path for a in NATION.assumptions()}
    assert sum("existing_points" in path for path in assumed) == 9


def test_the_target_is_eighty_thousand_patients_of_those_with_opioid_dependence():
    methadone = NATION.services["methadone"]
    opioid = 190_000 * methadone.demand_share
    assert opioid == pytest.approx(160_000, abs=1)
    target = NATION.rules["patients_2015"]
    assert (target.stage, target.hard) == ("2015", True)
    assert target.share * opioid == pytest.approx(80_000, abs=1)
    assert NATION.kinds["treatment"].capacity.value == math.ceil(5_000 / 30)


def marks(scenario):
    """Patients of each stage that the shares of the provinces stand for."""
    share = scenario.services["methadone"].demand_share
    forecast = scenario.registered_persons.forecast
    return {s: scenario.rules[f"fair_{s}"].share * forecast[s].value * share for s in STAGES
            if f"fair_{s}" in scenario.rules}  # fmt: skip


def test_the_path_is_even_and_marked_as_an_estimate():
    assert marks(NATION) == pytest.approx(PATIENTS, abs=1)
    assert all(NATION.rules[f"fair_{s}"].source == "estimate" for s in STAGES)
    steps = np.diff([5_000, *PATIENTS.values()])
    assert len(set(steps)) == 1


@pytest.mark.parametrize(("question", "option"), [("", ""), *OPTIONS])
def test_points_follow_from_patients_and_capacity(question, option):
    """In every answer to every question as many points as the patients need, in quotas and official order."""
    scenario = variant(question, option) if question else NATION
    capacity = scenario.kinds["treatment"].capacity.value
    opened, total = {o.stage: o.count for o in scenario.official.openings}, 30
    for stage, patients in marks(scenario).items():
        quota = scenario.rules.get(f"points_{stage}")
        if question == "path" and option == "only_2015" and stage != "2015":
            assert quota is None
            continue
        assert quota.at_most == math.ceil((patients - 2) / capacity)
    for stage in STAGES:
        total += opened[stage]
        if f"points_{stage}" in scenario.rules:
            assert total == scenario.rules[f"points_{stage}"].at_most
    assert marks(scenario)["2015"] == pytest.approx(80_000, abs=2)
    assert scenario.rules["patients_2015"].share == scenario.rules["fair_2015"].share


def test_the_official_openings_do_not_say_where():
    assert all(o.anywhere and o.source == "inferred" for o in NATION.official.openings)
    counts: list[int] = [o.count for o in NATION.official.openings]
    assert sum(counts) == 450


def test_targets_that_sites_do_not_decide_are_balance_and_indicators():
    goal = NATION.balance.goals["2015"]
    assert (goal.treated_share, goal.community_share) == (0.9, 0.5)
    assert NATION.balance.besides == ("methadone",)
    assert set(NATION.indicators["voluntary_growth"].goals.values()) == {0.1}
    wanted = {
        "job_counselling": 1.0,
        "job_training": 0.7,
        "jobs": 0.3,
        "aftercare": 1.0,
        "staff_trained": 1.0,
    }
    assert {name: NATION.indicators[name].goals["2015"] for name in wanted} == wanted


def test_contradictions_are_carried():
    assert {
        "two_dates", "sum_of_episodes", "lost_words", "jump_to_2012", "persons_and_episodes", "no_path",
        "base_of_ninety", "everybody_treated", "nine_not_named", "relapse_unit", "funding_years",
    } <= set(NATION.known_issues)  # fmt: skip


def test_what_happened_is_cited():
    assert all(seen.source.startswith("literature: ") for seen in NATION.observed.values())
    assert NATION.observed["cited_2015"].points == 239


def test_every_figure_stands_beside_its_source():
    found = {path: sourced for path, sourced in numbers(NATION.data) if path[0] != "questions"}
    assert len(found) > 50
    assert [path for path, sourced in found.items() if not sourced] == []


# --- the answer --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plan():
    answer = planner.run(NATION)
    assert isinstance(answer, Plan)
    return answer


def by_stage(plan, column):
    return dict(zip(plan.coverage["stage"], plan.coverage[column], strict=True))


def test_it_is_proved(plan):
    assert plan.report.status is Status.OPTIMAL
    assert [level.gap for level in plan.report.levels] == [0.0, 0.0, 0.0]
    missing, opened, worst = (level.value for level in plan.report.levels)
    assert opened == 450
    assert missing == pytest.approx(5_301, abs=2)
    assert worst == pytest.approx(1.1512, abs=1e-3)


def test_points_and_patients_by_year(plan):
    counts = plan.counts[plan.counts["kind"] == "treatment"]
    assert list(counts["open"]) == [143, 255, 367, 480]
    assert list(counts["opened"]) == [113, 112, 112, 113]
    served = by_stage(plan, "served")
    assert {s: round(n) for s, n in served.items()} == {
        "2012": 23_881, "2013": 42_585, "2014": 61_289, "2015": 80_160,
    }  # fmt: skip
    assert served["2015"] >= 80_000
    assert set(by_stage(plan, "out_of_reach").values()) == {0.0}


def test_every_province_has_its_part(plan):
    shares = plan.group_coverage.assign(share=lambda t: t["served"] / t["demand"]).groupby("stage")["share"]
    assert set(shares.count()) == {63}
    assert shares.min().round(3).to_dict() == {"2012": 0.125, "2013": 0.238, "2014": 0.342, "2015": 0.446}
    assert (shares.min() > 0).all(), "a point in each of the 63 from the first year on"


def test_what_no_rule_forbids_is_seen(plan):
    """The soft targets of single provinces cannot all be met: a point is whole."""
    missed = {row.rule for row in plan.targets.itertuples() if not row.met}
    assert missed == {f"fair_{s}" for s in STAGES}
    assert plan.targets.loc[plan.targets["rule"] == "patients_2015", "met"].all()


def test_the_users_counts_take_the_place_of_the_estimate(plan):
    """Two provinces counted: their numbers stand, the others share the rest of the nation's."""
    patch = {"registered_persons": {"by_commune": {"persons": {"11": 9000, "79": 12000}, "source": "user"}}}
    places = planner.facts(changed(NATION, patch)).communes.set_index("commune_code")
    assert tuple(places.loc[["11", "79"], "persons"]) == (9000, 12000)
    assert not places.loc[["11", "79"], "persons_estimated"].any()
    assert places["persons"].sum() == 149_900
    assert places["persons_estimated"].sum() == 61


def test_what_is_assumed_is_listed(plan):
    sources = {a.source for a in plan.facts.assumptions}
    assert {"inferred", "estimate", "required"} <= sources <= ASSUMED | {"required"}
    assert "registered_persons.missing_counts" in {a.field for a in plan.facts.assumptions}
