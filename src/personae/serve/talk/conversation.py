"""What a conversation is: seats, and a tree of messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from personae.serve.recall import RecallMode

SeatKind = Literal["persona", "model", "human"]
MessageStatus = Literal["done", "streaming", "stopped", "failed"]
ReadingLevel = Literal["free", "easy", "plain", "expert"]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who takes part: a persona that a model plays, a bare model, or a person."""

    id: str
    kind: SeatKind
    name: str
    persona: str | None = None
    version: int | None = None
    """The version that the conversation was begun with; it stays, whatever becomes of the persona."""
    model: str | None = None
    renderer: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    reading_level: ReadingLevel = "free"
    recall: RecallMode = "found"
    """What its prompt has of the persona's memories and knowledge."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "persona": self.persona,
            "version": self.version,
            "model": self.model,
            "renderer": self.renderer,
            "sampling": dict(self.sampling),
            "reading_level": self.reading_level,
            "recall": self.recall,
        }


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages."""

    id: str
    title: str
    created: float
    updated: float
    seats: tuple[Seat, ...]
    leaf: str | None
    """The end of the branch that is shown."""

    def seat(self, id: str) -> Seat | None:
        """The seat of this id."""
        return next((seat for seat in self.seats if seat.id == id), None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "id": self.id,
            "title": self.title,
            "created": self.created,
            "updated": self.updated,
            "seats": [seat.to_json() for seat in self.seats],
            "leaf": self.leaf,
        }


@dataclass(slots=True)
class Said:
    """One message of a tree."""

    id: str
    parent: str | None
    seat: str
    role: Literal["user", "assistant"]
    text: str
    status: MessageStatus
    created: float
    error: str = ""
    model: str = ""
    seconds: float = 0.0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    is_simulated: bool = False
    remarks: Mapping[str, Any] = field(default_factory=dict)
    """What can be said about an answer: ``adherence``, ``sources``, ``reading``, ``worn_phrases``; and what it
    came from: ``recalled``, ``played`` (how the seat stood), ``finish`` (why it ended)."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        has_usage = self.input_tokens is not None
        return {
            "id": self.id,
            "parent": self.parent,
            "seat": self.seat,
            "role": self.role,
            "text": self.text,
            "status": self.status,
            "error": self.error,
            "created": self.created,
            "model": self.model,
            "seconds": self.seconds,
            "usage": {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens} if has_usage else None,
            "cost": self.cost,
            "is_simulated": self.is_simulated,
            "adherence": self.remarks.get("adherence"),
            "sources": self.remarks.get("sources", []),
            "reading": self.remarks.get("reading"),
            "recalled": self.remarks.get("recalled"),
            "played": self.remarks.get("played"),
            "finish": self.remarks.get("finish"),
            "worn_phrases": self.remarks.get("worn_phrases", []),
        }


def branch_to(messages: Mapping[str, Said], leaf: str | None) -> list[Said]:
    """The messages from the first to a leaf, in their order."""
    path: list[Said] = []
    passed: set[str] = set()
    while leaf is not None and leaf in messages and leaf not in passed:
        passed.add(leaf)
        path.append(messages[leaf])
        leaf = messages[leaf].parent
    return path[::-1]


def branches_of(messages: Sequence[Said]) -> list[list[Said]]:
    """Every branch of a tree, from the first message to each that nobody answered."""
    by_id = {message.id: message for message in messages}
    parents = {message.parent for message in messages}
    return [branch_to(by_id, message.id) for message in messages if message.id not in parents]


def title_of(seats: Sequence[Seat], said: str = "") -> str:
    """The title of a conversation that was given none: what was said first, and who is talked with.

    Example:
        >>> title_of([Seat("s1", "human", "You"), Seat("s2", "persona", "Ada")], "How are the  bees?")
        'How are the bees? (Ada)'
    """
    names = [seat.name for seat in seats if seat.kind != "human"]
    who = ", ".join(names[:3]) + (" …" if len(names) > 3 else "") or "Conversation"
    words = " ".join(said.split())
    first = words[:60] + ("…" if len(words) > 60 else "")
    return (f"{first} ({who})" if first else who)[:200]
