"""Instruments as TOML: whatever is written reads back as the same."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.instrument import Instrument, list_instruments, load_instrument
from personae.instrument.writing import toml_text, write_instrument

words = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
numbers = st.floats(-1e6, 1e6, allow_nan=False)


@st.composite
def instruments(draw: st.DrawFn) -> dict[str, Any]:
    """Any instrument that the schema knows: formats, weights, fillers, norms, types, wordings, or no texts at all."""
    ids = draw(st.lists(st.one_of(st.integers(0, 99).map(str), words), min_size=1, max_size=6, unique=True))
    labels = draw(st.lists(words, min_size=2, max_size=4, unique_by=str.casefold))
    options = [{"value": value, "label": label} for value, label in enumerate(labels, start=draw(st.integers(-3, 3)))]
    scales = []
    for number in range(draw(st.integers(1, 3))):
        items = draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
        scale: dict[str, Any] = {"key": f"s{number}", "title": draw(words), "items": items}
        scale["score"] = draw(st.sampled_from(["mean", "sum", "weights"]))
        if scale["score"] == "weights":
            each = st.one_of(numbers, st.lists(numbers, min_size=len(labels), max_size=len(labels)))
            scale["weights"] = {item: draw(each) for item in items}
            scale.update(divisor=draw(st.floats(0.1, 100)), constant=draw(numbers))
        else:
            scale["reverse"] = draw(st.lists(st.sampled_from(items), unique=True))
        if draw(st.booleans()):
            norm = {"group": draw(words), "mean": draw(numbers), "sd": draw(st.floats(0.1, 10)), "source": draw(words)}
            scale["norms"] = [{**norm, "n": draw(st.one_of(st.none(), st.integers(1, 9999)))}]
        scales.append(scale)
    scored = {item for scale in scales for item in scale["items"]}
    data: dict[str, Any] = {
        "key": "drawn",
        "version": draw(words),
        "title": draw(words),
        "citation": draw(st.one_of(st.just(""), words)),
        "language": "en",
        "instructions": draw(st.one_of(st.just(""), words)),
        "licence": {"name": draw(words), "is_commercial_use_free": draw(st.booleans())},
        "options": options,
        "items": {item: draw(words) for item in ids},
        "scales": scales,
        "fillers": [item for item in ids if item not in scored],
        "dichotomies": [{"title": draw(words), "high": "E", "low": "I", "scale": "s0", "cut": draw(numbers)}],
        "notes": draw(st.one_of(st.just(""), words)),
    }
    if draw(st.booleans()):
        keyed = [{**one, "keyed": "s0"} if place == 0 else one for place, one in enumerate(options)]
        data["formats"] = [{"items": [ids[0]], "options": keyed}]
    if draw(st.booleans()):
        data["wordings"] = [{"key": "other", "source": "us", "items": {item: draw(words) for item in ids}}]
    elif draw(st.booleans()):
        data.update(items=ids, obtain=draw(words))
    return data


@settings(max_examples=60, deadline=None)
@given(instruments())
def test_what_is_written_reads_back_as_the_same(data: dict[str, Any]) -> None:
    one = Instrument.model_validate(data)
    again = Instrument.model_validate(tomllib.loads(write_instrument(one)))
    assert again == one
    assert again.item_ids == one.item_ids
    assert again.hash == one.hash
    assert write_instrument(again) == write_instrument(one)


@pytest.mark.parametrize("key", list_instruments())
def test_the_library_reads_back_as_the_same(key: str) -> None:
    one = load_instrument(key)
    again = Instrument.model_validate(tomllib.loads(write_instrument(one)))
    assert (again, again.hash, again.item_ids) == (one, one.hash, one.item_ids)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_is_a_toml_string(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}")["a"] == text
