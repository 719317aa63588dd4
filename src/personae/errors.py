"""The one error tree: every error says what happened, where, and what to do, and fixes the exit code."""

from __future__ import annotations

from typing import ClassVar


class PersonaeError(Exception):
    """Root of all errors that a user can act upon.

    Args:
        what: What happened, in one sentence without a final stop.
        where: The persona, item, file and line, or call it happened at.
        remedy: What to do now, as an instruction or a command.

    Example:
        >>> str(InputError("the file is empty", where="ada.yaml", remedy="write at least a name"))
        'ada.yaml: the file is empty; write at least a name'
    """

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "error"

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__((f"{where}: " if where else "") + what + (f"; {remedy}" if remedy else ""))


class InputError(PersonaeError):
    """What the user wrote cannot be used: a file, a parameter, a name."""

    exit_code = 3
    code = "input"


class ModelError(PersonaeError):
    """No model answers under the name that was asked for."""

    exit_code = 4
    code = "model"


class IncompleteError(PersonaeError):
    """A run ended with more unanswered cells than the caller allows."""

    exit_code = 5
    code = "incomplete"


class ConflictError(PersonaeError):
    """A folder already holds something else than what is about to be written there."""

    exit_code = 6
    code = "conflict"


class StorageError(PersonaeError):
    """Rows could not be written or read: the disk is full, the folder read-only, the file damaged, the server away."""

    exit_code = 8
    code = "storage"


class MissingExtraError(PersonaeError):
    """An optional library is needed that the default install does not bring."""

    exit_code = 7
    code = "extra"

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional library", remedy=f'pip install "personae[{extra}]"')


EXIT_CODES: dict[int, str] = {
    0: "success",
    1: "an unexpected error: a fault of personae, please report it",
    2: "the command line was not understood",
    InputError.exit_code: "a file, parameter or name given by the user cannot be used",
    ModelError.exit_code: "no model answers: unknown name, missing key, unreachable host",
    IncompleteError.exit_code: "the run ended with more failed cells than --fail-on-error allows",
    ConflictError.exit_code: "the run folder belongs to another run",
    MissingExtraError.exit_code: "an optional library is missing",
    StorageError.exit_code: "a file or database cannot be used: disk full, read-only folder, damaged file, server away",
    9: "the command did its work and found faults: lint, lossy conversion with --strict, different personas",
    130: "interrupted; finished work is kept",
}
"""Every exit code of the command line and its meaning; the documentation is generated from it."""
