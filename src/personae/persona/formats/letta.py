"""Letta: memory blocks with the labels ``persona`` and ``human``, alone or inside an agent file (``.af``).

The ``persona`` block is the person as the agent reads it, in words; the whole persona travels in the block's metadata.
``human`` is somebody else: it stays in the original.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.carry import KEY, pack_rest
from personae.persona.formats.content import Content, read_json
from personae.persona.formats.format import Fields, Format, Record, Told, read_carried
from personae.persona.narrative import render_second_person
from personae.persona.persona import Persona

LABEL = "persona"
LEAST_LIMIT = 5_000
"""Characters that a block may have unless it says otherwise."""

_LISTS = ("groups", "files", "sources", "tools", "mcp_servers", "skills")


def _block(persona: Persona, slot: str) -> dict[str, Any]:
    is_plain = set(persona.content()) <= {"name", "description"} and bool(persona.description)
    value = persona.description if is_plain else render_second_person(persona)
    block: dict[str, Any] = {"label": LABEL, "value": value, "limit": max(LEAST_LIMIT, len(value)), "read_only": False}
    said = {"/description": value} if value else {}
    fields: Fields = {"description": value} if value else {}
    carried = pack_rest(persona, fields, said, {} if is_plain else said, slot=slot)
    return {**block, "metadata": {KEY: carried}}


def _told(block: Any, name: Any) -> Told:
    fields: Fields = {}
    value = block.get("value")
    said = {"/description": value} if isinstance(value, str) and value else {}
    if said:
        fields["description"] = value
    if isinstance(name, str) and name:
        fields["name"] = name
    metadata = block.get("metadata")
    return read_carried(fields, metadata.get(KEY) if isinstance(metadata, dict) else None, said)


def _persona_block(blocks: Any, wanted: Any = None) -> dict[str, Any]:
    """The block of the persona, among those that an agent names if it names any."""
    found = [one for one in blocks if isinstance(one, dict) and one.get("label") == LABEL] if blocks else []
    named = [one for one in found if isinstance(wanted, list) and one.get("id") in wanted]
    return (named or found or [{}])[0]


def _is_block(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("label"), str) and "value" in row


def _spell(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _pack_blocks(records: Sequence[Record]) -> bytes:
    if len(records) != 1:
        raise InputError(f"blocks are those of one agent, not of {len(records)}", remedy="write them into a folder")
    return _spell(records[0].data["blocks"])


LETTA_BLOCKS = Format(
    key="letta-blocks",
    title="Letta memory blocks, JSON",
    ending=".json",
    slot="letta_blocks",
    holds_many=False,
    recognise=lambda content: (
        isinstance(content.json, list) and bool(content.json) and all(map(_is_block, content.json))
    ),
    unpack=lambda content: [Record({"blocks": content.json})],
    read=lambda record: _told(_persona_block(record["blocks"]), None),
    write=lambda persona: {"blocks": [_block(persona, "letta_blocks")]},
    pack=_pack_blocks,
)


def _read_file(record: Any) -> Told:
    file = record["file"]
    agents = file.get("agents")
    if not isinstance(agents, list):  # the first agent files were one agent
        return _told(_persona_block(file.get("core_memory", file.get("blocks"))), file.get("name"))
    agent = agents[record["agent"]] if record["agent"] < len(agents) else {}
    agent = agent if isinstance(agent, dict) else {}
    return _told(_persona_block(file.get("blocks"), agent.get("block_ids")), agent.get("name"))


def _write_file(persona: Persona) -> dict[str, Any]:
    agent = {
        "id": "agent-0",
        "name": persona.name,
        "block_ids": ["block-0"],
        "messages": [],
        "in_context_message_ids": [],
    }
    file = {"agents": [agent], "blocks": [{"id": "block-0", **_block(persona, "letta_agent")}]}
    return {"agent": 0, "file": {**file, **{key: [] for key in _LISTS}, "metadata": {}}}


def _file_of(content: Content) -> Any:
    """The agent file; some are published as one JSON string that holds the file."""
    if content.json is None and (content.text or "").lstrip()[:2] == '"{':
        try:
            inner = read_json(content.text or "", content.name)
            return read_json(inner, content.name) if isinstance(inner, str) else None
        except InputError:
            return None
    return content.json


def _unpack_file(content: Content) -> list[Record]:
    file = _file_of(content)
    agents = file.get("agents")
    count = len(agents) if isinstance(agents, list) else 1
    return [Record({"agent": number, "file": file}) for number in range(count)]


def _pack_file(records: Sequence[Record]) -> bytes:
    if len(records) != 1:
        raise InputError(f"an agent file holds one persona here, not {len(records)}", remedy="write them into a folder")
    return _spell(records[0].data["file"])


def _is_file(content: Content) -> bool:
    data = _file_of(content)
    if not isinstance(data, dict):
        return False
    is_new = isinstance(data.get("agents"), list) and isinstance(data.get("blocks"), list)
    return is_new or (isinstance(data.get("core_memory"), list) and "agent_type" in data)


LETTA_FILE = Format(
    key="letta-af",
    title="Letta agent file (.af)",
    ending=".af",
    slot="letta_agent",
    holds_many=False,
    recognise=_is_file,
    unpack=_unpack_file,
    read=_read_file,
    write=_write_file,
    pack=_pack_file,
)
