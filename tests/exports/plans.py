"""A small plan drawn by hand: twelve square communes in four districts, two services, three stages.

Its figures are computed from the counts it is given, so that plans with other counts can be laid beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from exports.contents import Beside
from optimization.solution import Level, Status
from planner.plan import Assumption, Evaluation, Facts, Plan, SolveReport
from planner.variants import Variant
from scenarios.reading import FOLDER, changed, load
from scenarios.schema import Scenario
from tables import shaped
from text import Text

COUNTS = (7, 43, 51, 0, 10, 38, 3, 5, 120, 61, 72, 88)
GROUPS = ("a", "a", "a", "b", "b", "b", "c", "c", "c", "d", "d", "d")
NAMES = (
    "Phường Cái Khế", '=HYPERLINK("http://x.invalid","Xã")', "Xã Trường Xuân A", "+84 Thới Lai", "-Đông Hiệp",
    "@SUM(A1)", "Xã Định Môn '><&\"", "Thị trấn Cờ Đỏ", "Xã Thạnh Phú", "Xã Trung Hưng", "Ấp ‹b›ữ",
    "Xã Nhơn Ái",
)  # fmt: skip
STAGES = ("2018", "2019", "2020")
SHARES = {"counselling": 1.0, "methadone": 0.35}
STANDARD = 30.0
SITES = {  # facility: (commune, stage of opening; -1 existing)
    "ninh_kieu:treatment": (2, -1),
    "thoi_lai:dispensing": (7, 1),
    "ninh_kieu:counselling": (2, 0),
    "thoi_lai:counselling": (7, 1),
    "nhon_ai:counselling": (10, 2),
}
SERVICE = {"treatment": "methadone", "dispensing": "methadone", "counselling": "counselling"}
PERSONS = ["demand", "served", "no_capacity", "out_of_reach"]


Sites = Mapping[str, tuple[int, int]]


def plan(
    counts: Sequence[float] = COUNTS, *, growth: float = 0.05, room: float = 1.0, sites: Sites | None = None
) -> Plan:
    """The plan for `counts` that opens `sites`; of those within reach the part `room` finds a place."""
    sites = SITES if sites is None else sites
    communes = _communes(counts)
    access, allocation = _access(communes, sites, growth, room)
    caseload = allocation[allocation["stage"] == STAGES[-1]].groupby("facility")["persons"].sum()
    cover = float(access["served"].sum())
    travel = float((allocation["persons"] * allocation["minutes"]).sum())
    return Plan(
        facts=_facts(communes),
        facilities=_facilities(communes, sites, caseload),
        allocation=shaped("allocation", allocation),
        access=shaped("access", access),
        coverage=shaped("coverage", _sums(access, ["service", "stage"])),
        group_coverage=shaped("group_coverage", _sums(access, ["service", "stage", "group", "group_name"])),
        stages=shaped("stages", [
            {"stage": stage, "years": 1, "opened": 1, "cost_vnd": 169_000_000, "budget_vnd": budget}
            for stage, budget in zip(STAGES, (2e8, np.nan, np.nan), strict=True)
        ]),
        counts=shaped("counts", [
            {"stage": stage, "kind": "counselling", "opened": 1, "open": 1} for stage in STAGES
        ]),
        rules=shaped("rules", [
            {"rule": "one", "text_vi": "=Mỗi quận một điểm", "text_en": "=One each",
             "source": "can_tho_2018_2020 §III.1", "kept": True}
        ]),
        targets=shaped("targets", list(_targets(access))),
        openings=shaped("openings", list(_openings(communes, sites))),
        balance=shaped("balance", list(_balance(communes, access, growth))),
        before=shaped("access", _reached(communes, sites, "", growth=0.0, room=room)[0]),
        report=SolveReport(
            status=Status.FEASIBLE,
            levels=(Level("max_cover", cover, cover * 1.01, 0.01), Level("min_travel", travel, travel, 0.0)),
            seconds={"build": 0.1, "solve": 1.25},
            solver="HiGHS",
        ),
    )  # fmt: skip


def with_before(found: Plan) -> Plan:
    """`found` with what people had before it: the existing methadone site, and nothing else."""
    first = found.access[found.access["stage"] == STAGES[0]]
    counselling = first["service"] == "counselling"
    before = first.assign(
        stage="",
        served=first["served"].mask(counselling, 0.0),
        no_capacity=first["no_capacity"].mask(counselling, 0.0),
        out_of_reach=first["out_of_reach"].mask(counselling, first["demand"]),
        facility=first["facility"].mask(counselling, ""),
        minutes=first["minutes"].mask(counselling, np.nan),
    )
    return replace(found, before=shaped("access", before))


def _communes(counts: Sequence[float]) -> gpd.GeoDataFrame:
    column, row = np.arange(12) % 3, np.arange(12) // 3
    west, south = 105.5 + 0.1 * column, 10.0 + 0.1 * row
    frame = shaped("communes", [
        {"commune_code": f"{31000 + n}", "commune": NAMES[n], "commune_type": "Xã", "group": GROUPS[n],
         "group_name": f"Huyện {GROUPS[n].upper()} Cờ Đỏ", "lat": south[n] + 0.05, "lon": west[n] + 0.05,
         "persons": counts[n], "persons_estimated": n % 2 == 0}
        for n in range(12)
    ])  # fmt: skip
    # Clockwise, as a shapefile has them: GeoJSON wants the other way round.
    squares = shapely.box(west, south, west + 0.1, south + 0.1, ccw=False)
    return gpd.GeoDataFrame(frame, geometry=squares, crs="EPSG:4326")


def _access(
    communes: gpd.GeoDataFrame, sites: Sites, growth: float, room: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows, arcs = [], []
    for stage in STAGES:
        here, there = _reached(communes, sites, stage, growth=growth, room=room)
        rows += here
        arcs += there
    return pd.DataFrame(rows), pd.DataFrame(arcs)


def _reached(
    communes: gpd.GeoDataFrame, sites: Sites, stage: str, *, growth: float, room: float
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Access of each commune in a stage, or before the first, and who goes where."""
    rows, arcs = [], []
    t, last = (STAGES.index(stage),) * 2 if stage else (0, -1)
    for service, share in SHARES.items():
        there = [(f, at) for f, (at, opened) in sites.items()
                 if SERVICE[f.split(":")[1]] == service and opened <= last]  # fmt: skip
        for n, commune in enumerate(communes.itertuples()):
            ways = [(15.0 * (abs(n % 3 - at % 3) + abs(n // 3 - at // 3)), f) for f, at in there]
            minutes, nearest = min(ways, default=(np.nan, ""))
            demand = commune.persons * share * (1 + growth) ** t
            reached = demand if minutes <= STANDARD else 0.0
            found = {"served": reached * room, "no_capacity": reached * (1 - room)}
            at = {"commune_code": commune.commune_code, "service": service, "stage": stage}
            where = {"group": commune.group, "group_name": commune.group_name}
            rows.append({**at, **where, "demand": demand, **found, "out_of_reach": demand - reached,
                         "facility": nearest, "minutes": minutes})  # fmt: skip
            if reached > 0:
                arcs.append({**at, "facility": nearest, "persons": found["served"], "minutes": minutes})
    return rows, arcs


def beside(counts: Sequence[float] = COUNTS, *, growth: float = 0.05, others: Sites) -> Beside:
    """A published order that opens the points at `others`, and the same once more as an alternative.

    It is worse by a part that hidden counts decide, and says so in its note.
    """
    theirs, ours = plan(counts, growth=growth, sites=others), plan(counts, growth=growth)
    loss = f"{theirs.report.levels[0].value / ours.report.levels[0].value:.6f}"
    variants = (
        Variant("official", Text("Theo văn bản", "As published"), theirs, None),
        Variant("alternative_1", Text("Gần bằng", "Near-equal"), theirs, Text(f"kém {loss}", f"less {loss}")),
    )
    total = float(sum(counts))
    evaluation = Evaluation(
        facts=ours.facts, plan="official", objective="max_cover", worst=None, mean=None, best=None,
        method=Text("", ""), optimum=None, presence_official=total, presence_best=3 * total, cost_vnd={},
        exchanges=(), official=theirs, optimal=ours, diagnosis=None,
    )  # fmt: skip
    return Beside(evaluation=evaluation, options=variants, by="Nguyễn Thị Lập")


def _sums(access: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    sums = access.groupby(keys, sort=False)[PERSONS].sum().reset_index()
    return sums.assign(share=sums["served"] / sums["demand"].where(sums["demand"] > 0), points=1)


def _targets(access: pd.DataFrame) -> Iterator[dict[str, object]]:
    """A soft target for all, a soft and a binding one for each group, one of treatment in the community."""
    for rule, each, hard in (("cover", False, False), ("each", True, False), ("floor", True, True)):
        mine = access[(access["service"] == "counselling") & (access["stage"] == STAGES[0])]
        parts = list(mine.groupby("group", sort=False)) if each else [("", mine)]
        for group, rows in parts:
            demand, served = float(rows["demand"].sum()), float(rows["served"].sum())
            goal = 0.0 if hard else 0.7
            short = max(0.0, goal * demand - served)
            yield {
                "rule": rule, "service": "counselling", "stage": STAGES[0], "group": group,
                "group_name": rows["group_name"].iloc[0] if group else "", "goal": goal,
                "reached": served / demand if demand else np.nan, "missing": short, "met": short == 0,
                "hard": hard,
            }  # fmt: skip
    treated = float(access.loc[access["stage"] == STAGES[0], "served"].sum())
    yield {
        "rule": "community", "service": "", "stage": STAGES[0], "group": "", "group_name": "", "goal": 0.5,
        "reached": treated / (treated + 1), "missing": 0.0, "met": True, "hard": True,
    }  # fmt: skip


def _openings(communes: gpd.GeoDataFrame, sites: Sites) -> Iterator[dict[str, object]]:
    for facility, (at, opened) in sites.items():
        if opened >= 0:
            place, (premises, kind) = communes.iloc[at], facility.split(":")
            yield {
                **{n: place[n] for n in ("group", "group_name", "commune_code", "commune")},
                "facility": facility,
                "stage": STAGES[opened], "premises": premises, "kind": kind, "opened": 1,
                "premises_name": f"=Trạm y tế {place['commune']}", "assumed": at == 7, "upgraded_from": "",
            }  # fmt: skip


def _balance(communes: gpd.GeoDataFrame, access: pd.DataFrame, growth: float) -> Iterator[dict[str, object]]:
    """Today, and the last stage: of those whom methadone does not serve 90 % treated, 25 % compulsory."""
    nobody = dict.fromkeys(("in_community", "places", "served", "missing", "places_each"), np.nan)
    yield nobody | {"stage": "", "registered": 498.0, "treated": 303.0, "compulsory": 258.0, "needed": 45.0,
                    "unstated": 0}  # fmt: skip
    last = access[access["stage"] == STAGES[-1]]
    served = {name: float(rows["served"].sum()) for name, rows in last.groupby("service")}
    base = float(communes["persons"].sum()) * (1 + growth) ** 2 - served["methadone"]
    needed = (0.9 - 0.25) * base
    yield {
        "stage": STAGES[-1], "registered": base, "treated": 0.9 * base, "compulsory": 0.25 * base,
        "needed": needed, "in_community": 0.45 * base, "places": 40.0, "unstated": 3,
        "served": served["counselling"], "missing": max(0.0, needed - served["counselling"]),
        "places_each": max(0.0, needed - 40) / 3,
    }  # fmt: skip


def _facilities(communes: gpd.GeoDataFrame, sites: Sites, caseload: pd.Series) -> pd.DataFrame:
    rows = []
    for facility, (at, opened) in sites.items():
        place, (premises, kind) = communes.iloc[at], facility.split(":")
        rows.append({
            **place[["group", "group_name", "commune_code", "commune", "lat", "lon"]].to_dict(),
            "facility": facility, "premises": premises, "premises_type": "health_station", "kind": kind,
            "premises_name": f"=Trạm y tế {place['commune']}", "service": SERVICE[kind], "assumed": at == 7,
            "existing": opened < 0, "opened_stage": "" if opened < 0 else STAGES[opened], "host_kind": "",
            "caseload": caseload.get(facility, 0.0), "capacity": np.nan, "parent": "",
        })  # fmt: skip
    return shaped("facilities", rows)


@cache
def _scenario() -> Scenario:
    standard = {"standard_minutes": {"value": STANDARD, "source": "user"}}
    target = {
        "rule": "coverage_target", "service": "counselling", "stage": STAGES[0], "share": 0.7, "hard": False,
        "source": "user",
    }  # fmt: skip

    def named(words: str) -> dict[str, object]:
        return {"text": {"vi": f"={words}", "en": f"={words}"}}

    patch = {
        "kinds": dict.fromkeys(("treatment", "dispensing", "counselling"), standard),
        "rules": {
            "cover": target | named("cover"),
            "each": target | {"each": "group"} | named("each"),
            "floor": target | {"each": "group", "share": 0.0, "hard": True} | named("floor"),
            "community": {
                "rule": "community_share", "community": ["counselling"], "service": "counselling",
                "stage": STAGES[0], "share": 0.5, "source": "user",
                "elsewhere": {"value": 1, "source": "user"},
                **named("community"),
            },
        },
        "objectives": [
            {"objective": name, "service": "counselling", "source": "user"}
            for name in ("min_shortfall", "max_cover", "min_travel")
        ],
        "balance": {
            "services": ["counselling"], "besides": ["methadone"],
            "now": {"registered": 498, "treated": 303, "compulsory": 258, "source": "user"},
            "goals": {STAGES[-1]: {"treated_share": 0.9, "compulsory_share": 0.25, "source": "user"}},
        },
        "indicators": {
            "few": {"unit": "persons", "now": 7.0, "source": "user", **named("few")},
            "share": {"unit": "share", "goals": {STAGES[0]: 0.1234}, "source": "user", **named("share")},
        },
        "observed": {
            "few": {"persons": 7, "stage": STAGES[0], "kind": "counselling", "points": 2, "source": "user",
                    **named("known")},
        },
        "criteria": {
            "room": {
                "concerns": "premises", "answers": {"thoi_lai": True}, "source": "user", **named("room"),
            },
        },
    }  # fmt: skip
    return changed(load(FOLDER / "can_tho_2018_2020.yaml"), patch)


def _facts(communes: gpd.GeoDataFrame) -> Facts:
    note = Text("Giả định của người lập kế hoạch", "Assumed by the planner")
    by_group = {g: sum(c for _, c in pairs) for g, pairs in
                groupby(zip(GROUPS, communes["persons"], strict=True), key=lambda p: p[0])}  # fmt: skip
    return Facts(
        scenario=_scenario(),
        communes=communes,
        boundaries_approximate=True,
        boundaries_credit=Text("ranh giới gần đúng", "approximate boundaries"),
        assumptions=(
            *(Assumption(f"registered_persons.by_group.{g}", n, "user", note) for g, n in by_group.items()),
            Assumption("travel.detour_factor", 1.4, "estimate", note),
            Assumption("services.methadone.uptake", None, "required", note),
        ),
        provenance={
            "program": "0.1.0",
            "scenario_sha256": hashlib.sha256(str(by_group).encode()).hexdigest(),
            "data_sha256": {
                "communes": hashlib.sha256(str(communes["persons"].tolist()).encode()).hexdigest()
            },
            "libraries": {"numpy": "2"},
        },
    )
