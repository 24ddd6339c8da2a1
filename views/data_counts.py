"""Counts by commune: from a file or the table on the screen, seen on the map, into the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from errors import DataError
from geo import counts_map, units
from geo.intake import template
from geo.intake.matching import MatchReport
from geo.intake.patching import patch
from text import both, number, say, sort_key
from views import data_map, data_nation, data_table, data_trends
from views.data_draft import Draft, keep, key, mapping_key, read, show_columns, show_report
from views.data_place import Place, messages, uploader
from views.markup import tag

TYPES = ("xlsx", "xlsm", "xls", "csv", "tsv", "txt")


def show(place: Place) -> None:
    """Draw the section."""
    if place.scenario.place.province is None:
        data_nation.show(place)
        return
    draft: Draft | None = st.session_state.get(key(place))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _files(place)
        place.refused()
        _refused(place)
        if draft is not None:
            _understood(place, draft)
        else:
            _as_it_is(place)
    with right:
        _map(place, draft)
    _table(place, draft)


# --- files ---------------------------------------------------------------------------------------


def _files(place: Place) -> None:
    province, vintage = str(place.scenario.place.province), place.scenario.place.vintage
    st.html(tag("p", place.say("counts.lead"), cls="lt-lead"))
    st.download_button(
        place.say("counts.template"), key="counts_template", icon=":material/download:", on_click="ignore",
        data=lambda: template.xlsx(units.communes(province, vintage), lang=place.lang),
        file_name=f"{place.say('counts.template.file')} {province}.xlsx",
    )  # fmt: skip
    taken = uploader(place, "counts", types=TYPES)
    if taken is not None:
        former: Draft | None = st.session_state.get(key(place))
        mapping = former.mapping if former else st.session_state.get(mapping_key(place))
        keep(place, Draft(name=taken[0], content=taken[1], mapping=mapping), new=True)
        st.rerun()


def _refused(place: Place) -> None:
    """Why the last file was not taken; what was there before is still there."""
    error = st.session_state.get(f"data_refusal_{place.key}")
    if error is not None:
        st.error(place.say("refused"), icon=":material/block:")
        messages(error, place.lang)


def _as_it_is(place: Place) -> None:
    """What the scenario counts on while no file is there."""
    communes = place.places.communes
    estimated = int(communes["persons_estimated"].sum())
    values = {"total": number(communes["persons"].sum(), place.lang), "communes": len(communes)}
    st.write(place.say("counts.now", **values))
    st.caption(
        place.say("counts.now.estimated", estimated=estimated, **values)
        if estimated
        else place.say("counts.now.whole")
    )


def _understood(place: Place, draft: Draft) -> None:
    lang = place.lang
    st.html(tag("h3", place.say("counts.file", file=draft.name)))
    if draft.error is not None:
        st.warning(place.say("counts.not_yet"), icon=":material/help:")
        messages(draft.error, lang)
    with st.expander(place.say("counts.columns"), expanded=draft.report is None, key="counts_columns"):
        show_columns(place, draft)
    if draft.report is not None:
        show_report(place, draft, draft.report)
        data_trends.show(place, draft.report)
    with st.container(horizontal=True):
        if draft.report is not None:
            _use_button(place, draft, draft.report)
        st.button(
            place.say("drop"), key="counts_drop", icon=":material/close:",
            on_click=lambda: st.session_state.pop(key(place), None),
        )  # fmt: skip


# --- map and table -------------------------------------------------------------------------------


def _persons(place: Place, draft: Draft | None) -> tuple[dict[str, float], frozenset[str]]:
    """Persons by commune as they would be used, and which of them are shared out."""
    if draft is not None and draft.report is not None:
        found: dict[str, float] = dict(draft.report.persons)
        for code, persons in draft.corrected.items():
            if persons is None:
                found.pop(code, None)
            else:
                found[code] = persons
        return found, frozenset()
    communes = place.places.communes
    estimated = frozenset(communes.loc[communes["persons_estimated"], "commune_code"])
    return dict(zip(communes["commune_code"], communes["persons"], strict=True)), estimated


def _map(place: Place, draft: Draft | None) -> None:
    persons, estimated = _persons(place, draft)
    outlines = place.outlines
    data = partial(
        counts_map.counts, persons=persons, estimated=estimated, lang=place.lang,
        approximate=outlines.approximate,
        credit="" if outlines.approximate else outlines.credit.say(place.lang),
    )  # fmt: skip
    data_map.show(place.places.communes, outlines, data, key="counts_map")


def _table(place: Place, draft: Draft | None) -> None:
    """Every commune with its count, to be corrected by hand."""
    persons, estimated = _persons(place, draft)
    communes = place.places.communes
    frame = pd.DataFrame(
        {
            "code": communes["commune_code"], "commune": communes["commune"], "group": communes["group_name"],
            "persons": pd.array([round(persons[c]) if c in persons and c not in estimated else None
                                 for c in communes["commune_code"]], dtype="Int64"),
            "shared": pd.array([round(persons[c]) if c in estimated else None
                                for c in communes["commune_code"]], dtype="Int64"),
        }
    )  # fmt: skip
    order = sorted(
        range(len(frame)),
        key=lambda n: (sort_key(frame["group"].iloc[n]), sort_key(frame["commune"].iloc[n])),
    )
    frame = frame.iloc[order].reset_index(drop=True)
    if not estimated:
        frame = frame.drop(columns="shared")
    st.subheader(place.say("counts.table"))
    st.caption(place.say("counts.table.help"))
    turn = st.session_state.setdefault("data_counts_turn", 0)
    name = draft.name if draft else "scenario"
    heads = {column: place.say(f"counts.column.{column}") for column in ("code", "commune", "group")}
    editor = f"counts_editor_{place.key}_{name}_{turn}"
    changed = data_table.edited(place, frame, heads=heads, key=editor, height=360)
    if changed and st.button(
        place.say("counts.table.use", n=len(changed)), key="counts_corrections", icon=":material/edit:"
    ):
        st.session_state["data_counts_turn"] = turn + 1
        _correct(place, draft, changed, dict(zip(frame["code"], frame["persons"], strict=True)))
        st.rerun()


def _correct(
    place: Place, draft: Draft | None, changed: Mapping[str, int | None], stated: Mapping[str, Any]
) -> None:
    """Take corrections into the draft; without one, the table on the screen becomes a draft of its own."""
    if draft is None or draft.report is None:
        persons = {code: int(n) for code, n in stated.items() if not pd.isna(n)}
        persons |= {code: n for code, n in changed.items() if n is not None}
        for code, n in changed.items():
            if n is None:
                persons.pop(code, None)
        keep(place, Draft(name=place.say("counts.by_hand") + ".csv", content=_sheet(place, persons)))
        return
    st.session_state[key(place)] = replace(draft, corrected={**draft.corrected, **changed})


def _sheet(place: Place, persons: Mapping[str, float]) -> bytes:
    """Counts as a sheet that `counts.read` takes, so that what is typed is checked as what is uploaded is."""
    head = [say(f"counts.template.{name}", "vi") for name in ("code", "commune", "persons")]
    communes = place.places.communes
    lines = [[code, name, str(round(persons[code]))] for code, name in
             zip(communes["commune_code"], communes["commune"], strict=True) if code in persons]  # fmt: skip
    return "\n".join("\t".join(line) for line in [head, *lines]).encode()


# --- into the scenario ---------------------------------------------------------------------------


def _use_button(place: Place, draft: Draft, report: MatchReport) -> None:
    st.button(
        place.say("use"), key="counts_use", type="primary", icon=":material/check_circle:",
        disabled=bool(report.problems), on_click=_use, args=(place, draft),
        help=place.say("counts.use.help") if not report.problems else place.say("counts.use.problems"),
    )  # fmt: skip


def _use(place: Place, draft: Draft) -> None:
    """Put the counts into the session's scenario."""
    report = draft.report
    assert report is not None
    if draft.corrected:
        persons, _ = _persons(place, draft)
        corrected = read(
            place.scenario, Draft(name=draft.name.rpartition(".")[0] + ".csv", content=_sheet(place, persons))
        )
        report = corrected.report
        if report is None:
            st.session_state[f"data_refused_{place.key}"] = corrected.error
            return
        report = replace(report, sheet=replace(report.sheet, file=draft.name))
    try:
        change = data_trends.with_trends(place, report, counts_patch(place, report))
    except DataError as error:
        st.session_state[f"data_refused_{place.key}"] = error
        return
    values = {"file": report.sheet.file, "hand": len(draft.corrected)}
    what = both("data.counts.change.hand" if draft.corrected else "data.counts.change", **values)
    if place.use(what, change):
        st.session_state.pop(key(place), None)
        st.toast(say("data.used", place.lang), icon=":material/check_circle:")


def counts_patch(place: Place, report: MatchReport) -> dict[str, Any]:
    """What the counts change in the scenario: they replace all counts by commune that were there."""
    asked = place.scenario.registered_persons
    communes = place.places.communes
    stated = {code: one.persons for code, one in asked.by_group.items()}
    groups = dict(zip(communes["commune_code"], communes["group"], strict=True))
    found = patch(report, groups=groups, by_group=stated, total=asked.total.value, totals="recompute")
    inner = found["registered_persons"]
    before = asked.by_commune.persons if asked.by_commune else {}
    inner["by_commune"]["persons"] |= {code: None for code in before if code not in report.persons}
    now = stated | {code: one["persons"] for code, one in inner.get("by_group", {}).items()}
    if asked.missing_counts is not None and None not in now.values():
        inner["missing_counts"] = None
    return found
