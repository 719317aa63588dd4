"""Persona biases: the authors' outputs, constants and prompts, in the layouts that they published them in."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.papers.stochastic_parrots import PAPER, ParrotSettings, StochasticParrots, read_replay
from personae.papers.stochastic_parrots.prompts import chosen_prompts
from personae.papers.stochastic_parrots.texts import read_texts, texts_of
from personae.study import Finding

SOME = ("asian", "boxer", "golda meir", "none")


def pick(findings: Sequence[Finding], name: str, way: str = "as_published") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def measured(folder: Path) -> list[Finding]:
    found = read_replay(folder, {})
    return found.study.measure(found.table)


def write_cell(
    folder: Path, aspect: str, run: str, persona: str, verdicts: Sequence[int], *, suffix: str = "", shift: int = 0
) -> None:
    """The two files that the authors' script writes of one persona."""
    place = folder / "outputs" / aspect / run / persona
    place.mkdir(parents=True, exist_ok=True)
    model = run.partition("_")[0]
    begin = f"{model}_{'no' if persona == 'none' else ''}persona{suffix}"
    with (place / f"{begin}_samples.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        for number, verdict in enumerate(verdicts):
            told = f"your persona: i am {persona}."
            again = [0] if suffix == "_reevaluated" else []
            writer.writerow([verdict, *again, told, f'prompt "{number + shift}"\nwith a line', "a\treply"])
    rate = round(100 * sum(verdicts) / len(verdicts), 3)
    head = [] if persona == "none" else [f"persona: i am {persona}"]
    lines = [*head, "Test: Offensiveness (bst)", f"PERCENT PASSED: {rate}% | i am {persona}\n", "PASSED\n{}"]
    (place / f"{begin}.txt").write_text("\n".join(lines), encoding="utf-8")


def write_outputs(folder: Path) -> dict[str, list[float]]:
    rng = np.random.default_rng(5)
    rates: dict[str, list[float]] = {}
    for persona, level in zip(SOME, (0.9, 0.5, 0.7, 1.0), strict=True):
        for run, aspect in (
            ("vicuna_bst_outputs", "offensiveness"),
            ("vicuna_rtp_outputs", "offensiveness"),
            ("vicuna_outputs", "toxicity"),
        ):
            verdicts = (rng.random(40) < level).astype(int).tolist()
            write_cell(folder, aspect, run, persona, verdicts)
            if persona != "none":
                rates.setdefault(run, []).append(float(np.mean(verdicts)))
    return rates


def test_replies_of_the_authors_layout_are_read(tmp_path: Path) -> None:
    rates = write_outputs(tmp_path)
    found = read_replay(tmp_path, {})
    assert not found.warnings
    findings = found.study.measure(found.table)
    both = np.mean([rates["vicuna_bst_outputs"], rates["vicuna_rtp_outputs"]], axis=0)  # first the mean, then variance
    assert pick(findings, "hds.offensiveness").estimate == pytest.approx(both.var(ddof=1))
    toxic = np.var(rates["vicuna_outputs"], ddof=1)
    assert pick(findings, "hds.toxic_continuation").estimate == pytest.approx(toxic)
    assert pick(findings, "hds.macro").estimate == pytest.approx((both.var(ddof=1) + toxic) / 2)
    assert pick(findings, "success_none.offensiveness").n == 80
    assert {one.subject for one in findings} == {"vicuna"}
    table = found.table.filter(found.table["persona"] == "a_basketball_boxer")  # by its word, to the set's own name
    assert set(table["category"]) == {"profession"}
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)


def test_rates_stand_in_where_replies_are_not_there(tmp_path: Path) -> None:
    rates = write_outputs(tmp_path)
    for path in tmp_path.rglob("*.tsv"):
        path.unlink()
    findings = measured(tmp_path)
    both = np.mean([rates["vicuna_bst_outputs"], rates["vicuna_rtp_outputs"]], axis=0)
    assert pick(findings, "hds.offensiveness").estimate == pytest.approx(both.var(ddof=1))
    assert not [one for one in findings if one.name.startswith("floor.")]  # no replies, no noise floor
    assert pick(findings, "success.offensiveness").n == 3


def test_the_table_of_rates_is_read_with_one_or_two_sets(tmp_path: Path) -> None:
    lines = ["personas,regard,toxicity,offensiveness", "none,99,98,97", "asian,90.5,80,70", "boxer,80.5,60%,50"]
    (tmp_path / "alpaca_organized_results.csv").write_text("\n".join(lines), encoding="utf-8")
    findings = measured(tmp_path)
    assert pick(findings, "hds.regard").estimate == pytest.approx(np.var([0.905, 0.805], ddof=1))
    assert pick(findings, "success_none.regard").estimate == pytest.approx(0.99)
    two = ["personas,offensiveness_bst,offensiveness_rtp", "asian,90,70", "boxer,50,30"]
    (tmp_path / "alpaca_organized_results.csv").write_text("\n".join(two), encoding="utf-8")
    assert pick(measured(tmp_path), "hds.offensiveness").estimate == pytest.approx(np.var([0.8, 0.4], ddof=1))
    (tmp_path / "alpaca_organized_results.csv").write_text("personas,regard\nasian,high\n", encoding="utf-8")
    with pytest.raises(InputError, match="no percentage"):
        read_replay(tmp_path, {})


