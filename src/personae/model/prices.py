"""What a call costs, from a dated price list; an unknown price is unknown, never 0."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from personae.model.reply import Reply, Usage

_FREE = ("sim", "replay", "scripted", "ollama", "vllm", "lmstudio", "llamacpp", "hf")
_MILLION = 1_000_000
BATCH_FACTOR = 0.5
"""What OpenAI and Anthropic charge for a call in a batch, as a part of the price of the same call made live."""
_SNAPSHOT = re.compile(r"-\d{4}(?:-\d\d-\d\d)?")  # -0613, -2024-07-18; "-audio" or "-16k" is another model


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: float
    cached: float
    output: float


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices by model name, and the day they were true."""

    as_of: str
    models: dict[str, Price]

    def find(self, name: str) -> Price | None:
        """Price of a model by its full name, or of a dated snapshot by the name without its date.

        Example:
            >>> read_prices().find("openai/gpt-4o-mini-2024-07-18") == read_prices().find("openai/gpt-4o-mini")
            True
            >>> read_prices().find("openai/gpt-4o-audio-preview") is None
            True
        """
        if name.partition("/")[0] in _FREE:
            return Price(0.0, 0.0, 0.0)
        if name in self.models:
            return self.models[name]
        listed = [key for key in self.models if name.startswith(key) and _SNAPSHOT.fullmatch(name[len(key) :])]
        return self.models[max(listed, key=len)] if listed else None


@lru_cache(maxsize=1)
def read_prices() -> PriceList:
    """Read the price list that ships with personae."""
    data = tomllib.loads((files("personae.model") / "prices.toml").read_text(encoding="utf-8"))
    return PriceList(data["as_of"], {name: Price(**price) for name, price in data["models"].items()})


@lru_cache(maxsize=256)
def price_of(name: str) -> Price | None:
    """Price of a model; ``None`` where it is not known.

    Example:
        >>> price_of("sim")
        Price(input=0.0, cached=0.0, output=0.0)
    """
    return read_prices().find(name)


def cost_of(name: str, reply: Reply) -> float | None:
    """Cost of a reply in US dollars; 0 for a cached one, ``None`` where the price or the tokens are not known.

    Reasoning tokens are billed as output and are already counted there. A reply that came with a batch costs half.
    """
    if reply.is_cached:
        return 0.0
    price = price_of(name)
    if price is None:
        return None
    usage = reply.usage
    if usage == Usage() and price != Price(0.0, 0.0, 0.0):
        return None  # the endpoint told no tokens; there is no call without any
    fresh = max(0, usage.input_tokens - usage.cached_tokens)
    cost = (fresh * price.input + usage.cached_tokens * price.cached + usage.output_tokens * price.output) / _MILLION
    return cost * BATCH_FACTOR if reply.is_batched else cost
