"""Whole people: twenty facts, answers to two forms, what they love and hate, and two days of theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from personae.errors import InputError
from personae.papers.spectrum.profiles import Profile
from personae.papers.spectrum.scores import (
    DEGREES,
    FACETS,
    HIGHEST,
    LOWEST,
    PERSONALITY_ITEMS,
    VALUE_ITEMS,
    band,
    describe_personality,
    describe_values,
    facet_scores,
    value_scores,
)
from personae.persona import Persona, read_personas, trait_title

if TYPE_CHECKING:
    import numpy as np

FACTS: dict[str, tuple[str, ...]] = {
    "age": ("19", "26", "34", "47", "58", "71"),
    "sex": ("female", "male"),
    "gender": ("woman", "man", "non-binary"),
    "sexual orientation": ("heterosexual", "gay", "bisexual"),
    "ancestry": ("Western Europe", "Eastern Europe", "Sub-Saharan Africa", "South Asia", "Central America"),
    "race": ("White", "Black", "Asian", "Hispanic or Latino"),
    "disability": ("none", "a chronic illness", "impaired hearing"),
    "country of birth": ("the United States", "Mexico", "India", "Poland", "Nigeria"),
    "dual nationality": ("no", "yes"),
    "residence": ("a large city", "a suburb", "a small town", "the countryside"),
    "education": ("high school", "associate's degree", "bachelor's degree", "graduate degree"),
    "employment": ("full time", "part time", "self-employed", "unemployed", "retired"),
    "main job": ("nurse", "electrician", "shop assistant", "teacher", "accountant", "farmer", "cook"),
    "monthly household income": ("less than $2,500", "$2,500 to $5,833", "more than $5,833"),
    "income beside other families": ("below average", "average", "above average"),
    "satisfaction with income": ("not satisfied at all", "more or less satisfied", "very satisfied"),
    "perceived class": ("lower class", "working class", "middle class", "upper class"),
    "living with": ("nobody", "parents", "friends", "a partner", "a partner and children"),
    "political views": ("very liberal", "liberal", "moderate", "conservative", "very conservative"),
    "religion": ("none", "Protestant", "Catholic", "Jewish", "Muslim", "Hindu"),
}
"""What the published form asks, its nineteen questions and the job, with some of its answers, shortened."""

_LIKES = (
    "long walks by the river", "strong coffee", "old maps", "a tidy desk", "loud concerts", "baking bread",
    "the smell of rain", "chess puzzles", "crowded markets", "early mornings", "crime novels", "dancing",
    "repairing bicycles", "quiet libraries", "football on television", "growing tomatoes", "long phone calls",
    "spicy food", "detailed plans", "road trips without a plan",
)  # fmt: skip
_MORNINGS = ("get up at five and run", "sleep as long as I can", "read the news over tea", "pack lunch for everybody")
_WORK = (
    "go through my list point by point",
    "talk to everybody I meet",
    "work alone behind a closed door",
    "help whoever asks",
)
_EVENINGS = (
    "cook for friends",
    "watch a series",
    "practise the cello",
    "go over the day in my diary",
    "go out dancing",
)
_WEEKENDS = (
    "drive to the sea",
    "clean the whole flat",
    "visit my mother",
    "work in the garden",
    "stay in bed with a book",
)
_DOMAIN_SD, _ITEM_SD, _VALUE_SD = 0.9, 0.8, 1.2


def draw_people(count: int, rng: np.random.Generator) -> list[Profile]:
    """Draw people; what is in their three parts is independent, so that no part can be told from another.

    Example:
        >>> import numpy as np
        >>> one, two = draw_people(2, np.random.default_rng(1))
        >>> len(one.parts), one == two
        (5, False)
    """
    return [_draw(number, rng) for number in range(1, count + 1)]


def _draw(number: int, rng: np.random.Generator) -> Profile:
    def one_of(options: tuple[str, ...]) -> str:
        return options[int(rng.integers(len(options)))]

    facts = "\n".join(f"Your {name}: {one_of(options)}." for name, options in FACTS.items())
    domains = {domain: rng.normal(4, _DOMAIN_SD) for domain, _ in FACETS.values()}
    personality = [4] * PERSONALITY_ITEMS
    for domain, items in FACETS.values():
        for item in items:
            level = domains[domain] if item > 0 else LOWEST + HIGHEST - domains[domain]
            personality[abs(item) - 1] = _answer(level + rng.normal(0, _ITEM_SD))
    values = [_answer(rng.normal(4.5, _VALUE_SD)) for _ in range(VALUE_ITEMS)]
    chosen = [str(one) for one in rng.permutation(_LIKES)[:10]]
    loves = f"You love {', '.join(chosen[:5])}. You hate {', '.join(chosen[5:])}."
    days = (
        f"On a typical weekday I {one_of(_MORNINGS)}. At work I {one_of(_WORK)}. "
        f"In the evening I {one_of(_EVENINGS)}.\n"
        f"On a typical weekend I {one_of(_WEEKENDS)}, and then I {one_of(_EVENINGS)}."
    )
    return Profile(
        f"person-{number}",
        {
            "S": facts,
            "P_personality": describe_personality(facet_scores(personality)),
            "P_value": describe_values(value_scores(values)),
            "C_lovehate": loves,
            "C_behavior": days,
        },
        is_scored=True,
    )


def _answer(level: float) -> int:
    return int(min(HIGHEST, max(LOWEST, round(level))))


def read_people(path: Path) -> list[Profile]:
    """Read people from a persona file of any known format.

    Social identity is demographics and ``social_identity``; personal identity is ``personal_identity``, traits and
    beliefs; life context is ``life_context`` and goals.

    Raises:
        InputError: If somebody lacks one of the three.
    """
    found = []
    for number, read in enumerate(read_personas(path), start=1):
        one = read.persona
        facts = {
            name: value for name, value in one.demographics.model_dump().items() if value not in (None, "", (), [])
        }
        social = [
            f"Your {name.replace('_', ' ')}: {value}." for name, value in {**facts, **one.social_identity}.items()
        ]
        personal = [f"Your {name.replace('_', ' ')}: {value}" for name, value in one.personal_identity.items()]
        beliefs = list(one.beliefs)
        life = [text for text in (one.life_context, *(f"A goal of yours: {goal}." for goal in one.goals)) if text]
        for name, lines in (("social identity", social), ("personal identity", personal + beliefs + _traits(one)),
                            ("life context", life)):  # fmt: skip
            if not lines:
                raise InputError(
                    f"person {number} has no {name}", where=str(path), remedy="personae population write can add one"
                )
        found.append(
            Profile(
                one.name or f"person-{number}",
                {
                    "S": "\n".join(social),
                    "P_personality": "\n".join(personal + _traits(one)),
                    "P_value": "\n".join(beliefs),
                    "C_lovehate": "",
                    "C_behavior": "\n".join(life),
                },
                is_scored=True,
            )
        )
    return found


def _traits(one: Persona) -> list[str]:
    """Traits as sentences: one SD above the mean is 5.2 of 7."""
    return [
        f"Your {trait_title(key)} is {DEGREES[band(min(HIGHEST, max(LOWEST, 4 + 1.2 * z)))]}."
        for key, z in one.traits.items()
    ]
