"""``parrot/<bird>``: models that repeat the last thing they were told."""

from __future__ import annotations

from collections.abc import Mapping

from personae.errors import InputError
from personae.model import Model, Reply, Request, Usage


class Parrot:
    """Repeats what it hears, as often as it was taught to."""

    def __init__(self, name: str, times: int) -> None:
        self.name = name
        self.times = times

    @property
    def identity(self) -> str:
        """Name and option: the option changes the answer, so it belongs into keys and fingerprints."""
        return f"{self.name}#{self.times}"

    async def generate(self, request: Request) -> Reply:
        """Repeat the last message."""
        words = request.messages[-1].content
        return Reply(" ".join([words] * self.times), model=self.name, usage=Usage(len(words), self.times * len(words)))


def open_parrot(name: str, options: Mapping[str, str]) -> Model:
    """Make the model of this name; the entry point of the package."""
    unknown = set(options) - {"times"}
    if unknown:
        raise InputError(f"the option {min(unknown)!r} is not known", where=name, remedy="known is times")
    return Parrot(name, int(options.get("times", "1")))
