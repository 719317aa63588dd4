"""What starting costs: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("numpy", "scipy", "polars", "altair", "vl_convert", "aiohttp", "torch", "jinja2", "apsw")


def loaded_by(code: str) -> set[str]:
    program = f"import json, sys\n{code}\nprint('\\n' + json.dumps(sorted(m for m in sys.modules if '.' not in m)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return set(modules)


def test_importing_personae_loads_nothing_heavy_and_says_nothing() -> None:
    assert loaded_by("import personae").isdisjoint(HEAVY)
    done = subprocess.run([sys.executable, "-c", "import personae"], capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == ""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["paper", "--help"], ["paper", "run", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    start = "from personae.cli import main\ntry:\n main()\nexcept SystemExit: pass"
    code = f"import sys; sys.argv = ['personae', *{words!r}]\n{start}"
    assert loaded_by(code).isdisjoint(HEAVY)


@pytest.mark.parametrize("room", ["persona", "model", "text", "study", "judge", "population"])
def test_rooms_import_without_the_heavy_libraries(room: str) -> None:
    assert loaded_by(f"import personae.{room}").isdisjoint({"scipy", "polars", "altair", "vl_convert", "torch"})
