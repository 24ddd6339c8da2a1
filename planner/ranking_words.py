"""The ranking of places as rows and words, for the sheet that is printed and written."""

from __future__ import annotations

from optimization.instance import Instance
from planner.geography import Geography
from planner.ranking import Ranked, Ranking
from scenarios.schema import Scenario
from text import Text, both, number

COLUMNS = (
    "level",
    "rank",
    "place",
    "premises",
    "gain_alone",
    "share",
    "as_last",
    "gain_after",
    "ties",
    "unchecked",
)
Cells = tuple[str | int | float | Text | None, ...]


def commune_of(instance: Instance, places: Geography) -> list[int]:
    """The index of the commune in which each premises stands, (J,)."""
    index = {code: n for n, code in enumerate(instance.communes)}
    return [index[code] for code in places.premises["commune_code"]]


def unchecked(scenario: Scenario, kind: str, premises: str, group: str) -> tuple[int, int]:
    """(conditions not answered yet, all conditions) that speak of `kind` at these premises of this group."""
    mine = [c for c in scenario.criteria.values() if c.kinds is None or kind in c.kinds]
    about = [(c, premises if c.concerns == "premises" else group) for c in mine]
    return sum(place not in c.answers for c, place in about), len(mine)


def table(
    scenario: Scenario, places: Geography, instance: Instance, found: Ranking, *, kind: int, opens: int
) -> tuple[tuple[str, ...], tuple[Cells, ...], Text]:
    """Columns (``explore.column.*``), rows and a note; `opens` is how many of `kind` the plan opens."""
    kind_id, hosts = instance.kinds[kind].id, places.premises

    def cells(level: Text, name: str, r: Ranked) -> Cells:
        premises: str | None = None
        open_: int | None = None
        if r.facility is not None:
            host = hosts.iloc[int(instance.site[r.facility])]
            premises = str(host["premises_name"])
            open_, _ = unchecked(scenario, kind_id, str(host["premises"]), str(host["group"]))
        share = None if r.alone is None or not found.demand else r.alone / found.demand
        return (level, r.rank, name, premises, r.alone, share, r.as_last, r.after, r.ties, open_)

    groups = [scenario.registered_persons.by_group[g].name for g in instance.groups]
    listed = places.communes[["commune", "group_name"]].itertuples(index=False)
    communes = [f"{commune}, {group}" for commune, group in listed]
    rows = [cells(both("explore.level.group"), groups[r.place], r) for r in found.groups]
    rows += [cells(both("explore.level.commune"), communes[r.place], r) for r in found.communes]
    return COLUMNS, tuple(rows), _note(scenario, places, found, kind_id, opens)


def _note(scenario: Scenario, places: Geography, found: Ranking, kind: str, opens: int) -> Text:
    """How the ranking is to be read, and how far it can be trusted."""
    parts = [
        both("explore.note.ranking", kind=scenario.kinds[kind].label.text, n=opens),
        both("explore.note.ranking_closed" if found.closed else "explore.note.ranking_solved"),
    ]
    ranked = [r for r in found.groups if r.rank is not None]
    if ranked and all(r.alone is None for r in ranked):
        parts.append(both("explore.note.ranking_next"))
    if not found.proved:
        parts.append(both("explore.note.ranking_unproved"))
    _, conditions = unchecked(scenario, kind, "", "")
    if conditions:
        parts.append(both("explore.note.ranking_conditions", n=conditions))
    if estimated := int(places.communes["persons_estimated"].sum()):
        values = {"n": estimated, "all": len(places.communes)}
        parts.append(both("explore.note.ranking_estimated", **values))
    if scenario.registered_persons.total.source == "estimate":
        total = scenario.registered_persons.total.value
        parts.append(both("explore.note.ranking_scale", n=Text(number(total, "vi"), number(total, "en"))))
    return Text(" ".join(p.vi for p in parts), " ".join(p.en for p in parts))
