"""Drafts of sessions: replaced whole, found by a token only, cleared after a month."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import workspace
from errors import DataError
from scenarios import reading
from workspace import folder


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(folder.VARIABLE, str(tmp_path / "w"))
    return tmp_path / "w"


def test_a_draft_comes_back_and_is_replaced():
    token = workspace.new_token()
    assert workspace.draft(token) is None
    for text in ("một", "hai"):
        workspace.keep_draft(token, {"text": text})
    assert workspace.draft(token) == {"format": 1, "text": "hai"}
    assert workspace.draft(workspace.new_token()) is None


def test_a_write_that_fails_keeps_the_former_draft(root: Path, monkeypatch: pytest.MonkeyPatch):
    token = workspace.new_token()
    workspace.keep_draft(token, {"text": "một"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "_write", full)
    with pytest.raises(DataError) as told:
        workspace.keep_draft(token, {"text": "hai"})
    assert [p.code for p in told.value.problems] == ["workspace.not_writable"]
    assert "No space left" in told.value.say("vi")
    found = workspace.draft(token)
    assert found is not None
    assert found["text"] == "một"
    assert [p.name for p in (root / "drafts" / token).iterdir()] == ["draft.json"]


@pytest.mark.parametrize("token", ["", "..", "../x", "a" * 23, "A" * 24, "a" * 24 + "\n", "/" * 24])
def test_only_a_token_is_looked_up(token: str):
    assert not workspace.is_token(token)
    for tried in (lambda: workspace.draft(token), lambda: workspace.keep_draft(token, {})):
        with pytest.raises(DataError) as told:
            tried()
        assert [p.code for p in told.value.problems] == ["workspace.not_a_name"]


def test_tokens_are_never_the_same():
    tokens = {workspace.new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    assert all(map(workspace.is_token, tokens))


def test_a_damaged_draft_is_said(root: Path):
    token = workspace.new_token()
    workspace.keep_draft(token, {})
    (root / "drafts" / token / "draft.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError) as told:
        workspace.draft(token)
    assert [p.code for p in told.value.problems] == ["workspace.unreadable"]


def test_a_file_that_was_brought_belongs_to_one_session():
    mine, hers = workspace.new_token(), workspace.new_token()
    scenario = reading.load(reading.SHOWN_FIRST)
    path = workspace.keep_upload(mine, "../Kịch bản của tôi.yaml", scenario)
    assert path.name == "kich-ban-cua-toi.yaml"
    assert reading.load(path).data == {k: v for k, v in scenario.data.items() if k != "extends"}
    assert workspace.uploads(mine) == (path,)
    assert workspace.uploads(hers) == ()
    workspace.keep_draft(mine, {"text": "x"})
    workspace.copied(mine, hers)
    assert [p.name for p in workspace.uploads(hers)] == [path.name]
    assert workspace.draft(hers) == workspace.draft(mine)


def test_old_drafts_are_cleared_and_nothing_else(root: Path):
    old, new = workspace.new_token(), workspace.new_token()
    for token in (old, new):
        workspace.keep_draft(token, {})
    (root / "drafts" / "notes.txt").write_text("x", encoding="utf-8")
    (root / "drafts" / "folder").mkdir()
    then = time.time() - 31 * 86_400
    os.utime(root / "drafts" / old / "draft.json", (then, then))
    assert workspace.clear_drafts() == 1
    assert {p.name for p in (root / "drafts").iterdir()} == {new, "notes.txt", "folder"}
