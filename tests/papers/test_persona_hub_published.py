"""Persona Hub: the published rows, in the layouts that they come in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("rensa")

from personae.errors import InputError
from personae.papers.persona_hub import PAPER, read_replay
from personae.papers.persona_hub.replay import LICENCE, PUBLISHED, tool_of
from support.findings import pick
from support.persona_hub import WORDS

# Published rows.


def test_published_tools_come_out(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("023"), {})
    findings = found.study.measure(found.table)
    n = found.table.height
    assert not found.warnings
    assert pick(findings, "distinct.personas", "as_published").estimate == n
    assert pick(findings, "distinct.tool", "as_published").estimate == n
    claim = next(one for one in PAPER.claims if one.name == "parsed.tool.persona")
    parsed = pick(findings, "parsed.tool.persona", "as_published")
    assert (parsed.subject, claim.subject) == (PUBLISHED, PUBLISHED)
    assert parsed.low <= claim.value <= parsed.high
    assert pick(findings, "kept.all").estimate > 0.99
    assert pick(findings, "licensed").estimate == 1


def piece(description: str, text: str = "How many?") -> dict[str, str]:
    return {"input persona": "A cook who ferments beans.", "synthesized text": text, "description": description}


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")


def test_rows_of_the_published_layout_are_read_and_others_reported(tmp_path: Path) -> None:
    rows = [
        piece("tool development", json.dumps('{"name": 1}')),
        {"persona": ""},
        {"input persona": "A cook.", "synthesized text": None, "description": "math problem"},
        piece("poem"),
        piece("poem"),
    ]
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join([*map(json.dumps, rows), "", "{"]), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.height == 1
    assert found.table["persona.licences"].to_list() == [[LICENCE]]
    assert found.table["piece.reason"].to_list() == [["incomplete"]]
    told = {warning.partition(": ")[2] for warning in found.warnings}
    assert told == {
        "1 row left out (2): no persona",
        "1 row left out (3): no synthesized text",
        "2 rows left out (4, 5): of no known kind ('poem')",
        "1 row left out (7): no JSON object",
    }
    assert tool_of("[1]") is None
    assert tool_of('"not json"') is None
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="no published data"):
        read_replay(tmp_path, {})


def test_every_file_of_the_release_is_known(tmp_path: Path) -> None:
    described = {
        "math": "math problem",
        "reasoning": "logical reasoning problem",
        "instruction": "instruction",
        "knowledge": "knowledge",
        "npc": "game npc",
    }
    for name, description in described.items():
        write_lines(tmp_path / f"{name}.jsonl", [piece(description, f"{name} {number}") for number in range(3)])
    found = read_replay(tmp_path, {})
    assert not found.warnings
    findings = found.study.measure(found.table)
    for kind in ("math", "logic", "instruction", "knowledge", "npc"):
        assert pick(findings, f"rows.{kind}", "as_published").estimate == 3


def test_what_the_authors_scripts_write_is_known_by_its_file(tmp_path: Path) -> None:
    row = {"user_prompt": "Create ...", "input persona": "A cook.", "synthesized text": "A problem"}
    write_lines(tmp_path / "gpt4o_math_output.jsonl", [row])
    assert read_replay(tmp_path, {}).table["piece.kind"].to_list() == [["math"]]


def test_people_alone_are_read_with_and_without_domains(tmp_path: Path) -> None:
    write_lines(tmp_path / "persona.jsonl", [{"persona": f"A cook who ferments {word}."} for word in WORDS[:5]])
    elite = {
        "persona": "A chemist of dairy enzymes.",
        "general domain (top 1 percent)": "Chemistry",
        "specific domain (top 0.1 percent)": "None",
    }
    write_lines(tmp_path / "elite_personas.part1.jsonl", [elite])
    found = read_replay(tmp_path, {})
    assert not found.warnings
    findings = found.study.measure(found.table)
    assert pick(findings, "rows.persona", "as_published").estimate == 6
    assert pick(findings, "personas").estimate == 6
    assert not [one for one in findings if one.name.startswith("parsed.")]
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)


def test_parquet_and_pointers_of_the_hub(tmp_path: Path) -> None:
    pl.DataFrame([piece("math problem")]).write_parquet(tmp_path / "train-00000.parquet")
    (tmp_path / "math.jsonl").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", encoding="utf-8"
    )
    found = read_replay(tmp_path, {})
    assert found.table.height == 1
    assert "git-lfs" in found.warnings[0]


def test_lines_of_unicode_do_not_part_a_row(tmp_path: Path) -> None:
    row = json.dumps(piece("math problem", "one\u2028two\x85three"), ensure_ascii=False)
    (tmp_path / "math.jsonl").write_text(row + "\n", encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert not found.warnings
    assert found.table["piece.text"].to_list() == [["one\u2028two\x85three"]]
