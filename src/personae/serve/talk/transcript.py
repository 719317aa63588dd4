"""A conversation as a file: for people, and as rows that other tools train and evaluate on."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from personae.serve.talk.conversation import Conversation, Said, branch_to, branches_of


def as_markdown(conversation: Conversation, messages: Sequence[Said]) -> str:
    """The branch that is shown, for people; what the simulated respondent said is marked."""
    names = {seat.id: seat.name for seat in conversation.seats}
    lines = [f"# {' '.join(conversation.title.split())}", ""]
    if any(said.is_simulated for said in messages):
        lines += ["SIMULATED: a simulated respondent answered.", ""]
    for said in branch_to({said.id: said for said in messages}, conversation.leaf):
        told = f" ({said.model})" if said.model else ""
        ended = "" if said.status == "done" else f" [{said.status}]"
        lines += [f"**{names.get(said.seat, said.seat)}**{told}{ended}", "", said.text, ""]
    return "\n".join(lines)


def as_json_lines(messages: Sequence[Said]) -> bytes:
    """A line ``{"messages": [...]}`` for every branch; answers that failed are left out."""
    lines = []
    for branch in branches_of(messages):
        rows = [{"role": said.role, "content": said.text} for said in branch if said.text and said.status != "failed"]
        if rows:
            lines.append(orjson.dumps({"messages": rows}) + b"\n")
    return b"".join(lines)
