"""KML 2.2 (OGC 07-147r2) and KMZ: what stood before the plan, then a folder a stage with its time.

Written as plain XML: drivers of GDAL know neither a folder a stage nor styles that go with kinds of facility.
A description is read as HTML by those who show it, and so is escaped twice; all else is text.  Pictures are
named by an address in KML, so only KMZ, which can hold them, has the symbols of the map; KML has pins in
their colours.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import shapely

from exports import origin, seals, shown
from exports.contents import Contents, Sign, text_of
from exports.gis import years
from geo.maps import BAND_COLOURS
from tables import records
from text import say

DECIMALS = 6
"""Of a degree: 0.1 m."""
OPAQUE, VEILED = "ff", "b0"
ATTRIBUTES = (
    "facility", "kind", "service", "premises_name", "commune_code", "commune", "group_name", "opened_stage",
    "upgraded_from", "opened", "assumed", "caseload", "capacity", "parent",
)  # fmt: skip
"""Columns of `openings` and `facilities` that a point carries, as far as they say something."""
OF_COMMUNES = ("commune_code", "commune", "group_name", "persons", "persons_estimated")
OF_ACCESS = ("demand", "served", "no_capacity", "out_of_reach", "within_reach", "minutes")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_kml(contents: Contents, path: Path) -> None:
    """One KML document; sites are pins in the colour of their kind."""
    path.write_bytes(_document(contents, icons=False))


def write_kmz(contents: Contents, path: Path) -> None:
    """The same as `write_kml`, zipped with the symbols of the map."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(seals.entry("doc.kml"), _document(contents, icons=True), zipfile.ZIP_DEFLATED)
        for kind, sign in contents.signs.items():
            for state in ("existing", "new"):
                parts.writestr(seals.entry(_icon(kind, state)), _drawn(sign, state))


def _document(contents: Contents, *, icons: bool) -> bytes:
    root = ET.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = _under(root, "Document")
    _text(document, "name", contents.title)
    _text(document, "description", _escaped("\n".join((contents.mark, *contents.notes, contents.credit))))
    _styles(document, contents, icons=icons)
    service = shown.services(contents)[0]
    before = _folder(document, say("kml.before", contents.lang), None, visible=True)
    for row in records(shown.standing(contents, None)):
        _site(before, contents, row, "existing")
    order = shown.stages(contents)
    for stage in order:
        folder = _folder(document, contents.stage(stage), years(stage), visible=True)
        for row in _opened(contents, stage):
            _site(folder, contents, row, "new")
        title = _shaded(contents, service, stage)
        ground = _folder(document, title, years(stage), visible=stage == order[-1])
        _communes(ground, contents, service, stage)
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    token = seals.token(origin.packed(contents))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!--{token}-->\n{body}\n'.encode()


def _shaded(contents: Contents, service: str, stage: str) -> str:
    label = contents.words["service"].get(service, service)
    return say("kml.communes", contents.lang, service=label, stage=contents.stage(stage))


# --- styles --------------------------------------------------------------------------------------


def _styles(document: ET.Element, contents: Contents, *, icons: bool) -> None:
    for kind, sign in contents.signs.items():
        for state in ("existing", "new"):
            style = _under(document, "Style", id=f"{kind}-{state}")
            icon = _under(style, "IconStyle")
            if icons:
                _text(icon, "scale", "0.6")
                _text(_under(icon, "Icon"), "href", _icon(kind, state))
            else:
                _text(icon, "color", _colour(sign.colour, OPAQUE if state == "new" else VEILED))
                _text(icon, "scale", "1.0" if state == "new" else "0.7")
            _text(_under(style, "LabelStyle"), "scale", "0.7")
            _text(_under(style, "BalloonStyle"), "text", "$[description]")
    for tone, colour in enumerate(BAND_COLOURS):
        style = _under(document, "Style", id=f"tone-{tone}")
        line = _under(style, "LineStyle")
        _text(line, "color", _colour("#8f8a86", OPAQUE))
        _text(line, "width", "0.6")
        _text(_under(style, "PolyStyle"), "color", _colour(colour, VEILED))
        _text(_under(style, "BalloonStyle"), "text", "$[description]")


def _colour(css: str, opacity: str) -> str:
    """``#rrggbb`` as KML has it: aabbggrr."""
    return f"{opacity}{css[5:7]}{css[3:5]}{css[1:3]}".lower()


def _icon(kind: str, state: str) -> str:
    return f"icons/{kind}-{state}.png"


def _drawn(sign: Sign, state: str) -> bytes:
    """The symbol, 48 pixels wide: filled where it is new, an outline where it was there before."""
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch

    from exports.figures.paper import OUTLINES

    figure = Figure(figsize=(0.48, 0.48), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-9, 9), ylim=(-9, 9))
    axes.axis("off")
    fill = sign.colour if state == "new" else "#ffffff"
    axes.add_patch(PathPatch(OUTLINES[sign.symbol], facecolor=fill, edgecolor=sign.colour, linewidth=1.6))
    with io.BytesIO() as file:
        figure.savefig(file, format="png", transparent=True, metadata={"Software": None})
        return file.getvalue()


# --- places --------------------------------------------------------------------------------------


