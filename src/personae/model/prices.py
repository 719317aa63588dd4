"""What a call costs, from a dated price list; an unknown price is unknown, never 0."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from personae.model.reply import Reply

_FREE = ("sim", "replay", "scripted", "ollama", "vllm", "lmstudio", "llamacpp", "hf")
_MILLION = 1_000_000


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
        """Price of a model by its full name, or by the longest listed name that it begins with, up to a hyphen.

        Example:
            >>> read_prices().find("openai/gpt-4o-mini-2024-07-18") == read_prices().find("openai/gpt-4o-mini")
            True
            >>> read_prices().find("http://localhost:8000/v1#mine") is None
            True
        """
        if name.partition("/")[0] in _FREE:
            return Price(0.0, 0.0, 0.0)
        listed = [key for key in self.models if name == key or name.startswith(key + "-")]
        return self.models[max(listed, key=len)] if listed else None


@lru_cache(maxsize=1)
def read_prices() -> PriceList:
    """Read the price list that ships with personae."""
    data = tomllib.loads((files("personae.model") / "prices.toml").read_text(encoding="utf-8"))
    return PriceList(data["as_of"], {name: Price(**price) for name, price in data["models"].items()})


def cost_of(name: str, reply: Reply) -> float | None:
    """Cost of a reply in US dollars; 0 for a cached one, ``None`` where the price is not known.

    Reasoning tokens are billed as output and are already counted there.
    """
    if reply.is_cached:
        return 0.0
    price = read_prices().find(name)
    if price is None:
        return None
    usage = reply.usage
    fresh = usage.input_tokens - usage.cached_tokens
    return (fresh * price.input + usage.cached_tokens * price.cached + usage.output_tokens * price.output) / _MILLION
