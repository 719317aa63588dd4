"""The record of a run: what was asked of whom, with which settings, versions and hashes. Keys are never part of it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from personae import __version__
from personae.model import Model, identity_of
from personae.study.protocol import Study

_LIBRARIES = ("numpy", "scipy", "polars", "aiohttp", "pydantic", "apsw")


def make_record(study: Study, models: Mapping[str, Model], seed: int, details: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a run before it starts."""
    return {
        "study": study.name,
        "parameters": dict(study.parameters),
        "models": {role: {"name": model.name, "identity": identity_of(model)} for role, model in models.items()},
        "seed": seed,
        "created": now(),
        "versions": versions(),
        **details,
    }


def now() -> str:
    """The time, in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Versions of personae, Python and the libraries that figures depend on."""
    found = {"personae": __version__, "python": platform.python_version(), "platform": sys.platform}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
