"""Grid cells, who claims them, and how far it is: what the drawing of approximate cells counts with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.recipe import Recipe

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Square cells, row by row from the south-west; `west`, `south` and `step` in metres."""

    west: float
    south: float
    step: float
    columns: int
    rows: int

    @classmethod
    def over(cls, boxes: Floats, recipe: Recipe) -> Grid:
        """The grid over `boxes` (west, east, south, north; shape (n, 4)) and a rim of five cells."""
        west, south = boxes[:, 0].min(), boxes[:, 2].min()
        width, height = boxes[:, 1].max() - west, boxes[:, 3].max() - south
        step = float(np.clip(np.sqrt(width * height / recipe.grid_cells), *recipe.step_m))
        rim = 5 * step
        columns, rows = (int(np.ceil((length + 2 * rim) / step)) for length in (width, height))
        return cls(float(west - rim), float(south - rim), step, columns, rows)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def column(self, x: Floats) -> Ints:
        """Number of columns whose centre lies west of `x`."""
        return np.clip(np.ceil((x - self.west) / self.step - 0.5), 0, self.columns).astype(np.int64)

    def row(self, y: Floats) -> Ints:
        """Number of rows whose centre lies south of `y`."""
        return np.clip(np.ceil((y - self.south) / self.step - 0.5), 0, self.rows).astype(np.int64)

    def x(self, cell: Ints) -> Floats:
        """Easting of the centre of each cell."""
        return np.asarray(self.west + (cell % self.columns + 0.5) * self.step)

    def y(self, cell: Ints) -> Floats:
        """Northing of the centre of each cell."""
        return np.asarray(self.south + (cell // self.columns + 0.5) * self.step)


@dataclass(frozen=True, eq=False)
class Contest:
    """All pairs of a grid cell and a site whose box contains it, sorted by cell; shape (p,) each."""

    cell: Ints
    site: Ints
    x: Floats
    y: Floats
    first: Ints
    """Where each contested cell begins, shape (c,)."""
    turn: Ints
    """Which of the c contested cells each pair belongs to."""

    @classmethod
    def of(cls, boxes: Floats, grid: Grid) -> Contest:
        """Everybody's claims."""
        left, right = grid.column(boxes[:, 0]), grid.column(boxes[:, 1])
        low, high = grid.row(boxes[:, 2]), grid.row(boxes[:, 3])
        claims = [
            (np.arange(low[k], high[k])[:, None] * grid.columns + np.arange(left[k], right[k])).ravel()
            for k in range(len(boxes))
        ]
        cell = np.concatenate(claims)
        site = np.repeat(np.arange(len(boxes)), [len(claim) for claim in claims])
        order = np.argsort(cell, kind="stable")
        cell, site = cell[order], site[order]
        start = np.r_[True, cell[1:] != cell[:-1]] if len(cell) else np.empty(0, bool)
        turn = np.cumsum(start) - 1
        return cls(cell, site, grid.x(cell), grid.y(cell), np.flatnonzero(start), turn)

    def winners(self, distance: Floats) -> Ints:
        """For each contested cell, the pair with the least distance (the lower site where equal)."""
        least = np.minimum.reduceat(distance, self.first)
        best = np.flatnonzero(distance == least[self.turn])
        return best[np.r_[True, self.turn[best][1:] != self.turn[best][:-1]]]


def distances(contest: Contest, scale: Floats, point: Floats, recipe: Recipe) -> Floats:
    """Distance of each pair, shape (p,): 1 where the superellipse (L3) inscribed in its `scale` runs.

    Args:
        contest: the pairs.
        scale: west, east, south, north of what each site measures with, metres, shape (n, 4).
        point: of each site, metres, shape (n, 2); draws the centre towards it.
        recipe: the parameters.
    """
    centre = (scale[:, 0::2] + scale[:, 1::2]) / 2
    centre += recipe.point_pull * (point - centre)
    half = (scale[:, 1::2] - scale[:, 0::2]) / 2
    across = np.abs((contest.x - centre[contest.site, 0]) / half[contest.site, 0])
    along = np.abs((contest.y - centre[contest.site, 1]) / half[contest.site, 1])
    return np.asarray(np.cbrt(across * across * across + along * along * along))  # faster than ** 3
