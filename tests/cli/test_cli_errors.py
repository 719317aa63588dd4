"""What goes wrong for a user ends in one line with a remedy and a documented exit code, in words and in JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from personae.errors import EXIT_CODES
from support.chat_server import closed_port
from support.command_line import personae

RUN = ["paper", "run", "personallm", "--no-progress"]

CASES: list[tuple[list[str], int, str]] = [
    (["paper", "show", "personalm"], 3, "personallm"),
    (["paper", "run", "nonesuch"], 3, "personae paper list"),
    (["paper", "run", "singing_sds"], 3, "personae paper list"),
    ([*RUN, "--model", "opnai/gpt-4o-mini"], 4, "openai"),
    ([*RUN, "--model", "openai/gpt-4o-mini"], 4, "OPENAI_API_KEY"),
    ([*RUN, "--model", "http://nowhere:80/v1"], 3, "#MODEL"),
    ([*RUN, "-M", "noisy=1"], 3, "noise"),
    ([*RUN, "-M", "noise"], 3, "KEY=VALUE"),
    ([*RUN, "-P", "persona=3"], 3, "personas_per_type"),
    ([*RUN, "-P", "personas_per_type=many"], 3, "personas_per_type"),
    ([*RUN, "-P", "renderer=loud"], 3, "nine-level"),
    ([*RUN, "-P", "story_prompt=absent.txt"], 3, "absent.txt"),
    ([*RUN, "--model-role", "referee=sim"], 3, "judge"),
    (["paper", "replay", "personallm", "absent-folder"], 3, "absent-folder"),
    (["run", "show", "absent-folder"], 3, "personae run list"),
    (["run", "resume", "absent-folder"], 3, "personae run list"),
    (["persona", "show", "absent.yaml"], 3, "absent.yaml"),
    (["instrument", "show", "bfi-45"], 3, "bfi-44"),
    (["instrument", "show", "absent.toml"], 3, "absent.toml"),
    (["models", "--probe", "opnai"], 4, "openai"),
]


@pytest.mark.parametrize(("words", "code", "hint"), CASES, ids=[" ".join(case[0][:6]) for case in CASES])
def test_each_mistake_has_one_line_a_remedy_and_a_code(words: list[str], code: int, hint: str) -> None:
    said = personae(*words)
    assert said.code == code
    assert code in EXIT_CODES
    lines = said.err.strip().splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("error: ")
    assert hint in lines[0]
    assert said.out == ""
    in_json = personae(*words, "--json")
    assert in_json.code == code
    assert in_json.error["exit_code"] == code
    assert hint in in_json.error["message"] + in_json.error["where"] + in_json.error["remedy"]


def test_an_unreachable_host_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with closed_port() as port:
        url = f"http://127.0.0.1:{port}/v1#m"
        said = personae(*RUN, "--model", url, "--folder", str(tmp_path / "run"))
    assert said.code == 4
    assert "unreachable" in said.err
    assert not (tmp_path / "run" / "ledger.sqlite").exists()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("traits: {big_five.openness: high}", "traits.big_five.openness"),
        ("traits: {openness: 1}", "scale.trait"),
        ("name: a: b", ":1"),
        ("demographics: {age: 200}", "demographics.age"),
        ("- name: A\n- 7", "persona 2"),
        ("", "holds no persona"),
    ],
)
def test_a_malformed_persona_file_names_the_place(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    said = personae("persona", "validate", str(path))
    assert said.code == 3
    assert hint in said.err
    assert len(said.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('key = \nversion = "1"', "line 1"),
        ('key = "x"', "version"),
        ('key = "Big Five"\nversion = "1"', "key"),
    ],
)
def test_a_malformed_instrument_file_names_the_place(tmp_path: Path, text: str, hint: str) -> None:
    path = tmp_path / "i.toml"
    path.write_text(text, encoding="utf-8")
    said = personae("instrument", "show", str(path))
    assert said.code == 3
    assert hint in said.err


def test_a_command_that_does_not_exist_is_a_usage_error() -> None:
    assert personae("paper", "walk").code == 2
    assert personae("paper", "run").code == 2


def test_every_exit_code_is_in_the_help() -> None:
    text = " ".join(personae("--help").out.split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning.split(',')[0].split(':')[0]}" in text.replace("│ ", "").replace(" │", "")
