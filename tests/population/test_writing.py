"""People written by a model: bound fields survive byte for byte or the person is rejected; lineage and evidence."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from personae.errors import InputError
from personae.model import Model, ScriptedModel, open_model
from personae.persona import Demographics, Persona, Provenance
from personae.population.writing import (
    WrittenPerson,
    expand,
    induce_persona,
    persona_from_text,
    related_persona,
    write_many,
    write_person,
)

DAVID = Persona(
    name="David",
    demographics=Demographics(age=34, languages=("Welsh", "English")),
    provenance={"*": Provenance(origin="given", by="brief")},
)
GOOD = {
    "name": "David",
    "demographics.age": 34,
    "demographics.languages": ["Welsh", "English"],
    "description": "A carpenter.",
    "goals": ["to build a boat"],
}


def write(answer: Any, **more: Any) -> WrittenPerson:
    model = ScriptedModel(lambda _: answer if isinstance(answer, str) else json.dumps(answer))
    return asyncio.run(write_person(model, DAVID, about="a test", wanted=["description", "goals"], **more))


def test_bound_fields_survive_and_written_ones_say_by_whom() -> None:
    found = write(GOOD)
    assert found.outcome == "ok"
    assert found.persona is not None
    assert found.persona.name == "David"
    assert found.persona.demographics == DAVID.demographics
    assert found.persona.goals == ("to build a boat",)
    assert found.persona.provenance_of("description").origin == "written"
    assert found.persona.provenance_of("description").by == "scripted"
    assert found.persona.provenance_of("name").by == "brief"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Eleanor"}, "name"),
        ({"name": "david"}, "name"),
        ({"name": "David "}, "name"),
        ({"name": "Dav\u0131d"}, "name"),
        ({"demographics.age": 35}, "demographics.age"),
        ({"demographics.age": "34"}, "demographics.age"),
        ({"demographics.languages": ["English", "Welsh"]}, "demographics.languages"),
    ],
)
def test_whoever_asked_for_david_never_gets_eleanor(change: dict[str, Any], field: str) -> None:
    found = write({**GOOD, **change})
    assert found.outcome == "rejected"
    assert found.persona is None
    assert found.changed == (field,)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("", "empty"),
        ("I can't help with that.", "refused"),
        ("David is a carpenter.", "unparsed"),
        ({"name": "David"}, "unparsed"),
    ],
)
def test_replies_that_cannot_be_used_are_told_apart(answer: Any, outcome: str) -> None:
    assert write(answer).outcome == outcome


def test_counts_sum_to_what_was_asked_for() -> None:
    answers = iter([json.dumps(GOOD), json.dumps({**GOOD, "name": "Eve"}), "no", "no", json.dumps(GOOD)])
    model = ScriptedModel(lambda _: next(answers))
    tasks = [lambda k=k: write_person(model, DAVID, about="x", wanted=["description"], replicate=k) for k in range(4)]
    found = asyncio.run(write_many(tasks, at_once=1))
    assert found.asked == 4
    assert found.counts["rejected"] == 1
    assert dict(found.changed) == {"name": 1}
    assert len(found.people) == found.counts["ok"] + found.counts["repaired"] == 2


def test_a_field_cannot_be_bound_and_wanted() -> None:
    with pytest.raises(InputError, match="bound and wanted"):
        asyncio.run(write_person(ScriptedModel([]), DAVID, about="x", wanted=["name"]))


def test_people_come_from_texts_and_from_people_with_their_lineage() -> None:
    model = ScriptedModel(lambda request: json.dumps({"persona": f"Somebody of {len(request.messages[-1].content)}."}))
    first = asyncio.run(persona_from_text(model, "On bees.", attitude="dislike", licence="cc-by-4.0")).persona
    assert first is not None
    assert "dislike the following" in model.requests[0].messages[-1].content
    second = asyncio.run(related_persona(model, first, relation="a neighbour")).persona
    assert second is not None
    lineage = second.extensions["lineage"]
    assert lineage == {"kind": "persona", "source": first.id, "relation": "a neighbour", "hop": 1}
    assert second.provenance_of("description").licence == "cc-by-4.0"
    assert "On bees" not in str(first.model_dump())


def test_six_hops_are_six_generations() -> None:
    count = iter(range(100))
    model = ScriptedModel(lambda _: json.dumps({"persona": f"Person {next(count)}."}))
    grown = asyncio.run(expand(model, [Persona(description="A"), Persona(description="B")], hops=6))
    lineages: list[Any] = [one.extensions["lineage"] for one in grown.people]
    assert sorted(int(one["hop"]) for one in lineages) == [hop for hop in range(1, 7) for _ in range(2)]


def induced(evidence: list[str]) -> WrittenPerson:
    traits = dict.fromkeys(["extraversion", "agreeableness", "conscientiousness", "neuroticism", "openness"], 7)
    model = ScriptedModel(lambda _: json.dumps({"description": "Calm.", "evidence": evidence, **traits}))
    return asyncio.run(induce_persona(model, ["I walk alone at dawn.", "Crowds tire me."]))


def test_evidence_is_in_the_texts_letter_for_letter_or_thrown_away() -> None:
    found = induced(["walk alone", "I love parties", "Crowds tire me."])
    assert found.persona is not None
    assert found.persona.extensions["lineage"]["evidence"] == ["walk alone", "Crowds tire me."]  # type: ignore[call-overload, index]
    source = found.persona.provenance_of("traits.big_five.openness")
    assert source.origin == "inferred"
    assert source.confidence == pytest.approx(2 / 3)
    assert found.persona.trait("big_five.openness") == 1.0
    assert induced(["I love parties"]).outcome == "rejected"


def test_the_simulated_respondent_writes_people_around_facts() -> None:
    model: Model = open_model("sim")
    found = asyncio.run(write_person(model, DAVID, about="a rehearsal", wanted=["description", "goals"]))
    assert found.persona is not None, found
    assert found.persona.name == "David"
