"""What tests of the commit log share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from personae.commits import CommitLog
from support.commit_logs import SCHEMA


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.sqlite"


@pytest.fixture
def log(path: Path) -> Iterator[CommitLog]:
    log = CommitLog(path, SCHEMA)
    yield log
    log.close()
