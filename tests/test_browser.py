"""The guards of the browser tests can fail."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import Page

from tests.browser import rerun, settle, watch


def test_no_test_reaches_another_machine():
    with socket.socket() as probe, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        probe.connect(("192.0.2.1", 80))


@pytest.mark.browser
def test_requests_to_other_machines_are_seen(page: Page):
    seen = watch(page)
    page.set_content("""<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
        <iframe srcdoc="<link rel=stylesheet href=https://cdn.example.org/leaflet.css>"></iframe>
        <script>new WebSocket("ws://push.example.org/stream")</script>
        <img src="http://127.0.0.1:1/here.png">""")
    page.wait_for_timeout(300)
    assert sorted(seen.trespasses()) == [
        "https://cdn.example.org/leaflet.css",
        "ws://push.example.org/stream",
    ]


@pytest.mark.browser
def test_errors_of_the_page_are_seen(page: Page):
    seen = watch(page)
    page.set_content("<script>console.warn('nothing'); console.error('oh'); null.x</script>")
    page.wait_for_timeout(300)
    assert [error.partition(":")[0] for error in sorted(seen.errors)] == ["console", "page error"]


@pytest.mark.browser
def test_a_rerun_is_waited_for_to_its_end(page: Page):
    page.set_content("<div data-testid=stApp data-test-script-state=notRunning></div>")
    settle(page)
    with rerun(page):  # the script starts a while after the click, and takes a while
        page.evaluate("""() => {
            const app = document.querySelector('[data-testid=stApp]');
            setTimeout(() => app.setAttribute('data-test-script-state', 'running'), 200);
            setTimeout(() => app.setAttribute('data-test-script-state', 'notRunning', window.over = 1), 500);
        }""")
    assert page.evaluate("window.over") == 1
