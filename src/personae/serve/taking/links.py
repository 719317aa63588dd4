"""Links that invite others: whoever has one may answer or rate, and do nothing else."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

from personae.serve.faults import Refusal, not_found
from personae.serve.store import Store

LinkKind = Literal["instrument", "rating"]

CONSENT = (
    "Taking part is voluntary, and you may stop at any time. Your answers are kept without name, address or device, "
    "under a random number, and are used for research by whoever sent you this link. After you have sent them, they "
    "cannot be told apart from those of others, so that they cannot be deleted one by one."
)
"""What people are told before they answer, unless the link has words of its own."""

_PATHS: dict[str, str] = {"instrument": "/take/", "rating": "/rate/"}

SCHEMA = """
CREATE TABLE IF NOT EXISTS links (
    token TEXT PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, title TEXT NOT NULL,
    consent TEXT NOT NULL, most INTEGER, used INTEGER NOT NULL, created REAL NOT NULL
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
        }


class Links:
    """The invitations of all users."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new(self, owner: str, kind: LinkKind, target: str, title: str, consent: str, most: int | None) -> Link:
        """Make a link; its token is all that anybody needs."""
        made = Link(
            secrets.token_urlsafe(18), owner, kind, target, title, consent.strip() or CONSENT, most, 0, time.time()
        )
        self._store.write(
            "INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)",
            (made.token, owner, kind, target, title, made.consent, most, made.created),
        )
        return made

    def all(self, owner: str) -> list[Link]:
        """Links of one user, the newest first."""
        rows = self._store.read("SELECT * FROM links WHERE owner = ? ORDER BY created DESC", (owner,))
        return [Link(*row) for row in rows]

    def find(self, token: str, kind: LinkKind) -> Link:
        """The link of this token.

        Raises:
            Refusal: If there is none, or it was withdrawn.
        """
        row = self._store.first("SELECT * FROM links WHERE token = ? AND kind = ?", (token, kind))
        if row is None:
            raise not_found("link", "")
        return Link(*row)

    def use(self, link: Link) -> None:
        """Count one use.

        Raises:
            Refusal: If it was used by as many as may.
        """
        changed = self._store.write(
            "UPDATE links SET used = used + 1 WHERE token = ? AND (most IS NULL OR used < most)", (link.token,)
        )
        if not changed:
            raise Refusal(409, "used_up", "as many have answered as were wanted", remedy="thank you nevertheless")

    def let_in(self, link: Link) -> str:
        """Let somebody in who will come back with the random name that this gives.

        Raises:
            Refusal: If it was used by as many as may.
        """
        self.use(link)
        guest = f"guest-{secrets.token_hex(12)}"
        self._store.write("INSERT INTO link_guests VALUES (?, ?)", (link.token, guest))
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
