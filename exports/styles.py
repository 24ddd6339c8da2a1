"""How QGIS is to draw the layers of a GeoPackage: the same bands, colours and symbols as on screen.

QGIS looks for styles in a table `layer_styles` of the file, as it writes them itself: a QML document a style,
one of them the default of its layer.  Communes have a style for each service and stage; sites are ruled by
stage and kind, so that a stage can be switched off in the list of layers.  Attributes are those of
``exports.gis``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pandas as pd

from exports import shown
from exports.contents import Contents, Sign
from geo.maps import BAND_COLOURS
from text import say

VERSION = "3.34.0"
"""Of QGIS whose documents these are like; older and newer ones read them."""
MARKERS = {"cross": "cross_fill"}
"""Names of QGIS for symbols of ``geo.maps.SYMBOLS`` that it calls otherwise."""
OUTLINE, LINK, UNTOLD = "#8f8a86", "#b9b4bd", "#f2f2f2"
SHORT = 30
"""Characters of a style's name."""


class Style(NamedTuple):
    """A style of a layer; one of a layer is the default."""

    layer: str
    name: str
    qml: str
    default: bool
    about: str


def styles(contents: Contents, layers: Sequence[str]) -> Iterator[Style]:
    """The styles of `layers`."""
    if "communes" in layers:
        yield from _of_communes(contents)
    for layer in ("facilities", "openings"):
        if layer in layers:
            yield _style(layer, contents.name(layer), _sites(contents, layer), contents)
    if "allocation" in layers:
        yield _style("allocation", contents.name("allocation"), _links(), contents)


