"""The optima of the literature, on the instances of the literature; larger ones are in ``benchmarks/``."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csgraph

from optimization.classics import p_center, p_median
from optimization.classics_more import capacitated_facility_location, capacitated_p_median
from optimization.solution import Status

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("LO_TRINH_SHARED", ROOT.parent / "shared")) / "benchmarks"
MISSING = "instances with published optima are not beside the project (../shared/benchmarks)"
pytestmark = pytest.mark.skipif(not (SHARED / "optima.csv").is_file(), reason=MISSING)


def optimum(name: str, problem: str) -> float:
    with (SHARED / "optima.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["instance"] == name]
    (row,) = [row for row in rows if row["problem"].startswith(problem)]
    return float(row["optimum"])


def graph(name: str):
    """Distances between all vertices of an OR-Library graph, and p; a later line of an edge replaces it."""
    lines = (SHARED / "pmed" / f"{name}.txt").read_text(encoding="ascii").splitlines()
    n, _, p = map(int, lines[0].split())
    edges = np.full((n, n), np.inf)
    for line in lines[1:]:
        if line.split():
            i, j, length = map(int, line.split())
            edges[i - 1, j - 1] = edges[j - 1, i - 1] = length
    np.fill_diagonal(edges, 0)
    return csgraph.floyd_warshall(edges), p


def numbers(path: Path) -> list[float]:
    return [float(word) for word in path.read_text(encoding="ascii").split()]


def proved(answer, value: float) -> None:
    assert answer.status is Status.OPTIMAL
    assert answer.value == pytest.approx(value, abs=1e-3)
    assert answer.bound == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    "name", ["pmed1", "pmed6", "pmed11", "pmed16", "pmed21", "pmed26", "pmed31", "pmed40"]
)
def test_p_median(name):
    distance, p = graph(name)
    answer = p_median(distance, p)
    proved(answer, optimum(name, "p-median"))
    assert len(answer.sites) == p
    assert distance[np.arange(len(distance)), answer.assignment].sum() == answer.value


@pytest.mark.parametrize("name", ["pmed1", "pmed6", "pmed11", "pmed16", "pmed40"])
def test_p_center(name):
    distance, p = graph(name)
    answer = p_center(distance, p)
    proved(answer, optimum(name, "p-center"))
    assert len(answer.sites) == p
    assert distance[:, answer.sites].min(axis=1).max() == answer.value


@pytest.mark.parametrize("name", ["cap71", "cap101", "cap131"])
def test_capacitated_facility_location(name):
    words = numbers(SHARED / "cflp" / f"{name}.txt")
    m, n = int(words[0]), int(words[1])
    capacity, fixed = np.array(words[2 : 2 + 2 * m]).reshape(m, 2).T
    clients = np.array(words[2 + 2 * m :]).reshape(n, m + 1)
    demand, cost = clients[:, 0], clients[:, 1:]
    answer = capacitated_facility_location(cost, fixed, capacity, demand)
    proved(answer, optimum(name, "capacitated facility location"))
    assert answer.shares.sum(axis=1) == pytest.approx(1)
    load = demand @ answer.shares
    assert (load[answer.sites] <= capacity[answer.sites] + 1e-4).all()
    assert fixed[answer.sites].sum() + (cost * answer.shares).sum() == pytest.approx(answer.value)


@pytest.mark.parametrize("name", ["pmedcap1", "pmedcap2", "pmedcap5"])
def test_capacitated_p_median(name):
    words = numbers(SHARED / "cpmp" / f"{name}.txt")
    n, p, limit = int(words[2]), int(words[3]), words[4]
    rows = np.array(words[5:]).reshape(n, 4)
    apart = rows[:, None, 1:3] - rows[None, :, 1:3]
    cost, demand = np.floor(np.hypot(apart[..., 0], apart[..., 1])), rows[:, 3]
    answer = capacitated_p_median(cost, p, np.full(n, limit), demand)
    proved(answer, optimum(name, "capacitated p-median"))
    assert len(answer.sites) == p
    assert np.isin(answer.assignment, answer.sites).all()
    assert np.bincount(answer.assignment, demand, n).max() <= limit
    assert cost[np.arange(n), answer.assignment].sum() == pytest.approx(answer.value)
