"""Where the words of a map stand, so that none covers another, a symbol, or the frame.

Each label has spots to choose from, each at a cost; the labels choose in turn, those with the fewest free
spots first, and choose again until nobody finds a better one.  No randomness: the same map looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COVERED = 1e3
"""Cost of a square centimetre that covers something else."""
TOUCHED = 20.0
"""Cost of covering something at all."""
SWEEPS = 30


class Label(NamedTuple):
    """A text of `size` (width, height) that may stand with its centre at any of `spots`, (n, 2), at `costs`,
    (n,); centimetres.
    """

    size: tuple[float, float]
    spots: Floats
    costs: Floats


class Placed(NamedTuple):
    """The centre of each label, (n, 2), and which of them cover something, (n,)."""

    centres: Floats
    covering: NDArray[np.bool_]


def place(labels: Sequence[Label], taken: Floats, *, width: float, height: float) -> Placed:
    """Choose a spot for each label.

    Args:
        labels: what to place.
        taken: boxes (left, bottom, right, top) to keep free, (m, 4).
        width, height: of the frame, from (0, 0).
    """
    boxes = [_boxes(label) for label in labels]
    fixed = []
    for label, mine in zip(labels, boxes, strict=True):
        outside = (
            (mine[:, 0] < 0) | (mine[:, 1] < 0) | (mine[:, 2] > width) | (mine[:, 3] > height)
        )  # fmt: skip
        fixed.append(label.costs + _cost(_overlaps(mine, taken)).sum(axis=1) + np.where(outside, 1e5, 0.0))
    order = sorted(range(len(labels)), key=lambda n: (int((fixed[n] < TOUCHED).sum()), n))
    chosen: dict[int, int] = {}
    for _ in range(SWEEPS):
        before = dict(chosen)
        for n in order:
            others = np.array([boxes[m][c] for m, c in chosen.items() if m != n]).reshape(-1, 4)
            chosen[n] = int(np.argmin(fixed[n] + _cost(_overlaps(boxes[n], others)).sum(axis=1)))
        if chosen == before:
            break
    final = np.array([boxes[n][chosen[n]] for n in range(len(labels))]).reshape(-1, 4)
    among = _overlaps(final, final)
    np.fill_diagonal(among, 0.0)
    covering = (among.sum(axis=1) > 0) | np.array(
        [fixed[n][chosen[n]] - labels[n].costs[chosen[n]] > 0 for n in range(len(labels))], dtype=bool
    )
    centres = np.array([labels[n].spots[chosen[n]] for n in range(len(labels))]).reshape(-1, 2)
    return Placed(centres, covering)


def around(at: Floats, size: tuple[float, float], *, apart: float, most: float) -> tuple[Floats, Floats]:
    """Spots around a symbol at `at`: beside, above and below it and farther out, and what each costs.

    Args:
        at: (2,).
        size: of the text.
        apart: distance kept from the symbol's centre.
        most: how far out a label may go.
    """
    spots, costs = [], []
    for far in np.arange(0.0, most, 0.12):
        for turn in np.arange(0, 2 * np.pi, np.pi / 12):
            x, y = np.cos(turn), np.sin(turn)
            # the box's nearest edge keeps the distance, whichever way it lies
            reach = min(
                size[0] / 2 / abs(x) if abs(x) > 1e-9 else np.inf,
                size[1] / 2 / abs(y) if abs(y) > 1e-9 else np.inf,
            )
            spots.append(at + (apart + far + reach) * np.array([x, y]))
            # to the right is where eyes look first
            costs.append(far * 6 + 0.5 * (1 - x) / 2 + 0.3 * abs(y))
    return np.array(spots), np.array(costs)


def spread(homes: Floats, *, step: float) -> Floats:
    """Positions, (n, 2), near `homes` of which no two are nearer than `step`."""
    found = homes.copy()
    for _ in range(120):
        moved = False
        for a in range(len(found)):
            for b in range(a):
                apart = found[a] - found[b]
                distance = float(np.hypot(*apart))
                if distance >= step - 1e-3:
                    continue
                if distance < step / 40:
                    apart, distance = np.array([np.cos(a - b), np.sin(a - b)]), 1.0
                push = (step - min(distance, step)) / 2 if distance < step else step / 2
                found[a] += apart / distance * push
                found[b] -= apart / distance * push
                moved = True
        if not moved:
            break
    return found


def _boxes(label: Label) -> Floats:
    half = np.array(label.size) / 2
    return np.concatenate([label.spots - half, label.spots + half], axis=1)


def _overlaps(one: Floats, other: Floats) -> Floats:
    """Area that each pair of boxes shares, (n, m)."""
    wide = np.minimum(one[:, None, 2], other[None, :, 2]) - np.maximum(one[:, None, 0], other[None, :, 0])
    high = np.minimum(one[:, None, 3], other[None, :, 3]) - np.maximum(one[:, None, 1], other[None, :, 1])
    return np.where((wide > 0) & (high > 0), wide * high, 0.0)


def _cost(area: Floats) -> Floats:
    return np.where(area > 0, TOUCHED + COVERED * area, 0.0)
