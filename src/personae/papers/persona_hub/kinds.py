"""The six kinds of data that are written for people: what is asked, examples, and when a piece is thrown away."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Any

from personae.population.minhash import normalised

FORMS = ("zero_shot", "few_shot", "persona_few_shot")
"""No examples; examples; examples each with the person that it was written for."""

ITEM_PROMPT = """\
$examples$task
$who
Answer with one JSON object with the keys $fields."""

WHO = 'Write it as it would concern this person, in what is asked and not by naming them: "$persona"'

SOLVE_PROMPT = """\
Solve this problem step by step.

$problem

Answer with one JSON object with the keys solution and answer; answer holds the result alone."""

CODE_PROMPT = """\
Here is the interface of a tool:

$interface

Write it in Python, as one function of that name. Answer with one JSON object with the key code."""

_EXAMPLE_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data."""

    key: str
    label: str
    """What rows of the published layout call it."""
    task: str
    fields: tuple[str, ...]
    examples: tuple[tuple[str, Mapping[str, str]], ...]
    """Persons and what was written for them: ours."""

    def prompt(self, template: str, form: str, persona: str, topic: str = "", world: str = "") -> str:
        """What a model is asked for a person, or for nobody in particular."""
        shown = "".join(
            (f"Person: {who}\n" if form == "persona_few_shot" else "") + f"{json.dumps(dict(piece))}\n\n"
            for who, piece in (() if form == "zero_shot" else self.examples)
        )
        words = {
            "examples": f"Examples:\n\n{shown}" if shown else "",
            "task": Template(self.task).safe_substitute(world=world)
            + (f" It is to be about {topic}." if topic else ""),
            "who": Template(WHO).substitute(persona=persona) if persona else "",
            "fields": ", ".join(self.fields),
        }
        return Template(template).safe_substitute(words)

    def text_of(self, value: Mapping[str, Any]) -> str:
        """A piece as one text: its only field, or JSON of all of them."""
        told = {name: str(value.get(name, "")).strip() for name in self.fields}
        return told[self.fields[0]] if len(self.fields) == 1 else json.dumps(told, ensure_ascii=False)

    def fault(self, value: Mapping[str, Any], form: str) -> str:
        """Why a piece cannot be used, in a word; empty if it can."""
        if any(not str(value.get(name, "")).strip() for name in self.fields):
            return "incomplete"
        if self.key == "tool" and not all(name.isidentifier() for name in functions_of(value)):
            return "no_function"
        if form != "zero_shot":
            own = _words(self.text_of(value))
            for _, piece in self.examples:
                example = _words(self.text_of(piece))
                if len(own & example) >= _EXAMPLE_ALIKE * len(own | example):
                    return "copies_example"
        return ""


def functions_of(value: Mapping[str, Any]) -> list[str]:
    """Names of the functions of a tool; some published ones have several, as a list or by name.

    Example:
        >>> functions_of({"function_name": "get_tides"}), functions_of({"function_name": ["add", "remove"]})
        (['get_tides'], ['add', 'remove'])
    """
    named = value["function_name"]
    return [str(name).strip() for name in (named if isinstance(named, list | dict) else [named])] or [""]


def code_fault(code: str, *functions: str) -> str:
    r"""Why code of a tool cannot be used: it is no Python, or does not define all its functions. It is never run.

    Example:
        >>> code_fault("def f(x):\n    return x", "f"), code_fault("x = 1", "f"), code_fault("no code", "f")
        ('', 'no_function', 'no_python')
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "no_python"
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return "" if set(functions) <= set(names) else "no_function"


def same_answer(first: str, second: str) -> bool:
    """Whether two results are the same: as numbers where both are, else as words.

    Example:
        >>> same_answer("1,200 euros", "1200.0"), same_answer("1/2", "0.5"), same_answer("3", "4")
        (True, True, False)
    """
    numbers = [_number(text) for text in (first, second)]
    if None not in numbers:
        return abs(float(numbers[0] or 0) - float(numbers[1] or 0)) <= 1e-6 * max(1.0, abs(float(numbers[0] or 0)))
    plain = [re.sub(r"[^\w]+", " ", normalised(text)).strip() for text in (first, second)]
    return plain[0] == plain[1] != ""


def _number(text: str) -> float | None:
    found = re.findall(r"-?\d[\d,]*(?:\.\d+)?(?:/\d+)?", text)
    if len(found) != 1:
        return None
    top, _, under = found[0].replace(",", "").partition("/")
    return float(top) / float(under) if under and float(under) else float(top)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _read_kinds() -> tuple[dict[str, Kind], str]:
    data = tomllib.loads((files("personae.papers.persona_hub") / "kinds.toml").read_text(encoding="utf-8"))
    kinds = {
        row["key"]: Kind(
            row["key"],
            row["label"],
            row["task"],
            tuple(row["fields"]),
            tuple((example["person"], example["piece"]) for example in row["examples"]),
        )
        for row in data["kinds"]
    }
    return kinds, str(data["world"])


KINDS, WORLD = _read_kinds()
"""Kinds by key, in the order of the paper; and the world that characters of a game live in, if none is given."""
