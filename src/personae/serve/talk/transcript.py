"""A conversation as a file: for people, and as rows that other tools train and evaluate on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson

from personae.serve.talk.conversation import Conversation, Said, Seat, branch_to, branches_of

_HOW = {
    "words": "found by words",
    "vectors": "found by an embedding model",
    "importance": "the most important, as nothing fitted what was said",
    "whole": "all were in the prompt",
    "none": "none was in the prompt",
}


def as_markdown(conversation: Conversation, messages: Sequence[Said]) -> str:
    """The branch that is shown, for people: who took part, what was said, and what each answer was given to draw on.

    What the simulated respondent said is marked.
    """
    names = {seat.id: seat.name for seat in conversation.seats}
    begun = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(conversation.created))
    lines = [f"# {_line(conversation.title)}", "", f"Begun {begun}."]
    lines += ["", *(f"- {_seat_line(seat)}" for seat in conversation.seats), ""]
    if any(said.is_simulated for said in messages):
        lines += ["SIMULATED: a simulated respondent answered.", ""]
    for said in branch_to({said.id: said for said in messages}, conversation.leaf):
        played = said.remarks.get("played") or {}
        version = played.get("version")
        parts = [f"version {version}" if version else "", said.model]
        told = f" ({', '.join(filter(None, parts))})" if any(parts) else ""
        ended = "" if said.status == "done" else f" [{said.status}]"
        lines += [
            f"**{_line(names.get(said.seat) or played.get('name') or 'Somebody who left')}**{told}{ended}",
            "",
            said.text,
            "",
        ]
        if said.error:
            lines += [f"> {_line(said.error)}", ""]
        lines += _recalled_lines(said)
    return "\n".join(lines)


def as_json_lines(messages: Sequence[Said]) -> bytes:
    """A line ``{"messages": [...]}`` for every branch; answers that failed are left out."""
    lines = []
    for branch in branches_of(messages):
        rows = [{"role": said.role, "content": said.text} for said in branch if said.text and said.status != "failed"]
        if rows:
            lines.append(orjson.dumps({"messages": rows}) + b"\n")
    return b"".join(lines)


def _seat_line(seat: Seat) -> str:
    if seat.kind == "human":
        return f"{_line(seat.name)}: a person"
    told: list[str] = []
    if seat.kind == "persona":
        told.append(f"the persona `{seat.persona}`, version {seat.version}")
        told.append(f"in the words of `{seat.renderer}`" if seat.renderer else "")
    told.append(f"played by `{seat.model}`" if seat.model else "")
    told.append(f"reading level {seat.reading_level}" if seat.reading_level != "free" else "")
    told += [f"{name} {value}" for name, value in seat.sampling.items()]
    return f"{_line(seat.name)}: {', '.join(part for part in told if part) or 'a model'}"


def _recalled_lines(said: Said) -> list[str]:
    found: dict[str, Any] | None = said.remarks.get("recalled")
    if not found:
        return []
    how = _HOW.get(found["how"], found["how"])
    passages = found["passages"]
    lines = [f"> Memories and knowledge: {len(passages)} of {found['among']} passages, {how}."]
    if found["how"] in ("whole", "none"):
        lines = [f"> Memories and knowledge: {how} ({found['among']} passages)."]
    for one in passages:
        terms = ", ".join(part for part in (one["by"], one["licence"]) if part)
        lines.append(f"> - {one['path']}: {_line(one['text'])}{f' ({_line(terms)})' if terms else ''}")
    return [*lines, ""]


def _line(text: str) -> str:
    return " ".join(text.split())
