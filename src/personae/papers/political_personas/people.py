"""The personas: descriptions of a file, or short ones drawn of parts that are no politics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson

from personae.errors import InputError

_WHO = (
    "nurse", "carpenter", "history teacher", "software engineer", "bus driver", "baker", "violinist", "accountant",
    "farmer", "librarian", "chess coach", "marine biologist", "plumber", "journalist", "retired miner", "florist",
)  # fmt: skip
_WHAT = (
    "restores old radios", "runs half marathons", "collects stamps", "keeps bees", "sings in a choir",
    "writes letters to friends abroad", "grows vegetables on a balcony", "repairs bicycles for neighbours",
    "studies the stars at night", "learns a new language every year",
)  # fmt: skip
_WHERE = ("in a harbour town", "in a village", "in a large city", "in the mountains", "near a railway line")


def people_of(file: str, count: int, seed: int) -> Iterator[str]:
    """Descriptions of so many personas, one at a time.

    Raises:
        InputError: If the file cannot be read, a line is no persona, or there are too few.
    """
    if not file:
        rng = np.random.default_rng(seed)
        for _ in range(count):
            who, what, where = (str(rng.choice(part)) for part in (_WHO, _WHAT, _WHERE))
            yield f"A {who} who lives {where} and {what}."
        return
    found = 0
    try:
        with Path(file).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if found == count:
                    break
                if line.strip():
                    yield _persona(line, f"{file}, line {number}")
                    found += 1
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=file, remedy="check -P people_file"
        ) from error
    if found < count:
        raise InputError(f"holds {found} personas", where=file, remedy=f"bring {count}, or set -P people={found}")


def _persona(line: str, where: str) -> str:
    try:
        data = orjson.loads(line)
    except ValueError as error:
        raise InputError(f"is no JSON ({error})", where=where, remedy='write {"persona": "..."}') from error
    text = data.get("persona") or data.get("input persona") if isinstance(data, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise InputError("has no persona", where=where, remedy='write {"persona": "..."}')
    return text.strip()
