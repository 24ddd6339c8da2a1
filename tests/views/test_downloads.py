"""The files that the page hands out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

import exports
from exports import full_set
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


def test_the_full_set_is_one_zip_with_every_file() -> None:
    plan = sample.plan(reading.load(reading.SHOWN_FIRST))
    job = downloads.set_job(plan, "shared", "vi")
    assert downloads.set_job(plan, "shared", "vi") is job, "who asks again joins it"
    assert job.wait(240)
    with zipfile.ZipFile(io.BytesIO(job.answer())) as parts:
        names = [name.rsplit("/", maxsplit=1)[-1] for name in parts.namelist()]
    assert names[0] == full_set.INDEX
    assert {exports.suffix_of(Path(name)) for name in names[1:]} == set(exports.WRITERS)
    assert job.step == f"{len(exports.WRITERS)}/{len(exports.WRITERS)}"
