"""Maps and charts: sizes, words that cover nothing, scale, what each edition may show, and who is on them."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyproj
import pytest
from matplotlib.text import Text as Words
from matplotlib.transforms import Bbox

import planner
from exports import EDITIONS, figures, picture, shown
from exports.contents import Beside, Contents, contents_of
from exports.figures import charts, series, sheets
from exports.figures.land import land
from exports.figures.paper import CM, DPI, OUTLINES, Sheet
from geo import privacy
from geo.maps import BAND_COLOURS, SYMBOLS
from planner import kept
from planner.plan import Plan
from planner.variants import Variant
from scenarios.reading import FOLDER, load
from tests.exports.plans import COUNTS, GROUPS, plan, with_before
from text import LANGS, Text, say

DONG_NAI = {
    "2014-2015": (
        "aids_centre:treatment", "bien_hoa_hospital:treatment", "bien_hoa_hospital:voluntary",
        "bien_hoa_hospital:counselling", "labour_centre:voluntary_centre", "long_khanh:treatment",
        "long_khanh:counselling", "long_thanh:treatment",
        *(f"tyt-{n}:community_detox" for n in (26017, 26113, 26149, 26182, 26218, 26281, 26305, 26356, 26392,
                                               26425, 26497)),
    ),
    "2016-2020": (
        *(f"tyt-{n}:community_detox" for n in (26023, 26092, 26410, 26479)),
        *(f"tyt-{n}:counselling" for n in (26113, 26149, 26182, 26218, 26281, 26305, 26356, 26374, 26410,
                                           26425, 26488)),
    ),
}  # fmt: skip
"""A plan that keeps all rules, brought back rather than searched for: that takes half the time."""
SHIPPED = ("can_tho_2018_2020", "dong_nai_to_2020", "tuyen_quang_2020", "national_2012_2015")


@cache
def shipped(name: str) -> Plan:
    scenario = load(FOLDER / f"{name}.yaml")
    if name == "dong_nai_to_2020":
        opened = {facility: {stage: 1} for stage, mine in DONG_NAI.items() for facility in mine}
        return kept.brought_back(scenario, kept.Known(opened))
    found = planner.run(scenario)
    assert isinstance(found, Plan)
    return found


@cache
def contents(name: str = "", edition: str = "internal", lang: str = "vi") -> Contents:
    return contents_of(shipped(name) if name else with_before(plan()), edition=edition, lang=lang)


class Png(NamedTuple):
    """What a PNG says of itself: pixels, dots an inch, text chunks."""

    width: int
    height: int
    dpi: float
    text: dict[str, str]


def read_png(content: bytes) -> Png:
    """Read after ISO/IEC 15948, each chunk's checksum looked at."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, size, dpi, text = 8, (0, 0), 0.0, {}
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            size = struct.unpack(">II", body[:8])
        elif kind == b"pHYs":
            dpi = struct.unpack(">I", body[:4])[0] * 0.0254
        elif kind == b"tEXt":
            key, _, value = body.partition(b"\0")
            text[key.decode("latin-1")] = value.decode("latin-1")
        elif kind == b"iTXt":
            key, _, rest = body.partition(b"\0")
            assert rest[:2] == b"\0\0"  # not compressed
            text[key.decode("latin-1")] = rest[2:].split(b"\0", 2)[2].decode("utf-8")
        at += 12 + length
    return Png(*size, dpi, text)


def said(sheet: Sheet) -> list[str]:
    """All that is written on a sheet."""
    return [text.get_text() for text in sheet.figure.findobj(Words) if text.get_text()]


def boxes(sheet: Sheet, words: tuple[Words, ...]) -> list[Bbox]:
    renderer = sheet.canvas.get_renderer()
    return [text.get_window_extent(renderer) for text in words]


# --- the paper -----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [16.0, 24.7])
def test_a_map_has_the_width_that_was_asked_for_at_print_quality(width):
    found = read_png(figures.coverage_map(contents(), stage="2019", service="counselling", width_cm=width))
    assert found.width == pytest.approx(width * CM * DPI, abs=2)
    assert DPI >= 200
    assert found.dpi == pytest.approx(DPI, abs=1)


@pytest.mark.parametrize(("few", "size"), [(True, (29.7, 21.0)), (False, (42.0, 29.7))])
def test_the_series_is_a_sheet_of_a4_or_a3(monkeypatch, few, size):
    monkeypatch.setattr(series, "FEW", 4 if few else 1)
    found = read_png(series.series(contents()).png())
    assert (found.width, found.height) == pytest.approx([side * CM * DPI for side in size], abs=3)
    assert found.dpi == pytest.approx(DPI, abs=1)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("edition", "lang"), [("internal", "vi"), ("shared", "en")])
