"""genagents: an agent as a folder of ``scratch.json``, ``memory_stream/nodes.json`` and ``meta.json``.

Its identity is the id in ``meta.json``, else it is made from the content: loading a folder twice gives the same person.
Importance is 0 to 100 there and 0 to 1 here, and time is counted in steps. Embeddings travel as a file, as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from personae.errors import InputError
from personae.persona.formats.content import Content, read_json
from personae.persona.formats.format import Format, Record, Told
from personae.persona.formats.links import Link, as_age, as_text, keep_unread, read_links, read_rest, write_links
from personae.persona.persona import Persona

SCRATCH, NODES, META, EMBEDDINGS = (
    "scratch.json",
    "memory_stream/nodes.json",
    "meta.json",
    "memory_stream/embeddings.json",
)

_AGE = Link("/age", "/demographics/age", as_age)
LINKS = (
    Link("/self_description", "/description"),
    _AGE,
    Link("/sex", "/demographics/gender"),
    Link("/gender", "/demographics/gender"),
    Link("/ethnicity", "/demographics/ethnicity"),
    Link("/race", "/demographics/ethnicity"),
    Link("/marital_status", "/demographics/marital_status"),
    Link("/education", "/demographics/education"),
    Link("/occupation", "/demographics/occupation"),
    Link("/residence", "/demographics/residence"),
    Link("/political_ideology", "/demographics/politics"),
    Link("/religion", "/demographics/religion"),
    Link("/speech_pattern", "/style"),
)
_NAMES = ("first_name", "last_name")


def _read(record: Any) -> Told:
    scratch = record["scratch"]
    fields = read_links(scratch, LINKS)
    keep_unread(scratch, (_AGE,), fields)
    read_rest(scratch, LINKS, fields, skip=_NAMES)
    names = [scratch[key] for key in _NAMES if isinstance(scratch.get(key), str) and scratch[key]]
    if names:
        fields["name"] = " ".join(names)
    if memories := [memory for node in record["nodes"] if (memory := _memory(node))]:
        fields["memories"] = memories
    if isinstance(identity := record["meta"].get("id"), str):
        fields["id"] = identity
    return Told(fields)


def _memory(node: Any) -> dict[str, Any] | None:
    if not isinstance(node, dict) or not isinstance(node.get("content"), str) or not node["content"]:
        return None
    memory: dict[str, Any] = {"text": node["content"], "when": as_text(node.get("created") or None) or ""}
    importance = node.get("importance")
    if isinstance(importance, (int, float)) and not isinstance(importance, bool) and 0 <= importance <= 100:
        memory["importance"] = round(importance / 100, 10)
    return memory


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get("genagents")
    scratch = write_links(persona.content(), LINKS, kept.get("scratch") if isinstance(kept, dict) else None)
    first, _, last = persona.name.partition(" ")
    scratch |= {key: value for key, value in zip(_NAMES, (first, last), strict=True) if value}
    taken = {link.theirs[1:] for link in LINKS} | set(_NAMES)
    scratch |= {key: value for key, value in persona.personal_identity.items() if key not in taken and value}
    nodes = [
        {
            "node_id": number,
            "node_type": "observation",
            "content": memory.text,
            "importance": 0 if memory.importance is None else round(memory.importance * 100, 8),
            "created": _step(memory.when),
            "last_retrieved": _step(memory.when),
            "pointer_id": None,
        }
        for number, memory in enumerate(persona.memories)
    ]
    return {"scratch": scratch, "nodes": nodes, "meta": {"id": persona.id}}


def _step(when: str) -> int | str:
    """The time step of a memory; genagents sorts by it, so that one which is not known is 0 and no text."""
    return int(when) if when.isascii() and when.isdigit() and len(when) < 10 else when or 0


def _unpack(content: Content) -> list[Record]:
    """The agent of a folder, or the agents of a folder of such folders; folders may be packed as a zip archive."""
    if SCRATCH in content.folder:
        return [_agent(content.name, content.folder)]
    banks: dict[str, dict[str, bytes]] = {}
    for name, data in content.folder.items():
        folder, _, rest = name.partition("/")
        banks.setdefault(folder, {})[rest] = data
    return [_agent(f"{content.name}/{folder}", files) for folder, files in banks.items() if SCRATCH in files]


def _agent(where: str, files: Mapping[str, bytes]) -> Record:
    parts = {}
    for key, name, kind in (("scratch", SCRATCH, dict), ("nodes", NODES, list), ("meta", META, dict)):
        place = f"{where}/{name}"
        value = read_json(files[name], place) if name in files else kind()
        if not isinstance(value, kind):
            raise InputError(f"is no {'list' if kind is list else 'object'}", where=place)
        parts[key] = value
    return Record(parts, {name: data for name, data in files.items() if name not in (SCRATCH, NODES, META)})


def is_agent(files: Iterable[str]) -> bool:
    """Whether files, by their names, are an agent or a bank of agents."""
    return any(name == SCRATCH or (name.endswith(f"/{SCRATCH}") and name.count("/") == 1) for name in files)


def _recognise(content: Content) -> bool:
    return is_agent(content.folder)


def _pack(records: Sequence[Record]) -> dict[str, bytes]:
    if len(records) != 1:
        raise InputError(f"genagents keeps one agent a folder, not {len(records)}", remedy="name a folder for each")
    (record,) = records
    written = {
        name: orjson.dumps(record.data[key], option=orjson.OPT_INDENT_2)
        for key, name in (("scratch", SCRATCH), ("nodes", NODES), ("meta", META))
    }
    kept = {name: data for name, data in record.assets.items() if name.endswith(".json")}
    return {**kept, EMBEDDINGS: record.assets.get(EMBEDDINGS, b"{}"), **written}


GENAGENTS = Format(
    key="genagents",
    title="genagents folder",
    ending="",
    slot="genagents",
    holds_many=False,
    recognise=_recognise,
    unpack=_unpack,
    read=_read,
    write=_write,
    pack=_pack,
    keeps=lambda record: {name for name in record.assets if name.endswith(".json")},
)
