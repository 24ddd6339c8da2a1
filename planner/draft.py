"""A new scenario for a province: its communes and groups filled in, everything else ready to be replaced."""

from __future__ import annotations

from string import Template

import pandas as pd

from geo import reforms, units
from geo.units import Vintage
from scenarios import strict_yaml
from scenarios.reading import FOLDER, from_data
from text import both, fold, sort_key

TEMPLATE, SPLIT = FOLDER / "draft.txt", FOLDER / "draft_split.txt"

PER = 1000
"""Registered persons where nobody has given a number: results are then shares per thousand."""


def draft(
    province: str, vintage: Vintage, *, first_year: int, years: int, each_year: int, total: int | None = None
) -> str:
    """The text of a scenario file that solves as it is, on estimates, and says what to replace.

    Groups are the districts or, on the list of July 2025, areas after the former districts.

    Args:
        province: its code in the list `vintage`.
        first_year, years: the stages, one a year.
        each_year: points to open at most each year.
        total: registered persons; without it results are per `PER` persons.

    Raises:
        DataError: a province that is not listed.
        ScenarioError: the figures do not make a scenario.
    """
    communes = units.communes(province, vintage)
    name = str(communes["province"].iloc[0])
    stages = [str(first_year + n) for n in range(years)]
    areas = vintage == "2025-07"
    grouped = former_districts(communes) if areas else _districts(communes)
    span = stages[0] if years == 1 else f"{stages[0]}–{stages[-1]}"
    ident = f"{_slug(name)}_{stages[0]}" + (f"_{stages[-1]}" if years > 1 else "")
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id=ident,
        title=f"{name} {span}",
        title_en=f"{name} {span}",
        province=province,
        vintage=vintage,
        groups="area" if areas else "district",
        areas=_areas(grouped) if areas else "",
        stages="".join(f'  "{stage}": {{years: 1, source: user}}\n' for stage in stages),
        total=_total(total),
        by_group=_by_group(grouped),
        split=_split_by_expected(grouped) if areas else SPLIT.read_text(encoding="utf-8"),
        rules="".join(_rule(stage, each_year) for stage in stages),
        commune=communes["commune_code"].iloc[0],
        first=stages[0],
    )
    data, lines = strict_yaml.parse(text, f"{ident}.yaml")
    from_data(data, lines)  # a draft that does not hold together is never handed out
    return text


_Row = tuple[str, str, str, str, float]
"""commune_code, commune, group, group_name, expected."""


def former_districts(communes: pd.DataFrame) -> pd.DataFrame:
    """Communes of July 2025 with the district of early 2025 that most of each comes from.

    "Most" is by expected persons: the type's weight of each former commune, times the part of it that went
    here.  A commune without a predecessor in the lists (a former island district) is a group of its own.

    Returns:
        commune_code, commune, group, group_name, expected (persons, relative); sorted by group and commune.
    """
    weights = _weights()
    pairs = units.successors()
    mine = pairs[pairs["successor_code"].isin(communes["commune_code"])]
    shares = reforms.links(set(mine["commune_code"])).merge(units.everywhere("2025-01"), on="commune_code")
    shares["expected"] = shares["share"] * shares["commune_type"].map(weights).fillna(min(weights.values()))
    by = ["successor_code", "district_code", "district", "province"]
    parts = shares.groupby(by)["expected"].sum().reset_index()
    best = parts.sort_values(["expected", "district_code"], ascending=[False, True], kind="stable")
    best = best.drop_duplicates("successor_code").set_index("successor_code")
    sums = parts.groupby("successor_code")["expected"].sum()
    twice = {fold(n) for n in _repeated(best)}
    rows: list[_Row] = []
    for code, commune in zip(communes["commune_code"], communes["commune"], strict=True):
        if code not in best.index:
            rows.append((code, commune, code, commune, float(min(weights.values()))))
            continue
        home = best.loc[code]
        name = str(home["district"])
        label = both("draft.former" if fold(name) not in twice else "draft.former_of",
                     district=name, province=home["province"]).vi  # fmt: skip
        rows.append((code, commune, str(home["district_code"]), label, float(sums[code])))
    return _sorted(rows)


