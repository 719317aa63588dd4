"""The talks as a page: each sentence with the source beside it, or none; and the persona they were with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personae.papers.persona_l.findings import CONDITIONS
from personae.persona import Persona
from personae.persona.files import dump_line

if TYPE_CHECKING:
    import polars as pl

FILE, PERSONAS = "sources.html", "personas.jsonl"
_HEAD = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sentences and their sources</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid #ccc; }
td + td { width: 35%; }
.none { color: #767676; }
</style>
<h1>Sentences and their sources</h1>
"""
_NOTE = (
    "<p>Beside each sentence stands the narrative that has most of its rarer words, with the share that it has. "
    "Being close is not being implied. Where the narratives come from stands at the end.</p>\n"
)


def write_page(table: pl.DataFrame, folder: Path) -> Path | None:
    """Write the page beside the report; none if nothing was said. Words of models and sources are escaped."""
    if "persona" not in table.columns:
        return None
    rows = [row for row in table.iter_rows(named=True) if row["persona"]]
    if not rows:
        return None
    is_simulated = any(str(row["model"]).startswith("sim") for row in rows)
    note = "<p><strong>SIMULATED: a simulated respondent spoke.</strong></p>\n" if is_simulated else ""
    path = folder / FILE
    people = [Persona.model_validate_json(row["persona"]) for row in rows]
    talks = "".join(map(_talks, people, rows))
    path.write_text(_HEAD + note + _NOTE + talks + _narratives(people), encoding="utf-8")
    return path


def write_personas(table: pl.DataFrame, folder: Path) -> Path | None:
    """Write the personas, with abilities, narratives and the terms of each; none if there are none."""
    texts = [text for text in table["persona"].to_list() if text] if "persona" in table.columns else []
    if not texts:
        return None
    path = folder / PERSONAS
    people = {one.id: one for one in map(Persona.model_validate_json, texts)}
    path.write_text("".join(map(dump_line, people.values())), encoding="utf-8")
    return path


def _narratives(people: Sequence[Persona]) -> str:
    """All narratives with where they come from and their licence, each once."""
    found = {
        memory.text: one.provenance_of(f"memories.{place}")
        for one in people
        for place, memory in enumerate(one.memories)
    }
    rows = [
        f"<tr><td>{escape(text)}</td><td>{escape(terms.by)}. Licence: {escape(terms.licence or 'unknown')}."
        f"{f' Consent: {escape(terms.consent)}.' if terms.consent else ''}</td></tr>\n"
        for text, terms in found.items()
    ]
    head = "<h2>Narratives</h2>\n<table><tr><th>Narrative</th><th>Where it comes from</th></tr>\n"
    return f"{head}{''.join(rows)}</table>\n"


def _talks(persona: Persona, row: dict[str, Any]) -> str:
    name = f"{persona.name}, on {row['theme']}, with {row['designer']} ({row['model']})"
    parts = [f"<h2>{escape(name)}</h2>\n"]
    if persona.abilities:
        parts.append("<table><tr><th>Ability</th><th>Constraint</th></tr>\n")
        parts += [
            f"<tr><td>{escape(one.ability)}</td><td>{escape(one.constraint)}</td></tr>\n" for one in persona.abilities
        ]
        parts.append("</table>\n")
    for condition in CONDITIONS:
        said = json.loads(row.get(f"{condition}.sentences") or "[]")
        if said:
            parts.append(f"<h3>{escape(condition)}</h3>\n<table><tr><th>Sentence</th><th>Source</th></tr>\n")
            parts += [_sentence(one) for one in said]
            parts.append("</table>\n")
    return "".join(parts)


def _sentence(one: dict[str, Any]) -> str:
    source = '<span class="none">none</span>'
    if one["source"]:
        source = f"{escape(one['title'] or one['source'])} ({one['score']:.2f})"
    return f"<tr><td>{escape(one['text'])}</td><td>{source}</td></tr>\n"
