"""Studies with people, from CSV: rows of participants, answers to a questionnaire, and codes of interviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from personae.errors import InputError
from personae.instrument import Instrument
from personae.instrument.assessment.answers import read_rows
from personae.stats import Estimate, cohen_kappa, proportion

PARTICIPANT, CODE, SECOND = "participant", "code", "second"
Codes = dict[str, tuple[list[str], list[str | None]]]
"""Of each participant the codes of one coder, and those of another for the same passages (``None``: none given)."""


def read_participants(path: Path, wanted: Sequence[str]) -> list[dict[str, str]]:
    """Rows that each name a participant, with the columns that are needed.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a row names nobody.
    """
    rows = read_rows(path)
    if lacking := [name for name in (PARTICIPANT, *wanted) if name not in rows[0]]:
        raise InputError(
            f"lacks {len(lacking)} columns, {lacking[0]!r} first",
            where=str(path),
            remedy="add them; items are named as in the questionnaire",
        )
    for number, row in enumerate(rows, start=2):
        if not row[PARTICIPANT]:
            raise InputError("has no participant", where=f"{path}, row {number}", remedy="name one")
    return rows


def read_choice(text: str, instrument: Instrument, item: str, where: str) -> int | None:
    """The value of an answer; ``None`` for an empty field.

    Raises:
        InputError: If it is none of the item's options.
    """
    if not text.strip():
        return None
    known = {str(option.value): option.value for option in instrument.options_of(item)}
    if (value := known.get(text.strip().removesuffix(".0"))) is None:
        raise InputError(
            f"{text!r} is none of the options", where=f"{where}, item {item}", remedy=f"write one of {', '.join(known)}"
        )
    return value


def read_codes(path: Path) -> Codes:
    """Codes of interviews: a row for each passage, with ``participant``, ``code``, and ``second`` if two people coded.

    Raises:
        InputError: If the file cannot be read, lacks a column, or a row has no code; the message names it.
    """
    found: Codes = {}
    for number, row in enumerate(read_participants(path, (CODE,)), start=2):
        if not row[CODE]:
            raise InputError("has no code", where=f"{path}, row {number}", remedy="write one, or leave the row out")
        first, second = found.setdefault(row[PARTICIPANT], ([], []))
        first.append(row[CODE])
        second.append(row.get(SECOND) or None)
    return found


def themes_of(first: Sequence[Sequence[str]], second: Sequence[Sequence[str | None]]) -> Iterator[tuple[str, Estimate]]:
    """How many participants voice each theme, and whether two coders agree (Cohen's kappa over passages).

    Args:
        first: Codes of each participant; nobody's are an empty list, and such a participant voiced nothing.
        second: Those of the other coder for the same passages.

    Example:
        >>> [(name, share.estimate) for name, share in themes_of([["bond"], ["bond", "trust"]], [])]
        [('theme.bond', 1.0), ('theme.trust', 0.5)]
    """
    for theme in sorted({code for codes in first for code in codes}):
        yield f"theme.{theme}", proportion(sum(theme in codes for codes in first), len(first))
    one = [code for codes in first for code in codes]
    other = [code for codes in second for code in codes]
    if len(one) == len(other) and any(other):
        yield "coders.kappa", cohen_kappa(one, other)
