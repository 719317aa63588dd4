"""Surveys as TOML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.instrument.survey.questions import Question, Survey
from personae.instrument.writing import toml_key, toml_text
from personae.validation import parse_toml, validated


def read_survey(path: Path) -> Survey:
    """Read a survey from a TOML file.

    Raises:
        InputError: If it cannot be read or is malformed; the message names the place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=str(path), remedy="save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), remedy="check the path") from error
    return make_survey(parse_toml(text, str(path)), str(path))


def make_survey(data: Mapping[str, Any], where: str) -> Survey:
    """Make a survey of plain data, such as a file declares.

    Raises:
        InputError: If it is malformed; the message names the place.
    """
    return validated(Survey, data, where)


def write_survey(survey: Survey) -> str:
    """Write a survey as TOML; reading it gives the same survey."""
    return "\n".join(_lines(survey)) + "\n"


def _lines(survey: Survey) -> Iterator[str]:
    for name in ("key", "version", "title", "source", "language", "instructions"):
        if value := getattr(survey, name):
            yield f"{name} = {toml_text(value)}"
    if not survey.title:
        yield 'title = ""'
    if survey.embedded:
        yield from ("", "[embedded]")
        yield from (f"{toml_key(name)} = {toml_text(value)}" for name, value in survey.embedded.items())
    for block in survey.blocks:
        yield from ("", "[[blocks]]", f"key = {toml_text(block.key)}")
        for name in ("title", "show_if"):
            if value := getattr(block, name):
                yield f"{name} = {toml_text(value)}"
        if block.ends:
            yield "ends = true"
        for question in block.questions:
            yield from ("", "[[blocks.questions]]", *_question(question))


def _question(question: Question) -> Iterator[str]:
    for name in ("key", "kind", "text", "show_if"):
        if value := getattr(question, name):
            yield f"{name} = {toml_text(value)}"
    for name in ("least", "most"):
        if (bound := getattr(question, name)) is not None:
            yield f"{name} = {bound!r}"
    if question.is_whole:
        yield "is_whole = true"
    if not question.is_required:
        yield "is_required = false"
    if question.options:
        yield "options = ["
        yield from (f"  {{ value = {one.value}, label = {toml_text(one.label)} }}," for one in question.options)
        yield "]"
    if question.jumps:
        yield "jumps = ["
        yield from (f"  {{ when = {toml_text(one.when)}, to = {toml_text(one.to)} }}," for one in question.jumps)
        yield "]"
