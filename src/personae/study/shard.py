"""A run in parts: every part takes the cells whose keys fall to it, and needs to know nothing of the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from personae.errors import ConflictError, InputError
from personae.study.cell import Cell
from personae.study.folder import RunFolder, read_record
from personae.study.ledger import Ledger
from personae.study.stores import refuse_database


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a run.

    Which cells it takes follows from their keys alone: no coordinator, no overlap, nothing left out, and the same cells
    on every machine. The parts are of nearly the same size, as keys are spread evenly.

    Example:
        >>> shards = [Shard(number, 3) for number in (1, 2, 3)]
        >>> [sum(shard.takes(Cell({"person": person})) for shard in shards) for person in range(4)]
        [1, 1, 1, 1]
    """

    number: int
    """From 1 to ``of``."""
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise InputError(f"there is no part {self.number} of {self.of}", where="shard", remedy="write 1/4 to 4/4")

    @staticmethod
    def read(text: str) -> Shard:
        """Read ``2/8``.

        Raises:
            InputError: If it is no part of a whole.
        """
        match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
        if match is None:
            raise InputError(f"{text!r} is no part of a whole", where="shard", remedy="write 1/4 to 4/4")
        return Shard(int(match[1]), int(match[2]))

    def takes(self, cell: Cell) -> bool:
        """Whether the cell falls to this part."""
        return int(cell.key[:16], 16) % self.of == self.number - 1


def merge_runs(target: Path, sources: Sequence[Path]) -> int:
    """Bring the calls and observations of several parts of one run together in one folder.

    What is there already stays and is not doubled, so that merging may be repeated while parts still run.

    Args:
        target: Folder of the whole; made if it is not there.
        sources: Folders of the parts.

    Returns:
        How many cells the target holds now.

    Raises:
        ConflictError: If the folders do not hold the same run.
        InputError: If a folder holds no run, or the target is one of the parts.
    """
    if not sources:
        raise InputError("no parts were named", where="merge", remedy="name the folders of the parts")
    records = [read_record(source) for source in sources]
    for source, record in zip(sources, records, strict=True):
        if source.resolve() == target.resolve():
            raise InputError("is the target and a part of it", where=str(source), remedy="name another target")
        if record["fingerprint"] != records[0]["fingerprint"]:
            raise ConflictError(
                f"holds another run than {sources[0]}", where=str(source), remedy="merge parts of one run only"
            )
    for source in sources:
        remedy = "workers that share a ledger need no merging: personae run report shows the whole"
        refuse_database(RunFolder(source), "parts are merged from files", remedy)
    with RunFolder(target) as folder:
        own = {name: value for name, value in records[0].items() if name not in ("schema_version", "fingerprint")}
        folder.claim({**own, "shard": ""})
        ledger = Ledger(folder.ledger_file)
        try:
            for source in sources:
                ledger.take_over(RunFolder(source).ledger_file)
            return sum(ledger.count_statuses().values())
        finally:
            ledger.close()
