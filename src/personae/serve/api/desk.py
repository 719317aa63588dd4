"""What the studio's pages work with, beside what the gateway has too."""

from __future__ import annotations

from dataclasses import dataclass

from personae.persona import RENDERERS
from personae.serve.faults import Refusal
from personae.serve.people.hall import Halls
from personae.serve.rating import Board
from personae.serve.running import CellIndex, PaidRuns, Runs, Spendings
from personae.serve.services import Services
from personae.serve.taking.links import Links
from personae.serve.taking.people import HumanAnswers
from personae.serve.talk.answering import Answering
from personae.serve.talk.archive import Archive


@dataclass(frozen=True, slots=True)
class Desk:
    """The studio's own parts."""

    services: Services
    archive: Archive
    answering: Answering
    board: Board
    links: Links
    people: HumanAnswers
    halls: Halls
    runs: Runs
    paid: PaidRuns
    cells: CellIndex
    spendings: Spendings

    @staticmethod
    def open(services: Services) -> Desk:
        """Open them."""
        archive = Archive(services.store)
        runs = Runs(services.settings.runs)
        return Desk(
            services=services,
            archive=archive,
            answering=Answering(services, archive),
            board=Board(services.store),
            links=Links(services.store),
            people=HumanAnswers(services.settings.runs),
            halls=Halls(services.store),
            runs=runs,
            paid=PaidRuns(runs, services.keys),
            cells=CellIndex(),
            spendings=Spendings(),
        )

    async def start(self) -> None:
        """Take up what an earlier server left."""
        self.archive.stop_what_was_left()

    async def close(self) -> None:
        """Leave things in order."""
        await self.answering.close()
        self.people.close()
        await self.runs.close()
        await self.paid.settled()

    def uses_of(self, slug: str, user: str) -> tuple[list[dict[str, str]], int]:
        """What uses a persona: the user's own things, and how many of others."""
        found = self.archive.using(slug)
        own = [{"kind": "conversation", "id": id, "title": title} for owner, id, title in found if owner == user]
        return own, len(found) - len(own)

    def check_renderer(self, key: str) -> None:
        """Refuse a renderer that is not known.

        Raises:
            Refusal: If it is not.
        """
        if key not in RENDERERS:
            known = ", ".join(RENDERERS)
            raise Refusal(422, "input", f"no renderer is called {key!r}", where="renderer", remedy=f"known are {known}")
