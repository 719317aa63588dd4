"""People as JSON objects with the usual names of things: what models and scripts write when nobody names a format.

``[{"name": "Ada", "age": 36, "occupation": "nurse", "hobbies": ["tea"]}]``, JSONL of such objects, or an object around
such a list (``{"personas": [...]}``). Names are those of EDSL's traits and of tables (``sex``, ``Job Title``, ``bio``).
Texts of other names set the person apart; numbers of other names stay in the original and out of every prompt, for they
are weights and codes as often as not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from personae.persona.formats.content import Content
from personae.persona.formats.flat import LINKS, read_flat, write_flat
from personae.persona.formats.format import Format, Record, Told, check_shared
from personae.persona.formats.links import as_text, as_texts
from personae.persona.persona import Persona

SLOT = "rows"
WRAPPERS = ("personas", "people", "persons", "characters", "profiles", "users", "respondents", "participants", "agents")
"""What the list of people is called in an object around it."""

_LIST = "; "
_NAMES = ("name", "full_name", "fullname", "persona_name", "character_name", "display_name")
_FACTS = {
    link.theirs[1:]: link.ours
    for link in LINKS
    if link.ours.startswith("/demographics/") or link.theirs in ("/bio", "/biography", "/background")
}
_OWN = frozenset(Persona.model_fields) | {"format"}
_LEAST_FACTS = 3
"""Facts that make a person of a row without a name."""
_LISTS = frozenset(
    link.theirs[1:] for link in LINKS if link.ours in ("/goals", "/beliefs", "/knowledge", "/memories", "/abilities")
) | {"languages"}


def plain(name: str) -> str:
    """A name as it is looked up: ``Job Title`` is ``job_title``."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _people(content: Content) -> tuple[list[Any], dict[str, Any], str]:
    """The rows of a file, what stands around them, and the name of their list if an object is around it."""
    rows: list[Any] = content.objects
    if len(rows) == 1:
        (around,) = rows
        found = [key for key in WRAPPERS if isinstance(around.get(key), list) and around[key]]
        if len(found) == 1 and not any(key in around for key in _NAMES):
            return around[found[0]], {key: value for key, value in around.items() if key != found[0]}, found[0]
    return rows, {}, ""


def _is_person(row: Any) -> bool:
    if not isinstance(row, dict) or "format" in row:
        return False
    facts = {
        _FACTS[plain(key)] for key, value in row.items() if plain(key) in _FACTS and key not in _OWN and as_text(value)
    }
    is_named = any(plain(key) in _NAMES and isinstance(value, str) and value.strip() for key, value in row.items())
    return bool(facts) and (is_named or len(facts) >= _LEAST_FACTS)


def _recognise(content: Content) -> bool:
    rows, _, _ = _people(content)
    return bool(rows) and all(map(_is_person, rows))


def _unpack(content: Content) -> list[Record]:
    rows, around, under = _people(content)
    beside: dict[str, Any] = {"around": around, "under": under} if under else {}
    check_shared(len(rows), len(orjson.dumps(around)), content.name)
    return [Record({"row": row, **beside}) for row in rows]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says by plain names: texts, lists of texts, and the same one floor down."""
    told: dict[str, Any] = {}
    for key, value in row.items():
        name = plain(key)
        if isinstance(value, Mapping):
            for inner, deeper in value.items():
                place = plain(inner) if name == "demographics" or name in ("big_five", "traits") else f"{key} {inner}"
                told.setdefault(_FIRST.get((name, plain(inner)), place), _said(place, deeper))
        else:
            told.setdefault(name if name in _KNOWN else key, _said(name, value))
    return {name: value for name, value in told.items() if value is not None}


_FIRST = {("occupation", "title"): "occupation", ("personality", "description"): "personality"}
_KNOWN = frozenset(link.theirs[1:] for link in LINKS) | set(_NAMES)


def _said(name: str, value: Any) -> Any:
    if name in _LISTS or name == "age" or isinstance(value, str):
        return value
    if name in _KNOWN:
        return as_text(value)
    texts = as_texts(value) if isinstance(value, list) else None
    return _LIST.join(texts) if texts else None


def _read(record: Any) -> Told:
    told = _told(record["row"])
    name = next((told[key] for key in _NAMES if isinstance(told.get(key), str) and told[key].strip()), "")
    fields = read_flat({key: value for key, value in told.items() if key not in (*_NAMES, "id")})
    if name:
        fields["name"] = name
    if identity := as_text(record["row"].get("id")):
        fields["id"] = identity
    return Told(fields)


def _write(persona: Persona) -> dict[str, Any]:
    kept = persona.extensions.get(SLOT)
    known: Any = kept.get("row") if isinstance(kept, dict) else None
    row: dict[str, Any] = known if isinstance(known, dict) else {}
    spelled = {plain(key): key for key in row}
    named, _ = write_flat(persona, is_plain=False, original={plain(key): value for key, value in row.items()})
    whole = {"id": persona.id, "name": persona.name, **named} if "id" in row else {"name": persona.name, **named}
    name = next((key for key in _NAMES if key in spelled), "name")
    whole = {(name if key == "name" else key): value for key, value in whole.items() if value}
    return {"row": {spelled.get(key, key): value for key, value in whole.items()}}


def _pack(records: Sequence[Record]) -> bytes:
    rows = [record.data["row"] for record in records]
    first = records[0].data
    whole: Any = rows
    is_shared = all(record.data.get("around") == first.get("around") for record in records)
    if first.get("under") and isinstance(first.get("around"), dict) and is_shared:
        whole = {**first["around"], first["under"]: rows}
    elif len(rows) == 1:
        whole = rows[0]
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n"


ROWS = Format(
    key="rows",
    title="JSON objects with the usual names (name, age, occupation, bio)",
    ending=".json",
    slot=SLOT,
    holds_many=True,
    recognise=_recognise,
    unpack=_unpack,
    read=_read,
    write=_write,
    pack=_pack,
)
