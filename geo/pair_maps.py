"""Two maps beside each other that move together; ``static/map/pair.js`` leads one by the other."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import folium
from folium.elements import JSCSSMixin
from folium.template import Template

from geo import maps


class _Paired(JSCSSMixin):
    """Has a map follow its neighbour, and the neighbour follow it."""

    _template = Template("{% macro script(this, kwargs) %}{% endmacro %}")

    def __init__(self, static: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Paired"
        self.default_js = [("lo_trinh_pair", f"{static}/map/pair.js?{_version()}")]
        self.default_css = []


def paired(canvas: folium.Map, *, static: str) -> folium.Map:
    """`canvas` (see ``maps.base_map``), which from now on moves with the other paired map of its page."""
    canvas.add_child(_Paired(static))
    return canvas


def marked(stage: dict[str, Any], codes: Sequence[str], differing: Collection[str]) -> dict[str, Any]:
    """`stage` (see ``maps.stage_data``) with a broken line around the communes `differing`.

    Args:
        codes: communes in the order of ``maps.Places.codes``; above ``maps.MANY`` none is marked.
    """
    few = len(codes) <= maps.MANY
    at = [n for n, code in enumerate(codes) if code in set(differing)] if few else []
    return {**stage, "work": {"differs": at}}


@cache
def _version() -> str:
    return hashlib.sha256((maps.DRAWING / "pair.js").read_bytes()).hexdigest()[:8]
