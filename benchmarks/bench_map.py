"""The plan's map in Chromium: how long until it is there, and until a move of the slider is drawn.

    python -m benchmarks.bench_map [--communes N] [--moves M] [--peer-moves K]

Communes are drawn by the program from a seed (a jittered lattice with shared borders); the plan over them is
made up, and has the tables of a solved one.  Both are made before any clock runs and handed to the server in
a file: making them up is no work of the program.  They go through the real code of the page (``geo.maps``,
``views.plan_stage``) in a Streamlit server, once as it is and once rebuilding the map on every move, as a
page does that hands a new map to streamlit-folium each time: the peer.

Seconds are of the clock, in one browser on this machine.  A first map runs from the request of the page in a
new browser to the painted map: "started" on a server that has served nobody (it loads its libraries, reads
the plan and draws the geometry), "cold" with nothing kept of plan and map (it reads and draws again), "warm"
with the geometry at hand.  A move runs from the key to the painted stage, median of the moves.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parents[1]
SEED = 7
GROUPS = 60
FIRST, MOVE = 4.0, 0.5
"""Seconds that the first map and a move may take at 10,000 communes."""
ANEW = "anew"
"""In the address: forget plan and map first."""

PAGE = """
import pathlib, sys
sys.path.insert(0, {root!r})
import streamlit as st
from benchmarks import bench_map
bench_map.page(pathlib.Path({made!r}), rebuild={rebuild}, static=pathlib.Path(__file__).parent / "static")
"""


class Measured(NamedTuple):
    """Seconds: the first map of a server, with nothing kept, and with the geometry at hand; and a move."""

    started: float
    cold: float
    warm: float
    move: float


# --- a country that is none ------------------------------------------------------------------------


def communes(n: int) -> gpd.GeoDataFrame:
    """About `n` six-sided places, each side bent at random, all borders shared.  Columns as in ``tables``."""
    chance = np.random.default_rng(SEED)
    across = max(2, round((n / 2.2) ** 0.5))  # a country is longer than wide
    rows = -(-n // across)
    size = 15.0 / rows
    bend: dict[tuple[int, int], np.ndarray] = {}
    corners = np.array([(0, 2), (-1, 1), (-1, -1), (0, -2), (1, -1), (1, 1)])

    def bent(x: int, y: int) -> np.ndarray:
        """A point of the lattice (quarters of a side), moved at random once for all that share it."""
        if (x, y) not in bend:
            straight = np.array([103 + x / 4 * size * 3**0.5 / 4, 8.5 + y / 4 * size / 4])
            bend[x, y] = straight + chance.normal(0, 0.02 * size, 2)
        return bend[x, y]

    records, shapes = [], []
    for k in range(n):
        row, column = divmod(k, across)
        middle = np.array([2 * column + row % 2, 3 * row])
        ring = [
            bent(*(4 * (middle + a) + quarter * (b - a)).tolist())
            for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
            for quarter in range(4)
        ]
        shapes.append(shapely.Polygon(ring))
        x, y = 103 + middle[0] * size * 3**0.5 / 4, 8.5 + middle[1] * size / 4
        group = f"{row * 10 // rows * 6 + column * 6 // across:02d}"
        records.append({
            "commune_code": f"{k:05d}", "commune": f"Xã {k}", "commune_type": "Xã", "group": group,
            "group_name": f"Tỉnh {group}", "lat": y, "lon": x, "persons": float(chance.integers(0, 60)),
            "persons_estimated": True,
        })  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(records), geometry=shapes, crs="EPSG:4326")


def plan(n: int):
    """A plan over them: a point in one commune of ten, opened in a stage at random; the nearest serves."""
    from optimization.solution import Level, Status
    from planner.plan import Facts, Plan, SolveReport
    from scenarios import reading
    from tables import shaped

    s = reading.load(reading.SHOWN_FIRST).model_copy(update={"official": None})
    places = communes(n)
    chance = np.random.default_rng(SEED)
    stages = list(s.stages)
    hosts = places.iloc[:: max(10, n // 400)]
    opened = chance.choice(stages, len(hosts))
    facilities = shaped("facilities", [
        {"facility": f"p{row.commune_code}:counselling", "premises": f"p{row.commune_code}",
         "premises_name": f"Trạm y tế {row.commune}", "premises_type": "health_station",
         "kind": "counselling",
         "service": "counselling", "group": row.group, "group_name": row.group_name,
         "commune_code": row.commune_code, "commune": row.commune, "lat": row.lat, "lon": row.lon,
         "assumed": False, "existing": False, "opened_stage": stage, "host_kind": "", "caseload": 0.0,
         "capacity": np.nan, "parent": ""}
        for row, stage in zip(hosts.itertuples(), opened, strict=True)
    ])  # fmt: skip
    at = places[["lon", "lat"]].to_numpy()
    access, coverage = [], []
    for t, stage in enumerate(stages):
        there = facilities[[stages.index(o) <= t for o in facilities["opened_stage"]]]
        tree = shapely.STRtree(shapely.points(there[["lon", "lat"]].to_numpy()))
        near, km = tree.query_nearest(shapely.points(at), all_matches=False, return_distance=True)
        minutes = km * 111 / 30 * 60
        reached = np.zeros(len(places), dtype=bool)
        reached[near[0]] = minutes <= 30
        access.append(pd.DataFrame({
            "commune_code": places["commune_code"], "service": "counselling", "stage": stage,
            "demand": places["persons"], "served": places["persons"] * reached, "no_capacity": 0.0,
            "out_of_reach": places["persons"] * ~reached,
            "facility": there["facility"].to_numpy()[near[1]], "minutes": minutes,
        }))  # fmt: skip
        sums = access[-1][["demand", "served", "no_capacity", "out_of_reach"]].sum()
        coverage.append({"service": "counselling", "stage": stage, **sums,
                         "share": sums["served"] / sums["demand"]})  # fmt: skip
    whole = shaped("access", pd.concat(access, ignore_index=True))
    new = facilities.assign(stage=facilities["opened_stage"], opened=1, upgraded_from="")
    counts = [
        {"stage": stage, "kind": "counselling", "opened": int((opened == stage).sum()),
         "open": int(np.isin(opened, stages[: t + 1]).sum())}
        for t, stage in enumerate(stages)
    ]  # fmt: skip
    went = whole[whole["served"] > 0].assign(persons=whole["served"])
    return Plan(
        facts=Facts(
            scenario=s, communes=places, boundaries_approximate=True,
            boundaries_credit=s.title.text, assumptions=(), provenance={},
        ),
        facilities=facilities, allocation=shaped("allocation", went), access=whole,
        coverage=shaped("coverage", coverage), group_coverage=shaped("group_coverage", []),
        stages=shaped("stages", [
            {"stage": stage, "years": 1, "opened": 0, "cost_vnd": 0, "budget_vnd": 0.0} for stage in stages
        ]),
        counts=shaped("counts", counts), rules=shaped("rules", []), openings=shaped("openings", new),
        report=SolveReport(Status.OPTIMAL, (Level("max_cover", 1.0, 1.0, 0.0),), {}, "-"),
    )  # fmt: skip


def page(made: Path, *, rebuild: bool, static: Path) -> None:
    """The script of the server: one stage of the plan in the file `made`, and nothing else of the page."""
    import streamlit as st

    from geo import maps
    from views import frame, plan_stage

    st.set_page_config(layout="wide")
    lang = frame.open_page()
    if ANEW in st.query_params:
        st.cache_resource.clear()
        for kept in static.glob("drawn/*"):
            kept.unlink()
    shown = st.cache_resource(_read, show_spinner=False)(made)
    plan_stage.STATIC = static
    plan_stage.candidates = lambda _: _candidates(shown)  # a plan without a geography
    if rebuild:
        plan_stage.canvas = _anew(maps)
    plan_stage.show(shown, lang, lambda *_: None)


def _read(made: Path):
    """The plan that `main` wrote a moment ago."""
    return pickle.loads(made.read_bytes())


def _candidates(made) -> pd.DataFrame:
    return made.facilities.assign(offered=True, hosted=True, ready="2018")


def _anew(maps):
    """The peer: everything written into a new map on each move, so that the browser builds it again."""

    def canvas(facts, _, names=()):
        drawn = maps.places(facts.communes, labels=names)
        drawn = maps.Places(drawn.codes, f"/* {time.time_ns()} */{drawn.script}", f"{time.time_ns():x}"[-16:])
        return drawn, maps.base_map(drawn, static="../../app/static", working=True)

    return canvas


# --- in a browser ----------------------------------------------------------------------------------

SHOWN = "() => window.map && window.map.loTrinh && window.map.loTrinh.stage && window.map.loTrinh.stage.words"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"


def measured(script: Path, moves: int, *, patience: float = 180) -> Measured:
    """The script in a server of its own, seen by one browser."""
    from playwright.sync_api import sync_playwright

    from tests.browser import FLAGS, find_chromium, serve, settle

    with serve(script, script.with_suffix(".log")) as address, sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        firsts = []
        for asked in ("", f"?{ANEW}=1", ""):
            page_ = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
            began = time.perf_counter()
            page_.goto(f"{address}/{asked}")
            _until_drawn(page_, patience)
            firsts.append(time.perf_counter() - began)
            settle(page_, timeout=patience)
        seconds = [_move(page_, "ArrowLeft" if n % 4 > 1 else "ArrowRight", patience) for n in range(moves)]
        browser.close()
    started, cold, warm = firsts
    return Measured(started, cold, warm, median(seconds))


def _frame(page_, patience: float):
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline:
        for one in page_.frames:
            if "streamlit_folium" in one.url:
                return one
        page_.wait_for_timeout(10)
    raise TimeoutError("no map")


def _until_drawn(page_, patience: float) -> None:
    inside = _frame(page_, patience)
    inside.wait_for_function(SHOWN, timeout=patience * 1000, polling=10)
    inside.evaluate(PAINTED)


def _move(page_, key: str, patience: float) -> float:
    """Seconds from the key to the painted stage; an attribute tells the stage of before from the new one."""
    from playwright.sync_api import Error

    from tests.browser import settle

    _frame(page_, patience).evaluate("() => { window.map.loTrinh.stage.seen = true; }")
    began = time.perf_counter()
    page_.locator(".st-key-stage input").press(key)
    deadline = began + patience
    while time.perf_counter() < deadline:
        try:
            inside = _frame(page_, patience)
            inside.wait_for_function(f"() => ({SHOWN})() && !window.map.loTrinh.stage.seen", timeout=500,
                                     polling=5)  # fmt: skip
            inside.evaluate(PAINTED)
            break
        except Error:  # the peer's frame goes away in the middle
            continue
    else:
        raise TimeoutError("the stage was not drawn")
    seconds = time.perf_counter() - began
    settle(page_, timeout=patience)
    page_.wait_for_timeout(200)
    return seconds


def _folder(where: Path, text: str) -> Path:
    import shutil

    shutil.copytree(ROOT / "static", where / "static", ignore=shutil.ignore_patterns("drawn"))
    shutil.copytree(ROOT / ".streamlit", where / ".streamlit")
    script = where / "page.py"
    script.write_text(text, encoding="utf-8")
    return script


def synthetic(made: Path, moves: int, *, rebuild: bool) -> Measured:
    """The plan in the file `made`, as the page draws it or rebuilt on every move."""
    with tempfile.TemporaryDirectory() as folder:
        text = PAGE.format(root=str(ROOT), made=str(made), rebuild=rebuild)
        return measured(_folder(Path(folder), text), moves)


def main() -> int:
    """Print a table; 1 where a limit or the ratio is missed."""
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--communes", type=int, nargs="*", default=[10_000])
    given.add_argument("--moves", type=int, default=6)
    given.add_argument("--peer-moves", type=int, default=2)
    asked = given.parse_args()
    missed = False
    print(f"{'communes':>9} {'started':>9} {'cold':>9} {'warm':>9} {'move':>8} {'rebuilt':>8} {'ratio':>6}")
    for n in asked.communes:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "plan.pickle"
            made.write_bytes(pickle.dumps(plan(n)))
            ours = synthetic(made, asked.moves, rebuild=False)
            peer = synthetic(made, asked.peer_moves, rebuild=True)
        print(f"{n:>9,} {ours.started:>7.2f} s {ours.cold:>7.2f} s {ours.warm:>7.2f} s {ours.move:>6.2f} s "
              f"{peer.move:>6.2f} s {peer.move / ours.move:>6.1f}")  # fmt: skip
        if n >= 10_000:
            missed |= max(ours.cold, ours.warm) > FIRST or ours.move > MOVE
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
