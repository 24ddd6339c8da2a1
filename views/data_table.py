"""A table of counts to be typed or pasted into, a place a row."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from views.data_place import Place


def edited(
    place: Place, frame: pd.DataFrame, *, heads: Mapping[str, str], key: str, height: int
) -> dict[str, int | None]:
    """Draw the table; the counts that differ from `frame` by code, None where one was taken away.

    Args:
        place: whose words the headings of the counts are.
        frame: code, the columns of `heads`, `persons` (Int64, to be changed); `shared` (Int64), estimates
            beside them, where there are any.
        heads: headings of the columns that name the place, `code` the first.
        key: of the editor; another one forgets what was typed.
        height: pixels.
    """
    code, *names = heads
    got = st.data_editor(
        frame, key=key, hide_index=True, height=height, width="stretch", placeholder="–",
        disabled=[*heads, "shared"],
        column_config={
            code: st.column_config.TextColumn(heads[code], width="small"),
            **{name: heads[name] for name in names},
            "persons": st.column_config.NumberColumn(place.say("counts.column.persons"), min_value=0, step=1),
            "shared": st.column_config.NumberColumn(place.say("counts.column.shared")),
        },
    )  # fmt: skip
    return {
        str(at): None if pd.isna(new) else int(new)
        for at, old, new in zip(frame[code], frame["persons"], got["persons"], strict=True)
        if pd.isna(old) != pd.isna(new) or (not pd.isna(new) and int(old) != int(new))
    }
