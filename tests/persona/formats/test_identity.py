"""Import, export, import: what a foreign file holds comes back, also where its values are of types nobody expects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import ReadPersona, convert_personas, detect_format, read_personas
from personae.persona.formats.tinytroupe import TINYTROUPE
from support.cards import GOLDEN
from support.personas import json_values

FILES = {
    "card_v1.json": "card-v1",
    "card_v2.json": "card-v2",
    "card_v3.json": "card-v3",
    "tinytroupe.agent.json": TINYTROUPE.key,
    "edsl.json": "edsl",
    "oasis_reddit.json": "oasis-reddit",
    "personahub.jsonl": "personahub",
    "finepersonas.jsonl": "personahub",
    "letta_blocks.json": "letta-blocks",
    "letta_agent.af": "letta-af",
    "letta_first.af": "letta-af",
    "concordia.json": "concordia",
    "lamp.json": "lamp",
    "people.json": "rows",
}


def places(data: Any, *around: Any) -> Iterator[tuple[Any, ...]]:
    """All places inside a JSON value."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*around, key)
        yield from places(value, *around, key)


def put(data: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        data = data[key]
    data[place[-1]] = value


def remove(data: Any, place: tuple[Any, ...]) -> None:
    for key in place[:-1]:
        data = data[key]
    del data[place[-1]]


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_with_other_values_comes_back(name: str, data: st.DataObject) -> None:
    source = json.loads((GOLDEN / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        found = list(places(source))
        assume(found)
        place = data.draw(st.sampled_from(found))
        if data.draw(st.booleans()):
            put(source, place, data.draw(json_values))
        else:
            remove(source, place)
    raw = json.dumps(source).encode()
    assume(detect_format(raw) == FILES[name])
    try:
        people = read_personas(raw)
    except InputError as error:
        assert "\n" not in str(error)
        return
    files = [convert_personas([one], FILES[name]) for one in people]
    holds_many = name in ("edsl.json", "oasis_reddit.json", "concordia.json", "lamp.json", "people.json")
    written = [convert_personas(people, FILES[name])] if holds_many or len(people) == 1 else files[:1]
    for one in written:
        assert one.report.losses == ()
        assert one_shape(json.loads(one.data)) == one_shape(source)
        again: list[ReadPersona] = read_personas(one.data)
        assert [person.persona for person in again] == [person.persona for person in people][: len(again)]
        assert convert_personas(again, FILES[name]).data == one.data


def one_shape(data: Any) -> Any:
    """Records alone, in a list of one or on lines are the same records."""
    return data[0] if isinstance(data, list) and len(data) == 1 else data


def test_all_formats_of_json_are_tried() -> None:
    tried = {*FILES.values(), "csv", "parquet", "nemotron", "oasis-twitter", "genagents", "card-png", "charx"}
    from personae.persona import FORMATS

    assert tried == set(FORMATS)
    assert all((Path(GOLDEN) / name).exists() for name in FILES)
