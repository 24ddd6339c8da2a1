"""The classics beside PySAL's spopt, in the same run: seconds, peak memory, and their ratios.

    python -m benchmarks.bench_classics [--limit SECONDS] [--case NAME ...]

Each measurement is a process of its own, one after the other, with one solver thread on both sides.  Seconds
are from the matrix to the answer (building the model included, imports not); memory is the peak of the whole
process, imports included, and so is that of a process that imports and does nothing ("idle").
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("LO_TRINH_SHARED", ROOT.parent / "shared")) / "benchmarks"


class Data(NamedTuple):
    """Distances (I, J), weights (I,), number of sites, radius."""

    distance: np.ndarray
    weights: np.ndarray
    p: int
    radius: float


def plane(n: int, p: int, near: float) -> Data:
    """`n` uniform points, both clients and sites; a radius with `near` sites inside it on average."""
    rng = np.random.default_rng(n)
    at = rng.uniform(0, 100, (n, 2))
    distance = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    radius = 100 * np.sqrt(near / n / np.pi)
    return Data(distance, rng.integers(1, 100, n), p, float(radius))


def graph(name: str) -> Data:
    """An OR-Library p-median graph; a later line of an edge replaces it."""
    from scipy.sparse import csgraph

    path = SHARED / "pmed" / f"{name}.txt"
    lines = [line.split() for line in path.read_text(encoding="ascii").splitlines() if line.split()]
    n, _, p = map(int, lines[0])
    edges = np.full((n, n), np.inf)
    for i, j, length in (map(int, line) for line in lines[1:]):
        edges[i - 1, j - 1] = edges[j - 1, i - 1] = length
    np.fill_diagonal(edges, 0)
    return Data(csgraph.floyd_warshall(edges), np.ones(n), p, 0.0)


class Case(NamedTuple):
    """A problem, how its data come about, and whether spopt is asked too."""

    problem: str
    data: Callable[[], Data]
    beside: bool = True


CASES = {
    "lscp-200": Case("lscp", lambda: plane(200, 0, 12)),
    "lscp-400": Case("lscp", lambda: plane(400, 0, 12)),
    "mclp-500": Case("mclp", lambda: plane(500, 12, 20)),
    "mclp-1000": Case("mclp", lambda: plane(1000, 25, 20)),
    "p-median-100": Case("p_median", lambda: plane(100, 5, 1)),
    "p-median-300": Case("p_median", lambda: plane(300, 10, 1)),
    "p-center-60": Case("p_center", lambda: plane(60, 5, 1)),
    "p-center-100": Case("p_center", lambda: plane(100, 5, 1)),
    "pmed1 median": Case("p_median", lambda: graph("pmed1")),
    "pmed6 median": Case("p_median", lambda: graph("pmed6")),
    "pmed11 median": Case("p_median", lambda: graph("pmed11")),
    "pmed21 median": Case("p_median", lambda: graph("pmed21")),
    "pmed26 median": Case("p_median", lambda: graph("pmed26"), beside=False),
    "pmed31 median": Case("p_median", lambda: graph("pmed31"), beside=False),
    "pmed36 median": Case("p_median", lambda: graph("pmed36"), beside=False),
    "pmed40 median": Case("p_median", lambda: graph("pmed40"), beside=False),
    "pmed1 center": Case("p_center", lambda: graph("pmed1")),
    "pmed21 center": Case("p_center", lambda: graph("pmed21"), beside=False),
    "pmed36 center": Case("p_center", lambda: graph("pmed36"), beside=False),
    "pmed40 center": Case("p_center", lambda: graph("pmed40"), beside=False),
    "mclp-5000": Case("mclp", lambda: plane(5000, 125, 20), beside=False),
}


# --- one measurement -----------------------------------------------------------------------------


def ours(problem: str, data: Data, limit: float) -> dict[str, Any]:
    from optimization import classics

    calls = {
        "lscp": lambda: classics.lscp(data.distance, data.radius, time_limit=limit),
        "mclp": lambda: classics.mclp(data.distance, data.weights, data.radius, data.p, time_limit=limit),
        "p_median": lambda: classics.p_median(data.distance, data.p, weights=data.weights, time_limit=limit),
        "p_center": lambda: classics.p_center(data.distance, data.p, time_limit=limit),
    }
    began = time.perf_counter()
    answer = calls[problem]()
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "value": answer.value, "status": answer.status.value, "gap": answer.gap}


def theirs(problem: str, data: Data, limit: float) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    import pulp
    from spopt import locate

    calls = {
        "lscp": lambda: locate.LSCP.from_cost_matrix(data.distance, data.radius),
        "mclp": lambda: locate.MCLP.from_cost_matrix(data.distance, data.weights, data.radius, data.p),
        "p_median": lambda: locate.PMedian.from_cost_matrix(data.distance, data.weights, p_facilities=data.p),
        "p_center": lambda: locate.PCenter.from_cost_matrix(data.distance, data.p),
    }
    solver = pulp.HiGHS(msg=False, timeLimit=limit, threads=1, gapRel=0.0)
    began = time.perf_counter()
    model = calls[problem]()
    try:
        model = model.solve(solver, results=False)
        value = model.problem.objective.value()
    except (RuntimeError, TypeError, AttributeError):  # spopt's own reading of an unfinished solve
        value = None
    seconds = time.perf_counter() - began
    # What PuLP calls a stopped solve is not to be trusted, so the clock decides.
    return {"seconds": seconds, "value": value, "status": "stopped" if seconds >= limit else "optimal"}


def idle(problem: str, data: Data, limit: float) -> dict[str, Any]:
    del data, limit
    if problem == "ours":
        from optimization import classics  # noqa: F401
    else:
        warnings.simplefilter("ignore")
        from spopt import locate  # noqa: F401
    return {"seconds": 0.0}


TOOLS = {"ours": ours, "spopt": theirs}


def one(name: str, tool: str, limit: float) -> None:
    """Measures in this process, and prints what came out as JSON."""
    if name == "idle":
        result = idle(tool, plane(2, 1, 1), limit)
    else:
        case = CASES[name]
        result = TOOLS[tool](case.problem, case.data(), limit)
    result["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


def measured(name: str, tool: str, limit: float) -> dict[str, Any]:
    """Measures in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_classics", "--one", name, tool, "--limit", str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return {
            "seconds": None,
            "value": None,
            "status": "failed",
            "megabytes": None,
            "why": done.stderr[-500:],
        }
    return json.loads(done.stdout.splitlines()[-1])