def _opened(contents: Contents, stage: str) -> Iterator[dict[str, Any]]:
    """What opens in `stage`, each with what the table of facilities tells of it."""
    if "openings" not in contents.tables:
        return
    openings = contents.tables["openings"]
    later = {
        f"{row['premises']}:{row['upgraded_from']}": row["stage"]
        for row in records(openings[openings["upgraded_from"] != ""])
    }
    known = {row["facility"]: row for row in records(contents.tables["facilities"])}
    for row in records(openings[openings["stage"] == stage]):
        at_end = known.get(row["facility"], {})
        service = contents.signs[row["kind"]].service
        closed = {"closed_by": later[row["facility"]]} if row["facility"] in later else {}
        yield at_end | {"service": service, "opened_stage": stage} | row | closed


def _site(folder: ET.Element, contents: Contents, row: Mapping[str, Any], state: str) -> None:
    place = _under(folder, "Placemark")
    kind = contents.words["kind"].get(row["kind"], row["kind"])
    told = {name: _words(contents, name, row.get(name)) for name in ATTRIBUTES}
    _text(place, "name", f"{row.get('premises_name') or row['group_name']} – {kind}")
    _about(place, contents, told)
    _time(place, _open_in(contents, row, state))
    _text(place, "styleUrl", f"#{row['kind']}-{state}")
    _data(place, told)
    _text(_under(place, "Point"), "coordinates", _at(row["lon"], row["lat"]))


def _open_in(contents: Contents, row: Mapping[str, Any], state: str) -> tuple[int | None, int | None] | None:
    """From the first year of its stage until what it is upgraded to opens."""
    opened = years(str(row["opened_stage"])) if state == "new" else None
    upgraded = contents.tables.get("openings")
    after = row.get("closed_by", "")
    if state == "existing" and upgraded is not None:
        mine = (upgraded["premises"] == row["premises"]) & (upgraded["upgraded_from"] == row["kind"])
        after = next(iter(upgraded.loc[mine, "stage"]), "")
    closing = years(str(after)) if after else None
    if opened is None and closing is None:
        return None
    return opened[0] if opened else None, closing[0] - 1 if closing else None


def _communes(folder: ET.Element, contents: Contents, service: str, stage: str) -> None:
    access = shown.access(contents, stage, service)
    drawn = shown.stage_of(contents, stage=stage, service=service)
    rows = records(pd.DataFrame(contents.tables["communes"].drop(columns="geometry")))
    found = zip(rows, contents.tables["communes"].geometry, records(access), drawn.tones, strict=True)
    for row, shape, reach, tone in found:
        place = _under(folder, "Placemark")
        told = {name: _words(contents, name, row[name]) for name in OF_COMMUNES}
        told |= {name: _words(contents, name, reach[name]) for name in OF_ACCESS if name in reach}
        if tone != shown.NOT_TOLD:
            told["shade"] = drawn.bands[tone]
        _text(place, "name", row["commune"])
        _about(place, contents, told)
        _time(place, years(stage))
        _text(place, "styleUrl", f"#tone-{max(tone, 0)}")
        _data(place, told)
        _polygons(place, shape)


def _polygons(place: ET.Element, shape: shapely.Geometry | None) -> None:
    if shape is None:
        return
    every = _under(place, "MultiGeometry")
    for part in shapely.get_parts(shapely.orient_polygons(shape)):
        polygon = _under(every, "Polygon")
        for n, ring in enumerate(shapely.get_rings(part)):
            side = _under(polygon, "innerBoundaryIs" if n else "outerBoundaryIs")
            points = np.round(shapely.get_coordinates(ring), DECIMALS)
            _text(_under(side, "LinearRing"), "coordinates", " ".join(_at(x, y) for x, y in points))


# --- XML -----------------------------------------------------------------------------------------


def _words(contents: Contents, name: str, value: Any) -> str:
    """A value in words; "" where there is none."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, bool | np.bool_):
        return say("exports.yes" if value else "exports.no", contents.lang)
    if isinstance(value, str):
        return contents.words.get(name, {}).get(value, value)
    return text_of(float(value), contents.lang)


def _about(place: ET.Element, contents: Contents, told: Mapping[str, str]) -> None:
    lines = [f"{contents.heading(name)}: {words}" for name, words in told.items() if words]
    _text(place, "description", _escaped("\n".join((*lines, contents.mark))))


def _data(place: ET.Element, told: Mapping[str, str]) -> None:
    every = _under(place, "ExtendedData")
    for name, words in told.items():
        if words:
            _text(_under(every, "Data", name=name), "value", words)


def _time(place: ET.Element, span: tuple[int | None, int | None] | None) -> None:
    if span is None:
        return
    time = _under(place, "TimeSpan")
    for tag, year, day in (("begin", span[0], "01-01"), ("end", span[1], "12-31")):
        if year is not None:
            _text(time, tag, f"{year:04d}-{day}")


def _folder(within: ET.Element, name: str, span: tuple[int, int] | None, *, visible: bool) -> ET.Element:
    folder = _under(within, "Folder")
    _text(folder, "name", name)
    _text(folder, "visibility", "1" if visible else "0")
    _text(folder, "open", "0")
    _time(folder, None if span is None else (span[0], None))
    return folder


def _at(lon: float, lat: float) -> str:
    return f"{lon:.{DECIMALS}f},{lat:.{DECIMALS}f}"


def _escaped(text: str) -> str:
    """As HTML, a line a line; XML escapes it once more."""
    return html.escape(text).replace("\n", "<br>\n").replace("$[", "$&#91;")


def _under(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, tag, attributes)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = _ILLEGAL.sub("", text)
