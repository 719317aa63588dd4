"""The personas of a server: each under a short name, every version of it kept."""

from __future__ import annotations

import re
import secrets
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona import Persona, persona_to_json, read_persona
from personae.serve.faults import Refusal, not_found
from personae.serve.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS personas (
    slug TEXT PRIMARY KEY, created REAL NOT NULL, updated REAL NOT NULL, latest INTEGER NOT NULL,
    search TEXT NOT NULL,          -- name, description and tags in lower case
    deleted REAL
);
CREATE TABLE IF NOT EXISTS persona_versions (
    slug TEXT NOT NULL REFERENCES personas, version INTEGER NOT NULL, hash TEXT NOT NULL, content TEXT NOT NULL,
    created REAL NOT NULL, note TEXT NOT NULL, author TEXT NOT NULL,
    PRIMARY KEY (slug, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS persona_assets (
    slug TEXT NOT NULL REFERENCES personas, name TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (slug, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS personas_by_time ON personas (updated DESC, slug);
"""

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?")
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Shelved:
    """One version of one persona."""

    slug: str
    version: int
    latest: int
    """The number of the newest version."""
    persona: Persona
    created: float
    """When the persona was first put here."""
    updated: float

    @property
    def model_id(self) -> str:
        """What the gateway calls this version."""
        return f"persona/{self.slug}@{self.version}"

    def summary(self) -> dict[str, Any]:
        """What a list shows of it."""
        return {
            "slug": self.slug,
            "id": self.persona.id,
            "name": self.persona.name,
            "description": self.persona.description[:300],
            "version": self.version,
            "versions": self.latest,
            "hash": self.persona.hash,
            "updated": self.updated,
            "tags": tags_of(self.persona),
            "model_id": self.model_id,
            "avatar": f"/api/personas/{self.slug}/avatar.svg?v={self.persona.hash[:12]}",
        }


class PersonaShelf:
    """Keeps personas; remembers those that were asked for last."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[tuple[str, int], Shelved] = OrderedDict()
        self._latest: dict[str, int] = {}

    def get(self, slug: str, version: int | None = None, *, with_deleted: bool = False) -> Shelved:
        """A persona in one version, else in its newest.

        Raises:
            Refusal: If there is no such persona or version.
        """
        wanted = version if version is not None else self._latest.get(slug, 0)
        if not with_deleted and (found := self._known.get((slug, wanted))) is not None:
            return found
        row = self._store.first(
            "SELECT p.slug, v.version, p.latest, v.content, p.created, v.created FROM personas p"
            " JOIN persona_versions v ON v.slug = p.slug AND v.version = coalesce(?, p.latest)"
            " WHERE p.slug = ? AND (p.deleted IS NULL OR ?)",
            (version, slug, int(with_deleted)),
        )
        if row is None:
            raise not_found("persona", slug if version is None else f"{slug}@{version}")
        shelved = _shelved(row)
        if not with_deleted:
            self._latest[slug] = shelved.latest
            self._known[slug, shelved.version] = shelved
            if len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return shelved

    def page(self, query: str, limit: int, cursor: str) -> tuple[list[Shelved], str | None, int]:
        """Personas whose name, description or tags hold all words of the query, the last changed first."""
        words = [f"%{_escaped(word)}%" for word in query.lower().split()[:8]]
        match = "deleted IS NULL" + " AND search LIKE ? ESCAPE '\\'" * len(words)
        total = int(self._store.read(f"SELECT count(*) FROM personas WHERE {match}", words)[0][0])
        after, slug = read_cursor(cursor)
        rows = self._store.read(
            "SELECT p.slug, v.version, p.latest, v.content, p.created, p.updated FROM personas p"
            " JOIN persona_versions v ON v.slug = p.slug AND v.version = p.latest"
            f" WHERE {match} AND (p.updated, p.slug) < (?, ?) ORDER BY p.updated DESC, p.slug DESC LIMIT ?",
            (*words, after, slug, limit + 1),
        )
        found = [_shelved(row) for row in rows]
        following = f"{rows[limit - 1][5]!r}~{rows[limit - 1][0]}" if len(rows) > limit else None
        return found[:limit], following, total

    def slugs(self) -> list[tuple[str, int, float]]:
        """All names, with their newest version and the time of their last change."""
        return [
            (str(slug), int(latest), float(updated))
            for slug, latest, updated in self._store.read(
                "SELECT slug, latest, updated FROM personas WHERE deleted IS NULL ORDER BY slug"
            )
        ]

    def create(
        self, persona: Persona, author: str, *, slug: str = "", note: str = "", assets: Mapping[str, bytes] = {}
    ) -> Shelved:
        """Put a new persona here.

        Args:
            persona: What is put.
            author: By whom.
            slug: Its short name; made from its name if empty, with a number if that is taken.
            note: Why.
            assets: Pictures and other files that came with it.

        Raises:
            InputError: If the short name is none.
            Refusal: If it is taken.
        """
        with self._store.writing() as connection:
            slug = self._create(connection, persona, author, slug, note, assets)
        self._forget(slug)
        return self.get(slug)

    def create_all(
        self, people: Sequence[tuple[Persona, Mapping[str, bytes]]], author: str, *, note: str = ""
    ) -> list[Shelved]:
        """Put new personas here with the files that came with them: all of them, or none if one cannot be kept."""
        with self._store.writing() as connection:
            slugs = [self._create(connection, persona, author, "", note, assets) for persona, assets in people]
        for slug in slugs:
            self._forget(slug)
        return [self.get(slug) for slug in slugs]

    def twins(self) -> dict[str, str]:
        """Short names of the personas here by the hash of their content."""
        rows = self._store.read(
            "SELECT v.hash, p.slug FROM personas p JOIN persona_versions v ON v.slug = p.slug AND v.version = p.latest"
            " WHERE p.deleted IS NULL ORDER BY p.slug DESC"
        )
        return {str(found): str(slug) for found, slug in rows}

    def assets(self, slug: str) -> dict[str, bytes]:
        """Pictures and other files that came with a persona."""
        return dict(self._store.read("SELECT name, data FROM persona_assets WHERE slug = ?", (slug,)))

    def put_all(self, personas: Sequence[Persona], author: str) -> int:
        """Put those personas here whose content is not here yet; gives how many those were."""
        known = self.twins()
        new = list({persona.hash: persona for persona in personas if persona.hash not in known}.values())
        return len(self.create_all([(persona, {}) for persona in new], author))

    def update(self, slug: str, persona: Persona, base: int, author: str, *, note: str = "") -> Shelved:
        """Add a version, unless nothing has changed.

        Raises:
            Refusal: If somebody else has added one since ``base``.
        """
        with self._store.writing() as connection:
            before = self.get(slug)
            if before.version != base:
                raise Refusal(
                    409,
                    "conflict",
                    f"version {before.version} was saved meanwhile",
                    where=slug,
                    remedy="load it, and make the change there",
                    detail={"version": before.version},
                )
            persona = persona.model_copy(update={"id": before.persona.id})
            if persona_to_json(persona) == persona_to_json(before.persona):
                return before
            now = max(time.time(), before.updated + 1e-6)
            connection.execute(
                "UPDATE personas SET updated = ?, latest = ?, search = ? WHERE slug = ?",
                (now, base + 1, _search(persona), slug),
            )
            self._add(connection, slug, base + 1, persona, now, note, author)
        self._forget(slug)
        return self.get(slug)

    def delete(self, slug: str, *, keeps_versions: bool) -> None:
        """Take a persona away; its versions stay readable for those who use them."""
        self.get(slug)
        with self._store.writing() as connection:
            if keeps_versions:
                connection.execute("UPDATE personas SET deleted = ? WHERE slug = ?", (time.time(), slug))
            else:
                connection.execute("DELETE FROM persona_assets WHERE slug = ?", (slug,))
                connection.execute("DELETE FROM persona_versions WHERE slug = ?", (slug,))
                connection.execute("DELETE FROM personas WHERE slug = ?", (slug,))
        self._forget(slug)

    def versions(self, slug: str) -> list[dict[str, Any]]:
        """Every version, the newest first."""
        self.get(slug)
        rows = self._store.read(
            "SELECT version, hash, created, note, author FROM persona_versions WHERE slug = ? ORDER BY version DESC",
            (slug,),
        )
        return [dict(zip(("version", "hash", "created", "note", "author"), row, strict=True)) for row in rows]

    def free_slug(self, persona: Persona) -> str:
        """A short name that is not taken."""
        base = slug_of(persona)
        if not self._is_taken(base):
            return base
        for number in range(2, 1000):
            slug = f"{base[:59]}-{number}"
            if not self._is_taken(slug):
                return slug
        return f"{base[:50]}-{secrets.token_hex(5)}"

    def _create(
        self, connection: Any, persona: Persona, author: str, slug: str, note: str, assets: Mapping[str, bytes]
    ) -> str:
        if slug:
            if SLUG.fullmatch(slug) is None:
                raise InputError("is no short name", where="slug", remedy="use a-z, 0-9, - and _, at most 64 of them")
            if self._is_taken(slug):
                raise Refusal(409, "conflict", "this short name is taken", where=slug, remedy="choose another")
        else:
            slug = self.free_slug(persona)
        now = time.time()
        row = self._store.first("SELECT max(version) FROM persona_versions WHERE slug = ?", (slug,))
        version = 1 + (row[0] if row and row[0] else 0)  # what conversations keep of a deleted one stays as it was
        connection.execute(
            "INSERT INTO personas VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT (slug) DO UPDATE SET"
            " created = excluded.created, updated = excluded.updated, latest = excluded.latest,"
            " search = excluded.search, deleted = NULL",
            (slug, now, now, version, _search(persona)),
        )
        self._add(connection, slug, version, persona, now, note, author)
        connection.execute("DELETE FROM persona_assets WHERE slug = ?", (slug,))
        for name, data in assets.items():
            connection.execute("INSERT INTO persona_assets VALUES (?, ?, ?)", (slug, name, data))
        return slug

    def _is_taken(self, slug: str) -> bool:
        return self._store.first("SELECT 1 FROM personas WHERE slug = ? AND deleted IS NULL", (slug,)) is not None

    def _forget(self, slug: str) -> None:
        self._latest.pop(slug, None)
        for key in [key for key in self._known if key[0] == slug]:
            del self._known[key]

    @staticmethod
    def _add(connection: Any, slug: str, version: int, persona: Persona, now: float, note: str, author: str) -> None:
        content = orjson.dumps(persona_to_json(persona)).decode()
        connection.execute(
            "INSERT INTO persona_versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            (slug, version, persona.hash, content, now, note[:500], author),
        )


def slug_of(persona: Persona) -> str:
    """A short name made from a persona's own.

    Example:
        >>> slug_of(Persona(name="Zoë O'Hara"))
        'zoe-o-hara'
    """
    plain = unicodedata.normalize("NFKD", persona.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug or re.sub(r"[^a-z0-9]+", "-", persona.id.lower()).strip("-")[:60].strip("-") or "persona"


def tags_of(persona: Persona) -> list[str]:
    """Words that another tool filed the persona under."""
    for extension in (persona.extensions, *persona.extensions.values()):
        if isinstance(extension, dict):
            tags = extension.get("tags")
            if isinstance(tags, list):
                return [str(tag)[:60] for tag in tags[:20] if isinstance(tag, str)]
    return []


def _search(persona: Persona) -> str:
    words = (persona.name, persona.description, persona.demographics.occupation, *tags_of(persona))
    return "\n".join(words).lower()[:20_000]


def _escaped(word: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", word)


def read_cursor(cursor: str) -> tuple[float, str]:
    """Read a cursor of a list that is ordered by time: the time and the name of the last row before.

    Raises:
        InputError: If it is none.
    """
    if not cursor:
        return 1e18, ""
    after, _, slug = cursor.partition("~")
    try:
        return float(after), slug
    except ValueError:
        raise InputError("is none of ours", where="cursor", remedy="begin again without it") from None


def _shelved(row: tuple[Any, ...]) -> Shelved:
    slug, version, latest, content, created, updated = row
    return Shelved(slug, version, latest, read_persona(orjson.loads(content)).persona, created, updated)
