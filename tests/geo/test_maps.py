"""Maps: what reaches a template is harmless, the geometry arrives, a stage says what its tables say."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from playwright.sync_api import Page, expect
from shapely.geometry import MultiPolygon, Polygon, box

from geo import maps, privacy
from tests.browser import ROOT
from tests.views import sample

UMASK = "Xã {{ cycler.__init__.__globals__.os.umask(63) }}"
PAYLOADS = (
    UMASK,
    "{% raw %}",
    "{# nothing",
    "{{",
    "<img src=x onerror=window.harmed=1>",
    "</script><script>window.harmed=1</script>",
    "`${window.harmed=1}`",
    "'; window.harmed=1; '",
    '"); window.harmed=1; ("',
    "\\u003cb\\u003e \\",
    "a\u2028b\u2029c\nd\x00e",
    "<!-- <script>",
    "map_div2 drawnItems alert(coords);",
    "Xã Đắk Ơ’ 𝄞",
)


# --- encoded -------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_encoded_arrives_as_it_was(payload: str):
    assert json.loads(maps.encoded([payload, {payload: payload}])) == [payload, {payload: payload}]


@given(st.recursive(st.text() | st.integers() | st.booleans() | st.none(), st.lists))
def test_anything_is_encoded_without_a_sign_that_could_act(value: Any):
    written = maps.encoded(value)
    assert json.loads(written) == value
    assert not re.search(r"[{}%#<>&'`$_\n\r\u2028\u2029\x00]", written)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_template_compiled_twice_leaves_it_alone(payload: str):
    once = Environment(autoescape=False).from_string(maps.encoded([payload])).render()
    assert json.loads(Environment(autoescape=False).from_string(once).render()) == [payload]


def test_no_number_that_javascript_lacks():
    with pytest.raises(ValueError, match="JSON"):
        maps.encoded([float("nan")])


def test_the_script_of_the_map_is_not_taken_for_a_template():
    assert not re.search(r"\{[{%#]", (ROOT / "static/map/map.js").read_text(encoding="utf-8"))


# --- places --------------------------------------------------------------------------------------


def _unpacked(rings: list[list[int]]) -> list[list[tuple[float, float]]]:
    return [
        [(lon, lat) for lat, lon in np.cumsum(np.array(ring).reshape(-1, 2), axis=0) * maps.DEGREES]
        for ring in rings
    ]


def _content(places: maps.Places) -> Any:
    return json.loads(places.script.removeprefix("window.loTrinhPlaces = ").rstrip(";\n"))


def _communes(*shapes: shapely.Geometry, names: list[str] | None = None) -> gpd.GeoDataFrame:
    n = range(len(shapes))
    return gpd.GeoDataFrame(
        {"commune_code": [f"0{i}" for i in n], "commune": names or [f"Xã {i}" for i in n],
         "group": ["9"] * len(shapes), "group_name": ["Huyện Chín"] * len(shapes),
         "lat": [shapely.centroid(s).y for s in shapes], "lon": [shapely.centroid(s).x for s in shapes]},
        geometry=list(shapes), crs="EPSG:4326",
    )  # fmt: skip


def test_the_geometry_arrives_within_a_grid_cell():
    frame = _communes(box(105, 10, 105.1, 10.1), box(105.1, 10, 105.2, 10.1))
    content = _content(maps.places(frame))
    for drawn, true in zip(content["communes"], frame.geometry, strict=True):
        (ring,) = _unpacked(drawn[4])
        assert shapely.hausdorff_distance(Polygon(ring), true) <= maps.DEGREES
    assert content["groups"][0][0] == "Huyện Chín"
    (outline,) = _unpacked(content["groups"][0][3])
    assert Polygon(outline).area == pytest.approx(0.02, rel=1e-3), "one outline around both"


def test_shared_borders_stay_shared():
    x = np.linspace(105, 105.4, 60)
    border = list(zip(x, 10.1 + 0.003 * np.sin(40 * x), strict=True))
    below = Polygon([(105, 10), *border, (105.4, 10)])
    above = Polygon([(105, 10.2), *border, (105.4, 10.2)])
    drawn = [Polygon(_unpacked(c[4])[0]) for c in _content(maps.places(_communes(below, above)))["communes"]]
    assert drawn[0].intersection(drawn[1]).area == 0
    assert drawn[0].union(drawn[1]).area == pytest.approx(drawn[0].area + drawn[1].area)


def test_islands_and_holes_keep_their_rings():
    holed = box(105, 10, 105.3, 10.3) - box(105.1, 10.1, 105.2, 10.2)
    isles = MultiPolygon([box(106, 10, 106.1, 10.1), box(106.2, 10, 106.3, 10.1)])
    drawn = _content(maps.places(_communes(holed, isles)))["communes"]
    assert [len(d[4]) for d in drawn] == [2, 2]


def test_rings_begin_at_a_vertex_and_go_on_in_steps():
    shapes = [
        box(1, 0, 1.001, 0.001) - box(1.0002, 0.0002, 1.0004, 0.0004),
        MultiPolygon([box(2, 1, 2.001, 1.001), box(3, 1, 3.001, 1.001)]),
        box(5, 5, 5.00001, 5.00001),  # all within a cell of the grid
        Polygon(),
        box(4, 2, 4.001, 2.002),
    ]
    first, isles, speck, none, last = maps.all_rings(shapes)
    assert [len(first), len(isles), len(none), len(last)] == [2, 2, 0, 1]
    assert last == [[20_000, 40_010, 20, 0, 0, -10, -20, 0]]
    assert speck == [[50_000, 50_000]]
    assert [maps.rings(shape) for shape in shapes] == [first, isles, speck, none, last], "as one by one"


def test_the_file_that_anybody_may_open_holds_no_counts():
    known = sample.facts(sample.scenario())
    frame = known.communes
    frame["persons"] = 48_613.0
    places = maps.places(frame)
    assert "48613" not in places.script
    assert places.digest == maps.places(frame.assign(persons=1.0)).digest, "counts leave no trace in it"
    assert places.codes == tuple(frame["commune_code"])


# --- a stage -------------------------------------------------------------------------------------


def test_bands_at_their_edges():
    persons = pd.Series([0, 1, 10, 11, 24, 25, 49, 50, 99, 100, 5_000])
    assert maps.band_digits(persons) == "01122334455"
    assert len(maps.BAND_COLOURS) == len(privacy.BANDS)


def test_bands_grow_darker():
    def lightness(colour: str) -> int:
        return sum(int(colour[n : n + 2], 16) for n in (1, 3, 5))

    tones = [lightness(c) for c in maps.BAND_COLOURS]
    assert tones == sorted(tones, reverse=True)


def _stage(stage: str = "2019", *, names: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    plan = sample.plan(names=names)
    asked: dict[str, Any] = {
        "codes": list(plan.facts.communes["commune_code"]), "communes": plan.facts.communes,
        "facilities": plan.facilities, "access": plan.access, "allocation": plan.allocation,
        "kinds": plan.scenario.kinds, "stages": {s: s for s in plan.scenario.stages}, "stage": stage,
        "service": "counselling", "lang": "vi", "links": True, "approximate": True,
    }  # fmt: skip
    return maps.stage_data(**(asked | changes))


def test_a_stage_shows_who_is_out_of_reach():
    data = _stage("2018")
    # Ninh Kiều, 825 in three communes of 275: two served from 2018, the third out of reach
    assert data["bands"][:3] == "005"
    assert data["figures"][0] == [
        275,
        275,
        0,
        0,
        12,
        next(n for n, s in enumerate(data["sites"]) if s[3] == 2),
    ]
    # Cờ Đỏ, 97: 33, 32, 32, nobody served before 2020 and no point to name
    at = 3 * list(sample.scenario().registered_persons.by_group).index("925")
    assert data["bands"][at : at + 3] == "333"
    assert data["figures"][at] == [33, 0, 0, 33, None, -1]


def test_the_order_of_drawing_is_kept():
    codes = _stage()["figures"]
    turned = _stage(codes=list(sample.plan().facts.communes["commune_code"])[::-1])
    assert [f[:4] for f in turned["figures"]] == [f[:4] for f in codes][::-1]


def test_sites_are_there_from_their_stage_on():
    states = {stage: [s[3] for s in _stage(stage)["sites"]] for stage in ("2018", "2019", "2020")}
    assert {s: (v.count(0), v.count(1), v.count(2)) for s, v in states.items()} == {
        "2018": (9, 0, 2), "2019": (9, 2, 6), "2020": (9, 8, 1),
    }  # fmt: skip


def test_links_lead_from_communes_to_the_sites_that_serve_them():
    data = _stage("2018")
    assert len(data["links"]) == 4
    for commune, site in data["links"]:
        assert data["figures"][commune][5] == site
    assert _stage("2018", links=False)["links"] == []


def test_a_full_point_is_shown_as_unserved():
    access = sample.plan().access
    access["no_capacity"], access["out_of_reach"] = access["out_of_reach"], 0.0
    data = _stage("2018", access=access)
    assert data["bands"][:3] == "005"
    assert data["words"]["shade"] == "Số người chưa được phục vụ, theo xã"
    assert _stage("2018")["words"]["shade"] == "Số người ngoài tầm với, theo xã"


def test_what_is_uncertain_is_written_on_the_map():
    assert _stage()["words"]["note"] == "Ranh giới gần đúng · Số người theo xã: ước tính"
    assert _stage(lang="en", approximate=False)["words"]["note"] == "Counts by commune: estimated"


def test_a_move_of_the_slider_is_a_few_kilobytes():
    assert len(maps.encoded(_stage("2020"))) < 8_000


# --- nothing acts --------------------------------------------------------------------------------


def _harmful() -> tuple[maps.Places, dict[str, Any]]:
    """A map whose every name is a payload."""
    codes = [f"{g}{n}" for g in sample.scenario().registered_persons.by_group for n in range(3)]
    names = {code: PAYLOADS[n % len(PAYLOADS)] for n, code in enumerate(codes)}
    plan = sample.plan(names=names)
    frame = plan.facts.communes
    frame["group_name"] = PAYLOADS[4]
    facilities = plan.facilities.assign(premises_name=[PAYLOADS[n % len(PAYLOADS)] for n in range(18)])
    return maps.places(frame), _stage("2019", communes=frame, facilities=facilities, access=plan.access)


def _map(places: maps.Places, data: dict[str, Any], static: str) -> folium.Map:
    canvas = maps.base_map(places, static=static)
    maps.stage_layer(data).add_to(canvas)
    return canvas


def test_rendering_runs_nothing_of_a_name(tmp_path: Path):
    before = os.umask(0o022)
    try:
        html = _map(*_harmful(), "static").get_root().render()
        assert os.umask(0o022) == 0o022, "a name ran on the server"
    finally:
        os.umask(before)
    assert "cycler" in html
    assert "{{ cycler" not in html
    assert "<img" not in html
    assert html.count("</script>") == html.count("<script"), "no name opens or closes a script"


def test_only_files_of_the_house_are_asked_for():
    html = _map(*_harmful(), "static").get_root().render()
    asked = re.findall(r'(?:src|href)="([^"?]+)', html)
    assert sorted(asked) == [
        "static/map/map.css", "static/map/map.js",
        "static/vendor/leaflet/leaflet.css", "static/vendor/leaflet/leaflet.js",
    ]  # fmt: skip
    assert all((ROOT / name).is_file() for name in asked)
    assert "https:" not in html


@pytest.mark.browser
def test_a_browser_shows_a_name_and_runs_nothing_of_it(guarded_page: Page, tmp_path: Path):
    places, data = _harmful()
    page = tmp_path / "map.html"
    page.write_text(_map(places, data, (ROOT / "static").as_uri()).get_root().render(), encoding="utf-8")
    guarded_page.goto(page.as_uri())
    communes = guarded_page.locator("path.commune")
    assert communes.count() == 27
    shown = []
    for n in range(27):
        # Some communes lie under a site or a control; the note is what counts, however it opens.
        guarded_page.evaluate(
            "n => { const map = Object.values(window).find((v) => v instanceof L.Map);"
            " const one = map.loTrinh.communes[n];"
            " one.fire('mouseover', {latlng: one.getBounds().getCenter()}, true); }", n,
        )  # fmt: skip
        shown.append(guarded_page.locator(".leaflet-tooltip b").last.text_content())
        guarded_page.evaluate(
            "n => { const map = Object.values(window).find((v) => v instanceof L.Map);"
            " map.loTrinh.communes[n].fire('mouseout', {}, true); }", n,
        )  # fmt: skip
    assert shown == [PAYLOADS[n % len(PAYLOADS)] for n in range(27)]
    assert guarded_page.evaluate("window.harmed") is None
    assert guarded_page.locator("img").count() == 0
    guarded_page.wait_for_timeout(200)
    assert guarded_page.evaluate("window.harmed") is None


LATE = """
for (const href of %s) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
}
"""


@pytest.mark.browser
def test_a_map_whose_sheets_come_late_is_drawn_once_they_are_there(page: Page, tmp_path: Path):
    """As in Streamlit, where the script does not wait for the sheets it asked for; some are missing."""
    canvas = maps.base_map(maps.places(sample.plan().facts.communes), static=(ROOT / "static").as_uri())
    maps.stage_layer(_stage("2018")).add_to(canvas)
    html = canvas.get_root().render()
    sheet = re.compile(r'<link rel="stylesheet" href="([^"]+)"/>')
    late = LATE % json.dumps([*sheet.findall(html), (tmp_path / "missing.css").as_uri()])
    html = sheet.sub("", html).replace("loTrinh.draw(", f"{late}loTrinh.draw(", 1)
    html = html.replace("</head>", '<link rel="stylesheet" href="gone.css"/></head>', 1)
    before, after = html.rsplit("</script>", 1)
    early = f"window.early = {canvas.get_name()}.loTrinh.communes.length;"
    target = tmp_path / "late.html"
    target.write_text(f"{before}{early}</script>{after}", encoding="utf-8")
    page.goto(target.as_uri())
    expect(page.locator("path.commune")).to_have_count(27)
    expect(page.locator(".site")).to_have_count(len(_stage("2018")["sites"]))
    expect(page.locator(".legend .band")).to_have_count(len(privacy.BANDS))
    assert page.evaluate("window.early") == 0, "nothing is drawn while sizes are not true yet"


def test_frames_are_not_changed():
    plan = sample.plan()
    before = plan.access.copy(), plan.facilities.copy()
    _stage()
    pd.testing.assert_frame_equal(plan.access, before[0])
    pd.testing.assert_frame_equal(plan.facilities, before[1])
