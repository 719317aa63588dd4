"""The persona object: what identifies it, what it refuses, where its statements come from."""

from __future__ import annotations

import copy
import hashlib
import math
import string
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from personae.persona import Ability, Demographics, Memory, ModelParameters, Persona, Provenance, Voice
from support.personas import FULL_PERSONA, demographics, personas, trait_keys, z_scores

# --- identity ---------------------------------------------------------------------------------------------------------

CHANGES: list[dict[str, Any]] = [
    {"name": "Ada"},
    {"description": "x"},
    *({"demographics": {name: "x"}} for name in sorted(set(Demographics.model_fields) - {"age", "languages"})),
    {"demographics": {"age": 0}},
    {"demographics": {"age": 36}},
    {"demographics": {"languages": ["x"]}},
    {"traits": {"big_five.openness": 0.0}},
    {"traits": {"big_five.openness": 1.0}},
    {"traits": {"big_five.openness": -1.0}},
    {"traits": {"big_five.openness.ideas": 1.0}},
    {"traits": {"hexaco.openness": 1.0}},
    {"social_identity": {"a": "x"}},
    {"social_identity": {"b": "x"}},
    {"personal_identity": {"a": "x"}},
    {"life_context": "x"},
    {"abilities": [{"ability": "x"}]},
    {"abilities": [{"ability": "x", "constraint": "y"}]},
    {"goals": ["x"]},
    {"goals": ["x", "y"]},
    {"goals": ["y", "x"]},
    {"beliefs": ["x"]},
    {"knowledge": ["x"]},
    {"style": "x"},
    *({"voice": {name: "x"}} for name in sorted(Voice.model_fields)),
    {"appearance": "x"},
    {"memories": [{"text": "x"}]},
    {"memories": [{"text": "x", "when": "y"}]},
    {"memories": [{"text": "x", "importance": 0.0}]},
    {"model": {"name": "x"}},
    {"model": {"temperature": 0.0}},
    {"model": {"top_p": 0.5}},
    {"model": {"max_tokens": 5}},
    {"extensions": {"a": None}},
    {"extensions": {"a": {"b": False}}},
]


def test_every_content_field_is_part_of_the_hash() -> None:
    hashes = [Persona().hash, *(Persona.model_validate(change).hash for change in CHANGES)]
    assert len(set(hashes)) == len(hashes)
    not_content = {"id", "provenance"}
    assert {name for change in CHANGES for name in change} == set(Persona.model_fields) - not_content


def test_the_persona_has_the_facets_of_the_design() -> None:
    wanted = {
        *("id", "name", "description", "demographics", "traits", "social_identity", "personal_identity"),
        *("life_context", "abilities", "goals", "beliefs", "knowledge", "style", "voice", "appearance", "memories"),
        *("model", "provenance", "extensions"),
    }
    assert set(Persona.model_fields) == wanted
    assert {"origin", "confidence", "consent", "licence"} <= set(Provenance.model_fields)


@settings(deadline=None)
@given(personas, st.text(string.ascii_letters, min_size=1))
def test_neither_id_nor_provenance_is_part_of_the_hash(persona: Persona, name: str) -> None:
    renamed = persona.model_copy(update={"id": name, "provenance": {"*": Provenance(by=name)}})
    assert renamed.hash == persona.hash


@settings(deadline=None)
@given(personas)
def test_equal_content_gives_an_equal_hash_and_id_whoever_writes_it(persona: Persona) -> None:
    data = persona.model_dump(mode="json", exclude={"id"})
    again = Persona.model_validate(data)
    assert again.hash == persona.hash
    assert again.id == Persona.model_validate(data).id
    assert persona.hash[:12] in again.id


def reversed_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reversed_keys(inner) for key, inner in reversed(value.items())}
    return [reversed_keys(inner) for inner in value] if isinstance(value, list) else value


@settings(deadline=None)
@given(personas)
def test_the_order_of_keys_changes_neither_hash_nor_words(persona: Persona) -> None:
    from personae.persona import RENDERERS, render

    turned = Persona.model_validate(reversed_keys(persona.model_dump(mode="json")))
    assert turned.hash == persona.hash
    assert turned.id == persona.id
    for key in RENDERERS:
        if key != "json":
            assert render(turned, key) == render(persona, key)


def test_the_order_of_a_list_is_content() -> None:
    assert Persona(goals=("a", "b")).hash != Persona(goals=("b", "a")).hash


def test_the_hash_is_the_same_on_every_machine_and_in_every_version() -> None:
    """If this fails, every stored hash has lost its meaning: raise HASH_SCHEME, and say so in the changelog."""
    assert FULL_PERSONA.hash == "8b2a40a28a449be0c347fb588f19c24a9bfc8dff1e41144381c0affb762ccf89"
    assert Persona().hash == hashlib.sha256(b"[1,{}]").hexdigest()
    ada = hashlib.sha256(b'[1,{"name":"Ada","traits":{"a.b":1.0,"a.c":0.0}}]').hexdigest()
    assert Persona(traits={"a.c": 0, "a.b": 1}, name="Ada").hash == ada
    assert Persona(traits={"a.c": 0, "a.b": 1}, name="Ada").id == f"p-{ada[:12]}"


