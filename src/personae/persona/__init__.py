"""The persona object: facets with sources, traits as z-scores, files that lose nothing, renderers, controls."""

from personae.persona.adjectives import QUALIFIERS, join_words, qualify
from personae.persona.controls import (
    NEUTRAL_PROMPTS,
    demographics_only,
    empty_persona,
    neutral_prompts,
    random_other,
)
from personae.persona.files import (
    ReadPersona,
    dump_json,
    dump_yaml,
    load_persona,
    persona_to_json,
    read_persona,
    read_personas,
    save_persona,
    unknown_fields,
)
from personae.persona.narrative import word_trait
from personae.persona.persona import (
    Ability,
    Demographics,
    Memory,
    ModelParameters,
    Persona,
    Voice,
)
from personae.persona.provenance import Origin, Provenance
from personae.persona.rendering import RENDERERS, Prompt, Renderer, render
from personae.persona.traits import (
    BIG_FIVE,
    LEVELS,
    POLE_Z,
    Marker,
    TraitWords,
    level_of,
    percentile_of,
    pole_of,
    trait_title,
    trait_words,
    z_of_level,
)

__all__ = [
    "BIG_FIVE",
    "LEVELS",
    "NEUTRAL_PROMPTS",
    "POLE_Z",
    "QUALIFIERS",
    "RENDERERS",
    "Ability",
    "Demographics",
    "Marker",
    "Memory",
    "ModelParameters",
    "Origin",
    "Persona",
    "Prompt",
    "Provenance",
    "ReadPersona",
    "Renderer",
    "TraitWords",
    "Voice",
    "demographics_only",
    "dump_json",
    "dump_yaml",
    "empty_persona",
    "join_words",
    "level_of",
    "load_persona",
    "neutral_prompts",
    "percentile_of",
    "persona_to_json",
    "pole_of",
    "qualify",
    "random_other",
    "read_persona",
    "read_personas",
    "render",
    "save_persona",
    "trait_title",
    "trait_words",
    "unknown_fields",
    "word_trait",
    "z_of_level",
]
