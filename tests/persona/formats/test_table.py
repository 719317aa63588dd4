"""Tables as spreadsheets and programs write them: delimiters, encodings, other names, nested columns, edits."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import Demographics, Persona, convert_personas, detect_format, read_personas


def parquet(**columns: list[Any]) -> bytes:
    target = io.BytesIO()
    pl.DataFrame(columns).write_parquet(target)
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiters_are_found(delimiter: str, line_end: str) -> None:
    rows = ["name", "age", "life_context"], ["Ada", "36", '"x, y; z | w"']
    data = line_end.join(delimiter.join(row) for row in rows).encode()
    assert detect_format(data) == "csv"
    (ada,) = read_personas(data)
    assert (ada.persona.name, ada.persona.demographics.age) == ("Ada", 36)
    assert ada.persona.life_context == "x, y; z | w"


def test_a_spreadsheet_names_its_delimiter() -> None:
    (ada,) = read_personas(b"sep=;\r\nname;age\r\nAda;36\r\n")
    assert ada.persona.demographics.age == 36


def test_encodings_are_said_by_the_file_or_by_the_user() -> None:
    text = "name;residence\nZoé;Zürich\n"
    for data, encoding in (
        (text.encode("utf-16"), ""),
        (text.encode("cp1252"), "cp1252"),
        (text.encode("utf-8-sig"), ""),
    ):
        (zoe,) = read_personas(data, encoding=encoding)
        assert (zoe.persona.name, zoe.persona.demographics.residence) == ("Zoé", "Zürich")
    with pytest.raises(InputError, match="name its encoding"):
        read_personas(text.encode("cp1252"))
    with pytest.raises(InputError, match="no encoding is called 'klingon'"):
        read_personas(text.encode(), encoding="klingon")
    with pytest.raises(InputError, match="is no text in ascii"):
        read_personas(text.encode(), encoding="ascii")


def test_other_names_of_fields_are_known_and_codes_are_not_words() -> None:
    data = b",Name,Age,Sex,Marital Status,Job,openness\n0,Ada,36.0,F,widowed,engineer,3.5\n1,Bo,,2,,7,4\n"
    ada, bo = (one.persona for one in read_personas(data))
    assert ada.demographics == Demographics(age=36, gender="F", marital_status="widowed", occupation="engineer")
    assert (bo.demographics, bo.traits, ada.traits) == (Demographics(), {}, {})


def test_a_name_of_ours_goes_before_another_one() -> None:
    (ada,) = read_personas(b"sex,gender,persona,description\nF,woman,A tale.,An engineer.\n")
    assert (ada.persona.demographics.gender, ada.persona.description) == ("woman", "An engineer.")


@pytest.mark.parametrize(
    ("cell", "age", "kept"),
    [
        ("36", 36, {}),
        ("36.0", 36, {}),
        ("35-44", None, {"age": "35-44"}),
        ("65+", None, {"age": "65+"}),
        ("N/A", None, {}),
    ],
)
def test_ages_in_ranges_are_kept_as_words(cell: str, age: int | None, kept: dict[str, str]) -> None:
    (ada,) = read_personas(f"name,age\nAda,{cell}\n".encode())
    assert (ada.persona.demographics.age, ada.persona.personal_identity) == (age, kept)


@pytest.mark.parametrize("cell", ["200", "-3", "36.5", "old"])
def test_an_age_that_nobody_has_is_refused_with_its_place(cell: str) -> None:
    with pytest.raises(InputError) as caught:
        read_personas(f"name,age\nAda,36\nBo,{cell}\n".encode(), name="people.csv")
    assert str(caught.value).startswith("people.csv, persona 2, column age: ")


def test_sentences_in_one_column_are_people_and_labels_are_not() -> None:
    found = read_personas(b'persona\nA nurse in Rome.\n"A cook, from Lyon."\n')
    assert [one.persona.description for one in found] == ["A nurse in Rome.", "A cook, from Lyon."]
    (nurse,) = read_personas(parquet(id=["a"], persona=["A nurse in Rome."], labels=['["Health"]']))
    assert (nurse.persona.id, nurse.persona.description) == ("a", "A nurse in Rome.")
    with pytest.raises(InputError, match="none of its columns"):
        read_personas(b"persona,score\nbaseline,3\n")


def test_mapped_columns_make_a_table_of_any_file_with_a_header() -> None:
    (ada,) = read_personas(b"Years|Who\n36|Ada\n", columns={"Years": "demographics.age", "Who": "name"})
    assert (ada.persona.name, ada.persona.demographics.age) == ("Ada", 36)


def test_mapped_columns_hold_lists_of_any_field() -> None:
    (ada,) = read_personas(
        b"Skills,Past,Aims\nrow; mend,a fever,rest\n",
        columns={"Skills": "abilities", "Past": "memories", "Aims": "goals"},
    )
    assert [one.ability for one in ada.persona.abilities] == ["row", "mend"]
    assert ada.persona.memories[0].text == "a fever"
    assert ada.persona.goals == ("rest",)


def test_an_edit_goes_into_the_column_that_the_value_came_from() -> None:
    (ada,) = read_personas(b"Name;Age;sex;weight\nAda;36;F;0.5\n")
    older = ada.persona.model_copy(update={"demographics": Demographics(age=40, gender="F")})
    written = convert_personas([older], "csv")
    assert written.data.startswith(b"Name,Age,sex,weight,id\r\nAda,40,F,0.5,")
    assert written.report.losses == ()
    nobody = convert_personas([ada.persona.model_copy(update={"demographics": Demographics()})], "csv")
    assert nobody.report.losses == ()  # an age that was taken out does not come back
    assert read_personas(nobody.data)[0].persona.demographics == Demographics()


def test_columns_that_hold_columns() -> None:
    data = parquet(
        name=["Ada", "Bo"],
        demographics=[{"age": 36, "gender": None}, {"age": None, "gender": "man"}],
        traits=[{"big_five.openness": 1.5}, {"big_five.openness": None}],
        goals=[["rest"], None],
        memories=[[{"text": "a fever", "importance": None}], []],
    )
    ada, bo = read_personas(data)
    assert ada.persona.demographics == Demographics(age=36)
    assert (ada.persona.traits, ada.persona.goals) == ({"big_five.openness": 1.5}, ("rest",))
    assert ada.persona.memories[0].text == "a fever"
    assert (bo.persona.demographics, bo.persona.traits, bo.persona.goals) == (Demographics(gender="man"), {}, ())
    again = convert_personas([ada, bo], "parquet")
    assert again.report.losses == ()
    assert [one.persona for one in read_personas(again.data)] == [ada.persona, bo.persona]


def test_a_field_may_be_as_long_as_a_lorebook() -> None:
    data = convert_personas([Persona(name="Ada", life_context="x" * 300_000)], "csv").data
    assert len(read_personas(data)[0].persona.life_context) == 300_000


@given(
    rows=st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.integers(0, 130)),
        min_size=1,
        max_size=4,
    ),
    delimiter=st.sampled_from(",;\t|"),
)
def test_any_cells_in_any_delimiter_come_back(rows: list[tuple[str, int]], delimiter: str) -> None:
    quoted = [f'"{text.replace(chr(34), chr(34) * 2)}"{delimiter}{age}' for text, age in rows]
    data = "\n".join([f"style{delimiter}age", *quoted]).encode()
    found = [one.persona for one in read_personas(data)]
    assert [(one.style, one.demographics.age) for one in found] == rows
    again = convert_personas(found, "csv")
    assert again.report.losses == ()
    assert [one.persona for one in read_personas(again.data)] == found
