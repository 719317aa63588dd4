"""Files of personas: shown before they are kept, refused with a reason, written with what they lose."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.sync_api import expect

from studio.conftest import ADA
from support.cards import golden
from support.studio import Visit, ask


def test_a_card_is_shown_before_it_is_kept(guest: Visit) -> None:
    page = guest.open("/personas")
    files = page.locator("input[type=file]")
    files.set_input_files({"name": "card.json", "mimeType": "application/json", "buffer": golden("card_v2.json")})
    dialog = page.get_by_role("dialog", name="Import")
    expect(dialog).to_contain_text("Nothing is kept until you say so")
    count = ask(page, "GET", "/api/personas")["total"]
    dialog.get_by_role("button", name="Import 1 persona").click()
    page.wait_for_url("**/personas/*")
    assert ask(page, "GET", "/api/personas")["total"] == count + 1


def test_a_file_that_is_none_is_refused_with_a_reason(guest: Visit) -> None:
    page = guest.open("/personas")
    files = page.locator("input[type=file]")
    files.set_input_files({"name": "noise.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnot a picture"})
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Nothing to import")).to_be_disabled()
    guest.complaints.clear()  # the browser tells of the refused request


def test_export_says_what_is_lost_and_gives_the_file(guest: Visit, tmp_path: Path) -> None:
    page = guest.open("/personas")
    ask(page, "POST", "/api/personas", {"persona": {**ADA, "name": "Exported"}, "slug": "exported"})
    guest.open("/personas/exported")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    path = tmp_path / "file"
    download.value.save_as(path)
    assert "Exported" in path.read_text(encoding="utf-8")


def test_the_download_can_be_dragged_to_a_folder(guest: Visit) -> None:
    page = guest.open("/personas")
    slug = ask(page, "POST", "/api/personas", {"persona": {"name": "Dragged", "description": "Somebody."}})["slug"]
    guest.open(f"/personas/{slug}")
    page.get_by_role("button", name="Export").click()
    page.get_by_label("Format").select_option("card-png")
    link = page.get_by_role("link", name="Download")
    told = link.evaluate(
        "(link) => { const carried = new DataTransfer();"
        " link.dispatchEvent(new DragEvent('dragstart', {bubbles: true, dataTransfer: carried}));"
        " return carried.getData('DownloadURL'); }"
    )
    kind, name, address = told.split(":", 2)
    assert (kind, name) == ("image/png", f"{slug}.png")
    assert page.request.get(address).body()[:4] == b"\x89PNG"


def test_a_card_in_a_picture_is_dropped_on_the_gallery(guest: Visit) -> None:
    page = guest.open("/personas")
    slug = ask(page, "POST", "/api/personas", {"persona": {"name": "Dropped", "description": "Keeps a light."}})["slug"]
    card = page.request.get(f"{guest.url}/api/personas/{slug}/export?format=card-png").body()
    page.evaluate(
        "([data, name]) => { const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));"
        " const carried = new DataTransfer(); carried.items.add(new File([bytes], name));"
        " const tell = (kind) => window.dispatchEvent("
        "new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));"
        " tell('dragenter'); tell('dragover'); tell('drop'); }",
        [base64.b64encode(card).decode(), "card.png"],
    )
    dialog = page.get_by_role("dialog", name="Import")
    expect(dialog).to_contain_text("Keeps a light.")
    expect(dialog).to_contain_text("card-png")
    dialog.get_by_role("button", name="Import 1 persona").click()
    page.wait_for_url("**/personas/dropped-2")
