"""A server that asks for keys: people sign in and out, and find nothing of each other's in the same browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from support.studio import Served, ask, axe_violations, environment, visit

COMMAND = str(Path(sys.executable).parent / "personae")


def make_key(folder: Path, *words: str) -> str:
    made = subprocess.run(
        [COMMAND, "serve", "key", "new", *words, "--data", str(folder / "data")],
        env=environment(folder), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return made.stdout.strip()


def sign_in(page: Page, key: str, name: str) -> None:
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("button", name=f"Sign out {name}")).to_be_visible()


@pytest.mark.slow
def test_two_people_of_one_browser_see_nothing_of_each_other(browser: Browser, tmp_path: Path) -> None:
    ada, ben = make_key(tmp_path, "ada", "--admin"), make_key(tmp_path, "ben")
    folders = ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")]
    words = [COMMAND, "serve", "--port", "0", "--require-key", "--model", "sim", *folders]
    served = Served(words, tmp_path / "log", environment(tmp_path))
    try:
        with visit(browser, served.start()) as guest:
            page = guest.open("/personas")
            expect(page.get_by_role("navigation")).to_have_count(0)
            assert axe_violations(page) == []
            page.get_by_label("Key").fill("sk-personae-nobody")
            page.get_by_role("button", name="Enter").click()
            expect(page.get_by_role("alert")).to_be_visible()
            guest.complaints.clear()  # the browser tells of the refusal
            sign_in(page, ada, "ada")
            chat = ask(page, "POST", "/api/conversations", {"title": "A secret", "seats": [{"kind": "model"}]})["id"]
            guest.open(f"/chat/{chat}")
            page.get_by_label("Your message").fill("never sent")
            page.get_by_role("button", name="Sign out ada").click()
            expect(page.get_by_label("Key")).to_be_visible()
            sign_in(page, ben, "ben")
            guest.open("/chat")
            expect(page.get_by_text("A secret")).to_have_count(0)
            assert "never sent" not in page.evaluate("() => JSON.stringify(localStorage)")
            page.goto(f"{guest.url}/chat/{chat}")
            expect(page.get_by_role("alert")).to_contain_text("there is no such conversation")
            guest.complaints.clear()
    finally:
        served.stop()
