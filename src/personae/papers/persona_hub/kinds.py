"""The six kinds of data that are written for people: what is asked, examples, and when a piece is thrown away."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
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


KINDS = {
    one.key: one
    for one in (
        Kind(
            "math",
            "math problem",
            "Write a challenging maths problem that has one answer.",
            ("problem",),
            (
                (
                    "a baker who opens at five",
                    {"problem": "An oven holds 18 loaves for 35 minutes. How many minutes do 100 loaves take?"},
                ),
                (
                    "a surveyor of mountain paths",
                    {"problem": "A path climbs 340 m over 2.5 km. At what angle does it rise, to a tenth of a degree?"},
                ),
            ),
        ),
        Kind(
            "logic",
            "logical reasoning problem",
            "Write a problem of logical reasoning that has one answer, with its solution.",
            ("problem", "answer"),
            (
                (
                    "a school secretary",
                    {"problem": "Ana sits left of Ben. Cleo is not at an end of the three. Who is?", "answer": "Ana"},
                ),
                (
                    "a night watchman",
                    {"problem": "Either lamp A or B is lit, never both. B is dark. Which is lit?", "answer": "A"},
                ),
            ),
        ),
        Kind(
            "instruction",
            "instruction",
            "Write what this kind of person might ask an AI assistant to do.",
            ("prompt",),
            (
                (
                    "a choir leader",
                    {"prompt": "Order these six carols so that no two in a minor key follow each other."},
                ),
                ("a plumber", {"prompt": "Draft a short message to a client whose boiler part comes three days late."}),
            ),
        ),
        Kind(
            "knowledge",
            "knowledge-rich text",
            "Write an article that is rich in knowledge, as for a web page of questions answered by experts.",
            ("title", "article"),
            (
                (
                    "a beekeeper",
                    {
                        "title": "Why bees fan at the entrance",
                        "article": "Nectar holds too much water to keep. Workers fan until it is near 18 percent.",
                    },
                ),
                (
                    "a bookbinder",
                    {
                        "title": "What grain does to a page",
                        "article": "Paper bends along its fibres. Bound across them, a book will not lie open.",
                    },
                ),
            ),
        ),
        Kind(
            "npc",
            "game npc",
            "Write a character that players of a game meet. The world: $world",
            ("name", "description"),
            (
                (
                    "a retired customs officer",
                    {"name": "Orsel of the Gate", "description": "Weighs every pack at the pass, and has a price."},
                ),
                (
                    "a violin teacher",
                    {"name": "Mira Windstring", "description": "Teaches spells by ear and hits wrong notes with hail."},
                ),
            ),
        ),
        Kind(
            "tool",
            "tool development",
            "Write the interface of a tool, a function in Python that does what an AI model cannot do by itself.",
            ("name", "description", "function_name", "input_args", "return", "depend"),
            (
                (
                    "a ferry captain",
                    {
                        "name": "Tide Table Interface",
                        "description": "Takes a harbour and a day and returns times and heights of the tides.",
                        "function_name": "get_tides",
                        "input_args": "harbour, day",
                        "return": "list of times and heights",
                        "depend": "requests",
                    },
                ),
                (
                    "a choir leader",
                    {
                        "name": "Pitch Finder",
                        "description": "Takes a recording and returns the pitch of each second.",
                        "function_name": "find_pitch",
                        "input_args": "recording",
                        "return": "list of pitches",
                        "depend": "librosa",
                    },
                ),
            ),
        ),
    )
}
WORLD = "an archipelago of floating islands whose people trade in weather; magic is real and costs memories."
