"""The chat in a browser: answers that outlive their page, tabs that agree, long conversations, changed personas."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from support.chat_server import Act, ChatServer, stream
from support.studio import Served, Visit, ask, axe_violations, environment, visit

ADA = {
    "name": "Ada",
    "description": "Ada keeps bees behind the old school.",
    "memories": [
        {"text": f"In year {n} I kept {n} hives and sold the honey at the market in town."} for n in range(80)
    ],
}


@contextmanager
def studio_of(folder: Path, browser: Browser, server: ChatServer) -> Iterator[tuple[Visit, Served]]:
    command = str(Path(sys.executable).parent / "personae")
    folders = ["--data", str(folder / "data"), "--runs", str(folder / "runs")]
    words = [command, "serve", "--port", "0", "--model", f"{server.url}#m", *folders]
    served = Served(words, folder / "log", environment(folder))
    try:
        with visit(browser, served.start()) as guest:
            yield guest, served
    finally:
        served.stop()


def begin(guest: Visit, *seats: dict[str, Any]) -> str:
    page = guest.open("/personas")
    ask(page, "POST", "/api/personas", {"persona": ADA})
    found: str = ask(page, "POST", "/api/conversations", {"seats": list(seats) or [{"kind": "model"}]})["id"]
    guest.open(f"/chat/{found}")
    return found


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def slowly(pieces: int) -> Act:
    return stream([f"piece{n} " for n in range(pieces)], pause=0.05)


def test_an_answer_outlives_its_page_and_is_stopped_from_the_next(browser: Browser, tmp_path: Path) -> None:
    with ChatServer(slowly(4000)) as server, studio_of(tmp_path, browser, server) as (guest, _):
        id = begin(guest)
        page = guest.page
        say(page, "Count.")
        expect(page.locator(".prose")).to_contain_text("piece3")
        guest.open(f"/chat/{id}")
        answer = page.get_by_role("article")
        expect(answer).to_have_attribute("aria-busy", "true")
        said = len(answer.inner_text())
        page.wait_for_function(f"() => document.querySelector('article').innerText.length > {said + 20}")
        page.get_by_role("button", name="Stop the answers").click()
        expect(answer).to_have_attribute("aria-busy", "false")
        expect(answer).to_contain_text("Stopped here")
        expect(page.get_by_label("Your message")).to_be_focused()


def test_two_tabs_show_one_conversation(browser: Browser, tmp_path: Path) -> None:
    with ChatServer("Indeed.") as server, studio_of(tmp_path, browser, server) as (guest, _):
        id = begin(guest)
        other = guest.page.context.new_page()
        other.goto(f"{guest.url}/chat/{id}")
        expect(other.get_by_label("Your message")).to_be_visible()
        say(guest.page, "From the first")
        expect(other.locator(".bubble")).to_have_text(["From the first"])
        expect(other.get_by_role("article")).to_contain_text("Indeed.")
        say(other, "From the second")
        expect(guest.page.locator(".bubble")).to_have_text(["From the first", "From the second"])


def test_what_a_server_that_is_away_did_not_take_is_put_back(browser: Browser, tmp_path: Path) -> None:
    with ChatServer("Indeed.") as server, studio_of(tmp_path, browser, server) as (guest, served):
        begin(guest)
        served.kill()
        say(guest.page, "Are you there?")
        expect(guest.page.get_by_role("alert")).to_contain_text("does not answer")
        expect(guest.page.get_by_label("Your message")).to_have_value("Are you there?")
        guest.complaints.clear()  # the browser tells that the server was away


def test_what_was_given_for_a_reply_stands_beside_it(browser: Browser, tmp_path: Path) -> None:
    with ChatServer("I had hives.") as server, studio_of(tmp_path, browser, server) as (guest, _):
        begin(guest, {"kind": "persona", "persona": "ada"})
        page = guest.page
        say(page, "How was year 77?")
        page.get_by_text("Given to draw on: 6 of 80 passages").click()
        expect(page.locator(".recalled")).to_contain_text("kept")
        assert axe_violations(page) == []


def test_a_changed_persona_is_told_and_taken_in_the_middle_of_a_conversation(browser: Browser, tmp_path: Path) -> None:
    with ChatServer("Indeed.") as server, studio_of(tmp_path, browser, server) as (guest, _):
        id = begin(guest, {"kind": "persona", "persona": "ada"})
        page = guest.page
        say(page, "Who are you?")
        expect(page.get_by_role("article")).to_contain_text("version 1")
        ask(page, "PUT", "/api/personas/ada", {"persona": {**ADA, "style": "curt"}, "base_version": 1})
        guest.open(f"/chat/{id}")
        page.get_by_role("button", name="Go on with version 2").click()
        expect(page.get_by_text("was changed")).to_have_count(0)
        say(page, "And now?")
        expect(page.get_by_role("article").last).to_contain_text("version 2")
        assert "way of speaking: curt" in server.requests[-1]["messages"][0]["content"]
        page.get_by_role("button", name="About Ada").click()
        expect(page.get_by_role("dialog")).to_contain_text("curt")
        assert axe_violations(page) == []


def test_a_long_conversation_is_drawn_in_parts(browser: Browser, tmp_path: Path) -> None:
    with ChatServer("Indeed.") as server, studio_of(tmp_path, browser, server) as (guest, _):
        id = begin(guest)
        parent = None
        for number in range(45):  # alone, as a person who takes notes
            said: dict[str, Any] = {"text": f"Note {number}", "parent": parent, "reply_from": []}
            ask_stream(guest.page, f"/api/conversations/{id}/messages", said)
            parent = ask(guest.page, "GET", f"/api/conversations/{id}")["leaf"]
        page = guest.open(f"/chat/{id}")
        expect(page.locator(".bubble")).to_have_count(40)
        expect(page.locator(".bubble").last).to_be_in_viewport()
        page.get_by_role("button", name="Show earlier messages").click()
        expect(page.locator(".bubble").first).to_have_text("Note 0")


def ask_stream(page: Page, path: str, body: dict[str, Any]) -> None:
    address = "/".join(page.url.split("/", 3)[:3]) + path
    answer = page.request.post(address, headers={"X-Personae": "1"}, data=body)
    assert answer.ok, answer.text()
