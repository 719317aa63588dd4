"""Items with options of their own, weights, types, texts that are not here; and that nothing of before has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from personae.errors import InputError
from personae.instrument import (
    Administration,
    Convention,
    Dichotomy,
    Format,
    Instrument,
    Licence,
    Option,
    OwnOptionsReader,
    Scale,
    ShownOption,
    administer,
    keyed_items,
    load_instrument,
    make_form,
    score_range,
    score_scale,
    type_letters,
)
from personae.instrument.validity import acquiescence
from personae.model import ScriptedModel, open_model
from support.questionnaires import AGREEMENT, small_instrument

BEFORE = {
    "bfi-10": "f6af607cca443a8adfc7391d0c408ee532e35466a033cdb5995525b7a49e40a4",
    "bfi-44": "d7f447bd12d9d1adf4dbb1c03f42b83e8ed9ad86fbc172daff6fa0a067a04ac0",
    "ipip-bffm-50": "457b98abf3788741c460d87b629726e34f64b836f9ba99dd9267756183202f75",
    "ipip-neo-120": "56dcbbe7ad0ea3741e735025b4973f16a553682c80ee3f5a19e23e641bab6a05",
    "mfq-30-judgments": "53027e8480025080c4735a28290df5170dffc216df2282f355c899c12199fed5",
    "mfq-30-relevance": "58644a9dca68bfdd60e8b6e29b07919fb4067f79e060bbaf3024e84670bfa732",
    "mini-ipip-20": "cf86471ba82feba96217de97c4d308999f6606c6ea7d7bdbd21689f27317f7ff",
    "pvq-rr": "5514bba3c66d1938de6686f5d64b885d9371e6c5e8cbc9430594150c601bf019",
    "tipi": "3dabb3461c4c85355b7062b7204d96eb4d2f545ec1be5ca65c2746a56bb84cde",
}
"""Hashes of the library's files from before items could have options of their own."""

LICENCE = Licence(name="CC0-1.0", is_commercial_use_free=True)


def choice(item: str, first: str, second: str, keys: tuple[str, str]) -> Format:
    options = (Option(value=1, label=first, keyed=keys[0]), Option(value=2, label=second, keyed=keys[1]))
    return Format(items=(item,), options=options)


def forced() -> Instrument:
    """Three forced choices between two poles, and an item on a response scale."""
    return Instrument(
        key="forced",
        version="1",
        title="Forced",
        citation="Example (2026)",
        language="en",
        licence=LICENCE,
        options=tuple(Option(value=value, label=label) for value, label in enumerate(AGREEMENT, start=1)),
        items={"1": "At a party", "2": "On a free day", "3": "Which do you prefer?", "4": "I am calm."},
        formats=(
            choice("1", "I talk to many people", "I talk to few people", ("e", "i")),
            choice("2", "I stay at home", "I go out", ("i", "e")),
            choice("3", "a book", "a crowd", ("i", "e")),
        ),
        scales=(
            Scale(key="e", title="Extraversion", items=("1", "2", "3"), score="count"),
            Scale(key="i", title="Introversion", items=("1", "2", "3"), score="count"),
            Scale(key="calm", title="Calmness", items=("4",)),
        ),
        dichotomies=(Dichotomy(title="Energy", high="E", low="I", scale="e", opposite="i"),),
    )


def declared(**changes: object) -> dict[str, Any]:
    return {**forced().model_dump(mode="json"), **changes}


@pytest.mark.parametrize("key", BEFORE)
def test_a_questionnaire_of_before_has_the_hash_that_it_had(key: str) -> None:
    assert load_instrument(key).hash == BEFORE[key]


def test_what_a_new_field_says_is_hashed() -> None:
    plain = small_instrument()
    data = plain.model_dump(mode="json")
    data["scales"][1]["score"] = "sum"
    assert Instrument.model_validate(data).hash != plain.hash
    data = declared()
    data["formats"][0]["options"][0]["keyed"] = "i"
    data["formats"][0]["options"][1]["keyed"] = "e"
    assert Instrument.model_validate(data).hash != forced().hash
    assert Instrument.model_validate(declared()).hash == forced().hash


# What is refused.

