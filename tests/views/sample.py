"""A small plan made by hand: three square communes in each district, one point in the middle one.

It has the shape of a solved plan and none of its cost, so that screens are tested without places and solver.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from shapely.geometry import box

from optimization.solution import Level, Status
from planner.plan import (
    Assumption,
    ClashingRule,
    Diagnosis,
    Evaluation,
    Exchange,
    Facts,
    FreePhasing,
    Gain,
    Plan,
    Remedy,
    Seen,
    SolveReport,
)
from scenarios import reading
from scenarios.schema import Scenario
from tables import shaped
from text import Text

HERE = {"916": "2018", "923": "2018"}
OFFICIAL = {"917": "2018", "923": "2018"}
COST = {"2018": 338_000_000, "2019": 1_237_200_000, "2020": 1_061_800_000}
AS_WRITTEN = "can_tho_2018_2020_as_written.yaml"


def scenario(name: str = reading.SHOWN_FIRST.name) -> Scenario:
    return reading.load(reading.FOLDER / name)


def facts(of: Scenario, *, names: dict[str, str] | None = None) -> Facts:
    """Squares of 0.1°: a row a district, three communes each; `names` replaces some communes' names."""
    rows, shapes = [], []
    for y, (group, given) in enumerate(of.registered_persons.by_group.items()):
        for x in range(3):
            code = f"{group}{x}"
            shapes.append(box(105 + x / 10, 10 + y / 10, 105.1 + x / 10, 10.1 + y / 10))
            rows.append({
                "commune_code": code, "commune": (names or {}).get(code, f"Xã {code}"), "commune_type": "Xã",
                "group": group, "group_name": given.name, "lat": 10.05 + y / 10, "lon": 105.05 + x / 10,
                "persons": float(given.persons // 3 + (x < given.persons % 3)), "persons_estimated": True,
            })  # fmt: skip
    communes = gpd.GeoDataFrame(shaped("communes", rows), geometry=shapes, crs="EPSG:4326")
    assumptions = tuple(
        Assumption(".".join(map(str, a.path)), a.value, a.source, a.note) for a in of.assumptions()
    )  # fmt: skip
    return Facts(
        scenario=of,
        communes=communes,
        boundaries_approximate=True,
        boundaries_credit=Text("ranh giới gần đúng", "approximate boundaries"),
        assumptions=assumptions,
        provenance={},
    )


def plan(
    of: Scenario | None = None, early: dict[str, str] = HERE, *, names: dict[str, str] | None = None
) -> Plan:
    """Points open when `early` says, in Cờ Đỏ in 2020, elsewhere in 2019, and serve two communes in three."""
    of = of or scenario()
    known = facts(of, names=names)
    opened = {g: early.get(g, "2020" if g == "925" else "2019") for g in of.registered_persons.by_group}
    communes = list(known.communes.itertuples())
    access = shaped("access", [_access(row, stage, opened) for row in communes for stage in of.stages])
    sums = ["demand", "served", "no_capacity", "out_of_reach"]
    cover = access.groupby(["service", "stage"], sort=False)[sums].sum().reset_index()
    went = access[access["served"] > 0].assign(persons=access["served"])
    levels = (Level("max_cover", 4_711.0, 4_711.0, 0.0), Level("min_travel", 5.4e6, 5.39e6, 0.00185))
    kinds = ("dispensing", "counselling")
    sites = [_site(row, k, of, opened) for row in communes if row.commune_code.endswith("1") for k in kinds]
    rules = [
        {"rule": name, "text_vi": r.text.vi, "text_en": r.text.en, "source": r.source, "kept": True}
        for name, r in of.rules.items()
    ]
    return Plan(
        facts=known,
        facilities=shaped("facilities", sites),
        allocation=shaped("allocation", went),
        access=access,
        coverage=shaped("coverage", cover.assign(share=cover["served"] / cover["demand"])),
        group_coverage=shaped("group_coverage", []),
        stages=shaped("stages", [_stage(stage, opened) for stage in of.stages]),
        counts=shaped("counts", [_count(stage, kind, opened) for stage in of.stages for kind in kinds]),
        rules=shaped("rules", rules),
        openings=shaped("openings", [
            {**site, "stage": site["opened_stage"], "opened": 1, "upgraded_from": ""}
            for site in sites if not site["existing"]
        ]),
        report=SolveReport(Status.FEASIBLE, levels, {"build": 0.2, "solve": 1.1}, "HiGHS"),
    )  # fmt: skip


def _site(row: Any, kind: str, of: Scenario, opened: dict[str, str]) -> dict[str, object]:
    existing = kind == "dispensing"
    return {
        "facility": f"{kind} {row.group}", "premises": row.group, "premises_type": "health_station",
        "premises_name": f"Trạm y tế {row.commune}", "kind": kind, "service": of.kinds[kind].service,
        "group": row.group, "group_name": row.group_name, "commune_code": row.commune_code,
        "commune": row.commune, "lat": row.lat, "lon": row.lon, "assumed": True, "existing": existing,
        "opened_stage": "" if existing else opened[row.group], "host_kind": "", "caseload": np.nan,
        "capacity": np.nan, "parent": "",
    }  # fmt: skip


def _access(row: Any, stage: str, opened: dict[str, str]) -> dict[str, object]:
    there = stage >= opened[row.group]
    served = there and not row.commune_code.endswith("2")
    return {
        "commune_code": row.commune_code, "service": "counselling", "stage": stage, "demand": row.persons,
        "served": row.persons * served, "no_capacity": 0.0, "out_of_reach": row.persons * (not served),
        "facility": f"counselling {row.group}" if there else "", "minutes": 12.4 if there else np.nan,
    }  # fmt: skip


def _stage(stage: str, opened: dict[str, str]) -> dict[str, object]:
    new = sum(o == stage for o in opened.values())
    return {
        "stage": stage,
        "years": 1,
        "opened": new,
        "cost_vnd": COST[stage],
        "budget_vnd": float(COST[stage]),
    }


def _count(stage: str, kind: str, opened: dict[str, str]) -> dict[str, object]:
    if kind == "dispensing":
        return {"stage": stage, "kind": kind, "opened": 0, "open": len(opened)}
    new, there = (sum(test(o) for o in opened.values()) for test in (stage.__eq__, stage.__ge__))
    return {"stage": stage, "kind": kind, "opened": new, "open": there}


def evaluation(of: Scenario | None = None) -> Evaluation:
    of = of or scenario()
    best, theirs = plan(of), plan(of, OFFICIAL)
    names = {code: group.name for code, group in of.registered_persons.by_group.items()}
    return Evaluation(
        facts=best.facts, plan="official", objective="max_cover", worst=3_000.0, mean=3_900.0, best=4_100.0,
        method=Text("hai trăm cách chọn", "two hundred choices"), optimum=best.report.levels[0],
        presence_official=5_978.0, presence_best=6_532.0,
        cost_vnd=COST,
        exchanges=(
            Exchange("counselling", "916", "2019", "2018", 825.0,
                     Text(f"{names['916']}, tư vấn: mở sớm hơn, 2018 thay vì 2019",
                          f"{names['916']}, counselling: opens earlier, 2018 instead of 2019")),
            Exchange("counselling", "917", "2018", "2019", -271.0,
                     Text(f"{names['917']}, tư vấn: mở muộn hơn, 2019 thay vì 2018",
                          f"{names['917']}, counselling: opens later, 2019 instead of 2018")),
        ),
        official=theirs, optimal=best, diagnosis=None,
        gains=(Gain("916", 825.0, 3, 0, Text(f"{names['916']}: thêm 825 người-năm", "825 more")),),
        free=FreePhasing(
            level=Level("max_cover", 5_000.0, 5_000.0, 0.0), ratio=0.82, cost_vnd=COST,
            freed=(Text("Bỏ: hai điểm năm 2018.", "Dropped: two points in 2018."),),
            schedule=(Text(f"2018: 9 tư vấn ({', '.join(names.values())})", "2018: 9 counselling"),),
            openings=(("2018", "counselling", "916", "916", 1),),
        ),
        hindcast=(
            Seen("points", "counselling", "2018", "", 2.0, 2.0, 1.0,
                 Text("Một điểm mở năm 2018.", "One point opened in 2018."), "user"),
        ),
        silence=Text("Văn bản không nêu rõ nơi đặt.", "The document does not say where."),
    )  # fmt: skip


def diagnosis(of: Scenario | None = None) -> Diagnosis:
    of = of or scenario(AS_WRITTEN)
    patch = {"kinds": {"dispensing": {"offered": {"925": {"source": "user"}}}}}
    clash = tuple(ClashingRule(n, "925", of.rules[n].text.text, of.rules[n].source)
                  for n in ("one_per_district", "at_methadone_site"))  # fmt: skip
    return Diagnosis(
        facts=facts(of), clash=clash, because=(Text("Cờ Đỏ không có nơi nào", "Cờ Đỏ has none"),), further=(),
        remedies=(Remedy(Text("Mở 01 điểm cấp phát ở Cờ Đỏ", "Open one dispensing point in Cờ Đỏ"), patch,
                         "max_cover", 4_711.0),),
        seconds={"diagnosis": 0.5},
    )  # fmt: skip
