"""A whole scenario of early 2025 carried to the communes of July 2025, and what changed by that, in words.

Former districts become service areas with their codes, so that rules, offers and openings that name them go
on to hold; communes and premises go to their successors; counts keep their total (`geo.reforms`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo import units
from planner.crosswalk import Crosswalk, crosswalk, expected
from scenarios.reading import from_data
from scenarios.references import STATION
from scenarios.schema import ASSUMED, Scenario
from tables import records
from text import Text, both, number, sort_key

Data = dict[str, Any]

SECTIONS = ("place", "renamed", "merged", "divided", "areas", "premises", "rules", "counts", "check")
"""Parts of the report, in its order; catalogue ``reform.section.<name>``."""


class Change(NamedTuple):
    """One line of the report."""

    section: str
    text: Text


@dataclass(frozen=True, eq=False, kw_only=True)
class Reformed:
    """A scenario on the communes of July 2025.

    Attributes:
        scenario: checked; it can be solved and written (`scenarios.reading.written`).
        changes: what is different, sections in the order of `SECTIONS`.
        crosswalk: which communes and groups became which.
    """

    scenario: Scenario
    changes: tuple[Change, ...]
    crosswalk: Crosswalk


def reformed(scenario: Scenario) -> Reformed:
    """`scenario` on the communes of July 2025.

    Raises:
        DataError: it is on that list already, is one of the nation, or its province was divided.
        ScenarioError: it does not hold together, before or after.
    """
    cross = crosswalk(scenario)
    work = _Work(scenario, cross)
    data = work.data()
    changes = [*_told(scenario, cross), *work.changes]
    order = sorted(changes, key=lambda change: SECTIONS.index(change.section))
    return Reformed(scenario=from_data(data), changes=tuple(order), crosswalk=cross)


class _Work:
    """The scenario's data while it is carried over, and what is to be told of it."""

    def __init__(self, scenario: Scenario, cross: Crosswalk) -> None:
        self.scenario, self.cross = scenario, cross
        self.changes: list[Change] = []
        self.source = f"literature: {units.list_version()}"

    def data(self) -> Data:
        """The data of the carried scenario."""
        s = self.scenario
        data = copy.deepcopy({k: v for k, v in s.data.items() if k != "extends"})
        data["id"] = f"{s.id[:50]}_2025_07"
        data["title"] = _words("reform.title", title=s.title.text)
        data["changes"] = [
            *data.get("changes", []),
            _words("reform.change", persons=_number(s.registered_persons.total.value)),
        ]
        data["place"] = self._place()
        data["registered_persons"] |= self._persons()
        self._block(data)
        for code, question in list(data.get("questions", {}).items()):
            self._question(question)
            if not question["options"]:
                del data["questions"][code]
        for name, place in data["premises"].get("named", {}).items():
            self._premises(name, place)
        return data

    def _place(self) -> Data:
        cross, s = self.cross, self.scenario
        by_group = s.registered_persons.by_group
        areas: Data = {}
        for code in by_group:
            if code in cross.members:
                mixed = [cross.names[new] for new in cross.members[code] if new in cross.mixed]
                how: Data = {"source": self.source}
                if mixed:
                    how = {"source": "inferred", "note": _words("reform.area_note", communes=_listing(mixed))}
                areas[code] = {"name": self._area_name(code), "communes": cross.members[code], **how}
        return {
            "province": cross.province,
            "vintage": "2025-07",
            "groups": "area",
            "areas": areas,
            "source": self.source,
            "note": _words("reform.place_note", communes=len(cross.area), before=len(cross.communes)),
        }

    def _area_name(self, code: str) -> str:
        return both("reform.area_name", group=self.cross.group_names[code]).vi

    def _persons(self) -> Data:
        """Counts by group and commune; where the document counts nobody, what to split its total by."""
        s, cross = self.scenario, self.cross
        persons = s.registered_persons
        uncounted = persons.by_commune is None and all(g.persons is None for g in persons.by_group.values())
        by_commune = {row["commune_code"]: int(row["persons"]) for row in records(cross.carried.counts)}
        by_group: Data = {}
        for code, given in persons.by_group.items():
            if code not in cross.members:
                continue
            entry: Data = {"name": self._area_name(code), "source": given.source}
            if given.note:
                entry["note"] = given.note.model_dump()
            if given.persons is not None:
                entry["persons"] = sum(by_commune[new] for new in cross.members[code])
                if entry["persons"] != given.persons:
                    values = {
                        "group": given.name,
                        "before": _number(given.persons),
                        "after": _number(entry["persons"]),
                    }
                    entry |= {"source": "estimate", "note": _words("reform.group_note", **values)}
                    self._tell("counts", "reform.group_count", **values)
            by_group[code] = entry
        if uncounted:
            return {"by_group": by_group, "split": self._split()}
        guessed = bool(cross.carried.counts["estimated"].any())
        source, note = ("estimate", "reform.counts_note") if guessed else ("inferred", "reform.counts_exact")
        counted = {"persons": by_commune, "source": source, "note": _words(note)}
        return {"by_group": by_group, "by_commune": counted} | self._weights()

    def _split(self) -> Data:
        s, cross = self.scenario, self.cross
        old = expected(s, cross.communes)
        parts = cross.shares.assign(amount=cross.shares["share"] * cross.shares["commune_code"].map(old))
        sums = parts.groupby("successor_code")["amount"].sum()
        self._tell("counts", "reform.split")
        return {
            "method": "population",
            "population": {str(code): round(amount) for code, amount in sums.items()},
            "source": "estimate",
            "note": _words("reform.split_note"),
        }

    def _weights(self) -> Data:
        """The old split, which no commune needs any more, with a weight for every type there is."""
        split = copy.deepcopy(self.scenario.registered_persons.split.model_dump(exclude_defaults=True))
        if split["method"] == "population":
            return {"split": self._split()}
        listed = units.communes(self.cross.province, "2025-07")
        mine = listed[listed["commune_code"].isin(list(self.cross.area))]
        for kind in sorted(set(mine["commune_type"]) - set(split["weights"])):
            split["weights"][kind] = min(split["weights"].values())
            split |= {"source": "estimate", "note": _words("reform.weight_note", kind=kind)}
        return {"split": split}

    # --- what names groups, communes or premises ---------------------------------------------------

    def _block(self, data: Data) -> None:
        """Carry over, in place, every reference in scenario data, or in a patch of it."""
        for name, rule in _each(data, "rules"):
            if not self._rule(name, rule):
                del data["rules"][name]
        for _, kind in _each(data, "kinds"):
            self._keys(kind, "offered")
        for _, service in _each(data, "services"):
            self._keys(service, "suited_by_group")
        for _, priority in _each(data, "registered_persons", "priority"):
            self._list(priority, "groups", self._group)
            if priority.get("communes"):
                priority["communes"] = self._communes(priority["communes"])
        self._document(data)

    def _document(self, data: Data) -> None:
        for opening in (data.get("official") or {}).get("openings") or ():
            self._opening(opening)
        for _, seen in _each(data, "observed"):
            if seen.get("group"):
                seen["group"] = self._group(seen["group"])
        for name, criterion in _each(data, "criteria"):
            self._answers(name, criterion)

    def _group(self, code: str) -> str:
        return self.cross.groups.get(code, code)

    def _communes(self, codes: list[str]) -> list[str]:
        return list(dict.fromkeys(new for code in codes for new in self.cross.into.get(code, [code])))

    def _list(self, part: Data | None, key: str, carry: Callable[[str], str]) -> None:
        if part and part.get(key):
            part[key] = list(dict.fromkeys(map(carry, part[key])))

    def _keys(self, part: Data | None, key: str) -> None:
        """A mapping by group; of two groups in one area the one that gave the area its code decides."""
        if part and part.get(key):
            kept = {c: v for c, v in part[key].items() if self._group(c) == c}
            part[key] = kept | {self._group(c): v for c, v in part[key].items() if self._group(c) not in kept}

    def _rule(self, name: str, rule: Data) -> bool:
        """Whether the rule still says something; what it names is carried over."""
        self._keys(rule, "exceptions")
        self._list(rule, "groups", self._group)
        before = len(rule.get("premises") or ())
        self._list(rule, "premises", self.cross.station)
        after = len(rule.get("premises") or ())
        if after < before:
            self._tell(
                "check", "reform.rule_premises", rule=self._rule_text(name), before=before, after=after
            )
            if rule.get("at_least") and rule["rule"] == "pinned":
                rule["at_least"] = min(rule["at_least"], after)
        if rule.get("rule") == "cluster":
            clusters = rule.get("clusters") or {"": rule["communes"]}
            kept = {key: self._communes(codes) for key, codes in clusters.items()}
            small = [key for key, codes in kept.items() if len(codes) < 2]
            for key in small:
                where = self.cross.names.get(kept[key][0], kept[key][0])
                self._tell("rules", "reform.cluster_gone", rule=self._rule_text(name), commune=where)
                del kept[key]
            if "clusters" in rule:
                rule["clusters"] = kept
            elif kept:
                rule["communes"] = kept[""]
            return bool(kept)
        return True

    def _rule_text(self, name: str) -> Text:
        rule = self.scenario.rules.get(name)
        return rule.text.text if rule else Text(name, name)

    def _opening(self, opening: Data) -> None:
        if opening.get("group"):
            opening["group"] = self._group(opening["group"])
        for key, carry in (("groups", self._group), ("premises", self.cross.station)):
            self._list(opening, key, carry)
            count = opening.get("count", 1)
            if opening.get(key) and count > len(opening[key]):
                opening["count"] = len(opening[key])
                self._tell("check", "reform.opening_count", stage=opening["stage"], before=count,
                           after=opening["count"])  # fmt: skip

    def _answers(self, name: str, criterion: Data | None) -> None:
        """Answers by group or premises; where merged ones differ nobody has answered yet."""
        if not criterion or not criterion.get("answers"):
            return
        carry = self._group if criterion.get("concerns") == "group" else self.cross.station
        found: dict[str, set[bool]] = {}
        for place, answer in criterion["answers"].items():
            found.setdefault(carry(place), set()).add(answer)
        criterion["answers"] = {place: min(said) for place, said in found.items() if len(said) == 1}
        for place in (place for place, said in found.items() if len(said) > 1):
            commune = place.removeprefix(STATION)
            where = self.cross.names.get(commune, place)
            self._tell("check", "reform.answers_differ", criterion=name, place=where)

    def _question(self, question: Data) -> None:
        """Options as patches of the carried scenario; one that counts persons anew fits no more."""
        for name, option in list(question["options"].items()):
            patch = option["patch"]
            counts = {"by_group", "by_commune", "split", "total"} & (
                patch.get("registered_persons") or {}
            ).keys()
            if counts or "place" in patch:
                del question["options"][name]
                self._tell("check", "reform.option_gone", question=Text(**question["text"]),
                           option=Text(**option["label"]))  # fmt: skip
            else:
                self._block(patch)
                for key, place in ((patch.get("premises") or {}).get("named") or {}).items():
                    if place and place.get("commune"):
                        self._premises(key, place)

    def _premises(self, name: str, place: Data) -> None:
        """Into the new commune, in its former group still."""
        cross, old = self.cross, place["commune"]
        new = cross.spot(old)
        place["commune"] = new
        unsure = len(cross.into[old]) > 1
        if place.get("commune_source") not in ASSUMED:
            place["commune_source"] = "estimate" if unsure else "inferred"
        if place.get("group"):
            place["group"] = self._group(place["group"])
        elif not place.get("in_no_group"):
            groups = dict(zip(cross.communes["commune_code"], cross.communes["group"], strict=True))
            if self._group(groups[old]) != cross.area[new]:
                place["group"] = self._group(groups[old])
        values = {"premises": place.get("name", name), "old": cross.old_names[old], "new": cross.names[new]}
        self._tell("premises", "reform.premises_divided" if unsure else "reform.premises", **values)
        if place.get("group", cross.area[new]) != cross.area[new]:
            self._tell("premises", "reform.premises_group", premises=values["premises"], new=values["new"],
                       group=cross.group_names[place["group"]],
                       other=cross.group_names[cross.area[new]])  # fmt: skip

    def _tell(self, section: str, key: str, **values: object) -> None:
        change = Change(section, both(key, **values))
        if change not in self.changes:
            self.changes.append(change)


