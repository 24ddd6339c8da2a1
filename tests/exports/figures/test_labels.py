"""Labels and symbols find room: what is said to cover nothing covers nothing; no word is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from exports.figures import labels
from exports.figures.paper import wrapped


@given(st.lists(st.tuples(st.floats(1, 9), st.floats(1, 9)), min_size=1, max_size=12), st.floats(0.3, 1.5))
def test_labels_that_cover_nothing_cover_nothing(points, width):
    at, size = np.array(points), (width, 0.3)
    wanted = [labels.Label(size, *labels.around(p, size, apart=0.2, most=2)) for p in at]
    taken = np.concatenate([at - 0.15, at + 0.15], axis=1)
    placed = labels.place(wanted, taken, width=10, height=10)
    half = np.array(size) / 2
    found = np.concatenate([placed.centres - half, placed.centres + half], axis=1)
    clear = np.flatnonzero(~placed.covering)
    for n in clear:
        others = np.concatenate([np.delete(found, n, axis=0), taken])
        apart = (
            (found[n, 2] <= others[:, 0]) | (found[n, 0] >= others[:, 2])
            | (found[n, 3] <= others[:, 1]) | (found[n, 1] >= others[:, 3])
        )  # fmt: skip
        assert apart.all()
        assert (found[n] >= 0).all()
        assert (found[n] <= 10).all()


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=8))
def test_symbols_are_moved_apart(points):
    placed = labels.spread(np.array(points), step=0.34)
    for n, one in enumerate(placed):
        for other in placed[:n]:
            assert np.hypot(*(one - other)) > 0.3


@given(st.text(alphabet="ab ", min_size=1, max_size=60).filter(str.split), st.integers(4, 30))
def test_wrapping_loses_no_word_and_keeps_the_width(text, most):
    lines = wrapped(text, most).split("\n")
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= most or " " not in line for line in lines)
