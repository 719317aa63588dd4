"""Populations by design: every combination of trait levels, so that no trait is confounded with another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from personae.errors import InputError
from personae.persona import Persona, Provenance


def cross_traits(
    levels: Mapping[str, Sequence[float]], *, name: Callable[[Mapping[str, float]], str] | None = None
) -> Iterator[Persona]:
    """Stream one persona for every combination of trait levels.

    When to use: when effects of traits are to be told apart. Two levels of five traits give the 32 types of PersonaLLM;
    nine levels of one trait give a dose-response series. Such a population is a design, not a sample: it says nothing
    about how often its people occur.

    Args:
        levels: z-scores by trait.
        name: Gives each persona an id from its traits; by default the id comes from the content.

    Raises:
        InputError: If a trait has no levels, lists one twice, or has one that is no z-score.

    Example:
        >>> people = list(cross_traits({"big_five.extraversion": [1, -1], "big_five.openness": [1, 0, -1]}))
        >>> len(people), people[0].traits
        (6, {'big_five.extraversion': 1.0, 'big_five.openness': 1.0})
    """
    return _stream({trait: _z_scores(trait, values) for trait, values in levels.items()}, name)


def _stream(
    levels: Mapping[str, Sequence[float]], name: Callable[[Mapping[str, float]], str] | None
) -> Iterator[Persona]:
    source = {"traits": Provenance(origin="given", by="factorial design")}
    for combination in itertools.product(*levels.values()):
        traits = dict(zip(levels, combination, strict=True))
        yield Persona(id=name(traits) if name else "", traits=traits, provenance=source)


def _z_scores(trait: str, levels: Sequence[float]) -> tuple[float, ...]:
    """Check a factor before the first persona of a long stream, and not in its middle."""
    try:
        values = tuple(map(float, levels))
        for value in values:
            Persona(traits={trait: value})
    except (TypeError, ValueError) as error:
        what = error.errors()[0]["msg"].removeprefix("Value error, ") if isinstance(error, ValidationError) else error
        remedy = "name traits like big_five.openness and give z-scores"
        raise InputError(str(what), where=trait, remedy=remedy) from error
    if not values:
        raise InputError("has no levels", where=trait, remedy="give at least one z-score")
    if len(set(values)) < len(values):
        raise InputError("lists a level twice", where=trait, remedy="two personas alike cannot be told apart")
    return values
