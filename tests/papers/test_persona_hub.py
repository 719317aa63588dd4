"""Persona Hub: planted twins, lineage, diversity and leaks of known truth, what is rejected, licences, replay."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("rensa")

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.persona_hub import PAPER, HubSettings, PersonaHub, find_twins, read_replay
from personae.papers.persona_hub.export import write_hub
from personae.papers.persona_hub.findings import effective_number, measure_table
from personae.papers.persona_hub.kinds import ITEM_PROMPT, KINDS, code_fault, same_answer
from personae.papers.persona_hub.planted import EDITS, jaccard_of, measure_planted, plant
from personae.papers.persona_hub.problems import plain_answer, read_problems
from personae.papers.persona_hub.replay import LICENCE, PUBLISHED, tool_of
from personae.papers.persona_hub.rows import is_test, people_of, pieces_of
from personae.papers.persona_hub.texts import forbids_derivatives, read_texts
from personae.papers.persona_hub.twins import low_quality
from personae.papers.persona_hub.vectors import encoder_of
from personae.study import Finding, run_study
from support.command_line import personae

WORDS = [a + b for a in ("ba", "ce", "di", "fo", "gu", "ha", "ji", "ko") for b in ("lan", "mer", "nos", "pirt", "quel")]


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame, PersonaHub]:
    study = PersonaHub(HubSettings.read(given))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table, study


def sentence(rng: random.Random, words: int = 20) -> str:
    return " ".join(rng.choices(WORDS, k=words))


def fresh(rng: random.Random, words: int) -> str:
    """Words that no other text has."""
    return " ".join("".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(words))


def scripted(request: Request) -> str:
    """Everybody has a trade of the prompt's own; problems speak of the trade, and nobody's are all alike."""
    text = request.messages[-1].content
    assert request.schema is not None
    keys = request.schema.definition["required"]
    rng = random.Random(text)
    if keys == ["persona"]:
        return json.dumps({"persona": f"Somebody who trades in {sentence(rng)}."})
    if keys == ["solution", "answer"]:
        return json.dumps({"solution": "By counting.", "answer": "42" if "person" not in text else "43"})
    if keys == ["code"]:
        return json.dumps({"code": "def find_it(x):\n    return x"})
    about = sentence(rng) if "this person" in text else "How many are there when one is added to one again and again"
    piece = dict.fromkeys(keys, about)
    if "function_name" in keys:
        piece["function_name"] = "find_it"
    return json.dumps(piece)


# Twins.


def test_planted_twins_are_dropped_and_others_stay() -> None:
    rng = random.Random(1)
    people = [sentence(rng, 30) for _ in range(60)]
    twins = [f"{people[place]} indeed" for place in range(20)]  # one word more of some 22 different ones
    found = find_twins([*people, *twins])
    assert found.minhash[:60].all()
    assert not found.minhash[60:].any()
    loose = find_twins([*people, *twins], verified=False)
    assert loose.minhash[:60].all()
    assert 0 < (~loose.minhash[60:]).sum() <= 20  # estimates of signatures err about the threshold


@pytest.mark.replay
def test_planted_twins_of_published_people_are_found_and_nobody_else(replay: Callable[[str], Path]) -> None:
    rows = replay("023/tool.jsonl").read_text(encoding="utf-8").splitlines()
    people = list(dict.fromkeys(json.loads(row)["input persona"] for row in rows))
    findings = list(measure_planted(people, "them", jaccard=0.9, cosine=0.9))
    recall, precision = pick(findings, "planted.recall"), pick(findings, "planted.precision")
    assert recall.n >= 500
    assert recall.estimate >= 0.99
    assert precision.estimate >= 0.99
    assert pick(findings, "planted.others_dropped").estimate <= 0.01
    unverified = pick(findings, "planted.recall", "as_published")
    assert unverified.high < recall.low  # signatures alone lose some, as they err by .05 about the threshold
    for kind in ("case", "order", "stop", "word_added"):
        assert pick(findings, f"planted.both_steps.{kind}").estimate >= 0.98, kind


def test_a_dropped_person_who_was_not_planted_costs_precision() -> None:
    rng = random.Random(9)
    people = [sentence(rng, 30) for _ in range(40)]
    clean = pick(list(measure_planted(people, "m", jaccard=0.9, cosine=0.9)), "planted.precision")
    assert clean.estimate == 1
    spoiled = list(measure_planted([*people, *(f"{one} indeed" for one in people)], "m", jaccard=0.9, cosine=0.9))
    assert pick(spoiled, "planted.precision").estimate < 0.95
    assert pick(spoiled, "planted.others_dropped").estimate >= 0.5
    assert not list(measure_planted(["two words"], "m", jaccard=0.9, cosine=0.9))


def test_edits_are_as_far_as_they_say() -> None:
    rng = np.random.default_rng(0)
    texts = ["A nurse who works nights in Leeds.", "A retired judge of the second court", "Short one"]
    planted = plant(texts, rng, each=9)
    assert {one.kind for one in planted} == set(EDITS)
    assert {one.of for one in planted} == {0, 1}
    for one in planted:
        near = jaccard_of(texts[one.of], one.text)
        assert one.text != texts[one.of]
        assert (near == 1) is (one.kind in ("case", "order")), one


def test_vectors_of_a_file_take_the_place_of_letters(tmp_path: Path) -> None:
    rng = random.Random(11)
    texts = [fresh(rng, 12) for _ in range(12)]
    table = people_table([(text, f"about {text}", str(number)) for number, text in enumerate(texts)])
    path = tmp_path / "v.jsonl"
    asked = dict.fromkeys([*texts, *(f"about {text}" for text in texts)])
    vectors = {text: np.eye(12)[number % 6] + 0.01 for number, text in enumerate(asked)}  # two of each are one
    lines = [json.dumps({"text": text, "vector": vector.tolist()}) for text, vector in vectors.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    findings = measure_table(table, HubSettings(vectors=path))
    assert pick(findings, "dropped.same_meaning").estimate == pytest.approx(0.5)
    assert "encoder=vectors of a file" in pick(findings, "personas").conventions
    assert pick(measure_table(table, HubSettings()), "dropped.same_meaning").estimate == 0
    path.write_text("\n".join(lines[1:]), encoding="utf-8")
    with pytest.raises(InputError, match="has no vector of 1 texts"):
        measure_table(table, HubSettings(vectors=path))
    path.write_text('{"text": "a", "vector": [1]}\n{"text": "b", "vector": [1, 2]}', encoding="utf-8")
    with pytest.raises(InputError, match="different lengths"):
        encoder_of(path)
    path.write_text('{"text": "a", "vector": "x"}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        encoder_of(path)


def test_the_second_step_sees_what_words_hide() -> None:
    people = ["accountants bookkeeping municipalities", "accountant bookkeeping municipality", "a gardener of roses"]
    found = find_twins(people, cosine=0.6)
    assert found.minhash.tolist() == [True, True, True]
    assert found.embedding.tolist() == [True, False, True]

    def everybody_alike(texts: Sequence[str]) -> Any:
        return np.ones((len(texts), 2), dtype=np.float32)

    assert find_twins(people, encoder=everybody_alike).embedding.tolist() == [True, False, False]
    assert find_twins(["one"]).embedding.tolist() == [True]


def test_descriptions_of_no_use_are_told_apart() -> None:
    assert low_quality("nurse") == "short"
    assert low_quality("word " * 121) == "long"
    assert low_quality("Somebody who would like this text a lot") == "about_text"
    assert low_quality("I'm sorry, but I can't describe people.") == "refusal"
    assert low_quality("A nurse who works nights in Leeds.") == ""
    assert low_quality("一个在丹麦长大的花样滑冰教练") == ""  # no blanks, and yet a whole person


# Kinds.


def test_examples_carry_their_person_in_one_form_only() -> None:
    kind = KINDS["math"]
    zero, few, with_person = (
        kind.prompt(ITEM_PROMPT, form, "a cook", "finance") for form in ("zero_shot", "few_shot", "persona_few_shot")
    )
    assert "Examples" not in zero
    assert "oven" in few
    assert "a baker" not in few
    assert "Person: a baker" in with_person
    assert all('"a cook"' in text and "finance" in text for text in (zero, few, with_person))
    assert "person" not in kind.prompt(ITEM_PROMPT, "zero_shot", "")
    assert "a cloud sea" in KINDS["npc"].prompt(ITEM_PROMPT, "zero_shot", "", world="a cloud sea")


def test_pieces_that_are_no_use_say_why() -> None:
    tool = dict.fromkeys(KINDS["tool"].fields, "x")
    assert KINDS["tool"].fault(tool, "zero_shot") == ""
    assert KINDS["tool"].fault({**tool, "function_name": "get it"}, "zero_shot") == "no_function"
    assert KINDS["tool"].fault({**tool, "function_name": ["add", "remove"]}, "zero_shot") == ""
    assert KINDS["tool"].fault({**tool, "return": " "}, "zero_shot") == "incomplete"
    copied = dict(KINDS["math"].examples[0][1])
    assert KINDS["math"].fault(copied, "few_shot") == "copies_example"
    assert KINDS["math"].fault(copied, "zero_shot") == ""
    assert code_fault("async def f():\n    pass", "f") == ""
    assert code_fault("def g(): pass", "f") == "no_function"
    assert code_fault("I would write a function.", "f") == "no_python"
    assert code_fault("\0", "f") == "no_python"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("1,200", "1200.0 m", True),
        ("1/2", "0.5", True),
        ("-3", "3", False),
        ("Anna", " anna. ", True),
        ("", "", False),
        ("3 or 4", "3 or 4", True),
        ("7", "seven", False),
        ("0", "0.0", True),
        ("1/0", "1", True),
    ],
)
def test_answers_are_compared_as_numbers_or_words(first: str, second: str, same: bool) -> None:
    assert same_answer(first, second) is same


# Measures of known truth.


def test_the_effective_number_is_one_of_the_same_and_n_of_the_different() -> None:
    assert effective_number(np.ones((7, 7))) == pytest.approx(1)
    assert effective_number(np.eye(7)) == pytest.approx(7)


def test_the_split_depends_on_the_name_alone_and_has_its_share() -> None:
    names = [f"text {number}" for number in range(4000)]
    assert np.mean([is_test(name, 0.2) for name in names]) == pytest.approx(0.2, abs=0.02)
    assert [is_test(name, 0.2) for name in names] == [is_test(name, 0.2) for name in names]


def people_table(rows: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """One person and one maths problem a row, of a source."""
    return pl.DataFrame(
        [
            {
                "model": "m",
                "part": "given",
                "source": source,
                "attitude": "",
                "number": number,
                "made.statuses": [],
                "persona.texts": [persona],
                "persona.ids": [f"p{number}"],
                "persona.hops": [0],
                "persona.made_from": [source],
                "persona.relations": ["read"],
                "persona.licences": ["CC0"],
                "piece.person": [0],
                "piece.kind": ["math"],
                "piece.form": ["zero_shot"],
                "piece.statuses": ["ok"],
                "piece.text": [text],
                "piece.reason": [""],
                "piece.more": [""],
                "piece.agreed": [None],
            }
            for number, (persona, text, source) in enumerate(rows)
        ],
        infer_schema_length=None,
    )


def test_like_people_get_like_data_where_that_was_planted_and_not_elsewhere() -> None:
    rng = random.Random(3)
    trades = [fresh(rng, 12) for _ in range(8)]
    rows = []
    for number in range(64):
        trade = trades[number % 8]
        rows.append((f"{trade} {fresh(rng, 8)}", f"{trade} {fresh(rng, 14)}", str(number)))
    findings = measure_table(people_table(rows), HubSettings())
    slope = pick(findings, "slope.math")
    assert slope.p_value is not None
    assert slope.p_value <= 0.01
    assert slope.estimate > 0.1
    near, far = (pick(findings, f"likeness.math.at_{level}", "as_published") for level in ("0.6", "0.2"))
    assert near.low > far.high
    lone = [(persona, fresh(rng, 26), source) for persona, _, source in rows]
    other = pick(measure_table(people_table(lone), HubSettings()), "slope.math")
    assert other.p_value is not None
    assert other.p_value > 0.02


def test_a_split_at_random_leaks_what_a_split_by_source_does_not() -> None:
    rng = random.Random(4)
    rows = []
    for source in range(40):
        text = fresh(rng, 50)  # with three words of its own each, Jaccard is .89 and cosine .94
        rows += [(fresh(rng, 12), f"{text} {fresh(rng, 3)}", str(source)) for _ in range(3)]
    findings = measure_table(people_table(rows), HubSettings())
    assert pick(findings, "leak.math.random", "as_published").estimate > 0.6
    assert pick(findings, "leak.math.by_source").estimate < 0.05


def test_people_who_are_there_twice_take_their_data_with_them() -> None:
    rng = random.Random(5)
    one, other = sentence(rng), sentence(rng)
    table = people_table([(one, "first text", "a"), (one, "second words", "b"), (other, "first text", "c")])
    people = people_of(table, 0.9, 0.9)
    assert [person.reason for person in people] == ["", "same_words", ""]
    assert [piece.reason for piece in pieces_of(table, people, 0.9)] == ["", "person", "twice"]


# Fresh runs.


def test_data_for_people_is_more_different_than_data_for_nobody_if_the_writer_cares() -> None:
    given = {"most": "2", "attitudes": "read,write", "hops": "2", "control": "6"}
    findings, table, study = run(given, ScriptedModel(scripted))
    for kind in KINDS:
        gain = pick(findings, f"gain.{kind}")
        assert gain.low > 0.2, kind
        assert pick(findings, f"effective.{kind}.persona").low > pick(findings, f"effective.{kind}.control").high
        assert pick(findings, f"accepted.{kind}.persona").estimate == 1, kind
    assert pick(findings, "rejected.twice.math.control").estimate == pytest.approx(11 / 12)
    assert pick(findings, "agreed.math.persona").estimate == 1
    assert pick(findings, "personas").estimate == 12
    assert pick(findings, "made.ok").n == 12
    curated = table.filter(table["part"] == "curate")
    assert curated["persona.hops"].to_list() == [[0, 1, 2]] * 4
    for row in curated.iter_rows(named=True):
        assert row["persona.made_from"][1:] == row["persona.ids"][:-1]  # each relative is made from the one before
        assert row["persona.made_from"][0] == row["source"]
    assert len({tuple(one[1:]) for one in curated["persona.relations"].to_list()}) > 1
    assert {one.hash for one in study.texts} == set(curated["source"])


def test_refusals_and_nonsense_are_counted_and_nothing_is_made_of_them() -> None:
    refusing = ScriptedModel(lambda _: "I'm sorry, but I can't help with that.")
    findings, table, _ = run({"most": "2", "attitudes": "read", "kinds": "logic", "control": "2"}, refusing)
    assert set(table["status"]) == {"refused"}
    assert pick(findings, "made.refused").estimate == 1
    assert pick(findings, "accepted.logic.control").estimate == 0
    assert pick(findings, "rejected.refused.logic.control").estimate == 1
    assert not [one for one in findings if one.name == "personas"]


def test_a_chain_that_breaks_keeps_who_was_there() -> None:
    def breaking(request: Request) -> str:
        return scripted(request) if "following text" in request.messages[-1].content else "no"

    findings, table, _ = run(
        {"most": "1", "attitudes": "like", "kinds": "none", "control": "0"}, ScriptedModel(breaking)
    )
    (row,) = table.iter_rows(named=True)
    assert row["made.statuses"] == ["ok", "unparsed"]
    assert len(row["persona.texts"]) == 1
    assert pick(findings, "made.unparsed").estimate == 0.5


def test_the_simulated_writer_makes_no_tools_and_that_is_said() -> None:
    findings, _, _ = run({"most": "1", "hops": "0", "kinds": "tool", "control": "3"}, open_model("sim", {}))
    assert pick(findings, "accepted.tool.persona").estimate == 0
    assert pick(findings, "parsed.tool.persona", "as_published").estimate == 1


# Problems before people, and before other models.


def test_verdicts_of_people_say_what_agreement_of_solvers_is_worth(tmp_path: Path) -> None:
    rng = random.Random(12)
    rows = [(sentence(rng), fresh(rng, 20), str(number)) for number in range(30)]
    agreed = [number < 20 for number in range(30)]
    table = people_table(rows).with_columns(
        pl.Series("piece.agreed", [[one] for one in agreed]),
        pl.Series("piece.more", [[json.dumps({"solution": "so", "answer": "4"})]] * 30),
    )
    counts = write_hub(table, HubSettings(), tmp_path)
    assert counts["personas.jsonl"] == 30
    sheet = pl.read_csv(tmp_path / "math-sheet.csv", infer_schema=False)
    assert sheet.height == 30
    assert set(sheet["answer"]) == {"4"}
    place = {text: number for number, (_, text, _) in enumerate(rows)}
    filled = []
    for row in sheet.iter_rows(named=True):
        number = place[row["problem"]]
        is_valid = number not in (0, 25, 26, 27, 28, 29)  # one of those that agree, half of the others
        filled += [{**row, "valid": "yes" if is_valid else "No", "rater": rater} for rater in ("ann", "bob")]
    filled[0]["valid"] = ""  # not looked at
    path = tmp_path / "filled.csv"
    pl.DataFrame(filled).write_csv(path)
    findings = measure_table(table, HubSettings(checked=path))
    assert pick(findings, "valid.math", "as_published").estimate == pytest.approx(24 / 30)
    assert pick(findings, "valid_if.agreed.math").estimate == pytest.approx(19 / 20)
    assert pick(findings, "valid_if.differing.math").estimate == pytest.approx(5 / 10)
    assert pick(findings, "valid_alpha.math").estimate == 1
    claim = next(one for one in PAPER.claims if one.name == "valid.math")
    assert claim.value == pytest.approx(0.965)
    path.write_text("id,valid\nx,perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no verdicts"):
        measure_table(table, HubSettings(checked=path))
    assert not [one for one in measure_table(table, HubSettings()) if one.name.startswith("valid")]


def test_a_model_is_tried_on_problems_that_were_held_out_and_on_a_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "problems.jsonl"
    held = [
        {"synthesized text": f"Problem {n}", "solution": json.dumps({"solution": "s", "answer": str(n)})}
        for n in range(4)
    ]
    bench = [{"problem": r"Halve 1.", "solution": r"It is $\boxed{\frac{1}{2}}$."}, {"problem": "Two", "answer": 2}]
    path.write_text("\n".join(map(json.dumps, [*held, *bench])), encoding="utf-8")

    def solver(request: Request) -> str:
        text = request.messages[-1].content
        if "Problem 3" in text:
            return "no idea"
        answer = "1/2" if "Halve" in text else "1" if "Problem" in text else "2.0"
        return json.dumps({"solution": "so", "answer": answer})

    findings, table, study = run({"problems": str(path)}, ScriptedModel(solver))
    assert study.roles == ("subject",)
    assert set(table["part"]) == {"solve"}
    held_out = pick(findings, "solved.held_out", "as_published")
    assert held_out.estimate == pytest.approx(1 / 3)
    assert (held_out.n, held_out.missing) == (3, 1)
    assert pick(findings, "solved.benchmark", "as_published").estimate == 1
    assert {one.name for one in PAPER.claims} >= {"solved.held_out", "solved.benchmark"}
    path.write_text('{"problem": "What?"}', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        PAPER.make_study({"problems": str(path)})


def test_what_a_run_holds_out_is_what_another_is_tried_on(tmp_path: Path) -> None:
    given = {"most": "2", "attitudes": "read,write,like", "kinds": "math", "control": "0", "test_share": "0.6"}
    _, table, study = run(given, ScriptedModel(scripted))
    write_hub(table, study.settings, tmp_path)
    found = read_problems(tmp_path / "math-test.jsonl")
    assert found
    assert {one.of for one in found} == {"held_out"}
    findings, _, _ = run({"problems": str(tmp_path / "math-test.jsonl")}, ScriptedModel(scripted))
    assert pick(findings, "solved.held_out", "as_published").estimate == 1


@pytest.mark.parametrize(
    ("given", "plain"),
    [(r"$\frac{3}{4}$", "3/4"), (r"5\text{ cm}", "5 cm"), (r"\left(1,2\right)", "(1,2 )"), ("7", "7")],
)
def test_marks_of_latex_that_say_nothing_are_taken_out(given: str, plain: str) -> None:
    assert plain_answer(given) == plain


# Licences and exports.


def test_licences_travel_from_texts_to_every_exported_row(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    rows = [
        {"text": "On bees and their hives.", "licence": "CC-BY-SA-4.0"},
        {"text": "On boats of cedar.", "licence": None},
        {"text": "Not to be touched.", "licence": "CC BY-ND 4.0"},
    ]
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = {"texts": str(texts), "attitudes": "read", "kinds": "math,tool", "control": "1", "most": "9"}
    model = ScriptedModel(scripted)
    _, table, study = run(given, model)
    assert study.parameters["texts_withheld"] == 1
    assert not any("Not to be touched" in request.messages[-1].content for request in model.requests)
    counts = write_hub(table, study.settings, tmp_path / "hub")
    assert counts["personas.jsonl"] == 6
    written = [path for path in (tmp_path / "hub").glob("*.jsonl") if path.stem != "texts"]
    found = [json.loads(line) for path in written for line in path.read_text(encoding="utf-8").splitlines()]
    assert {row["licence"] for row in found} == {"CC-BY-SA-4.0", "unknown"}
    by_source = {
        source: {row["licence"] for row in found if (row.get("source") or row["lineage"]["source"]) == source}
        for source in set(table["source"]) - {""}
    }
    assert all(len(licences) == 1 for licences in by_source.values())
    assert any(row.get("code", "").startswith("def ") for row in found)
    assert "CC-BY-SA-4.0" in (tmp_path / "hub" / "README.md").read_text()


def test_exported_people_are_read_again_with_their_licence(tmp_path: Path) -> None:
    _, table, study = run({"most": "2", "attitudes": "read", "kinds": "none", "control": "0"}, ScriptedModel(scripted))
    write_hub(table, study.settings, tmp_path)
    again = PersonaHub(HubSettings.read({"personas": str(tmp_path / "personas.jsonl"), "most": "99"}))
    assert len(again.given) == 6
    assert {one.provenance_of("description").licence for one in again.given} == {"MIT"}
    findings, _, _ = run(
        {"personas": str(tmp_path / "personas.jsonl"), "kinds": "npc", "control": "0", "most": "3"},
        ScriptedModel(scripted),
    )
    assert pick(findings, "rows.npc", "as_published").estimate == 9


def test_files_that_cannot_be_used_say_so(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("words\nx\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column text"):
        read_texts(path, "MIT")
    lines = tmp_path / "t.txt"
    lines.write_text("One.\n\nTwo.\nOne.\n", encoding="utf-8")
    assert [one.text for one in read_texts(lines, "MIT")] == ["One.", "Two."]
    lines.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="no texts"):
        read_texts(lines, "MIT")
    with pytest.raises(InputError, match="kinds"):
        PersonaHub(HubSettings.read({"kinds": "poems"})).design(np.random.default_rng(0)).__next__()
    with pytest.raises(InputError, match="attitudes"):
        PersonaHub(HubSettings.read({"attitudes": " "})).design(np.random.default_rng(0)).__next__()
    lines.write_text("One.\n", encoding="utf-8")
    forbidden = PersonaHub(HubSettings.read({"texts": str(lines), "licence": "CC BY-ND 4.0"}))
    with pytest.raises(InputError, match="no text may be used"):
        next(iter(forbidden.design(np.random.default_rng(0))))
    assert forbids_derivatives("All rights reserved.")
    assert not forbids_derivatives("unknown")


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


def test_rows_of_the_published_layout_are_read_and_others_reported(tmp_path: Path) -> None:
    good = {
        "input persona": "A cook.",
        "synthesized text": json.dumps('{"name": 1}'),
        "description": "tool development",
    }
    bad = {"persona": "A cook."}
    unknown = {"input persona": "A cook.", "synthesized text": "x", "description": "poem"}
    path = tmp_path / "data.jsonl"
    path.write_text("\n".join([json.dumps(good), json.dumps(bad), "", "{", json.dumps(unknown)]), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.height == 1
    assert found.table["persona.licences"].to_list() == [[LICENCE]]
    assert found.table["piece.reason"].to_list() == [["incomplete"]]
    assert [warning.rpartition("line ")[2][0] for warning in found.warnings] == ["2", "4", "5"]
    assert tool_of("[1]") is None
    assert tool_of('"not json"') is None
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputError, match="no published data"):
        read_replay(tmp_path, {})


def test_the_command_runs_reports_and_exports(tmp_path: Path) -> None:
    small = ["-P", "most=1", "-P", "attitudes=read", "-P", "hops=1", "-P", "control=3", "-P", "kinds=math,tool"]
    ran = personae("paper", "run", "persona_hub", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "SIMULATED" in (tmp_path / "run" / "hub" / "README.md").read_text(encoding="utf-8")
    assert (tmp_path / "run" / "hub" / "personas.jsonl").read_text(encoding="utf-8").count("\n") == 2
