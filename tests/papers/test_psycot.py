"""A questionnaire about an author as a chain of thought: its turns, its data, its errors, its measures."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.model import Request, ScriptedModel, open_model
from personae.papers.psycot import PAPER, PsyCoT, PsyCoTSettings
from personae.papers.psycot.authors import cut, read_authors, simulated_authors
from personae.papers.psycot.findings import macro_f1
from personae.papers.psycot.poles import ESSAYS, KAGGLE
from personae.papers.psycot.questionnaire import statements_of
from personae.study import Finding, run_study
from support.command_line import personae

RNG = np.random.default_rng(0)
EXTRAVERSION = next(one for one in ESSAYS if one.key == "extraversion")


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    return found


def file_of(tmp_path: Path, texts: Sequence[str] = ("I like {tea} & $5 cakes.", "Quiet day.")) -> Path:
    path = tmp_path / "texts.jsonl"
    rows = [{"text": text, "extraversion": number % 2} for number, text in enumerate(texts)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def scripted(tmp_path: Path, answer: object, **given: str) -> tuple[ScriptedModel, list[Finding]]:
    model = ScriptedModel(answer)  # type: ignore[arg-type]
    study = PsyCoT(PsyCoTSettings.read({"data": str(file_of(tmp_path)), **given}))
    return model, study.measure(run_study(study, {"subject": model}, workers=1).table)


# The conversation.


def test_one_statement_a_turn_with_earlier_ratings_and_a_choice_last(tmp_path: Path) -> None:
    def answer(request: Request) -> str:
        return "A" if request.messages[-1].content.startswith("In the light") else "4"

    model, findings = scripted(tmp_path, answer, methods="psycot", robustness="false")
    turns = [request for request in model.requests if "{tea}" in request.messages[0].content]
    assert len(turns) == 8 + 1
    assert [len(request.messages) for request in turns] == [1, 3, 5, 7, 9, 11, 13, 15, 17]
    last = turns[-1].messages
    assert [one.content for one in last if one.role == "assistant"] == ["4"] * 8
    assert "I like {tea} & $5 cakes." in last[0].content
    assert sum("{tea}" in one.content for one in last) == 1
    assert "Statement: S0: The author is talkative" in last[0].content
    assert "Statement: S7: The author is outgoing, sociable" in last[14].content
    assert last[-1].content.endswith("Answer with A or B alone.")
    assert {request.sampling.temperature for request in model.requests} == {0.0}
    assert pick(findings, "accuracy.psycot.extraversion").estimate == 0.5


def test_the_introduction_names_the_reversed_statements_by_their_key() -> None:
    told = statements_of(EXTRAVERSION, "printed", RNG, as_published=False).keying
    assert told.startswith("A high rating of S0, S2, S3, S5, S7 speaks for high extraversion")
    assert told.endswith("a high rating of S1, S4, S6 against it.")
    for target in ESSAYS:
        asked = statements_of(target, "shuffled", np.random.default_rng(3), as_published=False)
        (scale,) = asked.instrument.scales
        against = {f"S{place}" for place, item in enumerate(asked.instrument.item_ids) if item in scale.reverse}
        named = set(asked.keying.split("a high rating of ")[1].removesuffix(" against it.").split(", "))
        assert named == (against or {"none"})


def test_the_published_slip_is_repeated_on_request() -> None:
    slip = statements_of(EXTRAVERSION, "printed", RNG, as_published=True).keying
    assert slip.endswith("a high rating of S0, S1, S3 against it.")


def test_half_of_the_statements_and_another_order() -> None:
    whole = statements_of(EXTRAVERSION, "printed", RNG, as_published=False).instrument
    half = statements_of(EXTRAVERSION, "half", RNG, as_published=False).instrument
    shuffled = statements_of(EXTRAVERSION, "shuffled", np.random.default_rng(1), as_published=False).instrument
    assert len(half.items) == len(whole.items) // 2
    assert set(shuffled.items) == set(whole.items)
    assert shuffled.item_ids != whole.item_ids


def test_types_are_asked_as_two_ends_and_not_sure(tmp_path: Path) -> None:
    path = tmp_path / "kaggle.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([["type", "posts"], ["INFP", "I read.|||I dream."], ["ESTJ", "I sell."]])
    model = ScriptedModel(lambda request: "C" if "Which fits" in request.messages[-1].content else "B")
    given = {"data": str(path), "dataset": "kaggle", "methods": "psycot", "robustness": "false"}
    study = PsyCoT(PsyCoTSettings.read(given))
    table = run_study(study, {"subject": model}).table
    question = next(one for one in model.requests if "fits the author" in one.messages[-1].content).messages[-1].content
    assert "C = not sure" in question
    assert set(table["score"].to_list()) == {3.0}
    findings = study.measure(table)
    assert pick(findings, "accuracy.psycot.EI").estimate == 0.5  # always I
    assert pick(findings, "follows.EI").missing == 2  # a score in the middle says nothing


# Reading choices.


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("A", 0.5),
        ("I think of B first, A later.\nAnswer: A", 0.5),
        ("I cannot decide between A and B.", 0.0),
        ("", 0.0),
        ("I'm sorry, but I can't judge people.", 0.0),
    ],
)
def test_a_choice_that_cannot_be_read_is_wrong(tmp_path: Path, reply: str, right: float) -> None:
    _, findings = scripted(tmp_path, lambda _: reply, methods="cot", robustness="false")
    found = pick(findings, "accuracy.cot.extraversion")
    assert (found.estimate, found.n, found.missing) == (right, 2, 0)
    assert pick(findings, "read.cot").estimate == (1.0 if right else 0.0)


def test_swapped_labels_are_read_by_their_words(tmp_path: Path) -> None:
    def prefers_high(request: Request) -> str:
        said = request.messages[-1].content
        return ("A" if "A: High" in said else "B") if "A or B alone" in said else "3"

    _, findings = scripted(tmp_path, prefers_high, methods="psycot")
    assert pick(findings, "changed.swapped").estimate == 0
    _, biased = scripted(tmp_path, lambda one: "A" if "A or B" in one.messages[-1].content else "3", methods="psycot")
    assert pick(biased, "changed.swapped").estimate == 1


# Data.


def test_essays_and_published_label_names_are_read(tmp_path: Path) -> None:
    path = tmp_path / "essays.csv"
    rows = [["#AUTHID", "TEXT", "cEXT", "cNEU", "cAGR", "cCON", "cOPN"], ["1.txt", "Café.", "n", "y", "y", "n", "y"]]
    with path.open("w", newline="", encoding="latin-1") as file:
        csv.writer(file).writerows(rows)
    (author,) = read_authors(path, "essays")
    assert author.text == "Café."
    assert dict(author.labels) == {
        "openness": 1,
        "conscientiousness": 0,
        "extraversion": 0,
        "agreeableness": 1,
        "neuroticism": 1,
    }
    path = tmp_path / "test.jsonl"
    path.write_text(json.dumps({"text": "Hm.", "ext_labels": 1, "opn_labels": 0}), encoding="utf-8")
    assert dict(read_authors(path, "essays")[0].labels) == {"extraversion": 1, "openness": 0}


def test_types_are_four_labels(tmp_path: Path) -> None:
    path = tmp_path / "k.jsonl"
    path.write_text(json.dumps({"posts": ["a", "b"], "type": "infp"}), encoding="utf-8")
    (author,) = read_authors(path, "kaggle")
    assert author.text == "a\nb"
    assert dict(author.labels) == {"EI": 0, "NS": 1, "TF": 0, "PJ": 1}


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    path, mark = tmp_path / "test.pkl", tmp_path / "ran"
    path.write_bytes(f"cos\nmkdir\n(S'{mark}'\ntR.".encode())  # makes a folder when it is read
    with pytest.raises(InputError, match=r"is a pickle.*test\.jsonl"):
        read_authors(path, "essays")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"text": ""}', "no text"),
        ("a.jsonl", '{"text": "Hm.", "extraversion": "maybe"}', "no label"),
        ("a.jsonl", "[1]", "not an object"),
        ("a.jsonl", "{", "not JSON"),
        ("a.csv", "TEXT,cEXT\n", "no authors"),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_authors(tmp_path / name, "essays")


def test_a_text_is_cut_at_a_word() -> None:
    assert cut("one two three four", 2) == "one two"
    assert cut("short", 100) == "short"


def test_simulated_authors_have_planted_labels() -> None:
    authors = simulated_authors(30, "essays", np.random.default_rng(1))
    assert len({one.text for one in authors}) == 30
    for target in ESSAYS:
        assert 5 < sum(one.labels[target.key] for one in authors) < 25
    assert {key for one in simulated_authors(2, "kaggle", RNG) for key in one.labels} == {one.key for one in KAGGLE}


# Measures.


def test_macro_f1_of_known_confusions() -> None:
    assert macro_f1([1, 0, 1, 0], [1, 0, 1, 0]) == 1
    assert macro_f1([1] * 135 + [0] * 112, [1] * 247) == pytest.approx(135 / 382)
    assert macro_f1([1, 1, 0, 0], [1, math.nan, 0, math.nan]) == pytest.approx(2 / 3)


def test_the_floors_that_are_claimed_follow_from_the_label_balance() -> None:
    floors = {one.name.partition(".")[2]: one.value for one in PAPER.claims if one.name.startswith("floor.")}
    for trait, high in {"extraversion": 135, "neuroticism": 127, "conscientiousness": 113, "openness": 133}.items():
        assert floors[trait] == pytest.approx(macro_f1([1] * high + [0] * (247 - high), [1] * 247))


def run(given: Mapping[str, str], **sim: str) -> list[Finding]:
    study = PsyCoT(PsyCoTSettings.read(given))
    return study.measure(run_study(study, {"subject": open_model("sim", sim)}).table)


def test_planted_traits_are_detected_and_a_reader_of_nothing_detects_nothing() -> None:
    given = {"authors": "14", "methods": "psycot,standard", "robustness": "false"}
    findings, blind = run(given), run(given, noise="1")
    assert pick(findings, "f1.psycot.average").estimate > 0.75
    assert pick(blind, "f1.psycot.average").estimate < 0.65
    assert pick(findings, "ratings.extraversion").estimate > 0.5
    assert pick(findings, "gain.accuracy.standard").n == 14 * 5
    assert not pick(findings, "gain.accuracy.standard").is_significant()


def test_order_bias_that_was_planted_changes_choices_when_labels_are_swapped() -> None:
    given = {"authors": "6", "methods": "psycot", "temperature": "1"}
    assert pick(run(given, order_bias="12"), "changed.swapped").estimate > pick(run(given), "changed.swapped").estimate


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(InputError, match="task_cot"):
        run({"methods": "telepathy"})


def test_the_command_runs_both_branches(tmp_path: Path) -> None:
    for dataset in ("essays", "kaggle"):
        arguments = [
            "-P",
            f"dataset={dataset}",
            "-P",
            "authors=2",
            "-P",
            "methods=psycot,cot",
            "--folder",
            str(tmp_path / dataset),
        ]
        ran = personae("paper", "run", "psycot", "--model", "sim", *arguments)
        assert ran.code == 0, ran.err
        page = (tmp_path / dataset / "report.html").read_text(encoding="utf-8")
        assert "SIMULATED" in page
        assert "Gain over other prompts" in page
