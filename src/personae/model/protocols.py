"""What a model can do, as narrow protocols: whoever satisfies one may be put in place of any other that does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol, runtime_checkable

from personae.model.reply import Reply
from personae.model.request import Request


class Model(Protocol):
    """Answers a request. Everything that is asked of language models in personae goes through this one method."""

    @property
    def name(self) -> str:
        """Name that finds the model: ``openai/gpt-4o-mini``, ``ollama/qwen3``, ``sim``, ``replay/<folder>``."""
        ...

    async def generate(self, request: Request) -> Reply:
        """Answer one request.

        Raises:
            ProviderError: If no answer could be had.
        """
        ...


@runtime_checkable
class Scores(Protocol):
    """Tells the log-probability of each closed choice, instead of picking one."""

    async def score(self, request: Request) -> dict[str, float]:
        """Score ``request.choices`` (natural logarithm); a choice that the endpoint does not report is left out.

        Raises:
            ProviderError: If no answer could be had, or the endpoint reports no log-probabilities.
        """
        ...


@runtime_checkable
class Streams(Protocol):
    """Answers piece by piece."""

    def stream(self, request: Request) -> AsyncIterator[str | Reply]:
        """Yield pieces of text as they arrive and, last, the whole reply with its usage."""
        ...


@runtime_checkable
class Embeds(Protocol):
    """Turns texts into vectors."""

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts, one vector a text, in their order."""
        ...


@runtime_checkable
class Identified(Protocol):
    """Has options that change its answers, so that its name alone does not tell it apart."""

    @property
    def identity(self) -> str:
        """Endpoint, model and answer-changing options in one line, part of every cache key; never an API key."""
        ...


@runtime_checkable
class Remote(Protocol):
    """Answers from an endpoint, over connections that have to be checked and given back."""

    async def check(self) -> None:
        """Find out cheaply whether the endpoint can be reached with this key.

        Raises:
            ProviderError: If it cannot.
        """
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...


def identity_of(model: Model) -> str:
    """What tells a model apart in keys and fingerprints: its identity if it has one, else its name."""
    return getattr(model, "identity", model.name)  # asked of every call: isinstance of a protocol costs 20 times more
