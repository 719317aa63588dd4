"""What all tests share: an environment of their own, and the raw outputs that some of them need."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from support.postgres_server import Database, PostgresServer, find_binaries

# The same tree gives the same answer, loaded or not; `--hypothesis-profile=search` looks for what is not yet known.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _PATIENT, derandomize=True)
settings.register_profile("search", _PATIENT, max_examples=1500)
settings.load_profile("same")

_PROVIDER_VARIABLES = (
    "_API_KEY",
    "_BASE_URL",
    "OLLAMA_HOST",
    "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_API_VERSION",
    "PERSONAE_MODEL",
    "PERSONAE_PRICES",
)
_POSTGRES_VARIABLES = ("PGPASSWORD", "PGPASSFILE", "PGUSER", "PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE", "PGSERVICE")
_WATCHING_VARIABLES = ("OTEL_", "MLFLOW_", "WANDB_", "PERSONAE_LOG", "PERSONAE_METRICS_PORT")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the keys, the cache or the runs of whoever starts it, and nobody watches it."""
    for name in list(os.environ):
        if name.endswith(_PROVIDER_VARIABLES) or name in _POSTGRES_VARIABLES or name.startswith(_WATCHING_VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PERSONAE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("PERSONAE_LOG_DIR", str(tmp_path_factory.mktemp("runs")))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of these tests' own; they are skipped, saying so, where it is not installed."""
    if find_binaries() is None:
        pytest.skip("postgresql is not installed: see the README's system packages")
    with PostgresServer() as server:
        yield server


@pytest.fixture
def database(postgres_server: PostgresServer) -> Database:
    """An empty database."""
    name = f"test_{secrets.token_hex(6)}"
    postgres_server.make_database(name)
    return Database(postgres_server, name)


@pytest.fixture
def replay() -> Callable[[str], Path]:
    """Find raw outputs by paper number and path; skip the test, saying so, where they are absent."""

    def find(path: str) -> Path:
        root = os.environ.get("PERSONAE_REPLAY")
        if not root:
            pytest.skip(
                "PERSONAE_REPLAY is not set: raw outputs published by papers' authors are not part of the project"
            )
        found = Path(root) / path
        if not found.exists():
            pytest.skip(f"{path} is not among the raw outputs in PERSONAE_REPLAY")
        return found

    return find
