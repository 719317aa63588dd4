"""The loss report: what a format could not hold, found by reading back what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from personae.persona.files import persona_to_json
from personae.persona.formats.pointers import leaves
from personae.persona.persona import Persona

Fate = Literal["dropped", "changed", "worded", "carried", "invented", "withheld"]
"""``dropped``: not in the file. ``changed``: in the file, in other words or coarser. ``worded``: a text of the file
says in words what was in fields. ``carried``: in the file, where only personae looks for it. ``invented``: in the file,
and not in the persona. ``withheld``: left out because of consent or licence."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of one field of one persona."""

    persona: str
    path: str
    """JSON pointer into the persona."""
    fate: Fate
    note: str = ""


@dataclass(frozen=True, slots=True)
class LossReport:
    """What became of the fields that did not arrive as they were."""

    format: str
    personas: int
    losses: tuple[Loss, ...] = ()

    def paths(self, fate: Fate) -> tuple[str, ...]:
        """Fields that met this fate, each once."""
        return tuple(dict.fromkeys(loss.path for loss in self.losses if loss.fate == fate))

    @property
    def is_complete(self) -> bool:
        """Whether everything arrived, even if some of it only personae sees."""
        return all(loss.fate == "carried" for loss in self.losses)

    def lines(self) -> list[str]:
        """One line a field for readers, with the number of personas it happened to."""
        counted = Counter((loss.path, loss.fate, loss.note) for loss in self.losses)
        return [
            f"{path.removeprefix('/').replace('/', '.')}: {fate}"
            + (f" ({note})" if note else "")
            + (f", {count} of {self.personas} personas" if self.personas > 1 else "")
            for (path, fate, note), count in counted.items()
        ]

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "format": self.format,
            "personas": self.personas,
            "is_complete": self.is_complete,
            "losses": [
                {"persona": loss.persona, "path": loss.path, "fate": loss.fate, "note": loss.note}
                for loss in self.losses
            ],
        }


def compare(sent: Persona, arrived: Persona, *, slot: str, carried: Sequence[str] = ()) -> list[Loss]:
    """What became of each field, given the persona that was written and the one that is read from the file.

    Args:
        sent: The persona before.
        arrived: The persona that the written file gives.
        slot: Key under ``extensions`` that holds the foreign original; it is no content of ours.
        carried: Places that arrived only because personae looks for them.
    """
    before, after = _told(sent, slot), _told(arrived, slot)
    losses = []
    for path, value in before.items():
        if path not in after:
            losses.append(Loss(sent.id, path, "dropped"))
        elif after[path] != value:
            losses.append(Loss(sent.id, path, "changed"))
        elif any(place == path or place.startswith(f"{path}/") for place in carried):
            losses.append(Loss(sent.id, path, "carried"))
    for path in after.keys() - before.keys():
        if path in _WORDED:
            losses.append(Loss(sent.id, path, "worded", "it says in words what other fields hold"))
        elif not path.startswith(("/provenance", "/extensions")):
            losses.append(Loss(sent.id, path, "invented"))
    return losses


def _told(persona: Persona, slot: str) -> dict[str, Any]:
    """What a persona says by place; sources and what other tools keep are named as a whole."""
    data = persona_to_json(persona)
    told = {
        path: value
        for path, value in leaves({key: data[key] for key in data if key not in _APART})
        if value not in ("", [], {}, None)
    }
    told |= {f"/provenance/{path}": value for path, value in data.get("provenance", {}).items()}
    told |= {f"/extensions/{key}": value for key, value in data.get("extensions", {}).items() if key != slot}
    return told


_WORDED = ("/description", "/personal_identity/personality")
"""Texts that formats without a place for other fields say them in."""

_APART = ("format", "id", "provenance", "extensions")
