"""The four plans and what stands beside them, each computed once."""

from __future__ import annotations

from functools import cache

import planner
from exports.contents import ALONE, Beside, Contents, Edition, contents_of
from planner import kept, variants
from planner.plan import Plan
from scenarios.reading import FOLDER, load
from text import Lang

NAMES = ("can_tho_2018_2020", "dong_nai_to_2020", "tuyen_quang_2020", "national_2012_2015")
EARLY = ("26017", "26113", "26149", "26182", "26218", "26281", "26305", "26356", "26392", "26425", "26497")
LATE = ("26113", "26149", "26182", "26218", "26281", "26305", "26356", "26374", "26410", "26425", "26488")
AGAIN = ("26023", "26092", "26410", "26479")
NAMED = {
    "aids_centre": ("treatment",), "bien_hoa_hospital": ("treatment", "voluntary", "counselling"),
    "labour_centre": ("voluntary_centre",), "long_khanh": ("treatment", "counselling"),
    "long_thanh": ("treatment",),
}  # fmt: skip
"""Where the plan of Đồng Nai opens what: found once, for the search takes too long for a test."""


def _dong_nai() -> kept.Known:
    first, second = {"2014-2015": 1}, {"2016-2020": 1}
    opened = {f"{place}:{kind}": first for place, kinds in NAMED.items() for kind in kinds}
    opened |= {f"tyt-{code}:community_detox": first for code in EARLY}
    opened |= {f"tyt-{code}:community_detox": second for code in AGAIN}
    opened |= {f"tyt-{code}:counselling": second for code in LATE}
    return kept.Known(opened)


@cache
def planned(name: str) -> tuple[Plan, Beside]:
    """The plan `name`; Cần Thơ with its published order and a simpler way beside it."""
    scenario = load(FOLDER / f"{name}.yaml")
    if name == "dong_nai_to_2020":
        return kept.brought_back(scenario, _dong_nai()), ALONE
    if name != "can_tho_2018_2020":
        plan = planner.run(scenario)
        assert isinstance(plan, Plan)
        return plan, ALONE
    found = planner.evaluate(scenario)
    assert found.optimal is not None
    others = variants.found(
        scenario, ("official", "greedy"), optimum=found.optimal, evaluation=found
    ).variants
    return found.optimal, Beside(evaluation=found, options=others)


@cache
def contents(name: str, edition: Edition = "internal", lang: Lang = "vi") -> Contents:
    """What a file about it holds."""
    plan, beside = planned(name)
    return contents_of(plan, edition=edition, lang=lang, beside=beside)
