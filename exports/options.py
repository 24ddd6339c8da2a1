"""What stands beside a plan: the time before it, other ways, who gains by it, the staff it takes.

Tables for ``exports.contents``.  Those named in `HELPERS` are only for ``geo.privacy`` to compute from and
stand in no file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo import privacy
from geo import privacy_options as sums
from planner.plan import Evaluation, Plan
from planner.variants import OFFICIAL, Variant
from scenarios.schema import Scenario
from tables import records
from text import Lang, say

REACH = 1e-9
"""Minutes by which a trip may seem to miss a standard that it keeps."""
CHOSEN, BEST = "plan", "best"
"""Ids among the options: of the plan itself, and of the best one where that is another."""
HELPERS = frozenset({"options_access", "options_groups"})
"""Tables that only ``geo.privacy`` needs."""

PERSONS = ["demand", "served", "no_capacity", "out_of_reach"]


class Option(NamedTuple):
    """A plan among those that are compared."""

    id: str
    label: str
    note: str
    plan: Plan


def options(
    plan: Plan, evaluation: Evaluation | None, further: Sequence[Variant], lang: Lang
) -> list[Option]:
    """The plan itself, the published order and the others, each once; empty where there is only the plan.

    Beside a plan that the search did not find stands the best one.
    """
    found = [Option(v.name, v.label.say(lang), v.note.say(lang) if v.note else "", v.plan) for v in further]
    official = plan.scenario.official
    scored = evaluation.official if evaluation else None
    if official and scored and all(option.id != OFFICIAL for option in found):
        found.insert(0, Option(OFFICIAL, official.label.text.say(lang), "", scored))
    if plan.report.way and evaluation and evaluation.optimal:
        found.insert(0, Option(BEST, say("compare.choice.best", lang), "", evaluation.optimal))
    return [Option(CHOSEN, "", "", plan), *found] if found else []


def tables(
    plan: Plan, evaluation: Evaluation | None, further: Sequence[Variant], lang: Lang
) -> dict[str, pd.DataFrame]:
    """`before`, `before_coverage`, `before_groups`, and what there is of `options`, `options_coverage`,
    `exchanges`, `gains`, `presence` and `staffing`, with the helpers.
    """
    before = reached(plan.scenario, plan.before)
    found = {
        "before": before,
        "before_coverage": _cover(before, ["service", "stage"]),
        "before_groups": _by_group(plan, before),
        "staffing": _staffing(plan, lang),
    }
    compared = options(plan, evaluation, further, lang)
    if compared:
        found |= {
            "options": _options(compared),
            "options_coverage": pd.concat(map(_last_coverage, compared), ignore_index=True),
            "options_access": pd.concat(map(_access, compared), ignore_index=True),
            "options_groups": pd.concat(map(_groups, compared), ignore_index=True),
            "gains": _gains(compared),
        }
    if evaluation is not None:
        found["presence"] = _presence(evaluation, lang)
    if evaluation is not None and evaluation.moved and not plan.report.way:  # they lead to the best plan
        found["exchanges"] = pd.DataFrame(
            {"exchange": [x.text.say(lang) for x in evaluation.moved]}, dtype="str"
        )
    return {name: frame for name, frame in found.items() if len(frame)}


def reached(scenario: Scenario, access: pd.DataFrame) -> pd.DataFrame:
    """`access` with `within_reach`: whether those of a commune who need the service are near an open point.

    Near is within the standard of its kind.  Where nobody needs it, whether the nearest point is near.
    """
    standards = {
        name: math.inf if kind.standard_minutes is None else kind.standard_minutes.value
        for name, kind in scenario.kinds.items()
    }
    kinds = access["facility"].str.rsplit(":", n=1).str[-1]
    near = np.isfinite(access["minutes"]) & (access["minutes"] <= kinds.map(standards).astype(float) + REACH)
    there = access["served"] + access["no_capacity"] > privacy.TINY
    return access.assign(within_reach=there.where(access["demand"] > privacy.TINY, near).astype(bool))


def _cover(access: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    found = access.groupby(keys, sort=False)[PERSONS].sum().reset_index()
    return found.assign(share=found["served"] / found["demand"].where(found["demand"] > 0))


def _by_group(plan: Plan, access: pd.DataFrame) -> pd.DataFrame:
    """Cover of each group, in the order of the scenario."""
    of = plan.facts.communes.set_index("commune_code")
    order = list(plan.scenario.registered_persons.by_group)
    rows = access.join(of[["group", "group_name"]], on="commune_code")
    found = _cover(rows, ["group", "group_name", "service", "stage"])
    at = found["group"].map({code: n for n, code in enumerate(order)})
    return found.assign(at=at).sort_values("at", kind="stable").drop(columns="at").reset_index(drop=True)


# --- options -------------------------------------------------------------------------------------


def first_service(plan: Plan) -> str:
    """The service that the first objective is about."""
    return plan.scenario.objectives[0].service


def plan_years(plan: Plan) -> dict[str, int]:
    """Years of each stage."""
    return dict(zip(plan.stages["stage"], plan.stages["years"].astype(int), strict=True))


def _options(compared: Sequence[Option]) -> pd.DataFrame:
    rows = []
    for one in compared:
        report, stages, years = one.plan.report, one.plan.stages, plan_years(one.plan)
        level = report.levels[0] if report.levels else None
        priced = any(kind.cost for kind in one.plan.scenario.kinds.values())
        rows.append(
            {
                "variant_id": one.id,
                "variant": one.label,
                "note": one.note,
                "opened": int(stages["opened"].sum()),
                "cost_vnd": float(stages["cost_vnd"].sum()) if priced else math.nan,
                "objective": level.name if level else "",
                "value": level.value if level else math.nan,
                "service": first_service(one.plan),
                "person_years": sums.person_years(one.plan.access, years, first_service(one.plan)),
                "presence": sums.group_presence(one.plan.group_coverage, years, first_service(one.plan)),
                "status": report.way or report.status.value,
                "gap": report.loosest.gap if report.levels else math.nan,
            }
        )
    frame = pd.DataFrame(rows)
    best = frame["person_years"].iloc[0]
    return frame.assign(of_best=frame["person_years"] / best if best else math.nan)


def _presence(evaluation: Evaluation, lang: Lang) -> pd.DataFrame:
    """One row: persons registered in groups that have a point, over the years, published and at best."""
    best = evaluation.presence_best
    row = {
        "presence_official": evaluation.presence_official,
        "presence_best": math.nan if best is None else best,
        "presence_share": math.nan if evaluation.presence_ratio is None else evaluation.presence_ratio,
        "presence_drawn": evaluation.presence_drawn,
        "note": evaluation.silence.say(lang) if evaluation.silence else "",
    }
    return pd.DataFrame([row])


def _last_coverage(one: Option) -> pd.DataFrame:
    last = one.plan.stages["stage"].iloc[-1]
    mine = one.plan.coverage["stage"] == last
    return pd.DataFrame(one.plan.coverage[mine].assign(variant_id=one.id))


def _access(one: Option) -> pd.DataFrame:
    return reached(one.plan.scenario, one.plan.access).assign(variant_id=one.id)


def _groups(one: Option) -> pd.DataFrame:
    return one.plan.group_coverage.assign(variant_id=one.id)


def _gains(compared: Sequence[Option]) -> pd.DataFrame:
    """Person-years that each group gains or loses by the plan beside the published order."""
    official = next((one for one in compared if one.id == OFFICIAL), None)
    if official is None:
        return pd.DataFrame()
    years = plan_years(compared[0].plan)
    service = first_service(official.plan)
    ours, theirs = (one.plan.group_coverage for one in (compared[0], official))
    found = sums.gained(sums.by_group(ours, years, service), sums.by_group(theirs, years, service))
    names = ours.drop_duplicates("group").set_index("group")["group_name"]
    return pd.DataFrame(found.assign(group_name=found["group"].map(names).astype("str")))


# --- staff ---------------------------------------------------------------------------------------


def _staffing(plan: Plan, lang: Lang) -> pd.DataFrame:
    """Posts that the points open at the end of each stage take, where the scenario says what a kind needs."""
    return pd.DataFrame(_posts(plan, lang))


def _posts(plan: Plan, lang: Lang) -> Iterator[dict[str, object]]:
    for row in records(plan.counts):
        for post in plan.scenario.kinds[row["kind"]].staff.values():
            if row["open"]:
                yield {
                    "stage": row["stage"],
                    "kind": row["kind"],
                    "post": post.label.text.say(lang),
                    "each": post.number,
                    "opened": row["opened"],
                    "open": row["open"],
                    "staff": post.number * row["open"],
                    "source": post.source,
                }
