"""Why a call was not answered from the cache: what tells it apart from the nearest reply that was kept."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

import apsw
import orjson

from personae.canonical import canonical_json
from personae.model.cache import cache_key, is_worth_keeping
from personae.model.cache_contents import Identity, opened
from personae.model.reply import Reply, reply_from_json
from personae.model.request import Request, Sampling, request_from_json

MOST_LOOKED_AT = 1_000_000
"""Entries that are looked through, the latest first; once, however many calls are explained."""

_MOST_CANDIDATES = 50
"""Entries that are compared field by field with each call."""
_MOST_OF_IDENTITY = 1000
"""Entries of the same identity that are considered where no other asks the same."""
_CONTEXT = 24
"""Letters that are shown around the place where two texts begin to differ."""

Reason = Literal["cached", "not kept", "differs", "unlike"]
"""``cached``: the same request has a reply. ``not kept``: it was asked before, and its reply was not worth keeping.
``differs``: the nearest entry differs in some fields. ``unlike``: nothing like it is cached."""

_WANTED = """
CREATE TEMP TABLE wanted (
    number INTEGER PRIMARY KEY, last TEXT, key TEXT, identity TEXT, until REAL, messages TEXT, first TEXT,
    sampling TEXT, schema TEXT, choices TEXT, replicate INTEGER
);
CREATE INDEX temp.by_last ON wanted (last);
"""

_SAME_QUESTION = """
SELECT wanted.number, replies.rowid,
    3 * (replies.identity = wanted.identity) + 3 * (request -> '$.messages' = wanted.messages)
    + (request ->> '$.messages[0].content' = wanted.first) + (request -> '$.sampling' = wanted.sampling)
    + (request -> '$.schema' = wanted.schema) + (request -> '$.choices' = wanted.choices)
    + (request ->> '$.replicate' = wanted.replicate)
FROM replies CROSS JOIN wanted ON wanted.last = request ->> '$.messages[#-1].content'
WHERE replies.rowid > (SELECT coalesce(max(rowid), 0) FROM replies) - ? AND created <= wanted.until
    AND replies.key <> wanted.key
