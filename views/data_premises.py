"""Premises: a table or a point layer, the list to correct by hand, a point that is moved on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from errors import DataError
from geo import counts_map
from geo.intake import premises_files, premises_rows, premises_table, premises_words
from geo.intake.grids import Grid, letter
from geo.intake.premises_rows import Change
from geo.intake.premises_table import Columns, Understood
from text import both
from views import data_health, data_map
from views.data_place import Place, messages, uploader
from views.markup import tag

TYPES = ("xlsx", "xlsm", "xls", "csv", "tsv", "txt", "gpkg", "geojson", "json", "zip", "kml", "kmz")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A table that is being understood: its sheet and columns, and what the user said about them."""

    name: str
    grid: Grid = field(repr=False)
    columns: Columns
    types: Mapping[str, str] = field(default_factory=dict)
    understood: Understood | None = None
    change: Change | None = None
    error: DataError | None = None


def show(place: Place) -> None:
    """Draw the section."""
    if place.scenario.place.province is None:
        st.info(place.say("premises.nation"))
        return
    _take_click()
    draft: Draft | None = st.session_state.get(_key(place))
    table = premises_rows.current(place.scenario, premises_table.listed(place.scenario))
    table = table[table["code"].isin(place.places.communes["commune_code"])].reset_index(drop=True)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _files(place)
        place.refused()
        if draft is not None:
            _understood(place, draft)
        chosen = _move(place, table)
        data_health.show(place, lambda found: _take_layer(place, found))
    with right:
        _map(place, table, chosen)
    _list(place, table)


def _key(place: Place) -> str:
    return f"data_premises_{place.key}"


# --- a file --------------------------------------------------------------------------------------


def _files(place: Place) -> None:
    st.html(tag("p", place.say("premises.lead"), cls="lt-lead"))
    st.download_button(
        place.say("premises.template"), key="premises_template", icon=":material/download:",
        on_click="ignore",
        data=lambda: premises_rows.template(place.scenario, place.lang),
        file_name=f"{place.say('premises.template.file')} {place.scenario.place.province}.xlsx",
    )  # fmt: skip
    taken = uploader(place, "premises", types=TYPES)
    if taken is not None:
        try:
            grid, columns = premises_table.find(premises_files.read(*taken), place.scenario)
        except DataError as error:
            st.session_state["data_premises_refusal"] = error
        else:
            st.session_state.pop("data_premises_refusal", None)
            _keep(place, Draft(name=grid.file, grid=grid, columns=columns))
        st.rerun()
    if refused := st.session_state.get("data_premises_refusal"):
        st.error(place.say("refused"), icon=":material/block:")
        messages(refused, place.lang)


def _take_layer(place: Place, found: gpd.GeoDataFrame) -> None:
    """Look at a layer as if it had been uploaded."""
    try:
        grid, columns = premises_table.find([premises_files.as_grid(found, "OpenStreetMap")], place.scenario)
    except DataError as error:
        st.session_state["data_premises_refusal"] = error
    else:
        _keep(place, Draft(name=grid.file, grid=grid, columns=columns))


def _keep(place: Place, draft: Draft) -> None:
    """Understand the draft again and keep it, with whatever is wrong."""
    try:
        understood = _read(place, draft.grid, draft.columns, draft.types)
        change = premises_rows.change(place.scenario, understood.rows)
    except DataError as error:
        draft = replace(draft, understood=None, change=None, error=error)
    else:
        draft = replace(draft, understood=understood, change=change, error=None)
    st.session_state[_key(place)] = draft


def _read(place: Place, grid: Grid, columns: Columns, types: Mapping[str, str] | None = None) -> Understood:
    return premises_table.read(
        grid, columns, place.scenario, communes=premises_table.listed(place.scenario), types=types,
        polygons=place.outlines.frame, approximate=place.outlines.approximate,
    )  # fmt: skip


def _understood(place: Place, draft: Draft) -> None:
    st.html(tag("h3", place.say("premises.file", file=draft.name)))
    with st.expander(place.say("counts.columns"), key="premises_columns"):
        _columns(place, draft)
    _types(place, draft)
    if draft.error is not None:
        st.warning(place.say("premises.not_yet"), icon=":material/help:")
        messages(draft.error, place.lang)
    with st.container(horizontal=True):
        if draft.change is not None and draft.understood is not None:
            counted = {"new": len(draft.change.new), "altered": len(draft.change.altered),
                       "untouched": len(draft.change.untouched)}  # fmt: skip
            st.write(place.say("premises.read", rows=len(draft.understood.rows), **counted))
            st.button(place.say("use"), key="premises_use", type="primary", icon=":material/check_circle:",
                      disabled=not draft.change.patch, on_click=_use, args=(place, draft))  # fmt: skip
        st.button(place.say("drop"), key="premises_drop", icon=":material/close:",
                  on_click=lambda: st.session_state.pop(_key(place), None))  # fmt: skip
    notes = draft.understood.notes if draft.understood else ()
    if notes:
        lines = (tag("li", tag("code", where), " ", note.say(place.lang)) for where, note in notes)
        st.html(tag("ul", *lines, cls="lt-report"))


