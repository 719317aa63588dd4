"""Everybody can use it: axe-core on every page in both themes, 360 pixels, the keyboard alone, and soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.conftest import ADA, BEN
from support.studio import Visit, ask, axe_violations, sideways, visit, wait_until

PAIRS = {
    "title": "Stories",
    "kind": "pairwise",
    "question": "Which is better?",
    "texts": [{"text": f"{group} {n}", "group": group} for group in ("ours", "theirs") for n in range(3)],
}
SMALL = {"personas_per_type": 2, "stories": False, "judged_per_type": 0, "robustness": False}


@pytest.fixture(scope="module")
def pages(browser: Browser, studio: str) -> list[str]:
    """Every page, with something on it."""
    with visit(browser, studio) as guest:
        page = guest.open("/personas")
        for persona, slug in ((ADA, "ada-of-all"), (BEN, "ben-of-all")):
            ask(page, "POST", "/api/personas", {"persona": persona, "slug": slug})
        seats = [{"kind": "persona", "persona": "ada-of-all"}, {"kind": "persona", "persona": "ben-of-all"}]
        chat = ask(page, "POST", "/api/conversations", {"seats": seats})["id"]
        answer = page.request.post(
            f"{studio}/api/conversations/{chat}/messages", headers={"X-Personae": "1"}, data={"text": "How are you?"}
        )
        assert answer.ok
        rating = ask(page, "POST", "/api/ratings", PAIRS)["id"]
        runs = []
        for seed in (0, 1):
            start = {"kind": "paper", "key": "personallm", "parameters": SMALL, "seed": seed}
            runs.append(ask(page, "POST", "/api/runs", start)["id"])
        drawn = {"title": "Drawn", "kind": "drawn", "size": 60, "seed": 0}
        people = ask(page, "POST", "/api/populations/generate", drawn)["id"]
        link = ask(page, "POST", "/api/instruments/bfi-10/links", {})["url"]
        wait_until(lambda: all(ask(page, "GET", f"/api/runs/{id}")["has_report"] for id in runs), 90)
    return [
        "/personas", "/personas/new", "/personas/ada-of-all", "/chat", f"/chat/{chat}", "/runs", "/runs/new",
        "/runs/new/paper/personallm", "/runs/new/instrument/bfi-10", f"/runs/{runs[0]}",
        f"/runs/compare?id={runs[0]}&id={runs[1]}", "/population", f"/population/{people}", "/instruments",
        "/instruments/bfi-10", "/rating",
        f"/rating/{rating}", link, "/nowhere",
    ]  # fmt: skip


def settled(page: Page, path: str) -> None:
    if path.startswith(("/runs/personallm", "/population/")) or "compare" in path:
        page.locator(".chart svg").first.wait_for()


@pytest.fixture(params=["light", "dark"])
def guest_of_theme(request: pytest.FixtureRequest, browser: Browser, studio: str) -> Iterator[Visit]:
    with visit(browser, studio, theme=request.param) as guest:
        yield guest


@pytest.mark.slow
def test_axe_finds_nothing_on_any_page(guest_of_theme: Visit, pages: list[str]) -> None:
    found = {}
    for path in pages:
        settled(guest_of_theme.open(path), path)
        if violations := axe_violations(guest_of_theme.page):
            found[path] = violations
    assert not found


@pytest.mark.slow
def test_axe_finds_nothing_in_parts_and_dialogs(guest: Visit, pages: list[str]) -> None:
    page = guest.open("/personas/ada-of-all")
    for part in ("Traits", "Abilities", "Sources", "Versions"):
        page.get_by_role("tab", name=part).click()
        page.wait_for_timeout(200)
        assert axe_violations(page) == [], part
    page.get_by_role("button", name="Export").click()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    guest.open(pages[4])
    page.get_by_role("button", name="Seats").click()
    assert axe_violations(page) == []
    guest.open(pages[9])
    page.get_by_role("tab", name="Cells").click()
    page.locator(".cell-row button").first.click()
    page.get_by_text("Call 1").wait_for()
    assert axe_violations(page) == []
    guest.open("/instruments/bfi-10")
    page.get_by_role("tab", name="Take it yourself").click()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Begin").click()
    assert axe_violations(page) == []


@pytest.mark.slow
def test_every_page_suits_a_small_telephone(browser: Browser, studio: str, pages: list[str]) -> None:
    with visit(browser, studio, width=360, height=740) as guest:
        wide, found = {}, {}
        for path in pages:
            settled(guest.open(path), path)
            if (over := sideways(guest.page)) > 0:
                wide[path] = over
            if violations := axe_violations(guest.page):
                found[path] = violations
        assert not wide
        assert not found


def test_the_keyboard_is_enough(guest: Visit) -> None:
    page = guest.open("/personas")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    for keys, path in (
        ("gc", "/chat"),
        ("gr", "/runs"),
        ("gi", "/instruments"),
        ("gt", "/rating"),
        ("gp", "/personas"),
    ):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(f"**{path}")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    guest.open("/personas/new")
    page.get_by_role("tab", name="Design lab").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Traits")).to_be_focused()
    expect(page.get_by_role("tab", name="Traits")).to_have_attribute("aria-selected", "true")


def test_the_theme_is_remembered(guest: Visit) -> None:
    page = guest.open("/personas")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def first_load(browser: Browser, studio: str) -> tuple[float, float]:
    """Seconds until the first page can be used, and bytes that came for it, with nothing kept from before."""
    with visit(browser, studio) as guest:
        session = guest.page.context.new_cdp_session(guest.page)
        session.send("Network.enable")
        received: list[float] = []
        session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
        guest.page.goto(studio + "/personas")
        guest.page.get_by_role("link", name="New persona").wait_for()
        seconds = guest.page.evaluate("() => performance.now()") / 1000
        guest.page.wait_for_load_state("networkidle")
        return seconds, sum(received)


def test_the_first_page_is_light_and_soon_there(browser: Browser, studio: str) -> None:
    loads = [first_load(browser, studio) for _ in range(4)]
    print(f"first page: {loads[0][1] / 1000:.0f} kB, there after {min(loads)[0]:.2f} s")  # noqa: T201
    assert max(weight for _, weight in loads) < 300_000, loads
    assert min(seconds for seconds, _ in loads) < 1.0, loads
