"""Letta: memory blocks and agent files of all versions, in which an edit touches one block alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.persona import Persona, convert_personas, detect_format, read_personas, write_personas
from support.cards import GOLDEN
from support.foreign import edited, read


def test_letta() -> None:
    assert read("letta_blocks.json").description == "I keep a lighthouse."
    agent = read("letta_agent.af")
    assert (agent.name, agent.description) == ("mira", "I keep a lighthouse.")
    assert read("letta_first.af").name == "mira"
    assert "Bo" not in str(agent.content()["description"])  # the human block is somebody else
    ada = Persona(name="Ada", description="An engineer.", goals=("rest",), traits={"big_five.openness": 1.3})
    for key in ("letta-blocks", "letta-af"):
        written = convert_personas([ada], key)
        assert written.report.is_complete
        assert read_personas(written.data)[0].persona.traits == ada.traits
    (block,) = json.loads(convert_personas([ada], "letta-blocks").data)
    assert "rest" in block["value"]
    assert "1.3" not in block["value"]
    assert len(block["value"]) <= block["limit"]


def test_an_agent_file_that_is_a_string_of_json() -> None:
    """As some are published: the file is one JSON string, and the agent file is in it."""
    inner = (GOLDEN / "letta_agent.af").read_text()
    data = json.dumps(inner).encode()
    assert detect_format(data) == "letta-af"
    assert read_personas(data)[0].persona == read("letta_agent.af")
    for broken in (json.dumps("{x"), json.dumps(json.dumps([1])), '"{' + "[" * 90_000):
        assert detect_format(broken.encode()) == "personae"


def test_an_edited_agent_file_keeps_the_other_blocks_and_its_names() -> None:
    before = json.loads((GOLDEN / "letta_agent.af").read_text())
    after = json.loads(
        convert_personas([edited(read("letta_agent.af"), description="I left.", name="M")], "letta-af").data
    )
    human, persona = after["blocks"]
    assert human == before["blocks"][0]
    assert (persona["id"], persona["value"], persona["limit"]) == ("block-1", "I left.", 5000)
    assert after["agents"] == [{**before["agents"][0], "name": "M"}]
    assert {key: value for key, value in after.items() if key not in ("agents", "blocks")} == {
        key: value for key, value in before.items() if key not in ("agents", "blocks")
    }
    first = json.loads(convert_personas([edited(read("letta_first.af"), description="I left.")], "letta-af").data)
    assert set(first) == set(json.loads((GOLDEN / "letta_first.af").read_text()))
    assert first["core_memory"][0]["value"] == "I left."
    blocks = json.loads(
        convert_personas([edited(read("letta_blocks.json"), description="I left.")], "letta-blocks").data
    )
    assert [block["label"] for block in blocks] == ["human", "persona"]
    assert (blocks[1]["description"], blocks[1]["metadata"]["x"], blocks[1]["value"]) == ("who I am", 1, "I left.")


def test_an_agent_without_a_persona_block_is_given_one() -> None:
    file = json.loads((GOLDEN / "letta_agent.af").read_text())
    del file["blocks"][1]
    file["agents"][0]["block_ids"] = ["block-0"]
    (found,) = read_personas(json.dumps(file).encode())
    assert found.persona.description == ""
    after = json.loads(convert_personas([edited(found.persona, description="I keep a light.")], "letta-af").data)
    assert [block["label"] for block in after["blocks"]] == ["human", "persona"]
    assert after["agents"][0]["block_ids"] == ["block-0", after["blocks"][1]["id"]]
    assert read_personas(json.dumps(after).encode())[0].persona.description == "I keep a light."


def test_agents_of_one_file_go_back_into_it(tmp_path: Path) -> None:
    file = json.loads((GOLDEN / "letta_agent.af").read_text())
    file["agents"].append({"id": "agent-1", "name": "bo", "block_ids": ["block-2"]})
    file["blocks"].append({"id": "block-2", "label": "persona", "value": "I fish.", "limit": 100})
    mira, bo = read_personas(json.dumps(file).encode())
    assert (bo.persona.name, bo.persona.description) == ("bo", "I fish.")
    assert json.loads(convert_personas([mira, bo], "letta-af").data) == file
    other = bo._replace(persona=edited(bo.persona, description="I sail."))
    write_personas([mira, other], tmp_path / "crew.af", format="letta-af")
    again = read_personas(tmp_path / "crew.af")
    assert [one.persona.description for one in again] == ["I keep a lighthouse.", "I sail."]
    write_personas([mira.persona, Persona(name="Cy")], tmp_path / "others", format="letta-af")
    assert len(list((tmp_path / "others").iterdir())) == 2


def test_a_block_with_the_name_of_its_agent_is_its_persona() -> None:
    blocks = [{"id": "b0", "label": "zeitgeist", "value": "x"}, {"id": "b1", "label": "void-persona", "value": "I am."}]
    file = {"agents": [{"name": "void", "block_ids": ["b0", "b1"]}], "blocks": blocks}
    (void,) = read_personas(json.dumps(file).encode())
    assert void.persona.description == "I am."
    written = json.loads(convert_personas([edited(void.persona, description="I was.")], "letta-af").data)
    assert [one["label"] for one in written["blocks"]] == ["zeitgeist", "void-persona"]
    assert written["blocks"][1]["value"] == "I was."


def test_a_file_of_more_agents_than_can_keep_it_is_refused() -> None:
    agents = [{"name": f"a{number}", "block_ids": []} for number in range(5000)]
    with pytest.raises(InputError, match="5000 people who share"):
        read_personas(json.dumps({"agents": agents, "blocks": []}).encode())
