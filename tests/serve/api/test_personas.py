"""Personas of the studio: the shelf, its versions, previews, and files in and out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from personae.persona import RENDERERS, Persona, load_persona, render
from personae.persona.formats import FORMATS, convert_personas
from personae.serve.avatar import draw_avatar
from support.served import client_of

ADA = {"name": "Ada Lovelace", "description": "An engineer.", "traits": {"big_five.openness": 1.5}}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with client_of(tmp_path) as client:
        yield client


def create(client: TestClient, persona: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/personas", json={"persona": persona or ADA, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_persona_is_created_read_and_listed_as_a_model(client: TestClient) -> None:
    made = create(client)
    assert (made["slug"], made["version"], made["versions"]) == ("ada-lovelace", 1, 1)
    assert made["model_id"] == "persona/ada-lovelace@1"
    read = client.get("/api/personas/ada-lovelace").json()
    assert read == made
    assert Persona.model_validate({k: v for k, v in read["persona"].items() if k != "format"}).hash == made["hash"]
    ids = [row["id"] for row in client.get("/v1/models").json()["data"]]
    assert ids[:2] == ["persona/ada-lovelace", "persona/ada-lovelace@1"]


def test_short_names_are_free_or_refused(client: TestClient) -> None:
    create(client)
    assert create(client)["slug"] == "ada-lovelace-2"
    assert client.post("/api/personas", json={"persona": ADA, "slug": "ada-lovelace"}).status_code == 409
    assert create(client, slug="ada")["slug"] == "ada"
    for slug in ("../x", "A", "a/b", "", "-a", "a" * 65):
        assert client.post("/api/personas", json={"persona": ADA, "slug": slug}).status_code == 422, slug


def test_an_edit_is_a_version_and_nothing_changed_is_none(client: TestClient) -> None:
    made = create(client)
    path = "/api/personas/ada-lovelace"
    same = client.put(path, json={"persona": made["persona"], "base_version": 1}).json()
    assert same["version"] == 1
    edited = {**made["persona"], "description": "A mathematician."}
    second = client.put(path, json={"persona": edited, "base_version": 1, "note": "truer"}).json()
    assert (second["version"], second["description"], second["id"]) == (2, "A mathematician.", made["id"])
    stale = client.put(path, json={"persona": ADA, "base_version": 1})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "conflict")
    assert client.get(f"{path}?version=1").json()["description"] == "An engineer."
    versions = client.get(f"{path}/versions").json()["items"]
    assert [(one["version"], one["note"], one["author"]) for one in versions] == [
        (2, "truer", "local"),
        (1, "", "local"),
    ]
    assert client.get(f"{path}?version=3").status_code == 404


def test_the_gallery_is_searched_and_paged(client: TestClient) -> None:
    for name in ("Ada", "Bo", "Cy 100%", "Di_x"):
        create(client, {"name": name, "description": f"{name} paints."})
    assert [one["name"] for one in client.get("/api/personas?q=PAINTS bo").json()["items"]] == ["Bo"]
    assert [one["name"] for one in client.get("/api/personas", params={"q": "100%"}).json()["items"]] == ["Cy 100%"]
    assert client.get("/api/personas", params={"q": "i_x"}).json()["total"] == 1
    assert client.get("/api/personas", params={"q": "%"}).json()["total"] == 1
    first = client.get("/api/personas?limit=3").json()
    second = client.get(f"/api/personas?limit=3&cursor={first['next']}").json()
    assert [one["name"] for one in first["items"] + second["items"]] == ["Di_x", "Cy 100%", "Bo", "Ada"]
    assert (first["total"], second["next"]) == (4, None)


@pytest.mark.parametrize("format", ["yaml", "json", "jsonl", "card-v3", "card-png", "csv", "edsl", "genagents"])
def test_what_nobody_consented_to_leaves_in_no_format(client: TestClient, format: str) -> None:
    terms = {"life_context": {"consent": "withdrawn"}, "goals": {"licence": "All rights reserved"}}
    secret = {"life_context": "SECRET ILLNESS", "goals": ["CLOSED GOAL"], "provenance": terms}
    create(client, {**ADA, **secret, "extensions": {"tool": "SECRET ILLNESS"}}, slug="ada")
    data = client.get(f"/api/personas/ada/export?format={format}").content
    assert b"SECRET" not in data and b"CLOSED" not in data
    lost = client.get(f"/api/personas/ada/export/report?format={format}").json()["lost"]
    found = {row["path"]: row["reason"] for row in lost}
    assert "withdrawn" in found["life_context"]
    assert "All rights reserved" in found["goals"]
    assert "extensions" in found  # originals repeat what was left out


def test_a_malformed_persona_is_refused_at_its_place(client: TestClient) -> None:
    answer = client.post("/api/personas", json={"persona": {"traits": {"big_five.openness": 99}}})
    assert answer.status_code == 400
    assert "z-score" in answer.json()["error"]["message"]
    assert client.post("/api/personas", json={"persona": ADA, "other": 1}).status_code == 422


def test_a_persona_in_use_is_deleted_only_by_force_and_stays_readable_there(client: TestClient) -> None:
    create(client, slug="ada")
    create(client, slug="bo")
    begun = client.post("/api/conversations", json={"seats": [{"kind": "persona", "persona": "ada"}], "title": "tea"})
    usage = client.get("/api/personas/ada/usage").json()
    assert usage == {"used_by": [{"kind": "conversation", "id": begun.json()["id"], "title": "tea"}], "others": 0}
    refused = client.delete("/api/personas/ada")
    assert refused.status_code == 409
    assert refused.json()["error"]["used_by"] == usage["used_by"]
    assert client.delete("/api/personas/ada?force=true").json()["deleted"] == "ada"
    assert client.get("/api/personas/ada").status_code == 404
    said = client.post(f"/api/conversations/{begun.json()['id']}/messages", json={"text": "still there?"})
    assert '"status":"done"' in said.text
    assert create(client, {"name": "Another"}, slug="ada")["version"] == 2  # version 1 is what the conversation keeps
    assert client.delete("/api/personas/bo").status_code == 200


def test_the_preview_shows_what_every_renderer_writes(client: TestClient) -> None:
    shown = client.post("/api/personas/preview", json={"persona": ADA}).json()
    persona = Persona.model_validate(ADA)
    assert {prompt["renderer"]: prompt["text"] for prompt in shown["prompts"]} == {
        key: render(persona, key).text for key in RENDERERS
    }
    assert all(prompt["tokens"] == -(-prompt["characters"] // 4) for prompt in shown["prompts"])
    (trait,) = shown["traits"]
    assert (trait["level"], trait["percentile"]) == (8, 93.3)
    assert (
        client.post("/api/personas/preview", json={"persona": ADA, "renderers": ["json"]}).json()["prompts"][0][
            "renderer"
        ]
        == "json"
    )
    assert client.post("/api/personas/preview", json={"persona": ADA, "renderers": ["x"]}).status_code == 400


def test_the_form_is_described(client: TestClient) -> None:
    told = client.get("/api/personas/schema").json()
    assert "properties" in told["persona"]
    assert [one["key"] for one in told["dimensions"] if one["is_clochat"]] == [
        "demographics", "verbal_style", "nonverbal_style", "knowledge", "relational", "appearance",
    ]  # fmt: skip
    roots = set(Persona.model_fields)
    assert {field["path"].partition(".")[0] for one in told["dimensions"] for field in one["fields"]} <= roots
    assert [one["level"] for one in told["levels"]] == list(range(1, 10))
    assert told["traits"][0]["key"] == "big_five.extraversion"


def test_the_avatar_is_a_drawing_that_shows_no_script(client: TestClient) -> None:
    create(client, {"name": "<script>alert(1)</script>&\"'"}, slug="x")
    answer = client.get("/api/personas/x/avatar.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    tree = ElementTree.fromstring(answer.text)  # our own
    assert tree.tag.endswith("svg")
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@given(
    st.text(max_size=30),
    st.dictionaries(st.sampled_from(["big_five.openness", "big_five.extraversion"]), st.floats(-6, 6)),
)
def test_an_avatar_is_well_formed_and_depends_on_the_content_alone(name: str, traits: dict[str, float]) -> None:
    persona = Persona(name=name, traits=traits)
    drawn = draw_avatar(persona)
    ElementTree.fromstring(drawn)
    assert drawn == draw_avatar(Persona.model_validate({**persona.model_dump(), "id": "other"}) if name else persona)


@pytest.mark.parametrize("format", [*FORMATS, "yaml", "json", "jsonl"])
def test_a_persona_goes_out_and_comes_back_in_every_format(client: TestClient, format: str, tmp_path: Path) -> None:
    create(client, slug="ada")
    file = client.get(f"/api/personas/ada/export?format={format}")
    assert file.status_code == 200, file.text
    assert file.headers["content-disposition"].startswith('attachment; filename="ada')
    report = client.get(f"/api/personas/ada/export/report?format={format}").json()
    assert report["format"] == format
    listed = {row["key"]: row for row in client.get("/api/formats").json()["items"]}
    assert listed[format]["can_import"]
    answer = client.post(
        "/api/personas/import?save=true", files={"file": (f"x{listed[format]['extension']}", file.content)}
    )
    assert answer.status_code == 200, answer.text
    read = answer.json()
    assert read["personas"]
    if "name" in {row["path"] for row in report["lost"]}:  # some hold words about a person, and no name
        return
    assert read["personas"][0]["persona"]["name"] == "Ada Lovelace"
    assert read["saved"][0]["slug"] == "ada-lovelace"


def test_a_picture_of_a_card_comes_along_and_goes_out_again(client: TestClient) -> None:
    card = convert_personas([Persona(name="Ada", description="An engineer.")], "card-png").data
    saved = client.post("/api/personas/import?save=true", files={"file": ("ada.png", card)}).json()["saved"]
    out = client.get(f"/api/personas/{saved[0]['slug']}/export?format=card-png").content
    again = client.post("/api/personas/import", files={"file": ("ada.png", out)}).json()
    assert again["personas"][0]["persona"]["name"] == "Ada"
    assert client.get("/api/personas/ada/export?format=none").status_code == 400


def test_several_personas_of_one_file_are_all_saved(client: TestClient, tmp_path: Path) -> None:
    lines = b'{"name": "Ada"}\n{"name": "Bo", "shoe_size": 43}\n'
    read = client.post("/api/personas/import?save=true", files={"file": ("people.jsonl", lines)}).json()
    assert [one["slug"] for one in read["saved"]] == ["ada", "bo"]
    assert read["personas"][1]["unknown"] == ["shoe_size"]


def test_what_is_here_already_is_told_and_can_be_left_out(client: TestClient) -> None:
    lines = {"file": ("people.jsonl", b'{"name": "Ada"}\n{"name": "Bo"}\n')}
    create(client, {"name": "Ada"})
    read = client.post("/api/personas/import", files=lines).json()
    assert ([one["twin"] for one in read["personas"]], read["known"]) == (["ada", ""], 1)
    kept = client.post("/api/personas/import?save=true&new_only=true", files=lines).json()
    assert [one["slug"] for one in kept["saved"]] == ["bo"]
    again = client.post("/api/personas/import?save=true", files=lines).json()
    assert [one["slug"] for one in again["saved"]] == ["ada-2", "bo-2"]


def test_a_file_is_imported_whole_or_not_at_all(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from personae.errors import StorageError
    from personae.serve.shelf import PersonaShelf

    add, count = PersonaShelf._add, iter(range(10))

    def full(*values: Any) -> None:
        if next(count) == 1:
            raise StorageError("cannot be used", where="studio.sqlite", remedy="make room")
        add(*values)

    monkeypatch.setattr(PersonaShelf, "_add", staticmethod(full))
    lines = b'{"name": "Ada"}\n{"name": "Bo"}\n'
    answer = client.post("/api/personas/import?save=true", files={"file": ("people.jsonl", lines)})
    assert answer.status_code >= 400
    assert client.get("/api/personas").json()["total"] == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd.yaml", "x" * 5000 + ".json", "a\x00b.yaml"])
def test_the_name_of_an_upload_names_no_file(client: TestClient, name: str, tmp_path: Path) -> None:
    answer = client.post("/api/personas/import", files={"file": (name, b"name: Ada\n")})
    assert answer.status_code in (200, 400)
    assert "root:" not in answer.text


@given(st.binary(max_size=400), st.sampled_from(["x.png", "x.charx", "x.json", "x.yaml", "x.jsonl", "x", "x.csv"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_uploaded_is_read_or_refused(client: TestClient, data: bytes, name: str) -> None:
    answer = client.post("/api/personas/import", files={"file": (name, data)})
    assert answer.status_code in (200, 400, 422), answer.text


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cards_that_were_damaged_are_read_or_refused(client: TestClient, place: int, damage: bytes) -> None:
    for format in ("card-png", "charx"):
        card = bytearray(convert_personas([Persona(name="Ada", description="x" * 50)], format, check=False).data)
        start = place % len(card)
        card[start : start + len(damage)] = damage
        answer = client.post("/api/personas/import", files={"file": ("x", bytes(card))})
        assert answer.status_code in (200, 400, 422), answer.text


def test_an_upload_that_is_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/api/personas/import", files={"file": ("x.json", b"x" * 20_000_001)})
    assert answer.status_code == 413


def test_files_of_the_command_line_are_put_on_the_shelf_once(tmp_path: Path) -> None:
    from personae.serve import shelf
    from personae.serve.store import Store

    (tmp_path / "ada.yaml").write_text("name: Ada\n")
    persona = load_persona(tmp_path / "ada.yaml")
    store = Store(tmp_path / "studio.sqlite", (shelf.SCHEMA,))
    kept = shelf.PersonaShelf(store)
    assert (kept.put_all([persona], "cli"), kept.put_all([persona], "cli")) == (1, 0)
    store.close()
