"""Personality alignment: the published records, records of the same layout made here, and fresh runs on sim."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.personality_alignment import (
    PAPER,
    PersonalityAlignment,
    PersonalityAlignmentSettings,
    read_people,
    read_replay,
    select_people,
)
from personae.papers.personality_alignment.findings import PEOPLE
from personae.papers.personality_alignment.inventory import DOMAINS, SHORT, inventory_of
from personae.papers.personality_alignment.people import draw_answers
from personae.papers.personality_alignment.study import CONDITIONS
from personae.stats import cronbach_alpha
from personae.study import Finding, compare, run_study
from support.command_line import personae

SMALL = {"people": "4", "scored": "15", "held": "5", "pool": "3"}


def pick(findings: Sequence[Finding], name: str, convention: str = "corrected", subject: str = "") -> Finding:
    (found,) = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == convention and (not subject or one.subject == subject)
    ]
    return found


def write_records(folder: Path, *, people: int = 40, zero: bool = True) -> Path:
    """Ten items, five of them told, numbered out of order; five domains with an item keyed each way."""
    order = [3, 1, 5, 7, 9, 10, 2, 4, 6, 8]
    by_number = {n: (DOMAINS[(n - 1) // 2], 1 if n % 2 else -1) for n in range(1, 11)}
    with (folder / "mpi_300.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", "label_raw", "text", "label_ocean", "key"])
        for row, number in enumerate(order):
            writer.writerow([row, "facet", f"Item {number}.", *by_number[number]])
    split = {"train_index": order[:5], "test_index": order[5:]}
    (folder / "mpi_300_split.json").write_text(json.dumps(split), encoding="utf-8")
    rng = np.random.default_rng(0)
    traits = rng.normal(size=(people, 5))
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["case", "sex", "age", "country", *(f"i{n}" for n in range(1, 11))])
        for one in range(people):
            stored = np.clip(np.round(3 + traits[one].repeat(2) + 0.4 * rng.normal(size=10)), 1, 5).astype(int)
            if zero and one == 0:
                stored[0] = 0
            writer.writerow([one, 1, 20, "UK", *stored])
    return folder


# The published records.


@pytest.mark.replay
def test_every_figure_on_the_published_people_is_rebuilt(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("096"), {})
    findings = found.study.measure(found.table)
    compared = compare(findings, PAPER.claims)
    assert len(compared) == len(PAPER.claims) == 20
    for one in compared:
        tolerance = (
            0.0005 if one.claim.name.startswith("alpha") else 0.0101 if one.claim.name == "mae.random" else 0.0051
        )
        assert one.difference == pytest.approx(0, abs=tolerance), one.claim.name
    answered = pick(findings, "answered")
    assert round(answered.n * (1 - answered.estimate)) == 52
    assert found.sources["mean age"] == "25.0"


@pytest.mark.replay
def test_published_answers_are_turned_already(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("096"), {})
    findings = found.study.measure(found.table)
    for domain in DOMAINS:
        assert pick(findings, f"alpha.{domain}").low > 0.92
        assert pick(findings, f"alpha_turned_again.{domain}").high < 0.75


# Records of the same layout.


def test_a_row_is_the_item_that_the_split_names_and_not_its_own_number(tmp_path: Path) -> None:
    records = read_people(write_records(tmp_path))
    assert records.inventory.texts == tuple(f"Item {n}." for n in range(1, 11))
    assert records.inventory.domains[2:4] == ("C", "C")
    assert records.inventory.signs == (1, -1) * 5
    assert records.inventory.described == {"1", "3", "5", "7", "9"}
    assert np.isnan(records.stored[0, 0])
    assert records.stored.shape == (40, 10)


def test_keys_of_turned_answers_agree_and_turned_again_they_do_not(tmp_path: Path) -> None:
    found = read_replay(write_records(tmp_path), {})
    findings = found.study.measure(found.table)
    assert pick(findings, "keys.A").estimate > 0.5
    assert pick(findings, "alpha_turned_again.A").estimate < 0
    assert pick(findings, "answered").estimate == pytest.approx(399 / 400)
    assert pick(findings, "mae.always_3", "as_published").n == 40


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("mpi_300_split.json", '{"train_index": [1], "test_index": [2]}', "every item once"),
        ("mpi_300_split.json", "{}", "cannot be read|can be read"),
        ("people.csv", "case,i1\n1,2\n", "no answers of people"),
    ],
)
def test_a_malformed_folder_says_what_is_wanted(tmp_path: Path, file: str, content: str, message: str) -> None:
    write_records(tmp_path)
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_people(tmp_path)


def test_an_answer_beyond_the_options_names_its_place(tmp_path: Path) -> None:
    path = write_records(tmp_path) / "people.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n1,1,20,UK,", "\n1,1,20,UK,7"), encoding="utf-8")
    with pytest.raises(InputError, match="row 3, i1"):
        read_people(tmp_path)


# People.


def test_drawn_people_answer_reliably_in_both_keys() -> None:
    inventory = inventory_of(load_instrument(SHORT))
    raw = draw_answers(400, inventory, np.random.default_rng(1))
    stored = inventory.turned(raw)
    assert np.array_equal(inventory.turned(stored), raw)
    assert set(np.unique(raw)) == {1, 2, 3, 4, 5}
    for domain in DOMAINS:
        columns = inventory.columns(inventory.ids, domain)
        assert cronbach_alpha(stored[:, columns]).estimate > 0.85
    assert len(inventory.described) == len(inventory.predicted) == 60


def test_chosen_people_cover_the_groups_and_are_distinct() -> None:
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(6), 50)
    answers = rng.normal(size=(300, 8)) * 0.1 + rng.normal(size=(6, 8))[groups] * 3
    answers[0, 0] = np.nan
    chosen = select_people(answers, 6, np.random.default_rng(3))
    assert len(set(groups[chosen])) >= 5
    assert len(set(select_people(answers, 100, rng).tolist())) == 100
    assert sorted(select_people(answers[:4], 4, rng).tolist()) == [0, 1, 2, 3]
    assert len(set(select_people(np.ones((5, 3)), 3, rng).tolist())) == 3
    with pytest.raises(InputError, match="7 people are wanted of 6"):
        select_people(answers[:6], 7, rng)


# Fresh runs.


def run(
    given: Mapping[str, str], models: Mapping[str, Model] | None = None
) -> tuple[PersonalityAlignment, pl.DataFrame]:
    study = PersonalityAlignment(PersonalityAlignmentSettings.read({**SMALL, **given}))
    chosen = models or dict.fromkeys(study.roles, open_model("sim", {}))
    return study, run_study(study, chosen).table


def test_what_is_told_is_never_scored_and_what_is_kept_back_is_never_told() -> None:
    study = PersonalityAlignment(PersonalityAlignmentSettings.read(SMALL))
    told, held, scored = set(study.told), set(study.held), set(study.scored)
    assert not told & held
    assert not told & scored
    assert not held & scored
    assert (len(held), len(scored)) == (5, 15)
    full = PersonalityAlignment(PersonalityAlignmentSettings.read(PAPER.full))
    assert set(full.scored) == set(full.inventory.predicted)
    assert {full.inventory.domains[place] for place in full.inventory.columns(full.held)} == set(DOMAINS)
    for domain in DOMAINS:
        assert len(full.inventory.columns(full.scored, domain)) == len(full.scored) / 5


def test_a_respondent_that_is_told_comes_nearer_than_one_that_is_not() -> None:
    study, table = run({"people": "12", "pool": "5", "scored": "30"})
    findings = study.measure(table)
    told, untold = pick(findings, "mae.few_shot"), pick(findings, "mae.none")
    misread = pick(findings, "mae.few_shot_misread")
    assert told.estimate < untold.estimate < misread.estimate + 1.5
    assert told.estimate < misread.estimate
    assert pick(findings, "mae.always_3", "as_published", PEOPLE).estimate == pytest.approx(untold.estimate, abs=0.6)
    assert pick(findings, "mae.best_prompt", "as_published").estimate <= pick(findings, "mae.best_prompt").estimate
    assert {one.name for one in findings if one.name.startswith("beyond.")} == {
        f"beyond.{name}" for name in ("none", *CONDITIONS)
    }


def test_a_perfect_mimic_is_found_to_be_one() -> None:
    study = PersonalityAlignment(PersonalityAlignmentSettings.read(SMALL))
    people = study._people(np.random.default_rng(0))  # any people
    rows = [
        {
            "model": "m",
            "condition": name,
            "person": f"p{n}",
            "human": [int(v) for v in one],
            "answers": [int(v) for v in one],
        }
        for name in ("few_shot", "few_shot_misread")
        for n, one in enumerate(people)
    ]
    findings = study.measure(pl.DataFrame(rows))
    assert pick(findings, "mae.few_shot").estimate == 0
    assert pick(findings, "mae.few_shot_misread").estimate == 0
    assert pick(findings, "mae.few_shot_misread", "as_published").estimate > 1  # turned answers are no raw answers
    assert pick(findings, "mae.best_prompt").estimate == 0


def test_prompts_show_options_in_words_and_ask_by_letters() -> None:
    subject, writer = ScriptedModel(lambda _: "A"), ScriptedModel(lambda _: "You are calm.")
    study, table = run({"people": "3"}, {"subject": subject, "writer": writer})
    systems = {request.messages[0].content for request in subject.requests if request.messages[0].role == "system"}
    shots = [text for text in systems if "statements describe you" in text]
    assert len(shots) == 6
    assert all(text.count(": ") >= len(study.told) for text in shots)
    assert any('"You are calm."' in text for text in systems)
    assert "A = Very Accurate" in subject.requests[0].messages[-1].content
    asked = {row for row in table.filter(pl.col("condition") == "none")["answers"].to_list()[0] if row is not None}
    assert asked == {5}


def test_a_writer_who_writes_nothing_leaves_the_person_missing() -> None:
    study, table = run(
        {"people": "3"}, {"subject": ScriptedModel(lambda _: "B"), "writer": ScriptedModel(lambda _: " ")}
    )
    failed = table.filter(pl.col("condition") == "description")
    assert set(failed["status"].to_list()) == {"failed"}
    assert pick(study.measure(table), "mae.description").missing == 3


def test_unanswered_items_are_missing_and_not_three() -> None:
    def reply(request: Request) -> str:
        return "I cannot say." if "Statement: " in request.messages[-1].content else "You are calm."

    study, table = run({"people": "3"}, {name: ScriptedModel(reply) for name in ("subject", "writer")})
    assert np.isnan(pick(study.measure(table), "mae.few_shot").estimate)


def test_the_command_runs_reports_and_replays(tmp_path: Path) -> None:
    small = [word for name, value in SMALL.items() for word in ("-P", f"{name}={value}")]
    ran = personae("paper", "run", "personality_alignment", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "own_domain_mean" in page
    (tmp_path / "data").mkdir()
    replayed = personae("paper", "replay", "personality_alignment", str(write_records(tmp_path / "data")), "--json")
    assert replayed.code == 0, replayed.err
    assert "alpha_turned_again.A" in replayed.out


def test_records_of_other_items_are_refused(tmp_path: Path) -> None:
    study = PersonalityAlignment(PersonalityAlignmentSettings.read({**SMALL, "data": str(write_records(tmp_path))}))
    with pytest.raises(InputError, match="other items"):
        study.design(np.random.default_rng(0))
