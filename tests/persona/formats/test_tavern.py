"""Entries of SillyTavern: logic, chance, whole words, recursion, places and groups, in cards and in its own files."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personae.persona import Macros, Turn, compose_card, macros_of, read_lorebook, read_personas, scan_lorebook
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
    assert called([entry("A", "cat")], "concatenate") == []  # as it comes, SillyTavern looks for whole words
    assert called([entry("A", "cat", match_whole_words=False)], "concatenate") == ["A"]
    assert called([entry("A", "cat", match_whole_words=True)], "concatenate") == []
    assert called([entry("A", "灯台")], "古い灯台の灯") == ["A"]  # no spaces stand around Chinese words
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

    assert called(chain(), "lamp", recursive_scanning=True) == ["rats", "see the cellar"]
    assert called(chain(exclude_recursion=True), "lamp", recursive_scanning=True) == ["see the cellar"]
    assert called(chain(exclude_recursion=True), "cellar", recursive_scanning=True) == ["rats"]
    silent = [entry("see the cellar", "lamp", prevent_recursion=True), entry("rats", "cellar")]
    assert called(silent, "lamp", recursive_scanning=True) == ["see the cellar"]
    assert called(chain(), "lamp") == ["rats", "see the cellar"]  # as it comes, texts call up others
    assert called(chain(), "lamp", recursive_scanning=False) == ["see the cellar"]
    assert called(chain(delay_until_recursion=True), "cellar", recursive_scanning=False) == []
    assert called(chain(delay_until_recursion=True), "cellar", recursive_scanning=True) == []  # nothing recurred
    assert called(chain(delay_until_recursion=True), "lamp", recursive_scanning=True) == ["rats", "see the cellar"]
    failed = [entry("see the cellar", "lamp", probability=0), entry("rats", "cellar")]
    assert called(failed, "lamp", recursive_scanning=True) == []


def test_rounds_of_recursion_are_waited_for_one_after_the_other() -> None:
    book = [
        entry("see the cellar", "lamp"),
        entry("rats", "cellar", delay_until_recursion=2),
        entry("stairs", "cellar", delay_until_recursion=1),
        entry("cheese", "rats", delay_until_recursion=1),
    ]
    assert called(book, "lamp") == ["cheese", "rats", "stairs", "see the cellar"]
    assert called(book[1:], "cellar") == ["cheese", "stairs", "rats"]  # the first round called up nothing


def test_a_name_is_part_of_what_is_searched_and_two_messages_are() -> None:
    assert called([entry("A", "mira")], "Hello?", "Yes.") == ["A"]  # Mira: Yes.
    assert called([entry("A", "bo")], "Hello?") == ["A"]
    assert called([entry("A", "lamp")], "a lamp", "x", "y") == []
    assert called([entry("A", "lamp")], "a lamp", "x", "y", scan_depth=3) == ["A"]
    assert called([entry("A", "lamp", scan_depth=0)], "lamp") == []


def test_of_one_order_the_later_entry_comes_first() -> None:
    trio = [entry("A", "lamp"), entry("B", "lamp", top={"insertion_order": 99}), entry("C", "lamp")]
    assert called(trio, "lamp") == ["B", "C", "A"]


def test_texts_of_the_character_are_searched_where_an_entry_asks_for_it() -> None:
    data = {"name": "Mira", "description": "She keeps the lighthouse.", "scenario": "A storm near {{user}}."}
    note = {"depth_prompt": {"prompt": "She limps."}}

    def found(name: str, key: str) -> bool:
        own: dict[str, Any] = {name: True}
        book = {"entries": [entry("FOUND", key, **own)]}
        card: Any = {**data, "creator_notes": "made for fun", "personality": "patient", "character_book": book}
        card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**card, "extensions": note}}
        mira = read_personas(json.dumps(card).encode())[0].persona
        macros = macros_of(mira, user="Bo", user_persona="A sailor.")
        return "FOUND" in compose_card(mira, [Turn("user", "Hello")], macros).turns[0].text

    keys = {"description": "lighthouse", "personality": "patient", "depth_prompt": "limps"}
    for name, key in keys.items():
        assert found(f"match_character_{name}", key)
    assert found("match_scenario", "near Bo")
    assert found("match_creator_notes", "fun")
    assert found("match_persona_description", "sailor")
    assert not found("match_scenario", "lighthouse")
    assert not found("vectorized", "lighthouse")


def test_entries_for_other_occasions_than_a_reply_stay_away() -> None:
    for triggers, is_called in (([], True), (["normal", "swipe"], True), (["impersonate"], False), (None, True)):
        assert bool(called([entry("A", "lamp", triggers=triggers)], "lamp")) is is_called


def test_an_outlet_is_filled_where_its_macro_stands_and_nowhere_else() -> None:
    own: dict[str, Any] = {"position": 7, "outlet_name": "weather"}
    book = {"entries": [entry("RAIN", "lamp", **own), entry("WIND", "lamp", **own), entry("FOG", "lamp", position=7)]}
    data = {"name": "Mira", "description": "Outside: {{outlet::weather}}!{{outlet::none}}", "character_book": book}
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}
    mira = read_personas(json.dumps(card).encode())[0].persona
    text = compose_card(mira, [Turn("user", "lamp")], macros_of(mira)).turns[0].text
    assert "Outside: WIND\nRAIN!" in text
    assert text.count("RAIN") == 1
    assert "FOG" not in text


def test_an_entry_may_stand_in_several_groups_and_yield_to_more_keys() -> None:
    trio = [entry("A", "lamp", group="g, h"), entry("B", "lamp", group="g"), entry("C", "lamp", group="h")]
    for seed in range(20):
        assert sorted(called(trio, "lamp", seed=seed)) in (["A"], ["C"], ["B", "C"])
    scored = [
        entry("A", "lamp", group="g", use_group_scoring=True),
        entry("B", "lamp", "oil", group="g", use_group_scoring=True),
        entry("C", "lamp", secondary=("oil", "wick"), group="g", use_group_scoring=True, selectiveLogic=3),
    ]
    assert all(called(scored, "lamp oil", seed=seed) == ["B"] for seed in range(20))
    assert all(called(scored, "lamp oil wick", seed=seed) == ["C"] for seed in range(20))


def test_the_chance_of_a_group_is_drawn_before_that_of_its_entry() -> None:
    pair = [entry("A", "lamp", group="g", group_override=True, probability=0), entry("B", "lamp", group="g")]
    assert all(called(pair, "lamp", seed=seed) == [] for seed in range(10))


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
    mira = read_personas(json.dumps(card).encode())[0].persona
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


def test_plain_words_are_looked_up_and_not_searched_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand entries against a long message took 40 s as patterns, and a quarter of a second so."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a plain word needs no pattern")

    monkeypatch.setattr("personae.persona.formats.searching.re.search", refuse)
    book = [entry(f"k{number + 1} w", f"k{number}", "w") for number in range(1000)]
    assert len(called(book, "k0 " + "word " * 30_000)) >= 10


RARE = ["delay", "group_override", "ignore_budget", "triggers", "outlet_name"]


@given(st.dictionaries(st.sampled_from([*USUAL, *RARE]), json_values))
def test_values_of_any_type_break_nothing(own: dict[str, Any]) -> None:
    called([entry("A", "a", "/b/", secondary=("c",), **own)], "a b c", "d", recursive_scanning=True)