def _columns(place: Place, draft: Draft) -> None:
    """The columns that were found, to confirm or to choose others."""
    letters = [letter(n) for n in range(len(draft.columns.headings))]

    def named(sign: str) -> str:
        return f'{sign} "{draft.columns.headings[letters.index(sign)]}"'

    with st.form("premises_columns_form", border=False):
        said = {}
        for role in premises_words.roles(place.scenario):
            at = draft.columns.of.get(role)
            if at is None and role in ("point", "capacity"):
                continue
            heading = premises_words.heading_of(role, place.scenario).say(place.lang)
            picked = st.selectbox(heading, letters, index=at, format_func=named, placeholder="–",
                                  key=f"premises_role_{draft.name}_{role}")  # fmt: skip
            if picked != (letters[at] if at is not None else None):
                said[role] = picked or ""
        if st.form_submit_button(place.say("counts.columns.use"), icon=":material/check:") and said:
            columns = premises_table.chosen(draft.columns, said, place.scenario, draft.name)
            _keep(place, replace(draft, columns=columns))
            st.rerun()


def _types(place: Place, draft: Draft) -> None:
    """Words for kinds of host that the user has to explain."""
    unclear = premises_table.unclear_types(draft.grid, draft.columns, place.scenario)
    if not unclear:
        return
    st.html(tag("h3", place.say("premises.unclear")))
    options = [*premises_words.types(place.scenario), premises_table.LEFT_OUT]

    def called(type_: str) -> str:
        left_out = type_ == premises_table.LEFT_OUT
        return (
            place.say("premises.left_out") if left_out else premises_words.type_label(type_).say(place.lang)
        )

    with st.form("premises_types", border=False):
        said = {
            word: st.selectbox(f"“{word}”", options, index=_at(options, draft.types.get(word)),
                               key=f"premises_type_{draft.name}_{n}", placeholder=place.say("choose"),
                               format_func=called)
            for n, word in enumerate(unclear[:20])
        }  # fmt: skip
        if st.form_submit_button(place.say("premises.types.use"), icon=":material/check:"):
            _keep(
                place,
                replace(draft, types={word: type_ for word, type_ in said.items() if type_ is not None}),
            )
            st.rerun()


def _at(options: list[str], chosen: str | None) -> int | None:
    return options.index(chosen) if chosen in options else None


def _use(place: Place, draft: Draft) -> None:
    assert draft.change is not None
    what = both("data.premises.change", file=draft.name, n=len(draft.change.new) + len(draft.change.altered))
    if place.use(what, draft.change.patch):
        st.session_state.pop(_key(place), None)
        st.toast(place.say("used"), icon=":material/check_circle:")


# --- a point that is moved -----------------------------------------------------------------------


def _move(place: Place, table: pd.DataFrame) -> str | None:
    """The premises that are looked at, and where they are to stand."""
    st.html(tag("h3", place.say("premises.move")))
    names = {
        row["id"]: f"{row['name']} – {', '.join(filter(None, (row['commune'], row['district'])))}"
        for row in table.to_dict("records")
    }
    chosen = st.selectbox(
        place.say("premises.which"), list(names), index=None, format_func=names.__getitem__,
        key=f"premises_chosen_{place.key}", placeholder=place.say("choose"), label_visibility="collapsed",
    )  # fmt: skip
    if chosen is None:
        st.caption(place.say("premises.move.help"))
        return None
    now = table.set_index("id").loc[chosen]
    lat_key, lon_key = f"premises_lat_{chosen}", f"premises_lon_{chosen}"
    st.session_state.setdefault(lat_key, float(now["lat"]))
    st.session_state.setdefault(lon_key, float(now["lon"]))
    left, right = st.columns(2)
    lat = left.number_input(place.say("premises.lat"), -90.0, 90.0, key=lat_key, format="%.5f", step=0.001)
    lon = right.number_input(place.say("premises.lon"), -180.0, 180.0, key=lon_key, format="%.5f", step=0.001)
    st.caption(place.say("premises.click"))
    moved = abs(lat - now["lat"]) > 1e-6 or abs(lon - now["lon"]) > 1e-6
    st.button(place.say("premises.put"), key="premises_put", icon=":material/add_location:",
              disabled=not moved, on_click=_put, args=(place, chosen, str(now["name"])))  # fmt: skip
    return str(chosen)


