"""The life of a persona: set, merged, compared, kept in versions, passed on by its terms, fitted to a budget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from personae.errors import InputError
from personae.persona import (
    RENDERERS,
    Memory,
    Persona,
    Provenance,
    count_facets,
    diff_personas,
    estimate_tokens,
    find_version,
    fit_to_budget,
    history_path,
    merge_personas,
    note_version,
    persona_schema,
    read_history,
    render,
    respect_terms,
    save_persona,
    version_hash,
)
from personae.persona.setting import pointer_of, set_fields
from support.personas import FULL_PERSONA, personas

DOCS = Path(__file__).parents[2] / "docs"
ADA = Persona(id="ada", name="Ada", description="An engineer.", goals=("rest",), traits={"big_five.openness": 1.0})


# --- setting ----------------------------------------------------------------------------------------------------------


def test_fields_are_set_by_their_paths() -> None:
    ada = set_fields(
        None,
        ["name=Ada", "age=36", "big_five.openness=1.5", "goals=rest", "goals+=read", "personal_identity.hobby=a=b"],
    )
    assert (ada.name, ada.demographics.age, ada.traits) == ("Ada", 36, {"big_five.openness": 1.5})
    assert (ada.goals, ada.personal_identity) == (("rest", "read"), {"hobby": "a=b"})
    changed = set_fields(ada, ['abilities=[{"ability": "sail", "constraint": "in fair weather"}]'], ["age", "goals"])
    assert (changed.id, changed.demographics.age, changed.goals) == (ada.id, None, ())
    assert changed.abilities[0].constraint == "in fair weather"
    assert set_fields(ada, ["memories=The storm."]).memories == (Memory(text="The storm."),)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("nonsense=1", "no field"),
        ("name", "sets nothing"),
        ("age=old", "no number"),
        ("age=400", "130"),
        ("big_five.openness=99", "z-score"),
        ("goals=[1", "no JSON"),
        ("name+=x", "no list"),
    ],
)
def test_what_cannot_be_set_is_refused(change: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        set_fields(ADA, [change])


def test_a_field_has_one_pointer() -> None:
    assert pointer_of("age") == pointer_of("demographics.age") == "/demographics/age"
    assert pointer_of("/extensions/x") == "/extensions/x"
    assert pointer_of("abilities") == "/abilities"


# --- merging and comparing --------------------------------------------------------------------------------------------


def test_fragments_add_what_is_missing_and_join_lists() -> None:
    sailor = Persona(goals=("rest", "sail"), beliefs=("Ropes remember.",), demographics={"age": 40})
    merged = merge_personas([ADA, sailor])
    assert merged.conflicts == ()
    assert (merged.persona.id, merged.persona.goals) == ("ada", ("rest", "sail"))
    assert merged.persona.demographics.age == 40


@pytest.mark.parametrize(("rule", "name"), [("keep", "Ada"), ("replace", "Bo"), ("surest", "Bo")])
def test_rules_say_who_wins(rule: str, name: str) -> None:
    other = Persona(name="Bo", provenance={"name": Provenance(confidence=0.9)})
    merged = merge_personas([ADA, other], rule=rule)  # type: ignore[arg-type]
    assert merged.persona.name == name
    assert [(one.path, one.first, one.second) for one in merged.conflicts] == [("/name", "Ada", "Bo")]
    if name == "Bo":
        assert merged.persona.provenance_of("name").confidence == 0.9


def test_a_conflict_is_refused_unless_a_rule_is_chosen() -> None:
    other = Persona(name="Bo", traits={"big_five.openness": -1.0})
    with pytest.raises(InputError, match=r"/name, /traits/big_five\.openness|/traits/big_five\.openness, /name"):
        merge_personas([ADA, other])
    merged = merge_personas([ADA, other], rule="replace", rules={"/traits": "keep"})
    assert (merged.persona.name, merged.persona.traits) == ("Bo", {"big_five.openness": 1.0})
    with pytest.raises(InputError, match="nothing to merge"):
        merge_personas([])


@settings(deadline=None, max_examples=60)
@given(personas, personas)
def test_merging_with_oneself_or_nobody_changes_nothing(one: Persona, other: Persona) -> None:
    unique = one.model_copy(update={key: tuple(dict.fromkeys(getattr(one, key))) for key in ("goals", "beliefs")})
    assert merge_personas([unique, unique]).persona == unique
    assert merge_personas([unique, Persona()]).persona == unique
    kept = merge_personas([one, other], rule="keep").persona
    assert kept.name == (one.name or other.name)
    assert merge_personas([one, other], rule="replace").persona.description == (other.description or one.description)


@settings(deadline=None, max_examples=60)
@given(personas, personas)
def test_the_difference_is_empty_only_between_equals(one: Persona, other: Persona) -> None:
    assert diff_personas(one, one) == []
    assert (diff_personas(one, other) == []) == (one == other)
    assert [change.path for change in diff_personas(one, other)] == [
        change.path for change in diff_personas(other, one)
    ]


# --- versions ---------------------------------------------------------------------------------------------------------


def test_versions_are_kept_beside_the_file_by_their_hash(tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    save_persona(ADA, path)
    first = note_version(path, ADA, "made", at="2025-01-01T00:00:00+00:00")
    assert first is not None
    assert first.hash == version_hash(ADA)
    assert note_version(path, ADA) is None  # nothing has changed
    changed = ADA.model_copy(update={"name": "Ada L."})
    second = note_version(path, changed, "renamed")
    assert second is not None
    assert second.parent == first.hash
    found = read_history(path)
    assert [one.persona for one in found] == [ADA, changed]
    assert [one.note for one in found] == ["made", "renamed"]
    assert history_path(path).name == "ada.yaml.history.jsonl"
    assert find_version(found, first.hash[:8]).persona == ADA
    with pytest.raises(InputError, match="no version begins"):
        find_version(found, "zzz")
    with pytest.raises(InputError, match="no version begins"):
        find_version(found, "")
    assert read_history(path, "somebody else") == []


def test_the_hash_of_a_version_covers_sources_too() -> None:
    sourced = ADA.model_copy(update={"provenance": {"*": Provenance(by="x")}})
    assert sourced.hash == ADA.hash
    assert version_hash(sourced) != version_hash(ADA)


def test_a_line_that_was_cut_off_loses_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    note_version(path, ADA)
    whole = history_path(path).read_bytes()
    history_path(path).write_bytes(whole + whole[: len(whole) // 2])
    assert [one.persona for one in read_history(path)] == [ADA]


def test_a_version_that_was_tampered_with_is_found(tmp_path: Path) -> None:
    path = tmp_path / "ada.yaml"
    note_version(path, ADA)
    text = history_path(path).read_text().replace("An engineer.", "A lawyer.")
    history_path(path).write_text(text)
    with pytest.raises(InputError, match="not what its hash says"):
        read_history(path)


# --- terms ------------------------------------------------------------------------------------------------------------


def test_fields_without_consent_or_licence_stay_at_home() -> None:
    ada = FULL_PERSONA.model_copy(
        update={
            "provenance": {
                "demographics.religion": Provenance(consent="Withdrawn in May"),
                "memories": Provenance(licence="CC-BY-NC-SA-4.0"),
                "style": Provenance(licence="All rights reserved"),
                "goals": Provenance(consent="yes, for research", licence="CC-BY-4.0"),
            }
        }
    )
    shared = respect_terms(ada)
    assert (shared.persona.demographics.religion, shared.persona.style) == ("", "")
    assert shared.persona.goals == ada.goals
    assert shared.persona.memories == ada.memories
    assert {loss.path for loss in shared.withheld} == {"/demographics/religion", "/style", "/extensions"}
    sold = respect_terms(ada, uses=["share", "commercial"])
    assert sold.persona.memories == ()
    assert any("no commercial use" in loss.note for loss in sold.withheld)
    careful = respect_terms(ada, needs_consent=True)
    assert careful.persona.content().keys() == {"goals"}
    listed = respect_terms(ada, licences=["CC BY 4.0"])
    assert listed.persona.content().keys() == {"goals"}


@pytest.mark.parametrize(
    ("consent", "shared", "sold"),
    [
        ("yes", True, True),
        ("no restrictions", True, True),
        ("No objection, by letter", True, True),
        ("research only", True, False),
        ("for non-commercial use", True, False),
        ("no commercial use", True, False),
        ("none", False, False),
        ("Opted out on 3 May", False, False),
        ("expired", False, False),
        ("declined", False, False),
        ("No.", False, False),
    ],
)
def test_words_of_consent(consent: str, shared: bool, sold: bool) -> None:
    ada = Persona(name="Ada", style="dry", provenance={"style": Provenance(consent=consent)})
    assert bool(respect_terms(ada).persona.style) is shared
    assert bool(respect_terms(ada, uses=("share", "commercial")).persona.style) is sold


def test_items_of_a_list_have_terms_of_their_own() -> None:
    ada = Persona(
        name="Ada",
        goals=("rest", "win", "sail"),
        beliefs=("b",),
        provenance={
            "goals.0": Provenance(consent="withdrawn"),
            "goals.1": Provenance(by="an interview"),
            "goals.2": Provenance(by="a letter", licence="CC BY-NC 4.0"),
            "beliefs.0": Provenance(consent="no"),
        },
    )
    shared = respect_terms(ada)
    assert shared.persona.goals == ("win", "sail")
    assert shared.persona.beliefs == ()
    assert [loss.path for loss in shared.withheld] == ["/goals/0", "/beliefs/0"]
    assert {path: one.by for path, one in shared.persona.provenance.items()} == {
        "goals.0": "an interview",
        "goals.1": "a letter",
    }
    sold = respect_terms(ada, uses=["commercial"]).persona
    assert (sold.goals, list(sold.provenance)) == (("win",), ["goals.0"])
    assert respect_terms(ada, needs_consent=True).persona.goals == ()


def test_nothing_is_left_out_where_nothing_is_said() -> None:
    assert respect_terms(ADA).persona is ADA
    derived = Persona(name="A", goals=("x",), provenance={"goals": Provenance(licence="CC BY-ND 4.0")})
    assert respect_terms(derived, uses=["share"]).withheld == ()
    assert respect_terms(derived, uses=["adapt"]).persona.goals == ()


def test_originals_do_not_carry_out_what_was_left_out() -> None:
    secret = Persona(
        name="Ada",
        description="SECRET",
        provenance={"description": Provenance(consent="no")},
        extensions={"character_card": {"description": "SECRET"}},
    )
    assert "SECRET" not in json.dumps(respect_terms(secret).persona.model_dump(mode="json"))


# --- budget and schema ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("renderer", ["second-person", "third-person", "json"])
def test_a_persona_fits_its_budget(renderer: str) -> None:
    whole = estimate_tokens(render(FULL_PERSONA, renderer).text)
    before: tuple[str, ...] = ()
    for budget in range(whole, 40, -20):
        fitted = fit_to_budget(FULL_PERSONA, renderer, budget)
        assert fitted.tokens == estimate_tokens(fitted.prompt.text) <= budget
        assert fitted.left_out[: len(before)] == before  # a smaller budget leaves out the same first
        before = fitted.left_out
    assert before
    assert fit_to_budget(FULL_PERSONA, renderer, whole).left_out == ()


def test_the_least_important_memory_goes_first() -> None:
    memories = (Memory(text="a " * 40, importance=0.9), Memory(text="b " * 40, importance=0.1), Memory(text="c " * 40))
    fitted = fit_to_budget(Persona(name="Ada", memories=memories), "second-person", 40)
    assert fitted.left_out == ("memories/2", "memories/1")
    with pytest.raises(InputError, match="name and description alone take"):
        fit_to_budget(Persona(name="Ada", description="x " * 400), "second-person", 20)


def test_shares_of_facets_are_what_their_absence_saves() -> None:
    shares = count_facets(FULL_PERSONA, "second-person", len)
    assert set(shares) <= {*Persona.model_fields}
    assert all(share > 0 for share in shares.values())
    assert sum(shares.values()) <= len(render(FULL_PERSONA, "second-person").text)
    assert count_facets(ADA, "adjectives", len) == {"traits": len(render(ADA, "adjectives").text)}
    assert set(RENDERERS) >= {"adjectives", "second-person"}


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads((DOCS / "persona.schema.json").read_text()) == persona_schema()
    assert set(persona_schema()["properties"]) == {"format", *Persona.model_fields}
