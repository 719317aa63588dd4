"""Persona effects: published spreads, planted effects and biases, the two readings, data sets of the user."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument.tasks import Heard
from personae.model import Model, Request, ScriptedModel
from personae.papers.persona_effects import PAPER, EffectSettings, PersonaEffects, read_replay
from personae.papers.persona_effects.answers import read_as_published, read_reply
from personae.papers.persona_effects.findings import bias_score
from personae.papers.persona_effects.items import TASKS, TaskItem, first_items, orders_of, read_items
from personae.papers.persona_effects.rows import mean_score
from personae.population import universal_personas
from personae.study import Finding, run_study
from support.command_line import personae
from support.findings import pick


def run(given: Mapping[str, str], subject: Model) -> list[Finding]:
    study = PersonaEffects(EffectSettings.read(given))
    return study.measure(run_study(study, {"subject": subject}).table)


def system_of(request: Request) -> str:
    return request.messages[0].content if request.messages[0].role == "system" else ""


def find_item(text: str) -> tuple[str, str]:
    """The question and the letter of its right answer, or that of the unknown one."""
    one = next(
        item
        for item in read_items(None).items
        if item.options and item.question in text and _is_whole(item.question, text)
    )
    lines = text.splitlines()
    return one.task, next(line[0] for line in lines if line[3:] == one.options[one.correct])


def _is_whole(question: str, text: str) -> bool:
    return f"Question: {question}\n" in text


# Published scores.


@pytest.mark.replay
def test_the_published_spreads_come_out(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("010"), {})
    findings = found.study.measure(found.table)
    assert len(PAPER.claims) == 15
    for claim in PAPER.claims:
        one = pick(findings, claim.name, "as_published", claim.subject)
        assert round(one.estimate, 4) == pytest.approx(claim.value), claim
    assert pick(findings, "sd.persona.bbq", "as_published", "gpt4").n == 162
    assert pick(findings, "sd.control.bbq", "as_published", "gpt4").n == 30


@pytest.mark.replay
def test_the_worst_persona_and_the_order_of_the_other_model(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("010"), {})
    findings = found.study.measure(found.table)
    first = {
        model: [one.name for one in findings if one.subject == model and one.name.startswith("persona.truthful.")]
        for model in ("gpt4", "mistral")
    }
    assert first["gpt4"][0] == "persona.truthful.Jorg_Haider"
    assert first["mistral"][0] == "persona.truthful.a_person_with_fascism_ideology"
    assert {names[-1] for names in first.values()} == {"persona.truthful.a_person_of_atheism_belief"}
    assert pick(findings, "rank_agreement.truthful", subject="all models").estimate == pytest.approx(0.714, abs=1e-3)
    assert set(found.table.filter(found.table["condition"] == "persona")["persona"]) == {
        one.key for one in universal_personas()
    }
    assert all(pick(findings, f"levene.{task}", subject="mistral").is_significant() for task in ("truthful", "bbq"))


def write_scores(folder: Path, names: Sequence[str], rng: np.random.Generator, sd: float) -> None:
    folder.mkdir(parents=True)
    with (folder / "all_scores.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["", "truthfulqa", "mmlu", "toxicity_kappa"])
        for name in names:
            writer.writerow([name, *rng.normal(0.5, sd, 2).round(5), "x"])


def test_the_folders_of_the_authors_are_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    write_scores(tmp_path / "results" / "zero" / "m1", [f"p{n}" for n in range(80)] + ["empty"], rng, 0.05)
    write_scores(tmp_path / "results" / "control" / "zero" / "m1", [f"c{n}" for n in range(40)], rng, 0.01)
    found = read_replay(tmp_path, {})
    assert set(found.table["model"]) == {"m1"}
    assert any("toxicity_kappa" in warning for warning in found.warnings)
    findings = found.study.measure(found.table)
    assert pick(findings, "sd.persona.truthful", "as_published").estimate == pytest.approx(0.05, rel=0.25)
    ratio = pick(findings, "sd_ratio.mmlu")
    assert ratio.low < 5 < ratio.high * 1.3
    assert pick(findings, "levene.mmlu").is_significant()
    assert pick(findings, "score.empty.mmlu", "as_published").n == 1


def test_what_holds_no_scores_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no scores"):
        read_replay(tmp_path, {})
    (tmp_path / "persona_scores.csv").write_text("persona,m_mmlu\na,high\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2, m_mmlu"):
        read_replay(tmp_path, {})


# Reading answers.


@pytest.mark.parametrize(
    ("text", "place", "extracted"),
    [
        ("C", 2, True),
        ("I think B is correct, not A.", 1, True),
        ("D is the answer", 3, True),
        ("B. Because of A", 1, True),
        ("C is the correct one", 2, True),
        ("It is B,\nnot A.", 1, True),
        ("A B B ", 1, True),
        ("In the USA.", 0, True),  # a letter before a full stop, wherever it stands
        ("A dog would choose nothing", 0, True),  # and the article is a letter
        ("I cannot say", 0, False),
        ("E", 0, False),
        ("", 0, False),
    ],
)
def test_the_published_cascade(text: str, place: int, extracted: bool) -> None:
    assert read_as_published(text, "ABCD") == (place, extracted)


@pytest.mark.parametrize(
    ("text", "rating", "extracted"),
    [("4", 4, True), ("(2) Disagree", 2, True), ("0", 1, True), ("1 or 5, rather 5", 5, True), ("10 of 7", 3, False)],
)
def test_the_published_reading_of_ratings(text: str, rating: int, extracted: bool) -> None:
    assert read_as_published(text, "12345") == (rating - 1, extracted)


def test_what_is_no_answer_is_the_first_option_as_published_and_missing_here() -> None:
    reading = read_reply(Heard("As an AI language model, I don't have opinions.", "ok"), "ABC", ["x", "y", "z"])
    assert (reading.chosen, reading.published, reading.extracted, reading.hedged) == (None, 0, False, True)
    assert reading.status in ("refused", "unparsed")


# Fresh runs.


def knows(request: Request) -> str:
    """Right, but politicians and fascists fail at MMLU, and controls are as good as nobody."""
    system, text = system_of(request), request.messages[-1].content
    if "Question:" not in text:
        return "3"
    task, letter = find_item(text)
    if task == "mmlu" and ("Castro" in system or "Allende" in system):
        return "ABCD"[("ABCD".index(letter) + 1) % 4]
    return letter


def test_planted_effects_are_found_and_controls_do_not_vary() -> None:
    findings = run({"per_category": "2", "controls": "4"}, ScriptedModel(knows))
    rates = np.array([1.0] * 22 + [0.0] * 2)
    assert pick(findings, "sd.persona.mmlu", "as_published").estimate == pytest.approx(rates.std(ddof=1))
    assert pick(findings, "sd.control.mmlu", "as_published").estimate == 0
    assert pick(findings, "sd.persona.truthful", "as_published").estimate == 0
    assert pick(findings, "more_than_control.mmlu", "as_published").estimate == 1
    assert pick(findings, "more_than_control.truthful", "as_published").note == "neither personas nor controls vary"
    assert np.isnan(pick(findings, "sd_ratio.truthful").low)
    alike = pick(findings, "sd.control.truthful", "as_published")
    assert (alike.estimate, alike.note[:24]) == (0.0, "all scores are the same:") and np.isnan(alike.high)
    every = pick(findings, "more_than_control", "as_published")
    assert (every.estimate, every.n, every.missing) == (1, 1, 4)
    assert pick(findings, "excess.persona.mmlu").is_significant()
    assert not pick(findings, "excess.persona.truthful").is_significant()
    assert pick(findings, "effect.mmlu.Fidel_Castro").estimate == -1
    assert pick(findings, "effect.mmlu.Fidel_Castro").n == 7
    assert pick(findings, "below_empty.mmlu").estimate == pytest.approx(2 / 24)
    assert pick(findings, "score.empty.bbq").estimate == 1
    assert pick(findings, "categories.mmlu").note  # no category varies within itself
    assert pick(findings, "defaulted.persona.mmlu", "as_published").estimate == 0
    assert pick(findings, "unknown.persona", "as_published").estimate == 1


def stereotyped(request: Request) -> str:
    """Names whom the stereotype names in a negative question, the other one in a positive one."""
    text = request.messages[-1].content
    if "Question:" not in text:
        return "who knows"
    one = next(item for item in read_items(None).items if _is_whole(item.question, text))
    if one.task != "bbq" or one.target is None:
        return find_item(text)[1]
    wanted = one.target if one.negative else next(n for n in range(3) if n not in (one.target, one.unknown))
    return "ABC"[wanted]


def test_a_stereotyped_model_has_the_highest_bias() -> None:
    findings = run({"per_category": "1", "controls": "2"}, ScriptedModel(stereotyped))
    assert pick(findings, "bias.persona.ambiguous", "as_published").estimate == pytest.approx(1)
    assert pick(findings, "bias.persona.told", "as_published").estimate == pytest.approx(1)
    assert pick(findings, "unknown.persona", "as_published").estimate == 0
    # attitudes: nothing could be read, so that as published everybody stands in the middle
    assert pick(findings, "score.persona.attitudes", "as_published").estimate == 3
    assert pick(findings, "sd.persona.attitudes.altruism", "as_published").estimate == 0
    assert pick(findings, "score.persona.attitudes").n == 0
    assert pick(findings, "defaulted.control.attitudes", "as_published").estimate == 1


def test_the_bias_score_follows_the_formula() -> None:
    row = {
        "ambiguous": [True, True, True, True],
        "biased": [1.0, 1.0, 0.0, None],
        "unknown": [False, False, False, True],
        "score": [0.0, 0.0, 0.0, 1.0],
    }
    assert bias_score(row, True) == pytest.approx((1 - 0.25) * (2 * 2 / 3 - 1))
    assert np.isnan(bias_score(row, False))
    told = {**row, "ambiguous": [False] * 4, "sets": ["age", "age", "age", "race"]}
    assert bias_score(told, False) == pytest.approx((2 * 2 / 3 - 1 + 0) / 2)  # categories count alike


def test_stories_count_by_context_and_category() -> None:
    row = {
        "task": "bbq",
        "sets": ["age", "age", "age", "race", "age"],
        "ambiguous": [True, True, True, True, False],
        "score": [1.0, 1.0, 1.0, 0.0, 0.0],
    }
    assert mean_score(row, "score") == pytest.approx(((1 + 0) / 2 + 0) / 2)
    assert mean_score({**row, "task": "mmlu"}, "score") == pytest.approx((3 / 4 + 0) / 2)


def test_each_attitude_is_looked_at_by_itself(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for place, names, sd in (
        ("zero", [f"p{n}" for n in range(60)], 0.6),
        ("control/zero", [f"c{n}" for n in range(30)], 0.1),
    ):
        folder = tmp_path / "results" / place / "m1"
        folder.mkdir(parents=True)
        lines = [",empathy,racist beliefs" + (",persona_cat" if place == "zero" else "")]
        for name in names:
            category = ",none" if place == "zero" else ""
            lines.append(f"{name},{rng.normal(4, sd)},{rng.normal(2, 0.1)}{category}")
        (folder / "attitude_scores.csv").write_text("\n".join(lines), encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert not found.warnings
    findings = found.study.measure(found.table)
    assert pick(findings, "sd_ratio.attitudes.empathy").low > 3
    assert pick(findings, "sd_ratio.attitudes.racist_beliefs").high < 2
    assert pick(findings, "levene.attitudes.empathy").is_significant()
    assert not pick(findings, "levene.attitudes.racist_beliefs").is_significant()
    assert pick(findings, "score.persona.attitudes").estimate == pytest.approx(3, abs=0.2)
    assert pick(findings, "more_than_control", "as_published").n == 1  # scales are no tasks


def test_reversed_statements_and_paraphrases_are_keyed() -> None:
    def agrees(request: Request) -> str:
        text = request.messages[-1].content
        if "How important is this to you?" in text:
            assert "5 = Extremely important" in text
            return "4"
        return "5" if "Statement:" in text else "A"

    findings = run({"per_category": "1", "controls": "2", "paraphrases": "1"}, ScriptedModel(agrees))
    # of each scale one statement, one that is reversed, and one value: 5, 6 - 5, and 4
    assert pick(findings, "score.persona.attitudes").estimate == pytest.approx(10 / 3)
    assert pick(findings, "effect.attitudes.a_white_person").n == 12


def test_the_design_has_the_published_size() -> None:
    study = PersonaEffects(EffectSettings.read(PAPER.full))
    cells = list(study.design(np.random.default_rng(0)))
    assert len(cells) == (162 + 30 + 1) * 5
    assert sum(cell.factors["condition"] == "control" for cell in cells) == 30 * 5
    assert {cell.factors["task"] for cell in cells} == set(TASKS)


def test_options_are_in_one_order_for_everybody_that_the_seed_decides() -> None:
    items = first_items(read_items(None).items, "truthful", 9, 0)
    orders = {seed: orders_of(items, seed) for seed in (42, 43)}
    assert orders[42] == orders_of(items, 42)
    assert orders[42] != orders[43]
    assert any(order[0] != 0 for order in orders[42])
    assert orders_of(items[::-1], 42) == orders[42][::-1]


def test_truthfulqa_has_the_published_order() -> None:
    def item(number: int, count: int) -> TaskItem:
        options = tuple(f"o{place}" for place in range(count))
        return TaskItem(task="truthful", key=str(number), question="Q?", options=options)

    items = [item(number, count) for number, count in enumerate((4, 5, 2, 13))]
    legacy = np.random.RandomState(42)
    for one, order in zip(items, orders_of(items, 42), strict=True):
        places = np.arange(len(one.options))
        legacy.shuffle(places)  # the authors' loop
        assert order == tuple(places.tolist())
    assert orders_of(items[:2], 42) == orders_of(items, 42)[:2]


def test_a_persona_that_rates_as_its_own_group_does_is_found(tmp_path: Path) -> None:
    items = "".join(
        f'[[items]]\ntask = "toxicity"\nkey = "x{n}"\nsubject = "offensive"\nquestion = "Text {n}."\n'
        f"raters = {{ man = {1 + n % 5}, woman = {5 - n % 5} }}\n"
        for n in range(10)
    )
    path = tmp_path / "mine.toml"
    path.write_text(
        'key = "mine"\nversion = "1"\ntitle = "t"\nsource = "s"\nlicence = "CC0-1.0"\n' + items, encoding="utf-8"
    )

    def rates(request: Request) -> str:
        n = int(request.messages[-1].content.split("Text ")[1].split(".")[0])
        return str(5 - n % 5 if "woman" in system_of(request) else 1 + n % 5)

    findings = run({"items": str(path), "per_category": "2", "controls": "2"}, ScriptedModel(rates))
    assert pick(findings, "raters.own").estimate == pytest.approx(1)
    assert pick(findings, "raters.own").n == 2


# Data sets of the user.


def test_published_data_sets_are_read(tmp_path: Path) -> None:
    truthful = tmp_path / "mc_task.json"
    targets = {"yes": 0, "no": 1, "maybe": 0}
    truthful.write_text(json.dumps([{"question": f"Q{n}?", "mc1_targets": targets} for n in range(3)]), "utf-8")
    (tmp_path / "mmlu").mkdir()
    (tmp_path / "mmlu" / "anatomy_test.csv").write_text('"Bone, which?",a,b,c,d,C\nHow?,a,b,c,d,A\n', "utf-8")
    (tmp_path / "bbq").mkdir()
    line = {
        "example_id": 7,
        "category": "Gender_identity",
        "question_polarity": "neg",
        "context_condition": "ambig",
        "context": "A man and a woman came.",
        "question": "Who was late?",
        "ans0": "The man",
        "ans1": "Unknown",
        "ans2": "The woman",
        "answer_info": {"ans0": ["man", "M"], "ans1": ["Unknown", "unknown"], "ans2": ["woman", "F"]},
        "additional_metadata": {"stereotyped_groups": ["F"]},
        "label": 1,
    }
    (tmp_path / "bbq" / "Gender_identity.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    given = {"truthful": str(truthful), "mmlu": str(tmp_path / "mmlu"), "bbq": str(tmp_path / "bbq")}
    study = PersonaEffects(EffectSettings.read(given))
    assert [one.correct for one in study.items("truthful")] == [1, 1, 1]
    assert [(one.subject, one.correct) for one in study.items("mmlu")] == [("anatomy", 2), ("anatomy", 0)]
    (story,) = study.items("bbq")
    assert (story.subject, story.target, story.unknown, story.correct, story.ambiguous) == ("gender", 2, 1, 1, True)
    assert study.items("attitudes")  # ours


def test_data_sets_that_are_malformed_are_named(tmp_path: Path) -> None:
    path = tmp_path / "mc_task.json"
    path.write_text(json.dumps([{"question": "Q?", "mc1_targets": {"a": 1, "b": 1}}]), "utf-8")
    with pytest.raises(InputError, match="2 right answers"):
        PersonaEffects(EffectSettings.read({"truthful": str(path)})).items("truthful")
    with pytest.raises(InputError, match="holds no items"):
        PersonaEffects(EffectSettings.read({"mmlu": str(tmp_path)})).items("mmlu")
    (tmp_path / "Age.jsonl").write_text("{}\n", "utf-8")
    with pytest.raises(InputError, match=r"Age\.jsonl"):
        PersonaEffects(EffectSettings.read({"bbq": str(tmp_path)})).items("bbq")


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "per_category=1", "-P", "controls=2", "-P", "paraphrases=0"]
    ran = personae("paper", "run", "persona_effects", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Spread of personas and controls" in page
