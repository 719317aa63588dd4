"""The personality illusion: published files, a fresh run, a link that is planted and one that is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.instrument import load_instrument, read_instrument
from personae.model import ScriptedModel, open_model
from personae.papers.personality_illusion import PAPER, IllusionSettings, PersonalityIllusion, read_replay
from personae.papers.personality_illusion.findings import EVERY_MODEL, HUMAN, PAIRS
from personae.papers.personality_illusion.prompts import DEFAULTS, PERSONAS
from personae.papers.personality_illusion.scores import BEHAVIOURS, OURS, SELF_REPORTS
from personae.papers.personality_illusion.selfreport import (
    read_as_published,
    regulation_form,
    scores_of,
    srq_structure,
)
from personae.study import Finding, run_study
from support.command_line import personae

SMALL = {"people": "0", "phrasings": "1", "injection": "false", "base": "false"}


def pick(findings: Sequence[Finding], name: str, way: str = "corrected") -> Finding:
    (found,) = [one for one in findings if one.name == name and one.conventions[0] == way]
    return found


def run(given: Mapping[str, str], sim: Mapping[str, str] | None = None) -> tuple[PersonalityIllusion, pl.DataFrame]:
    study = PersonalityIllusion(IllusionSettings.read(given))
    return study, run_study(study, dict.fromkeys(study.roles, open_model("sim", sim or {}))).table


# Published files.


@pytest.mark.replay
def test_the_verified_figures_come_out(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("075"), {})
    findings = found.study.measure(found.table)
    named = {one.name for one in findings}
    checked = 0
    for claim in PAPER.claims:
        if claim.confidence != "verified" or claim.name not in named:
            continue
        digits = 1 if "behaviour" in claim.name else 2
        ours = pick(findings, claim.name, "as_published").estimate
        assert ours == pytest.approx(claim.value, abs=0.51 * 10**-digits), claim.name
        checked += 1
    assert checked >= 21


@pytest.mark.replay
def test_the_paired_set_is_six_of_twelve_and_every_run_is_there(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("075"), {})
    baseline = found.table.filter(pl.col("condition") == "baseline")
    instruct = baseline.filter(pl.col("role") == "subject")
    assert baseline.filter(pl.col("role") == "base").height == 6 * 27
    assert instruct.height == 12 * 27
    assert sum(model in PAIRS for model in instruct["model"].unique()) == 6
    assert instruct.select(list(BEHAVIOURS)).null_count().sum_horizontal().item() == 0


@pytest.mark.replay
def test_simple_tests_give_18_and_17_per_cent_of_360(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("075"), {})
    findings = found.study.measure(found.table)
    pearson, ranks = pick(findings, "significant", "as_published"), pick(findings, "significant_ranks", "as_published")
    assert (pearson.n, ranks.n) == (360, 360)
    assert round(pearson.estimate, 3) == 0.181
    assert round(ranks.estimate, 3) == 0.167


@pytest.mark.replay
def test_within_a_model_variability_falls_far_more(replay: Callable[[str], Path]) -> None:
    found = read_replay(replay("075"), {})
    findings = found.study.measure(found.table)
    for name in SELF_REPORTS:
        assert pick(findings, f"variance.{name}").estimate < -0.75
    assert pick(findings, "variance.self_regulation").subject == EVERY_MODEL


# Files made here, in the published layout.

HEAD = "Model,type,Persona,persona_index,Persona_Content,temp,run,openeness,consciencienes,extraversion,agreeableness"
HEAD += ",neuroticism,self_regulation"


def write_files(folder: Path, link: float, seed: int = 0) -> Path:
    """Four models whose sycophancy follows their agreeableness, or does not."""
    rng = np.random.default_rng(seed)
    said, done = [HEAD], ["Model,type,Persona,persona_index,Persona_Content,temp,run,CCT_cold_avg,sycophancy_rate"]
    for model in range(8):
        for prompt in (1, 2, 3):
            for temperature in (0.3, 0.7, 1):
                for number in (1, 2, 3):
                    keys = f"m{model},instruct,baseline,{prompt},,{temperature},{number}"
                    scores = rng.normal(3, 0.5, 5)
                    flips = 50 + 20 * link * (scores[3] - 3) + rng.normal(0, 5)
                    said.append(f"{keys},{','.join(f'{one:.2f}' for one in scores)},{rng.normal(200, 10):.2f}")
                    done.append(f"{keys},{rng.normal(12, 3):.2f},{flips:.2f}")
    (folder / "instruct_models_selfreport.csv").write_text("\n".join(said), encoding="utf-8")
    (folder / "instruct_models_behavioral_tasks.csv").write_text("\n".join(done), encoding="utf-8")
    return folder


def test_a_link_that_is_planted_in_files_is_found_and_its_absence_too(tmp_path: Path) -> None:
    verdicts = {}
    for link in (1.0, 0.0):
        found = read_replay(write_files(tmp_path, link), {})
        findings = found.study.measure(found.table)
        verdicts[link] = pick(findings, "pair.baseline.agreeableness.sycophancy").note
    assert verdicts[1.0].startswith("verdict: as in people")
    assert verdicts[0.0].startswith("verdict: dissociated")


def test_files_in_folders_and_strange_files(tmp_path: Path) -> None:
    write_files(tmp_path, 1.0)
    inner = tmp_path / "agreeableness"
    inner.mkdir()
    row = "m0,instruct,agreeableness1,1,x,0.3,1,3,3,3,4.5,3,200,80"
    (inner / "prompt_strategy_2.csv").write_text(f"{HEAD},sycophancy_rate\n{row}\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    found = read_replay(tmp_path, {})
    assert found.table.filter(pl.col("condition") == "agreeableness")["strategy"].to_list() == [2]
    assert any("other.csv" in warning for warning in found.warnings)
    with pytest.raises(InputError, match="no published scores"):
        read_replay(inner.parent / "nothing", {})


# The design.


def test_the_published_size() -> None:
    study = PersonalityIllusion(IllusionSettings.read({**PAPER.full, "people": "0"}))
    cells = list(study.design(np.random.default_rng(0)))
    counts = Counter((cell.factors["condition"], cell.factors["role"]) for cell in cells)
    assert counts["baseline", "subject"] == counts["baseline", "base"] == 27
    assert counts["agreeableness", "subject"] == counts["self_regulation", "subject"] == 3 * 27
    assert len(DEFAULTS) == 3
    assert all(len(texts) == 3 for strategies in PERSONAS.values() for texts in strategies)


def test_the_srq_has_seven_subscales_of_nine_items_and_no_texts() -> None:
    form = srq_structure()
    assert form.is_structure_only
    assert form.hash == read_instrument(Path(str(files("personae.instrument") / "library" / "srq-63.toml"))).hash
    assert form.hash.startswith("98a5dd15c16b"), "answers that are kept name the form by its hash"
    assert len(form.item_ids) == 63
    assert {len(scale.items) for scale in form.scales if scale.within} == {9}
    assert sum(len(scale.reverse) for scale in form.scales if scale.within) == len(
        form.scale("self_regulation").reverse
    )


def test_a_file_without_texts_is_refused_and_one_with_texts_is_asked(tmp_path: Path) -> None:
    form = srq_structure()
    path = tmp_path / "srq-63.toml"
    text = (files("personae.instrument") / "library" / "srq-63.toml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="may not be shipped"):
        regulation_form(path)
    items = "\n".join(f'{item} = "I do thing {item}."' for item in form.item_ids)
    start = text.index("items = [")
    head, rest = text[:start], text[text.index("\n", start) + 1 :]
    head = "\n".join(line for line in head.splitlines() if not line.startswith("obtain")) + "\n"
    path.write_text(head + rest + f"\n[items]\n{items}\n", encoding="utf-8")
    filled = regulation_form(path)
    scores = scores_of(
        {"bfi.answers": [3] * 44, "srq.answers": [5] * 63}, (load_instrument("bfi-44"), filled), published=False
    )
    reverse = len(form.scale("self_regulation").reverse)
    assert scores["self_regulation"] == pytest.approx(5 * (63 - reverse) + reverse)


def test_human_directions_name_measures_that_exist() -> None:
    assert set(HUMAN) == set(SELF_REPORTS)
    assert {task for row in HUMAN.values() for task in row} <= {*BEHAVIOURS, *OURS}


# Fresh runs.


def test_what_is_unread_is_missing_and_passes_as_3_only_as_published() -> None:
    study = PersonalityIllusion(IllusionSettings.read(SMALL))
    models = {"subject": ScriptedModel(lambda _: "That depends.")}
    findings = study.measure(run_study(study, models).table)
    assert pick(findings, "reading.made_up").estimate == 1.0
    form = load_instrument("bfi-44")
    both = (form, regulation_form(None))
    row = {"bfi.answers": [None] * 44, "bfi.published": [3] * 44}
    assert np.isnan(scores_of(row, both, published=False)["openness"])
    assert scores_of(row, both, published=True)["openness"] == 3.0
    assert [read_as_published(text) for text in ("disagree strongly", "Neutral", "5")] == [4, 3, 5]


def test_the_trap_of_the_published_reading_is_counted() -> None:
    study = PersonalityIllusion(IllusionSettings.read(SMALL))
    models = {"subject": ScriptedModel(lambda _: "Disagree strongly")}
    findings = study.measure(run_study(study, models).table)
    assert pick(findings, "reading.same").estimate == 0.0
    assert pick(findings, "reading.made_up").estimate == 0.0


@pytest.mark.slow
def test_a_dissociation_that_is_planted_is_found_and_a_link_too() -> None:
    given = {"people": "12", "base": "false", "phrasings": "2"}
    found = {}
    for link in ("1", "0"):
        study, table = run(given, {"behaviour_link": link})
        found[link] = study.measure(table)
    for strategy in (1, 2, 3):
        for condition, sign in (("agreeableness", 1), ("self_regulation", -1)):
            stem = f"injection.{condition}.strategy_{strategy}"
            for findings in found.values():
                assert pick(findings, f"{stem}.self_report").estimate > 0.3  # the questionnaire follows in any case
            linked, cut = (pick(found[link], f"{stem}.behaviour").estimate for link in ("1", "0"))
            assert linked * sign > 3
            assert abs(cut) < abs(linked) / 3
    for pair in ("agreeableness.sycophancy", "conscientiousness.waited"):
        assert "as in people" in pick(found["1"], f"pair.people.{pair}").note
        assert "as in people" not in pick(found["0"], f"pair.people.{pair}").note


def test_the_command_runs_and_reports(tmp_path: Path) -> None:
    small = ["-P", "people=4", "-P", "injection=false", "-P", "base=true"]
    ran = personae("paper", "run", "personality_illusion", "--model", "sim", *small, "--folder", str(tmp_path / "run"))
    assert ran.code == 0, ran.err
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "SIMULATED" in page
    assert "RQ1" in page
