"""Filling JSON schemas: what comes is valid, and means what the respondent is or read."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from personae.judge import Criterion, Rubric
from personae.model import ProviderError, Request, Sampling, Schema
from personae.persona import BIG_FIVE, trait_title, trait_words
from personae.respondent import SimSettings, SimulatedRespondent
from personae.respondent.filling import Filler
from personae.respondent.schema import UnfillableError
from personae.respondent.writing import Length, write_text

E, _, _, N, _ = BIG_FIVE

STORY = Rubric(
    "story",
    (
        Criterion("readability", "How easy is the story to read?", "very hard", "very easy"),
        Criterion("redundancy", "How much does the story repeat itself?", "not at all", "very much"),
        Criterion("personalness", "How personal is the story?", "not at all", "very"),
        *(
            Criterion(
                trait_title(trait),
                f"Where is the author between {words.low} and {words.high}?",
                words.low,
                words.high,
            )
            for trait, words in trait_words().items()
        ),
    ),
)


def fill(
    schema: Mapping[str, Any],
    *,
    prompt: str = "Fill in the form.",
    traits: Mapping[str, float] | None = None,
    seed: int = 0,
    temperature: float = 1.0,
    **planted: float,
) -> Any:
    settings = SimSettings(**planted)  # type: ignore[arg-type]
    return Filler(traits or {}, prompt, settings, temperature, random.Random(seed)).fill(schema)


def numbers(low: int = -50, high: int = 50) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda kind, least, width, sides, step: {
            "type": kind,
            **({"minimum": least} if sides[0] else {}),
            **({"maximum": least + width} if sides[1] else {}),
            **({"multipleOf": step} if step and kind == "integer" else {}),
        },
        st.sampled_from(["integer", "number"]),
        st.integers(low, high),
        st.integers(0, 40),
        st.tuples(st.booleans(), st.booleans()),
        st.sampled_from([0, 0, 2, 5]),
    )


strings = st.builds(
    lambda least, width, bounded: {
        "type": "string",
        **({"minLength": least, "maxLength": least + width} if bounded else {}),
    },
    st.integers(0, 300),
    st.integers(0, 100),
    st.booleans(),
)
enumerations = st.builds(
    lambda values: {"enum": values},
    st.lists(st.integers(0, 9) | st.text("abc", max_size=3) | st.none(), min_size=1, max_size=5, unique_by=repr),
)
leaves = (
    numbers()
    | strings
    | enumerations
    | st.just({"type": "boolean"})
    | st.just({"type": "null"})
    | st.just({"const": "x"})
)


def grown(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.builds(
        lambda properties, count, closed: {
            "type": "object",
            "properties": properties,
            "required": sorted(properties)[:count],
            **({"additionalProperties": False} if closed else {}),
        },
        st.dictionaries(st.text("abcde_", min_size=1, max_size=6), inner, max_size=4),
        st.integers(0, 4),
        st.booleans(),
    )
    arrays = st.builds(
        lambda items, least, width: {"type": "array", "items": items, "minItems": least, "maxItems": least + width},
        inner,
        st.integers(0, 4),
        st.integers(0, 4),
    )
    either = st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner)
    return objects | arrays | either


schemas = st.recursive(leaves, grown, max_leaves=12)


@given(schemas, st.integers(0, 10))
@settings(max_examples=300, deadline=None)
def test_whatever_is_asked_for_comes_out_valid(schema: dict[str, Any], seed: int) -> None:
    try:
        value = fill(schema, seed=seed)
    except UnfillableError:
        assume(False)  # a multiple of five between 1 and 4; every other schema has to be filled
    Draft202012Validator(schema).validate(value)
    orjson.dumps(value)  # and is JSON


@given(numbers())
@example({"type": "integer", "maximum": 2, "multipleOf": 5})
@settings(max_examples=200, deadline=None)
def test_a_number_is_only_refused_where_there_is_none(schema: dict[str, Any]) -> None:
    try:
        fill(schema)
    except UnfillableError:
        validator = Draft202012Validator(schema)
        assert not any(validator.is_valid(number) for number in range(-200, 200))


TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
            "required": ["name"],
        }
    },
    "$ref": "#/$defs/node",
}
ODD = [
    TREE,
    {"type": ["integer", "null"], "minimum": 3, "maximum": 3},
    {"type": ["null", "string"]},
    {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "integer"}]},
    {"allOf": [{"type": "integer", "minimum": 2}, {"maximum": 2}]},
    {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "null"}}, "required": ["b"]},
        ]
    },
    {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 4}, "uniqueItems": True, "minItems": 4},
    {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 2},
    {"type": "array", "items": False},
    {"type": "array"},
    {"type": "object"},
    {"type": "object", "required": ["surprise"]},
    {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {"a": True, "b": False}, "required": ["a"]},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
    {"type": "number", "minimum": 0, "maximum": 1},
    {"type": "number", "multipleOf": 0.25, "minimum": 0.1, "maximum": 0.6},
    {"type": "integer", "maximum": -7},
    {"type": "integer", "minimum": 10**9},
    {"type": "number", "minimum": 0, "maximum": 10**12},
    {"type": "string", "minLength": 900, "maxLength": 901},
    {"type": "string", "maxLength": 0},
    {"type": "string", "format": "date"},
    {"type": "string", "pattern": "^[0-9]{4}$"},
    {"enum": [None]},
    {"enum": [1, "1", True]},
    {"const": {"a": [1]}},
    {"minimum": 4},
    {"items": {"type": "boolean"}, "minItems": 5},
    {
        "definitions": {"level": {"enum": ["low", "high"]}},
        "type": "object",
        "properties": {"x": {"$ref": "#/definitions/level"}},
        "required": ["x"],
    },
    {},
]


@pytest.mark.parametrize("schema", ODD, ids=lambda schema: str(schema)[:60])
@pytest.mark.parametrize("seed", range(4))
def test_references_bounds_and_rarer_keywords_are_kept(schema: dict[str, Any], seed: int) -> None:
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(fill(schema, seed=seed))


IMPOSSIBLE = [
    {"type": "integer", "minimum": 3, "maximum": 2},
    {"type": "integer", "minimum": 1, "maximum": 4, "multipleOf": 5},
    {"$ref": "#/$defs/absent"},
    {"$ref": "#"},
    {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    {
        "$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}, "required": ["n"]}},
        "$ref": "#/$defs/n",
    },
    {"type": "array", "items": {"enum": ["a"]}, "uniqueItems": True, "minItems": 2},
    {"enum": []},
    {"allOf": [{"type": "string"}, {"type": "integer"}]},
    {"type": "string", "pattern": "^(very){7}$"},
    {"properties": 3},
    {"type": "integer", "minimum": "x"},
    {"type": "array", "minItems": "many"},
    {"type": "object", "required": 5},
]


@pytest.mark.parametrize("schema", IMPOSSIBLE, ids=lambda schema: str(schema)[:60])
def test_a_schema_that_cannot_be_filled_is_refused_as_a_bad_request(schema: dict[str, Any]) -> None:
    with pytest.raises(ProviderError) as caught:
        fill(schema)
    assert caught.value.kind == "bad_request"
    assert "schema" in str(caught.value)


def mean_of(schema: dict[str, Any], key: str, **options: Any) -> float:
    return float(sum(fill(schema, seed=seed, **options)[key] for seed in range(60))) / 60


def rating(*keys: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {"type": "integer", "minimum": 1, "maximum": 5, **more} for key in keys},
        "required": list(keys),
    }


@pytest.mark.parametrize("trait", BIG_FIVE)
def test_ratings_of_oneself_follow_the_persona(trait: str) -> None:
    schema = rating(trait_title(trait))
    high, low = (mean_of(schema, trait_title(trait), traits={trait: z}) for z in (1.5, -1.5))
    assert high > 4.2
    assert low < 1.8


def test_emotional_stability_is_neuroticism_upside_down() -> None:
    assert mean_of(rating("emotional_stability"), "emotional_stability", traits={N: 1.5}) < 1.8


def test_a_field_that_is_described_by_an_item_is_answered_as_the_item() -> None:
    schema = rating("q", description="I am the life of the party.")
    assert mean_of(schema, "q", traits={E: 1.5}) > 4
    assert mean_of(schema, "q", traits={E: -1.5}) < 2
    assert mean_of(schema, "q", acquiescence=1.5) > 4


def test_the_questionnaire_of_the_prompt_is_answered_under_its_marks() -> None:
    prompt = "1 = Disagree\n2 = Neutral\n3 = Agree\n\n(a) I talk a lot.\n(b) I am often quiet."
    schema = {
        "type": "object",
        "properties": {key: {"type": "integer", "minimum": 1, "maximum": 3} for key in "ab"},
        "required": ["a", "b"],
    }
    assert mean_of(schema, "a", prompt=prompt, traits={E: 2.0}) > 2.6
    assert mean_of(schema, "b", prompt=prompt, traits={E: 2.0}) < 1.4
    letters = "Statement: I talk a lot.\nA = Agree\nB = Disagree"
    assert fill(
        {"type": "object", "properties": {"answer": {"enum": ["A", "B"]}}},
        prompt=letters,
        traits={E: 2.0},
        temperature=0.0,
    ) == {"answer": "A"}


def test_grades_in_words_are_taken_in_their_order_whichever_end_comes_first() -> None:
    for options in (
        ["very low", "low", "average", "high", "very high"],
        ["very high", "high", "average", "low", "very low"],
    ):
        schema = {"type": "object", "properties": {"extraversion": {"enum": options}}}
        assert fill(schema, traits={E: 2.5}, temperature=0.0) == {"extraversion": "very high"}


def test_poles_in_words_are_chosen_by_what_they_say() -> None:
    for options in (["introverted", "extroverted"], ["extroverted", "introverted"]):
        schema = {"type": "object", "properties": {"type": {"enum": options}}}
        assert fill(schema, traits={E: -2.0}, temperature=0.0) == {"type": "introverted"}


def story(z: float, seed: int, trait: str = E, words: int = 250) -> str:
    return write_text({trait: z}, Length(words), random.Random(seed))


@pytest.mark.parametrize("trait", BIG_FIVE)
@pytest.mark.parametrize("own", [-2.0, 2.0])
def test_a_judge_follows_the_story_and_not_its_own_persona(trait: str, own: float) -> None:
    rubric = STORY
    judge = SimulatedRespondent()
    words = trait_words()[trait]
    given: dict[bool, list[int]] = {True: [], False: []}
    for seed in range(40):
        z = 2.0 if seed % 2 else -2.0
        request = Request.of(
            rubric.ask(story(z, seed, trait), "Here is a personal story."),
            system=f"You are a character who is {words.high if own > 0 else words.low}.",
            sampling=Sampling(seed=seed),
        )
        reply = judge.answer(Request(request.messages, request.sampling, schema=rubric.schema))
        scores = orjson.loads(reply.text)
        Draft202012Validator(dict(rubric.schema.definition)).validate(scores)
        given[z > 0].append(scores[trait_title(trait)])
    assert sum(given[True]) / 20 > 4
    assert sum(given[False]) / 20 < 2


def test_a_text_that_repeats_itself_is_rated_more_redundant() -> None:
    once = story(0.0, 1, words=150)
    schema = rating("redundancy")
    ratings = [
        mean_of(schema, "redundancy", prompt=f"Rate the text.\n<text>{text}</text>") for text in (once, f"{once} " * 5)
    ]
    assert ratings[1] > ratings[0] + 1


def test_long_sentences_are_rated_harder_to_read() -> None:
    short = "I went home. It was late. The cat slept. " * 5
    long = " and ".join(["I went home in the rain with my cat under the coat that my father had left me"] * 6) + "."
    schema = rating("readability")
    ratings = [mean_of(schema, "readability", prompt=f"Rate the text.\n<text>{text}</text>") for text in (short, long)]
    assert ratings[0] > ratings[1] + 1


def test_a_short_marked_text_is_judged_and_not_the_judge() -> None:
    prompt = "How extraverted is the author?\n<text>I love parties and I talk a lot.</text>"
    assert mean_of(rating("extraversion"), "extraversion", prompt=prompt, traits={E: -2.0}) > 3.2


def test_ratings_are_noisy_only_as_far_as_asked() -> None:
    schema = rating("extraversion")
    assert {fill(schema, traits={E: 2.0}, temperature=0.0, seed=seed)["extraversion"] for seed in range(30)} == {5}
    seen = {fill(schema, traits={E: 2.0}, temperature=0.0, seed=seed, noise=1.0)["extraversion"] for seed in range(60)}
    assert seen == {1, 2, 3, 4, 5}


def test_the_persona_effect_and_the_refusal_rate_hold_for_schemas_too() -> None:
    definition = rating("extraversion")
    request = Request.of("Rate yourself.", system="You are extremely outgoing.", sampling=Sampling(seed=1))
    asked = Request(request.messages, request.sampling, schema=Schema("r", definition))
    refused = SimulatedRespondent(SimSettings(refusal_rate=1.0)).answer(asked)
    assert not refused.text.startswith("{")
    ratings = [
        orjson.loads(SimulatedRespondent(SimSettings(persona_effect=0.0, seed=seed)).answer(asked).text)["extraversion"]
        for seed in range(100)
    ]
    assert 2.6 < sum(ratings) / 100 < 3.4


def test_strings_are_written_in_the_first_person() -> None:
    value = fill({"type": "object", "properties": {"reason": {"type": "string", "maxLength": 200}}})
    assert 0 < len(value["reason"]) <= 200


def test_a_rubric_without_traits_is_rated_within_its_range() -> None:
    rubric = STORY
    for seed in range(10):
        value = fill(rubric.schema.definition, prompt=rubric.ask(story(0.0, seed), ""), seed=seed)
        assert all(1 <= score <= 5 for score in value.values())


def test_evidence_is_copied_from_the_text_that_is_shown() -> None:
    prompt = (
        'What one person wrote:\n\n"""\n[1] I keep bees. Winters are long.\n\n[2] Never again.\n"""\n\nRate the author.'
    )
    wanted = {"type": "object", "properties": {"evidence": {"type": "array", "items": {"type": "string"}}}}
    found = Filler({}, prompt, SimSettings(), 1.0, random.Random(1)).fill(wanted)["evidence"]
    assert found == ["I keep bees.", "Winters are long.", "Never again."]
    none = Filler({}, "Describe somebody.", SimSettings(), 1.0, random.Random(1)).fill(wanted)["evidence"]
    assert none
    short = {"type": "array", "items": {"type": "string"}, "maxItems": 1}
    bounded = Filler({}, prompt, SimSettings(), 1.0, random.Random(1)).fill(
        {"type": "object", "properties": {"evidence": short}}
    )
    assert len(bounded["evidence"]) <= 1
