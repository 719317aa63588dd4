"""A studio that all tests of this folder look at with one browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.studio import CHROMIUM, Served, Visit, environment, install_wheel, open_browser, visit

ADA = {
    "name": "Ada",
    "description": "A retired engineer who restores old radios and teaches children to solder.",
    "demographics": {"age": 71, "gender": "woman", "occupation": "engineer, retired", "residence": "Leeds"},
    "traits": {"big_five.extraversion": -1.5, "big_five.openness": 2.0, "big_five.conscientiousness": 1.2},
    "abilities": [{"ability": "read circuit diagrams at a glance", "constraint": "needs a magnifier for small print"}],
    "goals": ["finish the 1936 receiver"],
}
BEN = {
    "name": "Ben",
    "description": "A nurse who sings in a choir and knows everybody on the ward.",
    "demographics": {"age": 34, "gender": "man", "occupation": "nurse"},
    "traits": {"big_five.extraversion": 1.8, "big_five.neuroticism": -0.8},
}


@pytest.fixture(scope="session")
def has_chromium() -> None:
    """Tests with a browser are skipped, saying so, where it is not installed."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: see the README's system packages")


@pytest.fixture(scope="module")
def browser(has_chromium: None) -> Iterator[Browser]:
    """One chromium for the tests of a file, no longer: until it closes, its loop runs in the thread of all tests."""
    with open_browser() as opened:
        yield opened


def _serve(command: list[str], folder: Path) -> Served:
    words = [*command, "serve", "--port", "0", "--data", str(folder / "data"), "--runs", str(folder / "runs")]
    return Served(words, folder / "log", environment(folder))


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory, has_chromium: None) -> Iterator[str]:
    """The address of a studio with two personas, served from the sources."""
    served = _serve([str(Path(sys.executable).parent / "personae")], tmp_path_factory.mktemp("studio"))
    try:
        yield served.start()
    finally:
        served.stop()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, has_chromium: None) -> Iterator[Served]:
    """A studio of a wheel in a fresh environment."""
    folder = tmp_path_factory.mktemp("installed")
    served = _serve([str(install_wheel(folder))], folder)
    try:
        served.start()
        yield served
    finally:
        served.stop()


@pytest.fixture
def guest(browser: Browser, studio: str) -> Iterator[Visit]:
    """A visit that ends without complaints."""
    with visit(browser, studio) as opened:
        yield opened
