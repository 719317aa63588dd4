"""How a run that the studio started stands, kept beside it: by its process, for whatever server comes later."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from personae.study.folder import write_json

STATE_FILE = "studio.json"


def keep_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Keep how a run stands, whole or not at all."""
    write_json(folder / STATE_FILE, dict(state))


def read_state(folder: Path) -> dict[str, Any]:
    """How a run stands; nothing of runs that the studio did not start."""
    try:
        state = orjson.loads((folder / STATE_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
