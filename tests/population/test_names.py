"""Names of cultures: our table, files of the user, shared names."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.errors import InputError
from personae.population import load_names

HEAD = 'key = "mine"\nversion = "1"\ntitle = "t"\nsource = "s"\nlicence = "CC0-1.0"\n'
CULTURE = '[[cultures]]\nkey = "{0}"\ncountry = "{0}land"\nadjective = "{0}ish"\nfeminine = {1}\nmasculine = {2}\n'


def test_our_table_has_thirty_cultures_of_ten_names_or_more() -> None:
    table = load_names()
    assert len(table.cultures) == 30
    for culture in table.cultures:
        tied = table.tied(culture.key)
        assert len(tied) >= 10
        genders = [one.gender for one in tied]
        assert genders.count("feminine") >= 4
        assert genders.count("masculine") >= 4
        assert culture.country
        assert culture.region
    assert sum(one.is_shared for one in table.names) == 30
    assert "no frequency" in table.source


def test_genders_take_turns() -> None:
    assert [one.gender for one in load_names().tied("thai", 4)] == ["feminine", "masculine"] * 2


def test_shared_names_belong_to_no_culture_alone() -> None:
    table = load_names()
    shared = table.shared(["spanish", "mexican"])
    assert {"Maria", "José", "Carmen"} <= {one.name for one in shared}
    assert not {one.name for one in shared} & {one.name for one in table.tied("spanish")}
    assert table.shared(["japanese", "greek"]) == ()


def test_a_name_is_found_in_any_spelling() -> None:
    table = load_names()
    found = table.find("GULSEN ")
    assert found is not None
    assert (found.name, found.cultures) == ("Gülşen", ("turkish",))
    assert table.find("Zorvik") is None


def test_a_persona_of_a_name_has_the_name_alone() -> None:
    found = load_names().find("Haruto")
    assert found is not None
    person = found.persona()
    assert person.name == "Haruto"
    assert person.demographics.nationality == ""
    assert "japan" not in person.model_dump_json().lower()


def test_a_file_of_the_user_takes_the_place_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    cultures = CULTURE.format("a", '["Ann", "Bea"]', '["Cid"]') + CULTURE.format("b", '["Ann"]', '["Bea", "Dan"]')
    path.write_text(HEAD + cultures, encoding="utf-8")
    table = load_names(path)
    assert [one.name for one in table.tied("a")] == ["Cid"]
    ann, bea = table.find("Ann"), table.find("Bea")
    assert ann is not None and ann.cultures == ("a", "b") and ann.gender == "feminine"
    assert bea is not None and bea.gender == "either"
    assert table.hash != load_names().hash


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("no toml", "TOML"),
        (HEAD, "cultures"),
        (HEAD + CULTURE.format("a", "[]", "[]") * 2, "twice"),
        (
            HEAD + CULTURE.format("a", "[]", "[]") + '[[shared]]\nname = "x"\ngender = "either"\ncultures = ["a", "z"]',
            "z",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_names(path)


def test_an_unknown_culture_is_an_error() -> None:
    with pytest.raises(InputError, match="atlantis"):
        load_names().culture("atlantis")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_names(tmp_path / "none.toml")
