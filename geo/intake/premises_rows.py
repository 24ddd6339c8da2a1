"""Premises between table and scenario: what stands there now, what a table changes, a template to fill in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import xlsxwriter

from geo import premises
from geo.intake import premises_words as words
from geo.intake.grids import Grid
from geo.intake.premises_table import Row, listed
from geo.intake.quantities import Cell
from scenarios.references import STATION
from scenarios.schema import Scenario
from scenarios.supply import Premises
from text import LANGS, Lang, say, sort_key

_MOST_NOTE = 400  # characters of a text in a scenario


@dataclass(frozen=True, kw_only=True)
class Change:
    """What rows change: the patch for the scenario, and which premises are new, changed, untouched."""

    patch: dict[str, Any]
    new: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    untouched: tuple[str, ...] = field(default=())


def change(scenario: Scenario, rows: Sequence[Row]) -> Change:
    """What `rows` (`premises_table.read`) change in `scenario`; everything they bring has the source "user".

    A row that says nothing new of its premises changes nothing: an assumed health station that comes back
    untouched stays assumed.  Where figures of a document are replaced, a note names what was replaced and
    where it came from.
    """
    names = dict(zip(*(listed(scenario)[c] for c in ("commune_code", "commune")), strict=True))
    named: dict[str, Any] = {}
    answers: dict[str, dict[str, bool]] = {}
    new: list[str] = []
    altered: list[str] = []
    untouched: list[str] = []
    for row in rows:
        old = scenario.data["premises"].get("named", {}).get(row.id)
        entry = _altered(old, row) if old else _entered(row, names, scenario)
        given = {
            name: answer for name, answer in row.answers.items()
            if scenario.criteria[name].answers.get(row.id) is not answer
        }  # fmt: skip
        for name, answer in given.items():
            answers.setdefault(name, {})[row.id] = answer
        if entry:
            named[row.id] = entry
        (
            untouched if not entry and not given else altered if old or row.id.startswith(STATION) else new
        ).append(row.id)
    patch: dict[str, Any] = {"premises": {"named": named}} if named else {}
    if answers:
        patch["criteria"] = {
            name: {"answers": {**scenario.criteria[name].answers, **given}} for name, given in answers.items()
        }
    return Change(patch=patch, new=tuple(new), altered=tuple(altered), untouched=tuple(untouched))


def moved(scenario: Scenario, id_: str, *, lat: float, lon: float) -> dict[str, Any]:
    """The patch that puts premises (named, or an assumed station) on a point, where they stay."""
    row = Row(where=id_, id=id_, how="id", lat=round(lat, 6), lon=round(lon, 6))
    return change(scenario, [row]).patch


def _entered(row: Row, names: Mapping[str, str], scenario: Scenario) -> dict[str, Any]:
    """A block for premises that no block has yet; empty for an assumed station of which nothing is said."""
    given = _given(row)
    if row.id.startswith(STATION):
        code = row.id.removeprefix(STATION)
        name = premises.station_name(names[code])
        as_assumed = {"name": name, "type": premises.HEALTH_STATION, "commune": code}
        entry = as_assumed | given
        if entry == as_assumed and scenario.premises.health_stations:
            return {}
    else:
        entry = given
    return {**entry, "commune_source": "user", "source": "user"}


def _altered(old: Mapping[str, Any], row: Row) -> dict[str, Any]:
    """What changes in a block, with its source; a document that is overruled is named in the note."""
    given = _given(row)
    capacity = {
        kind: figure for kind, figure in given.pop("capacity", {}).items()
        if old.get("capacity", {}).get(kind, {}).get("value") != figure["value"]
    }  # fmt: skip
    entry = {key: value for key, value in given.items() if old.get(key) != value}
    if "commune" in entry or "lat" in entry or "lon" in entry:
        entry["commune_source"] = "user"
    own = [key for key in entry if key not in ("commune", "commune_source", "name")]
    if own:
        entry |= {"source": "user"}
        entry |= {"note": _note(old, own)} if old["source"] != "user" else {}
    return entry | ({"capacity": capacity} if capacity else {})


def _given(row: Row) -> dict[str, Any]:
    """What a row says, as a scenario writes it."""
    plain = {
        "name": row.name, "type": row.type, "commune": row.commune, "address": row.address,
        "lat": row.lat, "lon": row.lon, "ready_from": row.ready_from, "consent": row.consent,
    }  # fmt: skip
    given: dict[str, Any] = {key: value for key, value in plain.items() if value is not None}
    if row.existing is not None:
        given["existing"] = list(row.existing)
    if row.capacity:
        given["capacity"] = {kind: {"value": n, "source": "user"} for kind, n in row.capacity.items()}
    return given


def _note(old: Mapping[str, Any], fields: Sequence[str]) -> dict[str, str]:
    """What the user replaced, where the rest comes from, and what was noted before."""
    note: dict[str, str] = {}
    for lang in LANGS:
        said = ", ".join(say(f"premises.field.{name}", lang) for name in dict.fromkeys(map(_field, fields)))
        text = say("premises.note.altered", lang, fields=said, source=old["source"])
        before = (old.get("note") or {}).get(lang, "")
        whole = f"{text} {before}".strip()
        note[lang] = whole if len(whole) <= _MOST_NOTE else text[:_MOST_NOTE]
    return note


def _field(name: str) -> str:
    return "point" if name in ("lat", "lon") else name


# --- what stands there now ---------------------------------------------------------------------------


def current(scenario: Scenario, communes: pd.DataFrame) -> pd.DataFrame:
    """Every premises of the scenario, assumed health stations among them, by commune and name.

    Args:
        scenario: the scenario.
        communes: its list (`premises_table.listed`).

    Returns:
        id, name, type, code, commune, district, address, lat, lon (degrees), own_point, assumed, existing
        (kinds), ready_from, consent, and ``capacity.<kind>``, ``criteria.<criterion>``; None where nothing is
        said.  lat and lon are the commune's where `own_point` is false.
    """
    at = communes.set_index("commune_code")
    rows = [
        _row(key, place, scenario, at)
        for key, place in scenario.premises.named.items()
        if place.commune in at.index
    ]
    if scenario.premises.health_stations:
        for code in at.index:
            if STATION + code not in scenario.premises.named:
                name = premises.station_name(str(at.loc[code, "commune"]))
                assumed = Premises.model_construct(
                    name=name,
                    type=premises.HEALTH_STATION,
                    commune=code,
                    commune_source="estimate",
                    source="estimate",
                )
                rows.append(_row(STATION + code, assumed, scenario, at) | {"assumed": True})
    frame = pd.DataFrame(rows, columns=["own_point", "assumed", *words.roles(scenario)]).drop(
        columns=["point", "capacity"]
    )
    station = frame["assumed"] & frame["id"].str.startswith(STATION)
    keys = zip(
        station,
        map(sort_key, frame["district"]),
        map(sort_key, frame["name"]),
        range(len(frame)),
        strict=True,
    )
    return frame.iloc[[n for *_, n in sorted(keys)]].reset_index(drop=True)


def _row(key: str, place: Premises, scenario: Scenario, at: pd.DataFrame) -> dict[str, object]:
    own = place.lat is not None and place.lon is not None
    commune: Mapping[Any, Any] = at.loc[place.commune].to_dict()
    return {
        "id": key, "name": place.name, "type": place.type, "code": place.commune,
        "commune": commune["commune"], "district": commune["district"], "address": place.address,
        "lat": place.lat if own else commune["lat"], "lon": place.lon if own else commune["lon"],
        "own_point": own, "assumed": place.commune_source == "estimate" and not own,
        "existing": tuple(place.existing), "ready_from": place.ready_from, "consent": place.consent,
        **{f"capacity.{kind}": figure.value for kind, figure in place.capacity.items()},
        **{f"criteria.{name}": scenario.criteria[name].answers.get(key) for name in words.criteria(scenario)},
    }  # fmt: skip


# --- a table to fill in ------------------------------------------------------------------------------


def shown(frame: pd.DataFrame, scenario: Scenario, lang: Lang) -> pd.DataFrame:
    """`current` as a person reads and edits it: headings and words in `lang`, own points only."""
    table = pd.DataFrame(index=frame.index)
    for role in template_roles(scenario):
        heading = words.heading_of(role, scenario).say(lang)
        table[heading] = [_said(row, role, scenario, lang) for row in frame.to_dict("records")]
    return table


def template_roles(scenario: Scenario) -> list[str]:
    """The columns of the template, in order."""
    return [role for role in words.roles(scenario) if role not in ("point", "capacity")]


def _said(row: Mapping[Any, Any], role: str, scenario: Scenario, lang: Lang) -> Cell:
    value = row.get(role)
    if role in ("lat", "lon") and not row["own_point"]:
        return None
    if role == "existing":
        return "; ".join(scenario.kinds[kind].short.text.say(lang) for kind in row["existing"]) or None
    if _cell(value) is None:
        return None
    if role == "type":
        return words.type_label(str(value)).say(lang)
    if isinstance(value, bool):
        return say("premises.yes" if value else "premises.no", lang)
    return int(str(value)) if role.startswith("capacity.") else value


def as_grid(table: pd.DataFrame, file: str) -> Grid:
    """A table of the screen as a sheet: headings in the first row."""
    rows = [tuple(map(_cell, record)) for record in table.itertuples(index=False, name=None)]
    return Grid(file, "", (tuple(map(str, table.columns)), *rows))


def _cell(value: Any) -> Cell:
    return None if value is None or value == "" or pd.isna(value) else value


def template(scenario: Scenario, lang: Lang) -> bytes:
    """An XLSX with the scenario's premises, to correct and to add to; the second sheet says how."""
    table = shown(current(scenario, listed(scenario)), scenario, lang)
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    head = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#e3eae9", "border": 1}
    )
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(say("premises.template.sheet", lang))
    sheet.freeze_panes(1, 2)
    choices = _choices(scenario, lang)
    for n, (role, heading) in enumerate(zip(template_roles(scenario), table.columns, strict=True)):
        sheet.write_string(0, n, str(heading), head)
        sheet.set_column(
            n, n, 34 if role in ("name", "address") else 16, text if role in ("id", "code") else None
        )
        for at, value in enumerate(table[heading], start=1):
            if isinstance(value, int | float) and not pd.isna(value):
                sheet.write_number(at, n, value)
            elif not pd.isna(value):
                sheet.write_string(at, n, str(value))
        if allowed := choices.get(role.partition(".")[0] if role.startswith("criteria") else role):
            sheet.data_validation(
                1, n, len(table) + 500, n, {"validate": "list", "source": allowed, "error_type": "warning"}
            )
    about = book.add_worksheet(say("premises.template.help", lang))
    about.set_column(0, 0, 110, book.add_format({"text_wrap": True}))
    for n, line in enumerate(say("premises.template.lines", lang).split("\n")):
        about.write_string(n, 0, line)
    book.close()
    return held.getvalue()


def _choices(scenario: Scenario, lang: Lang) -> dict[str, list[str]]:
    """What Excel offers in a column; a list of it may have 255 characters."""
    yes_no = [say("premises.yes", lang), say("premises.no", lang)]
    lists = {
        "type": [words.type_label(type_).say(lang) for type_ in words.types(scenario)],
        "ready_from": list(scenario.stages), "consent": yes_no, "criteria": yes_no,
    }  # fmt: skip
    return {
        role: items
        for role, items in lists.items()
        if len(",".join(items)) < 255 and not any("," in i for i in items)
    }
