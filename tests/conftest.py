"""Fixtures: no network for anybody, the app on a server, a browser page that must stay on this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import FLAGS, LOOPBACK, PATIENCE, ROOT, find_chromium, serve, watch

# A busy machine must not fail a test, and the same commit must not pass one day and fail the next.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")
expect.set_options(timeout=PATIENCE / 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: the quick ones speak first."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Fail whatever test connects to another machine."""

    def guard(connect: Any) -> Any:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (*LOOPBACK, "::1"):
                pytest.fail(f"a test reached for {address}")
            return connect(self, address)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guard(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guard(socket.socket.connect_ex))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test keeps anything in the project's own workspace."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LO_TRINH_WORKSPACE", str(tmp_path_factory.mktemp("workspace")))
        yield


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the running app, one server for all tests."""
    with serve(ROOT / "app.py", tmp_path_factory.mktemp("server") / "log.txt") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of this machine, cut off from all others."""
    executable = find_chromium()
    if executable is None:
        reason = "there is no Chromium on this machine (Debian: apt-get install chromium fonts-noto-core)"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a Vietnamese planner's laptop."""
    with browser.new_context(
        locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", viewport={"width": 1366, "height": 768}
    ) as context:
        yield context.new_page()


@pytest.fixture
def guarded_page(page: Page) -> Iterator[Page]:
    """A fresh page; at the end nothing may have left this machine and nothing may have gone wrong in it."""
    seen = watch(page)
    yield page
    assert not seen.trespasses(), "the page reached for other machines"
    assert not seen.errors, "the page complained"
