"""A model that answers from a script, for tests and examples of code that asks models."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from personae.model.failure import ProviderError
from personae.model.reply import Reply, Usage
from personae.model.request import Request

Line = str | Reply | Exception
"""One scripted answer: a text, a whole reply, or an error to raise."""


class ScriptedModel:
    """Gives the scripted answers in order, or what a function makes of each request; remembers what it was asked.

    Example:
        >>> import asyncio
        >>> model = ScriptedModel(["Good morning.", "Good night."])
        >>> asyncio.run(model.generate(Request.of("Hello"))).text
        'Good morning.'
        >>> model.requests[0].messages[-1].content
        'Hello'
    """

    def __init__(self, script: Iterable[Line] | Callable[[Request], Line], *, name: str = "scripted") -> None:
        self.name = name
        self.requests: list[Request] = []
        self._answer = script if callable(script) else None
        self._lines = iter(()) if callable(script) else iter(script)

    async def generate(self, request: Request) -> Reply:
        """Give the next scripted answer.

        Raises:
            ProviderError: ``not_recorded`` when the script has ended.
        """
        self.requests.append(request)
        line = self._answer(request) if self._answer is not None else next(self._lines, None)
        if line is None:
            raise ProviderError("not_recorded", f"the script ended before call {len(self.requests)}", model=self.name)
        if isinstance(line, Exception):
            raise line
        if isinstance(line, Reply):
            return line
        words = sum(len(message.content.split()) for message in request.messages)
        return Reply(line, model=self.name, usage=Usage(words, len(line.split())))
