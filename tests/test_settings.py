"""Settings: the environment wins over .env, and nothing is written to either."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from personae.settings import (
    CACHE_DIR,
    LOG,
    LOG_LEVEL,
    METRICS_PORT,
    MODEL,
    PRICES,
    RUNS_DIR,
    STUDIO_DIR,
    VARIABLES,
    cache_dir,
    default_model,
    read_setting,
    runs_dir,
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*VARIABLES, "XDG_CACHE_HOME", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)


def test_a_setting_that_is_nowhere_is_none() -> None:
    assert read_setting("OPENAI_API_KEY") is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    assert read_setting("OPENAI_API_KEY") == "from-environment"


def test_a_file_in_the_working_directory_is_read() -> None:
    Path(".env").write_text("# keys\nOPENAI_API_KEY='from file'\nexport PERSONAE_MODEL=ollama/qwen3\n")
    assert read_setting("OPENAI_API_KEY") == "from file"
    assert default_model() == "ollama/qwen3"


def test_the_file_never_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("OPENAI_API_KEY=from-file\n")
    monkeypatch.setenv("OPENAI_API_KEY", "from-environment")
    assert read_setting("OPENAI_API_KEY") == "from-environment"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert read_setting("OPENAI_API_KEY") is None
    Path(".env").write_text("OPENAI_API_KEY=from-file\n")
    assert read_setting("OPENAI_API_KEY") == "from-file"


def test_an_empty_or_bare_line_of_the_file_counts_as_not_set() -> None:
    Path(".env").write_text("OPENAI_API_KEY=\nPERSONAE_MODEL\n")
    assert read_setting("OPENAI_API_KEY") is None
    assert default_model() == "sim"


@pytest.mark.parametrize("value", ["key\n", " key", "key\r\n", "\tkey "])
def test_white_space_that_copying_brings_along_is_dropped(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    assert read_setting("OPENAI_API_KEY") == "key"


def test_white_space_alone_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERSONAE_MODEL", "  ")
    assert default_model() == "sim"


def test_files_of_parent_folders_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=from-parent\n")
    assert read_setting("OPENAI_API_KEY") is None


def test_reading_leaves_the_environment_as_it_was() -> None:
    Path(".env").write_text("OPENAI_API_KEY=from-file\nANOTHER=1\n")
    before = dict(os.environ)
    read_setting("OPENAI_API_KEY")
    assert dict(os.environ) == before


def test_a_folder_called_env_is_no_file_of_settings() -> None:
    Path(".env").mkdir()
    assert read_setting("OPENAI_API_KEY") is None


def test_the_cache_lies_under_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cache_dir() == tmp_path / "home" / ".cache" / "personae"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_dir() == tmp_path / "xdg" / "personae"


def test_the_cache_lies_where_its_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv(CACHE_DIR, "~/kept")
    assert cache_dir() == tmp_path / "home" / "kept"


def test_runs_lie_in_the_working_directory_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert runs_dir() == Path("runs")
    monkeypatch.setenv(RUNS_DIR, "~/studies")
    assert runs_dir() == tmp_path / "home" / "studies"


def test_naming_folders_makes_none(tmp_path: Path) -> None:
    cache_dir()
    runs_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["work"]


def test_the_model_needs_neither_key_nor_network_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_model() == "sim"
    monkeypatch.setenv(MODEL, "openai/gpt-4o-mini")
    assert default_model() == "openai/gpt-4o-mini"


def test_our_own_variables_share_a_prefix_and_are_explained() -> None:
    assert {CACHE_DIR, RUNS_DIR, MODEL, LOG, LOG_LEVEL, METRICS_PORT, STUDIO_DIR, PRICES} == set(VARIABLES)
    assert all(name.startswith("PERSONAE_") and text for name, text in VARIABLES.items())
