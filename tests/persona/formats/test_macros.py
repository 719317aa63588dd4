"""Macros: what each becomes, where chance comes from, and that no text can make them run away."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import Macros
from support.personas import texts


def resolve(text: str, **given_: object) -> str:
    return Macros("Ada", user="Bo", **given_).resolve(text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{{char}} and {{User}} and {{ CHAR }}", "Ada and Bo and Ada"),
        ("<BOT>, <char> and <User>", "Ada, Ada and Bo"),
        ("a{{// not for you}}b{{//}}c", "abc"),
        ("a{{comment: seen by people}}b", "ab"),
        ("a{{hidden_key:crown}}b", "ab"),
        ("{{reverse:abc}}", "cba"),
        ("{{reverse::abc}}{{roll::1d1+1}}", "cba2"),
        ("{{reverse:{{char}}}}", "adA"),
        ("{{random:only}}", "only"),
        (r"{{pick:a\,b}}", "a,b"),
        ("{{roll:1}} {{roll:d1}} {{roll:D1}}", "1 1 1"),
        ("{{roll:2d1}} {{roll: 3d1+4 }} {{roll:5d1-2}} {{roll:d1}}", "2 7 3 1"),
        ("{{roll:2d6x}} {{roll:-1}} {{roll:}}", "{{roll:2d6x}} {{roll:-1}} {{roll:}}"),
        ("a{{newline}}b{{noop}}c{{NewLine}}", "a\nbc\n"),
        ("{{random::only}} {{pick::a}} {{pick::{{char}}::{{char}}}}", "only a Ada"),
        ("{{unknown}} {{getvar}}", "{{unknown}} {{getvar}}"),
        ("{{roll:many}}", "{{roll:many}}"),
        ("open {{char and shut }}", "open {{char and shut }}"),
        ("}} {{", "}} {{"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_each_macro_becomes_what_the_specification_says(text: str, becomes: str) -> None:
    assert resolve(text) == becomes


def test_macros_of_sillytavern() -> None:
    texts = {"description": "{{char}} knows {{user}}. {{description}}{{scenario}}", "scenario": "A storm."}
    macros = Macros("Ada", user="Bo", texts=texts, now=datetime(2026, 3, 1, 0, 5, tzinfo=UTC))
    for text, becomes in {
        "{{description}}": "Ada knows Bo. ",
        "{{charScenario}} {{personality}}|{{charVersion}}": "A storm. |",
        "{{charIfNotGroup}} {{group}} {{notChar}}": "Ada Ada Bo",
        "{{setvar::hp::5}}{{addvar::hp::2}}{{getvar::hp}} {{incvar::hp}} {{decvar::hp}}": "7 8 7",
        "{{addvar::list::a}}{{addvar::list::b}}{{getvar::list}}": "ab",
        "{{setglobalvar::hp::1}}{{getglobalvar::hp}} {{getvar::hp}}{{getvar::nothing}}": "1 7",
        "a\n{{trim}}\n\nb": "ab",
        "{{newline::2}}{{space::3}}|{{space}}|": "\n\n   | |",
        "{{roll d1}} {{roll::1d1}}": "1 1",
        "{{time}} {{date}} {{weekday}}": "12:05 AM March 1, 2026 Sunday",
        "{{isodate}} {{isotime}}": "2026-03-01 00:05",
        "{{outlet::x}}{{lastMessage}}": "",
    }.items():
        assert macros.resolve(text) == becomes
    assert Macros("Ada").resolve("{{date}} {{scenario}}") == "{{date}} {{scenario}}"


def test_variables_cannot_grow_without_end() -> None:
    macros = Macros("Ada")
    macros.resolve("{{setvar::a::x}}")
    with pytest.raises(InputError, match="than a card can mean"):
        for _ in range(200):
            macros.resolve("{{addvar::a::{{getvar::a}}}}")


def test_recursive_scanning_sees_hidden_keys_and_no_comments() -> None:
    assert Macros("Ada").resolve_for_scan("a{{hidden_key:crown}}b{{//secret}}") == "acrownb"


def test_a_name_cannot_smuggle_in_a_macro() -> None:
    assert Macros("{{user}}", user="{{random:x,y}}").resolve("{{char}} {{user}}") == "{{user}} {{random:x,y}}"


def test_random_draws_anew_and_from_the_given_source() -> None:
    text = "{{random:a,b,c,d,e,f}}" * 40
    first, again, other = (resolve(text, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first == again != other
    assert len(set(first)) == 6
    macros = Macros("Ada", rng=np.random.default_rng(0))
    assert macros.resolve(text) != macros.resolve(text)


def test_chance_is_even() -> None:
    rng = np.random.default_rng(3)
    drawn = Macros("Ada", rng=rng).resolve("{{random:a,b}}" * 4000)
    assert abs(drawn.count("a") - 2000) < 4 * np.sqrt(1000)
    rolls = [int(word) for word in Macros("Ada", rng=rng).resolve("{{roll:6}} " * 3000).split()]
    assert set(rolls) == set(range(1, 7))
    assert abs(np.mean(rolls) - 3.5) < 0.15


def test_pick_is_the_same_throughout_a_chat_and_differs_between_chats() -> None:
    text = "{{pick:a,b,c,d,e,f,g,h}}"
    macros = Macros("Ada", chat="1", rng=np.random.default_rng(0))
    assert len({macros.resolve(text) for _ in range(20)}) == 1
    assert len({Macros("Ada", chat=str(chat)).resolve(text) for chat in range(60)}) >= 6
    assert Macros("Ada", chat="1").resolve("x " + text)[2:] == macros.resolve(text)


def test_both_spellings_of_lists_are_read() -> None:
    for text in ("{{pick:a,b}}", "{{pick::a::b}}", "{{pick::a,b}}", "{{random::a::b}}"):
        assert resolve(text) in ("a", "b")


def test_the_global_generator_is_left_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    resolve("{{random:a,b}}{{roll:9}}")
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]


@given(texts, st.text("{}:/,acdhikmnoprsu ", max_size=60))
def test_any_text_is_resolved_and_again_gives_the_same(head: str, tail: str) -> None:
    text = head + tail
    assert Macros("Ada", chat="1").resolve(text) == Macros("Ada", chat="1").resolve(text)


@pytest.mark.parametrize("text", ["{{char}}" * 20_000, "{{" * 50_000, "{{reverse:" * 20_000 + "x" + "}}" * 20_000])
def test_text_made_of_macros_is_refused_in_no_time(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InputError, match="more macros"):
        resolve(text)
    assert time.process_time() - start < 5


def test_texts_of_a_card_inside_each_other_are_counted_together() -> None:
    texts = {"description": "{{personality}}" * 2000, "personality": "{{noop}}" * 2000}
    with pytest.raises(InputError, match="more macros"):
        Macros("Ada", texts=texts).resolve("{{personality}}" * 2000)


def test_a_text_cannot_blow_itself_up() -> None:
    nested = "x" * 100_000
    for _ in range(50):
        nested = "{{reverse:" + nested + "}}"
    with pytest.raises(InputError, match="more macros"):
        resolve(nested)
