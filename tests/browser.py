"""What browser tests share: a server for a script, a watch on the traffic, and when a rerun is over."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import FrameLocator, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

ROOT = Path(__file__).parent.parent
PATIENCE = 240_000
"""Milliseconds for what takes seconds: a busy machine must not fail a test."""
LOOPBACK = ("127.0.0.1", "localhost")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def find_chromium() -> str | None:
    """The Chromium (or a browser of its family) that this machine has."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
    return next(filter(None, map(shutil.which, names)), None)


# --- the server ----------------------------------------------------------------------------------


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(port: int) -> bool:
    """Whether a Streamlit server answers on `port`."""
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def serve(script: Path, log: Path, *, patience: float = PATIENCE / 1000) -> Iterator[str]:
    """Run the Streamlit `script` with the project's settings; its address, once it is ready.

    What the server prints goes to `log`, and into the error when it does not come up in `patience` seconds.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    command += ["--server.headless=true", "--server.fileWatcherType=none"]
    environment = os.environ | {"PYTHONUTF8": "1"}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=script.parent, env=environment, stdout=output, stderr=output) as server,
    ):
        try:
            deadline = time.monotonic() + patience
            while not healthy(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"The app does not come up:\n{log.read_text(encoding='utf-8')}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


# --- the page ------------------------------------------------------------------------------------


@dataclass
class Watch:
    """What a page asked for and complained about."""

    urls: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def trespasses(self) -> list[str]:
        """Requests that left this machine, or tried to."""
        return [
            url
            for url in self.urls
            if urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and urlsplit(url).hostname not in LOOPBACK
        ]


def watch(page: Page) -> Watch:
    """Note every request (frames and sockets included) and every error of `page` from now on."""
    seen = Watch()
    page.context.on("request", lambda request: seen.urls.append(request.url))
    page.on("websocket", lambda connection: seen.urls.append(connection.url))
    page.on("pageerror", lambda error: seen.errors.append(f"page error: {error}"))
    page.on(
        "console", lambda said: seen.errors.append(f"console: {said.text}") if said.type == "error" else None
    )
    return seen


STATE = "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state')"
QUIET = f"{STATE} === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]')"
"""The script is over, and no widget's code is still being fetched: a click on its grey box is lost."""


DRAWN = "() => new Promise(done => requestIdleCallback(() => requestAnimationFrame(done), {timeout: 5000}))"
"""What the script sent is drawn after it is over, as soon as the browser has nothing else to do."""


def settle(page: Page, *, timeout: float = PATIENCE / 1000) -> None:
    """Wait (seconds at most) until the script of a page just opened has run to its end and is drawn."""
    page.wait_for_function(QUIET, timeout=1000 * timeout)
    page.evaluate(DRAWN)
    page.wait_for_function(QUIET, timeout=1000 * timeout)


@contextmanager
def rerun(page: Page, *, timeout: float = PATIENCE / 1000) -> Iterator[None]:
    """Do what makes the script run again inside; go on when that run is over."""
    page.evaluate(
        """() => {
            window.rerunsSeen = 0;
            new MutationObserver(() => { window.rerunsSeen += 1; }).observe(
                document.querySelector('[data-testid=stApp]'),
                {attributes: true, attributeFilter: ['data-test-script-state']});
        }"""
    )
    yield
    page.wait_for_function("window.rerunsSeen > 0", timeout=1000 * timeout)
    settle(page, timeout=timeout)


def pick(
    page: Page, box: Locator, option: str | re.Pattern[str], *, typed: str = "", exact: bool = False
) -> None:
    """Choose `option` of the select `box` (the first that bears this name), after typing `typed`.

    As a person does: where a run that comes between closes the list, it is opened again.
    """
    settle(page)
    named = page.get_by_role("option", name=option, exact=exact).first
    for left in reversed(range(6)):
        box.click()
        page.keyboard.type(typed)
        try:
            named.click(timeout=10_000)
        except PlaywrightTimeoutError:
            if not left:
                raise
            page.keyboard.press("Escape")
        else:
            return


def map_frame(page: Page) -> FrameLocator:
    """The inside of the folium map; while one makes way for another, of the one that stays."""
    return page.frame_locator(
        '[data-testid=stElementContainer][data-stale=false] iframe[title="streamlit_folium.st_folium"]'
    )
