"""Tables of people: columns by name, by path and by map."""

from __future__ import annotations

from typing import Any

import pytest

from personae.errors import InputError
from personae.persona import Persona, convert_personas, read_personas
from support.cards import GOLDEN
from support.foreign import read
from support.personas import FULL_PERSONA


def test_tables_with_names_of_fields() -> None:
    mira, bo = read("people.csv"), read("people.csv", 1)
    assert (mira.id, mira.demographics.age, mira.traits) == ("m", 58, {"big_five.openness": 1.25})
    assert (mira.goals, bo.goals) == (("stay",), ("sail", "rest"))
    assert mira.personal_identity == {"hobby": "knots"}
    assert "0.75" not in str({key: value for key, value in mira.content().items() if key != "extensions"})


def test_tables_with_a_map_of_columns() -> None:
    data = b"Person,Years,Hobby,Notes\nAda,36,chess,secret\n"
    columns = {"Person": "name", "Years": "demographics.age", "Hobby": "personal_identity.hobby"}
    (ada,) = read_personas(data, format="csv", columns=columns)
    assert (ada.persona.name, ada.persona.demographics.age) == ("Ada", 36)
    assert ada.persona.personal_identity == {"hobby": "chess"}
    plain = ada.persona.model_copy(update={"extensions": {}})
    assert convert_personas([plain], "csv", columns=columns).data.startswith(b"id,Person,Years,Hobby\r\n")
    with pytest.raises(InputError, match="no field"):
        read_personas(data, format="csv", columns={"Person": "nonsense"})
    with pytest.raises(InputError, match="no table"):
        read_personas(GOLDEN / "edsl.json", columns=columns)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"name,age\nAda,old\n", "no age|not an age"),
        (b"name,traits.big_five.openness\nAda,high\n", "not a number"),
        (b'name,goals\nAda,"[1,"\n', "is no JSON"),
        (b"name,age\nAda\n", "1 fields where the header has 2"),
    ],
)
def test_tables_with_faults_name_the_place(data: bytes, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_personas(data, name="people.csv")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_hold_whole_personas(kind: str) -> None:

    people: list[Any] = [FULL_PERSONA, Persona(id="b", name="Bo")]
    written = convert_personas(people, kind)
    assert written.report.losses == ()
    again = [one.persona for one in read_personas(written.data)]
    assert [one.name for one in again] == [one.name for one in people]
    assert again[0].traits == FULL_PERSONA.traits
