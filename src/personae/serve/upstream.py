"""The models that the server may ask: those of its configuration, opened when they are first asked."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from personae.errors import InputError
from personae.model import Model, OpenAICompatible, Remote, is_endpoint, open_client, open_model
from personae.serve.faults import Refusal


class Upstream:
    """One model. ``client`` is there if it speaks chat completions, so that requests can be passed on as they are."""

    def __init__(self, name: str, options: Mapping[str, str]) -> None:
        self.name = name
        self.client: OpenAICompatible | None = None
        self.model: Model
        if is_endpoint(name):
            client = open_client(name, {key: value for key, value in options.items() if key not in _OF_RUNS})
            client.may_be_left = True
            self.model = client
            self.client = client if isinstance(client, OpenAICompatible) else None
        else:
            self.model = open_model(name, options)

    @property
    def is_simulated(self) -> bool:
        """Whether the simulated respondent answers."""
        return self.name.partition("/")[0] == "sim"

    async def aclose(self) -> None:
        """Give back connections."""
        if isinstance(self.model, Remote):
            with contextlib.suppress(Exception):
                await self.model.aclose()


_OF_RUNS = ("attempts", "deadline", "rpm", "tpm", "max_concurrency", "batch", "batch_wait", "batch_size", "poll")
"""Options of wrappers that runs have around a client. Somebody who chats decides himself whether to ask again."""


class Upstreams:
    """The models by name; a client can name no other."""

    def __init__(self, names: tuple[str, ...], options: Mapping[str, Mapping[str, str]]) -> None:
        if not names:
            raise InputError("no model is configured", where="--model", remedy="name one, such as sim")
        self.names = names
        self.options = options
        self._open: dict[str, Upstream] = {}

    @property
    def default(self) -> str:
        """The model that answers when none is named."""
        return self.names[0]

    def get(self, name: str = "") -> Upstream:
        """The model of this name, else the default.

        Raises:
            Refusal: If it is none of the configuration.
            ModelError: If it cannot be opened.
        """
        name = name or self.default
        found = self._open.get(name)
        if found is None:
            if name not in self.names:
                raise Refusal(
                    404,
                    "model_not_found",
                    f"the model {name[:200]!r} is not served here",
                    where="model",
                    remedy=f"served are {', '.join(self.names)}",
                )
            found = self._open[name] = Upstream(name, self.options.get(name, {}))
        return found

    async def aclose(self) -> None:
        """Give back all connections."""
        for one in self._open.values():
            await one.aclose()
