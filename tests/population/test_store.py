"""Populations on disk: whole parts, the same wherever they are made; read back, asked in SQL, with a card."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import personae.population.source as source_module
import personae.population.store as store_module
from personae.errors import ConflictError, InputError, StorageError
from personae.persona import render
from personae.population import Recipe, frame_of
from personae.population.store import open_people, query_people, save_people, write_population
from support.command_line import personae

RECIPE: dict[str, Any] = {
    "name": "town",
    "licence": "cc0-1.0",
    "fields": {
        "demographics.age": {"draw": "normal", "mean": 45, "sd": 18, "low": 18, "high": 90},
        "demographics.gender": {"draw": "choice", "values": ["woman", "man"]},
        "goals": {"draw": "several", "values": ["rest", "travel"], "most": 2},
    },
    "reject": [{"demographics.age": {"max": 30}}],
}


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (source_module, store_module):
        monkeypatch.setattr(module, "BLOCK", 20)
    monkeypatch.setattr(store_module, "PART", 40)


def town(size: int = 90) -> Any:
    return Recipe.model_validate(RECIPE).population(size=size, seed=4)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_parts_hold_the_population_and_its_words(tmp_path: Path) -> None:
    written = write_population(town(), tmp_path / "a", renderer="second-person")
    assert (written.people, written.parts, written.resumed) == (90, 3, 0)
    assert written.counts["rejected by condition 1"] > 0
    people = open_people(tmp_path / "a")
    assert people.frame()["demographics.age"].min() == 31
    assert people.frame().drop("text").equals(town().frame())
    for person, text in zip(people.personas(), people.frame()["text"], strict=True):
        assert text == render(person, "second-person").text
        assert person.provenance_of("name").licence == "cc0-1.0"


def test_what_is_missing_is_made_again_alike_and_nothing_else(tmp_path: Path) -> None:
    write_population(town(), tmp_path / "a")
    before = contents(tmp_path / "a")
    (tmp_path / "a" / "data" / "people-00001-of-00003.parquet").unlink()
    with pytest.raises(InputError, match="2 of 3 parts"):
        open_people(tmp_path / "a")
    assert write_population(town(), tmp_path / "a").resumed == 2
    assert contents(tmp_path / "a") == before


def test_another_population_is_refused_and_says_what_differs(tmp_path: Path) -> None:
    write_population(town(), tmp_path / "a")
    with pytest.raises(ConflictError, match="size differ"):
        write_population(town(91), tmp_path / "a")


def test_the_card_says_how_it_was_made_and_under_which_terms(tmp_path: Path) -> None:
    write_population(town(), tmp_path / "a", renderer="json", licence="cc0-1.0", about="A town.")
    card = (tmp_path / "a" / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\n")
    for words in ("cc0-1.0", "A town.", "90 people, sampled", "`demographics.age` | Int64", "json@1", "seed 4"):
        assert words in card


def test_sql_is_answered_and_reaches_nothing_else(tmp_path: Path) -> None:
    write_population(town(), tmp_path / "a")
    people = open_people(tmp_path / "a")
    assert query_people(people, "SELECT count(*) AS n FROM people").item() == 90
    for bad in (
        "DROP TABLE people",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM people",
        "SELECT * FROM read_csv('/etc/passwd')",
    ):
        with pytest.raises(InputError, match="query"):
            query_people(people, bad)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_one_file_holds_the_same_people(tmp_path: Path, ending: str) -> None:
    frame = town().frame()
    frame = frame.drop("goals") if ending == "csv" else frame
    save_people(frame, tmp_path / f"a.{ending}")
    back = open_people(tmp_path / f"a.{ending}")
    assert back.frame().select(frame.columns).equals(frame)
    assert query_people(back, 'SELECT max("demographics.age") FROM people').item() == frame["demographics.age"].max()
    assert "90 people" not in back._repr_html_() or "<table>" in back._repr_html_()


def test_folders_and_parts_that_cannot_be_read_are_told_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "odd" / "deep").mkdir(parents=True)
    (tmp_path / "odd" / "deep" / "other.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="holds no population"):
        open_people(tmp_path / "odd")
    write_population(town(), tmp_path / "a")
    part = tmp_path / "a" / "data" / "people-00001-of-00003.parquet"
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(InputError, match="cannot be read"):
        open_people(tmp_path / "a").frame()
    refused = personae("population", "describe", str(tmp_path / "a"), "--json")
    assert refused.code == 3


SPELLINGS = st.one_of(
    st.sampled_from(
        ["007", "1e5", "true", "null", "NaN", "2020-01-01", "-", " a ", "a,b", 'say "x"', "two\nlines", "模 🙂"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(SPELLINGS, SPELLINGS, st.integers(0, 99)), min_size=1, max_size=4),
    st.sampled_from(["csv", "jsonl", "parquet"]),
)
def test_texts_come_back_from_a_file_as_texts(tmp_path: Path, rows: list[tuple[str, str, int]], ending: str) -> None:
    """Whatever they look like: an id of digits, a name that is a number, an occupation called true."""
    frame = pl.DataFrame(
        {
            "id": [str(number) for number in range(len(rows))],
            "name": [row[0] for row in rows],
            "demographics.occupation": [row[1] for row in rows],
            "demographics.age": [row[2] for row in rows],
        }
    )
    save_people(frame, tmp_path / f"people.{ending}")
    back = open_people(tmp_path / f"people.{ending}")
    assert back.frame().select(frame.columns).equals(frame)
    told = [(one.id, one.name, one.demographics.age) for one in back.personas()]
    assert told == [(str(number), row[0], row[2]) for number, row in enumerate(rows)]


def test_persona_files_are_people_too(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- name: Ada\n- name: <b>Bob</b>\n")
    people = open_people(tmp_path / "a.yaml")
    assert people.frame()["name"].to_list() == ["Ada", "<b>Bob</b>"]
    assert "<b>" not in people._repr_html_()
    with pytest.raises(InputError, match="lists, which CSV cannot"):
        save_people(frame_of(town().personas()), tmp_path / "b.csv")


def test_the_commands_draw_and_ask(tmp_path: Path) -> None:
    (tmp_path / "town.json").write_text(json.dumps(RECIPE))
    drawn = personae(
        "population", "sample", str(tmp_path / "town.json"), "--to", str(tmp_path / "t"), "--size", "50", "--json"
    )
    assert drawn.code == 0, drawn.err
    assert json.loads(drawn.out)["data"]["people"] == 50
    asked = personae("population", "query", str(tmp_path / "t"), "SELECT count(*) AS n FROM people", "--json")
    assert json.loads(asked.out)["data"]["rows"] == [[50]]
    refused = personae("population", "query", str(tmp_path / "none"), "SELECT 1")
    assert refused.code == 3


@pytest.mark.parametrize("sql", ["SELECT INTERVAL 1 DAY", "SELECT union_value(k := 1)"])
def test_an_answer_that_is_no_table_is_refused(tmp_path: Path, sql: str) -> None:
    write_population(town(10), tmp_path)
    with pytest.raises(InputError, match="cannot be answered"):
        query_people(open_people(tmp_path), sql)


def test_what_data_say_cannot_break_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("style,name\n[/bold],[red]x\n")
    asked = personae("population", "query", str(tmp_path / "t.csv"), "SELECT * FROM people")
    assert asked.code == 0, asked.err
    assert "[/bold]" in asked.out


def test_the_largest_weights_are_weights(tmp_path: Path) -> None:
    from personae.population import MicrodataSource

    people = pl.DataFrame({"style": ["a", "b", "c"]})
    for size in (1e308, 5e-324):
        assert MicrodataSource(people, [size, size, 0.0]).shares.tolist() == [0.5, 0.5, 0.0]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason='ray is not installed: pip install "personae[ray]"')
def test_a_population_made_on_ray_is_the_same_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the tasks have the real sizes of blocks and parts
    from personae.population.on_ray import spread_on_ray

    size = store_module.PART + 1000
    write_population(town(size), tmp_path / "here", renderer="second-person")
    write_population(town(size), tmp_path / "ray", renderer="second-person", spread=spread_on_ray)
    assert len(list((tmp_path / "ray" / "data").iterdir())) == 2
    assert contents(tmp_path / "ray") == contents(tmp_path / "here")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason='ray is not installed: pip install "personae[ray]"')
def test_an_error_on_a_machine_of_ray_is_the_error_that_it_was() -> None:
    import ray

    from personae.population.on_ray import spread_on_ray
    from personae.study.on_ray import connect_ray

    def refuse(piece: int) -> int:
        if piece == 1:
            raise InputError("nobody is left", where="reject", remedy="reject fewer")
        return piece

    def fail(piece: int) -> int:
        return 1 // (piece - 1)

    connect_ray(ray)
    try:
        assert spread_on_ray(lambda piece: piece * 2, [3, 1, 2]) == [6, 2, 4]
        assert spread_on_ray(refuse, []) == []
        with pytest.raises(InputError, match="reject: nobody is left; reject fewer"):
            spread_on_ray(refuse, [0, 1, 2])
        with pytest.raises(StorageError, match="ZeroDivisionError"):
            spread_on_ray(fail, [0, 1, 2])
    finally:
        ray.shutdown()