"""

_SAME_IDENTITY = """
SELECT identity, request FROM replies
WHERE identity = ? AND created <= ? AND key <> ? AND rowid > (SELECT coalesce(max(rowid), 0) FROM replies) - ?
ORDER BY rowid DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Miss:
    """A call that was not answered from the cache, or might not be."""

    identity: str
    request: Request
    reply: Reply | None = None
    """What it was answered, if it was made and answered."""
    before: Reply | str | None = None
    """What the same call was answered when it was made before, or why it failed."""
    until: float = float("inf")
    """When it was over, in seconds since 1970: what was kept later explains nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which a call differs from an entry."""

    field: str
    wanted: str
    kept: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a call was not answered from the cache."""

    reason: Reason
    differences: tuple[Difference, ...] = ()
    """Against the nearest entry, if ``reason`` is ``differs``."""
    detail: str = ""
    not_kept: str = ""
    """Why the reply of the call itself is not in the cache either, if it is not worth keeping."""

    def __str__(self) -> str:
        if self.reason == "differs":
            return "; ".join(f"{one.field}: {one.wanted} (cached: {one.kept})" for one in self.differences)
        return self.detail


def explain_misses(path: Path, misses: Sequence[Miss]) -> list[Explanation]:
    """Say of each call why the cache had no answer, one explanation a call.

    The nearest entry is the one with the most equal fields among those with the same last message; if there are none,
    among the latest thousand of the same identity. One pass over the latest ``MOST_LOOKED_AT`` entries serves all
    calls; of those that ask the same, the 50 most alike are compared with each call field by field.

    Raises:
        InputError: If there is no cache.
        StorageError: If it cannot be read.
    """
    with opened(path) as connection:
        found = [_explain_same(connection, miss) for miss in misses]
        open_ones = [number for number, explanation in enumerate(found) if explanation is None]
        alike = _find_alike(connection, {number: misses[number] for number in open_ones})
        for number in open_ones:
            miss = misses[number]
            entries = alike.get(number) or _of_identity(connection, miss)
            found[number] = _nearest(miss, entries)
    return [
        explanation if miss.until == float("inf") else replace(explanation, not_kept=why_not_kept(miss.reply))
        for miss, explanation in zip(misses, found, strict=True)
        if explanation is not None
    ]


def why_not_kept(reply: Reply | str | None) -> str:
    """Why a reply is not in a cache; empty if it is worth keeping.

    Args:
        reply: The reply, or why there is none.

    Example:
        >>> why_not_kept(Reply("Half an ans", finish="length"))
        'truncated'
        >>> why_not_kept(Reply("Whole"))
        ''
    """
    if not isinstance(reply, Reply):
        return "failed"
    if is_worth_keeping(reply):
        return ""
    return {"length": "truncated", "filtered": "filtered"}.get(reply.finish, "empty")


def differences_between(wanted: tuple[str, Request], kept: tuple[str, Request]) -> tuple[Difference, ...]:
    """Name every field in which two calls differ: identity, messages, sampling, schema, choices, replicate.

    Example:
        >>> one, other = Request.of("How are you?"), Request.of("How are they?")
        >>> [str(found.field) for found in differences_between(("m", one), ("m", other))]
        ['messages[0]']
    """
    found: list[Difference] = []
    (identity, request), (other_identity, other) = wanted, kept
    if identity != other_identity:
        found += _of_values("identity.", _parts(identity), _parts(other_identity))
    for index, (message, kept_message) in enumerate(zip_longest(request.messages, other.messages)):
        place = f"messages[{index}]"
        if message is None or kept_message is None:
            shown = [_short("none" if one is None else f"{one.role}: {one.content}") for one in (message, kept_message)]
            found.append(Difference(place, *shown))
        elif message.role != kept_message.role:
            found.append(Difference(f"{place}.role", message.role, kept_message.role))
        elif message.content != kept_message.content:
            found.append(Difference(place, *_around(message.content, kept_message.content)))
    names = [field.name for field in fields(Sampling)]
    found += _of_values(
        "sampling.",
        {name: getattr(request.sampling, name) for name in names},
        {name: getattr(other.sampling, name) for name in names},
    )
    for name in ("schema", "choices", "replicate"):
        one, kept_one = canonical_json(getattr(request, name)).decode(), canonical_json(getattr(other, name)).decode()
        if one != kept_one:
            found.append(Difference(name, *_around(one, kept_one)))
    return tuple(found)


def _parts(identity: str) -> dict[str, Any]:
    parts = Identity.read(identity)
    return {"base_url": parts.base_url, "model": parts.model, "options": parts.options}


def _of_values(prefix: str, wanted: Mapping[str, Any], kept: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(prefix + name, _short(_shown(value)), _short(_shown(kept[name])))
        for name, value in wanted.items()
        if value != kept[name]
    ]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) and value else canonical_json(value).decode()


def _short(text: str) -> str:
    return text if len(text) <= 3 * _CONTEXT else text[: 3 * _CONTEXT] + "..."


def _around(one: str, other: str) -> tuple[str, str]:
    """Two texts from shortly before the first place where they differ, and where that is."""
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, place - _CONTEXT)

    def piece(text: str) -> str:
        end = place + _CONTEXT
        return f"{'...' if start else ''}{text[start:end]}{'...' if end < len(text) else ''}"

    return f"{piece(one)!r} at letter {place + 1}", repr(piece(other))


def _explain_same(connection: apsw.Connection, miss: Miss) -> Explanation | None:
    key = cache_key(miss.identity, miss.request)
    rows = list(connection.execute("SELECT reply, created FROM replies WHERE key = ?", (key,)))
    if rows and miss.reply is None and miss.until == float("inf"):
        return Explanation("cached", detail="it is cached")
    if rows and rows[0][1] <= miss.until:
        kept = reply_from_json(orjson.loads(rows[0][0]))
        if miss.reply is None or kept != miss.reply:
            return Explanation(
                "cached",
                detail="the same request has a reply: the run did not look (--no-cache, another cache folder), or"
                " asked it twice at the same time",
            )
    if miss.before is not None and (fault := why_not_kept(miss.before)):
        return Explanation("not kept", detail=f"it was asked before, and the reply was not kept: {fault}")
    return None


def _find_alike(connection: apsw.Connection, misses: Mapping[int, Miss]) -> dict[int, list[tuple[str, Request]]]:
    """Entries with the same last message, the most alike of them, by the number of the call."""
    rows = [_wanted(number, miss) for number, miss in misses.items() if miss.request.messages]
    if not rows:
        return {}
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(_WANTED)
    connection.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    best: dict[int, list[tuple[int, int]]] = {}
    for number, rowid, score in connection.execute(_SAME_QUESTION, (MOST_LOOKED_AT,)):
        heap = best.setdefault(number, [])
        if len(heap) < _MOST_CANDIDATES:
            heapq.heappush(heap, (score or 0, rowid))
        else:
            heapq.heappushpop(heap, (score or 0, rowid))
    return {number: _load(connection, [rowid for _, rowid in heap]) for number, heap in best.items()}


def _wanted(number: int, miss: Miss) -> tuple[Any, ...]:
    plain = orjson.loads(miss.request.spelling)
    parts = [orjson.dumps(plain[name]).decode() for name in ("messages", "sampling", "schema", "choices")]
    spelled, sampling, schema, choices = parts
    texts = [message.content for message in miss.request.messages]
    key = cache_key(miss.identity, miss.request)
    until = min(miss.until, 1e300)
    replicate = miss.request.replicate
    return (number, texts[-1], key, miss.identity, until, spelled, texts[0], sampling, schema, choices, replicate)


def _load(connection: apsw.Connection, rowids: Iterable[int]) -> list[tuple[str, Request]]:
    asked = "SELECT identity, request FROM replies WHERE rowid = ?"
    return [_entry(row) for rowid in rowids for row in connection.execute(asked, (rowid,))]


def _of_identity(connection: apsw.Connection, miss: Miss) -> list[tuple[str, Request]]:
    key = cache_key(miss.identity, miss.request)
    values = (miss.identity, min(miss.until, 1e300), key, MOST_LOOKED_AT, _MOST_OF_IDENTITY)
    return [_entry(row) for row in connection.execute(_SAME_IDENTITY, values)]


def _entry(row: tuple[Any, ...]) -> tuple[str, Request]:
    return row[0], request_from_json(orjson.loads(row[1]))


def _nearest(miss: Miss, entries: Iterable[tuple[str, Request]]) -> Explanation:
    wanted = (miss.identity, miss.request)
    found = min((differences_between(wanted, entry) for entry in entries), key=_distance, default=())
    if not found:
        return Explanation("unlike", detail="nothing like it is cached")
    return Explanation("differs", found)


def _distance(found: Sequence[Difference]) -> tuple[int, int]:
    """How far an entry is: by its differences, and among equals by those in what was asked of whom."""
    return len(found), sum(one.field.startswith(("messages", "identity")) for one in found)
