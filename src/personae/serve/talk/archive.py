"""Where conversations are kept: each belongs to one user, and nobody else finds it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

import orjson

from personae.serve.faults import not_found
from personae.serve.store import Store
from personae.serve.talk.conversation import Conversation, Said, Seat

SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    seats TEXT NOT NULL,           -- JSON
    leaf TEXT
);
CREATE INDEX IF NOT EXISTS conversations_by_owner ON conversations (owner, updated DESC, id);
CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- order in which messages were begun
    parent TEXT, seat TEXT NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL,
    created REAL NOT NULL, model TEXT NOT NULL, seconds REAL NOT NULL, input_tokens INTEGER, output_tokens INTEGER,
    cost REAL, is_simulated INTEGER NOT NULL,
    remarks TEXT NOT NULL          -- JSON
);
CREATE INDEX IF NOT EXISTS messages_of ON messages (conversation, number);
CREATE TABLE IF NOT EXISTS conversation_personas (
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, slug TEXT NOT NULL,
    PRIMARY KEY (conversation, slug)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_with ON conversation_personas (slug);
"""

_COLUMNS = (
    "id, parent, seat, role, text, status, created, error, model, seconds, input_tokens, output_tokens, cost,"
    " is_simulated, remarks"
)


class Archive:
    """The conversations of all users."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, owner: str, title: str, seats: Sequence[Seat]) -> Conversation:
        """Begin a conversation."""
        now = time.time()
        made = Conversation(f"c-{secrets.token_hex(8)}", title, now, now, tuple(seats), None)
        with self._store.writing() as connection:
            connection.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?, NULL)",
                (made.id, owner, title, now, now, _spell(seats)),
            )
            self._note_personas(connection, made.id, seats)
        return made

    def get(self, owner: str, id: str) -> Conversation:
        """A conversation of this user.

        Raises:
            Refusal: If there is none, or it is somebody else's.
        """
        row = self._store.first(
            "SELECT id, title, created, updated, seats, leaf FROM conversations WHERE id = ? AND owner = ?", (id, owner)
        )
        if row is None:
            raise not_found("conversation", id)
        return _conversation(row)

    def page(
        self, owner: str, query: str, limit: int, cursor: tuple[float, str]
    ) -> tuple[list[tuple[Conversation, str]], bool, int]:
        """Conversations of this user with their last words, the latest first; whether there are more, and how many."""
        words = query.strip()
        match = "owner = ?"
        values: list[Any] = [owner]
        if words:
            match += (
                " AND (instr(lower(title), ?) OR EXISTS (SELECT 1 FROM messages m WHERE m.conversation ="
                " conversations.id AND instr(lower(m.text), ?)))"
            )
            values += [words.lower(), words.lower()]
        total = int(self._store.read(f"SELECT count(*) FROM conversations WHERE {match}", values)[0][0])
        rows = self._store.read(
            "SELECT id, title, created, updated, seats, leaf, (SELECT substr(text, 1, 200) FROM messages m"
            " WHERE m.conversation = conversations.id ORDER BY number DESC LIMIT 1) FROM conversations"
            f" WHERE {match} AND (updated, id) < (?, ?) ORDER BY updated DESC, id DESC LIMIT ?",
            (*values, *cursor, limit + 1),
        )
        return [(_conversation(row), row[6] or "") for row in rows[:limit]], len(rows) > limit, total

    def change(
        self, owner: str, id: str, *, title: str | None, leaf: str | None, seats: Sequence[Seat] | None
    ) -> Conversation:
        """Rename a conversation, show another branch of it, or change its seats.

        Raises:
            Refusal: If there is none, or no such message in it.
        """
        before = self.get(owner, id)
        if (
            leaf is not None
            and self._store.first("SELECT 1 FROM messages WHERE id = ? AND conversation = ?", (leaf, id)) is None
        ):
            raise not_found("message", leaf)
        with self._store.writing() as connection:
            connection.execute(
                "UPDATE conversations SET title = ?, leaf = ?, seats = ?, updated = ? WHERE id = ?",
                (
                    before.title if title is None else title,
                    before.leaf if leaf is None else leaf,
                    _spell(before.seats if seats is None else seats),
                    time.time(),
                    id,
                ),
            )
            if seats is not None:
                self._note_personas(connection, id, seats)
        return self.get(owner, id)

    def rename(self, id: str, title: str) -> None:
        """Give a conversation another title."""
        self._store.write("UPDATE conversations SET title = ? WHERE id = ?", (title, id))

    def delete(self, owner: str, id: str) -> None:
        """Remove a conversation with all that was said.

        Raises:
            Refusal: If there is none.
        """
        self.get(owner, id)
        self._store.write("DELETE FROM conversations WHERE id = ?", (id,))

    def messages(self, id: str) -> list[Said]:
        """All messages of a conversation, in the order in which they were begun."""
        rows = self._store.read(f"SELECT {_COLUMNS} FROM messages WHERE conversation = ? ORDER BY number", (id,))
        return [_said(row) for row in rows]

    def message(self, conversation: str, id: str) -> Said:
        """One message.

        Raises:
            Refusal: If the conversation has none of this id.
        """
        row = self._store.first(
            f"SELECT {_COLUMNS} FROM messages WHERE id = ? AND conversation = ?", (id, conversation)
        )
        if row is None:
            raise not_found("message", id)
        return _said(row)

    def add(self, conversation: str, *messages: Said, is_shown: bool = True) -> None:
        """Keep new messages; the last becomes the leaf, unless the branch that is shown stays."""
        with self._store.writing() as connection:
            for message in messages:
                connection.execute(
                    "INSERT INTO messages SELECT ?, ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                    " ?, ?, ?, ? FROM messages WHERE conversation = ?",
                    (message.id, conversation, message.parent, message.seat, message.role, *_changing(message),
                     conversation),
                )  # fmt: skip
            connection.execute(
                "UPDATE conversations SET leaf = iif(?, ?, leaf), updated = ? WHERE id = ?",
                (is_shown, messages[-1].id, time.time(), conversation),
            )

    def keep(self, message: Said) -> None:
        """Keep what has become of a message."""
        self._store.write(
            "UPDATE messages SET text = ?, status = ?, error = ?, created = ?, model = ?, seconds = ?,"
            " input_tokens = ?, output_tokens = ?, cost = ?, is_simulated = ?, remarks = ? WHERE id = ?",
            (*_changing(message), message.id),
        )

    def stop_what_was_left(self) -> int:
        """Call messages stopped that a server which was killed left in the middle; gives how many they were."""
        return self._store.write("UPDATE messages SET status = 'stopped' WHERE status = 'streaming'")

    def using(self, slug: str) -> list[tuple[str, str, str]]:
        """Conversations in which a persona sits: owner, id, title."""
        return [
            (str(owner), str(id), str(title))
            for owner, id, title in self._store.read(
                "SELECT owner, id, title FROM conversations WHERE id IN"
                " (SELECT conversation FROM conversation_personas WHERE slug = ?) ORDER BY updated DESC",
                (slug,),
            )
        ]

    @staticmethod
    def _note_personas(connection: Any, id: str, seats: Sequence[Seat]) -> None:
        connection.execute("DELETE FROM conversation_personas WHERE conversation = ?", (id,))
        for slug in {seat.persona for seat in seats if seat.persona}:
            connection.execute("INSERT INTO conversation_personas VALUES (?, ?)", (id, slug))


def new_message_id() -> str:
    """An identifier that nobody guesses."""
    return f"m-{secrets.token_hex(8)}"


def _spell(seats: Sequence[Seat]) -> str:
    return orjson.dumps([seat.to_json() for seat in seats]).decode()


def _conversation(row: tuple[Any, ...]) -> Conversation:
    id, title, created, updated, seats, leaf = row[:6]
    return Conversation(id, title, created, updated, tuple(Seat(**seat) for seat in orjson.loads(seats)), leaf)


def _changing(said: Said) -> tuple[Any, ...]:
    return (
        said.text, said.status, said.error, said.created, said.model, said.seconds, said.input_tokens,
        said.output_tokens, said.cost, int(said.is_simulated), orjson.dumps(dict(said.remarks)).decode(),
    )  # fmt: skip


def _said(row: tuple[Any, ...]) -> Said:
    said = Said(*row)
    said.is_simulated, said.remarks = bool(row[-2]), orjson.loads(row[-1])
    return said
