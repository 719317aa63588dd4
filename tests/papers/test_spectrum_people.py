"""SPeCtrum: keys and bands of the forms, and people: drawn, of profiles, of persona files, of answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.papers.spectrum import (
    Spectrum,
    SpectrumSettings,
    describe_personality,
    describe_values,
    draw_people,
    facet_scores,
    read_answers,
    read_people,
    read_profiles,
    value_scores,
)
from personae.papers.spectrum.profiles import PARTS
from personae.papers.spectrum.scores import FACETS, band, domain_scores, value_band

LONG_FORM = {
    1: 16, 2: 2, 3: 3, 4: 19, 5: 20, 6: 21, 7: 37, 8: 8, 9: 54, 10: 55, 11: 41, 12: 27, 13: 43, 14: 29, 15: 60,
    16: 1, 17: 47, 18: 33, 19: 4, 20: 5, 21: 51, 22: 7, 23: 53, 24: 24, 25: 40, 26: 11, 27: 12, 28: 28, 29: 59, 30: 30,
}  # fmt: skip
"""Item of the BFI-2 that each item of the BFI-2-S is, by their wording."""


# Scores and sentences.


def test_the_short_key_agrees_with_the_long_form() -> None:
    scales = {scale.title.casefold(): scale for scale in load_instrument("bfi-2").scales}
    assert sorted(abs(item) for _, items in FACETS.values() for item in items) == list(range(1, 31))
    assert len(set(LONG_FORM.values())) == 30
    for facet, (domain, items) in FACETS.items():
        scale = scales[facet]
        assert scale.within == domain
        for item in items:
            assert str(LONG_FORM[abs(item)]) in map(str, scale.items), facet
            assert (item < 0) == (str(LONG_FORM[abs(item)]) in map(str, scale.reverse)), facet
    assert all(sum(item < 0 for item in items) == 1 for _, items in FACETS.values())


def test_scores_are_means_of_turned_items() -> None:
    answers = [4] * 30
    answers[0], answers[15] = 1, 7  # sociability: item 1 is keyed against it
    scores = facet_scores(answers)
    assert scores["sociability"] == 7.0
    assert domain_scores(scores)["extraversion"] == pytest.approx(5.0)
    with pytest.raises(InputError, match="29 answers"):
        facet_scores([4] * 29)
    with pytest.raises(InputError, match="values"):
        value_scores([8] * 21)


def test_all_items_of_the_values_form_count() -> None:
    for item in range(21):
        answers = [4] * 21
        answers[item] = 7
        moved = {name for name, score in value_scores(answers).items() if score != 4.0}
        assert len(moved) == 1, item
    assert value_scores([4] * 19 + [7, 4])["Tradition"] == 5.5
    assert value_scores([4] * 20 + [7])["Hedonism"] == 5.5
    assert len(value_scores([4] * 21)) == 10


def test_there_are_six_bands() -> None:
    assert [band(score) for score in (1, 2, 3, 4, 5, 6, 7)] == [0, 1, 2, 3, 4, 5, 5]
    assert [value_band(score) for score in (1, 2, 3, 4, 5, 6, 7)] == [0, 0, 1, 2, 3, 4, 5]
    assert [value_band(score) for score in (1.5, 2.5, 6.01)] == [0, 1, 5]
    text = describe_values({"Power": 1.0, "Security": 6.5})
    assert text.splitlines() == [
        "Security is of the utmost importance to you.",
        "Power is of minimal importance to you.",
    ]
    assert describe_personality(facet_scores([4] * 30)).count("\n") == 4


# People.


def test_drawn_people_are_whole_and_belong_to_the_study() -> None:
    people = draw_people(8, np.random.default_rng(1))
    assert people[:3] == draw_people(3, np.random.default_rng(1))
    assert all(set(person.parts) == set(PARTS) and all(person.parts.values()) for person in people)
    assert all(person.parts["S"].count("\n") == 19 for person in people)


def test_profiles_are_read_in_every_layout_and_gaps_are_told(tmp_path: Path) -> None:
    for part in PARTS:
        (tmp_path / f"Ada_Low (The Mill)_{part}.txt").write_text(f"{part} of Ada", encoding="utf-8")
        (tmp_path / part).mkdir()
        (tmp_path / part / "Bo_Dee.txt").write_text(f"{part} of Bo", encoding="utf-8")
    (tmp_path / "Cy_S.txt").write_text("only facts", encoding="utf-8")
    people, warnings = read_profiles(tmp_path)
    assert {(one.name, one.work) for one in people} == {("Ada Low", "The Mill"), ("Bo Dee", "")}
    assert next(one for one in people if one.work).parts["P_value"] == "P_value of Ada"
    assert warnings == ("Cy lacks P_personality, P_value, C_behavior, C_lovehate; left out",)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no profiles"):
        read_profiles(tmp_path / "empty")


def test_people_of_a_persona_file_need_all_three_parts(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    whole = {"name": "Ada", "demographics": {"age": 40}, "beliefs": ["Kindness first."], "life_context": "Bakes daily."}
    path.write_text(json.dumps([whole]), encoding="utf-8")
    (ada,) = read_people(path)
    assert ada.parts["S"] == "Your age: 40."
    assert (ada.parts["P_value"], ada.parts["C_behavior"]) == ("Kindness first.", "Bakes daily.")
    path.write_text(json.dumps([{**whole, "life_context": ""}]), encoding="utf-8")
    with pytest.raises(InputError, match="no life context"):
        read_people(path)


def test_too_few_people_for_a_line_up_and_two_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few"):
        _ = Spectrum(SpectrumSettings.read({"count": "4", "lineup": "5"})).people
    for first, second in (("people", "profiles"), ("answers", "profiles"), ("people", "answers")):
        with pytest.raises(InputError, match="given both"):
            _ = Spectrum(SpectrumSettings.read({first: "a", second: "b"})).people


def test_numbered_profiles_get_their_names_from_the_table_of_the_readme(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "profile_result"
    folder.mkdir(parents=True)
    for part in PARTS:
        (folder / f"17_{part}.txt").write_text(part, encoding="utf-8")
        (folder / f"18_{part}.txt").write_text(part, encoding="utf-8")
    table = "| id | title | character |\n|---|---|---|\n| 17  | The Mill | Ada Low |\n"
    (tmp_path / "README.md").write_text(table, encoding="utf-8")
    people, _ = read_profiles(folder)
    assert [(one.name, one.work, one.is_scored) for one in people] == [
        ("Ada Low", "The Mill", False),
        ("18", "", False),
    ]


def answers_of(name: str, **changed: object) -> dict[str, object]:
    forms = {f"bfi_{item}": 4 for item in range(1, 31)} | {f"pvq_{item}": 4 for item in range(1, 22)}
    texts = {"loves": "tea", "hates": "noise", "weekday": f"{name} bakes.", "weekend": "I rest."}
    return {"person": name, "S.age": 40, "S.main job": None, **forms, **texts, **changed}


def test_answers_of_people_become_profiles_and_wrong_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    pl.DataFrame([answers_of("Ada", bfi_1=1, bfi_16=7, pvq_20=7), answers_of("Bo")]).write_csv(path)
    ada, bo = read_answers(path)
    assert ada.parts["S"] == "Your age: 40."
    assert "sociability is very high" in ada.parts["P_personality"]
    assert "sociability is slightly above average" in bo.parts["P_personality"]
    assert ada.parts["P_value"].splitlines()[0] == "Tradition is very important to you."
    assert ada.parts["C_lovehate"] == "You love tea. You hate noise."
    assert ada.parts["C_behavior"] == "Ada bakes.\nI rest."
    assert ada.is_scored
    for changed, match in (({"bfi_3": 8}, "bfi_3 is 8"), ({"pvq_2": 4.5}, "pvq_2 is 4.5"), ({"bfi_9": None}, "bfi_9"),
                           ({"loves": None}, "loves is empty")):  # fmt: skip
        pl.DataFrame([answers_of("Ada"), answers_of("Bo", **changed)]).write_csv(path)
        with pytest.raises(InputError, match=match) as caught:
            read_answers(path)
        assert "row 2" in str(caught.value)
    pl.DataFrame([answers_of("Ada")]).drop("pvq_21").write_csv(path)
    with pytest.raises(InputError, match="no column pvq_21"):
        read_answers(path)


def test_answers_in_the_names_of_the_authors_scoring_code_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    ours = answers_of("Ada", bfi_1=1, bfi_30=7, pvq_20=7, pvq_21=1)
    places = [number for number in range(1, 23) if number != 20]
    theirs = {f"bfi_{n}": f"D1PB-{n}" for n in range(1, 31)} | {
        f"pvq_{n}": f"D2LP-{places[n - 1]}" for n in range(1, 22)
    }
    pl.DataFrame([ours]).write_csv(path)
    (one,) = read_answers(path)
    pl.DataFrame([ours]).rename(theirs).write_csv(path)
    assert "D2LP-22" in path.read_text(encoding="utf-8") and "D2LP-20" not in path.read_text(encoding="utf-8")
    assert read_answers(path) == [one]


def test_the_authors_first_names_of_parts_are_read_and_their_prompts_are_nobody(tmp_path: Path) -> None:
    for part in ("S", "P_personality", "P_value", "I_behavior", "I_lovehate", "C_lovehate"):
        (tmp_path / f"0_{part}.txt").write_text(part, encoding="utf-8")
    templates = tmp_path / "data" / "prompts" / "profile_generation_template"
    templates.mkdir(parents=True)
    for part in PARTS:
        (templates / f"{part}_sys.txt").write_text("You are", encoding="utf-8")
    ((one,), warnings) = read_profiles(tmp_path)
    assert (one.parts["C_behavior"], one.parts["C_lovehate"]) == ("I_behavior", "C_lovehate")
    assert warnings == ()
