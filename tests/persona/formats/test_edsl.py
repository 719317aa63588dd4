"""EDSL: lists of agents in every shape in which EDSL saves them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.persona import Persona, convert_personas, detect_format, read_personas
from support.foreign import read


def test_edsl() -> None:
    mira, other = read("edsl.json"), read("edsl.json", 1)
    assert (mira.name, mira.demographics.age, mira.demographics.politics) == ("mira", 58, "none")
    assert mira.description == "Keeps a lighthouse."
    assert mira.personal_identity == {"hobby": "knots", "own words": "calm"}
    assert other.demographics.age == 30
    ada = Persona(
        name="Ada",
        traits={"big_five.openness": 1.0},
        goals=("rest",),
        social_identity={"club": "chess"},
        personal_identity={"age": "old soul", "own words": "calm", "social_standing": "high"},
    )
    written = convert_personas([ada], "edsl")
    agent = json.loads(written.data)["agent_list"][0]
    assert agent["traits"]["openness"].startswith("High. ")
    assert "1.0" not in str(agent["traits"])
    assert all(name.isidentifier() for name in agent["traits"])
    assert written.report.losses == ()
    assert read_personas(written.data)[0].persona.content()["personal_identity"] == ada.personal_identity


def test_agents_of_edsl_in_a_plain_list() -> None:
    agents = [{"traits": {"age": age}, "edsl_version": "1.0", "edsl_class_name": "Agent"} for age in (22, 23)]
    found = read_personas(json.dumps(agents).encode())
    assert [one.persona.demographics.age for one in found] == [22, 23]
    assert json.loads(convert_personas(found, "edsl").data) == agents


AGENTS = [{"traits": {"age": 58, "hobby": "knots"}, "name": "mira"}, {"traits": {"age": 30}}]
"""Agents as EDSL writes them into files of its own, where they name no class."""


def test_lists_of_edsl_in_lines_begin_with_a_head() -> None:
    head = {"__header__": True, "edsl_class_name": "AgentList", "n_agents": 2, "codebook": {"hobby": "Pastime"}}
    raw = "\n".join(map(json.dumps, [head, *AGENTS])).encode()
    assert detect_format(raw) == "edsl"
    mira, other = read_personas(raw)
    assert (mira.persona.name, mira.persona.demographics.age) == ("mira", 58)
    assert other.persona.demographics.age == 30
    written = convert_personas([mira, other], "edsl")
    assert written.report.losses == ()
    assert json.loads(written.data) == {
        "agent_list": AGENTS,
        "edsl_class_name": "AgentList",
        "codebook": {"hobby": "Pastime"},
    }
    assert [one.persona for one in read_personas(written.data)] == [mira.persona, other.persona]


def test_packages_of_edsl_are_read_in_the_order_of_their_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "crew.agent_list.ep"
    (folder / "agents").mkdir(parents=True)
    manifest = {"format": "edsl.agent_list.git_package", "format_version": 1, "edsl_class_name": "AgentList"}
    manifest |= {"agent_order": ["000002", "000001"], "n_agents": 2, "codebook": None, "edsl_version": "1.0.9"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for number, agent in enumerate(AGENTS, 1):
        (folder / "agents" / f"00000{number}.json").write_text(json.dumps(agent))
    assert detect_format(folder) == "edsl"
    found = read_personas(folder)
    assert [one.persona.demographics.age for one in found] == [30, 58]
    written = json.loads(convert_personas(found, "edsl").data)
    assert written == {
        "agent_list": AGENTS[::-1],
        "edsl_class_name": "AgentList",
        "codebook": None,
        "edsl_version": "1.0.9",
    }
    (folder / "agents" / "000002.json").unlink()
    with pytest.raises(InputError, match=r"lacks 'agents/000002\.json'"):
        read_personas(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="is not JSON"):
        read_personas(folder)
