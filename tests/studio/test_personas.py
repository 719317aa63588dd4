"""The personas' pages: edit, preview, versions, search."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from studio.conftest import ADA
from support.studio import Visit, ask


def test_a_persona_is_described_previewed_saved_and_changed(guest: Visit) -> None:
    page = guest.open("/personas/new")
    page.get_by_label("Name", exact=True).fill("Cleo")
    page.get_by_label("Who this is").fill("A florist.")
    prompt = page.get_by_label("The prompt", exact=True)
    expect(prompt).to_contain_text("You are Cleo. A florist.")
    page.get_by_role("tab", name="Traits").click()
    slider = page.get_by_label("Extraversion", exact=True)
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "extremely high, above 98 % of people, z 2")
    expect(prompt).to_contain_text("extremely extroverted")
    page.keyboard.press("Control+s")
    page.wait_for_url("**/personas/cleo")
    expect(page.get_by_text("version 1", exact=True)).to_be_visible()

    page.get_by_role("tab", name="Design lab").click()
    page.get_by_label("Who this is").fill("A florist who hates roses.")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("What changed").fill("roses")
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_text("version 2", exact=True)).to_be_visible()
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_label("Difference of two versions")).to_contain_text("A florist who hates roses.")
    assert ask(page, "GET", "/api/personas/cleo")["persona"]["traits"] == {"big_five.extraversion": 2.0}


def test_what_was_typed_survives_a_reload(guest: Visit) -> None:
    page = guest.open("/personas/new")
    page.get_by_label("Name", exact=True).fill("Dora")
    page.wait_for_function("() => localStorage.getItem('personae.draft.new')?.includes('Dora')")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Dora")
    page.get_by_role("button", name="Undo changes").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_search_finds_by_words(guest: Visit) -> None:
    page = guest.open("/personas")
    ask(page, "POST", "/api/personas", {"persona": {**ADA, "name": "Searched"}, "slug": "searched"})
    page.reload()
    page.keyboard.press("/")
    page.keyboard.type("Searched")
    expect(page.get_by_role("link", name="Searched")).to_be_visible()
    page.get_by_label("Search personas").fill("nobodyatall")
    expect(page.get_by_text("Nobody matches")).to_be_visible()


def test_two_who_edit_at_once_lose_nothing(guest: Visit) -> None:
    page = guest.open("/personas")
    first = ask(page, "POST", "/api/personas", {"persona": {**ADA, "name": "Shared"}, "slug": "shared"})
    guest.open("/personas/shared")
    ask(page, "PUT", "/api/personas/shared", {"persona": {**first["persona"], "style": "curt"}, "base_version": 1})
    page.get_by_label("Who this is").fill("Mine.")
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog", name="Somebody saved meanwhile")
    dialog.get_by_role("button", name="Save mine as the newest").click()
    expect(page.get_by_text("version 3", exact=True)).to_be_visible()
    assert len(ask(page, "GET", "/api/personas/shared/versions")["items"]) == 3
    guest.complaints.clear()  # the browser tells of the refused request


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "javascript:alert(1)"]
)
def test_hostile_words_stay_words(guest: Visit, hostile: str) -> None:
    page = guest.open("/personas")
    page.on("dialog", lambda dialog: guest.complaints.append(f"a dialog opened: {dialog.message}"))
    made = ask(page, "POST", "/api/personas", {"persona": {"name": hostile, "description": hostile}})
    guest.open(f"/personas/{made['slug']}")
    expect(page.locator("h1")).to_have_text(hostile)
    assert json.dumps(hostile)[1:-1] in json.dumps(page.locator("h1").inner_text())


def test_a_remark_is_mended_with_a_click(guest: Visit) -> None:
    page = guest.open("/personas")
    words = "A baker who gets up at three and sings to the dough until the shop opens at six."
    odd = {"name": "Odd", "description": words, "goals": ["rest", "Rest"]}
    ask(page, "POST", "/api/personas", {"persona": odd, "slug": "odd"})
    guest.open("/personas/odd")
    expect(page.get_by_text("Is there already: leave it out.")).to_be_visible()
    page.get_by_role("button", name="Fix it").click()
    expect(page.get_by_role("heading", name="No remarks")).to_be_visible()
