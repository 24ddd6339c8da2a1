"""The page in one file: it opens alone, moves by keyboard, tells no more than its edition, runs no name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import planner
from exports import EDITIONS, page, page_map, shown
from exports.contents import Contents, contents_of
from exports.markup import tag
from geo import privacy
from geo.privacy import BANDS, HIDDEN
from planner.plan import Plan
from scenarios.reading import FOLDER, load
from tests.browser import watch
from tests.exports.plans import COUNTS, plan, with_before
from text import LANGS, say

HOSTILE = (
    "</script><script>window.ran = 1</script>", "<img src=x onerror='window.ran = 1'>",
    "Xã {{ cycler.__init__.__globals__.os.umask(63) }}", "{% raw %}`${window.ran = 1}`", "<!-- \u2028 -->",
    "'\"><svg onload=window.ran=1>",
)  # fmt: skip


@cache
def contents(edition: str = "internal", lang: str = "vi") -> Contents:
    return contents_of(with_before(plan()), edition=edition, lang=lang)


def hostile(one: Contents) -> Contents:
    """The same with names that would run if anything took them for code."""
    tables = dict(one.tables)
    for table, column in (("communes", "commune"), ("communes", "group_name"),
                          ("facilities", "premises_name"), ("openings", "premises_name"),
                          ("known_issues", "issue"), ("assumptions", "note")):  # fmt: skip
        frame = tables[table]
        names = [HOSTILE[n % len(HOSTILE)] for n in range(len(frame))]
        tables[table] = frame.assign(**{column: names})
    return replace(one, tables=tables, title=HOSTILE[0], notes=HOSTILE)


def embedded(text: str) -> dict[str, Any]:
    """What the page's script is given."""
    found = re.search(r"window\.loTrinhPage = (.*);</script>", text)
    assert found
    return json.loads(found[1])


# --- what stands in it ---------------------------------------------------------------------------


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_what_a_reader_has_to_know(edition, lang):
    one = contents(edition, lang)
    text = page.page(one)
    assert text.startswith("<!DOCTYPE html>\n<html lang=")
    assert f'lang="{lang}"' in text
    assert text.count(one.mark) >= 3  # title, head, foot
    for words in (*(value for _, value in one.summary), *one.notes):
        assert tag("p", words)[3:-4] in text
    for name in ("coverage", "stages", "targets", "assumptions", "provenance"):
        assert one.name(name) in text
    for row in one.spoken("provenance").itertuples():
        assert f"<dd>{tag('p', row.value)[3:-4]}</dd>" in text


def test_nothing_is_fetched_and_only_its_own_scripts_may_run():
    text = page.page(contents())
    assert not re.findall(r"\s(?:src|href|action|poster|srcset|data)=", text.split("<script>")[0])
    assert not re.search(r"@import|url\((?!#)", text.split("</style>")[0])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    assert policy[1].count("sha256-") == text.count("<script>") == 5


def test_a_province_stays_below_half_a_megabyte():
    found = planner.run(load(FOLDER / "can_tho_2018_2020.yaml"))
    assert isinstance(found, Plan)
    for edition in EDITIONS:
        assert len(page.page(contents_of(found, edition=edition, lang="vi")).encode()) < 500_000


def test_names_are_never_markup():
    text = page.page(hostile(contents()))
    tame = page.page(contents())
    for what in ("<script", "</script", "<img", "<svg", "<!--"):
        assert text.count(what) == tame.count(what), what
    assert "&lt;img src=x" in text


def test_what_the_script_is_given_is_what_the_tables_say():
    one = contents()
    found = embedded(page.page(one))
    names, times = shown.services(one), page_map.times(one)
    assert len(found["shown"]) == len(names) == 2
    assert found["numbers"] == [-1, 0, 1, 2]
    for service, stages in zip(names, found["shown"], strict=True):
        for stage, told in zip(times, stages, strict=True):
            rows = shown.access(one, stage, service)
            assert [f[0] for f in told["figures"]] == rows["demand"].round().astype(int).tolist()
            assert [f[3] for f in told["figures"]] == rows["out_of_reach"].round().astype(int).tolist()
            bands = privacy.bands(rows["out_of_reach"] + rows["no_capacity"])
            assert [told["labels"][int(d)] for d in told["bands"]] == bands


# --- the shared edition --------------------------------------------------------------------------


