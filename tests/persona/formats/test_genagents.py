"""genagents: folders of agents, and banks of them."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.persona import Memory, Persona, convert_personas, detect_format, read_personas, write_personas
from support.cards import GOLDEN
from support.foreign import edited, read


def test_genagents_is_one_person_at_each_load() -> None:
    first, second = read("genagents"), read("genagents")
    assert (first.id, first.name) == ("5f1d", "Mira Holm")
    assert first == second
    assert first.memories == (Memory(text="The lamp went out.", when="3", importance=0.8),)
    assert first.personal_identity == {"census_division": "Islands"}
    assert b"0.1" in read_personas(GOLDEN / "genagents")[0].assets["memory_stream/embeddings.json"]


def test_a_genagents_folder_without_an_id_has_one_made_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "scratch.json").write_text('{"first_name": "Ada"}')
    found = [read_personas(tmp_path)[0].persona.id for _ in range(2)]
    assert found[0] == found[1]
    (tmp_path / "scratch.json").write_text("[1]")
    with pytest.raises(InputError, match="no object"):
        read_personas(tmp_path)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"key": "value"}')
    agent = tmp_path / "agent"
    (agent / "memory_stream").mkdir(parents=True)
    (agent / "scratch.json").write_text('{"first_name": "Ada"}')
    (agent / "memory_stream" / "nodes.json").symlink_to(secret)
    (agent / "other.json").symlink_to(secret)
    (one,) = read_personas(agent)
    assert one.persona.memories == ()
    assert "other.json" not in one.assets


def test_steps_of_genagents_can_be_sorted() -> None:
    mira = read("genagents")
    more = [Memory(text="It rained.", importance=0.1), Memory(text="Fog.", when="12", importance=0.2)]
    later = edited(mira, memories=[*mira.memories, *more])
    written = convert_personas([later], "genagents")
    nodes = json.loads(written.files["memory_stream/nodes.json"])
    assert sorted(node["last_retrieved"] for node in nodes) == [0, 3, 12]
    assert written.report.losses == ()


def test_a_bank_of_genagents(tmp_path: Path) -> None:
    people = [read("genagents"), Persona(id="b", name="Bo", memories=(Memory(text="It rained.", importance=0.1),))]
    write_personas(people, tmp_path / "bank", format="genagents")
    assert sorted(path.name for path in (tmp_path / "bank").iterdir()) == ["5f1d", "b"]
    (tmp_path / "bank" / "notes").mkdir()
    (tmp_path / "bank" / "notes" / "x.json").write_text("{}")
    (tmp_path / "bank" / "linked").symlink_to(GOLDEN / "genagents")
    assert detect_format(tmp_path / "bank") == "genagents"
    found = read_personas(tmp_path / "bank")
    assert [(one.persona.id, one.persona.name, len(one.persona.memories)) for one in found] == [
        ("5f1d", "Mira Holm", 1),
        ("b", "Bo", 1),
    ]
    (tmp_path / "bank" / "b" / "scratch.json").write_text("[1]")
    with pytest.raises(InputError, match=r"bank/b/scratch.json: is no object"):
        read_personas(tmp_path / "bank")


def _zip(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize("folder", ["", "mira/"])
def test_a_genagents_folder_is_read_from_a_zip_archive_too(folder: str, tmp_path: Path) -> None:
    files = {path.relative_to(GOLDEN / "genagents").as_posix(): path for path in (GOLDEN / "genagents").rglob("*.json")}
    packed = _zip({f"{folder}{name}": path.read_bytes() for name, path in files.items()} | {"readme.txt": b"hello"})
    assert detect_format(packed) == "genagents"
    (read,) = read_personas(packed)
    (whole,) = read_personas(GOLDEN / "genagents")
    assert (read.persona, read.assets) == (whole.persona, whole.assets)
    (tmp_path / "mira.zip").write_bytes(packed)
    assert read_personas(tmp_path / "mira.zip")[0].persona == whole.persona


@pytest.mark.parametrize("name", ["../scratch.json", "/scratch.json", "a/../../scratch.json"])
def test_a_packed_folder_that_would_leave_its_place_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="leave its folder"):
        read_personas(_zip({"scratch.json": b"{}", name: b"{}"}))


def test_an_archive_of_neither_kind_is_refused_and_says_so() -> None:
    with pytest.raises(InputError, match=r"without card\.json"):
        read_personas(_zip({"notes.json": b"{}"}))