FAULTS: Mapping[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a format of nothing": (lambda d: d["formats"][0].update(items=["9"]), "a format names items that do not exist"),
    "an item in two formats": (lambda d: d["formats"][0].update(items=["1", "2"]), "two formats name the same item"),
    "an item without options": (lambda d: d.update(options=[]), "for those without options of their own: ['4']"),
    "a scored filler": (lambda d: d.update(fillers=["4"]), "fillers are never scored, but a scale has them: ['4']"),
    "a filler of nothing": (lambda d: d.update(fillers=["9"]), "fillers name items that do not exist"),
    "a key to no scale": (lambda d: d["formats"][0]["options"][0].update(keyed="x"), "no option keyed to 'e'"),
    "a count of nothing": (lambda d: d["scales"][2].update(score="count"), "item '4' has no option keyed to 'calm'"),
    "weights unsaid": (lambda d: d["scales"][2].update(score="weights"), "must name exactly its items"),
    "weights of a mean": (lambda d: d["scales"][2].update(weights={"4": 1}), "say score = "),
    "too few weights": (
        lambda d: d["scales"][2].update(score="weights", weights={"4": [1, 2]}),
        "has 2 weights for the 5 options of item '4'",
    ),
    "a reversed count": (lambda d: d["scales"][0].update(reverse=["1"]), "nothing but a mean or a sum can"),
    "a constant of a mean": (lambda d: d["scales"][2].update(constant=1), "which only counts and weights take"),
    "a dichotomy of nothing": (
        lambda d: d["dichotomies"][0].update(scale="x"),
        "names scales that do not exist: ['x']",
    ),
    "a dichotomy told twice": (lambda d: d["dichotomies"][0].update(cut=3), "give one of them"),
    "two options of one label": (
        lambda d: d["formats"][0]["options"][1].update(label="I TALK to many people"),
        "two options share a value or a label",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_form_is_refused_for(fault: str) -> None:
    change, what = FAULTS[fault]
    data = declared()
    change(data)
    with pytest.raises(ValidationError) as caught:
        Instrument.model_validate(data)
    assert what in str(caught.value)


# Scoring.


def test_keyed_options_are_counted_and_give_a_letter() -> None:
    answers = np.array([[1.0, 2.0, 2.0, 5.0], [2.0, 1.0, 2.0, 1.0], [1.0, np.nan, 1.0, 3.0]])
    form = forced()
    np.testing.assert_array_equal(score_scale(answers, form, form.scale("e")), [3, 1, np.nan])
    np.testing.assert_array_equal(score_scale(answers, form, form.scale("i")), [0, 2, np.nan])
    np.testing.assert_array_equal(score_scale(answers, form, form.scale("calm")), [5, 1, 3])
    assert type_letters(answers, form) == ["E", "I", None]
    assert score_range(form, form.scale("e")) == (0, 3)


def test_a_tie_gives_the_lower_pole() -> None:
    data = declared()
    data["scales"][0]["items"] = data["scales"][1]["items"] = ["1", "2"]
    assert type_letters(np.array([[1.0, 1.0, 1.0, 1.0]]), Instrument.model_validate(data)) == ["I"]


def test_a_cut_gives_a_letter() -> None:
    data = declared(dichotomies=[{"title": "Calm", "high": "C", "low": "W", "scale": "calm", "cut": 3}])
    answers = np.array([[1.0, 1.0, 1.0, value] for value in (2.0, 3.0, 4.0)])
    assert type_letters(answers, Instrument.model_validate(data)) == ["W", "W", "C"]


def weighted(weights: Mapping[str, Any], **more: Any) -> Instrument:
    data = small_instrument(first=-2).model_dump(mode="json")
    data["scales"] = [{"key": "axis", "title": "Axis", "items": list(weights), "score": "weights", "weights": weights}]
    data["scales"][0].update(more)
    return Instrument.model_validate(data)


def test_weights_multiply_answers_and_are_brought_to_the_published_range() -> None:
    form = weighted({"1": 10, "3": -5}, divisor=0.6, constant=50)
    scores = score_scale(np.array([[2, 0, -2, 0], [-2, 0, 2, 0], [0, 1, 0, 1.0]]), form, form.scale("axis"))
    np.testing.assert_allclose(scores, [100, 0, 50])
    assert score_range(form, form.scale("axis")) == pytest.approx((0, 100))
    assert form.keying(form.scale("axis")) == {"1": 1, "3": -1}


def test_a_weight_for_each_option_is_looked_up_by_value() -> None:
    form = weighted({"1": [7, 5, 0, -5, -7], "2": [1, 0, 0, 0, 0]}, divisor=8, constant=0.38)
    scores = score_scale(np.array([[-2, -2, 0, 0], [2, 1, 0, 0.0], [np.nan, 0, 0, 0]]), form, form.scale("axis"))
    np.testing.assert_allclose(scores, [1.38, -0.495, np.nan])
    assert form.keying(form.scale("axis")) == {"1": -1, "2": -1}


def test_an_unanswered_item_of_a_weighted_scale_leaves_no_score_even_prorated() -> None:
    form = weighted({"1": 10, "2": 1, "3": 1, "4": 1})
    answers = np.array([[np.nan, 1, 1, 1]])
    assert np.isnan(score_scale(answers, form, form.scale("axis"), Convention(missing="prorate", least=0.5)))[0]


def test_a_scale_is_scored_as_its_form_prescribes_unless_told_otherwise() -> None:
    data = small_instrument().model_dump(mode="json")
    data["scales"][1]["score"] = "sum"
    form, answers = Instrument.model_validate(data), np.array([[5.0, 2.0, 1.0, 1.0]])
    scale = form.scale("loudness")
    assert score_scale(answers, form, scale)[0] == 9
    assert score_scale(answers, form, scale, Convention(aggregate="mean"))[0] == 4.5
    assert score_range(form, scale) == (2, 10)


def test_each_item_is_reversed_within_its_own_options() -> None:
    data = small_instrument().model_dump(mode="json")
    data["formats"] = [{"items": ["2"], "options": [{"value": 0, "label": "no"}, {"value": 1, "label": "yes"}]}]
    form = Instrument.model_validate(data)
    np.testing.assert_array_equal(keyed_items(np.array([[5.0, 0.0, 1, 1]]), form, form.scale("loudness")), [[5, 1]])
    assert (form.bounds("1"), form.bounds("2"), form.lowest, form.highest) == ((1, 5), (0, 1), 0, 5)
    # the middle of each item's own range is no agreement
    index = acquiescence(np.array([[3.0, 0.5, 3, 3]] * 3), form, ["a", "b", "c"])
    assert index.estimate == pytest.approx(0)


@given(st.lists(st.lists(st.integers(1, 2), min_size=3, max_size=3), min_size=1, max_size=6))
def test_opposite_counts_share_the_items(rows: list[list[int]]) -> None:
    form = forced()
    answers = np.array([[*row, 3] for row in rows], dtype=float)
    both = [score_scale(answers, form, form.scale(key)) for key in ("e", "i")]
    np.testing.assert_array_equal(both[0] + both[1], 3)


# Asking and reading.


def test_a_form_shows_each_item_with_its_options() -> None:
    form = make_form(forced(), Administration(option_marks="letters"))
    text = form.prompt(Administration().template)
    assert "(a) At a party\n    A = I talk to many people\n    B = I talk to few people\n(b) On a free day\n" in text
    assert "(d) I am calm.\n    A = Disagree strongly\n" in text
    assert "They stand below each statement." in text
    assert 'as in "(a) B"' in text
    alone = form.prompt(Administration(mode="item_wise").template, 1)
    assert "A = I stay at home\nB = I go out" in alone
    assert "Disagree" not in alone


def test_a_reply_is_read_by_the_options_of_each_item() -> None:
    form = make_form(forced(), Administration(option_marks="letters"))
    read = form.read_sheet("(a) A\n(b) I go out\n(c) E\n(d) E - Agree strongly")
    assert [answer.value for answer in read] == [1, 2, None, 5]
    assert [answer.status for answer in read] == ["ok", "ok", "unparsed", "ok"]
    as_json = form.read_sheet('{"a": "B", "b": "A", "c": "a crowd", "d": "D"}')
    assert [answer.value for answer in as_json] == [2, 1, 2, 4]
    assert {answer.status for answer in form.read_sheet("I cannot answer that.")} == {"refused"}
    assert {answer.status for answer in form.read_sheet("")} == {"empty"}


def test_options_listed_downwards_score_the_same() -> None:
    form = make_form(forced(), Administration(option_marks="letters", option_order="descending"))
    assert "(a) At a party\n    A = I talk to few people" in form.prompt(Administration().template)
    assert [answer.value for answer in form.read_sheet("(a) A\n(b) A\n(c) A\n(d) A")] == [2, 2, 2, 5]


@given(st.lists(st.integers(2, 5), min_size=2, max_size=8), st.data())
def test_whatever_is_chosen_is_read(widths: list[int], data: st.DataObject) -> None:
    options = [tuple(ShownOption("ABCDE"[n], f"word{i} number{n}", n) for n in range(w)) for i, w in enumerate(widths)]
    chosen = [data.draw(st.integers(0, width - 1)) for width in widths]
    labels = [chr(ord("a") + index) for index in range(len(widths))]
    in_words = data.draw(st.booleans())
    lines = [
        f"({label}) {each[pick].label if in_words else each[pick].mark}"
        for label, each, pick in zip(labels, options, chosen, strict=True)
    ]
    read = OwnOptionsReader(options).read_sheet("\n".join(lines), labels)
    assert [answer.value for answer in read] == chosen


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise"])
def test_a_respondent_answers_items_with_their_own_options(mode: Any) -> None:
    how = Administration(mode=mode, option_marks="letters", item_order="shuffled")
    shown: dict[str, str] = {"At a party": "A", "On a free day": "B", "Which do you prefer?": "B", "I am calm.": "E"}

    def answer(request: Any) -> str:
        text = request.messages[-1].content
        lines = [line for line in text.splitlines() if line.startswith("(")]
        if mode == "item_wise":
            return next(mark for item, mark in shown.items() if f"Statement: {item}" in text)
        return "\n".join(f"{line[:3]} {shown[line[4:]]}" for line in lines)

    given_ = asyncio.run(administer(forced(), ScriptedModel(answer), how, rng=np.random.default_rng(3)))
    assert given_.values == [1, 2, 2, 5]
    assert given_.status == "ok"


@pytest.mark.parametrize("mode", ["all_in_one", "item_wise"])
@pytest.mark.parametrize("marks", ["letters", "values"])
def test_the_simulated_respondent_answers_them(mode: Any, marks: Any) -> None:
    how = Administration(mode=mode, option_marks=marks)
    given_ = asyncio.run(administer(forced(), open_model("sim"), how, system="You are extremely calm and relaxed."))
    assert None not in given_.values
    assert given_.values[3] is not None
    assert given_.values[3] >= 4


# Texts that are not here.


def structure(**changes: object) -> dict[str, Any]:
    data = small_instrument().model_dump(mode="json")
    data.update(items=4, wordings=[], obtain="Ask the publisher.")
    return {**data, **changes}


def test_a_form_without_texts_says_what_to_import_when_it_is_asked() -> None:
    form = Instrument.model_validate(structure())
    assert form.is_structure_only
    assert form.item_ids == ("1", "2", "3", "4")
    assert score_scale(np.array([[5.0, 1, 3, 3]]), form, form.scale("loudness"))[0] == 5
    with pytest.raises(InputError, match=r"texts of its 4 items .*Ask the publisher\..*import YOUR_FILE --fill small"):
        make_form(form, Administration())


def test_identifiers_of_items_without_texts_may_be_listed() -> None:
    assert Instrument.model_validate(structure(items=["1", "2", 3, "4"])).item_ids == ("1", "2", "3", "4")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"obtain": ""}, "items without a text"),
        ({"items": {"1": "loud", "2": "", "3": "", "4": ""}}, "items without a text"),
        ({"items": {"1": "a", "2": "b", "3": "c", "4": "d"}}, "leave out obtain"),
        ({"items": 0}, "items"),
        ({"items": 10**9}, "items"),
    ],
)
def test_texts_are_all_here_or_none(changes: Mapping[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        Instrument.model_validate(structure(**changes))


def test_own_options_are_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "choice.toml"
    path.write_text(
        """
key = "choice"
version = "1"
title = "Choice"
citation = ""
language = "en"
[licence]
name = "CC0-1.0"
is_commercial_use_free = true
[items]
1 = "A free evening"
2 = "A party"
[[formats]]
items = [1]
options = [{ value = 0, label = "alone", keyed = "i" }, { value = 1, label = "with others", keyed = "e" }]
[[formats]]
items = [2]
options = [{ value = 0, label = "leave", keyed = "i" }, { value = 1, label = "stay", keyed = "e" }]
[[scales]]
key = "e"
title = "E"
items = [1, 2]
score = "count"
[[scales]]
key = "i"
title = "I"
items = [1, 2]
score = "count"
""",
        encoding="utf-8",
    )
    form = load_instrument(str(path))
    assert [option.label for option in form.options_of("2")] == ["leave", "stay"]
    assert score_scale(np.array([[1.0, 0.0]]), form, form.scale("e"))[0] == 1