def numbers_of_persons(found: dict[str, Any]) -> set[object]:
    """Every figure of persons that the script is given, of communes and of sites."""
    told = [one for service in found["shown"] for one in service]
    persons = {value for one in told for figures in one["figures"] for value in figures[:4]}
    return persons | {site[9] for one in told for site in one["sites"]}


def test_the_shared_page_holds_bands_and_no_numbers_of_communes_or_sites():
    one = contents("shared")
    bands = {name for _, name in BANDS} | {HIDDEN}
    found = numbers_of_persons(embedded(page.page(one)))
    assert found <= bands | {None}
    assert found & bands
    exact = numbers_of_persons(embedded(page.page(contents())))
    assert {7, 3, 5} <= exact  # the attack on the internal page works


def test_its_headline_figures_are_those_of_its_tables():
    one = contents("shared")
    found = embedded(page.page(one))
    cover = one.tables["coverage"]
    allowed = {shown.told_number(v, one) for c in ("served", "no_capacity", "out_of_reach") for v in cover[c]}
    allowed |= {
        shown.told_number(v, one)
        for c in ("served", "no_capacity", "out_of_reach")
        for v in one.tables["before_coverage"][c]
    }
    told = {value for service in found["told"] for one_ in service for _, value in one_["figures"]}
    assert told
    assert told <= allowed


def test_it_is_the_same_for_all_counts_of_one_release():
    other = (2, 43, 56, 0, 10, 38, 3, 5, 120, 61, 72, 88)
    pages = [
        page.page(contents_of(with_before(plan(c)), edition="shared", lang="vi")) for c in (COUNTS, other)
    ]
    assert pages[0] == pages[1]


# --- in a browser --------------------------------------------------------------------------------


def opened(browser_page: Page, one: Contents, folder: Path) -> None:
    path = folder / "Phương án.html"
    page.write_html(one, path)
    browser_page.goto(path.as_uri())
    browser_page.wait_for_selector("path.commune")


def test_it_opens_alone_and_the_slider_moves_by_keyboard(guarded_page, tmp_path):
    seen = watch(guarded_page)
    one = contents()
    opened(guarded_page, one, tmp_path)
    assert [url for url in seen.urls if not url.startswith("data:")] == [
        (tmp_path / "Phương án.html").as_uri()
    ]
    assert guarded_page.locator("path.commune").count() == 12
    title = guarded_page.locator("#title")
    assert title.inner_text() == f"Đến hết năm {2020}"
    first = guarded_page.locator(".site").count()
    shade = "p => [...document.querySelectorAll('path.commune')].map(e => e.getAttribute('fill')).join()"
    before = guarded_page.evaluate(shade)
    guarded_page.focus("#stage")
    guarded_page.keyboard.press("ArrowLeft")
    assert title.inner_text() == "Đến hết năm 2019"
    assert guarded_page.locator("#stage").get_attribute("aria-valuetext") == "đến hết năm 2019"
    assert guarded_page.locator("tr.now").count() == 2
    guarded_page.keyboard.press("Home")
    assert title.inner_text() == say("figures.before", "vi")
    assert guarded_page.locator(".site").count() < first
    assert guarded_page.evaluate(shade) != before
    assert guarded_page.locator("#figures dd").first.inner_text() == "0"
    guarded_page.select_option("#service", index=1)
    cover = one.tables["before_coverage"]
    service = shown.services(one)[1]
    served = cover.loc[cover["service"] == service, "served"].iloc[0]
    assert guarded_page.locator("#figures dd").first.inner_text() == shown.told_number(served, one)


def test_hostile_names_stay_text_and_it_fits_phone_and_paper(guarded_page, tmp_path):
    opened(guarded_page, hostile(contents("shared")), tmp_path)
    guarded_page.locator("path.commune").first.hover()
    assert HOSTILE[0] in guarded_page.locator(".note").inner_text()
    assert guarded_page.locator("h1").inner_text() == HOSTILE[0]
    assert guarded_page.evaluate("window.ran") is None
    guarded_page.set_viewport_size({"width": 390, "height": 844})
    assert guarded_page.evaluate("document.documentElement.scrollWidth") <= 390
    assert guarded_page.locator("ul.key").is_visible()
    guarded_page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert guarded_page.locator("details[open]").count() == guarded_page.locator("details").count() > 0
    assert guarded_page.locator("#map").bounding_box()["width"] == pytest.approx(700, abs=4)
    guarded_page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert guarded_page.locator("details[open]").count() == 0
