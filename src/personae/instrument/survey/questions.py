"""A survey as data: blocks of questions of several kinds, shown or skipped by earlier answers.

Everything is checked when it is read: a condition or a pipe that speaks of a later question is found before anybody is
asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from personae.canonical import content_hash
from personae.instrument.questionnaire import Option
from personae.instrument.survey.conditions import Condition, parse_condition

Kind = Literal["single", "multiple", "text", "number", "note"]

PIPE = re.compile(r"\{\{\s*(answers|embedded)\.([A-Za-z0-9_]+)\s*\}\}")
"""A place where an earlier answer, or an embedded field, is put: ``{{answers.city}}``."""
END, END_OF_BLOCK = "end", "end_of_block"


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Jump(_Declared):
    """After an answer: where to go on if a condition holds. What lies between is skipped."""

    when: str
    to: str
    """Key of a later question or block, ``end_of_block``, or ``end``."""


class Question(_Declared):
    """One question."""

    key: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: Kind
    text: str = Field(min_length=1)
    options: tuple[Option, ...] = ()
    least: float | None = None
    """Smallest number that is an answer."""
    most: float | None = None
    is_whole: bool = False
    """Whether a number has to be a whole one."""
    show_if: str = ""
    jumps: tuple[Jump, ...] = ()
    is_required: bool = True
    """Whether an answer is expected; where it is not, "no answer" is offered."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        is_closed = self.kind in ("single", "multiple")
        if is_closed and len(self.options) < 2:
            raise ValueError(f"question {self.key!r} is closed and has fewer than two options")
        if not is_closed and self.options:
            raise ValueError(f"question {self.key!r} has options, which a {self.kind} does not take")
        values = [one.value for one in self.options]
        labels = [one.label.casefold() for one in self.options]
        if len(set(values)) < len(values) or len(set(labels)) < len(labels):
            raise ValueError(f"two options of question {self.key!r} share a value or a label")
        if self.kind != "number" and (self.least is not None or self.most is not None or self.is_whole):
            raise ValueError(f"question {self.key!r} has bounds, which only a number takes")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"question {self.key!r} has its smallest number above its largest")
        return self


class Block(_Declared):
    """Questions that are shown or skipped together."""

    key: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str = ""
    show_if: str = ""
    ends: bool = False
    """Whether the survey ends with this block, where it is shown."""
    questions: tuple[Question, ...] = ()


class Survey(_Declared):
    """Questions in blocks, in the order in which they are asked.

    Example:
        >>> survey = Survey(key="tea", title="Tea", blocks=(Block(key="first", questions=(
        ...     Question(key="drinks", kind="single", text="Do you drink tea?",
        ...              options=(Option(value=0, label="no"), Option(value=1, label="yes"))),
        ...     Question(key="which", kind="text", text="Which tea?", show_if="drinks == 1"),
        ... )),))
        >>> [question.key for question in survey.questions]
        ['drinks', 'which']
    """

    key: str = Field(pattern=r"^[a-z0-9-]+$")
    version: str = "1"
    title: str
    source: str = ""
    language: str = "en"
    instructions: str = ""
    embedded: dict[str, str] = {}
    """Fields that conditions and pipes may use, with their values."""
    blocks: tuple[Block, ...] = Field(min_length=1)

    @field_validator("blocks")
    @classmethod
    def _asks_something(cls, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        if not any(question.kind != "note" for block in blocks for question in block.questions):
            raise ValueError("the survey asks nothing")
        return blocks

    @model_validator(mode="after")
    def _looks_back_only(self) -> Self:
        keys = [question.key for question in self.questions]
        names = [*keys, *(block.key for block in self.blocks), END, END_OF_BLOCK]
        if twice := next((name for name in names if names.count(name) > 1), ""):
            raise ValueError(f"the key {twice!r} is used twice, or means an end")
        embedded = {f"embedded.{name}" for name in self.embedded}
        seen: set[str] = set(embedded)
        later = {name: place for place, name in enumerate(self._order())}
        for block in self.blocks:
            self._check(block.show_if, seen, f"block {block.key!r}")
            for question in block.questions:
                self._check(question.show_if, seen, f"question {question.key!r}")
                self._check_pipes(question, seen)
                if question.kind != "note":
                    seen.add(question.key)
                for jump in question.jumps:
                    self._check(jump.when, seen, f"question {question.key!r}")
                    is_ahead = later.get(jump.to, -1) > later[question.key]
                    if jump.to not in (END, END_OF_BLOCK) and not is_ahead:
                        raise ValueError(f"question {question.key!r} jumps to {jump.to!r}, which does not lie ahead")
        return self

    def _order(self) -> Iterator[str]:
        for block in self.blocks:
            yield block.key
            yield from (question.key for question in block.questions)

    @staticmethod
    def _check(condition: str, seen: set[str], where: str) -> None:
        if not condition:
            return
        if unknown := sorted(parse_condition(condition).names() - seen):
            raise ValueError(f"{where} depends on {unknown[0]!r}, which is no question or field before it")

    @staticmethod
    def _check_pipes(question: Question, seen: set[str]) -> None:
        for text in (question.text, *(option.label for option in question.options)):
            for kind, name in PIPE.findall(text):
                if (f"embedded.{name}" if kind == "embedded" else name) not in seen:
                    raise ValueError(f"question {question.key!r} pipes {name!r}, which is not known before it")

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(question for block in self.blocks for question in block.questions)

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """Every condition, by how it is spelled."""
        spelled = {block.show_if for block in self.blocks} | {question.show_if for question in self.questions}
        spelled |= {jump.when for question in self.questions for jump in question.jumps}
        return {text: parse_condition(text) for text in spelled if text}

    @cached_property
    def hash(self) -> str:
        """Content hash of everything that a respondent can read or that decides what is asked."""
        return content_hash(self.model_dump(mode="json", exclude={"source"}))