def test_the_id_stays_when_the_content_is_edited() -> None:
    ada = Persona(name="Ada")
    older = ada.model_copy(update={"name": "Ada Lovelace"})
    assert older.id == ada.id
    assert older.hash != ada.hash
    assert Persona(id="ada", name="Ada").id == "ada"


def test_whole_and_broken_numbers_of_one_value_are_one_trait() -> None:
    assert Persona(traits={"a.b": 1}).hash == Persona(traits={"a.b": 1.0}).hash
    assert Persona(traits={"a.b": 0.0}).hash == Persona(traits={"a.b": -0.0}).hash


def test_zero_is_a_statement_and_nothing_is_not() -> None:
    persona = Persona(traits={"a.b": 0}, demographics=Demographics(age=0), model=ModelParameters(temperature=0))
    content = persona.content()
    assert content == {"traits": {"a.b": 0.0}, "demographics": {"age": 0}, "model": {"temperature": 0.0}}
    assert Persona().content() == {}
    assert Persona(id="x", provenance={"*": Provenance(by="y")}).content() == {}
    empty = Persona(name="", goals=(), demographics=Demographics(gender=""), voice=Voice(), extensions={})
    assert empty.content() == {}
    assert empty.hash == Persona().hash


def test_a_persona_cannot_be_changed_in_place() -> None:
    ada = Persona(name="Ada")
    with pytest.raises(ValidationError):
        ada.name = "Bob"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        ada.demographics.age = 3  # type: ignore[misc]


def test_copies_are_the_same_person() -> None:
    for other in (copy.copy(FULL_PERSONA), copy.deepcopy(FULL_PERSONA)):
        assert other == FULL_PERSONA
        assert (other.id, other.hash) == (FULL_PERSONA.id, FULL_PERSONA.hash)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("z", [math.nan, math.inf, -math.inf, 6.0001, -6.0001, 1e308, 50])
def test_what_is_no_z_score_is_refused_by_name(z: float) -> None:
    with pytest.raises(ValidationError, match=r"big_five\.openness"):
        Persona(traits={"big_five.openness": z})


@pytest.mark.parametrize("z", [True, False, "high", "", None, [1.0], {}, 1j])
def test_a_trait_that_is_no_number_is_refused(z: object) -> None:
    with pytest.raises(ValidationError, match=r"big_five\.openness"):
        Persona.model_validate({"traits": {"big_five.openness": z}})


@pytest.mark.parametrize("z", [-6, -0.25, 0, 6, 5e-324])
def test_every_z_score_up_to_six_is_taken_as_it_is(z: float) -> None:
    assert Persona(traits={"a.b": z}).trait("a.b") == z


@pytest.mark.parametrize(
    "key", ["", "openness", "Big_Five.openness", "a.b.c.d", "a..b", ".b", "a.", "a b.c", "a.b\n", "ä.b", "a-b.c"]
)
def test_a_trait_without_scale_and_name_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match=r"is no trait; name it scale\.trait"):
        Persona(traits={key: 1.0})


@settings(deadline=None)
@given(st.dictionaries(trait_keys, z_scores, max_size=5))
def test_traits_are_kept_in_one_order(traits: dict[str, float]) -> None:
    persona = Persona(traits=traits)
    assert persona.traits == traits
    assert list(persona.traits) == sorted(traits)


REFUSED: list[dict[str, Any]] = [
    {"demographics": {"age": -1}},
    {"demographics": {"age": 131}},
    {"demographics": {"age": 36.5}},
    {"demographics": {"age": True}},
    {"demographics": {"age": "old"}},
    {"demographics": {"gender": 1}},
    {"demographics": {"languages": "English"}},
    {"demographics": {"languages": [1]}},
    {"demographics": "x"},
    {"name": 5},
    {"name": None},
    {"id": 5},
    {"goals": "x"},
    {"goals": {"a": "b"}},
    {"abilities": [{"ability": ""}]},
    {"abilities": [{"constraint": "x"}]},
    {"memories": [{"text": ""}]},
    {"memories": [{"text": "x", "importance": 1.1}]},
    {"memories": [{"text": "x", "importance": True}]},
    {"memories": [{"text": "x", "importance": math.nan}]},
    {"model": {"temperature": -0.1}},
    {"model": {"temperature": math.inf}},
    {"model": {"temperature": True}},
    {"model": {"top_p": 0}},
    {"model": {"top_p": 1.1}},
    {"model": {"max_tokens": 0}},
    {"model": {"max_tokens": True}},
    {"provenance": {"name": "me"}},
    {"extensions": {"a": math.nan}},
    {"extensions": {"a": [math.inf]}},
    {"extensions": {"a": object()}},
    {"extensions": {"a": b"x"}},
    {"extensions": {"a": 2**64}},
    {"extensions": {"a": "\ud800"}},
    {"extensions": {1: "x"}},
    {"extensions": []},
    {"name": "\ud800"},
    {"nickname": "x"},
    {"demographics": {"shoe_size": 38}},
]


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: str(next(iter(data))))
def test_what_a_field_cannot_hold_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Persona.model_validate(data)


