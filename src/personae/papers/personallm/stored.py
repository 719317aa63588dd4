"""Score files that the authors published beside the raw answers: ``scores/<model>_all_scores.csv``."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError

StoredScores = Mapping[tuple[str, int], Mapping[str, float]]
"""Sums of items by type code and run, then by trait."""

_SUFFIX = "_all_scores.csv"
_COLUMNS = ("trait", "run", "personality_type", "sum_score")


def read_stored_scores(folder: Path) -> dict[str, StoredScores]:
    """Read all score files below a folder, by the model that their name begins with.

    Raises:
        InputError: If a file has other columns, or a number that is none.
    """
    found = {}
    for path in sorted((folder / "scores").glob(f"*{_SUFFIX}")):
        found[path.name.removesuffix(_SUFFIX)] = _read(path)
    return found


def find_stored(stored: Mapping[str, StoredScores], model: str) -> StoredScores | None:
    """The score file of a model; files and folders spell models differently (``gpt3.5_turbo``, ``gpt-3.5-turbo``)."""
    wanted = _plain(model)
    for name, scores in stored.items():
        have = _plain(name)
        if have == wanted or wanted.startswith(have) or have.startswith(wanted):
            return scores
    return None


def _read(path: Path) -> StoredScores:
    scores: dict[tuple[str, int], dict[str, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                code, run, trait, value = row["personality_type"], row["run"], row["trait"], row["sum_score"]
                key = (code, int(run.removeprefix("p")))
                scores.setdefault(key, {})[f"big_five.{trait.lower()}"] = float(value)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise InputError(
                    f"not a score file ({type(error).__name__}: {error})",
                    where=f"{path}:{number}",
                    remedy=f"it needs the columns {', '.join(_COLUMNS)}",
                ) from error
    return scores


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
