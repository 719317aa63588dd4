"""Hypothesis strategies for personas, a persona with every field set, and texts that files tend to spoil."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from personae.persona import Ability, Demographics, Memory, ModelParameters, Persona, Provenance, Voice

ODD_TEXTS = (
    *("no", "NO", "yes", "on", "off", "y", "true", "True", "false", "null", "Null", "~", "", " ", "  lead", "trail  "),
    *("0123", "007", "0x1F", "0b1", "0o7", "1_000", "12:30", "12:30:45", "190:20:30", "1e5", "1.5", "1.", ".5", "+1"),
    *("-0", "-0.0", ".inf", "-.inf", ".nan", "nan", "Infinity", "2020-01-01", "2020-01-01T12:00:00Z", "=", "<<", "?"),
    *("-", "- a", "a: b", "a:", ":", "#", "a #b", "#b", "'", '"', "''", "\\", "\\n", "{", "}", "[", "]", "{}", "[]"),
    *(",", "|", ">", "|-", "!", "!x", "!!str x", "&a", "*a", "%", "@", "`", "---", "...", "--- a", "key: [1, 2"),
    *("two\nlines", "ends\n", "ends\n\n", "\nstarts", "\n", "a\n\n\nb", "  a\n b\n", "\ttab", "a\tb\t", "a\r\nb", "\r"),
    *("a\x85b", "\x85", "a\u2028b", "a\u2029b", "\ufeff", "x\ufeff", "\xa0", "\x00", "\x07", "\x1b[0m", "\x7f"),
    *("Grüße", "日本語", "😀", "👩‍👩‍👧", "e\u0301", "\u200b", "\ue000", "\uffff", "\ufffe", "\U0010ffff"),
    *("x" * 300, "word " * 60, "a b" * 60 + "\nc", "{{char}}", "<b>&amp;</b>", "persona", "unknown"),
)
"""Texts that a careless reader or writer of YAML or JSON turns into something else."""

texts = st.sampled_from(ODD_TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
some_texts = texts.filter(bool)
text_lists = st.lists(texts, max_size=3).map(tuple)
z_scores = st.floats(-6, 6, allow_nan=False)
shares = st.none() | st.floats(0, 1, allow_nan=False)
trait_keys = st.from_regex(r"[a-z0-9_]{1,6}(\.[a-z0-9_]{1,6}){1,2}", fullmatch=True)

json_leaves: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
json_values: st.SearchStrategy[Any] = st.recursive(
    json_leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

provenances = st.builds(
    Provenance,
    origin=st.sampled_from(["given", "sampled", "inferred", "written"]),
    by=texts,
    confidence=shares,
    consent=texts,
    licence=texts,
    note=texts,
)

demographics = st.builds(
    Demographics,
    age=st.none() | st.integers(0, 130),
    languages=text_lists,
    **dict.fromkeys(sorted(set(Demographics.model_fields) - {"age", "languages"}), texts),
)

personas = st.builds(
    Persona,
    id=texts,
    name=texts,
    description=texts,
    demographics=demographics,
    traits=st.dictionaries(trait_keys, z_scores, max_size=4),
    social_identity=st.dictionaries(texts, texts, max_size=3),
    personal_identity=st.dictionaries(texts, texts, max_size=3),
    life_context=texts,
    abilities=st.lists(st.builds(Ability, ability=some_texts, constraint=texts), max_size=2).map(tuple),
    goals=text_lists,
    beliefs=text_lists,
    knowledge=text_lists,
    style=texts,
    voice=st.builds(Voice, **dict.fromkeys(sorted(Voice.model_fields), texts)),
    appearance=texts,
    memories=st.lists(st.builds(Memory, text=some_texts, when=texts, importance=shares), max_size=2).map(tuple),
    model=st.builds(
        ModelParameters,
        name=texts,
        temperature=st.none() | st.floats(0, 2, allow_nan=False),
        top_p=st.none() | st.floats(0, 1, exclude_min=True, allow_nan=False),
        max_tokens=st.none() | st.integers(1, 10_000),
    ),
    provenance=st.dictionaries(texts, provenances, max_size=2),
    extensions=st.dictionaries(texts, json_values, max_size=3),
)

FULL_PERSONA = Persona(
    id="ada",
    name="Ada Lovelace",
    description="a mathematician who writes letters",
    demographics=Demographics(
        age=36,
        gender="female",
        nationality="British",
        ethnicity="white",
        languages=("English", "French"),
        residence="London",
        education="private tutors",
        occupation="mathematician",
        income="landed",
        marital_status="married",
        religion="Anglican",
        politics="Whig",
    ),
    traits={
        "big_five.openness": 2.0,
        "big_five.extraversion": -0.5,
        "big_five.neuroticism": 0.0,
        "big_five.conscientiousness.self_discipline": 1.0,
        "hexaco.honesty_humility": 1.5,
    },
    social_identity={"profession": "analyst", "circle": "men of science"},
    personal_identity={"self_image": "a prophet"},
    life_context="She was raised by her mother.",
    abilities=(Ability(ability="read tables of numbers", constraint="tires quickly"), Ability(ability="ride")),
    goals=("describe the Analytical Engine",),
    beliefs=("imagination is a tool of discovery",),
    knowledge=("the numbers of Bernoulli",),
    style="long sentences with many dashes",
    voice=Voice(language="English", accent="London", pitch="low", pace="quick", description="clear"),
    appearance="dark hair",
    memories=(Memory(text="meeting Mr Babbage", when="1833", importance=0.9), Memory(text="a fever")),
    model=ModelParameters(name="ollama/qwen3", temperature=0.0, top_p=0.9, max_tokens=200),
    provenance={"traits": Provenance(origin="inferred", by="letters", confidence=0.0)},
    extensions={"tool": {"depth": 3}},
)
