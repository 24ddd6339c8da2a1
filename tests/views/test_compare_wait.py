"""Waiting on the compare page: how far the search is, where it tells; no solver, no browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.views.page import SLOW, text_of
from views import compare_wait, work

KEY = ("waited_for", "digest")


def page(lang: str) -> None:
    """A page that waits for a calculation that is under way."""
    import streamlit as st

    from text import Text
    from views import compare_wait, work

    job = work.running("waited_for", "digest")
    assert job is not None
    found = compare_wait.answer(job, ("waited_for", "digest"), Text("phương án khác", "another plan"), lang)
    st.caption(f"answer: {found}")


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[work.Job[str], threading.Event]]:
    """A calculation that goes on until it may end."""
    st.cache_resource.clear()
    monkeypatch.setattr(compare_wait, "QUICK", 0.0)
    may_end = threading.Event()

    def task(_: work.Job[str]) -> str:
        may_end.wait(SLOW)
        return "found"

    yield work.job(KEY, task), may_end
    may_end.set()
    st.cache_resource.clear()


def waiting(lang: str = "vi") -> str:
    app = AppTest.from_function(page, default_timeout=SLOW, args=(lang,)).run()
    assert not app.exception, app.exception
    assert [button.key for button in app.button] == ["stop_waited_for"]
    return text_of(app)


@pytest.mark.parametrize(("lang", "words"), [
    ("vi", ("phương án khác", "Nhiều người được phục vụ nhất", "4.711", "5.000", "6,2 %")),
    ("en", ("another plan", "Most persons served", "4,711", "5,000", "6.2%")),
])  # fmt: skip
def test_the_search_is_followed_with_its_bound_and_gap(job, lang: str, words: tuple[str, ...]):
    told, _ = job
    told.progress(1.0, 4_711.0, 5_000.0, 0.06135, "max_cover")
    text = waiting(lang)
    for part in words:
        assert part in text


def test_before_the_search_tells_and_on_steps_of_its_own_there_is_no_figure(job):
    told, may_end = job
    assert "Tốt nhất đến lúc này" not in waiting()
    told.progress(1.0, 7.0, 7.0, 0.0, "fewest")
    text = waiting()
    assert "Tốt nhất đến lúc này" not in text
    assert "fewest" not in text
    may_end.set()
    assert told.wait(SLOW)


def test_then_the_answer_stands_there(job):
    told, may_end = job
    app = AppTest.from_function(page, default_timeout=SLOW, args=("vi",)).run()
    may_end.set()
    deadline = time.monotonic() + SLOW
    while "answer: found" not in [caption.value for caption in app.caption]:
        assert time.monotonic() < deadline
        app.run()
    assert told.over
    assert not app.button
