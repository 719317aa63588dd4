"""Letta: memory blocks with the labels ``persona`` and ``human``, alone or inside an agent file (``.af``).

The ``persona`` block is the person as the agent reads it, in words; the whole persona travels in the block's metadata.
``human`` is somebody else: it stays in the original.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.carry import KEY, pack_rest
from personae.persona.formats.content import Content, read_json
from personae.persona.formats.format import Fields, Format, Record, Told, check_shared, read_carried
from personae.persona.narrative import render_second_person
from personae.persona.persona import Persona

LABEL = "persona"
_LABELS = re.compile(rf"[-_ /.]{LABEL}\Z", re.IGNORECASE)
LEAST_LIMIT = 5_000
"""Characters that a block may have unless it says otherwise."""

_SLOT = "letta_agent"
_LISTS = ("groups", "files", "sources", "tools", "mcp_servers", "skills")


def _block(persona: Persona, slot: str, old: Mapping[str, Any]) -> dict[str, Any]:
    """The block of a persona, as a change of the one that it was read from."""
    is_plain = set(persona.content()) <= {"name", "description", "extensions"} and bool(persona.description)
    value = persona.description if is_plain else render_second_person(persona)
    limit = old.get("limit")
    least = limit if isinstance(limit, int) and not isinstance(limit, bool) else LEAST_LIMIT
    block = {"label": LABEL, "read_only": False, **old, "value": value, "limit": max(least, len(value))}
    said = {"/description": value} if value else {}
    fields: Fields = {"description": value} if value else {}
    carried = pack_rest(persona, fields, said, {} if is_plain else said, slot=slot)
    metadata = old.get("metadata")
    return {**block, "metadata": {**(metadata if isinstance(metadata, dict) else {}), KEY: carried}}


def _replaced(items: list[Any], old: Any, new: Any) -> list[Any]:
    """A list with one item changed in its place, or with a new one at its end."""
    place = next((place for place, item in enumerate(items) if item is old), len(items))
    return [*items[:place], new, *items[place + 1 :]]


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
    listed = blocks if isinstance(blocks, list) else []
    found = [one for one in listed if isinstance(one, dict) and isinstance(one.get("label"), str)]
    if isinstance(wanted, list) and wanted:
        found = [one for one in found if one.get("id") in wanted]
    exact = [one for one in found if one["label"] == LABEL]
    others = [one for one in found if _LABELS.search(one["label"])]  # an agent's own name may stand before it
    return (exact or others or [{}])[0]


def _is_block(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("label"), str) and "value" in row


def _spell(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def _write_blocks(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get("letta_blocks")
    blocks = kept.get("blocks") if isinstance(kept, dict) else None
    blocks = blocks if isinstance(blocks, list) else []
    old = _persona_block(blocks)
    return {"blocks": _replaced(blocks, old, _block(persona, "letta_blocks", old))}


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
    write=_write_blocks,
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
    kept: Any = persona.extensions.get(_SLOT)
    if isinstance(kept, dict) and isinstance(kept.get("file"), dict) and isinstance(kept.get("agent"), int):
        return {"agent": kept["agent"], "file": _changed(kept["file"], kept["agent"], persona)}
    agent = {
        "id": "agent-0",
        "name": persona.name,
        "block_ids": ["block-0"],
        "messages": [],
        "in_context_message_ids": [],
    }
    file = {"agents": [agent], "blocks": [{"id": "block-0", **_block(persona, _SLOT, {})}]}
    return {"agent": 0, "file": {**file, **{key: [] for key in _LISTS}, "metadata": {}}}


def _changed(file: dict[str, Any], number: int, persona: Persona) -> dict[str, Any]:
    """The file with one agent's name and persona block changed; nothing else of it is touched."""
    agents = file.get("agents")
    if not isinstance(agents, list):  # the first agent files were one agent
        key = "core_memory" if "core_memory" in file else "blocks"
        blocks = file[key] if isinstance(file.get(key), list) else []
        old = _persona_block(blocks)
        return {**file, "name": persona.name, key: _replaced(blocks, old, _block(persona, _SLOT, old))}
    agent = agents[number] if number < len(agents) and isinstance(agents[number], dict) else {}
    blocks = file["blocks"] if isinstance(file.get("blocks"), list) else []
    old = _persona_block(blocks, agent.get("block_ids"))
    if not old and set(persona.content()) <= {"name", "extensions"}:  # an agent with nothing but a name needs no block
        return {**file, "agents": [*agents[:number], {**agent, "name": persona.name}, *agents[number + 1 :]]}
    new = {"id": f"block-{len(blocks)}", **_block(persona, _SLOT, old)}
    named: list[Any] = agent["block_ids"] if isinstance(agent.get("block_ids"), list) else []
    block_ids = named if old else [*named, new["id"]]
    changed = {**agent, "name": persona.name, **({"block_ids": block_ids} if block_ids else {})}
    return {
        **file,
        "agents": [*agents[:number], changed, *agents[number + 1 :]],
        "blocks": _replaced(blocks, old, new),
    }


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
    check_shared(count, len(content.data) if count > 1 else 0, content.name)
    return [Record({"agent": number, "file": file}) for number in range(count)]


def _pack_file(records: Sequence[Record]) -> bytes:
    if not _are_of_one_file([record.data for record in records]):
        raise InputError(f"an agent file holds one persona here, not {len(records)}", remedy="write them into a folder")
    file = records[0].data["file"]
    for record in records[1:]:  # each has changed its own agent
        file = _taken_over(file, record.data)
    return _spell(file)


def _are_of_one_file(records: Sequence[Any]) -> bool:
    """Whether records are the agents of one file, each once."""
    if len(records) == 1:
        return True
    agents = [record["file"].get("agents") for record in records]
    numbers = [record["agent"] for record in records]
    return (
        all(isinstance(one, list) for one in agents)
        and len({tuple(map(_id_of, one)) for one in agents}) == 1
        and sorted(numbers) == list(range(len(agents[0])))
    )


def _id_of(item: Any) -> str:
    return str(item.get("id")) if isinstance(item, dict) else ""


def _taken_over(file: dict[str, Any], record: Any) -> dict[str, Any]:
    """A file with the agent of a record, and that agent's persona block, as the record has them."""
    number, other = record["agent"], record["file"]
    agent = other["agents"][number]
    blocks = file["blocks"] if isinstance(file.get("blocks"), list) else []
    named = agent.get("block_ids") if isinstance(agent, dict) else None
    new = _persona_block(other.get("blocks"), named)
    old = next((block for block in blocks if _id_of(block) == _id_of(new)), None) if new else None
    agents = [*file["agents"][:number], agent, *file["agents"][number + 1 :]]
    return {**file, "agents": agents, **({"blocks": _replaced(blocks, old, new)} if new else {})}


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
    slot=_SLOT,
    holds_many=False,
    recognise=_is_file,
    unpack=_unpack_file,
    read=_read_file,
    write=_write_file,
    pack=_pack_file,
    are_together=_are_of_one_file,
)
