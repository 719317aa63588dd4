"""What a survey finds: shares of options, means of numbers, and how many were asked each question at all.

A question that somebody was not shown is skipped and in no denominator; one that was shown and not answered is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from personae.instrument.survey.questions import Question, Survey
from personae.stats import one_sample_t, proportion
from personae.study import CORRECTED, Finding

if TYPE_CHECKING:
    import polars as pl

SKIPPED = "skipped"


def measure_survey(table: pl.DataFrame, survey: Survey) -> list[Finding]:
    """Measure a table of answers, for each model in it."""
    found: list[Finding] = []
    if "model" not in table.columns:
        return found
    for (subject,), rows in table.sort("person", "repeat").group_by(["model"], maintain_order=True):
        for question in survey.questions:
            if question.kind != "note" and f"status.{question.key}" in rows.columns:
                found += _of_question(str(subject), question, rows)
    return found


def _of_question(subject: str, question: Question, rows: pl.DataFrame) -> Iterator[Finding]:
    statuses: Sequence[str | None] = rows[f"status.{question.key}"].to_list()
    answers: Sequence[Any] = rows[f"answer.{question.key}"].to_list()
    asked = [answer for answer, status in zip(answers, statuses, strict=True) if status not in (None, SKIPPED)]
    given = [answer for answer in asked if answer is not None]
    missing, passed = len(asked) - len(given), len(statuses) - len(asked)
    note = f"{passed} of {len(statuses)} were not shown this question" if passed else ""
    conventions = (CORRECTED, "denominator=shown and answered")
    shown = replace(proportion(len(asked), len(statuses)), note=note)
    yield Finding.of(f"shown.{question.key}", subject, shown, unit="share of respondents", conventions=(CORRECTED,))
    if question.kind in ("single", "multiple"):
        for option in question.options:
            chosen = sum(
                option.value in answer if isinstance(answer, list) else answer == option.value for answer in given
            )
            share = proportion(chosen, len(given), missing=missing)
            share = replace(share, note=f"{option.label}{f'; {note}' if note else ''}")
            name = f"chosen.{question.key}.{option.value}"
            yield Finding.of(name, subject, share, unit="share of answers", conventions=conventions)
    elif question.kind == "number":
        values = [float("nan") if answer is None else float(answer) for answer in asked]
        mean = one_sample_t(values)
        mean = replace(mean, p_value=None, note="; ".join(filter(None, (mean.note, note))))
        yield Finding.of(f"number.{question.key}", subject, mean, unit="as asked", conventions=conventions)
    else:
        words = [float("nan") if answer is None else float(len(str(answer).split())) for answer in asked]
        length = replace(one_sample_t(words), p_value=None)
        yield Finding.of(f"text.{question.key}", subject, length, unit="words", conventions=conventions)
