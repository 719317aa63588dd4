"""An analysis plan that is locked before a run: what is expected, how it is tested, when to stop, what is left out.

A lock is a file with the plan, the time, and a seal: a hash of both. Whoever changes the plan afterwards breaks the
seal, unless they make another one; that the seal is the one of then shows a copy of it elsewhere (a registry, a commit,
a letter). A run carries the locked plan in its record.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from personae.canonical import content_hash
from personae.errors import ConflictError, InputError
from personae.study.folder import write_json
from personae.study.record import now
from personae.validation import validated

LOCK_SCHEMA = 1

TEMPLATE = """\
title = "Do personas show the extraversion that they are given?"
study = "bfi-44"                    # key of the instrument or paper; empty leaves it open
models = []                         # names of the subject's model; empty leaves it open
alpha = 0.05
cells = 0                           # observations planned; 0: all that the design has
stopping = "when all cells are observed; nothing is looked at before"
exclusions = ["answers that cannot be read are missing; nobody is left out"]

[parameters]                        # settings of the run that the plan fixes
drawn = "50"

[families]                          # how each family of tests is corrected: holm or bh
main = "holm"

[[hypotheses]]
key = "follows"
text = "Scores follow the trait in the prompt."
finding = "recovery.extraversion"   # name of a finding of the report
convention = "corrected"            # corrected or as_published
expects = "above"                   # above, below, within or differs
value = 0.5
family = "main"
"""
"""A plan to begin with."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hypothesis(_Declared):
    """What is expected of one finding."""

    key: str = Field(pattern=r"^[a-z0-9_-]+$")
    text: str = Field(min_length=1)
    """In words."""
    finding: str = Field(min_length=1)
    """Name of the finding that tests it."""
    subject: str = ""
    """Of which model; empty: of every one that was observed."""
    convention: Literal["corrected", "as_published"] = "corrected"
    expects: Literal["above", "below", "within", "differs"]
    """``above`` or ``below`` the value, ``within`` low and high, or that it ``differs`` from the value."""
    value: float = 0.0
    low: float | None = None
    high: float | None = None
    family: str = "main"

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.expects == "within" and (self.low is None or self.high is None or not self.low < self.high):
            raise ValueError(f"hypothesis {self.key!r} expects a value within bounds: give low and high")
        return self


class AnalysisPlan(_Declared):
    """What is fixed before the first answer is seen."""

    title: str = Field(min_length=1)
    study: str = ""
    models: tuple[str, ...] = ()
    alpha: float = Field(default=0.05, gt=0, lt=1)
    cells: int = Field(default=0, ge=0)
    stopping: str = Field(min_length=1)
    exclusions: tuple[str, ...] = ()
    parameters: dict[str, str] = Field(default_factory=dict)
    families: dict[str, Literal["holm", "bh"]] = Field(default_factory=dict)
    hypotheses: tuple[Hypothesis, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        keys = [one.key for one in self.hypotheses]
        if len(set(keys)) < len(keys):
            raise ValueError("two hypotheses share a key")
        if unused := set(self.families) - {one.family for one in self.hypotheses}:
            raise ValueError(f"no hypothesis is in the family {sorted(unused)[0]!r}")
        return self


class LockedPlan(_Declared):
    """A plan with the time of its lock and its seal."""

    schema_version: int = LOCK_SCHEMA
    locked: str
    """UTC, to the second."""
    seal: str
    plan: AnalysisPlan

    @property
    def is_whole(self) -> bool:
        """Whether the seal is that of the plan and the time."""
        return self.seal == _seal(self.locked, self.plan)

    def to_json(self) -> dict[str, Any]:
        """JSON form, as a lock file and a run's record keep it."""
        return self.model_dump(mode="json")


def read_plan(path: Path) -> AnalysisPlan:
    """Read a plan that is not locked yet, from TOML.

    Raises:
        InputError: If it cannot be read or is malformed; the message names the place.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"cannot be read as TOML ({error})", where=str(path), remedy="personae plan new writes one to begin with"
        ) from error
    return validated(AnalysisPlan, data, str(path))


def lock_plan(plan: AnalysisPlan, *, at: str = "") -> LockedPlan:
    """Lock a plan.

    Args:
        plan: The plan.
        at: When, in UTC; the present by default.

    Example:
        >>> plan = AnalysisPlan(title="t", stopping="at the end", hypotheses=(
        ...     Hypothesis(key="a", text="It is high.", finding="score.a", expects="above", value=3),))
        >>> lock_plan(plan).is_whole
        True
    """
    time = at or now()
    return LockedPlan(locked=time, seal=_seal(time, plan), plan=plan)


def write_lock(locked: LockedPlan, path: Path) -> None:
    """Write a lock file; one that is there already is not replaced.

    Raises:
        ConflictError: If there is a file.
    """
    if path.exists():
        raise ConflictError(
            "a plan is locked there already", where=str(path), remedy="lock the new one under another name"
        )
    write_json(path, locked.to_json())


def read_lock(path: Path) -> LockedPlan:
    """Read a locked plan.

    Raises:
        InputError: If it cannot be read, is no lock, or was changed after it was locked.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(
            f"is no locked plan ({type(error).__name__})", where=str(path), remedy="personae plan lock PLAN makes one"
        ) from error
    locked = locked_of(data, str(path))
    if not locked.is_whole:
        raise InputError(
            "was changed after it was locked: its seal is broken",
            where=str(path),
            remedy="restore the file, or lock the changed plan as a new one and say so",
        )
    return locked


def locked_of(data: Any, where: str) -> LockedPlan:
    """A locked plan from its JSON form, whether or not its seal holds.

    Raises:
        InputError: If it is none.
    """
    if not isinstance(data, Mapping) or data.get("schema_version") != LOCK_SCHEMA:
        raise InputError("is no locked plan of this version", where=where, remedy="personae plan lock PLAN makes one")
    return validated(LockedPlan, data, where)


def _seal(locked: str, plan: AnalysisPlan) -> str:
    return content_hash([LOCK_SCHEMA, locked, plan.model_dump(mode="json")])
