"""A questionnaire as data: what is refused, what is looked up, and what its hash depends on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from personae.instrument import Instrument, Licence, Norm, Option, Scale, Wording
from support.questionnaires import small_instrument

SMALL = small_instrument()  # loudness: 1, 2 reversed; stability: 3, 4 reversed; friendly: 1, within loudness
Change = Callable[[dict[str, Any]], object]


def declared(**changes: object) -> dict[str, Any]:
    """The small questionnaire as a file declares it, with some fields replaced."""
    return {**SMALL.model_dump(mode="json"), **changes}


def built(**changes: object) -> Instrument:
    return Instrument.model_validate(declared(**changes))


def changed(change: Change) -> Instrument:
    """The small questionnaire after a change of its declaration, in place."""
    data = declared()
    change(data)
    return Instrument.model_validate(data)


# What is refused.


def broken(place: str, **values: object) -> Change:
    """Set fields of one part: ``scales.0`` is the first scale."""

    def change(data: dict[str, Any]) -> None:
        part: Any = data
        for step in place.split("."):
            part = part[int(step)] if step.isdigit() and isinstance(part, list) else part[step]
        part.update(values)

    return change


FAULTS: Mapping[str, tuple[Change, str]] = {
    "an unknown item in a scale": (broken("scales.0", items=["1", "9"]), "'friendly' names items that do not exist"),
    "a reversed item outside the scale": (broken("scales.0", reverse=["2"]), "'friendly' reverses items that it does"),
    "an item twice in a scale": (broken("scales.0", items=["1", "1"]), "'friendly' counts an item twice"),
    "a scale without items": (broken("scales.0", items=[]), "at least 1 item"),
    "two scales of one key": (broken("scales.1", key="friendly"), "two scales share a key"),
    "a facet of nothing": (broken("scales.0", within="noise"), "'friendly' lies within 'noise', which does not exist"),
    "a scale within itself": (broken("scales.2", within="stability"), "'stability' lies within itself"),
    "two scales within each other": (broken("scales.1", within="friendly"), "within itself, or within a scale that"),
    "a direction of two": (broken("scales.1", direction=2), "1 or -1"),
    "a scale key with a space": (broken("scales.0", key="very friendly"), "pattern"),
    "two options of one value": (broken("options.0", value=2), "two options share a value or a label"),
    "two options of one label": (broken("options.0", label="DISAGREE A LITTLE"), "two options share a value or a"),
    "options that fall": (broken("options.0", value=9), "rising value"),
    "an option without words": (broken("options.0", label=""), "at least 1 character"),
    "an option between numbers": (broken("options.0", value=0.5), "integer"),
    "a wording that lacks an item": (broken("wordings.0", items={"1": "I talk."}), "does not cover exactly the items"),
    "a wording of another item": (broken("wordings.0.items", **{"5": "I am old."}), "does not cover exactly the items"),
    "a wording with a blank": (broken("wordings.0.items", **{"2": " "}), "'plain' has items without a text: ['2']"),
    "a wording called original": (broken("wordings.0", key="original"), "called 'original', which means the items"),
    "an item without a text": (broken("items", **{"2": ""}), "items without a text: ['2']"),
    "an item of blanks": (broken("items", **{"2": " \t"}), "items without a text: ['2']"),
    "a licence that leaves commerce open": (lambda data: data["licence"].pop("is_commercial_use_free"), "required"),
    "no licence": (lambda data: data.pop("licence"), "required"),
    "no scale": (lambda data: data.update(scales=[]), "at least 1 item"),
    "no item": (lambda data: data.update(items={}, scales=[], wordings=[]), "at least 1 item"),
    "one option": (lambda data: data.update(options=data["options"][:1]), "at least 2 items"),
    "a field nobody knows": (lambda data: data.update(colour="red"), "Extra inputs are not permitted"),
    "a key in capitals": (lambda data: data.update(key="BFI"), "pattern"),
    "one wording twice": (lambda data: data["wordings"].append(data["wordings"][0]), "two wordings share a key"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_questionnaire_is_refused_for(fault: str) -> None:
    change, what = FAULTS[fault]
    with pytest.raises(ValidationError) as caught:
        changed(change)
    assert what in str(caught.value)


def test_the_declaration_that_the_faults_start_from_is_sound() -> None:
    assert built() == SMALL


@pytest.mark.parametrize("sd", [0.0, -1.0])
def test_a_norm_needs_a_spread(sd: float) -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        Norm(group="people", mean=3, sd=sd, source="nobody")


def test_a_norm_counts_as_unchecked_until_somebody_says_otherwise() -> None:
    assert Norm(group="people", mean=3, sd=1, source="a paper").confidence == "memory"


def test_a_facet_may_have_facets() -> None:
    deeper = Scale(key="warm", title="Warmth", items=("1",), within="friendly")
    assert [scale.key for scale in built(scales=[*SMALL.scales, deeper]).broad_scales()] == ["loudness", "stability"]


def test_nothing_of_a_questionnaire_can_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        SMALL.version = "2"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        SMALL.scales[0].items = ()  # type: ignore[misc]


def test_numbers_name_items_as_their_digits_do() -> None:
    scale = Scale.model_validate({"key": "loudness", "title": "Loudness", "items": [1, "2"], "reverse": [2]})
    assert (scale.items, scale.reverse) == (("1", "2"), ("2",))


# What is looked up.


def test_the_range_is_that_of_the_options() -> None:
    assert (SMALL.lowest, SMALL.highest, SMALL.midpoint) == (1, 5, 3)
    from_zero = small_instrument(first=0, labels=("no", "maybe", "rather", "yes"))
    assert (from_zero.lowest, from_zero.highest, from_zero.midpoint) == (0, 3, 1.5)
    below_zero = small_instrument(first=-3, labels=("no", "maybe", "yes"))
    assert (below_zero.lowest, below_zero.highest, below_zero.midpoint) == (-3, -1, -2)


def test_items_keep_the_order_of_their_declaration() -> None:
    assert SMALL.item_ids == ("1", "2", "3", "4")
    assert built(items={"4": "worried", "1": "loud", "3": "calm", "2": "silent"}).item_ids == ("4", "1", "3", "2")


def test_a_wording_is_read_in_the_order_of_the_items() -> None:
    shuffled = Wording(key="plain", source="ours", items={"3": "c", "1": "a", "4": "d", "2": "b"})
    assert list(built(wordings=[shuffled]).texts("plain").items()) == [("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")]


def test_the_original_wording_is_the_items_and_a_copy() -> None:
    texts = SMALL.texts()
    assert texts == SMALL.texts("original") == SMALL.items
    texts["1"] = "changed"
    assert SMALL.items["1"] == "loud"


def test_an_unknown_wording_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="small has no wording 'child'; it has original, plain"):
        SMALL.texts("child")


def test_an_unknown_scale_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="small has no scale 'warmth'; it has friendly, loudness, stability"):
        SMALL.scale("warmth")


def test_a_scale_is_found_by_its_key() -> None:
    assert SMALL.scale("stability").direction == -1
    assert SMALL.scale("friendly").within == "loudness"


def test_broad_scales_leave_facets_out() -> None:
    assert [scale.key for scale in SMALL.broad_scales()] == ["loudness", "stability"]


def test_keying_gives_reversed_items_a_minus() -> None:
    assert SMALL.keying(SMALL.scale("stability")) == {"3": 1, "4": -1}
    assert SMALL.keying(SMALL.scale("friendly")) == {"1": 1}


# What the hash depends on.

RELEVANT: Mapping[str, Change] = {
    "an item": broken("items", **{"1": "louder"}),
    "the order of the items": lambda data: data.update(items=dict(reversed(data["items"].items()))),
    "the stem": lambda data: data.update(stem="I am"),
    "the instructions": lambda data: data.update(instructions="How were you?"),
    "the language": lambda data: data.update(language="de"),
    "the version": lambda data: data.update(version="2"),
    "an option's words": broken("options.0", label="No"),
    "an option's value": broken("options.0", value=0),
    "a reversed item": broken("scales.1", reverse=[]),
    "a direction": broken("scales.2", direction=1),
    "another wording": broken("wordings.0.items", **{"1": "I speak much."}),
}
IRRELEVANT: Mapping[str, Change] = {
    "a note": lambda data: data.update(notes="Seldom used."),
    "the citation": lambda data: data.update(citation="Example, E. (2026)"),
    "the source": lambda data: data.update(source="a library"),
    "the licence": broken("licence", name="CC-BY-4.0"),
    "a norm": broken("scales.1", norms=[{"group": "people", "mean": 3, "sd": 1, "source": "a paper"}]),
    "the order of another wording": lambda data: data["wordings"][0].update(
        items=dict(reversed(data["wordings"][0]["items"].items()))
    ),
}


@pytest.mark.parametrize("what", RELEVANT)
def test_the_hash_changes_with(what: str) -> None:
    assert changed(RELEVANT[what]).hash != SMALL.hash


@pytest.mark.parametrize("what", IRRELEVANT)
def test_the_hash_does_not_change_with(what: str) -> None:
    assert changed(IRRELEVANT[what]).hash == SMALL.hash


def test_the_hash_is_the_same_for_a_questionnaire_built_again() -> None:
    assert small_instrument().hash == SMALL.hash
    assert Instrument.model_validate_json(SMALL.model_dump_json()).hash == SMALL.hash


# Whatever the questionnaire.

words = st.text(alphabet="abcdefgh", min_size=1, max_size=8)


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    texts = draw(st.lists(words, min_size=1, max_size=12, unique=True))
    ids = draw(st.permutations([str(number) for number in range(1, len(texts) + 1)]))
    labels = draw(st.lists(words, min_size=2, max_size=7, unique=True))
    first = draw(st.integers(-3, 3))
    members = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    against = draw(st.lists(st.sampled_from(members), unique=True))
    return Instrument(
        key="drawn",
        version="1",
        title="Drawn",
        citation="",
        language="en",
        licence=Licence(name="CC0-1.0", is_commercial_use_free=True),
        options=tuple(Option(value=value, label=label) for value, label in enumerate(labels, start=first)),
        items=dict(zip(ids, texts, strict=True)),
        scales=(Scale(key="all", title="All", items=tuple(members), reverse=tuple(against)),),
    )


@given(instruments())
def test_a_questionnaire_survives_being_written_and_read(instrument: Instrument) -> None:
    again = Instrument.model_validate_json(instrument.model_dump_json())
    assert again == instrument
    assert again.item_ids == instrument.item_ids
    assert again.hash == instrument.hash


@given(instruments())
def test_keying_covers_the_scale_and_reverses_what_the_scale_says(instrument: Instrument) -> None:
    scale = instrument.scale("all")
    keying = instrument.keying(scale)
    assert tuple(keying) == scale.items
    assert {item for item, sign in keying.items() if sign == -1} == set(scale.reverse)
    assert instrument.lowest < instrument.midpoint < instrument.highest
