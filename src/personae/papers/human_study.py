"""Studies with people: answers after each condition and codes of interviews, read from CSV and measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from personae.errors import InputError
from personae.instrument import Instrument, answer_matrix, keyed_items
from personae.instrument.assessment.answers import read_rows
from personae.stats import Estimate, cohen_kappa, cronbach_alpha, proportion
from personae.study import AS_PUBLISHED, CORRECTED, Finding, correct_families

if TYPE_CHECKING:
    import polars as pl

PARTICIPANT, CODE, SECOND = "participant", "code", "second"
_CODERS = ("first", "second")
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


@dataclass(frozen=True)
class StudyRows(ABC):
    """People before one model, a row each: ``CONDITION.answers``, and ``codes.first`` and ``codes.second`` if coded."""

    PERSON: ClassVar[str] = PARTICIPANT
    """What a row is, and the column that names it."""
    KNOWN: ClassVar[tuple[str, ...]] = ()
    """Conditions that there may be."""

    subject: str
    table: pl.DataFrame
    instrument: Instrument

    @classmethod
    def measure(cls, table: pl.DataFrame, instrument: Instrument) -> list[Finding]:
        """Measure each model of a table, and correct p values within families of each."""
        found: list[Finding] = []
        if not table.height or cls.PERSON not in table.columns:
            return found
        for key, rows in table.sort(cls.PERSON).group_by("model", maintain_order=True):
            found += correct_families(list(cls(str(key[0]), rows, instrument).findings()))
        return found

    @abstractmethod
    def findings(self) -> Iterator[Finding]:
        """All that is measured, before p values are corrected."""

    @property
    def conditions(self) -> list[str]:
        """Conditions after which somebody answered."""
        return [name for name in self.KNOWN if f"{name}.answers" in self.table.columns]

    def people(self) -> Iterator[Finding]:
        """How many people there are, the themes that coders found in interviews, and whether coders agree."""
        n = self.table.height
        yield self.of("participants", Estimate(n, n, n, n, method="count"), "people", way=AS_PUBLISHED)
        if "codes.first" in self.table.columns:
            first, second = ([list(one or []) for one in self.table[f"codes.{name}"].to_list()] for name in _CODERS)
            for name, share in themes_of(first, second):
                is_theme = name.startswith("theme")
                unit, way = ("share of participants", AS_PUBLISHED) if is_theme else ("coefficient", CORRECTED)
                yield self.of(name, share, unit, way=way)

    def trust(self) -> Iterator[Finding]:
        """How many answers could be read, and how well the items of a scale go together."""
        for condition in self.conditions:
            matrix = self.matrix(condition)
            answered = int(np.isfinite(matrix).sum())
            yield self.of(f"read.{condition}", proportion(answered, matrix.size), "share of answers")
            for scale in self.instrument.scales:
                if len(scale.items) > 1:
                    alpha = cronbach_alpha(keyed_items(matrix, self.instrument, scale))
                    yield self.of(f"alpha.{scale.key}.{condition}", alpha, "coefficient")

    def matrix(self, condition: str) -> Any:
        """Answers after a condition, people by items."""
        return answer_matrix(self.table.rename({f"{condition}.answers": "answers"}), self.instrument)

    def of(
        self, name: str, estimate: Estimate, unit: str, *, way: str = CORRECTED, family: str = "", per: str = ""
    ) -> Finding:
        """A finding about this model; its unit is the person unless another is named."""
        conventions = (way, f"unit={per or self.PERSON}")
        return Finding.of(name, self.subject, estimate, unit=unit, conventions=conventions, family=family)
