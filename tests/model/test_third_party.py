"""A provider that somebody else published: installed by pip, then listed, opened and run from another process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.studies import TESTS

PACKAGE = TESTS / "support" / "third_party_provider"

RUN = """
import sys
from pathlib import Path
from personae.model import open_model
from personae.study import run_study
from support.studies import SmallStudy

model = open_model("parrot/grey", {"times": "2"})
outcome = run_study(SmallStudy(persons=2, questions=1), {"subject": model}, folder=Path(sys.argv[1]))
print(sorted(text for row in outcome.table["answers"] for text in row))
"""

COMMAND = "from personae.cli import main; main()"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pip put the package; its sources are copied first, as building may write beside them."""
    target, source = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("source") / "package"
    shutil.copytree(PACKAGE, source)
    words = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    said = subprocess.run(
        [sys.executable, "-m", "pip", *words, "--target", str(target), str(source)], capture_output=True, text=True
    )
    if "No module named pip" in said.stderr:
        pytest.skip("this environment has no pip")
    assert said.returncode == 0, said.stderr
    return target


def start(installed: Path | None, *words: str) -> subprocess.CompletedProcess[str]:
    paths = [str(TESTS), *([str(installed)] if installed else []), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def providers(installed: Path | None) -> set[str]:
    said = start(installed, "-c", COMMAND, "models", "--json")
    assert said.returncode == 0, said.stderr
    return {row["provider"] for row in json.loads(said.stdout)["data"]["providers"]}


def test_a_package_that_is_installed_is_listed_and_one_that_is_not_is_not(installed: Path) -> None:
    assert providers(installed) - providers(None) == {"parrot"}


def test_a_run_asks_it(installed: Path, tmp_path: Path) -> None:
    said = start(installed, "-c", RUN, str(tmp_path / "run"))
    assert said.returncode == 0, said.stderr
    once = [f"Question 0 to person {person}" for person in range(2)]
    assert said.stdout.strip() == str([f"{words} {words}" for words in once])
    assert "parrot/grey#2" in (tmp_path / "run" / "run.json").read_text()


def test_its_own_errors_reach_the_command_line(installed: Path) -> None:
    words = ["paper", "run", "personallm", "--model", "parrot/grey", "-M", "colour=grey", "--dry-run"]
    said = start(installed, "-c", COMMAND, *words)
    assert said.returncode == 3
    assert "'colour'" in said.stderr
