"""Entries of SillyTavern: logic, chance, whole words, recursion, places and groups, in cards and in its own files."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.persona import Macros, Persona, Turn, compose_card, read_lorebook, scan_lorebook
from personae.persona.formats.tavern import read_rules
from support.personas import json_values

USUAL = {
    "position": 1,
    "probability": 100,
    "useProbability": True,
    "selectiveLogic": 0,
    "exclude_recursion": False,
    "prevent_recursion": False,
    "delay_until_recursion": False,
    "match_whole_words": None,
    "case_sensitive": None,
    "scan_depth": None,
    "group": "",
    "group_weight": 100,
    "depth": 4,
    "role": 0,
}
"""What SillyTavern writes for an entry of which nothing was changed."""


def entry(
    content: str, *keys: str, secondary: tuple[str, ...] = (), top: dict[str, Any] | None = None, **own: Any
) -> Any:
    """An entry as SillyTavern exports it: ``use_regex`` is always set."""
    fields = {"keys": list(keys), "secondary_keys": list(secondary), "content": content, "enabled": True}
    more = {"use_regex": True, "selective": True, "insertion_order": 100, "extensions": {**USUAL, **own}}
    return {**fields, **more, **(top or {})}


def called(entries: list[Any], *said: str, seed: int = 0, **book: Any) -> list[str]:
    macros = Macros("Mira", user="Bo", rng=np.random.default_rng(seed))
    turns = [Turn("assistant" if number % 2 else "user", text) for number, text in enumerate(said)]
    return [one.text for one in scan_lorebook(read_lorebook({"entries": entries, **book}), turns, macros).insertions]


def test_keys_are_words_and_only_those_between_slashes_are_patterns() -> None:
    assert called([entry("A", "lamp (old)")], "the LAMP (old) is lit") == ["A"]
    assert called([entry("A", "a.c")], "abc") == []
    assert called([entry("A", r"/lamps?\b/i")], "two LAMPS") == ["A"]
    assert called([entry("A", "and/or")], "and/or") == ["A"]


def test_constant_entries_and_secondary_keys_hold_beside_use_regex() -> None:
    assert called([entry("A", top={"constant": True})], "nothing") == ["A"]
    assert called([entry("A", "storm", secondary=("boat",))], "a storm") == []
    assert called([entry("A", "storm", secondary=("boat",))], "a boat in a storm") == ["A"]


@pytest.mark.parametrize(
    ("logic", "expected"),
    [(0, (False, True, True)), (1, (True, True, False)), (2, (True, False, False)), (3, (False, False, True))],
    ids=["and any", "not all", "not any", "and all"],
)
def test_the_logic_of_secondary_keys(logic: int, expected: tuple[bool, bool, bool]) -> None:
    storm = entry("A", "storm", secondary=("boat", "ship"), selectiveLogic=logic)
    found = [bool(called([storm], said)) for said in ("storm", "storm, boat", "storm, boat, ship")]
    assert tuple(found) == expected


def test_whole_words_and_case() -> None:
    assert called([entry("A", "cat")], "concatenate") == ["A"]
    assert called([entry("A", "cat", match_whole_words=True)], "concatenate") == []
    assert called([entry("A", "cat", match_whole_words=True)], "A Cat.") == ["A"]
    assert called([entry("A", "old cat", match_whole_words=True)], "bold cats") == ["A"]  # several words are letters
    assert called([entry("A", "Cat", case_sensitive=True)], "a cat") == []
    assert called([entry("A", "Cat", case_sensitive=True, top={"case_sensitive": False})], "a cat") == ["A"]


def test_a_key_may_hold_the_name_of_the_character() -> None:
    assert called([entry("A", "{{char}}")], "Where is mira?") == ["A"]


def test_chance_is_seeded_and_meant_in_percent() -> None:
    lucky = entry("A", "lamp", probability=30)
    hits = sum(bool(called([lucky], "lamp", seed=seed)) for seed in range(600))
    assert 130 <= hits <= 230  # 180 expected, four standard deviations are 45
    assert called([lucky], "lamp", seed=3) == called([lucky], "lamp", seed=3)
    assert called([entry("A", "lamp", probability=0)], "lamp") == []
    assert called([entry("A", "lamp", probability=0, useProbability=False)], "lamp") == ["A"]
    assert called([entry("A", "lamp", probability=None)], "lamp") == ["A"]


def test_recursion_can_be_refused_withheld_and_awaited() -> None:
    def chain(**own: Any) -> list[Any]:
        return [entry("see the cellar", "lamp"), entry("rats", "cellar", **own)]

    assert called(chain(), "lamp", recursive_scanning=True) == ["see the cellar", "rats"]
    assert called(chain(exclude_recursion=True), "lamp", recursive_scanning=True) == ["see the cellar"]
    assert called(chain(exclude_recursion=True), "cellar", recursive_scanning=True) == ["rats"]
    silent = [entry("see the cellar", "lamp", prevent_recursion=True), entry("rats", "cellar")]
    assert called(silent, "lamp", recursive_scanning=True) == ["see the cellar"]
    assert called(chain(delay_until_recursion=True), "cellar", recursive_scanning=False) == []
    assert called(chain(delay_until_recursion=True), "lamp", recursive_scanning=True) == ["see the cellar", "rats"]
    failed = [entry("see the cellar", "lamp", probability=0), entry("rats", "cellar")]
    assert called(failed, "lamp", recursive_scanning=True) == []


def test_depth_delay_and_budget() -> None:
    assert called([entry("A", "lamp", scan_depth=1)], "lamp", "x", scan_depth=9) == []
    assert called([entry("A", "lamp", scan_depth=9)], "lamp", "x", scan_depth=1) == ["A"]
    assert called([entry("A", "lamp", delay=3)], "lamp", "lamp") == []
    assert called([entry("A", "lamp", delay=3)], "lamp", "lamp", "lamp") == ["A"]
    both = [entry("a" * 80, "lamp", ignore_budget=True), entry("b" * 80, "lamp")]
    assert called(both, "lamp", token_budget=20) == ["a" * 80]


def test_one_of_a_group_is_taken() -> None:
    pair = [entry("A", "lamp", group="g", group_weight=300), entry("B", "lamp", group="g")]
    drawn = Counter(text for seed in range(400) for text in called(pair, "lamp", seed=seed))
    assert drawn.total() == 400
    assert 260 <= drawn["A"] <= 340  # 300 expected
    first = [
        entry("A", "lamp", group="g", top={"insertion_order": 1}, group_override=True),
        entry("B", "lamp", group="g"),
    ]
    assert all(called(first, "lamp", seed=seed) == ["A"] for seed in range(20))
    nothing = [entry("A", "lamp", group="g", group_weight=0), entry("B", "lamp", group="g", group_weight=0)]
    assert len(called(nothing, "lamp")) == 1


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ({"position": 0}, ("before_char", None, "system")),
        ({"position": 1}, ("after_char", None, "system")),
        ({"position": 4, "depth": 1, "role": 2}, ("chat", 1, "assistant")),
        ({"position": 4, "depth": 99, "role": 1}, ("chat", 2, "user")),
        ({"position": 2, "depth": 0}, ("chat", 2, "system")),
        ({"position": 5}, ("before_examples", None, "system")),
        ({"position": 6}, ("after_examples", None, "system")),
        ({"position": None}, ("after_char", None, "system")),
        ({"position": 77}, ("after_char", None, "system")),
    ],
)
def test_where_an_entry_goes(own: dict[str, Any], place: tuple[str, int | None, str]) -> None:
    turns = [Turn("user", "lamp"), Turn("assistant", "yes")]
    book = read_lorebook({"entries": [entry("A", "lamp", **own)]})
    (one,) = scan_lorebook(book, turns, Macros("Mira")).insertions
    assert (one.position, one.depth, one.role) == place


def test_entries_around_the_examples_enter_the_prompt() -> None:
    book = {"entries": [entry("ABOVE", "lamp", position=5), entry("BELOW", "lamp", position=6)]}
    data = {"name": "Mira", "mes_example": "EXAMPLE", "character_book": book}
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}
    mira = Persona(name="Mira", extensions={"character_card": card})
    text = compose_card(mira, [Turn("user", "lamp")], Macros("Mira")).turns[0].text
    assert text.index("ABOVE") < text.index("EXAMPLE") < text.index("BELOW")


def test_its_own_files_of_worlds() -> None:
    world = {
        "entries": {
            "0": {"uid": 0, "key": ["lamp"], "keysecondary": ["oil"], "selective": True, "selectiveLogic": 2}
            | {"content": "A", "order": 2, "position": 0, "disable": False, "probability": 100, "useProbability": True},
            "1": {"uid": 1, "key": ["lamp"], "keysecondary": [], "content": "B", "order": 1, "position": 4, "depth": 0},
            "2": {"uid": 2, "key": ["lamp"], "keysecondary": [], "content": "C", "order": 0, "disable": True},
        }
    }
    found = scan_lorebook(read_lorebook(world), [Turn("user", "lamp")], Macros("Mira")).insertions
    assert [(one.text, one.position, one.depth) for one in found] == [("B", "chat", 0), ("A", "before_char", None)]
    assert len(scan_lorebook(read_lorebook(world), [Turn("user", "lamp oil")], Macros("Mira")).insertions) == 1


def test_entries_of_other_tools_keep_to_the_standard() -> None:
    plain = {"keys": ["x"], "content": "A", "extensions": {"probability": 0, "agnai": {}}, "enabled": True}
    assert read_rules(plain) is None
    assert called([plain], "x") == ["A"]


@given(st.dictionaries(st.sampled_from([*USUAL, "delay", "group_override", "ignore_budget"]), json_values))
def test_values_of_any_type_break_nothing(own: dict[str, Any]) -> None:
    called([entry("A", "a", "/b/", secondary=("c",), **own)], "a b c", "d", recursive_scanning=True)
