"""Persona-L: personas of a run in the studio, talks as a page, and studies with people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from personae.errors import InputError
from personae.model import Request, ScriptedModel
from personae.papers.persona_l import PAPER, read_corpus, read_study
from personae.papers.persona_l.abilities import annotated, persona_of
from personae.papers.persona_l.page import PERSONAS, write_page, write_personas
from personae.papers.persona_l.profiles import PROFILES
from personae.papers.persona_l.words import (
    grade_of,
)
from personae.persona import respect_terms
from personae.persona.formats import read_personas
from support.chat_server import ChatServer
from support.command_line import personae
from support.persona_l import CORPUS, designer, pick, quoting, run, small, write_csv
from support.served import client_of


def test_a_persona_of_a_run_is_opened_in_the_studio_and_talks_with_its_sources(tmp_path: Path) -> None:
    table, _ = run(small(levels="false", designers="2"), ScriptedModel(quoting), ScriptedModel(designer))
    path = write_personas(table, tmp_path)
    assert path is not None
    made = [one.persona for one in read_personas(path)]
    assert len(made) == 2
    first, second, *_ = made[0].memories[0].text.split(". ")
    said = f"{first}. {second}. And my neighbour suffers from hay fever."
    with ChatServer(said) as server, client_of(tmp_path, models=(f"{server.url}#any",)) as client:
        answer = client.post(
            "/api/personas/import?save=true", files={"file": (PERSONAS, path.read_bytes(), "application/x-ndjson")}
        )
        assert answer.status_code == 200, answer.text
        slugs = [one["slug"] for one in answer.json()["saved"]]
        assert len(slugs) == 2
        opened = client.get(f"/api/personas/{slugs[0]}").json()
        assert opened["persona"]["abilities"] == [one.model_dump() for one in made[0].abilities]
        assert all(one["constraint"] for one in opened["persona"]["abilities"])
        seat = {"kind": "persona", "persona": slugs[0], "reading_level": "easy"}
        begun = client.post("/api/conversations", json={"seats": [seat]}).json()
        heard = client.post(f"/api/conversations/{begun['id']}/messages", json={"text": "What do you do?"}).text
        done = json.loads(heard.partition("event: done")[2].partition("data: ")[2].partition("\n")[0])["message"]
        assert done["text"] == said
        assert [one["path"] for one in done["sources"]] == ["abilities[0]", "memories[0]"]
        assert [said[one["start"] : one["end"]] for one in done["sources"]] == [f"{first}.", f"{second}."]
        assert done["sources"][1]["text"] == made[0].memories[0].text
        assert [one["licence"] for one in done["sources"]] == ["CC0-1.0"] * 2
        assert all("made up for personae" in one["by"] for one in done["sources"])
        assert [(one["kind"], one["text"]) for one in done["worn_phrases"]] == [("deficit", "suffers from")]
        assert done["reading"]["grade"] == round(grade_of(said) or 0, 1)
        system = server.requests[-1]["messages"][0]["content"]
        assert "Easy Read" in system
        assert all(one.constraint in system for one in made[0].abilities)


def test_what_may_not_be_passed_on_stays_out_of_exports(tmp_path: Path) -> None:
    sources = (CORPUS.narratives[0].model_copy(update={"licence": "All rights reserved"}), CORPUS.narratives[1])
    persona = persona_of(PROFILES[0], annotated(sources, 2), sources, "p")
    kept = respect_terms(persona).persona
    assert [one.text for one in kept.memories] == [CORPUS.narratives[1].text]
    assert [one.ability for one in kept.abilities] == [CORPUS.narratives[1].pairs[0].ability]
    assert kept.provenance_of("memories.0").by.startswith("narrative library")
    rows = [
        {"key": "a", "theme": "work", "text": "I keep bees."},
        {"key": "b", "theme": "home", "text": "I cook.", "consent": "withdrawn"},
        {"key": "c", "theme": "home", "text": "I sew.", "licence": "CC BY-ND 4.0"},
        {"key": "d", "theme": "home", "text": "I sing.", "licence": "CC BY 4.0"},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    corpus = read_corpus(path)
    assert ([one.key for one in corpus.narratives], corpus.withheld) == (["a", "d"], 2)
    assert small(corpus=str(path)).parameters["corpus_withheld"] == 2
    path.write_text(json.dumps(rows[1]), encoding="utf-8")
    read_corpus.cache_clear()
    with pytest.raises(InputError, match="no narrative may be used"):
        read_corpus(path)


def test_the_page_shows_sources_and_escapes_words(tmp_path: Path) -> None:
    def evil(asked: Request) -> str:
        text = quoting(asked)
        return text if asked.schema is not None else f"{text} And then <script>alert(1)</script> happened here."

    table, _ = run(small(levels="false"), ScriptedModel(evil), ScriptedModel(designer))
    path = write_page(table, tmp_path)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert any(one.title in text for one in CORPUS.narratives)
    assert "SIMULATED" not in text
    assert write_page(pl.DataFrame({"x": [1]}), tmp_path) is None


def people(count: int = 20, gain: int = 1) -> list[dict[str, Any]]:
    rng = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for number in range(count):
        base = rng.integers(3, 6, size=12)
        for condition in ("ability", "profile"):
            shift = gain + int(rng.integers(-1, 2)) if condition == "ability" else 0
            items = {str(n + 1): int(v) + (shift if n % 2 == 0 else -shift) for n, v in enumerate(base)}
            rows.append({"participant": f"P{number}", "condition": condition, **items})
    return rows


def test_a_study_with_people_is_measured_by_the_same_code(tmp_path: Path) -> None:
    rows = people()
    rows[0]["1"] = ""
    write_csv(tmp_path / "study.csv", rows)
    codes = [
        {"participant": f"P{number}", "code": code, "second": code if number else "balance"}
        for number in range(20)
        for code in (["empathy", "balance"] if number < 15 else ["transparency"])
    ]
    write_csv(tmp_path / "codes.csv", codes)
    replay = read_study(tmp_path, {})
    assert replay.warnings == ("1 of 20 participants lack a condition or an answer",)
    findings = replay.study.measure(replay.table)
    shift = pick(findings, "ability_beside_profile.empathy")
    assert shift.estimate == pytest.approx(1.0, abs=0.35)
    assert (shift.n, shift.missing) == (19, 1)
    assert pick(findings, "theme.empathy").estimate == 0.75
    assert pick(findings, "theme.empathy").conventions[0] == "as_published"
    assert 0.8 < pick(findings, "coders.kappa").estimate < 1
    assert {one.subject for one in findings} == {"people"}


def test_codes_alone_are_a_study(tmp_path: Path) -> None:
    write_csv(tmp_path / "codes.csv", [{"participant": f"P{n}", "code": "empathy"} for n in range(6)])
    findings = (replay := read_study(tmp_path, {})).study.measure(replay.table)
    assert pick(findings, "theme.empathy").n == 6
    assert not [one for one in findings if one.name.startswith(("rating", "coders"))]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"condition": "chatgpt"}, "row 2: 'chatgpt' is no condition"),
        ({"1": "9"}, "item 1: '9' is none of the options"),
        ({"participant": " "}, "row 2"),
        ({"condition": "profile"}, "twice"),
    ],
)
def test_a_study_that_cannot_be_read_says_where(tmp_path: Path, change: dict[str, object], told: str) -> None:
    rows = people(3)
    write_csv(tmp_path / "study.csv", [{**rows[0], **change}, *rows[1:]])
    with pytest.raises(InputError, match=told):
        read_study(tmp_path, {})


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no study\.csv and no codes\.csv"):
        read_study(tmp_path, {})
    write_csv(tmp_path / "codes.csv", [{"participant": "a", "code": ""}])
    with pytest.raises(InputError, match="row 2: has no code"):
        read_study(tmp_path, {})
    write_csv(tmp_path / "codes.csv", [{"participant": "a"}])
    with pytest.raises(InputError, match="lacks 1 columns, 'code' first"):
        read_study(tmp_path, {})


def test_the_command_runs_it_and_reads_a_study(tmp_path: Path) -> None:
    said = personae("paper", "run", "persona_l", "--model", "sim", "--folder", str(tmp_path / "run"), "--json")
    assert said.code == 0, said.err
    for name in ("report.html", "sources.html"):
        assert "SIMULATED" in (tmp_path / "run" / name).read_text(encoding="utf-8")
    (comparison,) = said.data["comparisons"]
    assert (comparison["published"], comparison["estimate"], comparison["confidence"]) == (6.0, 12.0, "verified")
    assert len(list(read_personas(tmp_path / "run" / PERSONAS))) == 12
    write_csv(tmp_path / "study.csv", people(8))
    replayed = personae("paper", "replay", "persona_l", str(tmp_path), "--json")
    assert replayed.code == 0, replayed.err
    assert PAPER.entry.number == 8
