"""Which person is asked what, and what a model that is trained may see of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from personae.errors import InputError

if TYPE_CHECKING:
    import numpy as np

Part = Literal["train", "test", "mixed"]
TEST_SHARE = 0.2
COLUMNS = ("prompt", "user_prompt", "question", "opening_prompt")
"""Columns that may hold a request; the third is that of the published selection, the last PRISM's."""
_UNGUIDED = "unguided"


def assign_requests(people: int, requests: int, each: int, rng: np.random.Generator) -> list[list[int]]:
    """Give every person as many different requests, and every request to as many people (to within one).

    Example:
        >>> import numpy as np
        >>> given = assign_requests(4, 6, 3, np.random.default_rng(0))
        >>> [len(set(one)) for one in given], sorted(sum(given, []))
        ([3, 3, 3, 3], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])

    Raises:
        InputError: If a person is to have more requests than there are.
    """
    if each > requests:
        raise InputError(
            f"{each} of {requests} requests cannot be given",
            where="requests",
            remedy="bring more with -P requests=FILE, or set -P each=",
        )
    # Along a shuffled circle, everybody goes on where the one before stopped.
    circle = rng.permutation(requests)
    order = rng.permutation(people)
    given: list[list[int]] = [[] for _ in range(people)]
    for place, person in enumerate(order):
        given[person] = sorted(int(circle[(place * each + step) % requests]) for step in range(each))
    return given


def split_both(people: int, requests: int, rng: np.random.Generator) -> tuple[set[int], set[int]]:
    """People and requests that are kept for testing, a fifth of each and one at least."""
    kept = (max(1, round(TEST_SHARE * count)) for count in (people, requests))
    return tuple(  # type: ignore[return-value]
        {int(one) for one in rng.permutation(count)[:few]} for count, few in zip((people, requests), kept, strict=True)
    )


def part_of(person: int, request: int, tested: tuple[set[int], set[int]]) -> Part:
    """Test only if neither was seen; a pair of which one was is in neither part, as it would leak."""
    seen = (person in tested[0], request in tested[1])
    return "test" if all(seen) else "mixed" if any(seen) else "train"


def read_requests(path: Path | None) -> tuple[str, ...]:
    """Our requests, or those of a file: a line each, or a table or JSONL with one of :data:`COLUMNS`.

    Of PRISM's conversations, which say what they were to be about, those that were guided to values or controversy are
    kept.

    Raises:
        InputError: If the file cannot be read or holds fewer than two different requests.
    """
    if path is None:
        text = (files("personae.papers.persona_testbed") / "requests.toml").read_text("utf-8")
        return tuple(tomllib.loads(text)["requests"])
    found = _of_table(path) if path.suffix.lower() in (".csv", ".parquet") else _of_lines(path)
    different = tuple(dict.fromkeys(found))
    if len(different) < 2:
        raise InputError("holds fewer than two requests", where=str(path), remedy="give a request a line")
    return different


def _of_table(path: Path) -> list[str]:
    from personae.population import read_table

    table = read_table(path)
    if not set(COLUMNS) & set(table.columns):
        raise InputError("holds no requests", where=str(path), remedy=f"name a column {' or '.join(COLUMNS)}")
    return [one for row in table.iter_rows(named=True) if (one := _request_of(row)) is not None]


def _of_lines(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="give a text file in UTF-8"
        ) from error
    found: list[str] = []
    for number, line in enumerate(lines, start=1):
        if not line.startswith("{"):
            found.append(line)
            continue
        try:
            row = json.loads(line)
            if not set(COLUMNS) & set(row):
                raise KeyError(COLUMNS[0])
        except (ValueError, KeyError) as error:
            raise InputError(
                "holds no prompt", where=f"{path}: line {number}", remedy='write {"prompt": "..."}'
            ) from error
        if (one := _request_of(row)) is not None:
            found.append(one)
    return found


def _request_of(row: Mapping[str, Any]) -> str | None:
    """The request of a row; none if it is empty, or of a conversation of PRISM about nothing contested."""
    if str(row.get("conversation_type", "")).casefold() == _UNGUIDED:
        return None
    told = next((row[name] for name in COLUMNS if row.get(name)), None)
    return None if told is None else str(told).strip() or None
