"""Assessing groups: reading degrees, replacing subjects, planted differences, replay."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Request, ScriptedModel, open_model
from personae.papers.assess_humans import (
    AssessHumans,
    AssessSettings,
    about,
    read_correctness,
    read_replay,
    read_statements,
    similarity,
    sixty_key,
)
from personae.papers.assess_humans.findings import percentages
from personae.papers.assess_humans.metrics import distance_of_means, distances_to_mean, expected_by_noise
from personae.study import Finding, run_study
from support.command_line import personae


def pick(findings: Sequence[Finding], name: str) -> Finding:
    (one,) = [one for one in findings if one.name == name]
    return one


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('The statement "men regularly make new friends" is generally correct. So, it\'s not always correct.', 2),
        ('The statement "it is wrong to worry" is partially correct.', 1),
        ("It is neither correct nor wrong. It is a generalization.", 0),
        ("Partially wrong, as some people do.", -1),
        ("Generally Wrong.", -2),
        ("This is incorrect.", -3),
        ("Correct", 3),
        ("It is not correct. It is partially wrong.", -1),
        ("This isn't entirely correct; it is generally correct.", 2),
        ("Hard to say.", None),
        ("", None),
    ],
)
def test_a_degree_is_the_first_one_named_the_longest_first(text: str, value: int | None) -> None:
    assert read_correctness(text).value == value


def test_statements_are_about_a_group() -> None:
    form = load_instrument("mini-ipip-20")
    statements = {item: about(form, item, "doctors") for item in form.items}
    assert statements["1"] == "Doctors are the life of the party."
    assert all(text.startswith("Doctors ") and text.endswith(".") for text in statements.values())
    assert not any(f" {word} " in text for text in statements.values() for word in ("I", "my", "myself", "am"))


def test_sixty_lines_take_our_key(tmp_path: Path) -> None:
    path = tmp_path / "sixty.txt"
    path.write_text("\n".join(f" %s do thing {n}." for n in range(1, 61)), encoding="utf-8")
    form = read_statements(str(path))
    assert about(form, "3", "men") == "Men do thing 3."
    assert [len(scale.items) for scale in form.scales] == [12] * 5
    assert sorted(int(item) for scale in form.scales for item in scale.items) == list(range(1, 61))
    path = tmp_path / "short.txt"
    path.write_text("%s are few.", encoding="utf-8")
    with pytest.raises(InputError, match="has 1 statements; write 60 lines"):
        read_statements(str(path))


def test_a_table_of_statements_has_its_own_scales(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("text,scale,reverse\n%s like noise.,loud,\n%s like silence.,loud,yes\n", encoding="utf-8")
    form = read_statements(str(path))
    assert form.bounds("1") == (-3, 3)
    np.testing.assert_allclose(
        percentages(np.array([[3.0, -3], [0, 0], [-3, 3], [3, 3]]), form)[:, 0], [100, 50, 0, 50]
    )


def test_a_scale_is_scored_from_half_of_its_statements() -> None:
    answers = np.full((2, 60), np.nan)
    energy = [int(item) - 1 for item in sixty_key().scale("energy").items]
    answers[0, energy[:6]] = 3
    answers[1, energy[:5]] = 3
    found = percentages(answers, sixty_key())
    assert np.isfinite(found[0, 0])
    assert np.isnan(found[1, 0])


def test_distances_and_scores() -> None:
    runs = np.array([[0.0, 0], [6, 8], [np.nan, 1]])
    np.testing.assert_allclose(distances_to_mean(runs), [5, 5])
    assert distance_of_means(runs, np.array([[3.0, 4]])) == 0
    assert similarity(10, 10) == 0.5
    rng = np.random.default_rng(0)
    found = [distance_of_means(*rng.normal(size=(2, 5, 4))) for _ in range(2000)]
    expected = [expected_by_noise(*rng.normal(size=(2, 5, 4))) for _ in range(2000)]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(np.sqrt(np.mean(np.square(expected))), rel=0.05)


SMALL = {"subjects": "men,women", "pairs": "men-women", "runs": "2"}


def planted(request: Request) -> str:
    """Say of women that everything is correct and of men that everything is wrong."""
    word = "correct" if "Statement: Women" in request.messages[-1].content else "wrong"
    return f"The statement is {word}. It is hard to say why."


def test_planted_differences_between_groups_are_found() -> None:
    study = AssessHumans(AssessSettings.read(SMALL))
    subject = ScriptedModel(planted)
    findings = study.measure(run_study(study, {"subject": subject}).table)
    # openness has one item for it and three against it: agreeing with all of them gives 25 percent
    assert pick(findings, "percent.intellect.women").estimate == pytest.approx(25)
    assert pick(findings, "percent.intellect.men").estimate == pytest.approx(75)
    assert pick(findings, "s_c").estimate == 1
    assert pick(findings, "s_r").estimate == 1
    assert pick(findings, "s_f").estimate < 0.5
    assert pick(findings, "difference.intellect.men-women").estimate == pytest.approx(50)
    assert pick(findings, "distance.groups.men-women").estimate == pytest.approx(50)
    assert pick(findings, "read").estimate == 1
    prompts = [request.messages[-1].content for request in subject.requests]
    orders = {prompt.partition("\n\nA = ")[2] for prompt in prompts}
    assert len(orders) > 20
    assert sum(prompt.endswith("G = wrong") and "\n\nA = correct\n" in prompt for prompt in prompts) >= len(prompts) / 2


def test_a_preference_for_the_first_place_is_found() -> None:
    study = AssessHumans(AssessSettings.read(SMALL))
    findings = study.measure(run_study(study, {"subject": ScriptedModel(lambda _: "A")}).table)
    assert pick(findings, "first_listed").estimate == 1
    assert pick(findings, "s_r").estimate < 1


def test_the_simulated_respondent_goes_by_the_words_of_shuffled_degrees() -> None:
    study = AssessHumans(AssessSettings.read({**SMALL, "runs": "3"}))
    findings = study.measure(run_study(study, {"subject": open_model("sim")}).table)
    assert pick(findings, "read").estimate == 1
    assert 0.05 < pick(findings, "first_listed").estimate < 0.3


def test_published_answers_are_read_and_scored(tmp_path: Path) -> None:
    folder = tmp_path / "ChatGPT"
    folder.mkdir()
    energy = sixty_key().scale("energy")
    keyed = sixty_key().keying(energy)
    rows = []
    for number in range(1, 61):
        sign = keyed.get(str(number), 0)
        answer = {1: "It’s generally correct.", -1: "This is generally wrong.", 0: "Neither correct nor wrong."}[sign]
        rows.append([f"{number}. Is it correct? people do.", answer, "", f"{number}. Is it? men do.", "No idea."])
    text = "people,Answers,,men,Answers\n"
    with (folder / "answer.csv").open("w", newline="", encoding="cp1252") as file:
        file.write(text)
        csv.writer(file).writerows(rows)
    found = read_replay(tmp_path, {})
    assert found.table.select("model", "subject").rows() == [("ChatGPT", "people"), ("ChatGPT", "men")]
    findings = found.study.measure(found.table)
    assert pick(findings, "percent.energy.people.published").estimate == pytest.approx(50 + 50 * 2 / 3)
    assert pick(findings, "percent.mind.people.published").estimate == 50
    men = pick(findings, "percent.energy.men.published")
    assert (men.n, men.missing) == (0, 1)
    whole = [one for one in findings if one.name == "read" and one.subject == "all models"]
    assert whole[0].estimate == 0.5


def test_a_folder_without_answers_says_what_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no answers about groups"):
        read_replay(tmp_path, {})


def test_pairs_are_pairs() -> None:
    with pytest.raises(InputError, match="'men' is no pair"):
        AssessSettings.read({"pairs": "men"})


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    words = ["paper", "run", "assess_humans", "--model", "sim", "-P", "runs=2", "-P", "subjects=men,women"]
    ran = personae(*words, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    assert "SIMULATED" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
