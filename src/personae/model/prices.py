"""What a call costs, from a dated price list and one of the user's; an unknown price is unknown, never 0."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from personae.errors import InputError
from personae.model.reply import Reply, Usage
from personae.settings import PRICES, read_setting

_FREE = ("sim", "replay", "scripted", "ollama", "vllm", "lmstudio", "llamacpp", "hf")
_MILLION = 1_000_000
BATCH_FACTOR = 0.5
"""What OpenAI and Anthropic charge for a call in a batch, as a part of the price of the same call made live."""
_SNAPSHOT = re.compile(r"-\d{4}(?:-\d\d-\d\d)?")  # -0613, -2024-07-18; "-audio" or "-16k" is another model


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, and the bounds that the model itself has."""

    input: float
    cached: float
    output: float
    window: int | None = None
    """Tokens of prompt and reply together; ``None`` where it is not known."""
    most_output: int | None = None
    """Tokens of a reply, reasoning included; ``None`` where it is not known."""

    @property
    def is_free(self) -> bool:
        """Whether every call costs nothing."""
        return not (self.input or self.cached or self.output)


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
        if name in self.models:
            return self.models[name]
        if name.partition("/")[0] in _FREE:
            return Price(0.0, 0.0, 0.0)
        listed = [key for key in self.models if name.startswith(key) and _SNAPSHOT.fullmatch(name[len(key) :])]
        return self.models[max(listed, key=len)] if listed else None


@lru_cache(maxsize=1)
def read_prices() -> PriceList:
    """Read the price list that ships with personae, and the one that ``PERSONAE_PRICES`` names, whose word holds.

    Raises:
        InputError: If the latter cannot be read, or is no price list.
    """
    data = tomllib.loads((files("personae.model") / "prices.toml").read_text(encoding="utf-8"))
    shipped = PriceList(data["as_of"], {name: Price(**price) for name, price in data["models"].items()})
    chosen = read_setting(PRICES)
    return shipped if chosen is None else PriceList(shipped.as_of, shipped.models | read_own_prices(Path(chosen)))


def read_own_prices(path: Path) -> dict[str, Price]:
    """Read a price list of the user's: TOML, a table ``models`` with a row a model.

    ``input`` and ``output`` have to be there, ``cached`` is ``input`` where it is not told; ``window`` and
    ``most_output`` are bounds in tokens::

        [models]
        "anthropic/claude-x" = { input = 3.00, cached = 0.30, output = 15.00, window = 200000, most_output = 64000 }
        "http://gpu:8000/v1#llama" = { input = 0.10, output = 0.10 }

    Raises:
        InputError: If it cannot be read, or a row is none.
    """
    where = str(path)
    try:
        data = tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"is no price list ({error})", where=where, remedy="write TOML, see docs/models.md") from None
    rows = data.get("models")
    if not isinstance(rows, dict) or not rows:
        raise InputError("has no table of models", where=where, remedy="begin it with [models], see docs/models.md")
    return {name: _own_price(name, row, where) for name, row in rows.items()}


def _own_price(name: str, row: Any, where: str) -> Price:
    known = ("input", "cached", "output", "window", "most_output")
    fault = ""
    if not isinstance(row, dict) or not {"input", "output"} <= row.keys():
        fault = "needs input and output"
    elif row.keys() - set(known):
        fault = f"has {min(row.keys() - set(known))!r}, which is not known"
    elif not all(_is_dollars(row[key]) for key in known[:3] if key in row):
        fault = "has a price that is no number from 0 on"
    elif not all(type(row[key]) is int and 0 < row[key] < 10**9 for key in known[3:] if key in row):
        fault = "has a bound that is no whole number above 0"
    if fault:
        remedy = f"write {name!r} = {{ input = 2.50, cached = 1.25, output = 10.00 }}, dollars a million tokens"
        raise InputError(f"{name} {fault}", where=where, remedy=remedy)
    return Price(
        float(row["input"]), float(row.get("cached", row["input"])), float(row["output"]),
        row.get("window"), row.get("most_output"),
    )  # fmt: skip


def _is_dollars(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


@lru_cache(maxsize=256)
def price_of(name: str) -> Price | None:
    """Price of a model; ``None`` where it is not known.

    Example:
        >>> price_of("sim")
        Price(input=0.0, cached=0.0, output=0.0, window=None, most_output=None)
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
    if usage == Usage() and not price.is_free:
        return None  # the endpoint told no tokens; there is no call without any
    fresh = max(0, usage.input_tokens - usage.cached_tokens)
    cost = (fresh * price.input + usage.cached_tokens * price.cached + usage.output_tokens * price.output) / _MILLION
    return cost * BATCH_FACTOR if reply.is_batched else cost
