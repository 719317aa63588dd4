"""Links that invite others: whoever has one may answer or rate, and do nothing else."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

import apsw

from personae.serve.faults import Refusal, not_found
from personae.serve.store import Store

LinkKind = Literal["instrument", "rating"]

_TERMS = (
    "Taking part is voluntary: you may leave anything out, and stop at any time. Your answers are kept without name, "
    "address or device, under a random number, by whoever sent you this link, who uses them for research on how "
    "language models play people. "
)
_ERASED = "whoever sent you the link can erase your answers by it, and cannot find them without it."
CONSENT: dict[str, str] = {
    "instrument": f"{_TERMS}Until you send them, they are in this browser alone. The random number is shown to you at "
    f"the end: {_ERASED}",
    "rating": f"{_TERMS}Each is sent as you give it, and can be taken back. The random number stands below the tasks: "
    f"{_ERASED}",
}
"""What people are told before they take part, by kind of link, unless the link has words of its own."""

_DAY = 86_400.0
_PATHS: dict[str, str] = {"instrument": "/take/", "rating": "/rate/"}

SCHEMA = """
CREATE TABLE IF NOT EXISTS links (
    token TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, title TEXT NOT NULL,
    consent TEXT NOT NULL, most INTEGER, used INTEGER NOT NULL, created REAL NOT NULL, ends REAL
);
CREATE TABLE IF NOT EXISTS link_guests (
    token TEXT NOT NULL REFERENCES links ON DELETE CASCADE, guest TEXT NOT NULL, PRIMARY KEY (token, guest)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation."""

    token: str
    owner: str
    kind: LinkKind
    target: str
    """Key of the instrument, or identifier of the set of ratings."""
    title: str
    consent: str
    most: int | None
    """How many may use it; ``None`` is any number."""
    used: int
    created: float
    ends: float | None
    """When it ends, in seconds since 1970; ``None`` is when it is withdrawn."""

    @property
    def is_over(self) -> bool:
        """Whether its time is over."""
        return self.ends is not None and time.time() >= self.ends

    @property
    def is_full(self) -> bool:
        """Whether as many have used it as may."""
        return self.most is not None and self.used >= self.most

    def to_json(self) -> dict[str, Any]:
        """Plain JSON form."""
        return {
            "token": self.token,
            "url": f"{_PATHS[self.kind]}{self.token}",
            "kind": self.kind,
            "target": self.target,
            "title": self.title,
            "consent": self.consent,
            "most": self.most,
            "used": self.used,
            "created": self.created,
            "ends": self.ends,
            "is_open": not (self.is_over or self.is_full),
        }


class Links:
    """The invitations of all users."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new(
        self,
        owner: str,
        kind: LinkKind,
        target: str,
        title: str,
        consent: str,
        most: int | None,
        days: float | None = None,
    ) -> Link:
        """Make a link; its token is all that anybody needs, for so many days if they are given."""
        token, now = secrets.token_urlsafe(18), time.time()
        ends = None if days is None else now + days * _DAY
        made = Link(token, owner, kind, target, title, consent.strip() or CONSENT[kind], most, 0, now, ends)
        self._store.write(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
            (token, owner, kind, target, title, made.consent, most, now, ends),
        )
        return made

    def all(self, owner: str) -> list[Link]:
        """Links of one user, the newest first."""
        rows = self._store.read("SELECT * FROM links WHERE owner = ? ORDER BY created DESC", (owner,))
        return [Link(*row) for row in rows]

    def find(self, token: str, kind: LinkKind) -> Link:
        """The link of this token.

        Raises:
            Refusal: If there is none, it was withdrawn, or its time is over.
        """
        row = self._store.first("SELECT * FROM links WHERE token = ? AND kind = ?", (token, kind))
        if row is None:
            what = "this link leads nowhere: it is not whole, or was closed"
            raise Refusal(404, "not_found", what, remedy="ask whoever sent it to you for a new one")
        link = Link(*row)
        if link.is_over:
            what = "the time of this link is over"
            raise Refusal(410, "ended", what, remedy="ask whoever sent it to you whether you can still take part")
        return link

    def admit(self, link: Link, guest: str) -> None:
        """Count somebody who answers, once however often they come.

        Raises:
            Refusal: If it was used by as many as may.
        """
        with self._store.writing() as connection:
            known = "SELECT 1 FROM link_guests WHERE token = ? AND guest = ?"
            if next(iter(connection.execute(known, (link.token, guest))), None) is None:
                self._count(connection, link)
                connection.execute("INSERT INTO link_guests VALUES (?, ?)", (link.token, guest))

    @staticmethod
    def _count(connection: apsw.Connection, link: Link) -> None:
        connection.execute(
            "UPDATE links SET used = used + 1 WHERE token = ? AND (most IS NULL OR used < most)", (link.token,)
        )
        if not connection.changes():
            what = "as many have taken part as were wanted"
            raise Refusal(409, "used_up", what, remedy="nothing: thank you for your will to help")

    def let_in(self, link: Link) -> str:
        """Let somebody in who will come back with the random name that this gives.

        Raises:
            Refusal: If it was used by as many as may.
        """
        guest = f"guest-{secrets.token_hex(12)}"
        self.admit(link, guest)
        return guest

    def check_guest(self, link: Link, guest: str) -> str:
        """The name of somebody who was let in by this link.

        Raises:
            Refusal: If nobody of this name was.
        """
        if self._store.first("SELECT 1 FROM link_guests WHERE token = ? AND guest = ?", (link.token, guest)) is None:
            raise not_found("rater", "")
        return guest

    def withdraw(self, owner: str, token: str) -> None:
        """End a link.

        Raises:
            Refusal: If this user has none of this token.
        """
        if not self._store.write("DELETE FROM links WHERE token = ? AND owner = ?", (token, owner)):
            raise not_found("link", "")
