"""The documentation: built strictly, without dead links, and true of the command line and of the figures."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from personae.cli.app import app
from support.command_line import personae

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    zensical = Path(sys.executable).parent / "zensical"
    return subprocess.run(
        [zensical, "build", "--strict", "--clean"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    return tmp_path


def test_the_documentation_builds_strictly(copy: Path) -> None:
    done = build(copy)
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in (copy / "site").rglob("*.html")} >= {
        path.stem for path in (ROOT / "docs").rglob("*.md")
    }


@pytest.mark.parametrize("link", ["nowhere.md", "cli.md#nowhere"])
def test_a_dead_link_breaks_the_build(copy: Path, link: str) -> None:
    with (copy / "docs" / "tour.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[a link]({link})\n")
    assert build(copy).returncode != 0


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if not target.startswith(("https://", "http://", "#")):
            assert (page.parent / target.split("#")[0]).exists(), target


def commands_in(text: str) -> list[list[str]]:
    """Command lines in code, as words: of blocks a line, of running text what stands between back ticks."""
    text = text.replace("\\\n", "")  # a command may go on in the next line
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("personae ")]
    lines += re.findall(r"`(personae [^`\n]+)`", text)
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_commands_are_found_in_blocks_and_in_running_text() -> None:
    text = "Say `personae doctor`.\n\n```\npersonae paper list --runs   # some\n$ other\n```\n"
    assert commands_in(text) == [["paper", "list", "--runs"], ["doctor"]]


def leaves(command: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if not hasattr(command, "commands"):
        return {path}
    return {leaf for name, one in command.commands.items() if not one.hidden for leaf in leaves(one, (*path, name))}


def rows_of_commands(page: str) -> set[tuple[str, ...]]:
    """Commands that the table names: the first of a row in full, the others by their last word."""
    found: set[tuple[str, ...]] = set()
    for row in re.findall(r"^\| (`personae [^|]+)\|", page, flags=re.MULTILINE):
        first, *others = [span.split() for span in re.findall(r"`([^`]+)`", row)]
        path = tuple(word for word in first[1:] if re.fullmatch(r"[a-z]+", word))
        found |= {path, *((*path[:-1], other[0]) for other in others)}
    return found


def test_every_command_stands_in_the_table_of_commands() -> None:
    named = rows_of_commands((ROOT / "docs" / "cli.md").read_text("utf-8"))
    assert named >= leaves(typer.main.get_command(app))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_options_that_are_named_exist(page: Path) -> None:
    for words in commands_in(page.read_text("utf-8")):
        command: Any = typer.main.get_command(app)
        rest = list(words)
        while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
            name = rest.pop(0).rstrip(",")
            assert name in command.commands, f"there is no command: personae {' '.join(words)}"
            command = command.commands[name]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        for option in (word for word in rest if re.fullmatch(r"--?[a-zA-Z][\w-]*", word)):
            assert option in known | {"--help"}, f"{option} is no option of: personae {' '.join(words)}"


def test_the_table_of_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    shown = re.search(r"```\n(SIMULATED: .*?)\n\.\.\.", (ROOT / "README.md").read_text("utf-8"), flags=re.DOTALL)
    assert shown is not None
    said = personae("paper", "run", "personallm", "--model", "sim", "--folder", str(tmp_path / "run"))
    printed = [" ".join(line.split()) for line in said.out.splitlines()]
    for line in shown[1].splitlines()[2:]:
        assert " ".join(line.split()) in printed, "run make demo, and put its first table into the README"
