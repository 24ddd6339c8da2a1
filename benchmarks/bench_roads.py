"""Minutes from many places to many along roads, beside networkx and others, in the same run.

    python -m benchmarks.bench_roads [--nodes N] [--places N] [--limit MINUTES] [--sample ORIGINS]

The roads are drawn by the program.  Each measurement is a process of its own, one after the other.  Seconds
run to the matrix: ours from coordinates and graph on (snapping, walks and a copy of the edges included), the
others' from nodes on.  Building the graph in each library's own form is told apart, and so is what a library
has to prepare.  Memory is the peak of the whole process, imports and graph included.  networkx may be asked
for some of the origins only; its seconds are then multiplied up, which the table says.  Minutes have to be
equal.  Ratios are of seconds of the processor, which say more than the clock where a machine is busy; all use
one core, but for pandana's preparation.

igraph and pandana are asked where they are installed; the program does not need them.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SNAP_METRES, WALKING_KMH = 2000.0, 5.0
EQUAL = 1e-6
"""Minutes by which an exact answer may differ: ours are rounded to the millionth."""
LEAST_RATIO = 40.0
"""By which networkx has to be slower where there is no limit, on 200,000 nodes or more."""


class Case(NamedTuple):
    """Nodes, places on either side, longest trip in minutes (None: any), origins asked of networkx."""

    nodes: int
    places: int
    limit: float | None
    sample: int


class Answer(NamedTuple):
    """Minutes (n, J) of the first n origins; seconds by clock and processor; what they were multiplied by."""

    minutes: np.ndarray
    build: float
    prepare: float
    seconds: float
    processor: float
    scaled: float = 1.0


def now() -> np.ndarray:
    """Seconds of the clock and of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


# --- roads that look like roads --------------------------------------------------------------------


