"""Calls as every ledger keeps them: which one it is, what was answered, what it took."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from personae.canonical import canonical_json
from personae.model import Reply, Request, request_key


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call as the ledger keeps it."""

    cell: str
    role: str
    model: str
    request: Request
    reply: Reply | None
    error: str


@dataclass(frozen=True, slots=True)
class UncachedCall:
    """A call that an endpoint was asked, as it had no answer in the response cache."""

    call: RecordedCall
    before: Reply | str | None
    """What the same call had been answered when it was made before in this run, or why it failed."""
    finished: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What calls of one role, model or level of a factor took."""

    name: str
    calls: int
    from_cache: int
    failed: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cost: float
    """US dollars, as far as prices are known."""
    unpriced: int
    """Calls whose cost is not known."""


def call_key(role: str, identity: str, request: Request) -> str:
    """Identity of a call within its cell."""
    return hashlib.sha256(b'%b%b"]' % (_before(role, identity), request_key(request).encode())).hexdigest()


@lru_cache(maxsize=256)
def _before(role: str, identity: str) -> bytes:
    """What stands before the key of the request in the canonical spelling of all three."""
    return canonical_json([role, identity, ""])[:-2]
