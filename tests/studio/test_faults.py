"""A fault of one page stays on that page."""

from __future__ import annotations

from playwright.sync_api import expect

from support.studio import Visit


def test_a_page_that_fails_is_told_and_the_others_stay_usable(guest: Visit) -> None:
    page = guest.page
    page.route("**/api/ratings?*", lambda route: route.fulfill(json={"items": [None], "next": None, "total": 1}))
    page.goto(f"{guest.url}/rating")
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("what was saved is safe")
    page.get_by_role("link", name="Personas").first.click()
    expect(page.get_by_role("heading", name="Personas")).to_be_visible()
    assert guest.complaints
    guest.complaints.clear()
