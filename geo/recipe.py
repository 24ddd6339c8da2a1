"""Parameters of the approximate cells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Parameters of the approximate cells: one set for the whole country.

    Chosen by measuring against real polygons of three provinces (flat delta, hills, mountains), and what
    the choice does to the communes of July 2025 around them; no optimum is sharp, so that rounded values
    stand here.

    Attributes:
        step_m: finest and coarsest side of a grid cell, metres.
        grid_cells: cells the grid should have about, between these two sides.
        point_pull: where a commune's centre lies between the centre of its box (0) and its point (1).
        size_weight: a distance counts the less, the larger the box: by its area to the power of minus this.
        broken_side_m: a box with a shorter side, metres, is broken.
        broken_share: a box with less or more than this many times the area of the point's Voronoi cell is.
        box_fill: share of its box that a commune fills, on average.
        settle_step_m: side of the grid cells on which communes with broken boxes look for a place,
        settle_rounds: how often they do,
        settle_rate: which share of the way they go,
        settle_reach: and how far they see, half boxes.
        reach_rounds: how often scales grow towards sides of the box that were not reached,
        reach_rate: by which share of the gap,
        reach_limit: and up to which share of the box.
        rounds: rounds of the competition in all.
        nudge: step of the multipliers in a round, half boxes; 0 ignores what is known of unions.
        nudge_limit: bound of the multipliers, half boxes.
        credible_area: a union's area is believed where it is within this factor of what its members' boxes
            suggest; the second number holds where all boxes are broken, between them what lies between.
        credible_centroid: its centroid is believed where it is as near as this to its members' centre, in
            radii of a disc of their area; the second number again where all boxes are broken.
        stray: a point with a broken box this far from the centroid, in such radii, is not asked.
        least_fill: share of its box that a commune gets in any case, as far as the competition lets it,
        need_limit: for which its distances shrink by up to as many half boxes.
        land_reach: distance in half boxes up to which a cell at the outer border is land.
        simplify_steps: tolerance of the simplification, grid steps.
    """

    step_m: tuple[float, float] = (100.0, 200.0)
    grid_cells: int = 400_000
    point_pull: float = 0.35
    size_weight: float = 0.2
    broken_side_m: float = 500.0
    broken_share: tuple[float, float] = (0.35, 12.0)
    box_fill: float = 0.52
    settle_step_m: float = 500.0
    settle_rounds: int = 4
    settle_rate: float = 0.7
    settle_reach: float = 1.5
    reach_rounds: int = 5
    reach_rate: float = 0.3
    reach_limit: float = 0.4
    rounds: int = 30
    nudge: float = 0.07
    nudge_limit: float = 0.3
    credible_area: tuple[float, float] = (1.3, 2.0)
    credible_centroid: tuple[float, float] = (0.35, 0.6)
    stray: float = 2.3
    least_fill: float = 0.15
    need_limit: float = 1.0
    land_reach: float = 1.05
    simplify_steps: float = 1.0
