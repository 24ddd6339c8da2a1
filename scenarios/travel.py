"""How travel times are found: by a straight line, by road, from the planner's own table, or not at all."""

from __future__ import annotations

from typing import Literal

from scenarios.figures import Factor, FileName, Metres, Part, PartOfSpeed, Sourced, Speed

Method = Literal["straight_line", "within_group", "roads", "table"]
Mode = Literal["motorcycle", "car", "walking"]


class Roads(Part):
    """Minutes by road, from a graph that is kept on this machine.

    Attributes:
        wet_season_factor: what is left of the speed on unpaved and minor roads; 1 is the dry season.
        snap_metres: places farther than this from a road go by the straight line.
        walking_kmh: speed of the way from a place to the road.
        file: name of a kept graph; without it, the one kept for the province and the mode.
    """

    wet_season_factor: PartOfSpeed
    snap_metres: Metres
    walking_kmh: Speed
    file: FileName | None = None


class TravelTable(Sourced):
    """Minutes that the planner brings, from communes to premises; the file is kept on this machine.

    What stands nowhere in the table is an error, or where `missing` says so goes by the straight line.
    """

    file: FileName
    missing: Literal["refuse", "straight_line"] = "refuse"


class Travel(Part):
    """Straight line × detour ÷ speed, by itself or where there is no road graph and no entry in a table.

    ``within_group``: nobody leaves the group, and inside it no time is counted, so that neither is asked for;
    for a nation of provinces.
    """

    mode: Mode
    method: Method
    speed_kmh: Speed | None = None
    detour_factor: Factor | None = None
    roads: Roads | None = None
    table: TravelTable | None = None
