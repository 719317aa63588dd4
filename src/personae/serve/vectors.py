"""Vectors of texts, made by an embedding model of the configuration and kept, so that a text is sent to it once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from personae.errors import InputError
from personae.model import Embeds, ProviderError, identity_of, price_of
from personae.persona.formats.scanning import estimate_tokens
from personae.serve.audit import Audit
from personae.serve.identity import Caller
from personae.serve.keys import KeyRing
from personae.serve.metrics import Metrics
from personae.serve.store import Store
from personae.serve.upstream import Upstream

SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, text TEXT NOT NULL,  -- hash of the text
    vector BLOB NOT NULL,                     -- float32, of length 1
    PRIMARY KEY (model, text)
) WITHOUT ROWID;
"""

_BATCH = 64


class Vectors:
    """An embedding model, and the vectors that it has made.

    Args:
        store: Where they are kept.
        upstream: The model.
        ring: Whose keys pay for it.
        audit: Where its use is written down.
        metrics: Where its tokens are counted.

    Raises:
        InputError: If it makes no embeddings.
    """

    def __init__(self, store: Store, upstream: Upstream, ring: KeyRing, audit: Audit, metrics: Metrics) -> None:
        if not isinstance(upstream.model, Embeds):
            raise InputError(
                "makes no embeddings", where=f"--embedder {upstream.name}", remedy="name an endpoint, or leave it out"
            )
        self.name = upstream.name
        self._upstream = upstream
        self._model = upstream.model
        self._store = store
        self._identity = identity_of(upstream.model)
        self._ring, self._audit, self._metrics = ring, audit, metrics

    async def closeness(self, question: str, texts: Sequence[str], caller: Caller | None = None) -> list[float]:
        """Cosine of a question and each text.

        Raises:
            ProviderError: If the model gave no vectors, or the caller's budget cannot be kept with it.
        """
        vectors = await self._of(texts, caller)
        (asked,) = await self._made([question], caller)
        if asked.shape[0] != vectors.shape[1]:
            raise ProviderError("bad_reply", "vectors are of different lengths", model=self.name)
        return [float(one) for one in vectors @ asked]

    async def aclose(self) -> None:
        """Give back connections."""
        await self._upstream.aclose()

    async def _of(self, texts: Sequence[str], caller: Caller | None) -> NDArray[np.float32]:
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
        known = self._read(keys)
        missing = [place for place, key in enumerate(keys) if key not in known]
        for at in range(0, len(missing), _BATCH):
            places = missing[at : at + _BATCH]
            made = await self._made([texts[place] for place in places], caller)
            with self._store.writing() as connection:
                for place, vector in zip(places, made, strict=True):
                    known[keys[place]] = vector
                    row = (self._identity, keys[place], vector.tobytes())
                    connection.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", row)
        return np.stack([known[key] for key in keys])

    def _read(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        for at in range(0, len(keys), 500):
            some = keys[at : at + 500]
            marks = ", ".join("?" * len(some))
            rows = self._store.read(
                f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({marks})", (self._identity, *some)
            )
            found |= {str(key): np.frombuffer(blob, dtype=np.float32) for key, blob in rows}
        return found

    async def _made(self, texts: Sequence[str], caller: Caller | None) -> list[NDArray[np.float32]]:
        key = caller.key if caller is not None else None
        price = price_of(self.name)
        if key is not None and key.budget is not None and price is None:
            raise ProviderError("unsupported", "its price is not known, and the key has a budget", model=self.name)
        letters = sum(len(text.encode("utf-8", "replace")) for text in texts)
        dollars = 0.0 if price is None else letters * price.input / 1e6
        if key is not None:
            self._ring.hold(key, dollars)
        try:
            rows = await self._model.embed(texts)
        finally:
            if key is not None and key.budget is not None:
                self._ring.release(key, dollars)
        made = []
        for row in rows:
            vector = np.asarray(row, dtype=np.float32)
            size = float(np.linalg.norm(vector))
            if vector.ndim != 1 or not vector.size or not np.isfinite(size):
                raise ProviderError("bad_reply", "a vector is empty or not finite", model=self.name)
            made.append(vector / size if size else vector)
        if len({one.shape for one in made}) > 1:
            raise ProviderError("bad_reply", "vectors are of different lengths", model=self.name)
        self._count(texts, caller)
        return made

    def _count(self, texts: Sequence[str], caller: Caller | None) -> None:
        """Write down what was sent; endpoints tell no usage of embeddings, so that four letters are a token."""
        if caller is None:
            return
        tokens = sum(map(estimate_tokens, texts))
        price = price_of(self.name)
        cost = None if price is None else tokens * price.input / 1e6
        self._metrics.count_usage(self.name, tokens, 0, cost)
        if caller.key is not None:
            self._ring.spend(caller.key, self.name, tokens, 0, cost)
        self._audit.note_soon(caller.user, "recall.embeddings", self.name, f"{tokens}+0 tokens")
