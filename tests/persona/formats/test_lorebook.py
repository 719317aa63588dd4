"""Lorebooks: what a chat calls up, by keys, decorators, budget and recursion; patterns of strangers are stopped."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.errors import InputError
from personae.persona import Macros, Moment, Turn, lorebook_of, read_lorebook, read_personas, scan_lorebook
from personae.persona.formats.decorators import split_decorators, strip_decorators
from personae.persona.formats.scanning import Scan
from support.cards import golden
from support.personas import json_values

MACROS = Macros("Mira", user="Bo")


def entry(content: str = "text", *keys: str, **more: Any) -> dict[str, Any]:
    return {"keys": list(keys), "content": content, "enabled": True, "insertion_order": 0, "extensions": {}, **more}


def scan(
    entries: list[dict[str, Any]],
    *said: str,
    moment: Moment | None = None,
    **book: Any,
) -> Scan:
    turns = [Turn("assistant" if number % 2 else "user", text) for number, text in enumerate(said)]
    return scan_lorebook(read_lorebook({"entries": entries, **book}), turns, MACROS, moment=moment)


def called(*args: Any, **more: Any) -> list[str]:
    return [one.text for one in scan(*args, **more).insertions]


def test_a_key_calls_up_its_entry_in_any_case() -> None:
    assert called([entry("A", "Lamp")], "the LAMP is lit") == ["A"]
    assert called([entry("A", "Lamp")], "nothing") == []
    assert called([entry("A", "Lamp", case_sensitive=True)], "the LAMP") == []
    assert called([entry("A", "Lamp", enabled=False)], "lamp") == []
    assert called([entry("", "lamp")], "lamp") == []
    assert called([entry("A", "lamp")], "lamp lamp", "lamp") == ["A"]  # once, however often it matches


def test_selective_entries_want_a_second_key() -> None:
    storm = entry("A", "storm", selective=True, secondary_keys=["boat", "ship"])
    assert called([storm], "a storm") == []
    assert called([storm], "a ship in a storm") == ["A"]
    assert called([{**storm, "selective": False}], "a storm") == ["A"]


def test_only_the_latest_messages_are_searched() -> None:
    assert called([entry("A", "lamp")], "lamp", "x", "y", scan_depth=2) == []
    assert called([entry("A", "lamp")], "x", "lamp", "y", scan_depth=2) == ["A"]
    assert called([entry("@@scan_depth 3\nA", "lamp")], "lamp", "x", "y", scan_depth=1) == ["A"]
    assert called([entry("A", "lamp")], "lamp", scan_depth=0) == []
    assert called([entry("A", constant=True)], "x", scan_depth=0) == ["A"]


def test_entries_enter_by_order_and_the_lowest_priority_leaves_first() -> None:
    entries = [entry("late", constant=True, insertion_order=9), entry("early", constant=True, insertion_order=1)]
    assert called(entries, "x") == ["early", "late"]
    big = [
        entry("a" * 40, constant=True, insertion_order=1, priority=5),
        entry("b" * 40, constant=True, insertion_order=2, priority=1),
        entry("c" * 40, constant=True, insertion_order=3, priority=9),
    ]
    found = scan(big, "x", token_budget=20)
    assert [one.text[0] for one in found.insertions] == ["a", "c"]
    assert [one.text[0] for one in found.over_budget] == ["b"]
    assert sum(one.tokens for one in found.insertions) <= 20
    without = [{key: value for key, value in one.items() if key != "priority"} for one in big]
    assert [one.text[0] for one in scan(without, "x", token_budget=20).insertions] == ["b", "c"]
    first = [*big, entry("@@ignore_on_max_context\n" + "d" * 40, constant=True, priority=99)]
    assert [one.text[0] for one in scan(first, "x", token_budget=30).over_budget] == ["d"]


def test_entries_call_up_entries_only_where_the_book_says_so() -> None:
    chain = [entry("see the cellar", "lamp"), entry("rats", "cellar"), entry("traps", "rats")]
    assert called(chain, "lamp", recursive_scanning=True) == ["see the cellar", "rats", "traps"]
    assert called(chain, "lamp") == called(chain, "lamp", recursive_scanning=False) == ["see the cellar"]
    circle = [entry("b", "a"), entry("a", "b")]
    assert called(circle, "a", recursive_scanning=True) == ["b", "a"]


def test_the_card_of_the_lighthouse() -> None:
    (mira,) = read_personas(golden("card_v2.json"))
    book = lorebook_of(mira.persona)
    assert book is not None
    found = scan_lorebook(book, [Turn("user", "Is the lamp lit?")], MACROS)
    assert [one.text for one in found.insertions] == [
        "The sea is near.",
        "The cellar floods in spring.",  # by the hidden key
        "The lamp burns oil from the village.",
    ]
    assert found.insertions[-1].position == "before_char"


@pytest.mark.parametrize(
    ("head", "said", "moment", "expected"),
    [
        ("@@activate", ("nothing",), None, True),
        ("@@dont_activate", ("lamp",), None, False),
        ("@@dont_activate\n@@activate", ("lamp",), None, True),
        ("@@activate_only_after 2", ("lamp", "lamp"), None, False),
        ("@@activate_only_after 2", ("lamp",) * 4, None, True),
        ("@@activate_only_every 2", ("lamp",) * 2, None, False),
        ("@@activate_only_every 2", ("lamp",) * 4, None, True),
        ("@@activate_only_every 0", ("lamp",) * 2, None, True),  # no value: ignored
        ("@@keep_activate_after_match", ("x",), Moment(called_before=[0]), True),
        ("@@keep_activate_after_match", ("x",), Moment(), False),
        ("@@dont_activate_after_match", ("lamp",), Moment(called_before=[0]), False),
        ("@@is_greeting 1", ("lamp",), Moment(greeting=0), False),
        ("@@is_greeting 1", ("lamp",), Moment(greeting=1), True),
        ("@@is_greeting 1", ("lamp",), None, True),  # not known: ignored
        ("@@is_user_icon knight", ("lamp",), Moment(user_icon="king"), False),
        ("@@is_user_icon knight", ("lamp",), Moment(user_icon="knight"), True),
        ("@@additional_keys oil,wick", ("lamp",), None, False),
        ("@@additional_keys oil,wick", ("lamp and wick",), None, True),
        ("@@exclude_keys sun", ("lamp in the sun",), None, False),
        ("@@ignore_on_max_context", ("lamp",), Moment(context_is_full=True), False),
    ],
)
def test_decorators_decide_whether_an_entry_is_called(
    head: str, said: tuple[str, ...], moment: Moment | None, expected: bool
) -> None:
    assert bool(called([entry(f"{head}\nA", "lamp")], *said, moment=moment)) is expected


def test_decorators_decide_where_an_entry_goes() -> None:
    def place(head: str) -> tuple[str, int | None, str]:
        (one,) = scan([entry(f"{head}\nA", "a")], "a", "b", "c").insertions
        return one.position, one.depth, one.role

    assert place("") == ("after_char", None, "system")
    assert place("@@depth 1\n@@role assistant") == ("chat", 1, "assistant")
    assert place("@@depth 99") == ("chat", 3, "system")
    assert place("@@reverse_depth 1") == ("chat", 2, "system")
    assert place("@@depth 1\n@@position personality") == ("personality", None, "system")
    assert place("@@position nowhere\n@@@position before_desc") == ("before_desc", None, "system")
    assert place("@@role wizard") == ("after_char", None, "system")
    assert scan([entry("@@disable_ui_prompt system_prompt\nA", "a")], "a").disabled_prompts == {"system_prompt"}


@pytest.mark.parametrize(
    ("content", "found", "text"),
    [
        ("@@depth 4\nText", {"depth": 4}, "Text"),
        ("@@risu 4\n@@@agn 4\n@@@depth 5\nText", {"depth": 5}, "Text"),
        ("@@depth 4\n@@@role user\nText", {"depth": 4}, "Text"),  # a fall-back of what was understood
        ("@@depth 4\n@@depth 5\nText", {"depth": 4}, "Text"),
        ("@@depth four\nText", {}, "Text"),
        ("Text\n@@depth 4", {}, "Text\n@@depth 4"),
        ("@@depth 4", {"depth": 4}, ""),
        ("  plain  ", {}, "  plain  "),
        ("@@depth 4\r\n\r\nText", {"depth": 4}, "Text"),
    ],
)
def test_decorators_are_taken_off_the_head(content: str, found: dict[str, Any], text: str) -> None:
    assert split_decorators(content) == (found, text)
    assert strip_decorators(content) == text


def test_regular_expressions_search_as_their_tools_mean_them() -> None:
    def by(pattern: str, said: str, **more: Any) -> bool:
        return bool(called([entry("A", pattern, use_regex=True, **more)], said))

    assert by(r"storm(s|y)?\b", "STORMY night")
    assert not by(r"storm", "STORM", case_sensitive=True)
    assert by("/storm/i", "STORM")
    assert not by("/storm/", "STORM")
    assert by(r"/^b$/m", "a\nb")
    assert not by(r"(", "(")
    assert not by("nothing", "x", constant=True)  # constant is ignored where patterns are used


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a|aa)+$",
        r"(.*)*$\b",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        "a?" * 900 + "a" * 900,
        "(" * 500 + ")" * 500,
        "x" * 100_000,
        r"(?:a{1,1000}){1,1000}b",
    ],
)
def test_a_pattern_that_never_ends_is_given_up(pattern: str) -> None:
    start = time.process_time()
    found = scan([entry("A", pattern, use_regex=True), entry("B", "aaa")], "a" * 5000 + "!")
    assert time.process_time() - start < 3
    assert [one.text for one in found.insertions][-1] == "B"


def test_many_slow_patterns_together_are_stopped() -> None:
    slow = [entry("A", rf"(a+)+{number}$", use_regex=True) for number in range(200)]
    start = time.process_time()
    found = scan(slow, "a" * 4000 + "!")
    assert time.process_time() - start < 6
    assert found.refused_patterns
    assert found.insertions == ()


@given(
    st.lists(st.dictionaries(st.sampled_from(["keys", "content", "enabled", "priority", "x"]), json_values), max_size=4)
)
def test_entries_of_any_shape_break_nothing(entries: list[dict[str, Any]]) -> None:
    scan(entries, "some text")


def test_a_book_without_entries_is_refused() -> None:
    with pytest.raises(InputError, match="no list of entries"):
        read_lorebook({"name": "x"})
    with pytest.raises(InputError, match="more than"):
        read_lorebook({"entries": [{}] * 10_001})
    assert read_lorebook({"spec": "lorebook_v3", "data": {"entries": [entry("A", "a")]}}).entries[0].text == "A"