def table(contents: Contents, layers: Sequence[str]) -> pd.DataFrame:
    """The table ``layer_styles``, as QGIS writes it."""
    rows = [
        {
            "f_table_catalog": "", "f_table_schema": "", "f_table_name": style.layer,
            "f_geometry_column": "geom", "styleName": style.name[:SHORT], "styleQML": style.qml,
            "styleSLD": "", "useAsDefault": style.default, "description": style.about, "owner": "", "ui": "",
        }
        for style in styles(contents, layers)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(update_time=pd.Timestamp(contents.written, tz="UTC"))


def shade(service: str, stage: str) -> str:
    """The attribute of a commune that its colour follows."""
    return f"shade_{service}_{stage}"


def _style(
    layer: str, name: str, renderer: tuple[ET.Element, ...], contents: Contents, *, default: bool = True
) -> Style:
    document = ET.Element("qgis", version=VERSION, styleCategories="Symbology|Temporal")
    document.extend(renderer)
    ET.indent(document, " ")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return Style(layer, name, head + ET.tostring(document, encoding="unicode"), default, contents.mark)


# --- communes ------------------------------------------------------------------------------------


def _of_communes(contents: Contents) -> Iterator[Style]:
    """A style a service and stage; the last stage of the first service is what opens."""
    services, stages = shown.services(contents), shown.stages(contents)
    for service in services:
        for stage in stages:
            bands = shown.stage_of(contents, stage=stage, service=service).bands
            label = f"{stage} – {contents.words['service'].get(service, service)}"
            opens = (service, stage) == (services[0], stages[-1])
            yield _style("communes", label, _bands(contents, service, stage, bands), contents, default=opens)


def _bands(contents: Contents, service: str, stage: str, bands: Sequence[str]) -> tuple[ET.Element, ...]:
    renderer = ET.Element("renderer-v2", type="categorizedSymbol", attr=shade(service, stage),
                          symbollevels="0", forceraster="0", enableorderby="0")  # fmt: skip
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    shades = [*zip(bands, bands, BAND_COLOURS, strict=True), ("", say("qgis.untold", contents.lang), UNTOLD)]
    for n, (value, label, colour) in enumerate(shades):
        ET.SubElement(categories, "category", value=value, label=label, symbol=str(n), render="true",
                      type="string")  # fmt: skip
        _symbol(symbols, n, "fill", "SimpleFill", {
            "color": _rgba(colour), "style": "solid", "outline_color": _rgba(OUTLINE),
            "outline_style": "solid", "outline_width": "0.1", "outline_width_unit": "MM",
        })  # fmt: skip
    return (renderer,)


# --- sites and links -----------------------------------------------------------------------------


def _sites(contents: Contents, layer: str) -> tuple[ET.Element, ...]:
    """A rule a stage, and below it one a kind; what was there before the plan comes first."""
    renderer = ET.Element("renderer-v2", type="RuleRenderer", symbollevels="0", forceraster="0",
                          enableorderby="0")  # fmt: skip
    rules, symbols = ET.SubElement(renderer, "rules", key="{all}"), ET.SubElement(renderer, "symbols")
    spoken, number = contents.spoken(layer), 0
    for key, label, condition, rows, new in _by_stage(contents, layer, spoken):
        group = ET.SubElement(rules, "rule", key=f"{{{key}}}", label=label, filter=condition)
        for kind in dict.fromkeys(rows["kind"]):
            code = next(c for c in contents.signs if contents.words["kind"].get(c, c) == kind)
            ET.SubElement(group, "rule", key=f"{{{key}-{code}}}", label=kind, symbol=str(number),
                          filter=f'"kind" = {_quoted(kind)}')  # fmt: skip
            _symbol(symbols, number, "marker", "SimpleMarker", _marker(contents.signs[code], new=new))
            number += 1
    return renderer, _temporal()


def _by_stage(
    contents: Contents, layer: str, spoken: pd.DataFrame
) -> Iterator[tuple[str, str, str, pd.DataFrame, bool]]:
    """Key, label, condition, rows, whether new: of what was there before, and of each stage."""
    column = "stage" if layer == "openings" else "opened_stage"
    if layer == "facilities" and (there := spoken["existing"].astype(bool)).any():
        yield "before", say("kml.before", contents.lang), '"existing"', spoken[there], False
    for stage in shown.stages(contents):
        label = contents.stage(stage)
        rows = spoken[spoken[column] == label]
        if len(rows):
            yield stage, label, f'"{column}" = {_quoted(label)}', rows, True


def _marker(sign: Sign, *, new: bool) -> dict[str, str]:
    return {
        "name": MARKERS.get(sign.symbol, sign.symbol),
        "color": _rgba(sign.colour if new else "#ffffff"),
        "outline_color": _rgba("#ffffff" if new else sign.colour),
        "outline_style": "solid", "outline_width": "0.2" if new else "0.5", "outline_width_unit": "MM",
        "size": "3.4" if new else "2.8", "size_unit": "MM", "scale_method": "diameter",
    }  # fmt: skip


def _links() -> tuple[ET.Element, ...]:
    renderer = ET.Element("renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0",
                          enableorderby="0")  # fmt: skip
    style = {"line_color": _rgba(LINK), "line_style": "solid", "line_width": "0.15", "line_width_unit": "MM"}
    _symbol(ET.SubElement(renderer, "symbols"), 0, "line", "SimpleLine", style)
    return (renderer,)


def _temporal() -> ET.Element:
    """From the day it opens until the day before something takes its place: for QGIS's time controller."""
    time = ET.Element("temporal", enabled="1", mode="2", startField="opened_from", endField="open_until",
                      startExpression="", endExpression="", limitMode="0", accumulate="0", fixedDuration="0",
                      durationUnit="min", durationField="")  # fmt: skip
    span = ET.SubElement(time, "fixedRange")
    for tag in ("start", "end"):
        ET.SubElement(span, tag)
    return time


# --- pieces --------------------------------------------------------------------------------------


def _symbol(within: ET.Element, name: int, kind: str, layer: str, properties: dict[str, str]) -> None:
    """A symbol of one layer, its properties as QGIS reads them from 3.26 on, and as it did before."""
    symbol = ET.SubElement(within, "symbol", type=kind, name=str(name), alpha="1", clip_to_extent="1",
                           force_rhr="0")  # fmt: skip
    drawn = ET.SubElement(symbol, "layer", {"class": layer, "enabled": "1", "pass": "0", "locked": "0"})
    options = ET.SubElement(drawn, "Option", type="Map")
    for key, value in properties.items():
        ET.SubElement(options, "Option", name=key, type="QString", value=value)
    for key, value in properties.items():
        ET.SubElement(drawn, "prop", k=key, v=value)


def _rgba(css: str) -> str:
    return ",".join(str(int(css[n : n + 2], 16)) for n in (1, 3, 5)) + ",255"


def _quoted(text: str) -> str:
    """A text in an expression of QGIS."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
