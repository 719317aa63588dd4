"""Persona-L with scripted models: a persona that quotes its narratives, and a designer who likes that."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from personae.model import Model, Request
from personae.papers.persona_l import PersonaL, PersonaLSettings, read_corpus
from personae.papers.persona_l.corpus import Narrative
from personae.study import Finding, run_study

CORPUS = read_corpus()
EASY = "I bake. I like it. It is hot. You help me."
HARD = "Organisational accommodations facilitate considerable occupational participation notwithstanding difficulties."


def small(**more: str) -> PersonaL:
    return PersonaL(PersonaLSettings.read({"asked": "2", "level": "free", **more}))


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def run(study: PersonaL, subject: Model, user: Model) -> tuple[pl.DataFrame, list[Finding]]:
    table = run_study(study, {"subject": subject, "user": user}).table
    return table, study.measure(table)


def shown_narratives(asked: Request) -> list[Narrative]:
    """The narratives of a prompt, in the order of their numbers."""
    text = "\n".join(message.content for message in asked.messages)
    titles = re.findall(r"^\[\d+\] ([^:\n]+):", text, re.MULTILINE)
    return [next(one for one in CORPUS.narratives if one.title == title) for title in titles]


def quoting(asked: Request) -> str:
    """A persona that derives what people read, and says nothing but the first sentence of its first narrative."""
    narratives = shown_narratives(asked)
    if asked.schema is not None:
        rows = [
            {**pair.model_dump(), "source": number}
            for number, one in enumerate(narratives, start=1)
            for pair in one.pairs
        ]
        return json.dumps({"abilities": rows})
    system = asked.messages[0].content
    if "Easy Read" in system:
        return EASY
    if "technical words" in system:
        return HARD
    return narratives[0].text.partition(". ")[0] + " [1]." if narratives else "Well, nothing of the kind at all."


def designer(asked: Request) -> str:
    """Likes a persona that quotes narratives; every second item is reversed."""
    told = " ".join(message.content for message in asked.messages)
    liked = not re.search("nothing of the kind", told)
    return "\n".join(f"{letter}) {(6 if n % 2 == 0 else 2) if liked else 4}" for n, letter in enumerate("abcdefghijkl"))


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
