"""PersonaLLM on raw outputs: the authors' own, and outputs of the same layout made here."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from personae.errors import InputError
from personae.instrument import load_instrument
from personae.papers.personallm import poles_of, read_replay
from personae.papers.personallm.stored import find_stored
from personae.papers.personallm.types import whole_code
from personae.persona import trait_title
from personae.population import persona_types
from personae.study import Finding
from support.published_outputs import plain_answers, write_outputs

PUBLISHED = {
    "extraversion": 7.81,
    "agreeableness": 5.93,
    "conscientiousness": 1.56,
    "neuroticism": 1.83,
    "openness": 2.90,
}


def measure(folder: Path, parameters: Mapping[str, str] | None = None) -> list[Finding]:
    found = read_replay(folder, parameters or {})
    return found.study.measure(found.table)


def pick(findings: list[Finding], name: str, convention: str = "as_published", subject: str = "") -> Finding:
    chosen = [
        one
        for one in findings
        if one.name == name and one.conventions[0] == convention and (not subject or one.subject == subject)
    ]
    assert len(chosen) == 1, [one.conventions for one in chosen]
    return chosen[0]


@pytest.mark.replay
def test_gpt35_gives_the_published_effect_sizes(replay: Callable[[str], Path]) -> None:
    findings = measure(replay("001"))
    for trait, d in PUBLISHED.items():
        found = pick(findings, f"d.{trait}")
        assert round(found.estimate, 2) == d
        assert found.low < found.estimate < found.high
        assert (found.n, found.missing, found.subject) == (320, 0, "gpt-3.5-turbo-0613")


@pytest.mark.replay
def test_corrected_effect_sizes_use_the_sample_sd_and_wider_intervals(replay: Callable[[str], Path]) -> None:
    findings = measure(replay("001"))
    published, corrected = pick(findings, "d.extraversion"), pick(findings, "d.extraversion", "corrected")
    assert round(corrected.estimate, 2) == 7.78
    assert corrected.high - corrected.low > published.high - published.low  # 32 prompts are fewer than 320 people


@pytest.mark.replay
def test_all_stored_scores_are_reproduced(replay: Callable[[str], Path]) -> None:
    found = pick(measure(replay("001")), "stored.match")
    assert (found.estimate, found.n, found.missing) == (1.0, 1600, 0)


@pytest.mark.replay
def test_the_stories_go_through_the_same_linguistic_analysis(replay: Callable[[str], Path]) -> None:
    findings = measure(replay("001"))
    words = pick(findings, "story.words", "corrected")
    assert 300 < words.estimate < 800
    assert words.n + words.missing == 320
    assert pick(findings, "named.any", "corrected").estimate > 0.5  # the authors: most stories name a trait
    social = pick(findings, "r.extraversion.social", "corrected")
    assert social.low > 0


def test_other_models_and_temperatures_are_measured_apart(tmp_path: Path) -> None:
    write_outputs(tmp_path, plain_answers, model="gpt-4-0613", temperature="0")
    write_outputs(tmp_path, plain_answers, model="gpt-4-0613", temperature="1.0")
    write_outputs(tmp_path, plain_answers, model="mistral-7b")
    findings = [one for one in measure(tmp_path) if one.name == "d.openness" and one.conventions[0] == "as_published"]
    assert [one.subject for one in findings] == ["gpt-4-0613", "gpt-4-0613", "mistral-7b"]
    assert len({one.conventions for one in findings if one.subject == "gpt-4-0613"}) == 2
    assert all(one.n == 96 for one in findings)


def test_explained_answers_read_like_bare_ones(tmp_path: Path) -> None:
    labels = {1: "Disagree strongly", 2: "Disagree a little", 4: "Agree a little", 5: "Agree strongly"}

    def explained(poles: Mapping[str, int], code: str, run: int) -> str:
        lines = []
        for line in plain_answers(poles, code, run).splitlines():
            mark, value = line.split()
            lines.append(f"{mark} {value} - {labels[int(value)]}, I have 2 or 3 reasons for that.")
        return "Here are my answers:\n\n" + "\n".join(lines)

    bare = measure(write_outputs(tmp_path / "bare", plain_answers))
    wordy = measure(write_outputs(tmp_path / "wordy", explained))
    for trait in PUBLISHED:
        assert pick(bare, f"d.{trait}").estimate == pick(wordy, f"d.{trait}").estimate


def test_refusals_and_gaps_are_counted_and_never_imputed(tmp_path: Path) -> None:
    def spoilt(poles: Mapping[str, int], code: str, run: int) -> str:
        if run == 1:
            return "I'm sorry, but as an AI language model I do not have a personality."
        full = plain_answers(poles, code, run)
        return full if run == 2 else "\n".join(full.splitlines()[:-1])  # the last item, of openness, is missing

    found = read_replay(write_outputs(tmp_path, spoilt), {})
    findings = found.study.measure(found.table)
    counts = found.table["status"].value_counts().to_dict(as_series=False)
    assert dict(zip(counts["status"], counts["count"], strict=True)) == {"refused": 32, "ok": 32, "unparsed": 32}
    extraversion, openness = pick(findings, "d.extraversion"), pick(findings, "d.openness")
    assert (extraversion.n, extraversion.missing) == (64, 32)
    assert (openness.n, openness.missing) == (32, 64)  # as published, a scale with a gap has no sum
    prorated = pick(findings, "d.openness", "corrected")
    assert (prorated.n, prorated.missing) == (64, 32)
    first = pick(findings, "refusals.first_attempt", "corrected")
    assert first.estimate == pytest.approx(1 / 3)


def test_contradictory_answers_count_by_their_number_and_are_reported(tmp_path: Path) -> None:
    def inverted(poles: Mapping[str, int], code: str, run: int) -> str:
        return plain_answers(poles, code, run).replace(" 5", " 5 - Disagree strongly")

    findings = measure(write_outputs(tmp_path, inverted))
    plain = measure(write_outputs(tmp_path / "plain", plain_answers))
    assert pick(findings, "d.extraversion").estimate == pick(plain, "d.extraversion").estimate
    assert pick(findings, "contradictions", "corrected").estimate > 0.2


def test_git_lfs_pointers_are_named_and_stored_scores_take_their_place(tmp_path: Path) -> None:
    write_outputs(tmp_path, plain_answers, model="llama-2")
    expected = measure(tmp_path)
    rows = [["", "trait", "run", "personality_type", "sum_score", "mean_score"]]
    bfi = load_instrument("bfi-44")
    for path in sorted(tmp_path.glob("outputs/llama-2/*/bfi/*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        values = [int(line.split()[1]) for line in data["annotation"].splitlines()]
        by_item = dict(zip(bfi.item_ids, values, strict=True))
        for scale in bfi.scales:
            signs = bfi.keying(scale)
            total = sum(by_item[item] if sign > 0 else 6 - by_item[item] for item, sign in signs.items())
            name = trait_title(scale.trait).capitalize()
            rows.append(["0", name, str(data["iteration"]), data["persona_encoding"], str(total), "0"])
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    (tmp_path / "scores").mkdir()
    with (tmp_path / "scores" / "llama-2_all_scores.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    found = read_replay(tmp_path, {})
    assert any("git-LFS" in warning for warning in found.warnings)
    assert set(found.table["status"]) == {"failed"}
    for trait in PUBLISHED:
        stored = pick(found.study.measure(found.table), f"d.{trait}")
        assert stored.estimate == pytest.approx(pick(expected, f"d.{trait}").estimate)
        assert "scores=stored by the authors" in stored.conventions


def write_gendered(folder: Path) -> Path:
    """Runs by gender, as the authors keep them: codes of three letters, the reply in ``text``, one file misnamed."""
    below = folder / "outputs" / "gender_bfi" / "temp0.7"
    rows = [["", "trait", "run", "gender", "personality_type", "sum_score", "mean_score"]]
    bfi = load_instrument("bfi-44")
    for code in persona_types():
        short = "_".join(part[:3] for part in code.split("_"))
        for run in (1, 2):
            for gender in ("female", "male"):
                reply = plain_answers(poles_of(code), code, run)
                target = below / f"run{run}" / gender / f"{short}.json"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(json.dumps({"persona_type": [], "text": reply, "prompt": f"You are a {gender}"}))
                values = [int(line.split()[1]) for line in reply.splitlines()]
                by_item = dict(zip(bfi.item_ids, values, strict=True))
                for scale in bfi.scales:
                    signs = bfi.keying(scale)
                    total = sum(by_item[item] if sign > 0 else 6 - by_item[item] for item, sign in signs.items())
                    rows.append(
                        ["0", trait_title(scale.trait).capitalize(), f"run{run}", gender, short, str(total), "0"]
                    )
    (below / "run1" / "male" / "ext_agr_con_n_ope.json").write_text('{"text": "(a) 5"}')
    (below / "scores").mkdir()
    with (below / "scores" / "all_scores.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder


def test_runs_by_gender_are_read_each_gender_apart(tmp_path: Path) -> None:
    write_gendered(write_outputs(tmp_path, plain_answers))
    found = read_replay(tmp_path, {})
    counts = dict(found.table.group_by("model").len().iter_rows())
    assert counts == {"m-1": 96, "gender_bfi/female": 64, "gender_bfi/male": 64}
    assert found.table["cell"].n_unique() == found.table.height
    assert [warning for warning in found.warnings if "ext_agr_con_n_ope" in warning]
    findings = found.study.measure(found.table)
    for gender in ("female", "male"):
        match = pick(findings, "stored.match", subject=f"gender_bfi/{gender}")
        assert (match.estimate, match.n) == (1.0, 320)
        assert pick(findings, "d.extraversion", subject=f"gender_bfi/{gender}").n == 64


def test_what_lies_beside_the_questionnaires_is_said_to_be_left_out(tmp_path: Path) -> None:
    write_outputs(tmp_path, plain_answers)
    (tmp_path / "outputs" / "stats").mkdir()
    writing = tmp_path / "outputs" / "m-1" / "temp0.7" / "writing"
    writing.mkdir()
    (writing / "extr_agre_cons_emot_open_p9.json").write_text('{"annotation": "Once."}', encoding="utf-8")
    (tmp_path / "outputs" / "m-1" / "temp0.7" / "run" / "female").mkdir(parents=True)
    warnings = " ".join(read_replay(tmp_path, {}).warnings)
    for said in ("stats: holds no answers", "no questionnaire beside them: 1 (", "no number of a run"):
        assert said in warnings


def test_the_score_file_whose_name_agrees_furthest_is_taken() -> None:
    scores = {name: {(name, 1): {"big_five.openness": 1.0}} for name in ("gpt-4", "gpt-4o", "gpt3.5_turbo")}
    for model, name in (("gpt-4o", "gpt-4o"), ("gpt-4", "gpt-4"), ("gpt-4-0613", "gpt-4"), ("gpt-4o-mini", "gpt-4o")):
        assert find_stored(scores, model) is scores[name]
    assert find_stored(scores, "gpt-3.5-turbo-0613") is scores["gpt3.5_turbo"]
    assert find_stored(scores, "mistral") is None


@pytest.mark.parametrize("code", ["ext_agr_con_n_ope", "ext_agr_con_neu", "ex_agr_con_neu_ope", "agr_ext_con_neu_ope"])
def test_a_shortened_code_that_names_no_type_is_refused(code: str) -> None:
    with pytest.raises(InputError, match="no code of a type"):
        whole_code(code)


def test_every_type_is_told_by_three_letters() -> None:
    for code in persona_types():
        assert whole_code("_".join(part[:3] for part in code.split("_"))) == whole_code(code) == code


def test_files_that_are_no_outputs_are_left_out_with_a_warning(tmp_path: Path) -> None:
    write_outputs(tmp_path, plain_answers)
    folder = tmp_path / "outputs" / "m-1" / "temp0.7" / "bfi"
    (folder / "notes.json").write_text("{}", encoding="utf-8")
    (folder / "extr_agre_cons_emot_open_p1.json").write_text("{broken", encoding="utf-8")
    (folder / "extr_agre_cons_emot_open_p2.json").write_text('{"annotation": null}', encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.height == 96
    assert found.table.filter(found.table["status"] == "failed").height == 2
    assert sum("notes.json" in warning for warning in found.warnings) == 1


def test_the_outputs_folder_itself_may_be_named(tmp_path: Path) -> None:
    write_outputs(tmp_path, plain_answers)
    whole, inner = read_replay(tmp_path, {}), read_replay(tmp_path / "outputs", {})
    assert inner.table.equals(whole.table)


def test_a_folder_without_outputs_says_what_layout_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"outputs/MODEL/temp0.7/bfi"):
        read_replay(tmp_path, {})


def test_measuring_is_pure(tmp_path: Path) -> None:
    found = read_replay(write_outputs(tmp_path, plain_answers), {})
    first, second = found.study.measure(found.table), found.study.measure(found.table)
    assert [one.to_json() for one in first] == [one.to_json() for one in second]
    shuffled = found.table.sample(fraction=1.0, shuffle=True, seed=3)
    by_name = {(one.name, one.conventions): one.estimate for one in found.study.measure(shuffled)}
    for one in first:
        if one.name.startswith(("d.", "g.", "alpha.", "mean.", "test.")):
            assert by_name[one.name, one.conventions] == pytest.approx(one.estimate)