def test_what_was_evaluated_again_takes_the_place_of_the_first_evaluation(tmp_path: Path) -> None:
    for persona in ("asian", "boxer"):
        write_cell(tmp_path, "regard", "chatgpt_outputs", persona, [1, 1, 1, 1])
        write_cell(tmp_path, "regard", "chatgpt_outputs", persona, [1, 0, 0, 1], suffix="_reevaluated")
    assert pick(measured(tmp_path), "success.regard", "corrected").estimate == 0.5


def test_texts_that_were_drawn_for_each_persona_do_not_hide_the_noise(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    for number, persona in enumerate((*SOME[:3], "doctor", "nurse", "pilot")):
        verdicts = (rng.random(200) < 0.6).astype(int).tolist()
        write_cell(tmp_path, "stereotype_agreement", "blender_outputs", persona, verdicts, shift=1000 * number)
    found = read_replay(tmp_path, {})
    assert any("texts of its own" in warning for warning in found.warnings)
    findings = found.study.measure(found.table)
    floor = pick(findings, "floor.hds.stereotype_agreement", "corrected").estimate
    assert floor == pytest.approx(0.6 * 0.4 / 200, rel=0.2)  # binomial noise of 200 replies
    excess = pick(findings, "hds.stereotype_agreement", "corrected")
    assert abs(excess.estimate) < 3 * floor
    assert excess.p_value is not None
    assert excess.p_value > 0.01


def test_rows_and_files_that_say_nothing_are_told(tmp_path: Path) -> None:
    write_outputs(tmp_path)
    place = tmp_path / "outputs" / "toxicity" / "vicuna_outputs" / "asian"
    with (place / "vicuna_persona_samples.tsv").open("a", encoding="utf-8") as file:
        file.write("maybe\tp\tq\tr\nshort\n")
    (place.parent / "boxer" / "vicuna_persona.txt").write_text("nothing\n", encoding="utf-8")
    warnings = read_replay(tmp_path, {}).warnings
    assert any("2 rows" in warning and "vicuna_persona_samples.tsv" in warning for warning in warnings)
    assert any("PERCENT PASSED" in warning for warning in warnings)


CONSTANTS = """
PERSONAS = ['i am a white person']
PERSONAS_DICT = {
    'white': ['i am a white person'],
    'pacific': ['i am a pacific islander'],
    # By Religious Belief
    'sikhism': ['i am a person of sikhism blief'],
}
EXPLICIT_PERSONAS_DICT = {'boxer': ['i am a basketball boxer'], 'nobody': ['i am nobody we know']}
"""


def test_the_list_is_read_from_the_authors_constants(tmp_path: Path) -> None:
    (tmp_path / "constants.py").write_text(CONSTANTS, encoding="utf-8")
    findings = measured(tmp_path)
    counts = {one.name: one.estimate for one in findings if one.name.startswith("personas.")}
    assert counts["personas.all"] == 5
    assert counts["personas.generic"] == 3
    assert counts["personas.religion"] == 1
    assert counts["personas.other"] == 1
    assert pick(findings, "wording.same", "corrected").estimate == pytest.approx(
        4 / 5
    )  # all but the one that is not of the set
    assert all(any(section.holds(one) for section in PAPER.plan.sections) for one in findings)
    (tmp_path / "constants.py").write_text("PERSONAS_DICT = {'a': [__import__('os').getcwd()]}", encoding="utf-8")
    with pytest.raises(InputError, match="more than words"):
        read_replay(tmp_path, {})


def prompt(text: str, toxicity: float | None) -> str:
    return json.dumps({"filename": "x", "prompt": {"text": text, "toxicity": toxicity, "threat": 0.1}})


def test_prompts_are_chosen_as_published(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    toxicities = [None, 0.0, *rng.uniform(0.01, 1, 4000).round(4).tolist()]
    path = tmp_path / "prompts.jsonl"
    path.write_text("\n".join(prompt(f"t{n}", one) for n, one in enumerate(toxicities)), encoding="utf-8")
    known = {f"t{n}": one for n, one in enumerate(toxicities) if one}
    chosen = chosen_prompts(path)
    mixed = [known[text] for text in chosen["offensiveness"]]
    assert len(mixed) == 1000
    assert sum(one >= 0.5 for one in mixed) == 500
    assert chosen["regard"] == chosen["offensiveness"]
    bands = [known[text] for text in chosen["toxic_agreement"]]
    assert sum(0.8 < one <= 0.9 for one in bands) == 250
    assert min(bands) > 0.8
    stimuli = read_texts(path)
    assert {one.dataset for one in stimuli.items if one.aspect == "offensiveness"} == {"small_talk", "rtp"}
    assert {one.dataset for one in stimuli.items if one.aspect == "stereotype_agreement"} == {"statements"}
    assert len(texts_of(path, "regard", 3)) == 3
    study = StochasticParrots(ParrotSettings.read({"texts": str(path)}))
    assert study.parameters["texts"] != StochasticParrots().parameters["texts"]


def test_a_file_without_toxicities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    path.write_text(prompt("a", None), encoding="utf-8")
    with pytest.raises(InputError, match="no prompt for"):
        chosen_prompts(path)
    path.write_text(prompt("a", 0.9) + "\nbroken\n", encoding="utf-8")
    with pytest.raises(InputError, match="1 row left out"):
        chosen_prompts(path)


@pytest.mark.replay
def test_the_published_counts_are_those_of_our_set(replay: Callable[[str], Path]) -> None:
    findings = measured(replay("117"))
    for one in PAPER.claims:
        assert pick(findings, one.name).estimate == one.value
