"""People answer an instrument by a link: they go on where they stopped, and what they send counts once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from support.studio import Visit, ask

KEY = "bfi-10"


def invite(page: Page, **terms: Any) -> str:
    made: dict[str, Any] = ask(page, "POST", f"/api/instruments/{KEY}/links", terms)
    return str(made["token"])


def begin(page: Page) -> None:
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()


def test_answers_survive_a_reload_and_are_sent_once(guest: Visit) -> None:
    page = guest.open("/instruments")
    token = invite(page)
    before = ask(page, "GET", f"/api/instruments/{KEY}/answers")["n"]
    guest.open(f"/take/{token}")
    expect(page).to_have_title("Big Five Inventory-10")
    begin(page)
    for digit in "12345":
        page.keyboard.press(digit)
    expect(page.get_by_text("5 of 10 answered")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You go on where you stopped")).to_be_visible()
    expect(page.get_by_text("5 of 10 answered")).to_be_visible()
    for digit in "54321":
        page.keyboard.press(digit)
    page.get_by_role("button", name="Send, and see my scores").dblclick()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    shown = page.get_by_label("Scores").inner_text()
    page.reload()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert page.get_by_label("Scores").inner_text() == shown
    assert ask(page, "GET", f"/api/instruments/{KEY}/answers")["n"] == before + 1
    assert page.evaluate("token => localStorage.getItem(`personae.take.${token}`)", token) is None
    page.get_by_role("button", name="Somebody else answers").click()
    expect(page.get_by_role("heading", name="Before you begin")).to_be_visible()


def test_a_lost_connection_loses_no_answers(guest: Visit) -> None:
    page = guest.open("/instruments")
    guest.open(f"/take/{invite(page)}")
    begin(page)
    for _ in range(10):
        page.keyboard.press("3")
    page.route("**/api/take/**", lambda route: route.abort())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(page.get_by_role("alert")).to_contain_text("What to do: Check the connection")
    page.unroute("**/api/take/**")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    guest.complaints.clear()  # the browser tells of the lost request


def test_links_that_lead_nowhere_say_what_to_do(guest: Visit) -> None:
    page = guest.open("/instruments")
    full = invite(page, most=1)
    items = [item["id"] for item in ask(page, "GET", f"/api/instruments/{KEY}")["items"]]
    ask(page, "POST", f"/api/take/{full}", {"answers": dict.fromkeys(items, 3), "consent": True})
    guest.open(f"/take/{full}")
    expect(page.get_by_text("As many have taken part as were wanted")).to_be_visible()
    guest.open("/take/none")
    expect(page.get_by_role("alert")).to_contain_text("What to do: ask whoever sent it to you for a new one")
    guest.complaints.clear()  # the browser tells of the refused request


def test_a_link_is_made_with_terms_and_closed_again(guest: Visit) -> None:
    page = guest.open(f"/instruments/{KEY}")
    page.get_by_role("button", name="Send a link").click()
    dialog = page.get_by_role("dialog", name="Send a link")
    expect(dialog.get_by_label("Consent text")).to_have_value(re.compile("Taking part is voluntary"))
    count = dialog.get_by_role("button", name="Close this link").count()
    dialog.get_by_label("At most so many people").fill("3")
    dialog.get_by_label("Open for").select_option("7")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_text("0 of 3 used").first).to_be_visible()
    made = ask(page, "GET", "/api/links")["items"][0]
    assert round((made["ends"] - made["created"]) / 86400) == 7
    dialog.get_by_role("button", name="Close this link").first.click()
    expect(dialog.get_by_role("button", name="Close this link")).to_have_count(count)


def test_who_withdraws_is_erased(guest: Visit) -> None:
    page = guest.open("/instruments")
    sent = {"answers": {"1": 3}, "consent": True}
    person = ask(page, "POST", "/api/instruments/tipi/answers", sent)["person"]
    ask(page, "POST", "/api/instruments/tipi/answers", sent)
    guest.open("/instruments/tipi")
    page.get_by_role("tab", name="Answers of people").click()
    expect(page.get_by_text("2 people answered.")).to_be_visible()
    page.get_by_text("Somebody withdraws").click()
    page.get_by_label("Their random number").fill(person)
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_text("1 person answered.")).to_be_visible()


@pytest.mark.parametrize("key", ["bfi-2", "vsm-2013"])
def test_an_instrument_without_texts_shows_its_structure_and_how_to_use_it(guest: Visit, key: str) -> None:
    page = guest.open(f"/instruments/{key}")
    expect(page.get_by_label("Items")).to_contain_text("text not shipped")
    expect(page.get_by_text("personae instrument import")).to_be_visible()
    expect(page.get_by_role("button", name="Send a link")).to_be_disabled()
