"""Files that users bring for runs: kept under what they hold, so that a run can go on with them later."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from personae.errors import InputError
from personae.study.folder import whole_file

ENDINGS = ("csv", "dic", "json", "jsonl", "npy", "parquet", "toml", "tsv", "txt", "yaml", "yml")
"""Endings of files that studies read."""

_NAME = re.compile(rf"[0-9a-f]{{24}}(-[a-z0-9]+)*\.({'|'.join(ENDINGS)})")


def keep_upload(data: bytes, name: str, files: Path) -> str:
    """Keep a file, and give the name by which a form can name it.

    Args:
        data: What it holds.
        name: What the user calls it; only its letters and a known ending are kept, to tell files apart in messages.
        files: Folder of the server.

    Raises:
        InputError: If it is empty, or of an ending that no study reads.
    """
    stem, _, ending = name.rpartition(".")
    if ending.lower() not in ENDINGS:
        raise InputError("is of no kind that studies read", where=name[:100], remedy=f"bring {', '.join(ENDINGS)}")
    if not data:
        raise InputError("is empty", where=name[:100], remedy="choose another file")
    words = re.findall(r"[a-z0-9]+", stem.lower()[:40])
    kept = "-".join([hashlib.sha256(data).hexdigest()[:24], *words]) + f".{ending.lower()}"
    path = files / kept
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as partial:
            partial.write_bytes(data)
    return kept


def find_upload(name: str, files: Path, where: str) -> Path:
    """The path of a file that was kept; whatever is no such name is never taken for a path.

    Raises:
        InputError: If it is none.
    """
    path = files / name if _NAME.fullmatch(name) else None
    if path is None or not path.is_file():
        raise InputError("names no file that was brought", where=where, remedy="choose the file again")
    return path.resolve()