def _put(place: Place, id_: str, name: str) -> None:
    lat, lon = st.session_state[f"premises_lat_{id_}"], st.session_state[f"premises_lon_{id_}"]
    patch = premises_rows.moved(place.scenario, id_, lat=lat, lon=lon)
    if place.use(both("data.premises.moved", name=name), patch):
        st.toast(place.say("used"), icon=":material/check_circle:")


def _map(place: Place, table: pd.DataFrame, chosen: str | None) -> None:
    types = {t: premises_words.type_label(t).say(place.lang) for t in table["type"].value_counts().index}
    shown = table
    if chosen is not None:  # where it would stand
        mine = table["id"] == chosen
        shown = table.assign(
            lat=table["lat"].mask(mine, st.session_state[f"premises_lat_{chosen}"]),
            lon=table["lon"].mask(mine, st.session_state[f"premises_lon_{chosen}"]),
        )
    outlines = place.outlines
    data = partial(
        counts_map.sites, premises=shown, types=types, chosen=chosen, lang=place.lang,
        approximate=outlines.approximate,
        credit="" if outlines.approximate else outlines.credit.say(place.lang),
    )  # fmt: skip
    said = data_map.show(place.places.communes, outlines, data, key="premises_map", returned=["last_clicked"])
    clicked = said.get("last_clicked")
    seen = "premises_clicked"
    if chosen is not None and clicked and clicked != st.session_state.get(seen):
        st.session_state[seen] = clicked
        st.session_state["premises_pending"] = (chosen, clicked["lat"], clicked["lng"])
        st.rerun()
    elif clicked:
        st.session_state[seen] = clicked


def _take_click() -> None:
    """Put a click on the map into the fields of the point, before they are drawn."""
    pending: tuple[str, float, float] | None = st.session_state.pop("premises_pending", None)
    if pending is not None:
        chosen, lat, lon = pending
        st.session_state[f"premises_lat_{chosen}"] = round(lat, 5)
        st.session_state[f"premises_lon_{chosen}"] = round(lon, 5)


# --- the list ------------------------------------------------------------------------------------


def _list(place: Place, table: pd.DataFrame) -> None:
    """Every premises in a table that can be corrected and added to."""
    stations = table["assumed"] & table["id"].str.startswith("tyt-")
    st.subheader(place.say("premises.table"))
    st.caption(
        place.say("premises.table.help", named=len(table) - int(stations.sum()), stations=int(stations.sum()))
    )
    shown = premises_rows.shown(table, place.scenario, place.lang)
    shown.insert(0, place.say("premises.assumed"), table["assumed"])
    turn = st.session_state.setdefault("data_premises_turn", 0)
    config: dict[str, Any] = {place.say("premises.assumed"): st.column_config.CheckboxColumn(width="small")}
    heading = {
        role: premises_words.heading_of(role, place.scenario).say(place.lang)
        for role in premises_rows.template_roles(place.scenario)
    }
    for role, name in heading.items():
        figures = role in ("lat", "lon") or role.startswith("capacity.")
        shown[name] = shown[name].astype("Float64") if figures else shown[name].fillna("").astype("str")
        if role in ("lat", "lon"):
            config[name] = st.column_config.NumberColumn(format="%.5f")
        elif role.startswith("capacity."):
            config[name] = st.column_config.NumberColumn(min_value=0, step=1, format="%d")
    edited = st.data_editor(
        shown, key=f"premises_editor_{place.key}_{turn}", hide_index=True, height=380, num_rows="add",
        width="stretch", placeholder="–",
        disabled=[place.say("premises.assumed"), heading["id"]], column_config=config,
    )  # fmt: skip
    rows = _changed(shown, edited)
    if rows.empty:
        return
    if st.button(
        place.say("premises.table.use", n=len(rows)),
        key="premises_edits",
        icon=":material/edit:",
        type="primary",
    ):
        _take(place, rows.drop(columns=place.say("premises.assumed")), turn)


def _changed(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Rows of `after` that are new or differ from those of `before`."""

    def text(frame: pd.DataFrame) -> list[tuple[str, ...]]:
        return [tuple("" if pd.isna(v) else str(v) for v in row) for row in frame.itertuples(index=False)]

    known = set(text(before))
    new = [n for n, row in enumerate(text(after)) if row not in known and any(row[1:])]
    return after.iloc[new]


def _take(place: Place, rows: pd.DataFrame, turn: int) -> None:
    """Check the edited rows as a file would be, and put them into the scenario."""
    grid = premises_rows.as_grid(rows, place.say("premises.table.name"))
    try:
        found, columns = premises_table.find([grid], place.scenario)
        understood = _read(place, found, columns)
        change = premises_rows.change(place.scenario, understood.rows)
    except DataError as error:
        st.error(place.say("not_used"), icon=":material/block:")
        messages(error, place.lang)
        return
    if place.use(both("data.premises.edited", n=len(rows)), change.patch):
        st.session_state["data_premises_turn"] = turn + 1
        st.rerun()
    place.refused()
