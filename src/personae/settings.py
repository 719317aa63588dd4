"""Settings from the environment, and from a ``.env`` file in the working directory that never overrides it.

The variables that other tools of the field use (``OPENAI_API_KEY``, ``OPENAI_BASE_URL``, ``OLLAMA_HOST`` ...) keep
their names; our own share the prefix ``PERSONAE_``.
"""

from __future__ import annotations

import os
from pathlib import Path

CACHE_DIR = "PERSONAE_CACHE_DIR"
RUNS_DIR = "PERSONAE_LOG_DIR"
MODEL = "PERSONAE_MODEL"
LOG = "PERSONAE_LOG"
LOG_LEVEL = "PERSONAE_LOG_LEVEL"
METRICS_PORT = "PERSONAE_METRICS_PORT"
STUDIO_DIR = "PERSONAE_STUDIO_DIR"
PRICES = "PERSONAE_PRICES"

VARIABLES: dict[str, str] = {
    CACHE_DIR: "folder of the response cache (default: personae under the user's cache folder)",
    RUNS_DIR: "folder that run folders are made in (default: ./runs)",
    MODEL: "model of a command that is given none (default: sim)",
    LOG: "lines of the log on standard error: text, json or off (default: text)",
    LOG_LEVEL: "debug, info, warning or error, from which on they are written (default: warning)",
    STUDIO_DIR: "folder of the server's personas, conversations and keys (default: ./personae-studio)",
    PRICES: "price list of your own in TOML, beside the one that ships (default: none)",
    METRICS_PORT: "port of this machine that runs serve Prometheus metrics on, 0 for any (default: none)",
}
"""Our own variables and what they set."""


def read_setting(name: str) -> str | None:
    """Read one setting, stripped of white space: the environment first, then ``.env``; empty counts as not set."""
    value = os.environ.get(name, "").strip()
    if not value and Path(".env").is_file():
        from dotenv import dotenv_values

        value = (dotenv_values(".env").get(name) or "").strip()
    return value or None


def cache_dir() -> Path:
    """Folder of the response cache; it need not exist yet."""
    chosen = read_setting(CACHE_DIR)
    if chosen:
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "personae"


def runs_dir() -> Path:
    """Folder that run folders are made in; it need not exist yet."""
    return Path(read_setting(RUNS_DIR) or "runs").expanduser()


def studio_dir() -> Path:
    """Folder that the server keeps personas, conversations and keys in; it need not exist yet."""
    return Path(read_setting(STUDIO_DIR) or "personae-studio").expanduser()


def default_model() -> str:
    """Name of the model that answers when none is named; ``sim`` needs neither key nor network."""
    return read_setting(MODEL) or "sim"
