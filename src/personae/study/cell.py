"""One point of a design: its factors, its identity, its seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from personae.canonical import canonical_json, derive_seed

Scalar = str | int | float | bool | None
"""What a factor can be: a value of one column of the results table."""


@runtime_checkable
class Hashed(Protocol):
    """An object with a stable id and a hash of its content, such as a persona."""

    @property
    def id(self) -> str:
        """Stable name."""
        ...

    @property
    def hash(self) -> str:
        """Hash of the content."""
        ...


@dataclass(frozen=True, slots=True)
class Cell:
    """One unit of a study: what varies (``factors``) and the objects that are needed to observe it (``material``).

    The key covers the factors and the content of the material, so that a changed persona is a different cell, and two
    runs of one design have the same cells.

    Example:
        >>> Cell({"persona": "ada", "order": "ascending"}).key == Cell({"order": "ascending", "persona": "ada"}).key
        True
    """

    factors: Mapping[str, Scalar]
    material: Mapping[str, Hashed] = field(default_factory=dict)
    key: str = field(init=False)
    """Content hash of the cell."""
    spelled_factors: bytes = field(init=False, repr=False, compare=False)
    """Canonical JSON of the factors, of which the key is made and which the ledger keeps."""

    def __post_init__(self) -> None:
        spelled = canonical_json(dict(self.factors))
        object.__setattr__(self, "spelled_factors", spelled)
        object.__setattr__(self, "key", _key(spelled, self.material))

    @staticmethod
    def of_spelled(factors: Mapping[str, Scalar], material: Mapping[str, Hashed], spelled: bytes) -> Cell:
        """Make a cell whose factors are spelled already; for designs, which spell each level once."""
        cell = object.__new__(Cell)
        _set(cell, "factors", factors)
        _set(cell, "material", material)
        _set(cell, "spelled_factors", spelled)
        _set(cell, "key", _key(spelled, material))
        return cell

    @property
    def seed(self) -> int:
        """A seed that belongs to this cell alone."""
        return derive_seed(self.key)


_set = object.__setattr__


def _key(spelled: bytes, material: Mapping[str, Hashed]) -> str:
    """Hash of the canonical spelling of ``{"factors": ..., "material": ...}``, put together from its parts."""
    things = canonical_json({name: thing.hash for name, thing in material.items()}) if material else b"{}"
    return hashlib.sha256(b'{"factors":%b,"material":%b}' % (spelled, things)).hexdigest()
