"""Names that would run as code, all the way through an app that takes its time, into a browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PATIENCE, ROOT, map_frame, rerun, serve, settle
from tests.geo.test_maps import PAYLOADS

SCRIPT = """
import pathlib, runpy, sys, time

sys.path.insert(0, {root!r})
import planner
from tests.geo.test_maps import PAYLOADS
from tests.views import sample
from views import plan_stage

plan_stage.STATIC = pathlib.Path(__file__).parent / "static"


def solved(scenario, **_):
    time.sleep(1)
    codes = [f"{{g}}{{n}}" for g in scenario.registered_persons.by_group for n in range(3)]
    plan = sample.plan(scenario, names={{c: PAYLOADS[n % len(PAYLOADS)] for n, c in enumerate(codes)}})
    plan.facilities["premises_name"] = [PAYLOADS[n % len(PAYLOADS)] for n in range(len(plan.facilities))]
    plan.facts.communes["group_name"] = PAYLOADS[4]
    return plan


def scored(scenario, **_):
    time.sleep(3)
    return sample.evaluation(scenario)


planner.run, planner.evaluate = solved, scored
runpy.run_path({app!r})
"""


@pytest.mark.browser
def test_names_are_read_and_not_run(guarded_page: Page, tmp_path: Path):
    shutil.copytree(ROOT / "static", tmp_path / "static", ignore=shutil.ignore_patterns("drawn"))
    shutil.copytree(ROOT / ".streamlit", tmp_path / ".streamlit")
    script = tmp_path / "harmful.py"
    script.write_text(SCRIPT.format(root=str(ROOT), app=str(ROOT / "app.py")), encoding="utf-8")
    with serve(script, tmp_path / "log.txt") as address:
        guarded_page.goto(address)
        frame = map_frame(guarded_page)
        expect(frame.locator("path.commune")).to_have_count(27, timeout=PATIENCE)
        frame.locator("html").evaluate("() => { window.survives = 'yes'; }")
        expect(guarded_page.locator(".lt-measure").first).to_be_visible(timeout=PATIENCE)
        settle(guarded_page)
        assert frame.locator("html").evaluate("() => window.survives") == "yes", (
            "the comparison came in quietly"
        )
        with rerun(guarded_page):
            guarded_page.locator(".st-key-stage input").press("ArrowRight")
        expect(frame.locator(".site")).to_have_count(9 + 8)
        seen = frame.locator(".site").evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
        assert set(seen) <= set(PAYLOADS)
        assert len(set(seen)) > 10
        names = guarded_page.locator(".lt-sites tbody b").all_inner_texts()
        assert any("{{ cycler" in name for name in names)
        assert any("<img src=x" in name for name in names)
        with rerun(guarded_page):
            guarded_page.locator("tr[data-pick]").first.click()
        expect(guarded_page.locator(".st-key-panel h3")).to_be_visible()
        frame.locator("path.commune").first.hover(force=True)
        expect(frame.locator(".note b")).to_be_visible()
        assert frame.locator("html").evaluate("() => window.harmed") is None
        assert frame.locator("img").count() == 0
        assert guarded_page.evaluate("window.harmed") is None
        assert guarded_page.locator("img[src=x]").count() == 0
