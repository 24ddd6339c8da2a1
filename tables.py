"""The data dictionary: every column of every table that a plan carries, once.

Screens and exports take labels, units and descriptions from here; nobody renames a column on the way out.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import pandas as pd

from text import Text, both

Dtype = Literal["str", "int64", "float64", "bool"]


class Column(NamedTuple):
    """One column: its name in code, dtype and unit; what people read stands in ``locales/tables.json``.

    `private` marks counts of persons that could point at somebody when they are small: they leave the
    planner's screen only as bands (`geo.privacy`).
    """

    name: str
    dtype: Dtype
    unit: str = ""
    private: bool = False

    @property
    def label(self) -> Text:
        """The head of the column."""
        return both(f"table.{self.name}")

    @property
    def description(self) -> Text:
        """What stands in it."""
        return both(f"table.{self.name}.about")


_COLUMNS: tuple[Column, ...] = (
    Column("commune_code", "str"),
    Column("commune", "str"),
    Column("commune_type", "str"),
    Column("group", "str"),
    Column("group_name", "str"),
    Column("lat", "float64", "°"),
    Column("lon", "float64", "°"),
    Column("persons", "float64", "persons", private=True),
    Column("persons_estimated", "bool"),
    Column("premises", "str"),
    Column("premises_name", "str"),
    Column("premises_type", "str"),
    Column("assumed", "bool"),
    Column("facility", "str"),
    Column("kind", "str"),
    Column("service", "str"),
    Column("existing", "bool"),
    Column("opened_stage", "str"),
    Column("host_kind", "str"),
    Column("caseload", "float64", "persons", private=True),
    Column("capacity", "float64", "persons"),
    Column("parent", "str"),
    Column("stage", "str"),
    Column("years", "int64", "years"),
    Column("minutes", "float64", "minutes"),
    Column("demand", "float64", "persons", private=True),
    Column("served", "float64", "persons", private=True),
    Column("no_capacity", "float64", "persons", private=True),
    Column("out_of_reach", "float64", "persons", private=True),
    Column("within_reach", "bool"),
    Column("share", "float64", "share", private=True),
    Column("points", "int64", "points"),
    Column("opened", "int64", "points"),
    Column("open", "int64", "points"),
    Column("cost_vnd", "int64", "VND"),
    Column("budget_vnd", "float64", "VND"),
    Column("rule", "str"),
    Column("text_vi", "str"),
    Column("text_en", "str"),
    Column("source", "str"),
    Column("kept", "bool"),
    Column("goal", "float64", "share"),
    Column("reached", "float64", "share", private=True),
    Column("missing", "float64", "persons", private=True),
    Column("met", "bool"),
    Column("hard", "bool"),
    Column("upgraded_from", "str"),
    Column("registered", "float64", "persons", private=True),
    Column("treated", "float64", "persons", private=True),
    Column("compulsory", "float64", "persons", private=True),
    Column("needed", "float64", "places", private=True),
    Column("in_community", "float64", "persons", private=True),
    Column("places", "float64", "places"),
    Column("unstated", "int64", "points"),
    Column("places_each", "float64", "places", private=True),
    Column("way", "str"),
    Column("reason", "str"),
    Column("metres", "float64", "metres"),
    Column("band", "str"),
    Column("travellers", "float64", "persons", private=True),
    Column("of_all", "float64", "share", private=True),
    Column("dosing", "str"),
    Column("visits_month", "float64", "visits"),
    Column("hours_month", "float64", "hours", private=True),
    Column("person_years", "float64", "persons", private=True),
    Column("presence", "float64", "persons", private=True),
    Column("of_best", "float64", "share", private=True),
    Column("presence_official", "float64", "persons", private=True),
    Column("presence_best", "float64", "persons", private=True),
    Column("presence_share", "float64", "share", private=True),
    Column("gained", "float64", "persons", private=True),
    Column("each", "int64", "persons"),
    Column("staff", "int64", "persons"),
)

COLUMNS: dict[str, Column] = {c.name: c for c in _COLUMNS}

TABLES: dict[str, tuple[str, ...]] = {
    "communes": (
        "commune_code",
        "commune",
        "commune_type",
        "group",
        "group_name",
        "lat",
        "lon",
        "persons",
        "persons_estimated",
    ),
    "facilities": (
        "facility",
        "premises",
        "premises_name",
        "premises_type",
        "kind",
        "service",
        "group",
        "group_name",
        "commune_code",
        "commune",
        "lat",
        "lon",
        "assumed",
        "existing",
        "opened_stage",
        "host_kind",
        "caseload",
        "capacity",
        "parent",
    ),
    "allocation": (
        "commune_code",
        "facility",
        "service",
        "stage",
        "persons",
        "minutes",
    ),
    "access": (
        "commune_code",
        "service",
        "stage",
        "demand",
        "served",
        "no_capacity",
        "out_of_reach",
        "facility",
        "minutes",
    ),
    "coverage": (
        "service",
        "stage",
        "demand",
        "served",
        "no_capacity",
        "out_of_reach",
        "share",
    ),
    "group_coverage": (
        "group",
        "group_name",
        "service",
        "stage",
        "demand",
        "served",
        "no_capacity",
        "out_of_reach",
        "share",
        "points",
    ),
    "stages": (
        "stage",
        "years",
        "opened",
        "cost_vnd",
        "budget_vnd",
    ),
    "counts": (
        "stage",
        "kind",
        "opened",
        "open",
    ),
    "rules": (
        "rule",
        "text_vi",
        "text_en",
        "source",
        "kept",
    ),
    "targets": (
        "rule",
        "service",
        "stage",
        "group",
        "group_name",
        "goal",
        "reached",
        "missing",
        "met",
        "hard",
    ),
    "openings": (
        "stage",
        "facility",
        "premises",
        "premises_name",
        "kind",
        "group",
        "group_name",
        "commune_code",
        "commune",
        "assumed",
        "opened",
        "upgraded_from",
    ),
    "balance": (
        "stage",
        "registered",
        "treated",
        "compulsory",
        "needed",
        "in_community",
        "places",
        "unstated",
        "served",
        "missing",
        "places_each",
    ),
    "travel": (
        "commune_code",
        "commune",
        "premises",
        "premises_name",
        "way",
        "reason",
        "metres",
    ),
    "travel_bands": (
        "service",
        "stage",
        "band",
        "travellers",
        "of_all",
    ),
    "travel_hours": (
        "service",
        "stage",
        "dosing",
        "visits_month",
        "hours_month",
    ),
    "longest_trips": (
        "service",
        "stage",
        "commune_code",
        "commune",
        "facility",
        "minutes",
        "travellers",
    ),
}
"""Columns of each table of a `Plan`, in order.

In ``access``, `facility` and `minutes` are those of the nearest open facility, within the standard or not
(empty and NaN where there is none).  ``openings`` has a row for each stage in which a facility opens, also of
one that a later upgrade closes; ``facilities`` has what is open at the end.  ``balance`` has a row for today
(`stage` empty) and one for each stage with goals; NaN is what no document says, or what is not known;
`served` counts each person once and is the most there can be, `missing` the least.  ``travel`` says how the
minutes of each commune (`premises` empty) and each premises were found.  ``travel_bands`` counts all who need
the service by the minutes to their nearest open point, ``travel_hours`` the person-hours a month of those
served, ``longest_trips`` the communes farthest from an open point.
"""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, a dict each."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict(orient="records")]


def shaped(table: str, rows: list[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """`rows` as that table: its columns, in order, with their dtypes; anything else is an error."""
    frame = (
        pd.DataFrame(rows, columns=list(TABLES[table]))
        if isinstance(rows, list)
        else rows[list(TABLES[table])]
    )
    return frame.astype({name: COLUMNS[name].dtype for name in TABLES[table]}).reset_index(drop=True)
