"""The Cần Thơ plan from its file to a verified rollout."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import planner
from errors import DataError, ScenarioError
from optimization.solution import Status
from planner.plan import Diagnosis, Evaluation, Plan
from planner.run import digest
from scenarios.reading import FOLDER, changed, load
from tables import COLUMNS, TABLES

BUDGETS = {"2018": 338_000_000, "2019": 1_237_200_000, "2020": 1_061_800_000}  # can_tho_2018_2020 §IV


class TestPlan:
    def test_it_is_proved(self, plan: Plan) -> None:
        assert plan.report.status is Status.OPTIMAL
        assert all(level.gap == pytest.approx(0, abs=1e-9) for level in plan.report.levels)

    def test_quotas_of_the_document(self, plan: Plan) -> None:
        counselling = plan.counts[plan.counts["kind"] == "counselling"]
        assert counselling["opened"].tolist() == [2, 6, 1]

    def test_one_point_in_each_district(self, plan: Plan) -> None:
        points = plan.facilities[plan.facilities["kind"] == "counselling"]
        assert sorted(points["group"]) == sorted(plan.scenario.registered_persons.by_group)

    def test_every_point_sits_at_a_methadone_site(self, plan: Plan) -> None:
        points = plan.facilities[plan.facilities["kind"] == "counselling"]
        hosts = plan.facilities[plan.facilities["service"] == "methadone"].set_index("premises")
        order = ["", *plan.scenario.stages]
        for point in points.itertuples():
            host = hosts.loc[[point.premises]].iloc[0]
            assert order.index(host["opened_stage"]) <= order.index(point.opened_stage)
            assert point.host_kind in ("treatment", "dispensing")

    def test_costs_equal_the_budgets_to_the_dong(self, plan: Plan) -> None:
        assert dict(zip(plan.stages["stage"], plan.stages["cost_vnd"], strict=True)) == BUDGETS
        assert dict(zip(plan.stages["stage"], plan.stages["budget_vnd"], strict=True)) == BUDGETS

    def test_counts_are_kept(self, plan: Plan) -> None:
        by_group = plan.facts.communes.groupby("group")["persons"].sum()
        assert by_group.to_dict() == {
            g: c.persons for g, c in plan.scenario.registered_persons.by_group.items()
        }
        assert plan.facts.communes["persons"].sum() == 2630
        assert plan.facts.communes["persons_estimated"].all()

    def test_three_numbers_add_up(self, plan: Plan) -> None:
        for frame in (plan.access, plan.coverage, plan.group_coverage):
            parts = frame[["served", "no_capacity", "out_of_reach"]].sum(axis=1)
            np.testing.assert_allclose(parts, frame["demand"])
        assert plan.coverage["demand"].tolist() == [2630.0] * 3

    def test_objective_equals_the_tables(self, plan: Plan) -> None:
        cover, travel = plan.report.levels
        assert plan.coverage["served"].sum() == pytest.approx(cover.value)
        minutes = (plan.allocation["persons"] * plan.allocation["minutes"]).sum() * 2 * 24
        assert minutes == pytest.approx(travel.value)

    def test_methadone_cover_is_not_invented(self, plan: Plan) -> None:
        assert set(plan.coverage["service"]) == {"counselling"}
        asked = {a.field for a in plan.facts.assumptions if a.source == "required"}
        assert asked == {"services.methadone.suited_share", "services.methadone.uptake"}

    def test_nobody_is_served_beyond_the_standard(self, plan: Plan) -> None:
        assert plan.allocation["minutes"].max() <= 30
        unserved = plan.access[(plan.access["served"] == 0) & (plan.access["demand"] > 0)]
        assert (unserved["minutes"].isna() | (unserved["minutes"] > 30)).all()

    def test_rules_are_kept_and_sourced(self, plan: Plan) -> None:
        assert plan.rules["kept"].all()
        named = plan.rules[plan.rules["rule"].isin(plan.scenario.rules)]
        assert (named["source"] != "").all()

    def test_tables_have_their_columns(self, plan: Plan) -> None:
        for name, columns in TABLES.items():
            frame = (
                plan.facts.communes.drop(columns="geometry") if name == "communes" else getattr(plan, name)
            )
            assert list(frame.columns) == list(columns)
            assert all(str(frame[c].dtype) == COLUMNS[c].dtype for c in columns)

    def test_communes_have_polygons(self, plan: Plan) -> None:
        communes = plan.facts.communes
        assert len(communes) == 80
        assert communes.crs.to_epsg() == 4326
        assert communes.geometry.is_valid.all()
        assert not communes.geometry.is_empty.any()
        assert plan.facts.boundaries_approximate

    def test_same_input_same_plan(self, plan: Plan) -> None:
        again = planner.run(load(FOLDER / "can_tho_2018_2020.yaml"))
        assert isinstance(again, Plan)
        pd.testing.assert_frame_equal(again.facilities, plan.facilities)
        assert again.facts.provenance == plan.facts.provenance


class TestDiagnosis:
    def test_the_two_rules_that_clash(self, diagnosis: Diagnosis) -> None:
        assert {(r.rule, r.part, r.source) for r in diagnosis.clash} == {
            ("one_per_district", "925", "can_tho_2018_2020 §III.1"),
            ("at_methadone_site", "925", "can_tho_2018_2020 §III.1"),
        }
        assert all("Cờ Đỏ" in r.text.vi for r in diagnosis.clash)

    def test_the_fact_behind_it(self, diagnosis: Diagnosis) -> None:
        assert any("Cờ Đỏ" in fact.vi and "methadone" in fact.vi for fact in diagnosis.because)

    def test_the_first_remedy_is_a_dispensing_point_in_co_do(self, diagnosis: Diagnosis) -> None:
        first = diagnosis.remedies[0]
        assert first.patch["kinds"]["dispensing"]["offered"].keys() == {"925"}
        assert "Cờ Đỏ" in first.text.vi
        assert "2020" in first.text.vi

    def test_every_remedy_works(self, diagnosis: Diagnosis) -> None:
        assert len(diagnosis.remedies) >= 2
        for remedy in diagnosis.remedies:
            relaxed = planner.run(changed(diagnosis.scenario, remedy.patch))
            assert isinstance(relaxed, Plan), remedy.text.en
            assert relaxed.report.levels[0].value == pytest.approx(remedy.value)

    def test_the_shipped_resolution_is_the_first_remedy_in_2020(
        self, diagnosis: Diagnosis, plan: Plan
    ) -> None:
        patch = {"kinds": {"dispensing": {"offered": {"925": {"from_stage": "2020", "source": "user"}}}}}
        relaxed = planner.run(changed(changed(diagnosis.scenario, diagnosis.remedies[0].patch), patch))
        assert isinstance(relaxed, Plan)
        assert relaxed.report.levels == plan.report.levels


class TestEvaluation:
    def test_the_known_optimum(self, evaluation: Evaluation) -> None:
        assert evaluation.presence_official == 815 + 2533 + 2630
        assert evaluation.presence_best == 6532
        assert evaluation.presence_ratio == pytest.approx(0.915, abs=5e-4)

    def test_official_costs_equal_the_budgets(self, evaluation: Evaluation) -> None:
        assert evaluation.cost_vnd == BUDGETS

    def test_score_lies_between_its_bounds(self, evaluation: Evaluation) -> None:
        assert evaluation.worst is not None
        assert evaluation.mean is not None
        assert evaluation.best is not None
        assert evaluation.optimum is not None
        assert evaluation.worst <= evaluation.mean <= evaluation.best <= evaluation.optimum.value

    def test_official_plan_opens_what_the_document_says(self, evaluation: Evaluation) -> None:
        assert evaluation.official is not None
        points = evaluation.official.facilities
        points = points[points["kind"] == "counselling"]
        assert evaluation.facts.scenario.official is not None
        document = {(o.group, o.stage) for o in evaluation.facts.scenario.official.openings}
        assert set(zip(points["group"], points["opened_stage"], strict=True)) == document

    def test_exchanges_balance(self, evaluation: Evaluation) -> None:
        assert {x.group for x in evaluation.exchanges if x.official_stage != x.optimal_stage}
        gains = {x.group: x.gain for x in evaluation.exchanges}
        assert evaluation.optimum is not None
        assert evaluation.best is not None
        assert sum(gains.values()) == pytest.approx(evaluation.optimum.value - evaluation.best)

    def test_as_written_is_scored_without_an_optimum(self) -> None:
        found = planner.evaluate(load(FOLDER / "can_tho_2018_2020_as_written.yaml"))
        assert found.presence_official == 5978
        assert found.presence_best is None
        assert found.optimum is None
        assert found.diagnosis is not None
        assert found.cost_vnd == BUDGETS


class TestScenarioAgainstPlaces:
    @pytest.mark.parametrize(
        ("patch", "code"),
        [
            ({"registered_persons": {"by_group": {"916": None, "999": {"name": "Quận Lạ", "persons": 825,
              "source": "user"}}}}, "plan.unknown_group"),
            ({"registered_persons": {"by_group": {"916": {"name": "Quận Hai"}}}}, "plan.group_name"),
            ({"premises": {"named": {"cai_rang": {"commune": "99999", "commune_source": "user"}}}},
             "plan.unknown_commune"),
        ],
    )  # fmt: skip
    def test_codes_must_be_in_the_list(self, patch: dict[str, object], code: str) -> None:
        scenario = load(FOLDER / "can_tho_2018_2020_as_written.yaml")
        if "999" in str(patch) and code == "plan.unknown_group":
            patch |= {"official": None}
        with pytest.raises(ScenarioError) as why:
            planner.run(changed(scenario, patch))
        assert code in {p.code for p in why.value.problems}
        assert "can_tho_2018_2020_as_written.yaml:" in why.value.say("vi")


def test_digest_knows_content_not_layout() -> None:
    scenario = load(FOLDER / "can_tho_2018_2020.yaml")
    assert digest(scenario) == digest(load(FOLDER / "can_tho_2018_2020.yaml"))
    assert digest(
        changed(scenario, {"registered_persons": {"growth": {"value": 0.03, "source": "user"}}})
    ) != digest(scenario)


@pytest.mark.parametrize("count", [900, 10])
def test_a_group_whose_communes_do_not_fit_is_told_with_its_place_in_the_file(count: int) -> None:
    """Too many persons in the communes of a group, or too few where all of them have a count."""
    scenario = load(FOLDER / "can_tho_2018_2020.yaml")
    listed = planner.facts(scenario).communes
    inside = listed.loc[listed["group"] == "916", "commune_code"].tolist()
    given = {inside[0]: count, **({} if count == 900 else dict.fromkeys(inside[1:], 0))}
    counts = {"source": "user", "persons": given}
    with pytest.raises(DataError) as why:
        planner.facts(changed(scenario, {"registered_persons": {"by_commune": counts}}))
    (problem,) = why.value.problems
    assert "can_tho_2018_2020" in problem.where
    assert problem.where.endswith("registered_persons.by_group.916")
    assert "916 Quận Ninh Kiều" in problem.say("vi")