def test_the_bounds_themselves_are_allowed() -> None:
    Persona(demographics=Demographics(age=130), memories=(Memory(text="x", importance=1.0),))
    Persona(model=ModelParameters(temperature=0, top_p=1, max_tokens=1), abilities=(Ability(ability="x"),))
    Persona(extensions={"a": 2**64 - 1, "b": -(2**63)})


# --- provenance -------------------------------------------------------------------------------------------------------


def test_a_field_has_its_own_source_or_that_of_the_nearest_field_around_it() -> None:
    sources = {name: Provenance(by=name) for name in ("*", "traits", "traits.big_five", "traits.big_five.openness")}
    persona = Persona(provenance=sources)
    for path, source in {
        "traits.big_five.openness": "traits.big_five.openness",
        "traits.big_five.openness.ideas": "traits.big_five.openness",
        "traits.big_five.extraversion": "traits.big_five",
        "traits.hexaco.openness": "traits",
        "traits": "traits",
        "traitsx": "*",
        "name": "*",
        "demographics.age": "*",
        "": "*",
    }.items():
        assert persona.provenance_of(path).by == source, path


def test_what_nobody_sourced_was_given() -> None:
    assert Persona().provenance_of("demographics.age") == Provenance(origin="given")
    assert Persona(provenance={"name": Provenance(by="x")}).provenance_of("traits") == Provenance()


# --- traits -----------------------------------------------------------------------------------------------------------


def test_a_trait_that_nobody_stated_is_none_and_an_average_one_is_zero() -> None:
    assert Persona(traits={"a.b": 0}).trait("a.b") == 0.0
    assert Persona().trait("a.b") is None


@settings(deadline=None)
@given(personas, st.dictionaries(trait_keys, z_scores, max_size=3))
def test_with_traits_adds_and_replaces_and_keeps_the_rest(persona: Persona, traits: dict[str, float]) -> None:
    before = persona.hash
    other = persona.with_traits(traits)
    assert other.traits == {**persona.traits, **traits}
    assert persona.hash == before
    rest = {"id", "traits"}
    assert other.model_dump(exclude=rest) == persona.model_dump(exclude=rest)
    assert other.id == Persona.model_validate(other.model_dump(exclude={"id"})).id
    assert (other.hash == persona.hash) == (other.traits == persona.traits)


def test_with_traits_refuses_what_is_no_trait() -> None:
    for bad in ({"a.b": 7.0}, {"a": 1.0}):
        with pytest.raises(ValidationError):
            Persona().with_traits(bad)


# --- notebooks --------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects the tags and the text of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not any(name.startswith("on") or (value or "").startswith("javascript") for name, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


ATTACK = "</table><script>alert('x')</script><img src=x onerror=alert(1)>"


def attacked(model: type[BaseModel]) -> dict[str, Any]:
    """Every field of free text holds the attack."""
    return {name: ATTACK for name, field in model.model_fields.items() if field.annotation is str}


def test_untrusted_text_is_escaped_in_notebooks() -> None:
    persona = Persona(
        **attacked(Persona),
        demographics=Demographics(**attacked(Demographics), languages=(ATTACK,)),
        voice=Voice(**attacked(Voice)),
        model=ModelParameters(**attacked(ModelParameters)),
        social_identity={ATTACK: ATTACK},
        personal_identity={ATTACK: ATTACK},
        goals=(ATTACK,),
        beliefs=(ATTACK,),
        knowledge=(ATTACK,),
        abilities=(Ability(**attacked(Ability)),),
        memories=(Memory(**attacked(Memory)),),
        extensions={ATTACK: [ATTACK]},
    )
    seen = Tags()
    seen.feed(persona._repr_html_())
    assert seen.tags == {"table", "caption", "tr", "th", "td"}
    assert seen.text.count("alert(1)") >= 20


def test_a_notebook_shows_name_or_id_and_every_field() -> None:
    page = FULL_PERSONA._repr_html_()
    assert "<caption>Ada Lovelace</caption>" in page
    for name in FULL_PERSONA.content():
        assert f">{name}</th>" in page
    assert f"<caption>{Persona().id}</caption>" in Persona()._repr_html_()


@settings(deadline=None)
@given(demographics)
def test_demographics_compare_by_value(facts: Demographics) -> None:
    assert Demographics.model_validate(facts.model_dump()) == facts
