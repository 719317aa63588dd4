"""Persona-L: orders, what each condition is told, planted preferences, sources and levels."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from personae.model import Request, ScriptedModel, open_model
from personae.papers.persona_l.study import ORDERS
from personae.papers.persona_l.words import (
    FLAGS,
    flags_of,
)
from personae.persona import Persona
from support.persona_l import designer, pick, quoting, run, small


def test_orders_profiles_and_themes_are_rotated() -> None:
    cells = small(designers="48").design(np.random.default_rng(0))
    for factor in ("order", "theme", "profile"):
        counts = Counter(cell.factors[factor] for cell in cells)
        assert len(set(counts.values())) == 1, counts
    assert len({(cell.factors["order"], cell.factors["theme"]) for cell in cells}) == 12
    assert len({(cell.factors["order"], cell.factors["profile"]) for cell in cells}) == 16


def test_each_condition_stands_in_each_place_and_follows_each_other_once() -> None:
    assert all(len(set(place)) == 4 for place in zip(*ORDERS, strict=True))
    assert len({pair for order in ORDERS for pair in itertools.pairwise(order)}) == 12


def test_what_the_persona_is_told_depends_on_the_condition() -> None:
    study, model = small(designers="2", levels="false"), ScriptedModel(quoting)
    run(study, model, ScriptedModel(designer))
    systems = {one.messages[0].content for one in model.requests if one.schema is None}
    able = [one for one in systems if "You can " in one and "Narratives" in one]
    unsourced = [one for one in systems if "You can " in one and one not in able]
    limited = [one for one in systems if "You have this limitation" in one]
    bare = [one for one in systems if one not in (*able, *unsourced, *limited)]
    assert able and limited and unsourced and bare
    assert all("What makes it hard: " in one for one in (*able, *unsourced))
    assert all("[1]" in one and "square brackets" in one for one in (*able, *limited))
    assert not any("You can " in one for one in limited)
    assert not any("Narratives" in one or "square brackets" in one for one in (*bare, *unsourced))
    # No condition is told of the narratives as memories: they are what retrieval finds, or nothing.
    assert not any("remember" in one for one in systems)


def test_planted_preferences_sources_and_levels_come_out() -> None:
    table, findings = run(small(designers="12"), ScriptedModel(quoting), ScriptedModel(designer))
    assert table["status"].unique().to_list() == ["ok"]
    for scale in ("empathy", "transparency", "balance"):
        assert pick(findings, f"ability_beside_profile.{scale}").estimate == 2.0
        assert pick(findings, f"ability_beside_profile.{scale}").is_significant()
        assert pick(findings, f"ability_beside_deficit.{scale}").estimate == 0.0
    assert pick(findings, "supported.ability").estimate == 1.0
    assert pick(findings, "supported_elsewhere.ability").estimate < 0.2
    assert pick(findings, "cited.ability").estimate == 1.0
    assert pick(findings, "cited_right.ability").estimate == 1.0
    for other in ("unsourced", "profile"):
        assert pick(findings, f"in_corpus.{other}").estimate == 0.0
        assert pick(findings, f"in_corpus_beside.{other}").estimate == 1.0
        assert pick(findings, f"ability_beside_{other}.transparency").is_significant()
    assert pick(findings, "in_corpus_beside.deficit").estimate == 0.0
    assert pick(findings, "pairs.accepted").estimate == 1.0
    assert pick(findings, "pairs.recall").estimate == 1.0
    assert pick(findings, "pairs.personas_without").estimate == 0.0
    assert pick(findings, "level_kept.easy").estimate == 1.0
    assert pick(findings, "level_control.expert_less_easy").estimate > 10
    assert pick(findings, "participants").estimate == 12


def test_a_source_that_is_named_wrongly_is_told() -> None:
    def wrong(asked: Request) -> str:
        return quoting(asked).replace(" [1].", " [2].") if asked.schema is None else quoting(asked)

    _, findings = run(small(levels="false"), ScriptedModel(wrong), ScriptedModel(designer))
    assert pick(findings, "supported.ability").estimate == 1.0
    assert pick(findings, "cited_right.ability").estimate == 0.0


def test_what_cannot_be_read_is_a_status() -> None:
    def mute(asked: Request) -> str:
        return "no" if asked.schema is not None else ""

    table, findings = run(small(levels="false"), ScriptedModel(mute), ScriptedModel(designer))
    assert set(table["status"]) <= {"unparsed", "empty"}
    assert pick(findings, "pairs.personas_without").estimate == 1.0
    assert not [one for one in findings if one.name.startswith("supported")]


@pytest.mark.parametrize("grounding", [1.0, 0.5])
def test_the_planted_share_of_simulated_sentences_rests_on_sources(grounding: float) -> None:
    sim = open_model("sim", {"grounding": str(grounding)})
    table, findings = run(small(designers="12", asked="3"), sim, open_model("sim"))
    assert set(table["status"]) <= {"ok", "repaired"}
    shifts = [one for one in findings if one.name.startswith("ability_beside")]
    assert len(shifts) == 18
    assert not any(one.is_significant() for one in shifts)
    for name in ("supported.ability", "supported.deficit", "pairs.accepted"):
        found = pick(findings, name)
        assert found.estimate == pytest.approx(grounding, abs=0.12), name
        assert found.low <= grounding <= found.high, name
    assert pick(findings, "cited_right.ability").estimate == 1.0
    assert pick(findings, "supported_elsewhere.ability").high < 0.2
    assert pick(findings, "in_corpus_beside.unsourced").estimate == pytest.approx(grounding, abs=0.15)
    assert not pick(findings, "level_control.expert_less_easy").is_significant()


def test_a_planted_stereotype_is_found_in_the_condition_that_has_it(tmp_path: Path) -> None:
    def worn(asked: Request) -> str:
        text = quoting(asked)
        if "You have this limitation" in asked.messages[0].content:
            return f"{text} People like me suffer. She suffers from it, our eternal child."
        return text

    path = tmp_path / "phrases.txt"
    path.write_text("eternal child\n\nlittle angel\n", encoding="utf-8")
    study = small(levels="false", designers="6", phrases=str(path))
    _, findings = run(study, ScriptedModel(worn), ScriptedModel(designer))
    for name in ("deficit_words", "own_phrases", "generalises"):
        assert pick(findings, f"framing.{name}.deficit").estimate == 1.0, name
        assert pick(findings, f"framing.{name}.ability").estimate == 0.0, name
        assert pick(findings, f"framing_beside_deficit.{name}").estimate == -1.0
    assert pick(findings, "framing.stereotype_words.deficit").estimate == 0.0
    assert flags_of(Persona(description="A feisty cat lady who suffers from noise.")) == FLAGS[:2]
    assert flags_of(Persona(description="An angelic child."), ["angel"]) == ()
