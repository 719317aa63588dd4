"""Persona Hub: problems before people and before other models."""

from __future__ import annotations

import json
import random
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("rensa")

from personae.errors import InputError
from personae.model import Request, ScriptedModel
from personae.papers.persona_hub import PAPER, HubSettings
from personae.papers.persona_hub.export import write_hub
from personae.papers.persona_hub.findings import measure_table
from personae.papers.persona_hub.problems import plain_answer, read_problems
from support.findings import pick
from support.persona_hub import fresh, people_table, run, scripted, sentence

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
