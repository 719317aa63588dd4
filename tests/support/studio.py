"""The studio as a user meets it: installed from a wheel, served by the command, looked at with a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
    "--disable-sync", "--disable-component-update", "--disable-quic",
]  # fmt: skip


@dataclass
class Served:
    """A command that serves until it is stopped, and can be killed and started again on the same port."""

    words: list[str]
    log: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    url: str = ""

    def start(self) -> str:
        """Start it and wait until it says where it is."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.words, stdout=log, stderr=log, env=self.environment, cwd=self.log.parent
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            told = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text(encoding="utf-8"))
            if told:
                self.url = told.group()
                return self.url
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"{' '.join(self.words)} did not start:\n{self.log.read_text(encoding='utf-8')}")

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=20)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()


def environment(folder: Path) -> dict[str, str]:
    """Nobody's keys, caches or proxies."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PERSONAE_CACHE_DIR": str(folder / "cache"), "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}


def install_wheel(folder: Path) -> Path:
    """Build the wheel, install it into a fresh environment, and give its ``personae`` command.

    What the package depends on comes from the environment of the tests, by a path that is looked at last: the package
    itself is the one of the wheel, and nothing is fetched.
    """
    wheels = folder / "wheels"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = wheels.glob("*.whl")
    fresh = folder / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(fresh)], check=True, timeout=60)
    python = fresh / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    (site,) = (fresh / "lib").glob("python*/site-packages")
    spec = find_spec("fastapi")
    assert spec is not None
    assert spec.origin is not None
    (site / "of_the_tests.pth").write_text(f"{Path(spec.origin).parents[1]}\n", encoding="utf-8")
    where = subprocess.run(
        [python, "-c", "import personae; print(personae.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert str(fresh) in where.stdout, "the tests' own package was found in place of the wheel's"
    return fresh / "bin" / "personae"


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's chromium, driven by playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page of the studio, and all that it complained of."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Addresses of other hosts that the page asked for."""

    def open(self, path: str) -> Page:
        """Go to a page and wait until it has its heading and nothing is loading."""
        self.page.goto(self.url + path)
        self.page.locator("h1").first.wait_for(timeout=15_000)
        self.page.wait_for_function("() => !document.querySelector('.skeleton')", timeout=15_000)
        return self.page


@contextlib.contextmanager
def visit(browser: Browser, url: str, *, theme: str = "light", width: int = 1280, height: int = 860) -> Iterator[Visit]:
    """A fresh browser profile on the studio; leaving it asserts that nothing was complained of or asked elsewhere."""
    scheme: Any = theme
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True, reduced_motion="reduce"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    guest = Visit(page, url)
    page.on("pageerror", lambda error: guest.complaints.append(f"error: {error}"))
    page.on(
        "console",
        lambda said: (
            guest.complaints.append(f"{said.text} {said.location}") if said.type in ("error", "warning") else None
        ),
    )
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((url, "data:", "blob:")) else guest.elsewhere.append(asked.url),
    )
    try:
        yield guest
        assert not guest.elsewhere, guest.elsewhere
        assert not guest.complaints, guest.complaints
    finally:
        context.close()


def axe_source() -> str:
    """The accessibility checker axe-core (MPL-2.0), as a package of the tests ships it."""
    spec = find_spec("axe_playwright_python")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and its best practices, a line each."""
    page.evaluate(axe_source())
    found = page.evaluate("() => axe.run()")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]
    ]


def sideways(page: Page) -> int:
    """Pixels that the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))


def ask(page: Page, method: str, path: str, body: Any = None) -> Any:
    """Ask the API with the page's cookies, as the app does."""
    answer = page.request.fetch(
        page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path,
        method=method,
        headers={"X-Personae": "1", "Content-Type": "application/json"},
        data=None if body is None else orjson.dumps(body),
    )
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:500]}"
    return answer.json() if answer.body() else None


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.1)
