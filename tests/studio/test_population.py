"""The pages of a population: people sorted, filtered and opened, and weighted to the shares that are wanted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from support.studio import Visit, axe_violations, sideways

PEOPLE = "id,name,demographics.age,demographics.gender,traits.big_five.openness\n" + "".join(
    f"p{n},P{n:02d},{20 + n},{'woman' if n % 4 else 'man'},{n / 20 - 1}\n" for n in range(40)
)


@pytest.fixture
def forty(guest: Visit) -> str:
    page = guest.open("/population")
    file = {"name": "forty.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.wait_for_url("**/population/pop-*")
    return "/population/" + page.url.rsplit("/", 1)[1]


def names(page: Page) -> list[str]:
    return page.locator("table.data tbody tr td:first-child button").all_inner_texts()


def test_people_are_sorted_and_filtered_by_what_there_is(guest: Visit, forty: str) -> None:
    page = guest.open(forty)
    people = page.get_by_label("People", exact=True)
    people.get_by_role("button", name="Age").click()
    expect(people.get_by_role("columnheader", name="Age")).to_have_attribute("aria-sort", "ascending")
    people.get_by_role("button", name="Age").click()
    expect(people.get_by_role("columnheader", name="Age")).to_have_attribute("aria-sort", "descending")
    expect(people.locator("tbody tr").first).to_contain_text("P39")
    people.get_by_label("Filter by").select_option("demographics.gender")
    options = people.locator("datalist option")
    expect(options).to_have_count(2)
    assert options.evaluate_all("all => all.map(one => one.value)") == ["woman", "man"]
    people.get_by_label("Is", exact=True).fill("Man")
    people.get_by_role("button", name="Filter", exact=True).click()
    expect(people.get_by_text("10 people")).to_be_visible()
    assert names(page)[0] == "P36"
    people.get_by_text("Columns:").click()
    people.get_by_role("checkbox", name="Openness").uncheck()
    expect(people.get_by_role("columnheader", name="Openness")).to_have_count(0)
    people.get_by_role("button", name="P36").click()
    expect(page.get_by_role("dialog", name="P36")).to_contain_text("56")


def test_people_are_weighted_to_wanted_shares(guest: Visit, forty: str) -> None:
    page = guest.open(forty)
    page.get_by_label("Look at").select_option("demographics.gender")
    page.get_by_role("button", name="Set wanted shares").click()
    page.get_by_label("woman, %").fill("50")
    page.get_by_label("man, %", exact=True).fill("50")
    page.get_by_role("button", name="Save", exact=True).click()
    told = page.get_by_text("25.0 % of the people would have to change")
    expect(told).to_be_visible(timeout=30_000)  # the first interval loads the statistics
    page.get_by_role("button", name="Weight to the wanted shares").click()
    expect(page.get_by_text("40 people tell as much as 30 of equal weight")).to_be_visible()
    expect(page.get_by_text("0.0 % of the people would have to change")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Weight")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert "weight" in download.value.path().read_text().splitlines()[0]
    page.get_by_role("button", name="Count all alike").click()
    expect(page.get_by_text("all people count alike so far")).to_be_visible()
    assert axe_violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert sideways(page) <= 0


def test_a_point_of_the_map_is_a_person(guest: Visit, forty: str) -> None:
    page = guest.open(forty)
    point = page.get_by_label("Map of the people").locator("svg path[aria-roledescription=point]").first
    point.wait_for(state="attached")
    point.click(force=True)
    expect(page.get_by_role("dialog")).to_be_visible()
