"""A package of a third party that adds two hooks: one counts into a file that its variable names, one is broken."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from personae.study import CallEnd, CellEnd, Hook, RunEnd, RunStart


class CountingHook(Hook):
    """Counts what it is told of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()

    def run_started(self, run: RunStart) -> None:
        self.counts["runs"] += 1

    def call_finished(self, end: CallEnd) -> None:
        self.counts["calls"] += 1

    def cell_finished(self, end: CellEnd) -> None:
        self.counts["cells"] += 1

    def run_ended(self, end: RunEnd) -> None:
        self.path.write_text(json.dumps({**self.counts, "ending": end.ending, "findings": len(end.findings)}))


def make_hook() -> CountingHook | None:
    """The hook, where its variable is set."""
    path = os.environ.get("COUNTING_HOOK_FILE")
    return CountingHook(Path(path)) if path else None


def make_nothing_good() -> CountingHook:
    """What a package with a fault does."""
    raise ZeroDivisionError("a fault of the package")