def test_each_shipped_scenario_can_be_drawn(name, edition, lang):
    one = contents(name, edition, lang)
    service, last = shown.services(one)[0], shown.stages(one)[-1]
    drawn = [
        figures.coverage_map(one, stage=None, service=service),
        figures.coverage_map(one, stage=last, service=service),
        figures.rollout_chart(one),
        figures.cover_chart(one, service=service),
    ]
    assert all(read_png(content).width == pytest.approx(16 * CM * DPI, abs=2) for content in drawn)
    assert (figures.money_chart(one) is None) == (name != "can_tho_2018_2020")


def test_a_font_that_knows_every_letter_is_used(recwarn):
    letters = "ắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựỳỷỹỵđĐƯƠ ≤10 – ≥100"
    sheet = Sheet(10, 2)
    sheet.area(0, 0, 10, 2).text(1, 1, letters)
    sheet.png()
    assert not [w for w in recwarn if "lyph" in str(w.message)]


def test_the_text_chunks_of_a_picture_say_where_it_comes_from(tmp_path):
    for edition in EDITIONS:
        one = replace(contents(edition=edition), by="Sở Y tế Cần Thơ")
        picture.write_png(one, tmp_path / "p.png")
        found = read_png((tmp_path / "p.png").read_bytes()).text
        assert found["Title"] == one.title
        assert found["Author"] == "Sở Y tế Cần Thơ"
        assert found["Disclaimer"] == one.mark
        assert found["Creation Time"] == one.written
        assert found["edition"] == edition
        assert found["status"] == "feasible"
        assert found["gap"] == "0.01, 0"
        origin = dict(one.tables["provenance"].itertuples(index=False, name=None))
        assert found.get("scenario_sha256") == origin.get("scenario_sha256")
        assert found["Comment"].splitlines() == [f"{item}: {value}" for item, value in origin.items()]


# --- words on maps -------------------------------------------------------------------------------

CROWDED = [("can_tho_2018_2020", "2018"), ("can_tho_2018_2020", "2019"), ("can_tho_2018_2020", "2020"),
           ("dong_nai_to_2020", "2014-2015"), ("dong_nai_to_2020", "2016-2020")]  # fmt: skip


@pytest.mark.parametrize(("name", "stage"), CROWDED)
@pytest.mark.parametrize("lang", LANGS)
def test_no_word_covers_another_or_a_symbol_or_leaves_the_map(name, stage, lang):
    one = contents(name, "shared", lang)
    sheet, drawn = sheets.drawn(one, stage=stage, service=shown.services(one)[0], width=16.0)
    assert drawn.covering == ()
    found = boxes(sheet, drawn.words)
    for n, box in enumerate(found):
        for other in found[:n]:
            assert not box.overlaps(other)
    frame = drawn.words[0].axes.get_window_extent()
    for box in found:
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1
        assert frame.y0 <= box.y0
        assert box.y1 <= frame.y1


@pytest.mark.parametrize(("name", "stage"), CROWDED)
def test_each_place_that_opens_is_named_once_and_each_district_too(name, stage):
    one = contents(name, "internal", "vi")
    _, drawn = sheets.drawn(one, stage=stage, service=shown.services(one)[0], width=16.0)
    openings = one.tables["openings"]
    mine = openings[openings["stage"] == stage].drop_duplicates("premises")
    expected = {*mine["premises_name"], *one.tables["communes"]["group_name"]}
    assert sorted(w.get_text().replace("\n", " ") for w in drawn.words) == sorted(expected)


def test_names_that_find_no_room_become_numbers_with_a_key():
    one = contents("dong_nai_to_2020")
    long = 4 * "Trung tâm Kiểm soát bệnh tật, khám và điều trị " + "số "
    frame = one.tables["facilities"]
    names = {p: f"{long}{n}" for n, p in enumerate(dict.fromkeys(frame["premises"]))}
    renamed = frame.assign(premises_name=frame["premises"].map(names))
    crowded = replace(one, tables={**one.tables, "facilities": renamed})
    sheet, drawn = sheets.drawn(crowded, stage="2014-2015", service="detox", width=16.0)
    assert len(drawn.numbered) == 16
    written = said(sheet)
    for n, site in enumerate(drawn.numbered):
        assert site.name in written
        assert written.count(str(n + 1)) >= 2  # on the map and in the key
    assert drawn.covering == ()