# --- the table -----------------------------------------------------------------------------------


def written(found: dict[str, Any] | None) -> str:
    """Seconds, megabytes, status and value in a cell each."""
    if found is None:
        return "– | – | – | –"
    value = "–" if found["value"] is None else f"{found['value']:.6g}"
    seconds = "–" if found["seconds"] is None else f"{found['seconds']:.3f}"
    memory = "–" if found["megabytes"] is None else f"{found['megabytes']:.0f}"
    return f"{seconds} | {memory} | {found['status']} | {value}"


def ratio(here: dict[str, Any], there: dict[str, Any] | None) -> str:
    if not there or not there["seconds"] or not here["seconds"]:
        return "– | –"
    least = "> " if there["status"] == "stopped" else ""
    time_ratio = f"{least}{there['seconds'] / here['seconds']:.0f}×"
    return f"{time_ratio} | {there['megabytes'] / here['megabytes']:.1f}×"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each solve")
    parser.add_argument("--case", nargs="*", choices=CASES, help="only these")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, tool = options.one
        one(name, tool, options.limit)
        return
    libraries = ", ".join(
        f"{name} {version(name)}" for name in ("spopt", "PuLP", "highspy", "numpy", "scipy")
    )
    print(
        f"Python {platform.python_version()}, {libraries}, {os.cpu_count()} cores, limit {options.limit:g} s"
    )
    for tool in TOOLS:
        print(f"idle {tool}: {measured('idle', tool, options.limit)['megabytes']:.0f} MB")
    print("\n| case | s | MB | status | value | spopt s | MB | status | value | time | memory |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name in options.case or CASES:
        if name.startswith("pmed") and not SHARED.is_dir():
            print(f"| {name} | skipped: no ../shared/benchmarks |", flush=True)
            continue
        here = measured(name, "ours", options.limit)
        there = measured(name, "spopt", options.limit) if CASES[name].beside else None
        print(f"| {name} | {written(here)} | {written(there)} | {ratio(here, there)} |", flush=True)


if __name__ == "__main__":
    main()