def roads(nodes: int) -> dict[str, np.ndarray]:
    """A net of roads at random: lon, lat, tail, head, minutes, metres.

    Points at the density of 200,000 on 80 × 80 km; their minimum spanning tree, and a third of the other
    edges of their Gabriel graph (no point in the disc over an edge), which leaves 2.7 streets a node.  Three
    speeds; a fifth of the streets off the tree are one-way.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import Delaunay, cKDTree

    rng = np.random.default_rng(nodes)
    at = rng.uniform(0, 80_000 * np.sqrt(nodes / 200_000), (nodes, 2))
    corners = Delaunay(at).simplices
    pairs = np.unique(np.sort(corners[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2), axis=1), axis=0)
    metres = np.hypot(*(at[pairs[:, 0]] - at[pairs[:, 1]]).T)
    nearest, _ = cKDTree(at).query(at[pairs].mean(axis=1))
    gabriel = nearest >= metres / 2 * (1 - 1e-9)
    pairs, metres = pairs[gabriel], metres[gabriel]
    tree = minimum_spanning_tree(csr_array((metres, pairs.T), shape=(nodes, nodes))).tocoo()
    on_tree = np.isin(
        pairs @ [nodes, 1], np.stack([tree.row, tree.col], axis=1).astype(np.int64) @ [nodes, 1]
    )
    keep = on_tree | (rng.random(len(pairs)) < 1 / 3)
    pairs, metres, on_tree = pairs[keep], metres[keep] * rng.uniform(1, 1.3, keep.sum()), on_tree[keep]
    back = on_tree | (rng.random(len(pairs)) < 0.8)
    minutes = metres / 1000 / rng.choice([25, 35, 50], len(pairs), p=[0.6, 0.3, 0.1]) * 60
    return {
        "lon": 105.0 + at[:, 0] / 109_600, "lat": 10.0 + at[:, 1] / 110_600,
        "tail": np.r_[pairs[:, 0], pairs[back, 1]], "head": np.r_[pairs[:, 1], pairs[back, 0]],
        "minutes": np.r_[minutes, minutes[back]], "metres": np.r_[metres, metres[back]],
    }  # fmt: skip


def drawn(case: Case) -> tuple[Any, Any, Any, float]:
    """The graph, the places snapped to it on both sides, and the seconds that building it took."""
    from geo.roads.graph import from_arrays

    arrays = roads(case.nodes)
    began = time.perf_counter()
    graph = from_arrays(**arrays)
    build = time.perf_counter() - began
    return graph, *snapped(graph, case), build


def snapped(graph: Any, case: Case) -> tuple[Any, Any]:
    from geo.roads.snapping import snap

    rng = np.random.default_rng(case.places)
    west, south, east, north = graph.extent
    rule = {"limit_metres": SNAP_METRES, "walking_kmh": WALKING_KMH}
    lon, lat = rng.uniform(west, east, (2, case.places)), rng.uniform(south, north, (2, case.places))
    return snap(graph, lon[0], lat[0], **rule), snap(graph, lon[1], lat[1], **rule)


# --- one measurement -----------------------------------------------------------------------------


def ours(case: Case) -> Answer:
    from geo.roads import matrix

    graph, _, _, build = drawn(case)
    began = now()
    origins, hosts = snapped(graph, case)
    found = matrix.minutes(graph, origins, hosts, limit_minutes=case.limit or np.inf)
    return Answer(found, build, 0.0, *(now() - began))


def with_walks(rides: np.ndarray, origins: Any, hosts: Any, limit: float | None) -> np.ndarray:
    """What `matrix` says of walks, said again for the others: rides between nodes (n, J) in, trips out."""
    first = origins.only(np.arange(len(rides)))
    trips = rides + first.minutes[:, None] + hosts.minutes
    metres = np.hypot(first.x[:, None] - hosts.x, first.y[:, None] - hosts.y)
    across = metres <= np.minimum(first.metres[:, None], hosts.metres)
    trips = np.where(across, metres / 1000 / WALKING_KMH * 60, trips)
    return np.where(trips <= (limit or np.inf) + EQUAL, trips, np.inf)


def networkx(case: Case) -> Answer:
    import networkx as nx

    graph, origins, hosts, _ = drawn(case)
    began = time.perf_counter()
    network: nx.DiGraph = nx.DiGraph()
    ends = graph.tail.tolist(), graph.head.tolist()
    network.add_weighted_edges_from(zip(*ends, graph.minutes.tolist(), strict=True))
    build = time.perf_counter() - began
    began = now()
    rides = np.full((min(case.sample, case.places), case.places), np.inf)
    for row, node in enumerate(origins.node[: len(rides)].tolist()):
        reached = nx.single_source_dijkstra_path_length(network, node, cutoff=case.limit)
        rides[row] = [reached.get(host, np.inf) for host in hosts.node.tolist()]
    scaled = case.places / len(rides)
    clock, processor = (now() - began) * scaled
    return Answer(with_walks(rides, origins, hosts, case.limit), build, 0.0, clock, processor, scaled)


def installed(name: str) -> Any:
    """A library that is no requirement: asked only where somebody has installed it."""
    return importlib.import_module(name)


def igraph(case: Case) -> Answer:
    library = installed("igraph")
    graph, origins, hosts, _ = drawn(case)
    began = time.perf_counter()
    network = library.Graph(n=len(graph.lon), edges=np.stack([graph.tail, graph.head], axis=1), directed=True)
    weights = graph.minutes.tolist()
    build = time.perf_counter() - began
    began = now()
    starts, start = np.unique(origins.node, return_inverse=True)
    ends, end = np.unique(hosts.node, return_inverse=True)
    rides = np.array(network.distances(starts.tolist(), ends.tolist(), weights=weights))[start][:, end]
    seconds = now() - began
    return Answer(with_walks(rides, origins, hosts, case.limit), build, 0.0, *seconds)


def pandana(case: Case) -> Answer:
    import pandas as pd

    library = installed("pandana")
    graph, origins, hosts, _ = drawn(case)
    began = time.perf_counter()
    series = (pd.Series(values) for values in (graph.x, graph.y, graph.tail, graph.head))
    network = library.Network(*series, pd.DataFrame({"minutes": graph.minutes}), twoway=False)
    prepare = time.perf_counter() - began
    began = now()
    pairs = np.repeat(origins.node, case.places), np.tile(hosts.node, case.places)
    rides = np.array(network.shortest_path_lengths(*pairs)).reshape(case.places, case.places)
    seconds = now() - began
    return Answer(with_walks(rides, origins, hosts, case.limit), 0.0, prepare, *seconds)


def idle(case: Case) -> Answer:
    """Imports, graph and places alone."""
    *_, build = drawn(case)
    return Answer(np.empty((0, case.places)), build, 0.0, 0.0, 0.0)


TOOLS: dict[str, Callable[[Case], Answer]] = {
    "ours": ours, "networkx": networkx, "igraph": igraph, "pandana": pandana, "idle": idle,
}  # fmt: skip
ROUNDED = ("pandana",)


def one(tool: str, case: Case, path: str) -> None:
    """Measures in this process; what came out goes to files, for pandana talks on the terminal."""
    found = TOOLS[tool](case)
    np.save(path, found.minutes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = found._asdict() | {"minutes": None, "megabytes": peak}
    Path(path).with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")


def measured(tool: str, case: Case) -> dict[str, Any]:
    """Measures in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "minutes.npy"
        command = [sys.executable, "-m", "benchmarks.bench_roads", "--one", tool, str(path)]
        command += ["--nodes", case.nodes, "--places", case.places, "--sample", case.sample]
        command += ["--limit", case.limit or 0]
        subprocess.run([*map(str, command)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return told | {"minutes": np.load(path)}


# --- the table -----------------------------------------------------------------------------------


def difference(here: np.ndarray, there: np.ndarray) -> float:
    """Largest difference of minutes, infinite where one side has none and the other does."""
    here = here[: len(there)]
    if not np.array_equal(np.isfinite(here), np.isfinite(there)):
        return np.inf
    both = np.isfinite(here)
    return float(np.abs(here[both] - there[both]).max(initial=0.0))


def compared(case: Case, tools: list[str]) -> bool:
    """Prints a line a tool; whether exact minutes are equal and networkx is slower by the ratio wanted."""
    limit = "none" if case.limit is None else f"{case.limit:g} minutes"
    print(f"\n{case.nodes:,} nodes, {case.places} × {case.places} places, limit: {limit}\n")
    print("| tool | processor s | s | prepare s | build s | MB | differs by, min | processor, times ours |")
    print("|---|---|---|---|---|---|---|---|")
    good, here = True, None
    for tool in tools:
        found = measured(tool, case)
        here = here or found
        ratio, apart = found["processor"] / here["processor"], difference(here["minutes"], found["minutes"])
        good &= tool in ROUNDED or apart <= EQUAL
        good &= tool != "networkx" or ratio >= LEAST_RATIO or case.limit is not None or case.nodes < 200_000
        note = f" (× {found['scaled']:g} of a sample)" if found["scaled"] > 1 else ""
        print(
            f"| {tool} | {found['processor']:.2f}{note} | {found['seconds']:.2f} "
            f"| {found['prepare']:.1f} | {found['build']:.1f} | {found['megabytes']:.0f} "
            f"| {apart:.1g} | {ratio:.1f}× |",
            flush=True,
        )
    share = np.isfinite(here["minutes"]).mean()
    print(
        f"\n{share:.0%} of the trips are within the limit; peak of a process that only has the graph: ",
        end="",
    )
    print(f"{measured('idle', case)['megabytes']:.0f} MB")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=200_000)
    parser.add_argument("--places", type=int, default=200)
    parser.add_argument("--limit", type=float, default=60.0, help="minutes, for the second table")
    parser.add_argument(
        "--sample", type=int, default=200, help="origins asked of networkx; the default is all"
    )
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    case = Case(options.nodes, options.places, options.limit or None, options.sample)
    if options.one:
        one(options.one[0], case, options.one[1])
        return
    others = [name for name in ("igraph", "pandana") if importlib.util.find_spec(name)]
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "networkx", *others))
    print(f"Python {platform.python_version()}, {libraries}, {os.cpu_count()} cores")
    good = compared(case._replace(limit=None), ["ours", "networkx", *others])
    good &= compared(case, ["ours", "networkx"])
    if not good:
        sys.exit(f"minutes differ, or networkx is less than {LEAST_RATIO:g} times as slow")


if __name__ == "__main__":
    main()