def _each(data: Data, *path: str) -> list[tuple[str, Data]]:
    """The named parts of a block, as far as they are there."""
    block = data
    for key in path:
        block = block.get(key) or {}
    return [(name, part) for name, part in block.items() if part is not None]


def _told(scenario: Scenario, cross: Crosswalk) -> list[Change]:
    """What became of communes, groups and counts."""
    moves, names = cross.carried.moves, cross.names
    count = {"before": len(cross.communes), "after": len(cross.area), "province": _province(cross)}
    told = [Change("place", both("reform.list", **count))]
    for new, rows in sorted(moves.groupby("new_code"), key=lambda item: sort_key(names[str(item[0])])):
        olds = [
            both("reform.part_of", commune=row["old"])
            if row["why"] == "divided"
            else Text(row["old"], row["old"])
            for row in sorted(records(rows), key=lambda row: sort_key(row["old"]))
        ]
        values = {"new": names[str(new)], "old": _joined(olds, ", ")}
        reason = "renamed" if len(rows) == 1 else "merged"
        if set(rows["why"]) != {"kept"} and not (reason == "renamed" and "divided" in set(rows["why"])):
            told.append(Change(reason, both(f"reform.{reason}", **values)))
    for (_, old), rows in moves[moves["why"] == "divided"].groupby(["old_code", "old"]):
        parts = [
            both("reform.part", commune=row["new"], percent=f"{100 * row['share']:.0f}",
                 persons=_number(row["persons"]))
            for row in records(rows)
        ]  # fmt: skip
        told.append(Change("divided", both("reform.divided", old=old, parts=_joined(parts, "; "))))
    for code, members in cross.members.items():
        group = cross.group_names[code]
        told.append(Change("areas", both("reform.area", group=group, count=len(members))))
    for new, groups in cross.mixed.items():
        first, *others = (cross.group_names[group] for group in groups)
        values = {"commune": names[new], "group": first, "others": _listing(others)}
        told.append(Change("areas", both("reform.mixed", **values)))
    for group, area in cross.groups.items():
        if group != area:
            values = {"group": cross.group_names[group], "area": cross.group_names[area]}
            told.append(Change("areas", both("reform.group_gone", **values)))
    total = scenario.registered_persons.total.value
    told.append(Change("counts", both("reform.total", persons=_number(total))))
    if (estimated := cross.carried.counts["estimated"]).any():
        told.append(
            Change("counts", both("reform.estimated", count=int(estimated.sum()), all=len(estimated)))
        )
    told += [Change("counts", Text(p.say("vi"), p.say("en"))) for p in cross.carried.problems]
    told.append(Change("check", both("reform.check_points")))
    told.append(Change("check", both("reform.check_words")))
    return told


def _province(cross: Crosswalk) -> str:
    listed = units.provinces("2025-07")
    return str(listed.set_index("province_code")["province"][cross.province])


def _words(key: str, **values: object) -> Data:
    return both(key, **values)._asdict()


def _number(value: int) -> Text:
    return Text(number(value, "vi"), number(value, "en"))


def _joined(parts: list[Text], between: str) -> Text:
    return Text(between.join(p.vi for p in parts), between.join(p.en for p in parts))


def _listing(names: list[str]) -> str:
    return ", ".join(names)
