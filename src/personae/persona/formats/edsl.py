"""EDSL: an AgentList as JSON. Agents have traits of any name, a codebook that words them, and an instruction.

EDSL saves a list in three shapes: JSON (``.json.gz`` too), JSONL with a head line, and a folder ``.agent_list.ep`` of a
manifest and a file an agent. All are read; what is written is JSON, which EDSL opens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.content import Content, read_json
from personae.persona.formats.flat import read_flat, write_flat
from personae.persona.formats.format import Format, Record, Told, check_shared
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


MANIFEST = "manifest.json"
_IS_LIST = "AgentList"
_SHAPES = ("__header__", "format", "format_version", "agent_order", "n_agents")
"""What a head line or a manifest says of its own file."""


def _recognise(content: Content) -> bool:
    if _is_package(content):
        return _head(_manifest(content))
    if len(content.lines) > 1 and _head(content.lines[0]):
        return all(isinstance(row.get("traits"), dict) for row in content.lines[1:])
    data = content.json
    if isinstance(data, dict) and isinstance(data.get(_LIST), list):
        return all(isinstance(agent, dict) for agent in data[_LIST])
    return bool(content.objects) and all(map(_is_agent, content.objects))


def _is_agent(row: Any) -> bool:
    return row.get("edsl_class_name") == "Agent" and isinstance(row.get("traits"), dict)


def _head(row: Any) -> bool:
    """Whether this tells of a list whose agents stand elsewhere."""
    return isinstance(row, dict) and row.get("edsl_class_name") == _IS_LIST and _LIST not in row


def _is_package(content: Content) -> bool:
    return MANIFEST in content.folder and any(name.startswith("agents/") for name in content.folder)


def _manifest(content: Content) -> Any:
    return read_json(content.folder[MANIFEST], f"{content.name}/{MANIFEST}")


def _unpack_folder(content: Content) -> list[Record]:
    """The agents of a folder in the order that its manifest gives."""
    manifest = _manifest(content)
    given = manifest.get("agent_order")
    order = given if isinstance(given, list) else []
    around = {key: value for key, value in manifest.items() if key not in _SHAPES}
    records = []
    check_shared(len(order), len(orjson.dumps(around)), content.name)
    for number in order:
        name = f"agents/{number}.json"
        if name not in content.folder:
            raise InputError(f"lacks {name!r}, which its manifest names", where=content.name, remedy="save it again")
        agent = read_json(content.folder[name], f"{content.name}/{name}")
        if not isinstance(agent, dict):
            raise InputError("is no agent", where=f"{content.name}/{name}", remedy="save it again")
        records.append(Record({"agent": agent, "list": around}))
    return records


def _unpack(content: Content) -> list[Record]:
    if _is_package(content):
        return _unpack_folder(content)
    if len(content.lines) > 1 and _head(content.lines[0]):
        head = {key: value for key, value in content.lines[0].items() if key not in _SHAPES}
        return [Record({"agent": agent, "list": head}) for agent in content.lines[1:]]
    data = content.json
    if not isinstance(data, dict) or _LIST not in data:
        return [Record({"agent": agent}) for agent in content.objects]  # agents alone are not an AgentList
    around = {key: value for key, value in data.items() if key != _LIST}
    check_shared(len(data[_LIST]), len(orjson.dumps(around)), content.name)
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
