"""Score files that the authors published beside the raw answers.

``scores/<model>_all_scores.csv`` has a row for each type, run and trait;
``outputs/<name>/temp<t>/scores/all_scores.csv`` has them for each gender too, with shorter codes and runs ``run1``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from personae.errors import InputError
from personae.papers.personallm.types import whole_code

StoredScores = Mapping[tuple[str, int], Mapping[str, float]]
"""Sums of items by type code and run, then by trait."""

_SUFFIX = "_all_scores.csv"
_COLUMNS = ("trait", "run", "personality_type", "sum_score")


def read_stored_scores(folder: Path) -> dict[str, StoredScores]:
    """Read all score files below a folder, by the model that their name begins with.

    Raises:
        InputError: If a file has other columns, or a number that is none.
    """
    found: dict[str, StoredScores] = {}
    for path in sorted((folder / "scores").glob(f"*{_SUFFIX}")):
        found |= _read(path, path.name.removesuffix(_SUFFIX))
    outputs = folder / "outputs"
    for path in sorted((outputs if outputs.is_dir() else folder).glob("*/temp*/scores/all_scores.csv")):
        found |= _read(path, path.parents[2].name)
    return found


def find_stored(stored: Mapping[str, StoredScores], model: str) -> StoredScores | None:
    """The score file of a model; files and folders spell models differently (``gpt3.5_turbo``, ``gpt-3.5-turbo``).

    Of several whose name begins alike, the one that agrees furthest.
    """
    wanted = _plain(model)
    names = {_plain(name): scores for name, scores in stored.items()}
    alike = [have for have in names if wanted.startswith(have) or have.startswith(wanted)]
    return names[max(alike, key=lambda have: (have == wanted, min(len(have), len(wanted))))] if alike else None


def _read(path: Path, model: str) -> dict[str, StoredScores]:
    """The scores in a file, by the model, and its gender where there is a column for it."""
    found: dict[str, dict[tuple[str, int], dict[str, float]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            try:
                code, run, trait, value = row["personality_type"], row["run"], row["trait"], row["sum_score"]
                of = f"{model}/{row['gender']}" if row.get("gender") else model
                key = (whole_code(code), int(run.removeprefix("p").removeprefix("run")))
                found.setdefault(of, {}).setdefault(key, {})[f"big_five.{trait.lower()}"] = float(value)
            except InputError as error:
                raise InputError(error.what, where=f"{path}:{number}", remedy=error.remedy) from error
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise InputError(
                    f"not a score file ({type(error).__name__}: {error})",
                    where=f"{path}:{number}",
                    remedy=f"it needs the columns {', '.join(_COLUMNS)}",
                ) from error
    return dict(found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
