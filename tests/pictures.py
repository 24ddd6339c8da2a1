"""The pictures of the README, taken anew: ``python -m tests.pictures`` (needs Chromium, as the tests do).

They show the app on the plan of Cần Thơ, its places on hexagons (see `tests.schematic`), and go to ``docs/``.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.image import imread
from numpy.typing import NDArray
from playwright.sync_api import Page, expect, sync_playwright
from scipy.spatial import KDTree

from tests.browser import FLAGS, PATIENCE, ROOT, find_chromium, map_frame, rerun, serve, settle

FOLDER = ROOT / "docs"
SCRIPT = f"""
import pathlib, runpy, sys
sys.path.insert(0, {str(ROOT)!r})
from tests import schematic
from views import plan_stage
if not hasattr(schematic, "installed"):
    schematic.installed = True
    schematic.install()
plan_stage.STATIC = pathlib.Path(__file__).parent / "static"
runpy.run_path({str(ROOT / "app.py")!r})
"""


def go(page: Page, place: int) -> None:
    page.get_by_test_id("stTopNavLink").nth(place).click()
    settle(page)


def plan(page: Page) -> None:
    """A stage of the plan, and one of its points with what may be decided about it."""
    with rerun(page):
        page.locator(".st-key-stage input").press("ArrowRight")
    expect(map_frame(page).locator(".site")).to_have_count(10 + 8, timeout=PATIENCE)


def scenario(page: Page) -> None:
    """A budget was cut: marked against the plan, and what follows is said before anybody searches."""
    go(page, 1)
    with rerun(page):
        page.locator(".st-key-scenario_section").get_by_text("Kinh phí").click(timeout=PATIENCE)
    amount = page.locator(".st-key-card_rules_budget_2019 [data-testid=stTextInput] input")
    amount.fill("990,5")
    with rerun(page):
        amount.press("Tab")
    expect(page.locator(".st-key-changed")).to_contain_text("990,5", timeout=PATIENCE)
    settle(page)
    with rerun(page):
        page.locator(".st-key-review_stop_0 button").click()
    expect(page.locator(".st-key-lit_close")).to_be_visible()
    page.locator(".st-key-levers summary").click()
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")


def compare(page: Page) -> None:
    """The published order beside the best one."""
    go(page, 3)
    expect(page.locator(".lt-pair-head")).to_have_count(2, timeout=PATIENCE)
    settle(page)


def leader(page: Page) -> None:
    """The sheet for leaders, in English, as far as its map goes."""
    page.set_viewport_size({"width": 1366, "height": 1060})
    go(page, 4)
    expect(page.locator(".lt-leader-figures")).to_be_visible(timeout=PATIENCE)
    with rerun(page):
        page.locator(".st-key-lang_switch").get_by_text("English").click()
    settle(page)


SCENES: dict[str, Callable[[Page], None]] = {
    "app": plan, "so_sanh": compare, "lanh_dao": leader, "kich_ban": scenario,
}  # fmt: skip


def take(address: str) -> None:
    """All pictures, each by somebody who has just come."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        for name, scene in SCENES.items():
            page = chromium.new_page(locale="vi-VN", viewport={"width": 1366, "height": 768})
            page.goto(address)
            expect(page.locator(".lt-measure").first).to_be_visible(timeout=PATIENCE)
            settle(page)
            scene(page)
            page.mouse.move(683, 5)
            page.wait_for_timeout(1500)  # for what is drawn slowly: fades, fonts
            small = with_palette(imread(io.BytesIO(page.screenshot())))
            (FOLDER / f"{name}.png").write_bytes(small)
            print(f"{name}.png: {len(small) // 1000} kB")
            page.close()
        chromium.close()


def with_palette(picture: NDArray[np.float32]) -> bytes:
    """A PNG of the 256 colours that are most in `picture` (0 to 1); others become the nearest of these.

    A screen has few colours, so that nobody sees it, and a third of the file is left.
    """
    pixels = np.round(picture[..., :3] * 255).astype(np.uint8)
    colours, each, many = np.unique(pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-many, kind="stable")[:256]]
    nearest = KDTree(kept).query(colours)[1].astype(np.uint8)[each.ravel()].reshape(pixels.shape[:2])
    height, width = nearest.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), nearest])  # each line begins with its filter: none
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": kept.tobytes(),
        b"IDAT": zlib.compress(lines.tobytes(), 9),
        b"IEND": b"",
    }
    told = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


def main() -> None:
    """Run the app on hexagons, in a folder of its own, and take the pictures."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        shutil.copytree(ROOT / "static", folder / "static", ignore=shutil.ignore_patterns("drawn"))
        shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
        script = folder / "schematic_app.py"
        script.write_text(SCRIPT, encoding="utf-8")
        os.environ["LO_TRINH_WORKSPACE"] = str(folder / "workspace")
        with serve(script, folder / "log.txt") as address:
            take(address)


if __name__ == "__main__":
    main()
