"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names under which only this machine reaches the server."""

MOST_UPLOAD = 20_000_000
"""Bytes of an uploaded file."""

MOST_BODY = 16_000_000
"""Bytes of any other request: a long conversation, not a library."""

LEAST_RECALL_TOKENS = 250
"""Tokens that the longest passage of a memory takes with the words around it."""

MOST_MESSAGE = 100_000
"""Characters of one message of a chat."""


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where the server keeps things, which models it may ask, and who may ask it.

    Nothing that a client sends names a file or an address: folders, models and their endpoints are those given here.
    """

    folder: Path
    """Holds ``studio.sqlite``: personas, conversations, keys, links, ratings."""
    runs: Path
    """Holds the run folders."""
    models: tuple[str, ...] = ("sim",)
    """Models that may be asked, the default first."""
    host: str = "127.0.0.1"
    port: int = 8420
    needs_key: bool = False
    """Whether every request needs an API key; always so where others than this machine reach the server."""
    hosts: tuple[str, ...] = ()
    """Further host names that requests may be addressed to, as seen by a browser."""
    origins: tuple[str, ...] = ()
    """Origins of other web pages that may use the gateway from a browser."""
    overrides: frozenset[str] = field(default=frozenset({"model", "sampling"}))
    """What a request may change about a persona that names its own: the model, the sampling."""
    confirm_above: float = 1.0
    """US dollars from which on a run has to be confirmed."""
    embedder: str = ""
    """Model that finds what a persona remembers for a reply; without one it is found by words."""
    recall_tokens: int = 800
    """Tokens that memories and knowledge may take in a prompt; 0 for no bound."""
    model_options: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Options of models, as ``-M`` sets them."""

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK

    @property
    def known_models(self) -> dict[str, dict[str, str]]:
        """Models that may be asked, with their options."""
        options = {name: dict(pairs) for name, pairs in self.model_options}
        return {name: options.get(name, {}) for name in self.models}

    @property
    def store_file(self) -> Path:
        """The file that everything but runs is kept in."""
        return self.folder / "studio.sqlite"