def test_the_nation_is_shown_whole():
    for lang in LANGS:
        one = contents("national_2012_2015", "shared", lang)
        _, drawn = sheets.drawn(one, stage="2015", service="methadone", width=16.0)
        found = {w.get_text().replace("\n", " ") for w in drawn.words}
        assert found == {say("nation.hoang_sa", lang), say("nation.truong_sa", lang)}
        assert drawn.covering == ()


def test_what_has_to_be_said_stands_on_the_sheet():
    for edition in EDITIONS:
        for lang in LANGS:
            one = contents("can_tho_2018_2020", edition, lang)
            sheet, _ = sheets.drawn(one, stage="2019", service="counselling", width=16.0)
            text = " ".join(said(sheet)).replace("\n", " ")
            assert one.mark in text
            assert one.title in text
            assert "2019" in said(sheet)[0] or any("2019" in words for words in said(sheet)[:3])
            assert say("exports.note.approximate", lang) in text
            assert say("figures.reach", lang, minutes="30") in text
            assert say("map.estimated_note", lang) in text
            for _, band in privacy.BANDS:
                assert band in said(sheet)


# --- what is drawn -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["can_tho_2018_2020", "national_2012_2015"])
def test_a_centimetre_is_as_many_metres_as_the_scale_says(name):
    ground = land(contents(name))
    west, south, east, north = ground.box
    x, y = (west + east) / 2, (south + north) / 2
    for dx, dy in ((5000, 0), (0, 5000)):
        back = pyproj.Transformer.from_crs(ground.to_plane.target_crs, "EPSG:4326", always_xy=True)
        one, other = back.transform(x, y), back.transform(x + dx, y + dy)
        _, _, metres = pyproj.Geod(ellps="WGS84").inv(*one, *other)
        assert metres == pytest.approx(5000, rel=2e-4)


@pytest.mark.parametrize(("metres", "length"), [(26_000, 20_000), (50_000, 50_000), (999, 500), (10, 10)])
def test_a_scale_bar_has_a_round_length(metres, length):
    assert sheets.nice(metres) == length


def test_tones_say_what_the_internal_table_says():
    one = contents()
    for stage in shown.stages(one):
        rows = shown.access(one, stage, "counselling")
        found = shown.stage_of(one, stage=stage, service="counselling")
        bands = privacy.bands(rows["out_of_reach"] + rows["no_capacity"])
        assert [found.bands[tone] for tone in found.tones] == bands


def test_tones_of_the_shared_edition_follow_from_its_own_tables():
    one = contents(edition="shared")
    persons = one.tables["communes"]["persons"].tolist()
    for stage in [None, *shown.stages(one)]:
        rows = shown.access(one, stage, "counselling")
        assert "out_of_reach" not in rows
        found = shown.stage_of(one, stage=stage, service="counselling")
        told = [found.bands[t] if t != shown.NOT_TOLD else privacy.HIDDEN for t in found.tones]
        assert told == [
            "0" if near else band for near, band in zip(rows["within_reach"], persons, strict=True)
        ]


def test_what_is_not_released_is_hatched_and_explained():
    one = contents(edition="shared")
    places = one.tables["communes"]
    hidden = replace(one, tables={**one.tables, "communes": places.assign(persons=privacy.HIDDEN)})
    found = shown.stage_of(hidden, stage=None, service="counselling")
    assert shown.NOT_TOLD in found.tones
    sheet, _ = sheets.drawn(hidden, stage=None, service="counselling", width=16.0)
    assert say("figures.untold", "vi") in said(sheet)


def test_sites_stand_as_the_plan_opens_them():
    one = contents()
    states = {
        stage: {s.facility: s.state for s in shown.stage_of(one, stage=stage, service="counselling").sites}
        for stage in [None, "2018", "2019"]
    }
    assert states[None] == {"ninh_kieu:treatment": shown.EXISTING}
    assert states["2018"] == {"ninh_kieu:treatment": shown.EXISTING, "ninh_kieu:counselling": shown.NOW}
    assert states["2019"] == {
        "ninh_kieu:treatment": shown.EXISTING, "ninh_kieu:counselling": shown.EARLIER,
        "thoi_lai:dispensing": shown.NOW, "thoi_lai:counselling": shown.NOW,
    }  # fmt: skip


