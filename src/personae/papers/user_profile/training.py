"""Rows for training, in TRL's conversational form, split by user so that nobody is in both parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

_TEST_SHARE = 0.2


def part_of(user: str) -> str:
    """The part that a user is in: a fifth of them, by a hash of the name, is for testing."""
    place = int(hashlib.sha256(user.encode()).hexdigest()[:8], 16) / 16**8
    return "test" if place < _TEST_SHARE else "train"


def write_training(rows: Iterable[tuple[str, str, dict[str, Any]]], folder: Path) -> dict[str, int]:
    """Write ``construction-train.jsonl``, ``updating-test.jsonl`` and so on; returns how many rows each holds."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[bytes]] = {
        f"{task}-{part}.jsonl": [] for task in ("construction", "updating") for part in ("train", "test")
    }
    for user, task, row in rows:
        parts[f"{task}-{part_of(user)}.jsonl"].append(orjson.dumps(row) + b"\n")
    for name, lines in parts.items():
        (folder / name).write_bytes(b"".join(lines))
    return {name: len(lines) for name, lines in parts.items()}
