"""What the calls of a run took, added up once: a million calls are not read again for everybody who looks."""

from __future__ import annotations

import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from personae.study import RunFolder, open_ledger

_MOST = 64


class Spendings:
    """Remembers what the calls of runs took, by role."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, ...], list[dict[str, Any]]]] = {}
        self._lock = threading.Lock()

    def of(self, folder: Path) -> list[dict[str, Any]]:
        """Calls, tokens and cost of each role; nothing where the ledger lies elsewhere.

        A ledger only grows, so that its files' sizes and times tell whether it is the one that was added up.
        """
        file = folder / "ledger.sqlite"
        if not file.is_file():
            return []
        with self._lock:
            seen, rows = self._known.get(file, ((), []))
            now = _marks(file)
            if seen != now:
                ledger = open_ledger(RunFolder(folder))
                try:
                    rows = [asdict(one) for one in ledger.spending("role")]
                finally:
                    ledger.close()
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[file] = (_marks(file), rows)
            return rows


def _marks(file: Path) -> tuple[int, ...]:
    found: list[int] = []
    for one in (file, file.with_name(f"{file.name}-wal")):
        try:
            told = one.stat()
        except OSError:
            continue
        if told.st_size:
            found += [told.st_size, told.st_mtime_ns]
    return tuple(found)
