"""How runs stand that others made: commands, a killed process, a command that went on where the studio stopped."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest

from personae.serve.running import Runs
from personae.serve.running.standing import stand
from personae.serve.running.state import STATE_FILE, keep_state
from personae.study.fingerprint import FINGERPRINTED
from personae.study.folder import SCHEMA_VERSION


def findings(folder: Path, cells: int, expected: int | None) -> None:
    found = {"cells": cells, "expected_cells": expected, "statuses": {"whole observation": {"ok": cells}}}
    (folder / "findings.json").write_text(json.dumps(found), encoding="utf-8")


def age(path: Path, seconds: float) -> None:
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))


@pytest.mark.parametrize(
    ("cells", "expected", "state", "detail"),
    [
        (20, 320, "stopped", "20 of 320 cells are done"),
        (320, 320, "complete", ""),
        (320, None, "complete", ""),
    ],
)
def test_a_run_of_a_command_is_complete_when_all_cells_are(
    tmp_path: Path, cells: int, expected: int | None, state: str, detail: str
) -> None:
    findings(tmp_path, cells, expected)
    found = stand(tmp_path, {})
    assert (found.state, found.detail) == (state, detail)
    assert found.progress is not None
    assert (found.progress["done"], found.progress["total"]) == (cells, expected)


def test_without_findings_it_was_interrupted(tmp_path: Path) -> None:
    assert stand(tmp_path, {}).state == "interrupted"


def test_what_the_studio_kept_holds_until_a_command_goes_on(tmp_path: Path) -> None:
    kept: dict[str, Any] = {"state": "stopped", "detail": "stopped", "progress": {"done": 3, "total": 9}}
    keep_state(tmp_path, kept)
    assert stand(tmp_path, kept).progress == kept["progress"]
    age(tmp_path / STATE_FILE, 60)
    findings(tmp_path, 9, 9)
    found = stand(tmp_path, kept)
    assert found.state == "complete"
    assert found.progress is not None
    assert found.progress["done"] == 9
    assert stand(tmp_path, {**kept, "state": "running"}).state == "complete"
    age(tmp_path / "findings.json", 120)
    assert stand(tmp_path, {**kept, "state": "running"}).state == "interrupted"


def test_a_run_that_another_process_holds_is_on(tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert stand(tmp_path, {"state": "stopped"}).state == "running"
    assert stand(tmp_path, {"state": "stopped"}).state == "stopped"


def test_a_run_of_a_command_has_the_title_of_its_paper(tmp_path: Path) -> None:
    for id, record in (
        ("personallm-sim-1", {"paper": "personallm"}),
        ("bfi", {"assessment": "bfi-10"}),
        ("gone", {"paper": "no such paper"}),
    ):
        (tmp_path / id).mkdir()
        (tmp_path / id / "run.json").write_text(
            json.dumps(
                {"schema_version": SCHEMA_VERSION, "fingerprint": "", **{key: {} for key in FINGERPRINTED}, **record}
            ),
            encoding="utf-8",
        )
    runs = Runs(tmp_path)
    assert [runs.describe(id)["title"] for id in ("personallm-sim-1", "gone")] == ["PersonaLLM", "no such paper"]
    assert "Big Five" in runs.describe("bfi")["title"]