def test_what_an_upgrade_closes_later_still_stands_before():
    one = contents()
    openings = one.tables["openings"]
    there = openings[openings["facility"] == "ninh_kieu:counselling"].iloc[0]
    first = there.to_dict() | {"stage": "2020", "facility": "ninh_kieu:dispensing",
                                          "kind": "dispensing", "upgraded_from": "counselling"}  # fmt: skip
    frame = one.tables["facilities"]
    upgraded = frame[frame["facility"] == "ninh_kieu:counselling"].assign(
        facility="ninh_kieu:dispensing", kind="dispensing", opened_stage="2020"
    )
    tables = {
        **one.tables,
        "openings": pd.concat([openings, pd.DataFrame([first])], ignore_index=True),
        "facilities": pd.concat([frame[frame["facility"] != "ninh_kieu:counselling"], upgraded]),
    }
    changed = replace(one, tables=tables)
    before = set(shown.standing(changed, "2019")["facility"])
    after = set(shown.standing(changed, "2020")["facility"])
    assert "ninh_kieu:counselling" in before - after
    assert "ninh_kieu:dispensing" in after - before


def test_a_map_of_the_shared_edition_depends_on_the_release_alone():
    other = (2, 43, 56, 0, 10, 38, 3, 5, 120, 61, 72, 88)
    groups = pd.Series(GROUPS)
    releases = [privacy.release(pd.Series(c, dtype=float), groups) for c in (COUNTS, other)]
    assert releases[0].equals(releases[1])
    pictures = [
        figures.coverage_map(
            contents_of(plan(c), edition="shared", lang="vi"), stage="2018", service="counselling"
        )
        for c in (COUNTS, other)
    ]
    assert pictures[0] == pictures[1]


def test_bands_can_be_told_apart_in_grey():
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    steps = -np.diff([grey(colour) for colour in BAND_COLOURS])
    assert (steps > 20).all()


# --- charts --------------------------------------------------------------------------------------


def test_numbers_of_the_charts_are_those_of_the_tables():
    one = contents("can_tho_2018_2020")
    money = charts.money(one, width=16)
    assert money is not None
    assert {"338,0", "1.237,2", "1.061,8", "triệu đồng"} <= set(said(money))
    rollout = said(charts.rollout(one, width=16))
    assert {"9", "+6", "+1"} <= set(rollout)
    cover = said(charts.cover(one, service="counselling", width=16))
    row = one.tables["coverage"].query("stage == '2019'").iloc[0]
    told = f"{100 * row['served'] / row['demand']:.1f} %".replace(".", ",")
    assert any(words.startswith(told) for words in cover)
    assert any("2.630" in words for words in cover)


def test_targets_are_lines_with_their_figure():
    found = said(charts.cover(contents(), service="counselling", width=16))
    assert say("figures.target", "vi", share="70 %") in found


def test_the_shared_chart_tells_what_its_table_tells():
    one = contents("can_tho_2018_2020", "shared")
    found = " ".join(said(charts.cover(one, service="counselling", width=16)))
    for served in one.tables["coverage"]["served"]:
        assert shown.told_number(served, one) in found
    exact = contents("can_tho_2018_2020").tables["coverage"]["served"]
    for served in exact:
        assert f"{round(served):,}".replace(",", ".") not in found


def test_options_are_compared_where_there_are_any():
    assert figures.options_chart(contents()) is None
    beside = Beside(options=(Variant("greedy", Text("Chọn lần lượt", "One by one"), plan(room=0.5)),))
    for edition in EDITIONS:
        sheet = charts.options(contents_of(plan(), edition=edition, lang="vi", beside=beside), width=16)
        assert sheet is not None
        assert {"Chọn lần lượt", say("figures.this_plan", "vi")} <= set(said(sheet))


# --- symbols and names ----------------------------------------------------------------------------


def test_every_symbol_of_the_screen_has_its_outline():
    assert set(OUTLINES) == set(SYMBOLS)
    for outline in OUTLINES.values():
        size = outline.get_extents()
        assert 9 < size.width < 16
        assert 9 < size.height < 16


def test_a_name_is_never_taken_for_a_formula():
    one = contents()
    frame = one.tables["facilities"].assign(premises_name=r"$\frac{1}{0}$ _^ {{7*7}} <b>")
    changed = replace(one, tables={**one.tables, "facilities": frame})
    sheet, _ = sheets.drawn(changed, stage="2018", service="counselling", width=16.0)
    sheet.png()
    assert any("$" in words and "{{7*7}}" in words.replace("\n", " ") for words in said(sheet))


def test_two_maps_of_one_plan_are_the_same_to_the_byte():
    pictures = {figures.coverage_map(contents(), stage="2019", service="methadone") for _ in range(2)}
    assert len(pictures) == 1
