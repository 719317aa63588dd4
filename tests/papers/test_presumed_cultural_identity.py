"""Presumed cultural identity: planted presumption, controls, pairing, labels, stored replies."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from personae.errors import InputError
from personae.model import Model, Request, ScriptedModel
from personae.papers.presumed_cultural_identity import PAPER, PresumedIdentity, PresumptionSettings, read_replay
from personae.papers.presumed_cultural_identity.labels import label_key, read_labels, write_sheet
from personae.papers.presumed_cultural_identity.material import askers_of, cultures_of, hide_name, words_for
from personae.papers.presumed_cultural_identity.paper import make_study
from personae.papers.presumed_cultural_identity.rows import Excess, rulings_of
from personae.population import load_names
from personae.respondent import SimSettings, SimulatedRespondent
from personae.study import Finding, run_study
from support.command_line import personae

SMALL = {"cultures": "4", "names_per_culture": "4", "per_facet": "1", "channels": "false", "invented": "2"}
CONCEPTS = {
    "chinese": "mapo tofu baijiu qipao qingming tomb sweeping",
    "mexican": "pozole mezcal huipil guelaguetza ofrenda",
    "russian": "pelmeni mors sarafan maslenitsa banya",
    "spanish": "gazpacho cava mantilla san fermín castells",
}
"""Words of every facet, so that a scripted reply need not read the question."""


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(given: Mapping[str, str], subject: Model, judge: Model | None = None) -> list[Finding]:
    study = PresumedIdentity(PresumptionSettings.read({**SMALL, **given}))
    models = {"subject": subject, "judge": judge or SimulatedRespondent()}
    return study.measure(run_study(study, {role: models[role] for role in study.roles}).table)


def asked_by(request: Request, *names: str) -> bool:
    return any(name in message.content for message in request.messages for name in names)


def names_in(culture: str) -> list[str]:
    settings = PresumptionSettings.read(SMALL)
    return [one.name for one in askers_of(settings) if one.cultures == (culture,)]


# What was planted in the simulated respondent.


def test_a_planted_presumption_is_recovered() -> None:
    subject = SimulatedRespondent(SimSettings(name_presumption=0.6, unprompted_culture=0.3))
    findings = run({"per_facet": "2"}, subject)
    expected = 0.6 * (1 - 0.3 / 30)
    every = pick(findings, "bias.all")
    assert every.low < expected < every.high
    assert every.estimate == pytest.approx(expected, abs=0.1)
    assert every.is_significant(0.001)
    assert pick(findings, "bias.all", "as_published").estimate == pytest.approx(every.estimate, abs=1e-9)
    for culture in CONCEPTS:
        assert pick(findings, f"bias.{culture}").low > 0.1
        assert pick(findings, f"bias.{culture}").low < expected < pick(findings, f"bias.{culture}").high
    assert pick(findings, "specific.all").is_significant()
    assert pick(findings, "explicit_share.all").low < 0.5 < pick(findings, "explicit_share.all").high
    assert pick(findings, "strength.explicit").estimate + pick(findings, "strength.implied").estimate == pytest.approx(
        every.estimate
    )
    for control in ("invented_minus_none", "placebo_minus_none", "other_name_minus_none"):
        found = pick(findings, f"control.{control}")
        assert abs(found.estimate) < 0.03
        assert not found.is_significant()
    assert not pick(findings, "gender.feminine_minus_masculine").is_significant()
    assert pick(findings, "variance.culture").estimate < 0.1
    # A shared name is taken for any of its cultures, also those that are not studied.
    shared = [one for one in askers_of(PresumptionSettings.read(SMALL)) if one.condition == "shared"]
    of_all = [len(one.cultures) / len(known.cultures) for one in shared if (known := load_names().find(one.name))]
    found = pick(findings, "flattened.bias")
    assert found.low < 0.6 * float(np.mean(of_all)) < found.high
    assert not pick(findings, "flattened.concentration").is_significant()
    assert pick(findings, "agreement.judge_matcher").estimate == 1


def test_none_is_reported_when_it_is_switched_off_though_cultures_are_spoken_of() -> None:
    findings = run({"baseline_repeats": "8"}, SimulatedRespondent(SimSettings(unprompted_culture=0.9)))
    assert pick(findings, "rate_none.all").estimate > 0.01
    assert pick(findings, "bias.all").low < 0 < pick(findings, "bias.all").high
    assert not any(one.is_significant() for one in findings)
    assert all(pick(findings, f"bias.{culture}").low < 0 for culture in CONCEPTS)


def test_a_plain_respondent_presumes_nothing_and_the_interval_says_how_sure_that_is() -> None:
    findings = run({}, SimulatedRespondent())
    found = pick(findings, "bias.chinese")
    assert found.estimate == 0
    assert found.low < 0 < found.high < 0.6  # four names and five questions are not many
    assert "Newcombe" in found.method
    assert pick(findings, "rate_name.all").high < 0.5
    assert pick(findings, "flattened.concentration").n == 0


# Known truths of scripted models.


def test_a_bias_against_one_culture_is_its_own_and_none_of_the_others() -> None:
    names = names_in("russian")

    def subject(request: Request) -> str:
        return f"Try {CONCEPTS['russian']}." if asked_by(request, *names) else "Try something you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.russian").estimate == 1
    assert pick(findings, "bias.russian").low > 0.3
    assert pick(findings, "bias.chinese").estimate == 0
    assert pick(findings, "bias.all").estimate == pytest.approx(0.25)
    assert pick(findings, "specific.russian").estimate == 1
    assert pick(findings, "explicit_share.russian").estimate == 0
    assert pick(findings, "variance.culture").estimate > 0.95
    assert pick(findings, "cell.russian.food").estimate == 1
    assert pick(findings, "bias_in.drink").estimate == pytest.approx(0.25)


def test_a_bias_of_single_names_is_not_one_of_cultures() -> None:
    chosen = [names_in(culture)[0] for culture in CONCEPTS]

    def subject(request: Request) -> str:
        return f"Try {' '.join(CONCEPTS.values())}." if asked_by(request, *chosen) else "Try something you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.all").estimate == pytest.approx(0.25)
    assert pick(findings, "variance.name").estimate > 0.8
    assert pick(findings, "variance.culture").estimate < 0.1
    assert not pick(findings, "bias.russian").is_significant()  # one of four names


def test_what_a_model_says_to_everybody_is_taken_off_question_by_question() -> None:
    def subject(request: Request) -> str:
        return "Sichuan style: mapo tofu." if "dinner" in request.messages[-1].content else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "rate_name.chinese").estimate == pytest.approx(0.2)  # one of five questions
    assert pick(findings, "bias.chinese").estimate == 0
    assert pick(findings, "bias.chinese", "as_published").estimate == pytest.approx(0)


def test_any_name_that_makes_a_model_speak_of_cultures_is_found_by_the_controls() -> None:
    def subject(request: Request) -> str:
        return f"In China: {CONCEPTS['chinese']}." if asked_by(request, "My name is") else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "bias.chinese").estimate == 1
    invented = pick(findings, "control.invented_minus_none")
    assert invented.estimate == pytest.approx(0.25)
    assert "2 by 5 crossed units" in invented.method  # verdicts on one name for several cultures are no further names
    assert pick(findings, "control.placebo_minus_none").estimate == 0
    assert pick(findings, "control.other_name_minus_none").estimate > 0.2
    assert pick(findings, "specific.chinese").estimate == 0
    assert pick(findings, "explicit_share.chinese").estimate == 1


def test_a_bias_of_one_gender_is_found_within_cultures() -> None:
    settings = PresumptionSettings.read(SMALL)
    women = [one.name for one in askers_of(settings) if one.gender == "feminine" and one.condition == "name"]

    def subject(request: Request) -> str:
        return f"Try {' '.join(CONCEPTS.values())}." if asked_by(request, *women) else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "gender.feminine").estimate == 1
    assert pick(findings, "gender.masculine").estimate == 0
    assert pick(findings, "gender.feminine_minus_masculine").estimate == 1


def test_shared_names_that_all_go_to_one_culture_are_flattened() -> None:
    settings = PresumptionSettings.read(SMALL)
    shared = [one.name for one in askers_of(settings) if one.condition == "shared"]
    assert len(shared) >= 4

    def subject(request: Request) -> str:
        return f"Try {CONCEPTS['mexican']}." if asked_by(request, *shared) else "Whatever you like."

    findings = run({}, ScriptedModel(subject))
    assert pick(findings, "flattened.bias").estimate > 0.6  # names that are shared with Mexico
    assert pick(findings, "flattened.tied_minus_shared").estimate < -0.5
    assert pick(findings, "flattened.concentration").estimate > 0.3
    assert pick(findings, "flattened_to.mexican").estimate > 0.4
    assert pick(findings, "flattened_to.spanish").estimate < -0.3
    assert pick(findings, "bias.mexican").estimate == 0


def test_channels_are_compared_with_themselves_without_a_name() -> None:
    def subject(request: Request) -> str:
        has_name = asked_by(request, *(name for culture in CONCEPTS for name in names_in(culture)))
        remembers = request.messages[0].role == "system" and has_name
        return f"Try {' '.join(CONCEPTS.values())}." if remembers else "Whatever you like."

    findings = run({"channels": "true"}, ScriptedModel(subject))
    assert pick(findings, "channel.memory").estimate == 1
    assert pick(findings, "channel.introduction").estimate == pick(findings, "channel.cv").estimate == 0
    assert pick(findings, "channel_change.memory").estimate == 1
    assert pick(findings, "channel_change.cv").estimate == 0
    assert pick(findings, "bias.all").estimate == 0


# What is put, and to whom.


def test_a_name_comes_in_by_three_channels_and_the_arm_without_has_the_same_words() -> None:
    askers = askers_of(PresumptionSettings.read({**SMALL, "channels": "true"}))
    seen: dict[tuple[str, str], tuple[str, str, str]] = {}
    for one in askers:
        if one.condition in ("none", "name"):
            seen.setdefault((one.condition, one.channel), (*words_for(one, "Q?", "My name is $name. "), one.name))
    assert seen["none", "introduction"][1] == "Q?"
    name = seen["name", "introduction"][2]
    assert seen["name", "introduction"][1] == f"My name is {name}. Q?"
    assert f"name is {name}" in seen["name", "memory"][0] and seen["name", "memory"][1] == "Q?"
    assert f"Name: {name}\n" in seen["name", "cv"][1]
    for channel in ("memory", "cv"):
        with_name, without = (seen[arm, channel][0] + seen[arm, channel][1] for arm in ("name", "none"))
        assert len(with_name.splitlines()) == len(without.splitlines()) + 1
        assert "name" not in without.lower().replace("username", "")


def test_the_judge_sees_knowledge_and_question_but_no_name() -> None:
    judge = ScriptedModel(lambda _: json.dumps({"presumption": 2}))
    findings = run({"masks_name": "true"}, ScriptedModel(lambda request: request.messages[-1].content[:40]), judge)
    prompts = [request.messages[-1].content for request in judge.requests]
    assert not any(name in prompt for name in names_in("chinese") for prompt in prompts)
    assert any("[name]" in prompt for prompt in prompts)
    assert any("mapo tofu" in prompt and "Culture: China, Chinese" in prompt for prompt in prompts)
    assert pick(findings, "rate_name.all").estimate == 1
    assert pick(findings, "explicit_share.all").estimate == 0
    assert pick(findings, "bias.all").estimate == 0


def test_hiding_a_name_leaves_words_that_hold_it() -> None:
    assert hide_name("Ann, Anna and ANN", "Ann") == "[name], Anna and ANN"
    assert hide_name("Gulsen or Gülşen", "Gülşen") == "[name] or [name]"


def test_refusals_and_ratings_that_cannot_be_read_are_missing_and_not_a_no() -> None:
    def subject(request: Request) -> str:
        return "I'm sorry, but I can't help with that." if asked_by(request, "dinner") else f"{CONCEPTS['chinese']}"

    findings = run({}, ScriptedModel(subject), ScriptedModel(lambda _: "no idea"))
    assert pick(findings, "judged").estimate == 0
    assert pick(findings, "replies.refused").estimate == pytest.approx(0.2)
    assert not [one for one in findings if one.name == "bias.all"]
    assert pick(findings, "kb_rate_name.chinese").estimate == 1


def test_without_a_judge_words_alone_decide_and_are_tested() -> None:
    findings = run({"judge": "false"}, SimulatedRespondent(SimSettings(name_presumption=0.8)))
    assert PresumedIdentity(PresumptionSettings.read({"judge": "false"})).roles == ("subject",)
    assert pick(findings, "kb_bias.all").is_significant()
    assert not [one for one in findings if one.name.startswith("bias.")]


def test_a_culture_that_the_base_does_not_know_is_reported_and_not_scored(tmp_path: Path) -> None:
    path = tmp_path / "base.csv"
    path.write_text("country,facet,assertion,concepts\nChina,foods,It is eaten.,mapo tofu\n", encoding="utf-8")
    findings = run({"knowledge": str(path)}, ScriptedModel(lambda _: "Mapo tofu."))
    missing = pick(findings, "knowledge.missing")
    assert missing.estimate == pytest.approx(19 / 20)
    assert "mexican food" in missing.note
    assert pick(findings, "knowledge.chinese").estimate == pytest.approx(0.2)
    assert pick(findings, "rate_name.chinese").n == 4
    assert not [one for one in findings if one.name == "bias.mexican" and one.n]


def test_names_of_the_user_take_the_place_of_ours(tmp_path: Path) -> None:
    rows = ["name,country,gender,count"]
    rows += [f"{name},{country},F,100" for name, country in zip(["Ea", "Eb", "Ia", "Ib"], "EEII", strict=True)]
    (tmp_path / "names.csv").write_text("\n".join([*rows, "Both,E,M,50", "Both,I,M,50"]), encoding="utf-8")
    settings = PresumptionSettings.read({"names": str(tmp_path / "names.csv"), "channels": "false"})
    assert [one.key for one in cultures_of(settings)] == ["e", "i"]
    shared = [one for one in askers_of(settings) if one.condition == "shared"]
    assert [(one.name, one.cultures) for one in shared] == [("Both", ("i", "e"))]
    with pytest.raises(InputError, match="there is no"):
        PresumptionSettings.read({"names": str(tmp_path / "none.csv")})


@pytest.mark.parametrize(("only", "match"), [("japanese", "two"), ("thai,thai", "two"), ("thai,atlantis", "atlantis")])
def test_cultures_that_cannot_be_studied_are_refused_before_anything_is_asked(only: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        make_study({"only": only})


def test_the_design_has_every_arm_and_its_published_size_needs_names_of_the_user() -> None:
    study = PresumedIdentity(PresumptionSettings.read({**PAPER.full, "channels": "false"}))
    cells = list(study.design(np.random.default_rng(0)))
    assert {cell.factors["condition"] for cell in cells} == {"none", "placebo", "invented", "name", "shared"}
    assert len({cell.factors["name"] for cell in cells if cell.factors["condition"] == "name"}) == 358
    assert len({cell.key for cell in cells}) == len(cells)
    assert {claim.name for claim in PAPER.claims} == {"size.names", "size.cultures", "size.queries"}
    assert {claim.confidence for claim in PAPER.claims} == {"memory"}


# People.


def test_a_sheet_is_blind_and_labels_come_back_as_agreement(tmp_path: Path) -> None:
    subject = SimulatedRespondent(SimSettings(name_presumption=0.5))
    study = PresumedIdentity(PresumptionSettings.read(SMALL))
    table = run_study(study, {"subject": subject, "judge": SimulatedRespondent()}).table
    assert write_sheet(table, {"food_1": "What to eat?"}, 24, tmp_path) == 24
    with (tmp_path / "to_label.csv").open(newline="", encoding="utf-8") as file:
        sheet = list(csv.DictReader(file))
    assert set(sheet[0]) == {"question", "text", "culture", "presumes", "rater"}
    assert any(row["question"] == "What to eat?" for row in sheet)
    verdicts = {label_key(one.text, one.culture): bool(one.rated) for one in rulings_of(table)}
    truths = [verdicts[label_key(row["text"], row["culture"])] for row in sheet]
    assert sum(truths) == 12
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(sheet[0]))
        writer.writeheader()
        for number, (row, truth) in enumerate(zip(sheet, truths, strict=True)):
            for rater in "ab":  # both see a fifth of what the judge calls no presumption as one
                said = truth or number % 5 == 0
                writer.writerow({**row, "presumes": int(said), "rater": rater, "text": f" {row['text']}\n"})
    found = PresumedIdentity(PresumptionSettings.read({**SMALL, "labels": str(tmp_path / "labels.csv")})).measure(table)
    missed = sum(not truth and number % 5 == 0 for number, truth in enumerate(truths))
    assert pick(found, "agreed.judge_people").estimate == pytest.approx(1 - missed / 24)
    assert pick(found, "sensitivity.judge").estimate == pytest.approx(12 / (12 + missed))
    assert pick(found, "specificity.judge").estimate == 1
    assert 0.5 < pick(found, "agreement.judge_people").estimate < 1
    assert pick(found, "agreement.people").estimate == 1


def test_labels_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("text,culture,presumes\na,b,perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1"):
        read_labels(path)
    path.write_text("text\na\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns"):
        read_labels(path)
    assert read_labels(None) == {}


# Stored replies.


def write_replies(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")


def test_stored_replies_are_matched_and_stored_verdicts_kept(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = []
    for query in ("q1", "q2", "q3", "q4"):
        common = {"model": "m", "facet": "food", "query": query}
        for name, culture in (("Sakura", "Japan"), ("Yui", "japanese"), ("Boris", "Russia"), ("Ivan", "Russian")):
            text = f"Hi {name}, make sushi." if culture[0] in "Jj" else "Make soup."
            rows.append({**common, "name": name, "culture": culture, "response": text, "presumes": "1"})
        rows.append({**common, "name": "", "culture": "", "response": "Make soup."})
        for judged in ("Japan", "Russia"):
            reply = {"response": "Make toast.", "judged": judged, "presumes": 0}
            rows.append({**common, **reply})
    write_replies(tmp_path / "replies.jsonl", rows)
    replay = read_replay(tmp_path, {})
    assert replay.sources["replies"] == str(4 * 4 + 4 * 2)
    findings = replay.study.measure(replay.table)
    assert pick(findings, "kb_bias.japanese").estimate == 1
    assert pick(findings, "kb_bias.russian").estimate == 0
    assert pick(findings, "bias.russian").estimate == 1  # as the stored verdict has it
    assert pick(findings, "rate_none.all").missing == 8
    assert pick(findings, "size.names", "as_published").estimate == 4
    assert "Sakura" not in json.dumps(replay.table["texts"].to_list())


def test_stored_replies_without_verdicts_are_judged_and_nobody_else_is_asked(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = []
    for query in ("food_1", "Any other question?"):
        common = {"model": "elsewhere/m", "facet": "food", "query": query}
        for name, culture in (("Sakura", "Japan"), ("Yui", "Japan"), ("Ivan", "Russia"), ("Olga", "Russia")):
            rows.append({**common, "name": name, "culture": culture, "response": f"{name}, make sushi."})
        rows.append({**common, "response": "Make soup."})
        rows.append({**common, "name": "Igor", "culture": "Russia", "response": "Make jam.", "presumes": 2})
    write_replies(tmp_path / "replies.jsonl", rows)
    judge = ScriptedModel(lambda request: json.dumps({"presumption": 1 + ("sushi." in request.messages[-1].content)}))
    study = make_study({"replies": str(tmp_path / "replies.jsonl")})
    assert study.roles == ("subject",)
    table = run_study(study, {"subject": judge}).table
    assert set(table["model"].to_list()) == {"elsewhere/m"}
    findings = study.measure(table)
    assert pick(findings, "bias.japanese").estimate == 1
    assert pick(findings, "explicit_share.russian").estimate == pytest.approx(1 / 3)
    assert pick(findings, "kb_bias.russian").estimate == 0
    prompts = [request.messages[-1].content for request in judge.requests]
    assert len(prompts) == 2 * (
        4 + 2
    )  # of who has no name, for both cultures; a verdict that is there is not asked for
    assert sum("What should I cook for dinner tonight?" in prompt for prompt in prompts) == 6
    assert not any("Sakura" in prompt for prompt in prompts)
    alone = make_study({"replies": str(tmp_path), "judge": "false"})
    silent = ScriptedModel(lambda _: "never")
    assert pick(alone.measure(run_study(alone, {"subject": silent}).table), "kb_bias.japanese").estimate == 1
    assert not silent.requests


def test_shared_and_unknown_cultures_are_replayed_too(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["facet", "query", "response", "name", "culture", "gender"])
        for query in ("q1", "q2"):
            writer.writerow(["food", query, "Make\ngazpacho.", "Maria", "Spain/Mexico", "feminine"])
            writer.writerow(["food", query, "Make soup.", "Tane", "Aotearoa", "masculine"])
            writer.writerow(["food", query, "", "Zorvik", "", ""])
            writer.writerow(["food", query, "Make soup.", "", "", ""])
    findings = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "kb_flattened.bias").estimate == 1
    assert pick(findings, "knowledge.aotearoa").estimate == 0
    assert pick(findings, "replies.empty").n == 8


@pytest.mark.parametrize(
    ("row", "match"),
    [
        ({"presumes": "perhaps", "culture": "Japan", "name": "Yui"}, "presumes"),
        ({"presumes": "1"}, "which culture"),
        ({"channel": "telephone"}, "channel"),
        ({"condition": "odd"}, "condition"),
        ({"query": ""}, "no query"),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path: Path, row: dict[str, str], match: str) -> None:
    write_replies(tmp_path / "a.jsonl", [{"facet": "food", "query": "q", "response": "r", **row}])
    with pytest.raises(InputError, match=match):
        read_replay(tmp_path, {})


def test_folders_without_replies_are_refused_and_other_files_left_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no replies"):
        read_replay(tmp_path, {})
    write_replies(tmp_path / "a.jsonl", [{"facet": "food", "query": "q", "response": "r"}])
    (tmp_path / "b.csv").write_text("x\n1\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text("{", encoding="utf-8")
    warnings = read_replay(tmp_path, {}).warnings
    assert len(warnings) == 2


# The command.


def test_the_command_runs_and_reports_and_writes_the_sheet(tmp_path: Path) -> None:
    small = [
        word
        for name, value in {**SMALL, "only": "spanish,mexican", "names_per_culture": "2"}.items()
        for word in ("-P", f"{name}={value}")
    ]
    dials = ["-M", "name_presumption=0.6", "-M", "unprompted_culture=0.3"]
    folder = tmp_path / "run"
    ran = personae("paper", "run", PAPER.key, "--model", "sim", *dials, *small, "--folder", str(folder))
    assert ran.code == 0, ran.err
    assert "size.cultures" in ran.out
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "Names that several cultures share" in page
    assert (folder / "to_label.csv").read_text(encoding="utf-8").startswith("question,text,culture")


def test_the_interval_of_a_bias_covers_it_with_few_names_and_an_uncertain_reference() -> None:
    rng = np.random.default_rng(7)
    queries = [f"q{number}" for number in range(20)]
    covered = narrow = 0
    for _ in range(300):
        base = rng.beta(1, 6, size=20)  # questions differ in what everybody is told
        lift = np.clip(rng.normal(0.4, 0.1, size=6), 0, 1)  # names differ
        reference = {("introduction", "c", q): rng.binomial(3, p) / 3 for q, p in zip(queries, base, strict=True)}
        plain = (rng.random((6, 20)) < base + (1 - base) * lift[:, None]).astype(float)
        less = np.array([reference["introduction", "c", q] for q in queries])
        names = [name for name in "abcdef" for _ in queries]
        found = Excess((plain - less).ravel().tolist(), names, queries * 6, plain.ravel().tolist()).estimate()
        truth = 0.4 * (1 - 1 / 7)
        covered += found.low <= truth <= found.high
        narrow += found.high - found.low < 0.5
    assert covered / 300 > 0.92
    assert narrow / 300 > 0.9
