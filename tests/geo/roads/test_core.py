import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.roads.core import core


def shortest(edges, size, nodes):
    """Minutes between `nodes` by networkx, which takes the fastest of parallel edges only if told to."""
    network: nx.DiGraph = nx.DiGraph()
    network.add_nodes_from(range(size))
    for a, b, time in sorted(edges, key=lambda edge: -edge[2]):
        network.add_edge(int(a), int(b), weight=float(time))
    reached = [nx.single_source_dijkstra_path_length(network, int(node)) for node in nodes]
    return np.array([[found.get(int(node), np.inf) for node in nodes] for found in reached])


def small(edges, keep, size, **options):
    tail, head, minutes = (np.array(column) for column in zip(*edges, strict=True))
    wanted = np.zeros(size, dtype=bool)
    wanted[list(keep)] = True
    return core(tail, head, minutes.astype(float), wanted, **options)


def both_ways(edges):
    return [*edges, *((b, a, time) for a, b, time in edges)]


def test_a_chain_becomes_one_edge():
    left = small(both_ways([(n, n + 1, 1.0) for n in range(100)]), [0, 100], 101)
    assert left.size == 2
    assert sorted(zip(left.tail, left.head, left.minutes, strict=True)) == [(0, 1, 100), (1, 0, 100)]
    assert left.number[[0, 100]].tolist() == [0, 1]
    assert (left.number[1:100] == -1).all()


def test_dead_ends_vanish():
    left = small(both_ways([(0, 1, 2.0), (1, 2, 1.0), (2, 3, 1.0), (2, 4, 1.0)]), [0, 1], 5)
    assert (left.size, len(left.tail)) == (2, 2)


def test_one_way_streets_stay_one_way():
    left = small([(0, 1, 1.0), (1, 2, 1.0)], [0, 2], 3)
    assert list(zip(left.tail, left.head, left.minutes, strict=True)) == [(0, 1, 2.0)]


def test_the_faster_of_two_ways_stays():
    left = small([(0, 1, 1.0), (1, 3, 1.0), (0, 2, 1.0), (2, 3, 0.5)], [0, 3], 4)
    assert list(zip(left.tail, left.head, left.minutes, strict=True)) == [(0, 1, 1.5)]


def test_ways_beyond_the_limit_go():
    chain = both_ways([(n, n + 1, 1.0) for n in range(4)])
    assert len(small(chain, [0, 4], 5, limit_minutes=4.0).tail) == 2
    assert len(small(chain, [0, 4], 5, limit_minutes=3.9).tail) == 0


def test_nothing_to_keep_leaves_little():
    left = small(both_ways([(n, n + 1, 1.0) for n in range(50)]), [], 51)
    assert left.size <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_net_of_roads_shrinks_much(seed):
    """A grid of one- and two-way streets; minutes are the same but for the order of adding."""
    rng = np.random.default_rng(seed)
    number = np.arange(400).reshape(20, 20)
    pairs = [*zip(number[:, :-1].ravel(), number[:, 1:].ravel(), strict=True)]
    pairs += [*zip(number[:-1].ravel(), number[1:].ravel(), strict=True)]
    edges = [(a, b, rng.uniform(0.1, 3)) for a, b in pairs if rng.random() < 0.8]
    edges += [(b, a, time) for a, b, time in edges if rng.random() < 0.8]
    keep = rng.choice(400, 12, replace=False)
    left = small(edges, keep, 400)
    assert left.size < 150
    whole = shortest(edges, 400, keep)
    np.testing.assert_allclose(
        shortest(zip(*left[:3], strict=True), left.size, left.number[keep]), whole, rtol=1e-12
    )


@st.composite
def networks(draw):
    size = draw(st.integers(2, 16))
    node = st.integers(0, size - 1)
    time = st.one_of(st.sampled_from([0.1, 0.2, 1.0]), st.floats(1e-3, 50))
    street = st.tuples(node, node, time).filter(lambda s: s[0] != s[1])
    return size, draw(st.lists(street, min_size=1, max_size=40)), draw(st.sets(node))


@settings(max_examples=200, deadline=None)
@given(networks())
def test_kept_nodes_are_as_far_apart_as_before(network):
    size, edges, keep = network
    left = small(edges, keep, size)
    nodes = np.array(sorted(keep), dtype=int)
    assert (left.number[nodes] >= 0).all()
    assert left.size == (left.number >= 0).sum()
    assert len(set(zip(left.tail, left.head, strict=True))) == len(left.tail)
    whole = shortest(edges, size, nodes)
    found = shortest(zip(*left[:3], strict=True), left.size, left.number[nodes])
    np.testing.assert_allclose(found.reshape(whole.shape), whole, rtol=1e-12)
