"""A walk over every page of a studio that was installed from a wheel, as a user would take it, in one browser."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from support.cards import golden
from support.studio import Served, Visit, ask, environment, visit

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def walker(browser: Browser, installed: Served) -> Iterator[Visit]:
    with visit(browser, installed.url) as guest:
        yield guest


def test_a_card_becomes_a_persona(walker: Visit) -> None:
    page = walker.open("/personas")
    expect(page.get_by_role("heading", name="No persona yet")).to_be_visible()
    files = page.locator("input[type=file]")
    files.set_input_files({"name": "card.json", "mimeType": "application/json", "buffer": golden("card_v2.json")})
    page.get_by_role("button", name="Import 1 persona").click()
    page.wait_for_url(re.compile(r"/personas/[a-z0-9-]+$"))
    expect(page.get_by_label("The prompt", exact=True)).not_to_be_empty()


def test_it_answers_by_streaming_is_asked_again_and_branched(walker: Visit) -> None:
    page = walker.page
    page.get_by_role("button", name="Talk").click()
    page.wait_for_url("**/chat/*")
    page.get_by_label("Your message").fill("What did you do last weekend?")
    page.keyboard.press("Enter")
    answer = page.get_by_role("article")
    expect(answer).to_have_attribute("aria-busy", "false")
    expect(answer.locator(".prose")).not_to_be_empty()
    expect(page.get_by_text("SIMULATED", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Ask .* again$")).click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.get_by_role("button", name="Earlier answer").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    page.get_by_role("button", name="Edit what was said").click()
    page.get_by_label("Say it differently").fill("And the weekend before?")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".bubble")).to_have_text("And the weekend before?")
    expect(page.get_by_role("button", name="Earlier branch")).to_be_enabled()


def test_a_conversation_survives_a_reload_and_a_killed_server(walker: Visit, installed: Served) -> None:
    page = walker.page
    expect(page.get_by_role("article")).to_have_attribute("aria-busy", "false")
    said = page.locator(".prose").inner_text()
    page.reload()
    expect(page.locator(".prose")).to_have_text(said)
    port = installed.url.rpartition(":")[2]
    installed.kill()
    installed.words = [
        *installed.words[: installed.words.index("--port") + 1],
        port,
        *installed.words[installed.words.index("--port") + 2 :],
    ]
    installed.start()
    page.reload()
    expect(page.locator(".bubble")).to_have_text("And the weekend before?")
    expect(page.locator(".prose")).to_have_text(said)
    walker.complaints.clear()  # the browser tells that the server was away


def test_a_transcript_is_saved(walker: Visit, tmp_path: Path) -> None:
    page = walker.page
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "transcript.md")
    assert "And the weekend before?" in (tmp_path / "transcript.md").read_text(encoding="utf-8")
    page.keyboard.press("Escape")


def test_personallm_runs_is_stopped_and_goes_on_to_its_findings(walker: Visit) -> None:
    page = walker.open("/runs/new")
    page.get_by_label("Search papers and instruments").fill("PersonaLLM")
    page.get_by_role("link", name=re.compile("PersonaLLM: Investigating")).click()
    page.get_by_label("Personas per type").fill("60")
    for switch in ("Stories", "Robustness"):
        page.get_by_label(switch, exact=False).first.uncheck()
    expect(page.get_by_label("Estimate").get_by_text("$0.00").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/personallm-*")
    expect(page.get_by_label("Progress", exact=True).locator("strong")).to_have_text(
        re.compile("^[1-9]"), timeout=30_000
    )
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("stopped", exact=True).first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("complete", exact=True)).to_be_visible(timeout=120_000)
    expect(page.get_by_label("Findings beside published figures")).to_contain_text("d.extraversion", timeout=20_000)
    expect(page.locator(".chart svg")).to_be_visible()
    page.get_by_role("tab", name="Cells").click()
    expect(page.get_by_text("1 to 100 of")).to_be_visible()
    page.get_by_role("button", name="Last cells").click()
    expect(page.get_by_role("button", name="Later cells")).to_be_disabled()
    page.get_by_label("Go to cell").fill("777")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator(".cell-index").first).to_have_text("777")
    page.locator(".cell-row button").first.click()
    expect(page.get_by_role("dialog", name="A cell")).to_contain_text("Call 1")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Files").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download observations.parquet").click()
    assert download.value.path().read_bytes()[:4] == b"PAR1"


def test_bfi_10_is_taken_by_keyboard(walker: Visit) -> None:
    page = walker.open("/instruments/bfi-10")
    page.get_by_role("tab", name="Take it yourself").click()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin: 10 items").click()
    for digit in "1234512345":
        page.keyboard.press(digit)
    expect(page.get_by_text("10 of 10 answered")).to_be_visible()
    page.get_by_role("button", name="See my scores").click()
    expect(page.get_by_label("Scores")).to_contain_text("Extraversion")
    page.get_by_role("tab", name="Answers of people").click()
    expect(page.get_by_text("1 person answered.")).to_be_visible()
    page.get_by_role("link", name="As a run").click()
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("link", name="Report")).to_be_visible(timeout=30_000)
    expect(page.get_by_label("Findings beside published figures")).to_contain_text("extraversion")


def test_somebody_without_a_key_answers_by_a_link(walker: Visit, browser: Browser) -> None:
    page = walker.open("/instruments/bfi-10")
    page.get_by_role("button", name="Send a link").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_role("dialog").locator(".mono").first.inner_text()
    with visit(browser, walker.url) as stranger:
        theirs = stranger.open("/take/" + address.rpartition("/")[2])
        expect(theirs.get_by_role("navigation")).to_have_count(0)
        theirs.get_by_label("I have read this").check()
        theirs.get_by_role("button", name="Begin").click()
        theirs.keyboard.press("3")
        theirs.get_by_role("button", name="See my scores").click()
        expect(theirs.get_by_label("Scores")).to_contain_text("1 of 10 items answered")


def test_ten_pairs_are_rated_by_keyboard_and_told(walker: Visit) -> None:
    page = walker.open("/rating")
    page.get_by_role("button", name="New task").first.click()
    page.get_by_label("Title").fill("Weekend stories")
    page.get_by_label("Its texts").fill("\n".join(f"I mended radio {n} and was glad." for n in range(4)))
    page.get_by_label("Texts of the second group").fill("\n".join(f"The weekend {n} was productive." for n in range(3)))
    page.get_by_label("At most so many pairs").fill("10")
    page.get_by_role("button", name="Make the task").click()
    page.wait_for_url("**/rating/*")
    for done in range(10):
        expect(page.get_by_text(f"{done} of 10 done")).to_be_visible()
        expect(page.get_by_role("region", name="Task")).to_have_attribute("aria-busy", "false")
        page.keyboard.press("abt"[done % 3])
    expect(page.get_by_text("All done, thank you")).to_be_visible()
    expect(page.get_by_label("Agreement").get_by_text("10", exact=True)).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("9 of 10 done")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="JSONL").click()
    assert download.value.path().read_text(encoding="utf-8").count("\n") == 9


def test_what_a_run_wrote_is_rated_on_a_scale(walker: Visit) -> None:
    page = walker.open("/rating")
    page.get_by_role("button", name="New task").first.click()
    page.get_by_label("Title").fill("Answers of the run")
    page.get_by_role("button", name="One on a scale").click()
    page.get_by_label("5 means").fill("entirely")
    page.get_by_role("button", name="A run").click()
    of_the_paper = page.get_by_label("Run", exact=True).locator("option", has_text="PersonaLLM").first
    page.get_by_label("Run", exact=True).select_option(of_the_paper.get_attribute("value"))
    page.get_by_label("Texts", exact=True).select_option("the last answer")
    page.get_by_label("At most so many texts").fill("3")
    page.get_by_role("button", name="Make the task").click()
    page.wait_for_url("**/rating/r-*")
    expect(page.get_by_text("0 of 3 done")).to_be_visible()
    expect(page.get_by_text("5: entirely")).to_be_visible()
    page.keyboard.press("4")
    expect(page.get_by_text("1 of 3 done")).to_be_visible()


def test_people_are_drawn_looked_at_and_kept(walker: Visit) -> None:
    page = walker.open("/population")
    page.get_by_role("button", name="Draw people").first.click()
    page.get_by_label("How many").fill("80")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_url("**/population/*")
    expect(page.locator(".chart svg")).to_have_count(2, timeout=20_000)
    page.get_by_label("From..to").fill("0..9")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("button", name="Remove the filter")).to_be_visible()
    page.get_by_label("Table of people").locator("tbody").get_by_role("button").first.click()
    page.get_by_role("button", name="Keep as a persona").click()
    page.wait_for_url("**/personas/*")


def test_a_persona_leaves_as_a_file_of_its_own(walker: Visit) -> None:
    page = walker.open("/personas")
    page.locator(".persona-card").first.click()
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_role("dialog").get_by_text("Nothing is lost")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().stat().st_size > 100


def test_a_real_model_server_streams_into_the_chat(browser: Browser, tmp_path: Path) -> None:
    command = str(Path(sys.executable).parent / "personae")
    model = Served([command, "sim", "serve", "--port", "0"], tmp_path / "model.log", environment(tmp_path))
    studio = Served([], tmp_path / "studio.log", environment(tmp_path))
    try:
        name = f"{model.start()}/v1#sim"
        folders = ["--data", str(tmp_path / "data"), "--runs", str(tmp_path / "runs")]
        studio.words = [command, "serve", "--port", "0", "--model", name, *folders]
        with visit(browser, studio.start()) as guest:
            page = guest.open("/personas")
            ask(page, "POST", "/api/personas", {"persona": {"name": "Ada", "description": "An engineer."}})
            guest.open("/personas/ada")
            page.get_by_role("button", name="Talk").click()
            page.wait_for_url("**/chat/*")
            page.get_by_label("Your message").fill("Tell me about your week.")
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_role("article")).to_have_attribute("aria-busy", "false")
            expect(page.locator(".prose")).not_to_be_empty()
    finally:
        studio.stop()
        model.stop()
