"""Rows that can be picked: a click, or Enter, on anything marked ``data-pick`` tells the page what it says.

Tables stay plain markup (``st.html``); one listener on the page serves all of them.  What is marked
``data-go`` leads to the part of the page with that key, which unfolds if it is folded.  Escape ends a move.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

# Each script run calls this again: the listener of before goes, or a click would be told twice.
_LISTEN = """
export default function ({setTriggerValue}) {
  const told = (event) => {
    const row = event.target.closest && event.target.closest("[data-pick], [data-go]");
    const key = event.type === "keydown";
    if (key && event.key === "Escape") return stay();
    if (!row || (key && event.key !== "Enter" && event.key !== " ")) return;
    if (key) event.preventDefault();
    if (row.dataset.pick !== undefined) setTriggerValue("picked", row.dataset.pick);
    else go(row.dataset.go);
  };
  const stay = () => { // what is being moved stays where it is; an open list is closed first
    const button = document.querySelector(".st-key-panel_move_stop button");
    if (button && !document.querySelector("[data-testid=stPopoverBody], [role=listbox]")) button.click();
  };
  const go = (name) => {
    const part = document.querySelector(`.st-key-${CSS.escape(name)}`);
    if (!part) return;
    const folded = part.querySelector("details:not([open]) > summary");
    if (folded) folded.click();
    part.scrollIntoView({behavior: "smooth", block: "start"});
  };
  const old = window.loTrinhPicking;
  for (const kind of ["click", "keydown"]) {
    if (old) document.removeEventListener(kind, old);
    document.addEventListener(kind, told);
  }
  window.loTrinhPicking = told;
  return () => ["click", "keydown"].forEach((kind) => document.removeEventListener(kind, told));
}
"""

_listen = st.components.v2.component("lo_trinh_picking", js=_LISTEN)


def listen(key: str, pick: Callable[[str], None]) -> None:
    """Hear of rows that are picked on this page; `pick` is told what is marked, before the page is drawn."""

    def told() -> None:
        picked = st.session_state[key].get("picked")
        if picked:
            pick(str(picked))

    _listen(key=key, on_picked_change=told, height=1)
