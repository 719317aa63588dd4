"""Problems with answers that a model is tried on: those a run held out, or a benchmark in the layout of MATH."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from personae.canonical import content_hash
from personae.errors import InputError

Set = Literal["held_out", "benchmark"]
_BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem and its answer."""

    text: str
    answer: str
    of: Set

    @property
    def hash(self) -> str:
        """Content hash."""
        return content_hash([self.text, self.answer])


def read_problems(path: Path) -> tuple[Problem, ...]:
    r"""Read ``math-test.jsonl`` of a run, or JSONL with ``problem`` and ``answer`` or a ``solution`` with ``\boxed``.

    Raises:
        InputError: If a line is no problem with an answer.
    """
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> tuple[Problem, ...]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(_problem(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"is no problem with an answer ({error})",
                where=f"{path}: line {number}",
                remedy="give math-test.jsonl of a run, or problem and answer",
            ) from error
    if not found:
        raise InputError("holds no problems", where=str(path))
    return tuple({one.hash: one for one in found}.values())


def boxed(solution: str) -> str:
    r"""The last result in a box.

    Example:
        >>> boxed(r"So \boxed{2}, or \boxed{\frac{1}{2}}."), boxed("2")
        ('\\frac{1}{2}', '')
    """
    marked = _BOXED.findall(solution)
    return str(marked[-1]).strip() if marked else ""


def plain_answer(answer: str) -> str:
    r"""An answer without the marks of LaTeX that change nothing.

    Example:
        >>> plain_answer(r"$\dfrac{1}{2}$"), plain_answer(r"12\,\text{cm}")
        ('1/2', '12 cm')
    """
    plain = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", answer)
    plain = re.sub(r"\\(?:text|mathrm|mbox)\{([^{}]*)\}", r" \1", plain)
    plain = re.sub(r"\\(?:left|right|[,!; ])|\$", " ", plain)
    return " ".join(plain.split())


def _problem(row: dict[str, Any]) -> Problem:
    if "synthesized text" in row:
        answer = str(json.loads(row["solution"])["answer"]).strip()
        problem = Problem(str(row["synthesized text"]), answer, "held_out")
    else:
        answer = str(row["answer"]).strip() if row.get("answer") not in (None, "") else boxed(str(row["solution"]))
        problem = Problem(str(row["problem"]), answer, "benchmark")
    if not problem.text.strip() or not problem.answer:
        raise ValueError("one of both is empty")
    return problem
