"""Which run a folder belongs to, and how the difference of two is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personae.study import differences, fingerprint
from personae.study.fingerprint import FINGERPRINTED, NOT_FINGERPRINTED
from support.values import json_values

BASE: dict[str, Any] = {
    "study": "small",
    "parameters": {"n": 1, "prompt": {"hash": "abc", "sizes": (1, 2)}},
    "models": {"subject": {"name": "m", "identity": "http://host#m"}},
    "seed": 0,
    "created": "2026-01-01",
    "versions": {"personae": "0.1.0"},
}

CHANGED: list[tuple[dict[str, Any], str]] = [
    ({"study": "large"}, "study: small in the folder, large now"),
    ({"seed": 1}, "seed: 0 in the folder, 1 now"),
    ({"parameters": {**BASE["parameters"], "n": 2}}, "parameters.n: 1 in the folder, 2 now"),
    ({"parameters": {**BASE["parameters"], "n": 1.0}}, "parameters.n: 1 in the folder, 1.0 now"),
    ({"parameters": {**BASE["parameters"], "n": True}}, "parameters.n: 1 in the folder, True now"),
    ({"parameters": {**BASE["parameters"], "n": "1"}}, "parameters.n: 1 in the folder, 1 now"),
    ({"parameters": {**BASE["parameters"], "n": None}}, "parameters.n: 1 in the folder, None now"),
    ({"parameters": {**BASE["parameters"], "more": 3}}, "parameters.more: absent in the folder, 3 now"),
    ({"parameters": {**BASE["parameters"], "more": "absent"}}, "parameters.more: absent in the folder, absent now"),
    (
        {"parameters": {"n": 1, "prompt": {"hash": "abd", "sizes": (1, 2)}}},
        "parameters.prompt.hash: abc in the folder, abd now",
    ),
    (
        {"parameters": {"n": 1, "prompt": {"hash": "abc", "sizes": (2, 1)}}},
        "parameters.prompt.sizes: [1, 2] in the folder, (2, 1) now",
    ),
    (
        {"models": {"subject": {"name": "m", "identity": "http://other#m"}}},
        "models.subject.identity: http://host#m in the folder, http://other#m now",
    ),
]


def stored(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it comes back from its file."""
    data: dict[str, Any] = json.loads(json.dumps(record))
    return data


@pytest.mark.parametrize(("change", "line"), CHANGED, ids=[row[1] for row in CHANGED])
def test_whatever_changes_an_answer_changes_the_fingerprint_and_is_said(change: dict[str, Any], line: str) -> None:
    now = {**BASE, **change}
    assert fingerprint(now) != fingerprint(BASE)
    assert differences(stored(BASE), now) == [line]


@pytest.mark.parametrize("name", [*NOT_FINGERPRINTED, "anything"])
def test_whatever_does_not_is_left_out(name: str) -> None:
    assert name not in FINGERPRINTED
    assert fingerprint({**BASE, name: "other"}) == fingerprint(BASE)
    assert differences(BASE, {**BASE, name: "other"}) == []


def test_every_exclusion_has_a_reason() -> None:
    assert {"limit", "workers", "created", "versions", "costs"} <= set(NOT_FINGERPRINTED)
    assert all(len(reason) > 20 for reason in NOT_FINGERPRINTED.values())
    assert FINGERPRINTED == ("study", "parameters", "models", "seed")


def test_a_record_that_was_stored_is_still_the_same_run() -> None:
    assert fingerprint(stored(BASE)) == fingerprint(BASE)
    assert differences(stored(BASE), BASE) == []


parameter_sets = st.dictionaries(st.text("abc", min_size=1, max_size=2), json_values, max_size=3)


@settings(deadline=None)
@given(parameter_sets, parameter_sets)
def test_two_runs_differ_exactly_if_there_is_something_to_say(one: dict[str, Any], other: dict[str, Any]) -> None:
    before, now = {**BASE, "parameters": one}, {**BASE, "parameters": other}
    lines = differences(before, now)
    assert (fingerprint(before) == fingerprint(now)) == (not lines)
    assert all(line.startswith("parameters") and line.isprintable() for line in lines)


def test_long_values_are_shortened() -> None:
    (line,) = differences(BASE, {**BASE, "study": "x" * 1000})
    assert len(line) < 120
    assert "..." in line


def test_a_prompt_of_several_lines_is_told_in_one() -> None:
    prompts = ({**BASE, "parameters": {"prompt": text}} for text in ("You are\nAda.", "You are\n\nAda."))
    assert differences(*prompts) == [
        "parameters.prompt: You are\\nAda. in the folder, You are\\n\\nAda. now",
    ]


def test_the_order_of_keys_is_no_difference() -> None:
    turned = {key: BASE[key] for key in reversed(BASE)}
    turned["parameters"] = dict(reversed(BASE["parameters"].items()))
    assert fingerprint(turned) == fingerprint(BASE)
    assert differences(BASE, turned) == []


def test_where_the_other_run_is_kept_is_said() -> None:
    assert differences(BASE, {**BASE, "seed": 9}, place="in the ledger")[0].endswith("in the ledger, 9 now")