def _repeated(best: pd.DataFrame) -> list[str]:
    """Names that districts of several former provinces bear."""
    named = best.drop_duplicates("district_code")["district"]
    return [str(name) for name in named[named.map(fold).duplicated(keep=False)]]


def _districts(communes: pd.DataFrame) -> pd.DataFrame:
    columns = (communes[name] for name in ("commune_code", "commune", "district_code", "district"))
    return _sorted([(*row, 0.0) for row in zip(*columns, strict=True)])


def _sorted(rows: list[_Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["commune_code", "commune", "group", "group_name", "expected"])
    return frame.sort_values(["group", "commune_code"], ignore_index=True)


def _weights() -> dict[str, float]:
    """Expected persons by type of commune, as the draft for early 2025 has them."""
    data, _ = strict_yaml.parse("split:\n" + SPLIT.read_text(encoding="utf-8"), SPLIT.name)
    return {kind: float(weight) for kind, weight in data["split"]["weights"].items()}


# --- blocks of the file ----------------------------------------------------------------------------


def _areas(grouped: pd.DataFrame) -> str:
    lines = ["  areas: # theo huyện cũ; gom lại theo ý mình · after former districts; regroup as you like"]
    for (code, name), members in grouped.groupby(["group", "group_name"], sort=True):
        lines += [f'    "{code}":', f'      name: "{name}"', "      source: user", "      communes:"]
        lines += [
            f'        - "{c}" # {n}' for c, n in zip(members["commune_code"], members["commune"], strict=True)
        ]
    return "\n".join(lines) + "\n"


def _total(total: int | None) -> str:
    if total is not None:
        return f"  total: {{value: {total}, source: user}}\n"
    note = both("draft.per_thousand", n=PER)
    return (
        f"  total:\n    value: {PER}\n    source: estimate\n"
        f'    note:\n      vi: "{note.vi}"\n      en: "{note.en}"\n'
    )


def _by_group(grouped: pd.DataFrame) -> str:
    lines = []
    for (code, name), members in grouped.groupby(["group", "group_name"], sort=True):
        lines.append(f'    "{code}": {{name: "{name}", source: user}}')
        if members["expected"].sum() == 0:  # areas list their communes already
            spoken = sorted(zip(members["commune"], members["commune_code"], strict=True), key=_by_name)
            lines += [f"      # {c} {n}" for n, c in spoken]
    return "\n".join(lines)


def _by_name(pair: tuple[str, str]) -> tuple[object, ...]:
    return (sort_key(pair[0]), pair[1])


def _split_by_expected(grouped: pd.DataFrame) -> str:
    note = both("draft.expected")
    lines = ["    method: population", "    source: estimate", "    note:"]
    lines += [f'      vi: "{note.vi}"', f'      en: "{note.en}"', "    population:"]
    lines += [
        f'      "{code}": {round(expected)}'
        for code, expected in zip(grouped["commune_code"], grouped["expected"], strict=True)
    ]
    return "\n".join(lines) + "\n"


def _rule(stage: str, count: int) -> str:
    words = both("draft.rule", stage=stage, n=count)
    return (
        f"  points_{stage}:\n    rule: quota\n"
        f'    text: {{vi: "{words.vi}", en: "{words.en}"}}\n'
        f'    kinds: [counselling]\n    opened_in: "{stage}"\n    at_most: {count}\n    source: user\n'
    )


def _slug(name: str) -> str:
    """An id from a name: no marks, no type of province before it."""
    words = [fold(word) for word in name.replace("-", " ").split()]
    while len(words) > 1 and words[0] in ("tinh", "thanh", "pho"):
        words = words[1:]
    return "_".join(words)
