"""SPeCtrum: keys, bands, profiles, planted effects of parts, quotations, guesses, ratings of real people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.model import Model, Request, ScriptedModel, open_model
from personae.papers.spectrum import (
    PAPER,
    Spectrum,
    SpectrumSettings,
    describe_personality,
    describe_values,
    draw_people,
    facet_scores,
    rating_sheet,
    read_answers,
    read_people,
    read_profiles,
    read_replay,
    value_scores,
)
from personae.papers.spectrum.findings import measure_table
from personae.papers.spectrum.profiles import CONDITIONS, PARTS
from personae.papers.spectrum.scores import FACETS, band, domain_scores, value_band
from personae.papers.spectrum.statements import is_named, is_quoted
from personae.papers.spectrum.study import ten_of
from personae.study import Finding, run_study
from support.command_line import personae

LONG_FORM = {
    1: 16, 2: 2, 3: 3, 4: 19, 5: 20, 6: 21, 7: 37, 8: 8, 9: 54, 10: 55, 11: 41, 12: 27, 13: 43, 14: 29, 15: 60,
    16: 1, 17: 47, 18: 33, 19: 4, 20: 5, 21: 51, 22: 7, 23: 53, 24: 24, 25: 40, 26: 11, 27: 12, 28: 28, 29: 59, 30: 30,
}  # fmt: skip
"""Item of the BFI-2 that each item of the BFI-2-S is, by their wording."""


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(given: Mapping[str, str], model: Model) -> tuple[list[Finding], pl.DataFrame]:
    study = Spectrum(SpectrumSettings.read(given))
    table = run_study(study, dict.fromkeys(study.roles, model)).table
    return study.measure(table), table


# Scores and sentences.


def test_the_short_key_agrees_with_the_long_form() -> None:
    scales = {scale.title.casefold(): scale for scale in load_instrument("bfi-2").scales}
    assert sorted(abs(item) for _, items in FACETS.values() for item in items) == list(range(1, 31))
    assert len(set(LONG_FORM.values())) == 30
    for facet, (domain, items) in FACETS.items():
        scale = scales[facet]
        assert scale.within == domain
        for item in items:
            assert str(LONG_FORM[abs(item)]) in map(str, scale.items), facet
            assert (item < 0) == (str(LONG_FORM[abs(item)]) in map(str, scale.reverse)), facet
    assert all(sum(item < 0 for item in items) == 1 for _, items in FACETS.values())


def test_scores_are_means_of_turned_items() -> None:
    answers = [4] * 30
    answers[0], answers[15] = 1, 7  # sociability: item 1 is keyed against it
    scores = facet_scores(answers)
    assert scores["sociability"] == 7.0
    assert domain_scores(scores)["extraversion"] == pytest.approx(5.0)
    with pytest.raises(InputError, match="29 answers"):
        facet_scores([4] * 29)
    with pytest.raises(InputError, match="values"):
        value_scores([8] * 21)


def test_all_items_of_the_values_form_count() -> None:
    for item in range(21):
        answers = [4] * 21
        answers[item] = 7
        moved = {name for name, score in value_scores(answers).items() if score != 4.0}
        assert len(moved) == 1, item
    assert value_scores([4] * 19 + [7, 4])["Tradition"] == 5.5
    assert value_scores([4] * 20 + [7])["Hedonism"] == 5.5
    assert len(value_scores([4] * 21)) == 10


def test_there_are_six_bands() -> None:
    assert [band(score) for score in (1, 2, 3, 4, 5, 6, 7)] == [0, 1, 2, 3, 4, 5, 5]
    assert [value_band(score) for score in (1, 2, 3, 4, 5, 6, 7)] == [0, 0, 1, 2, 3, 4, 5]
    assert [value_band(score) for score in (1.5, 2.5, 6.01)] == [0, 1, 5]
    text = describe_values({"Power": 1.0, "Security": 6.5})
    assert text.splitlines() == [
        "Security is of the utmost importance to you.",
        "Power is of minimal importance to you.",
    ]
    assert describe_personality(facet_scores([4] * 30)).count("\n") == 4


# People.


def test_drawn_people_are_whole_and_belong_to_the_study() -> None:
    people = draw_people(8, np.random.default_rng(1))
    assert people[:3] == draw_people(3, np.random.default_rng(1))
    assert all(set(person.parts) == set(PARTS) and all(person.parts.values()) for person in people)
    assert all(person.parts["S"].count("\n") == 19 for person in people)


def test_profiles_are_read_in_every_layout_and_gaps_are_told(tmp_path: Path) -> None:
    for part in PARTS:
        (tmp_path / f"Ada_Low (The Mill)_{part}.txt").write_text(f"{part} of Ada", encoding="utf-8")
        (tmp_path / part).mkdir()
        (tmp_path / part / "Bo_Dee.txt").write_text(f"{part} of Bo", encoding="utf-8")
    (tmp_path / "Cy_S.txt").write_text("only facts", encoding="utf-8")
    people, warnings = read_profiles(tmp_path)
    assert {(one.name, one.work) for one in people} == {("Ada Low", "The Mill"), ("Bo Dee", "")}
    assert next(one for one in people if one.work).parts["P_value"] == "P_value of Ada"
    assert warnings == ("Cy lacks P_personality, P_value, C_behavior, C_lovehate; left out",)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no profiles"):
        read_profiles(tmp_path / "empty")


def test_people_of_a_persona_file_need_all_three_parts(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    whole = {"name": "Ada", "demographics": {"age": 40}, "beliefs": ["Kindness first."], "life_context": "Bakes daily."}
    path.write_text(json.dumps([whole]), encoding="utf-8")
    (ada,) = read_people(path)
    assert ada.parts["S"] == "Your age: 40."
    assert (ada.parts["P_value"], ada.parts["C_behavior"]) == ("Kindness first.", "Bakes daily.")
    path.write_text(json.dumps([{**whole, "life_context": ""}]), encoding="utf-8")
    with pytest.raises(InputError, match="no life context"):
        read_people(path)


def test_too_few_people_for_a_line_up_and_two_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too few"):
        _ = Spectrum(SpectrumSettings.read({"count": "4", "lineup": "5"})).people
    for first, second in (("people", "profiles"), ("answers", "profiles"), ("people", "answers")):
        with pytest.raises(InputError, match="given both"):
            _ = Spectrum(SpectrumSettings.read({first: "a", second: "b"})).people


def test_numbered_profiles_get_their_names_from_the_table_of_the_readme(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "profile_result"
    folder.mkdir(parents=True)
    for part in PARTS:
        (folder / f"17_{part}.txt").write_text(part, encoding="utf-8")
        (folder / f"18_{part}.txt").write_text(part, encoding="utf-8")
    table = "| id | title | character |\n|---|---|---|\n| 17  | The Mill | Ada Low |\n"
    (tmp_path / "README.md").write_text(table, encoding="utf-8")
    people, _ = read_profiles(folder)
    assert [(one.name, one.work, one.is_scored) for one in people] == [
        ("Ada Low", "The Mill", False),
        ("18", "", False),
    ]


def answers_of(name: str, **changed: object) -> dict[str, object]:
    forms = {f"bfi_{item}": 4 for item in range(1, 31)} | {f"pvq_{item}": 4 for item in range(1, 22)}
    texts = {"loves": "tea", "hates": "noise", "weekday": f"{name} bakes.", "weekend": "I rest."}
    return {"person": name, "S.age": 40, "S.main job": None, **forms, **texts, **changed}


def test_answers_of_people_become_profiles_and_wrong_ones_are_told(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    pl.DataFrame([answers_of("Ada", bfi_1=1, bfi_16=7, pvq_20=7), answers_of("Bo")]).write_csv(path)
    ada, bo = read_answers(path)
    assert ada.parts["S"] == "Your age: 40."
    assert "sociability is very high" in ada.parts["P_personality"]
    assert "sociability is slightly above average" in bo.parts["P_personality"]
    assert ada.parts["P_value"].splitlines()[0] == "Tradition is very important to you."
    assert ada.parts["C_lovehate"] == "You love tea. You hate noise."
    assert ada.parts["C_behavior"] == "Ada bakes.\nI rest."
    assert ada.is_scored
    for changed, match in (({"bfi_3": 8}, "bfi_3 is 8"), ({"pvq_2": 4.5}, "pvq_2 is 4.5"), ({"bfi_9": None}, "bfi_9"),
                           ({"loves": None}, "loves is empty")):  # fmt: skip
        pl.DataFrame([answers_of("Ada"), answers_of("Bo", **changed)]).write_csv(path)
        with pytest.raises(InputError, match=match) as caught:
            read_answers(path)
        assert "row 2" in str(caught.value)
    pl.DataFrame([answers_of("Ada")]).drop("pvq_21").write_csv(path)
    with pytest.raises(InputError, match="no column pvq_21"):
        read_answers(path)


# Runs.


def planted(request: Request) -> str:
    """An agent that knows the truth only of those parts that it was given; a judge that accepts what is its own."""
    system = request.messages[0].content if request.messages[0].role == "system" else ""
    prompt = request.messages[-1].content
    if request.schema is not None:
        known = [line.split(" ", 1)[1] for line in system.splitlines() if line.startswith("fact")]
        filled = [f"Mine: {one}" for one in known] + ["Mine: nothing"] * 20
        return json.dumps({"open": filled[:10], "hidden": filled[10:20]})
    if "Is this sentence true" in prompt:
        return "yes" if prompt.split('"Mine: ')[1].split('"')[0] in system else "no"
    if prompt.startswith("Somebody wrote"):
        said = prompt.split("Mine: ")[1].splitlines()[0]
        lines = prompt.split("Which of these people is it?")[1].splitlines()
        return next((line[0] for line in lines if said in line), "no idea")
    if prompt.startswith("This is about a character"):
        return "That is Nr1, from The Mill."
    return "prose"


def write_profiles(folder: Path, count: int = 4) -> Path:
    """Characters of whom S tells 2 facts, P one and C 6; nobody shares one."""
    facts = {"S": 2, "P_personality": 1, "P_value": 0, "C_behavior": 6, "C_lovehate": 0}
    for number in range(count):
        for part, several in facts.items():
            lines = [f"fact {part}{number}x{place}" for place in range(several)] or ["nothing to tell"]
            (folder / f"Nr{number} (The Mill)_{part}.txt").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_what_each_part_adds_comes_back(tmp_path: Path) -> None:
    # The judge of a character knows its name alone, so people without a series are asked, who are known whole.
    folder = write_profiles(tmp_path)
    for path in list(folder.glob("*.txt")):
        path.rename(path.with_name(path.name.replace(" (The Mill)", "")))
    findings, table = run({"profiles": str(folder)}, ScriptedModel(planted))
    assert table.height == 4 * len(CONDITIONS)
    told = table.filter(table["condition"] == "SPC")["statements"].to_list()[0]
    assert len(told) == 20
    for part, share in (("S", 2), ("P", 1), ("C", 6)):
        # "nothing" is accepted by everybody, as the word is in every profile: control only differs by own facts.
        assert pick(findings, f"told_apart.{part}").estimate == pytest.approx(share / 20)
        assert pick(findings, f"effect.{part}").n == 4
    assert pick(findings, "told_apart.SPC").estimate == pytest.approx(9 / 20)
    assert pick(findings, "lineup.SPC").estimate == 1.0
    assert pick(findings, "told_apart.none").estimate == 0.0
    assert not [one for one in findings if one.name.startswith("guess")]


def test_effects_are_means_over_the_sets_of_the_other_parts() -> None:
    shares = {"S": 0.1, "P": 0.2, "C": 0.4}
    rng = np.random.default_rng(0)
    rows = []
    for person in range(200):
        for condition in CONDITIONS:
            p = 0.2 + sum(share for part, share in shares.items() if part in condition)
            own = (rng.random(20) < p).astype(int).tolist()
            rows.append({"model": "m", "person": person, "condition": condition, "own": own, "other": own,
                         "quoted": [0] * 20, "lineup": 1})  # fmt: skip
    findings = measure_table(pl.DataFrame(rows), 0.25)
    for part, share in shares.items():
        effect = pick(findings, f"effect.{part}")
        assert effect.estimate == pytest.approx(share, abs=0.03)
        # The sampling variance is that of eight sets of 20 yes-or-no answers, of p = .2 to .9, over 16.
        assert (effect.high - effect.low) / 2 == pytest.approx(1.96 * np.sqrt(1.56 / 20 / 16 / 200), rel=0.15)
        assert effect.is_significant()
    assert pick(findings, "contrast.SPC_C").estimate == pytest.approx(0.3, abs=0.03)
    directions = {one.name: (one.estimate, one.low, one.high) for one in findings if "direction" in one.name}
    assert directions == {f"direction.{name}": (1.0, 1.0, 1.0) for name in ("SPC_C", "C_S", "C_P")}
    swapped = {"S": "C", "C": "S"}
    turned = [{**row, "condition": swapped.get(str(row["condition"]), row["condition"])} for row in rows]
    assert pick(measure_table(pl.DataFrame(turned), 0.25), "direction.C_S", "as_published").estimate == -1.0
    alone = measure_table(pl.DataFrame(rows[: len(CONDITIONS)]), 0.25)
    untold = pick(alone, "direction.C_S", "as_published")
    assert (untold.estimate, untold.low, untold.high) == (0.0, -1.0, 1.0)
    assert pick(findings, "accepted.C").estimate == pytest.approx(0.6, abs=0.03)
    assert pick(findings, "accepted.C", "as_published").n == 4000
    assert pick(findings, "told_apart.C").estimate == 0.0


def test_the_agent_gets_the_prose_and_not_the_scores() -> None:
    def writing(request: Request) -> str:
        if request.schema is not None:
            return json.dumps({"open": ["I hum."] * 10, "hidden": ["I sing."] * 10})
        return "A calm soul." if "psychotherapist" in request.messages[-1].content else "yes"

    _, table = run({"count": "4"}, ScriptedModel(writing))
    (told,) = {row["profile"] for row in table.to_dicts() if row["condition"] == "P"}
    assert told.startswith("A calm soul.")
    assert "sociability" not in told
    _, table = run({"count": "4", "is_written": "false"}, ScriptedModel(writing))
    assert all("sociability" in row["profile"] for row in table.to_dicts() if row["condition"] == "P")


def test_characters_are_guessed_from_profile_and_statements_and_quotations_left_out(tmp_path: Path) -> None:
    asked: list[str] = []

    def watched(request: Request) -> str:
        if "This is about a character" in request.messages[-1].content:
            asked.append(request.messages[-1].content)
        return planted(request)

    findings, table = run({"profiles": str(write_profiles(tmp_path))}, ScriptedModel(watched))
    assert pick(findings, "guess.SPC", "as_published").estimate == 0.25
    assert pick(findings, "guess_statements.SPC").estimate == 0.25
    assert set(table["guess.right"].to_list()) == {0, 1}
    assert sum("Mine:" in one for one in asked) == len(asked) / 2

    def quoting(request: Request) -> str:
        if request.schema is not None:
            line = "Your residence: a large city. Your first language"
            return json.dumps({"open": [line] * 10, "hidden": ["I hum."] * 10})
        return "yes"

    quoted, _ = run({"count": "4"}, ScriptedModel(quoting))
    published, fair = (pick(quoted, "accepted.S", way) for way in ("as_published", "corrected"))
    assert published.n == 80
    assert fair.n <= published.n


def test_statements_are_ten_of_each_kind_and_lacking_ones_are_missing() -> None:
    assert ten_of("no list") == [""] * 10

    def short(request: Request) -> str:
        return json.dumps({"open": ["I hum."] * 12, "hidden": ["I sing."] * 4}) if request.schema else "yes"

    findings, _ = run({"count": "4"}, ScriptedModel(short))
    assert pick(findings, "open.S", "as_published").n == 40
    hidden = pick(findings, "hidden.S", "as_published")
    assert (hidden.n, hidden.missing) == (16, 24)


def test_refusals_are_missing() -> None:
    _, table = run({"count": "4"}, ScriptedModel(lambda _: "I'm sorry, but I can't pretend to be a person."))
    assert Counter(table["status"]) == {"refused": 32}


def test_what_is_a_quotation_and_what_a_right_guess() -> None:
    assert is_quoted("A B c d e", "x a b C d e y")
    assert not is_quoted("a b c d", "a b c d")
    assert is_named("Ada Low of The Mill", "Ada Low", "The Mill")
    assert not is_named("Ada Low of The Mills", "Ada Low", "The Mill")


def test_the_simulated_agent_is_run_with_scores_as_they_are() -> None:
    findings, table = run({"count": "4", "is_written": "false"}, open_model("sim"))
    assert set(table["status"]) == {"ok"}
    assert {f"effect.{part}" for part in "SPC"} <= {one.name for one in findings}
    other = run({"count": "4", "is_written": "false"}, open_model("sim"))[1]
    assert table.equals(other)


# Replay.


def test_published_profiles_and_ratings_are_replayed(tmp_path: Path) -> None:
    write_profiles(tmp_path, 5)
    rng = np.random.default_rng(0)
    rows = ["person,condition,rating"]
    for person in range(30):
        level = rng.normal(4, 1)
        rows += [f"p{person},C,{level:.3f}", f"p{person},SPC,{level + 0.5 + rng.normal(0, 0.2):.3f}"]
    (tmp_path / "ratings.csv").write_text("\n".join(rows), encoding="utf-8")
    replay = read_replay(tmp_path, {})
    findings = replay.study.measure(replay.table)
    assert pick(findings, "characters", "as_published").estimate == 5
    assert pick(findings, "files", "as_published").estimate == 25
    assert pick(findings, "whole", "as_published").estimate == 1.0
    better = pick(findings, "rating_contrast.similarity.SPC_C")
    assert pick(findings, "rating_direction.similarity.SPC_C", "as_published").estimate == 1.0
    assert pick(findings, "raters", "as_published").estimate == 30
    assert better.estimate == pytest.approx(0.5, abs=0.15)
    assert better.is_significant()
    assert {claim.value for claim in PAPER.claims} == {45.0, 225.0, 1.0, 0.0, 80.0}
    for row in (1, 2):  # the other way round: the published direction is not found
        rows[row::2] = [line.rsplit(",", 1)[0] + f",{row}" for line in rows[row::2]]
    (tmp_path / "ratings.csv").write_text("\n".join([rows[0] + ",scale", *(f"{one},trust" for one in rows[1:])]))
    turned = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(turned, "rating.trust.C").estimate == 1.0
    assert not [one for one in turned if "similarity" in one.name]
    (tmp_path / "ratings.csv").write_text("person,rating\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="condition"):
        read_replay(tmp_path, {})


def test_a_blinded_sheet_of_a_run_comes_back_as_ratings(tmp_path: Path) -> None:
    study = Spectrum(SpectrumSettings.read({"count": "4", "is_written": "false"}))
    table = run_study(study, dict.fromkeys(study.roles, open_model("sim"))).table
    sheet = rating_sheet(table, study.people, np.random.default_rng(0))
    assert sheet.height == 4 * len(CONDITIONS)
    assert sheet["code"].n_unique() == sheet.height
    orders = {tuple(group["condition"]) for _, group in sheet.group_by("person", maintain_order=True)}
    assert all(sorted(order) == sorted(CONDITIONS) for order in orders)
    assert len(orders) > 1
    rated = sheet.with_columns(rating=pl.col("condition").str.len_chars() + pl.col("code").cast(pl.Int64) / 1000)
    rated.write_csv(tmp_path / "ratings.csv")
    findings = (replay := read_replay(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "rating_contrast.similarity.SPC_C").estimate == pytest.approx(2, abs=0.05)


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "count=4", "-P", "is_written=false"]
    ran = personae("paper", "run", "spectrum", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "effect.C" in page
