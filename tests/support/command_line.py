"""Running the command line in this process, and reading what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from personae.cli.app import app


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def envelope(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        data: dict[str, Any] = json.loads(self.out)
        assert set(data) == {"status", "data", "warnings"}
        return data

    @property
    def data(self) -> dict[str, Any]:
        """The data of a command that did its work."""
        envelope = self.envelope
        assert envelope["status"] in ("ok", "failed"), envelope
        data: dict[str, Any] = envelope["data"]
        return data

    @property
    def error(self) -> dict[str, Any]:
        """The error of a command that could not do its work."""
        envelope = self.envelope
        assert envelope["status"] == "error", envelope
        error: dict[str, Any] = envelope["data"]["error"]
        return error


def personae(*words: str, given: bytes | None = None) -> Said:
    """Run a command, with something on its standard input."""
    result = CliRunner().invoke(app, list(words), input=given, catch_exceptions=False)
    return Said(result.exit_code, result.stdout, result.stderr)
