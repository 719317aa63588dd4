"""The report in a real browser: it renders, in both colour schemes, and complains of nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from personae.study.report import render_report
from support.report_material import material

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--window-size=900,1400",
]  # fmt: skip

pytestmark = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed: see the README's system packages")


def browse(page: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    assert BROWSER is not None
    profile = f"--user-data-dir={page.parent / 'profile'}"
    words = [BROWSER, *FLAGS, profile, *flags, page.as_uri()]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render_report(material()), encoding="utf-8")
    return path


def test_it_renders_without_a_complaint(page: Path) -> None:
    done = browse(page, "--enable-logging=stderr", "--dump-dom")
    assert "What may not be concluded" in done.stdout
    assert done.stdout.count("<svg") >= 2
    assert "CONSOLE" not in done.stderr  # no refused style, no missing resource


def test_light_and_dark_are_different_pictures(page: Path, tmp_path: Path) -> None:
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    browse(page, f"--screenshot={light}", "--blink-settings=preferredColorScheme=1")
    browse(page, f"--screenshot={dark}", "--blink-settings=preferredColorScheme=0")
    assert min(light.stat().st_size, dark.stat().st_size) > 20_000
    assert light.read_bytes() != dark.read_bytes()
