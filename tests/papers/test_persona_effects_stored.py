"""Persona effects: single answers and replies in the layout of the authors' repository, written here by us."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personae.errors import InputError
from personae.papers.persona_effects import read_replay
from personae.study import Finding

PEOPLE = ("empty", "a_man", "a_woman", "a_gay_person", "a_straight_person")
CONTROLS = ("a_helpful_assistant", "a_useful_helper", "a_supportive_aide")
ATTITUDES = {"freedom of speech": 2, "empathy": 1}
"""Statements of each; the authors have seven attitudes."""
WORDINGS = 31


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def write(path: Path, rows: Mapping[str, Sequence[Any]], header: Sequence[Any] | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", *(header or range(len(next(iter(rows.values())))))])
        writer.writerows([name, *cells] for name, cells in rows.items())


def read(path: Path) -> dict[str, list[float]]:
    _, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    return {name: [float(one) for one in cells] for name, *cells in rows}


def authors_folder(root: Path, names: Sequence[str], rng: np.random.Generator, *, turned: bool = False) -> Path:
    """Tables of one model: 40 questions of TruthfulQA, 60 of MMLU, 6 texts, 3 statements in 31 wordings."""
    folder = root / "Mistral-7B-Instruct-v0.2"
    sizes = {"truthfulqa": 40, "mmlu": 60, "off": 6, "rac": 6}
    for begin, size in sizes.items():
        extracted = {name: (rng.random(size) < 0.9).astype(int).tolist() for name in names}
        hedged = {name: (rng.random(size) < 0.3).astype(int).tolist() for name in names}
        refused = {n: [h * (1 - e) for h, e in zip(hedged[n], extracted[n], strict=True)] for n in names}
        for kind, rows in (("extracts", extracted), ("hedges", hedged), ("refusals", refused)):
            write(folder / f"{begin}_{kind}.csv", rows)
        answers = {name: (rng.integers(1, 6, size) if begin in ("off", "rac") else rng.integers(0, 2, size)).tolist()
                   for name in names}  # fmt: skip
        path = folder / f"{begin}_{'scores' if begin in ('off', 'rac') else 'hits'}.csv"
        if turned:
            write(path, {str(n): [answers[name][n] for name in names] for n in range(size)}, names)
        else:
            write(path, answers)
    cells = {name: {one: rng.integers(1, 6, (count, WORDINGS)) for one, count in ATTITUDES.items()} for name in names}
    with np.printoptions(threshold=1000, linewidth=75):
        write(folder / "attitude_answers.csv",
              {name: [str(own) for own in mine.values()] for name, mine in cells.items()}, list(ATTITUDES))  # fmt: skip
        for kind in ("extracts", "hedges", "refusals"):
            marks = {name: [str(np.full(WORDINGS, int(kind == "extracts"))) for _ in range(3)] for name in names}
            if kind == "extracts":
                marks[names[0]][2] = str(np.r_[np.ones(WORDINGS - 2), 0, 0].astype(int))
            if kind == "refusals":
                marks[names[0]][2] = str(np.r_[np.zeros(WORDINGS - 1), 1].astype(int))
            write(folder / f"attitude_{kind}.csv", marks)
    means = {name: [float(own.mean()) for own in mine.values()] for name, mine in cells.items()}
    write(folder / "attitude_scores.csv", means, list(ATTITUDES))
    return folder


def test_single_answers_of_the_authors_are_scored_both_ways(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    folder = authors_folder(tmp_path / "results" / "zero", PEOPLE, rng)
    authors_folder(tmp_path / "results" / "control" / "zero", CONTROLS, rng)
    hits = read(folder / "truthfulqa_hits.csv")
    write(folder / "all_scores.csv", {name: [np.mean(hits[name]), 0.5, 0.6, 0.7] for name in PEOPLE},
          ["truthful", "mmlu", "bbq", "avg"])  # fmt: skip
    found = read_replay(tmp_path, {})
    rows = {(row["persona"], row["task"]): row for row in found.table.iter_rows(named=True)}
    assert {task for _, task in rows} == {"truthful", "mmlu", "bbq", "attitudes", "toxicity"}
    one = rows["a_man", "truthful"]
    assert one["published"] == hits["a_man"] and len(one["items"]) == 40
    assert sum(value is None for value in one["score"]) == sum(not known for known in one["extracted"]) > 0
    assert one["statuses"].count("refused") == sum(
        not known and hedged for known, hedged in zip(one["extracted"], one["hedged"], strict=True)
    )
    assert rows["a_woman", "mmlu"]["mean"] == 0.5 and rows["a_woman", "mmlu"]["refused.of"] == 60
    assert rows["a_woman", "toxicity"]["sets"] == ["offensive"] * 6 + ["racist"] * 6
    assert not [warning for warning in found.warnings if "no tasks" in warning]
    findings = found.study.measure(found.table)
    everybody = np.mean([np.mean(hits[name]) for name in PEOPLE[1:]])
    assert pick(findings, "score.persona.truthful", "as_published").estimate == pytest.approx(everybody)
    assert pick(findings, "refused.persona.mmlu").n == 4 * 60
    assert pick(findings, "defaulted.control.toxicity", "as_published").n == 3 * 12
    assert any(one.name.startswith("effect.truthful.a_man") for one in findings), "item by item against no persona"


def test_arrays_of_attitudes_give_the_published_means_and_missing_answers(tmp_path: Path) -> None:
    folder = authors_folder(tmp_path / "results" / "zero", PEOPLE, np.random.default_rng(2))
    scores = read(folder / "attitude_scores.csv")
    found = read_replay(tmp_path, {})
    rows = {row["persona"]: row for row in found.table.iter_rows(named=True) if row["task"] == "attitudes"}
    for persona, wanted in scores.items():
        for scale, mean in zip(ATTITUDES, wanted, strict=True):
            own = [
                v for v, name in zip(rows[persona]["published"], rows[persona]["sets"], strict=True) if name == scale
            ]
            assert len(own) == ATTITUDES[scale] * WORDINGS and np.mean(own) == pytest.approx(mean)
    assert rows["empty"]["score"][-2:] == [None, None] and rows["empty"]["statuses"][-2:] == ["unparsed", "refused"]


def test_tables_with_a_column_a_persona_are_turned(tmp_path: Path) -> None:
    for name, turned in (("a", False), ("b", True)):
        authors_folder(tmp_path / name / "zero", PEOPLE, np.random.default_rng(3), turned=turned)
    plain, turned_ = (read_replay(tmp_path / name, {}).table.sort("task", "persona") for name in "ab")
    assert plain["published"].to_list() == turned_["published"].to_list()


def test_scores_of_mmlu_come_of_hits_where_nothing_else_tells_them(tmp_path: Path) -> None:
    folder = authors_folder(tmp_path / "zero", PEOPLE, np.random.default_rng(4))
    hits = {name: np.mean(own) for name, own in read(folder / "mmlu_hits.csv").items()}
    found = read_replay(tmp_path, {})
    rows = {row["persona"]: row for row in found.table.iter_rows(named=True) if row["task"] == "mmlu"}
    assert {name: row["mean"] for name, row in rows.items()} == pytest.approx(hits)
    assert any("means of items" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("truthfulqa_hits.csv", ",0,1\na_man,1\n", "row 2.*2 cells"),
        ("truthfulqa_hits.csv", ",0,1\na_man,1,yes\n", "'yes' is no answer"),
        ("attitude_answers.csv", ",freedom of speech\na_man,[[1 2 ... 3]]\n", "was cut"),
        ("mmlu_extracts.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
        ("off_scores.csv", "", "is no table"),
    ],
)
def test_tables_that_are_broken_are_named(tmp_path: Path, name: str, text: str, told: str) -> None:
    folder = tmp_path / "results" / "zero" / "m"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told) as caught:
        read_replay(tmp_path, {})
    assert name in str(caught.value)


def test_marks_of_other_items_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "m" / "truthfulqa_hits.csv", {"a_man": [1, 0, 1]})
    write(tmp_path / "m" / "truthfulqa_extracts.csv", {"a_man": [1, 0]})
    with pytest.raises(InputError, match="2 marks for 3 answers"):
        read_replay(tmp_path, {})


# Replies themselves.


def replies(path: Path, texts: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([[{"generated_text": text}] for text in texts]), encoding="utf-8")


def test_replies_are_read_where_there_are_no_tables(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "zero" / "zephyr-7b-beta"
    (tmp_path / "data").mkdir()
    questions = [{"attitude": "empathy", "statements": ["One.", "Two."], "reverse": [1]}]
    (tmp_path / "data" / "attitude_questions.json").write_text(json.dumps(questions), encoding="utf-8")
    for persona, first in (("a_man", " (5) Strongly agree."), ("a_woman", "I'm sorry, but I cannot answer.")):
        replies(folder / "attitudes" / f"{persona}.json", [first, "2. Disagree"])
        replies(folder / "attitudes_extra" / f"{persona}.json", ["4"] * 60)
        replies(folder / "toxicity" / f"{persona}.json", ["1", "5", "3", "No idea"])
        replies(folder / "mmlu" / f"{persona}.json", ["A", "B.", "I'm sorry, but I cannot answer."])
        replies(folder / "attitudes" / "temp" / "personas_0.json", ["x"])
    found = read_replay(tmp_path, {})
    rows = {(row["persona"], row["task"]): row for row in found.table.iter_rows(named=True)}
    man, woman = rows["a_man", "attitudes"], rows["a_woman", "attitudes"]
    assert (man["score"][0], man["score"][31], man["published"][32]) == (5, 4, 2), "the second statement is reversed"
    assert (woman["score"][0], woman["published"][0], woman["statuses"][0]) == (None, 3, "refused")
    assert rows["a_man", "toxicity"]["published"] == [1, 5, 3, 3]
    assert rows["a_man", "mmlu"]["defaulted.count"] == 1 and rows["a_man", "mmlu"]["refused.count"] == 1
    findings = found.study.measure(found.table)
    assert pick(findings, "refused.persona.mmlu").estimate == pytest.approx(1 / 3)


def test_replies_to_truthfulqa_need_its_options(tmp_path: Path) -> None:
    data = tmp_path / "mc_task.json"
    items = [{"question": f"Q{n}?", "mc1_targets": {"yes": 1, "no": 0, "maybe": 0}} for n in range(3)]
    data.write_text(json.dumps(items), encoding="utf-8")
    orders = np.random.RandomState(42)
    right = ["ABC"[list(orders.permutation(3)).index(0)] for _ in items]
    replies(tmp_path / "zero" / "m" / "truthfulqa" / "a_man.json", [f"{letter} is correct" for letter in right])
    found = read_replay(tmp_path / "zero", {"truthful": str(data)})
    assert found.table["published"].to_list() == [[1.0, 1.0, 1.0]]
    without = read_replay(tmp_path / "zero", {})
    assert any("-P truthful" in warning for warning in without.warnings)
    assert without.table["defaulted.of"].to_list() == [3]


def test_replies_without_their_statements_are_left_out_with_a_word(tmp_path: Path) -> None:
    replies(tmp_path / "m" / "attitudes" / "a_man.json", ["1"])
    replies(tmp_path / "m" / "toxicity" / "a_man.json", ["1", "2"])
    assert any("attitude_questions.json" in warning for warning in read_replay(tmp_path, {}).warnings)
    (tmp_path / "m" / "toxicity" / "a_man.json").write_text("{}", encoding="utf-8")
    replies(tmp_path / "m" / "toxicity" / "a_woman.json", ["1", "2", "3"])
    with pytest.raises(InputError, match="3 replies"):
        read_replay(tmp_path, {})
