"""EDSL: an AgentList as JSON. Agents have traits of any name, a codebook that words them, and an instruction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.flat import read_flat, write_flat
from personae.persona.formats.format import Format, Record, Told
from personae.persona.persona import Persona

SLOT = "edsl"
VERSION = "1.0.9"
"""The version of EDSL that files are written for."""

_LIST = "agent_list"
_AROUND = {"edsl_version": VERSION, "edsl_class_name": "AgentList"}


def _read(record: Any) -> Told:
    agent = record["agent"]
    traits, codebook = agent.get("traits"), agent.get("codebook")
    fields = read_flat(
        traits if isinstance(traits, dict) else {},
        codebook if isinstance(codebook, dict) else record.get("list", {}).get("codebook"),
    )
    if isinstance(agent.get("name"), str):
        fields["name"] = agent["name"]
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get(SLOT)
    agent_before = kept.get("agent") if isinstance(kept, dict) else None
    original = agent_before.get("traits") if isinstance(agent_before, dict) else None
    traits, titles = write_flat(persona, is_plain=True, original=original)
    agent: dict[str, Any] = {"traits": traits}
    if persona.name:
        agent["name"] = persona.name
    if titles:
        agent["codebook"] = titles
    return {"agent": {**agent, "edsl_version": VERSION, "edsl_class_name": "Agent"}, "list": _AROUND}


def _recognise(content: Content) -> bool:
    data = content.json
    if isinstance(data, dict) and isinstance(data.get(_LIST), list):
        return all(isinstance(agent, dict) for agent in data[_LIST])
    return bool(content.objects) and all(map(_is_agent, content.objects))


def _is_agent(row: Any) -> bool:
    return row.get("edsl_class_name") == "Agent" and isinstance(row.get("traits"), dict)


def _unpack(content: Content) -> list[Record]:
    data = content.json
    if not isinstance(data, dict) or _LIST not in data:
        return [Record({"agent": agent}) for agent in content.objects]  # agents alone are not an AgentList
    around = {key: value for key, value in data.items() if key != _LIST}
    return [Record({"agent": agent, "list": around}) for agent in data[_LIST]]


def _pack(records: Sequence[Record]) -> bytes:
    around: dict[str, Any] = next((record.data["list"] for record in records if record.data.get("list")), {})
    if not any("list" in record.data for record in records):
        alone = [record.data["agent"] for record in records]
        return orjson.dumps(alone if len(alone) > 1 else alone[0], option=orjson.OPT_INDENT_2) + b"\n"
    agents = [record.data["agent"] for record in records]
    return orjson.dumps({_LIST: agents, **around}, option=orjson.OPT_INDENT_2) + b"\n"


EDSL = Format(
    key="edsl",
    title="EDSL AgentList, JSON",
    ending=".json",
    slot=SLOT,
    holds_many=True,
    recognise=_recognise,
    unpack=_unpack,
    read=_read,
    write=_write,
    pack=_pack,
)
