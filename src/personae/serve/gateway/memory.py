"""What a persona remembers of one user: notes that an application wrote down, each in a scope, erased on request.

Nothing is remembered by itself. An application puts notes by ``PUT /v1/personae/memory`` and they are put into
every prompt of the same scope: the key's owner, the persona, and the ``user`` of the request; a note may further belong
to one conversation (``metadata.conversation``).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personae.serve.faults import Refusal
from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS memory_notes (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL, slug TEXT NOT NULL, user TEXT NOT NULL, conversation TEXT NOT NULL,
    text TEXT NOT NULL, created REAL NOT NULL,
    UNIQUE (owner, slug, user, conversation, text)
);
"""

MOST_NOTES = 64
MOST_CHARACTERS = 1000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class MemoryScope:
    """Whose notes: no two owners and no two users ever share any."""

    owner: str
    slug: str
    user: str
    conversation: str = ""


def scope_of(owner: str, slug: str, body: Mapping[str, Any]) -> MemoryScope | None:
    """The scope that a request names by ``user`` and ``metadata``; ``None`` if it names no user.

    Raises:
        Refusal: If they are malformed.
    """
    metadata = body.get("metadata")
    if metadata is not None and not isinstance(metadata, Mapping):
        raise Refusal(400, "invalid_type", "metadata is not an object", where="metadata", remedy="send an object")
    metadata = metadata or {}
    user = body.get("user", metadata.get("user"))
    conversation = metadata.get("conversation", "")
    for name, value in (("user", user or ""), ("metadata.conversation", conversation)):
        if not isinstance(value, str) or len(value) > _LONGEST_NAME:
            raise Refusal(400, "invalid_type", f"{name} is not a short text", where=name, remedy="send an identifier")
    return MemoryScope(owner, slug, user, conversation) if user else None


class Memory:
    """The notes of all scopes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str, str], list[tuple[str, str]]] = {}

    def notes(self, scope: MemoryScope) -> list[str]:
        """Notes that hold in a scope, oldest first: those of the user, and those of this conversation."""
        key = (scope.owner, scope.slug, scope.user)
        rows = self._known.get(key)
        if rows is None:
            if len(self._known) > 10_000:
                self._known.clear()
            rows = self._known[key] = [
                (str(conversation), str(text))
                for conversation, text in self._store.read(
                    "SELECT conversation, text FROM memory_notes WHERE owner = ? AND slug = ? AND user = ? ORDER BY id",
                    key,
                )
            ]
        return [text for conversation, text in rows if conversation in ("", scope.conversation)]

    def put(self, scope: MemoryScope, notes: list[str]) -> list[str]:
        """Replace the notes of exactly this scope; the same note twice is one.

        Raises:
            Refusal: If there are too many, or one is empty or too long.
        """
        cleaned = list(dict.fromkeys(" ".join(note.split()) for note in notes))
        if len(cleaned) > MOST_NOTES or any(not 0 < len(note) <= MOST_CHARACTERS for note in cleaned):
            raise Refusal(
                400,
                "invalid_value",
                f"notes are at most {MOST_NOTES}, each of 1 to {MOST_CHARACTERS} characters",
                where="notes",
            )
        place = (scope.owner, scope.slug, scope.user, scope.conversation)
        with self._store.writing() as connection:
            connection.execute(
                "DELETE FROM memory_notes WHERE owner = ? AND slug = ? AND user = ? AND conversation = ?", place
            )
            for note in cleaned:
                connection.execute(
                    "INSERT INTO memory_notes VALUES (NULL, ?, ?, ?, ?, ?, ?)", (*place, note, time.time())
                )
        self._known.pop(place[:3], None)
        return self.notes(scope)

    def erase(self, owner: str, user: str) -> int:
        """Forget all that any persona remembers of a user; gives how many notes that were."""
        self._known.clear()
        return self._store.write("DELETE FROM memory_notes WHERE owner = ? AND user = ?", (owner, user))
