"""What the parts of a server share: one object, made when it starts and closed when it ends."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from personae.errors import PersonaeError
from personae.serve import audit, identity, keys, rating, shelf, vectors
from personae.serve.audit import Audit
from personae.serve.gateway import answered, memory
from personae.serve.gateway.answered import Answered
from personae.serve.gateway.memory import Memory
from personae.serve.gateway.target import Targets
from personae.serve.guard import Guard
from personae.serve.identity import Doorman
from personae.serve.keys import KeyRing
from personae.serve.metrics import Metrics
from personae.serve.people import hall
from personae.serve.recall import Recall
from personae.serve.settings import ServeSettings
from personae.serve.shelf import PersonaShelf
from personae.serve.store import Store
from personae.serve.taking import links
from personae.serve.talk import archive
from personae.serve.upstream import Upstream, Upstreams
from personae.serve.vectors import Vectors

_KEEPERS = (keys, identity, audit, shelf, memory, answered, archive, rating, links, hall, vectors)
SCHEMAS = tuple(one.SCHEMA for one in _KEEPERS)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that outlives a request."""

    settings: ServeSettings
    store: Store
    keys: KeyRing
    doorman: Doorman
    guard: Guard
    audit: Audit
    metrics: Metrics
    shelf: PersonaShelf
    upstreams: Upstreams
    memory: Memory
    answered: Answered
    recall: Recall
    targets: Targets

    @staticmethod
    def open(settings: ServeSettings) -> Services:
        """Open the store and what stands on it.

        Raises:
            StorageError: If the store cannot be opened.
            InputError: If a setting makes no sense.
        """
        store = Store(settings.store_file, SCHEMAS)
        ring = KeyRing(store)
        personas = PersonaShelf(store)
        options = {name: dict(pairs) for name, pairs in settings.model_options}
        upstreams = Upstreams(settings.models, options)
        trail, metrics = Audit(store), Metrics()
        embedding = None
        if settings.embedder:
            embedder = Upstream(settings.embedder, options.get(settings.embedder, {}))
            embedding = Vectors(store, embedder, ring, trail, metrics)
        return Services(
            settings=settings,
            store=store,
            keys=ring,
            doorman=Doorman(settings, store, ring),
            guard=Guard(settings),
            audit=trail,
            metrics=metrics,
            shelf=personas,
            upstreams=upstreams,
            memory=Memory(store),
            answered=Answered(store),
            recall=Recall(settings.recall_tokens, embedding),
            targets=Targets(settings, personas, upstreams),
        )

    def flush(self) -> None:
        """Write down what was counted."""
        self.keys.flush()
        self.answered.flush()
        self.audit.flush()

    async def close(self) -> None:
        """Write down what was counted, and give everything back."""
        with contextlib.suppress(PersonaeError):
            self.flush()
        await self.upstreams.aclose()
        if self.recall.vectors is not None:
            await self.recall.vectors.aclose()
        self.store.close()
