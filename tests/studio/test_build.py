"""The committed pages are those of the committed sources, small, and ask nobody else for anything."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "studio"
BUILT = ROOT / "src" / "personae" / "serve" / "studio"
STAMPED = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "scripts",
    "src",
    "tsconfig.json",
    "vite.config.ts",
]


def files_below(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def stamp() -> str:
    names = sorted(path.relative_to(SOURCES).as_posix() for name in STAMPED for path in files_below(SOURCES / name))
    whole = hashlib.sha256()
    for name in names:
        whole.update(f"{name}\0{hashlib.sha256((SOURCES / name).read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def needed_at_first() -> list[Path]:
    """What the first page loads: what its HTML names, and what those name in turn without being asked to."""
    page = (BUILT / "index.html").read_text(encoding="utf-8")
    wanted = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)
    found: dict[str, Path] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found[name] = BUILT / name
        if name.endswith(".js"):
            text = found[name].read_text(encoding="utf-8")
            wanted += [f"assets/{one}" for one in re.findall(r'(?:from|import)\s*"\./([^"]+\.js)"', text)]
    return list(found.values())


def test_the_build_is_that_of_the_sources() -> None:
    built = json.loads((BUILT / "build.json").read_text(encoding="utf-8"))
    assert built["sources"] == stamp(), "the pages are older than their sources: make studio, and commit what it builds"


def test_the_frame_is_small() -> None:
    packed = sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in needed_at_first())
    assert len(needed_at_first()) >= 3  # the script, its parts, the style
    assert packed < 150_000


def test_charts_and_markdown_wait_until_they_are_needed() -> None:
    at_first = {path.name.partition("-")[0] for path in needed_at_first()}
    assert {"engine", "Markdown"} <= {path.name.partition("-")[0] for path in (BUILT / "assets").iterdir()}
    assert not at_first & {"engine", "Markdown"}


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    page = (BUILT / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|style=", page)
    assert "://" not in page
    for path in (BUILT / "assets").glob("*.css"):
        assert "http" not in path.read_text(encoding="utf-8")


def test_licences_of_what_is_shipped_are_there() -> None:
    licences = (BUILT / "licences.md").read_text(encoding="utf-8")
    for name in ("react - ", "vega-lite - ", "lucide-react - ", "react-markdown - "):
        assert f"## {name}" in licences
    assert "SIL OPEN FONT LICENSE" in (BUILT / "assets" / "inter-licence.txt").read_text(encoding="utf-8").upper()


def test_versions_are_exact_and_no_registry_is_named() -> None:
    package = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))
    for version in {**package["dependencies"], **package["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]


@pytest.mark.slow
@pytest.mark.parametrize("command", [["test"], ["run", "check"]])
def test_its_own_tests_pass(command: list[str]) -> None:
    if shutil.which("npm") is None or not (SOURCES / "node_modules").is_dir():
        pytest.skip("the studio's packages are not installed: make studio")
    done = subprocess.run(["npm", *command], cwd=SOURCES, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
