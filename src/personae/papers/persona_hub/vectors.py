"""Vectors of an encoder that knows meaning, from a file: hashed letters know spelling alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from personae.errors import InputError
from personae.population.dedup import Encoder


def encoder_of(path: Path | None) -> Encoder | None:
    """An encoder that looks texts up in a file; none without a file.

    Raises:
        InputError: If the file cannot be read, or later, if it lacks a text.
    """
    if path is None:
        return None
    known, size = _read(path, path.stat().st_mtime_ns)

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        lacking = [text for text in texts if text not in known]
        if lacking:
            raise InputError(
                f"has no vector of {len(lacking)} texts, such as {lacking[0][:60]!r}",
                where=str(path),
                remedy="embed every line of hub/texts.jsonl",
            )
        return np.array([known[text] for text in texts], dtype=np.float32).reshape(len(texts), size)

    return encode


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> tuple[dict[str, Any], int]:
    known: dict[str, Any] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
            vector = np.asarray(row["vector"], dtype=np.float32)
            known[str(row["text"])] = vector
            if vector.ndim != 1 or not len(vector) or not np.isfinite(vector).all():
                raise ValueError("no list of numbers")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"holds no vector ({error})",
                where=f"{path}: line {number}",
                remedy='write {"text": "...", "vector": []}',
            ) from error
    sizes = {len(vector) for vector in known.values()}
    if len(sizes) != 1:
        raise InputError("holds vectors of different lengths, or none", where=str(path), remedy="use one encoder")
    return known, sizes.pop()
