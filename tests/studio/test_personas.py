"""The personas' pages: edit, preview, versions, search."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from studio.conftest import ADA
from support.studio import Visit, ask

KEPT = "words => Object.entries(localStorage).some(([key, text]) => /draft/.test(key) && text.includes(words))"


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
    page.wait_for_function(KEPT, arg="Dora")
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
    theirs = {**first["persona"], "style": "curt", "goals": ["theirs"]}
    ask(page, "PUT", "/api/personas/shared", {"persona": theirs, "base_version": 1})
    page.get_by_label("Who this is").fill("Mine.")
    page.get_by_label("Wants").fill("mine")
    page.keyboard.press("Control+s")
    told = page.get_by_label("Saved meanwhile")
    expect(told).to_contain_text("Version 2 was saved meanwhile")
    expect(told).to_contain_text("Its changes were put beside yours: Style.")
    expect(page.get_by_label("Speaks and writes")).to_have_value("curt")
    expect(page.get_by_label("Wants")).to_have_value("mine")
    told.get_by_role("button", name="Take theirs for Goals").click()
    expect(page.get_by_label("Wants")).to_have_value("theirs")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("version 3", exact=True)).to_be_visible()
    kept = ask(page, "GET", "/api/personas/shared")["persona"]
    assert (kept["description"], kept["style"], kept["goals"]) == ("Mine.", "curt", ["theirs"])
    assert len(ask(page, "GET", "/api/personas/shared/versions")["items"]) == 3
    guest.complaints.clear()  # the browser tells of the refused request


def test_two_tabs_keep_what_is_not_saved_in_either(guest: Visit) -> None:
    page = guest.open("/personas")
    ask(page, "POST", "/api/personas", {"persona": {**ADA, "name": "Tabs"}, "slug": "tabs"})
    guest.open("/personas/tabs")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Speaks and writes").fill("Of the second tab.")
    other.wait_for_function(KEPT, arg="second tab")
    page.bring_to_front()
    page.get_by_label("Who this is").fill("Of the first tab.")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("version 2", exact=True)).to_be_visible()
    other.on("dialog", lambda dialog: dialog.accept())
    other.reload()
    expect(other.get_by_label("Speaks and writes")).to_have_value("Of the second tab.")
    expect(other.get_by_label("Who this is")).to_have_value("Of the first tab.")
    expect(other.get_by_label("Saved meanwhile")).to_contain_text("Nothing of yours is lost")
    other.keyboard.press("Control+s")
    expect(other.get_by_text("version 3", exact=True)).to_be_visible()
    assert other.evaluate("() => Object.keys(localStorage).filter(key => /draft/.test(key))") == []


def test_rows_that_are_not_filled_are_not_saved(guest: Visit) -> None:
    page = guest.open("/personas")
    ask(page, "POST", "/api/personas", {"persona": {"name": "Rows"}, "slug": "rows"})
    guest.open("/personas/rows")
    page.get_by_role("tab", name="Abilities").click()
    page.get_by_role("button", name="Add an ability").click()
    expect(page.get_by_text("unsaved", exact=True)).to_have_count(0)
    page.get_by_label("Limited by").fill("needs a known route")
    expect(page.get_by_text("say what the person can do")).to_be_visible()
    page.get_by_label("Can", exact=True).fill("travels alone")
    page.get_by_role("button", name="Add an ability").click()
    page.get_by_role("tab", name="Design lab").click()
    page.get_by_role("button", name="Add a memory").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("version 2", exact=True)).to_be_visible()
    kept = ask(page, "GET", "/api/personas/rows")["persona"]
    assert kept["abilities"] == [{"ability": "travels alone", "constraint": "needs a known route"}]
    assert "memories" not in kept


def test_what_was_replaced_in_the_editor_comes_back(guest: Visit) -> None:
    page = guest.open("/personas/new")
    page.get_by_label("Name", exact=True).fill("Precious")
    page.get_by_role("button", name="Undo changes").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Precious")
    page.get_by_role("button", name="Undo changes").click()


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
