"""What the studio's pages work with, beside what the gateway has too."""

from __future__ import annotations

from dataclasses import dataclass

from personae.serve.services import Services


@dataclass(frozen=True, slots=True)
class Desk:
    """The studio's own parts."""

    services: Services

    @staticmethod
    def open(services: Services) -> Desk:
        """Open them."""
        return Desk(services)

    async def start(self) -> None:
        """Take up what an earlier server left."""

    async def close(self) -> None:
        """Leave things in order."""
