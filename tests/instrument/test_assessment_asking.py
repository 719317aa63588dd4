"""Assessments under other ways of asking, as the command line chooses them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.instrument import Wording, load_instrument, make_form
from personae.instrument.administration import Administration
from personae.instrument.assessment import Assessment, AssessmentSettings
from personae.instrument.questionnaire import Instrument
from personae.model import open_model
from personae.study import run_study
from support.command_line import personae
from support.questionnaires import small_instrument

ESSAY = "I love parties. I talk to everybody. I am outgoing and sociable, and I enjoy meeting new people every day."


def rows(**given: str) -> list[dict[str, Any]]:
    study = Assessment(AssessmentSettings.read({"instrument": "bfi-10", "checked": "0", "repeats": "2", **given}))
    table = run_study(study, {"subject": open_model("sim")}).table
    assert set(table["status"]) == {"ok"}
    return table.to_dicts()


@pytest.mark.parametrize(
    "given",
    [
        {"mode": "blocks", "block_size": "4"},
        {"mode": "multi_turn", "option_marks": "lower_roman"},
        {"mode": "item_wise", "answering": "first_token", "orders": "swap"},
        {"mode": "item_wise", "answering": "continuation", "option_marks": "words"},
    ],
)
def test_every_way_of_asking_is_run(given: Mapping[str, str]) -> None:
    found = rows(**given)
    assert len(found) == 2
    assert all(len(row["answers"]) == 10 for row in found)
    assert ("answers.expected" in found[0]) == ("answering" in given)
    if "answering" in given:
        assert found[0]["answers.method"] == given["answering"]
        assert found[0]["answers.covered"] == pytest.approx([1.0] * 10)
        assert found[0]["answers.expected"] == found[1]["answers.expected"]  # no draw is left in it


def test_a_text_is_observed(tmp_path: Path) -> None:
    file = tmp_path / "essay.txt"
    file.write_text(ESSAY, encoding="utf-8")
    (row, *_) = rows(respondent="observer", observed=str(file), mode="item_wise", answering="continuation")
    assert row["answers.expected"][0] < 2.5  # is reserved
    assert row["answers.expected"][5] > 3.5  # is outgoing


def test_people_are_observed_by_their_description_and_have_no_controls() -> None:
    found = rows(respondent="observer", drawn="3")
    assert {row["condition"] for row in found} == {"main"}
    assert len(found) == 6


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"respondent": "observer"}, "nobody to observe"),
        ({"mode": "blocks"}, "a size or a split"),
        ({"answering": "first_token"}, "item_wise"),
        ({"option_marks": "runes"}, "lower_roman"),
        ({"language": "xx"}, "no wording in 'xx'; it has en"),
    ],
)
def test_choices_that_do_not_fit_are_refused_before_anybody_is_asked(given: Mapping[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", "\\(")):
        rows(**given)


def test_a_text_without_an_observer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "essay.txt").write_text(ESSAY, encoding="utf-8")
    with pytest.raises(InputError, match="respondent=observer"):
        rows(observed=str(tmp_path / "essay.txt"))


def test_what_is_not_chosen_is_not_in_the_record() -> None:
    usual = AssessmentSettings.read({"instrument": "bfi-10"}).spell()
    assert not {"block_size", "answering", "orders", "option_marks", "respondent", "observed", "language"} & set(usual)
    chosen = AssessmentSettings.read({"instrument": "bfi-10", "mode": "blocks", "block_size": "3"}).spell()
    assert chosen["block_size"] == 3


def test_the_command_takes_them(tmp_path: Path) -> None:
    arguments = ["instrument", "administer", "bfi-10", "-P", "mode=multi_turn", "-P", "repeats=2", "-P", "checked=1"]
    done = personae(*arguments, "--folder", str(tmp_path / "run"), "--json")
    assert done.code == 0, done.err
    assert "multi_turn" in (tmp_path / "run" / "run.json").read_text(encoding="utf-8")


# Languages.


def german() -> Instrument:
    data = small_instrument().model_dump()
    data["wordings"] = [
        *data["wordings"],
        Wording(
            key="deutsch",
            source="ours",
            language="de",
            items={"1": "laut", "2": "still", "3": "ruhig", "4": "besorgt"},
            instructions="Wie bist du?",
            stem="Ich bin",
            options=("gar nicht", "kaum", "teils", "ziemlich", "sehr"),
        ).model_dump(),
    ]
    return Instrument.model_validate(data)


def test_a_wording_brings_instructions_stem_and_options_in_its_language() -> None:
    form = make_form(german(), Administration(wording="deutsch", option_order="descending"))
    assert form.instructions == "Wie bist du?"
    assert form.texts == ("Ich bin laut", "Ich bin still", "Ich bin ruhig", "Ich bin besorgt")
    assert [(one.label, one.value) for one in form.options][:2] == [("sehr", 5), ("ziemlich", 4)]
    assert form.reader.read("kaum").value == 2
    assert make_form(german(), Administration()).options[0].label == "Disagree strongly"


def test_a_wording_with_too_few_labels_is_refused() -> None:
    data = german().model_dump()
    data["wordings"][-1]["options"] = ("nein", "ja")
    with pytest.raises(ValueError, match="2 labels for 5 options"):
        Instrument.model_validate(data)


def test_wordings_are_found_by_their_language() -> None:
    assert german().wordings_in("de") == ("deutsch",)
    assert german().wordings_in("en") == ("original", "plain")
    assert german().wordings_in("fr") == ()


def test_a_wording_that_says_no_more_than_its_items_leaves_the_hash_as_it_was() -> None:
    # Fixed figures: runs and caches are found by them.
    assert small_instrument().hash != german().hash
    assert load_instrument("pvq-rr").hash[:12] == "5514bba3c66d"
