"""Renderers as factors of an experiment: versioned, found by name, silent about what is not content."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings

from personae.errors import InputError
from personae.persona import (
    RENDERERS,
    ModelParameters,
    Persona,
    Prompt,
    Provenance,
    Renderer,
    empty_persona,
    render,
)
from support.personas import FULL_PERSONA, personas

GOLDEN = {
    "adjectives@1": "bea3019ad84ee0ff00410f99469ce20b81aabb2d8a32d5d2ef3b73f79c70b5be",
    "nine-level@1": "e88299ca85a8d2ffca9a22c3cc71178444c09fd746c2fe61d2920660eb448476",
    "second-person@2": "2ec361fd23b91897f1af908baebd81a11a4d08f2f8cb2b91eed2147ed07e2f2c",
    "third-person@2": "d424c43fe1a6ac12f1d8a381c7a7bea6a665e08038580e46175c74571d904a18",
    "json@1": "061e138f865a01e3d973e0af932ab986e2675d8b4bf8a9fc8d896be57db87e6c",
    "card@1": "38a6edaa9e9ac26111eb4decd12021b4b2d73352d5095daff8e56e872379809d",
}
"""Hash of the prompt that each version of a renderer makes of one persona."""


def test_a_changed_wording_is_a_new_version() -> None:
    """If this fails, the wording of a renderer changed: raise its version, and pin the new hash beside it."""
    assert {render(FULL_PERSONA, key).renderer: render(FULL_PERSONA, key).hash for key in RENDERERS} == GOLDEN


def test_the_renderers_of_the_first_round_are_there() -> None:
    assert set(RENDERERS) == {"adjectives", "nine-level", "second-person", "third-person", "json", "card"}
    for key, renderer in RENDERERS.items():
        assert renderer.key == key
        assert renderer.version >= 1
        assert renderer.identity == f"{key}@{renderer.version}"
        assert renderer.summary
        assert renderer.source
    assert "Jiang" in RENDERERS["adjectives"].source
    assert "Serapio-García" in RENDERERS["nine-level"].source


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_empty_persona_gives_the_empty_text(renderer: str) -> None:
    for persona in (Persona(), empty_persona(), Persona(id="ada")):
        assert render(persona, renderer) == Prompt("", RENDERERS[renderer].identity)


SECRET = "s3cret-mark"


@pytest.mark.parametrize("renderer", RENDERERS)
def test_id_sources_model_and_foreign_fields_never_enter_a_prompt(renderer: str) -> None:
    aside = Persona(
        id=SECRET,
        model=ModelParameters(name=SECRET, temperature=0.123),
        provenance={"*": Provenance(by=SECRET, note=SECRET, consent=SECRET, licence=SECRET), SECRET: Provenance()},
        extensions={SECRET: {"creator_notes": SECRET}, "unknown": {"system_prompt": SECRET}},
    )
    assert render(aside, renderer).text == ""
    together = FULL_PERSONA.model_copy(
        update={name: getattr(aside, name) for name in ("id", "model", "provenance", "extensions")}
    )
    assert SECRET not in render(together, renderer).text
    assert render(together, renderer) == render(FULL_PERSONA, renderer)


@settings(deadline=None)
@given(personas)
def test_the_prompt_depends_on_the_persona_alone(persona: Persona) -> None:
    twin = Persona.model_validate(persona.model_dump(mode="json"))
    for key in RENDERERS:
        prompt = render(persona, key)
        assert render(twin, key) == prompt
        assert prompt.renderer == RENDERERS[key].identity
        assert prompt.text == prompt.text.strip() or key == "json"


@settings(deadline=None)
@given(personas)
def test_json_is_json_or_nothing(persona: Persona) -> None:
    text = render(persona, "json").text
    assert text == "" or isinstance(json.loads(text), dict)


def test_a_prompt_is_known_by_the_hash_of_its_text() -> None:
    assert Prompt("Grüße", "x@1").hash == hashlib.sha256('"Grüße"'.encode()).hexdigest()
    assert Prompt("a", "x@1").hash == Prompt("a", "y@2").hash != Prompt("b", "x@1").hash


@pytest.mark.parametrize(
    ("name", "remedy"), [("adjective", "'adjectives'"), ("nine_level", "'nine-level'"), ("xyz", "third-person")]
)
def test_an_unknown_renderer_is_refused_with_an_offer(name: str, remedy: str) -> None:
    with pytest.raises(InputError) as caught:
        render(Persona(id="ada"), name)
    assert name in str(caught.value)
    assert caught.value.where == "ada"
    assert remedy in caught.value.remedy


def test_a_renderer_of_ones_own_is_a_value_too() -> None:
    shout = Renderer("shout", 3, "the name, loudly", "a test", lambda persona: persona.name.upper())
    assert shout.identity == "shout@3"
    assert shout.write(Persona(name="Ada")) == "ADA"
