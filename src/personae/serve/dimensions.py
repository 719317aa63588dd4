"""What can be customised about a persona, in the groups of CloChat's design lab (Ha et al., 2024).

CloChat asks for demographics, verbal style, nonverbal style, knowledge and interests, relational content and
appearance. Each group names the fields of a persona that hold it; traits, abilities and memories are ours beside them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

FieldKind = Literal["text", "long_text", "number", "list", "pairs", "abilities", "memories", "traits", "model"]


@dataclass(frozen=True, slots=True)
class DimensionField:
    """One field of a form."""

    path: str
    """Where it is in the persona's JSON."""
    title: str
    kind: FieldKind = "text"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One group of a form."""

    key: str
    title: str
    about: str
    fields: tuple[DimensionField, ...]
    is_clochat: bool = True
    """Whether CloChat asks for it."""


DIMENSIONS = (
    Dimension(
        "demographics",
        "Demographics",
        "Who the person is, as a census would ask.",
        (
            DimensionField("name", "Name"),
            DimensionField("demographics.age", "Age", "number"),
            DimensionField("demographics.gender", "Gender"),
            DimensionField("demographics.occupation", "Occupation"),
            DimensionField("demographics.nationality", "Nationality"),
            DimensionField("demographics.residence", "Lives in"),
            DimensionField("demographics.education", "Education"),
            DimensionField("demographics.languages", "Languages", "list"),
        ),
    ),
    Dimension(
        "verbal_style",
        "Verbal style",
        "How the person puts things: tone, formality, length, dialect.",
        (
            DimensionField("style", "Speaks and writes", "long_text", "short sentences, dry jokes, never swears"),
            DimensionField("voice.accent", "Accent"),
            DimensionField("voice.language", "Language"),
        ),
    ),
    Dimension(
        "nonverbal_style",
        "Nonverbal style",
        "What accompanies the words: emoji, gestures, pace, voice.",
        (
            DimensionField("personal_identity.nonverbal", "Emoji and gestures", "text", "one emoji a message at most"),
            DimensionField("voice.pace", "Pace"),
            DimensionField("voice.pitch", "Pitch"),
            DimensionField("voice.description", "Voice", "long_text"),
        ),
    ),
    Dimension(
        "knowledge",
        "Knowledge and interests",
        "What the person knows, likes and believes.",
        (
            DimensionField("knowledge", "Knows about", "list"),
            DimensionField("personal_identity.interests", "Is interested in", "text", "jazz, old maps, chess"),
            DimensionField("beliefs", "Believes", "list"),
            DimensionField("goals", "Wants", "list"),
        ),
    ),
    Dimension(
        "relational",
        "Relational content",
        "What the person is to the one they talk with, and what they share.",
        (
            DimensionField("social_identity", "Roles and groups", "pairs", "relationship: your old teacher"),
            DimensionField("life_context", "Life so far", "long_text"),
            DimensionField("memories", "Remembers", "memories"),
        ),
    ),
    Dimension(
        "appearance",
        "Appearance",
        "How the person looks, in words.",
        (DimensionField("appearance", "Looks", "long_text"),),
    ),
    Dimension(
        "character",
        "Character",
        "Traits in nine levels, and what sets the person apart.",
        (
            DimensionField("description", "In short", "long_text"),
            DimensionField("traits", "Traits", "traits"),
            DimensionField("personal_identity", "What sets them apart", "pairs"),
        ),
        is_clochat=False,
    ),
    Dimension(
        "abilities",
        "Abilities",
        "What the person can do, each with what limits it: abilities first.",
        (DimensionField("abilities", "Abilities and constraints", "abilities"),),
        is_clochat=False,
    ),
    Dimension(
        "model",
        "Model",
        "The model that plays this person unless another is asked for.",
        (DimensionField("model", "Model and sampling", "model"),),
        is_clochat=False,
    ),
)
"""The groups, in the order of the form."""


def dimension_rows() -> list[dict[str, Any]]:
    """The groups as JSON."""
    return [asdict(dimension) for dimension in DIMENSIONS]
