"""Maths problems before people who know: the sheet, how it is read, and whether two solvers who agree say the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson

from personae.canonical import content_hash
from personae.errors import InputError
from personae.papers.persona_hub.rows import Written
from personae.stats import krippendorff_alpha, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding

SIZE = 200
"""Problems on a sheet, as in the paper."""
_SHEET = ("id", "person", "problem", "answer", "solution", "valid", "rater")
_WORDS = {"yes": 1, "y": 1, "1": 1, "true": 1, "no": 0, "n": 0, "0": 0, "false": 0}
Verdicts = Mapping[str, Mapping[str, int]]
"""By problem, what each rater said: 1 for valid, 0 for not."""


def problem_id(text: str) -> str:
    """The name of a problem on a sheet."""
    return content_hash(text)[:16]


def sheet_of(pieces: Sequence[Written]) -> str:
    """A sheet of 200 accepted problems, chosen by their hashes, as good as at random; empty if there are none."""
    mine = {problem_id(one.text): one for one in pieces if one.kind == "math" and one.person >= 0 and not one.reason}
    if not mine:
        return ""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_SHEET)
    for name in sorted(mine)[:SIZE]:
        one = mine[name]
        told = orjson.loads(one.more) if one.more else {}
        writer.writerow([name, one.persona, one.text, told.get("answer", ""), told.get("solution", ""), "", ""])
    return text.getvalue()


def read_verdicts(path: Path) -> Verdicts:
    """Read sheets that were filled in, of several raters one below the other; rows without a verdict are left out.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a verdict is none.
    """
    found: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                said = row["valid"].strip().casefold()
                if said:
                    rater = (row.get("rater") or "").strip() or "rater"
                    found.setdefault(row["id"].strip(), {})[rater] = _WORDS[said]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"holds no verdicts ({error})", where=str(path), remedy="its columns are id, valid (yes or no) and rater"
        ) from error
    return found


def measure_verdicts(pieces: Sequence[Written], verdicts: Verdicts, subject: str) -> Iterator[Finding]:
    """Share of problems that are valid, agreement of raters, and what agreement of solvers is worth.

    As published, what most raters call valid. Corrected, the share of valid problems among those whose two solutions
    agree and among those whose do not: if these are alike, agreement sifts nothing.
    """
    if not verdicts:
        return
    named = {problem_id(one.text): one for one in pieces if one.kind == "math" and one.person >= 0}
    rated = {name: [*verdicts[name].values()] for name in named if name in verdicts}
    valid = {name: int(2 * sum(one) > len(one)) for name, one in rated.items() if 2 * sum(one) != len(one)}
    plain = proportion(sum(valid.values()), len(valid), missing=len(rated) - len(valid))
    yield Finding.of("valid.math", subject, plain, unit="share of problems", conventions=(AS_PUBLISHED,))
    for way, agreed in (("agreed", True), ("differing", False)):
        mine = [valid[name] for name in valid if named[name].agreed is agreed]
        share = proportion(sum(mine), len(mine))
        yield Finding.of(f"valid_if.{way}.math", subject, share, unit="share of problems", conventions=(CORRECTED,))
    raters = sorted({rater for name in rated for rater in verdicts[name]})
    if len(raters) > 1:
        ratings = np.array([[float(verdicts[name].get(rater, np.nan)) for rater in raters] for name in rated])
        conventions = (CORRECTED, f"raters={len(raters)}")
        yield Finding.of("valid_alpha.math", "the raters", krippendorff_alpha(ratings), conventions=conventions)
