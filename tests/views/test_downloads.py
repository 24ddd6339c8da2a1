"""The files that the page hands out."""

from __future__ import annotations

import json

import pytest

import exports
from exports.contents import Edition
from scenarios import reading
from tests.views import sample
from views import downloads


@pytest.mark.parametrize("suffix", sorted(exports.WRITERS))
@pytest.mark.parametrize("edition", exports.EDITIONS)
def test_every_format_and_edition(suffix: str, edition: Edition) -> None:
    plan = sample.plan(reading.load(reading.SHOWN_FIRST))
    first = downloads.content(plan, suffix, edition, "vi")
    assert len(first) > 1000


def test_editions_differ() -> None:
    plan = sample.plan(reading.load(reading.SHOWN_FIRST))
    shared, internal = (
        json.loads(downloads.content(plan, ".geojson", edition, "vi")) for edition in ("shared", "internal")
    )
    assert shared != internal
