"""The page of runs as a researcher meets it: files are brought, runs are compared, and leave the list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from support.studio import Visit, ask, axe_violations

SMALL = {"personas_per_type": 1, "stories": False, "judged_per_type": 0, "robustness": False, "controls": False}
LIBRARY = Path(__file__).parents[2] / "src" / "personae" / "instrument" / "library"


def finished(guest: Visit, **body: Any) -> str:
    """A small run that is through; the id of it."""
    page = guest.open("/runs")
    id = str(ask(page, "POST", "/api/runs", body)["id"])
    guest.open(f"/runs/{id}")
    expect(page.get_by_text("complete", exact=True).first).to_be_visible(timeout=120_000)
    return id


def test_a_file_is_brought_in_place_of_an_instrument_of_the_library(guest: Visit) -> None:
    page = guest.open("/runs")
    page.goto(f"{guest.url}/runs/new/paper/self_assessment_unreliable")
    page.get_by_label("Instrument", exact=True).select_option(label="A file of mine")
    source = (LIBRARY / "mini-ipip-20.toml").read_bytes()
    brought = {"name": "My form.toml", "mimeType": "application/toml", "buffer": source}
    page.locator("input[type=file]").first.set_input_files(brought)  # type: ignore[arg-type]
    expect(page.get_by_text("My form.toml")).to_be_visible()
    expect(page.get_by_label("Estimate", exact=True)).to_contain_text("Rehearsed on", timeout=120_000)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Leave out the file of Instrument").click()
    expect(page.get_by_text("My form.toml")).to_have_count(0)


def test_an_instrument_is_put_to_the_model_as_itself(guest: Visit) -> None:
    page = guest.open("/runs")
    page.goto(f"{guest.url}/runs/new/instrument/bfi-10")
    expect(page.get_by_text("the model as itself").first).to_be_visible()
    expect(page.get_by_label("Estimate", exact=True)).to_contain_text("Rehearsed on", timeout=120_000)
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/runs/bfi-10-*")
    expect(page.get_by_text("complete", exact=True).first).to_be_visible(timeout=120_000)


def test_runs_of_one_experiment_are_compared_and_of_others_are_told_apart(guest: Visit) -> None:
    paper = {"kind": "paper", "key": "personallm", "parameters": SMALL}
    first, second = finished(guest, **paper), finished(guest, **paper, seed=1)
    third = finished(guest, kind="paper", key="say_do_gap", parameters={"people": 0, "repeats": 2})
    page = guest.open(f"/runs/compare?id={first}&id={second}")
    expect(page.locator(".chart svg")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("seed 1", exact=True)).to_be_visible()
    assert axe_violations(page) == []
    page = guest.open(f"/runs/compare?id={first}&id={third}")
    expect(page.get_by_text("These runs share no finding.")).to_be_visible()
    expect(page.locator(".chart svg")).to_have_count(0)


def test_a_run_leaves_the_list_when_asked_twice(guest: Visit) -> None:
    id = finished(guest, kind="paper", key="personallm", parameters=SMALL, seed=2)
    page = guest.page
    page.get_by_role("button", name="Remove the run").click()
    dialog = page.get_by_role("dialog", name="Remove this run")
    expect(dialog).to_contain_text(".removed")
    assert axe_violations(page) == []
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Remove the run").click()
    dialog.get_by_role("button", name="Remove", exact=True).click()
    page.wait_for_url(re.compile("/runs$"))
    expect(page.get_by_text(id)).to_have_count(0)
